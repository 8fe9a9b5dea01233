//! A Matrix homeserver from PyPI, with the client that plays its agents, in a Python environment of its own.
//!
//! Does not know what is asked of them.

use std::path::{Path, PathBuf};

use crate::house::{self, House};
use crate::setup::apt;
use crate::shell::{self, Failure, Outcome};

/// The Python that has them; what they are stands in `xtask/homeserver/requirements.txt`.
pub fn python(house: &House) -> Outcome<PathBuf> {
    let folder = house.cache.join("homeserver");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let list = List::of(house, REQUIREMENTS, &folder)?;
    if list.is_installed() {
        return Ok(python);
    }
    shell::announce("Installing a Matrix homeserver from PyPI (a minute, 250 MB)");
    shell::remove(&folder)?;
    let system = system_python()?;
    shell::run(shell::command(system).args(["-m", "venv"]).arg(&folder))?;
    list.install(&python)?;
    Ok(python)
}

/// The same Python with what a homeserver of many processes needs beside it, and the programs that this one talks to.
pub fn python_of_workers(house: &House) -> Outcome<PathBuf> {
    let python = python(house)?;
    let list = List::of(house, WORKERS_REQUIREMENTS, &house.cache.join("homeserver"))?;
    if !list.is_installed() {
        shell::announce("Installing what a homeserver of many processes needs from PyPI (seconds)");
        list.install(&python)?;
    }
    let missing: Vec<&str> = WORKERS_PROGRAMS
        .into_iter()
        .filter(|(place, _)| !Path::new(place).exists())
        .map(|(_, package)| package)
        .collect();
    match missing.as_slice() {
        [] => Ok(python),
        packages if apt::is_available() => apt::install(packages, "half a minute").map(|()| python),
        packages => Err(apt::unavailable(&packages.join(", "))),
    }
}

/// Packages of PyPI that are pinned in a file, and where is noted which were installed.
struct List {
    file: PathBuf,
    wanted: String,
    stamp: PathBuf,
}

impl List {
    fn of(house: &House, (name, stamp): (&str, &str), folder: &Path) -> Outcome<Self> {
        let file = house.root.join("xtask/homeserver").join(name);
        let wanted = shell::read_file(&file)?;
        Ok(Self { file, wanted, stamp: folder.join(stamp) })
    }

    fn is_installed(&self) -> bool {
        std::fs::read_to_string(&self.stamp).is_ok_and(|installed| installed == self.wanted)
    }

    fn install(&self, python: &Path) -> Outcome {
        shell::run(
            shell::command(python)
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
                .arg(&self.file),
        )
        .map_err(|failure| failure.advise("what is pinned there needs PyPI, or a mirror of it that pip knows"))?;
        shell::write_file(&self.stamp, &self.wanted)
    }
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

/// Lists of packages, and the notes that they are installed.
const REQUIREMENTS: (&str, &str) = ("requirements.txt", ".installed-from");
const WORKERS_REQUIREMENTS: (&str, &str) = ("workers.txt", ".workers-installed-from");
/// What Debian's packages bring for `xtask/homeserver/workers.py`.
const WORKERS_PROGRAMS: [(&str, &str); 3] =
    [("/usr/lib/postgresql", "postgresql"), ("/usr/bin/redis-server", "redis-server"), ("/usr/sbin/nginx", "nginx")];
/// What the homeserver needs, and our own script.
const OLDEST: &str = "3.10";
