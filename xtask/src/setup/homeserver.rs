//! A Matrix homeserver from PyPI, with the client that plays its agents, in a Python environment of its own.
//!
//! Does not know what is asked of them.

use std::path::PathBuf;

use crate::house::{self, House};
use crate::setup::apt;
use crate::shell::{self, Failure, Outcome};

/// The Python that has them; what they are stands in `xtask/homeserver/requirements.txt`.
pub fn python(house: &House) -> Outcome<PathBuf> {
    let wanted = shell::read_file(&house.root.join(REQUIREMENTS))?;
    let folder = house.cache.join("homeserver");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp = folder.join(".installed-from");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    shell::announce("Installing a Matrix homeserver from PyPI (a minute, 250 MB)");
    shell::remove(&folder)?;
    let system = system_python()?;
    shell::run(shell::command(system).args(["-m", "venv"]).arg(&folder))?;
    shell::run(
        shell::command(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(house.root.join(REQUIREMENTS)),
    )
    .map_err(|failure| failure.advise("what is pinned there needs PyPI, or a mirror of it that pip knows"))?;
    shell::write_file(&stamp, wanted)?;
    Ok(python)
}

/// A Python that can make environments.
fn system_python() -> Outcome<PathBuf> {
    if let Some(python) = find() {
        return Ok(python);
    }
    if !apt::is_available() {
        return Err(apt::unavailable("Python").advise(format!("install Python {OLDEST} or newer with venv and pip")));
    }
    apt::install(&["python3", "python3-venv"], "half a minute")?;
    find().ok_or_else(|| Failure::new(format!("the system has no Python {OLDEST} or newer with venv and pip")))
}

fn find() -> Option<PathBuf> {
    let python = shell::find_program(&["python3", "python"])?;
    let version = shell::read(shell::command(&python).arg("--version")).ok()?;
    let is_recent = house::is_at_least(version.trim().trim_start_matches("Python "), OLDEST);
    let is_whole = shell::read(shell::command(&python).args(["-c", "import ensurepip, venv"])).is_ok();
    (is_recent && is_whole).then_some(python)
}

const REQUIREMENTS: &str = "xtask/homeserver/requirements.txt";
/// What the homeserver needs, and our own script.
const OLDEST: &str = "3.10";
