//! Node, and packages from npm pinned by lock files beside the scripts that use them.
//!
//! Does not know what the scripts do.

use std::path::{Path, PathBuf};

use crate::house::{self, House};
use crate::setup::apt;
use crate::shell::{self, Failure, Outcome};

/// Finds or installs Node with npm, new enough to build the package.
pub fn provide() -> Outcome<PathBuf> {
    provide_at_least(OLDEST_FOR_BUILDS)
}

/// Finds or installs Node with npm, new enough to run the end-to-end tests.
pub fn provide_for_tests() -> Outcome<PathBuf> {
    provide_at_least(OLDEST_FOR_TESTS)
}

/// Node with the packages that dist and size use; returns their folder.
pub fn build_packages(house: &House) -> Outcome<PathBuf> {
    provide()?;
    install_packages(&house.root.join("xtask/node"))
}

/// Node with the packages that the end-to-end tests use; returns their folder.
pub fn test_packages(house: &House) -> Outcome<PathBuf> {
    provide_for_tests()?;
    install_packages(&house.root.join("tests/e2e"))
}

fn provide_at_least(version: &str) -> Outcome<PathBuf> {
    let advice = format!("install Node {version} or newer with npm: https://nodejs.org");
    if let Some(node) = find(version) {
        return Ok(node);
    }
    if !apt::is_available() {
        return Err(apt::unavailable("Node").advise(advice));
    }
    apt::install(&["nodejs", "npm"], "a minute")?;
    find(version).ok_or_else(|| Failure::new("the system's Node is too old").advise(advice))
}

/// Installs a folder's packages unless they are those of its lock file already.
fn install_packages(folder: &Path) -> Outcome<PathBuf> {
    let lock = shell::read_file(&folder.join("package-lock.json"))?;
    let packages = folder.join("node_modules");
    let stamp = packages.join(".installed-from");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(packages);
    }
    shell::announce(format!("Installing the npm packages of {} (seconds)", folder.display()));
    let npm = shell::find_program(NPM).ok_or_else(|| Failure::new("npm was not found"))?;
    shell::run(
        shell::command(npm)
            // None of the packages needs its install script.
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(folder)
            // Browsers come from the system.
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
    )?;
    shell::write_file(&stamp, lock)?;
    Ok(packages)
}

fn find(oldest: &str) -> Option<PathBuf> {
    let node = shell::find_program(&["node", "nodejs"])?;
    let version = shell::read(shell::command(&node).arg("--version")).ok()?;
    let is_recent = house::is_at_least(version.trim().trim_start_matches('v'), oldest);
    (is_recent && shell::find_program(NPM).is_some()).then_some(node)
}

/// What the optimizer, the minifier and our own scripts need.
const OLDEST_FOR_BUILDS: &str = "18.19";

/// What Playwright needs.
const OLDEST_FOR_TESTS: &str = "20";

/// npm is a script with an extension of its own on Windows.
const NPM: &[&str] = if cfg!(windows) { &["npm.cmd"] } else { &["npm"] };
