//! Programs that come from crates.io: built once per version, kept in the cache that all clones share.
//!
//! Does not know what the programs are used for.

use std::fs::File;
use std::path::PathBuf;

use crate::house::{self, House, text_between};
use crate::shell::{self, Failure, Outcome};

/// A program from crates.io.
#[derive(Debug)]
struct Tool<'a> {
    package: &'a str,
    version: &'a str,
    programs: &'a [&'a str],
    duration: &'a str,
}

/// The folder with `wasm-bindgen` and `wasm-bindgen-test-runner` in exactly the version of `Cargo.lock`.
pub fn wasm_bindgen(house: &House) -> Outcome<PathBuf> {
    let version = house.locked_version("wasm-bindgen")?;
    Tool {
        package: "wasm-bindgen-cli",
        version: &version,
        programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
        duration: "3 to 5 minutes",
    }
    .provide(house)
}

/// The folder with `wasm-pack`.
pub fn wasm_pack(house: &House) -> Outcome<PathBuf> {
    Tool { package: "wasm-pack", version: WASM_PACK_VERSION, programs: &["wasm-pack"], duration: "2 to 4 minutes" }
        .provide(house)
}

/// The folder with `geckodriver`.
pub fn geckodriver(house: &House) -> Outcome<PathBuf> {
    Tool {
        package: "geckodriver",
        version: GECKODRIVER_VERSION,
        programs: &["geckodriver"],
        duration: "2 to 4 minutes",
    }
    .provide(house)
}

/// The folder with `cargo-fuzz`.
pub fn cargo_fuzz(house: &House) -> Outcome<PathBuf> {
    Tool { package: "cargo-fuzz", version: CARGO_FUZZ_VERSION, programs: &["cargo-fuzz"], duration: "a minute" }
        .provide(house)
}

/// Removes what compiling the tools left behind, unless somebody is compiling one.
pub fn tidy(house: &House) -> Outcome {
    let folder = house.cache.join(BUILD_FOLDER);
    if !folder.exists() || turnstile(house)?.try_lock().is_err() {
        return Ok(());
    }
    shell::remove(&folder)
}

/// The file that is locked by whoever compiles a tool, in this clone or another.
fn turnstile(house: &House) -> Outcome<File> {
    let path = house.cache.join(format!("{BUILD_FOLDER}.lock"));
    shell::write_file(&path, "")?;
    File::open(&path).map_err(|error| Failure::new(format!("could not open {}: {error}", path.display())))
}

impl Tool<'_> {
    fn provide(&self, house: &House) -> Outcome<PathBuf> {
        let root = house.cache.join(format!("{}-{}", self.package, self.version));
        let folder = root.join("bin");
        let is_there = || self.programs.iter().all(|program| folder.join(program_file(program)).is_file());
        if is_there() {
            return Ok(folder);
        }
        if let Some(folder) = self.find_installed() {
            return Ok(folder);
        }
        let turn = turnstile(house)?;
        turn.lock().map_err(|error| Failure::new(format!("could not wait for other builds of tools: {error}")))?;
        if is_there() {
            return Ok(folder);
        }
        shell::announce(format!(
            "Installing {} {} into {} (once, {})",
            self.package,
            self.version,
            root.display(),
            self.duration
        ));
        shell::run(
            house::cargo()
                .args(["install", "--locked", "--quiet", "--force", "--root"])
                .arg(&root)
                .arg(format!("{}@{}", self.package, self.version))
                // Outside the repository, so that its toolchain files and config do not speak here.
                .current_dir(std::env::temp_dir())
                .env("CARGO_TARGET_DIR", house.cache.join(BUILD_FOLDER))
                .envs(CHEAP_PROFILE),
        )
        .map_err(|failure| {
            failure.advise(format!(
                "install it by hand with `cargo install --locked {}@{}` and run this again",
                self.package, self.version
            ))
        })?;
        Ok(folder)
    }

    /// A folder on the PATH that has every program in this very version.
    fn find_installed(&self) -> Option<PathBuf> {
        let folder = shell::find_program(&[self.programs.first()?])?.parent()?.to_path_buf();
        let fits = self.programs.iter().all(|program| {
            shell::read(shell::command(folder.join(program_file(program))).arg("--version"))
                .is_ok_and(|text| text_between(&format!("{text}\n"), " ", "\n").map(first_word) == Some(self.version))
        });
        fits.then_some(folder)
    }
}

fn program_file(program: &str) -> String {
    format!("{program}{}", std::env::consts::EXE_SUFFIX)
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or(text)
}

/// The newest version that was seen to work with the pinned `wasm-bindgen`.
const WASM_PACK_VERSION: &str = "0.15.1";

/// Neither apt nor npm has it without a download from elsewhere; it drives every Firefox of the last years.
const GECKODRIVER_VERSION: &str = "0.37.1";

/// The newest version that was seen to fuzz on a stable compiler.
const CARGO_FUZZ_VERSION: &str = "0.13.2";

/// Where tools are compiled: shared among them, since they share crates.
const BUILD_FOLDER: &str = "build";

/// The tools run for a second or two, so compiling them quickly matters more than their speed.
const CHEAP_PROFILE: [(&str, &str); 5] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
    ("CARGO_PROFILE_RELEASE_STRIP", "true"),
];
