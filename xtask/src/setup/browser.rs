//! Chromium or Chrome, and the ChromeDriver of the same version.
//!
//! Does not know which tests run in it.

use std::path::PathBuf;

use crate::setup::apt;
use crate::shell::{self, Failure, Outcome};

/// A browser that tests can drive.
#[derive(Debug)]
pub struct Browser {
    /// The browser's program.
    pub chrome: PathBuf,
    /// Its driver.
    pub driver: PathBuf,
}

/// Finds or installs a browser with its driver.
pub fn provide() -> Outcome<Browser> {
    if let Some(browser) = find() {
        return Ok(browser);
    }
    if !apt::is_available() {
        return Err(apt::unavailable("Chromium or ChromeDriver").advise(ADVICE));
    }
    apt::install(&["chromium", "chromium-driver"], "1 to 2 minutes")?;
    find().ok_or_else(|| Failure::new("apt's Chromium was not found on the PATH").advise(ADVICE))
}

fn find() -> Option<Browser> {
    let chrome = named_by("CHROME").or_else(|| shell::find_program(&CHROME_NAMES)).or_else(find_mac_chrome)?;
    let driver = named_by("CHROMEDRIVER").or_else(|| shell::find_program(&["chromedriver"]))?;
    Some(Browser { chrome, driver })
}

/// The program that a variable of the environment names.
pub fn named_by(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file())
}

fn find_mac_chrome() -> Option<PathBuf> {
    let path = PathBuf::from("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
    path.is_file().then_some(path)
}

/// What browsers are called on various systems.
const CHROME_NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// What to do where nothing can be installed from here.
const ADVICE: &str = "install Chromium or Chrome and the ChromeDriver of the same version, \
                      and put both on the PATH or name them in CHROME and CHROMEDRIVER";
