//! A toolchain that compiles for wasm32: the one in use, completed by rustup, or a distribution's beside it.
//!
//! Does not know what is compiled.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::house::{self, House};
use crate::setup::{apt, debian_rust};
use crate::shell::{self, Failure, Outcome};

/// A toolchain with the wasm32 standard library.
#[derive(Debug)]
pub struct WasmToolchain {
    origin: Origin,
    sysroot: PathBuf,
}

/// Which toolchain it is, and so how a command comes to use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The toolchain that runs this program.
    Current,
    /// The system's own below `/usr`, linked into rustup as [`LINKED_NAME`].
    Linked,
    /// The system's own below `/usr`, where there is no rustup.
    System,
}

/// Finds or installs a toolchain that compiles for wasm32.
pub fn provide(house: &House) -> Outcome<WasmToolchain> {
    let current = WasmToolchain::open(Origin::Current)?;
    if current.has_target() {
        complete_sources(house, &current)?;
        return Ok(current);
    }
    if let Some(found) = debian_rust::find(house) {
        return Ok(found);
    }
    if has_rustup() {
        shell::announce(format!("Adding {TARGET} with rustup (seconds; gives up after a minute)"));
        match shell::run_within(&mut rustup(&["target", "add", TARGET]), RUSTUP_LIMIT) {
            Ok(()) if current.has_target() => {
                complete_sources(house, &current)?;
                return Ok(current);
            }
            Ok(()) => {}
            Err(failure) => println!("{failure}\n  Trying the system's own Rust instead."),
        }
    }
    if apt::is_available() {
        return debian_rust::provide(house);
    }
    Err(Failure::new(format!("this Rust toolchain cannot compile for {TARGET}")).advise(format!(
        "install the target, with rustup: `rustup target add {TARGET}`; \
         without: your system's package of Rust's standard library for wasm32"
    )))
}

impl WasmToolchain {
    /// Looks at a toolchain, whether or not it has the target yet.
    pub fn open(origin: Origin) -> Outcome<Self> {
        let mut rustc = shell::command("rustc");
        apply(origin, &mut rustc);
        let sysroot = shell::read(rustc.args(["--print", "sysroot"]))
            .map_err(|failure| failure.advise("install Rust: https://rustup.rs"))?;
        Ok(Self { origin, sysroot: PathBuf::from(sysroot.trim()) })
    }

    /// A Cargo command that uses this toolchain.
    pub fn cargo(&self) -> Command {
        let mut cargo = house::cargo();
        self.apply(&mut cargo);
        cargo
    }

    /// Makes a command, and all that it starts, use this toolchain.
    pub fn apply(&self, command: &mut Command) {
        apply(self.origin, command);
    }

    /// Where code for the browser is built: apart from native code if the compilers differ.
    pub fn target_folder(&self, house: &House) -> PathBuf {
        match self.origin {
            Origin::Current => house.target.clone(),
            Origin::Linked | Origin::System => house.target.join("wasm"),
        }
    }

    /// Whether the standard library for wasm32 is there.
    pub fn has_target(&self) -> bool {
        shell::list_folder(&self.target_libraries())
            .iter()
            .any(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("libstd-")))
    }

    /// Whether the standard library can be built anew, smaller.
    pub fn has_sources(&self) -> bool {
        self.sysroot.join("lib/rustlib/src/rust/library/Cargo.lock").is_file()
    }

    /// Where the standard library for wasm32 belongs.
    pub fn target_libraries(&self) -> PathBuf {
        self.sysroot.join("lib/rustlib").join(TARGET).join("lib")
    }

    /// What the compiler says of itself; changes whenever anything built by it is stale.
    pub fn version(&self) -> Outcome<String> {
        let mut rustc = shell::command("rustc");
        self.apply(&mut rustc);
        shell::read(rustc.arg("-vV"))
    }
}

/// Whether rustup manages the toolchains here.
pub fn has_rustup() -> bool {
    shell::find_program(&["rustup"]).is_some()
}

/// A rustup command that does not try again and again where its servers are out of reach.
pub fn rustup(arguments: &[&str]) -> Command {
    let mut command = shell::command("rustup");
    command.args(arguments).env("RUSTUP_MAX_RETRIES", "0").env("RUST_BACKTRACE", "0");
    command
}

fn apply(origin: Origin, command: &mut Command) {
    match origin {
        Origin::Current => {}
        Origin::Linked => {
            command.env("RUSTUP_TOOLCHAIN", LINKED_NAME).env_remove("RUSTC").env_remove("CARGO");
        }
        Origin::System => {
            let path = shell::path_with(&[Path::new("/usr/bin")]);
            command.env("PATH", path).env_remove("RUSTC").env_remove("CARGO");
        }
    }
}

/// The library's sources make the widget a fifth smaller, but it is built without them too: ask once.
fn complete_sources(house: &House, toolchain: &WasmToolchain) -> Outcome {
    if toolchain.has_sources() || !has_rustup() {
        return Ok(());
    }
    let refusal = house.cache.join("rust-src-refused");
    let version = toolchain.version()?;
    if std::fs::read_to_string(&refusal).is_ok_and(|refused| refused == version) {
        return Ok(());
    }
    shell::announce("Adding the standard library's sources with rustup (seconds; gives up after a minute)");
    match shell::run_within(&mut rustup(&["component", "add", "rust-src"]), RUSTUP_LIMIT) {
        Ok(()) => Ok(()),
        Err(failure) => {
            println!("{failure}\n  The widget will be built without them, and be larger.");
            shell::write_file(&refusal, version)
        }
    }
}

/// The target's name.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The name under which rustup knows the system's own toolchain.
pub const LINKED_NAME: &str = "holdfast-wasm";

/// Rustup fetches the target in seconds where its servers answer, and may hang where they do not.
const RUSTUP_LIMIT: Duration = Duration::from_secs(60);
