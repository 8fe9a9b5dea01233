//! The engines in which the browser tests run, each with its driver.
//!
//! Does not know the tests, nor how a driver is spoken to: that is wasm-pack's.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::house::House;
use crate::setup::{apt, browser, tools};
use crate::shell::{self, Failure, Outcome};

/// A browser engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Chromium or Chrome.
    Chromium,
    /// Firefox.
    Firefox,
    /// WebKitGTK's MiniBrowser; Safari where there is one.
    WebKit,
}

/// The program through which an engine is driven.
#[derive(Debug)]
pub struct Driver {
    /// Its path.
    pub program: PathBuf,
    screen: Screen,
}

/// What an engine draws on.
#[derive(Debug)]
enum Screen {
    /// It draws on nothing when asked to.
    Headless,
    /// It needs a screen, and gets one that nobody sees, by this program.
    Virtual(PathBuf),
}

impl Engine {
    /// All engines, the one that most visitors have first.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    /// What the engine is called on the command line and in the tally.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }

    /// wasm-pack's words for the engine and for the path of its driver.
    pub const fn options(self) -> [&'static str; 2] {
        match self {
            Self::Chromium => ["--chrome", "--chromedriver"],
            Self::Firefox => ["--firefox", "--geckodriver"],
            // WebKitGTK's driver understands what Safari's does.
            Self::WebKit => ["--safari", "--safaridriver"],
        }
    }

    /// Finds or installs the engine with its driver.
    pub fn provide(self, house: &House) -> Outcome<Driver> {
        match self {
            Self::Chromium => Ok(Driver::headless(browser::provide()?.driver)),
            Self::Firefox => firefox(house),
            Self::WebKit => webkit(),
        }
    }
}

impl Driver {
    const fn headless(program: PathBuf) -> Self {
        Self { program, screen: Screen::Headless }
    }

    /// A command whose browsers find a screen where they need one.
    pub fn command(&self, program: &Path) -> Command {
        match &self.screen {
            Screen::Headless => shell::command(program),
            Screen::Virtual(frame) => {
                let mut command = shell::command(frame);
                // With a number that is free.
                command.arg("-a").arg(program);
                command
            }
        }
    }
}

fn firefox(house: &House) -> Outcome<Driver> {
    if find_firefox().is_none() {
        if !apt::is_available() {
            return Err(apt::unavailable("Firefox").advise(FIREFOX_ADVICE));
        }
        // Debian keeps the long-term version; where there is none, the package is called as the browser is.
        let package = if apt::candidate("firefox-esr").is_some() { "firefox-esr" } else { "firefox" };
        apt::install(&[package], "a minute")?;
        find_firefox().ok_or_else(|| Failure::new("apt's Firefox was not found on the PATH").advise(FIREFOX_ADVICE))?;
    }
    let found = browser::named_by("GECKODRIVER").or_else(|| shell::find_program(&["geckodriver"]));
    let program = match found {
        Some(program) => program,
        None => tools::geckodriver(house)?.join(format!("geckodriver{}", std::env::consts::EXE_SUFFIX)),
    };
    Ok(Driver::headless(program))
}

fn webkit() -> Outcome<Driver> {
    if let Some(driver) = find_webkit() {
        return Ok(driver);
    }
    if !apt::is_available() {
        return Err(apt::unavailable("WebKit").advise(WEBKIT_ADVICE));
    }
    apt::install(&["webkit2gtk-driver", "xvfb", "xauth"], "a minute")?;
    find_webkit().ok_or_else(|| Failure::new("apt's WebKit was not found on the PATH").advise(WEBKIT_ADVICE))
}

fn find_firefox() -> Option<PathBuf> {
    let mac = PathBuf::from("/Applications/Firefox.app/Contents/MacOS/firefox");
    shell::find_program(&["firefox", "firefox-esr"]).or_else(|| mac.is_file().then_some(mac))
}

fn find_webkit() -> Option<Driver> {
    // Safari needs no screen of ours, and a driver that is named has one.
    if let Some(program) = browser::named_by("SAFARIDRIVER").or_else(|| shell::find_program(&["safaridriver"])) {
        return Some(Driver::headless(program));
    }
    let program = shell::find_program(&["WebKitWebDriver"])?;
    // The frame writes the screen's key with the second one.
    let frame = shell::find_program(&["xvfb-run"]).filter(|_| shell::find_program(&["xauth"]).is_some())?;
    Some(Driver { program, screen: Screen::Virtual(frame) })
}

/// What to do where Firefox cannot be installed from here.
const FIREFOX_ADVICE: &str = "install Firefox and put it on the PATH; its driver is built from crates.io";

/// What to do where WebKit cannot be installed from here.
const WEBKIT_ADVICE: &str = "install WebKitGTK's MiniBrowser with WebKitWebDriver, and Xvfb with xvfb-run and xauth \
                             (Debian's packages webkit2gtk-driver, xvfb and xauth); on macOS, `safaridriver --enable`";
