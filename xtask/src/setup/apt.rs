//! Packages of Debian and its relatives.
//!
//! Asks what exists instead of nailing names and versions, and never removes a package to install another.

use std::process::Command;

use crate::house::text_between;
use crate::shell::{self, Failure, Outcome};

/// Whether this system installs packages with apt, and we may.
pub fn is_available() -> bool {
    shell::find_program(&["apt-get"]).is_some() && (is_root() || shell::find_program(&["sudo"]).is_some())
}

/// The version that apt would install, if it knows the package.
pub fn candidate(package: &str) -> Option<String> {
    let policy = shell::read(shell::command("apt-cache").args(["policy", package]).env("LC_ALL", "C")).ok()?;
    let version = text_between(&policy, "Candidate: ", "\n")?.trim();
    // A leading epoch, as in `1:22.1.8-1`, is no part of what upstream calls the version.
    let version = version.split_once(':').map_or(version, |(_, upstream)| upstream);
    (version != "(none)").then(|| version.to_owned())
}

/// The packages that a package needs, by name.
pub fn dependencies(package: &str) -> Vec<String> {
    let listing = shell::read(shell::command("apt-cache").args(["depends", package]).env("LC_ALL", "C"));
    listing
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Depends: "))
        .map(str::to_owned)
        .collect()
}

/// Fetches the lists of packages anew.
pub fn update() -> Outcome {
    shell::announce("Fetching apt's lists of packages (seconds)");
    shell::run(as_root("apt-get").args(["update", "--quiet", "--quiet"]))
}

/// Installs packages; what each step prints is apt's own.
pub fn install(packages: &[&str], duration: &str) -> Outcome {
    if packages.iter().any(|package| candidate(package).is_none()) {
        update()?;
    }
    shell::announce(format!("Installing {} with apt ({duration})", packages.join(", ")));
    shell::run(
        as_root("apt-get")
            .args(["install", "--yes", "--quiet", "--quiet", "--no-remove", "--no-install-recommends"])
            .args(packages),
    )
    .map_err(|failure| failure.advise(format!("install by hand: {}", packages.join(" "))))
}

/// A command that runs as root, by sudo if need be.
pub fn as_root(program: &str) -> Command {
    let mut command = if is_root() {
        shell::command("env")
    } else {
        let mut sudo = shell::command("sudo");
        sudo.arg("env");
        sudo
    };
    command.args(["DEBIAN_FRONTEND=noninteractive", program]);
    command
}

/// A failure for systems where nothing can be installed from here.
pub fn unavailable(what: &str) -> Failure {
    Failure::new(format!("{what} is missing, and can be installed from here only with apt, as root or with sudo"))
}

fn is_root() -> bool {
    shell::read(shell::command("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}
