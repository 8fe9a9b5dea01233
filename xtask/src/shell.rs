//! Running other programs: announced, streamed through live, and with errors that say what to do.
//!
//! Knows nothing of what the programs are for.

use std::ffi::OsStr;
use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Why a verb could not do its work, in a sentence for the person at the terminal.
#[derive(Debug)]
pub struct Failure(String);

/// What nearly everything here returns.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure with its whole explanation.
    pub fn new(explanation: impl Into<String>) -> Self {
        Self(explanation.into())
    }

    /// The same failure, followed by what the reader can do about it.
    pub fn advise(self, advice: impl fmt::Display) -> Self {
        Self(format!("{}\n  {advice}", self.0))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Prints what is about to happen, so that a long silence has a name.
pub fn announce(what: impl fmt::Display) {
    println!("==> {what}");
    // A closed pipe is noticed by the work itself.
    let _ = std::io::stdout().flush();
}

/// A command that never waits for input.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    command
}

/// Runs a command, its output going straight through.
pub fn run(command: &mut Command) -> Outcome {
    let status = spawn(command)?.wait();
    judge(command, status)
}

/// Runs a command, its output going straight through, and kills it when it takes too long.
pub fn run_within(command: &mut Command, limit: Duration) -> Outcome {
    let started = Instant::now();
    let mut child = spawn(command)?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return judge(command, Ok(status)),
            Ok(None) if started.elapsed() < limit => std::thread::sleep(POLL_PAUSE),
            Ok(None) => {
                // The child may have ended in between; then there is nothing left to kill.
                let _ = child.kill();
                let _ = child.wait();
                return Err(Failure::new(format!(
                    "`{}` took more than {} s and was stopped",
                    spell(command),
                    limit.as_secs()
                )));
            }
            Err(error) => return judge(command, Err(error)),
        }
    }
}

/// Runs a command quietly and returns what it printed.
pub fn read(command: &mut Command) -> Outcome<String> {
    let output = command.stderr(Stdio::piped()).output().map_err(|error| cannot_start(command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!("`{}` failed: {}", spell(command), complaint.trim())))
}

/// Runs a command, its output going straight through, and shows every line of its standard output to `observe`.
pub fn watch(command: &mut Command, mut observe: impl FnMut(&str)) -> Outcome {
    let mut child = spawn(command.stdout(Stdio::piped()))?;
    if let Some(output) = child.stdout.take() {
        let mut reader = BufReader::new(output);
        let mut line = Vec::new();
        // A read error ends the watching; the exit status still tells how it went.
        while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let mut stdout = std::io::stdout().lock();
            let _ = stdout.write_all(&line).and_then(|()| stdout.flush());
            observe(String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
    }
    let status = child.wait();
    judge(command, status)
}

/// The first program of these names on the PATH.
pub fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        folders.iter().map(|folder| folder.join(&file)).find(|candidate| candidate.is_file())
    })
}

/// The PATH with these folders in front.
pub fn path_with(folders: &[&Path]) -> std::ffi::OsString {
    let present = std::env::var_os("PATH").unwrap_or_default();
    let all = folders.iter().map(|folder| folder.to_path_buf()).chain(std::env::split_paths(&present));
    // A folder with a colon in its name cannot stand on a PATH; then the PATH stays as it is.
    std::env::join_paths(all).unwrap_or(present)
}

/// Reads a text file.
pub fn read_file(path: &Path) -> Outcome<String> {
    std::fs::read_to_string(path).map_err(|error| about_file("read", path, &error))
}

/// Writes a file and the folders above it.
pub fn write_file(path: &Path, contents: impl AsRef<[u8]>) -> Outcome {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| about_file("create", folder, &error))?;
    }
    std::fs::write(path, contents).map_err(|error| about_file("write", path, &error))
}

/// Copies a file and makes the folders above its copy.
pub fn copy_file(from: &Path, to: &Path) -> Outcome {
    let contents = std::fs::read(from).map_err(|error| about_file("read", from, &error))?;
    write_file(to, contents)
}

/// Removes a file, or a folder with all that is in it, if it is there.
pub fn remove(path: &Path) -> Outcome {
    let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(about_file("remove", path, &error)),
        _ => Ok(()),
    }
}

/// The files and folders in a folder, in order of their names; none if it is missing.
pub fn list_folder(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(path) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn spawn(command: &mut Command) -> Outcome<Child> {
    command.spawn().map_err(|error| cannot_start(command, &error))
}

fn judge(command: &Command, status: std::io::Result<ExitStatus>) -> Outcome {
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(format!("`{}` failed ({status})", spell(command)))),
        Err(error) => Err(Failure::new(format!("`{}` was lost: {error}", spell(command)))),
    }
}

fn cannot_start(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("`{}` could not be started: {error}", command.get_program().to_string_lossy()))
}

fn about_file(verb: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("could not {verb} {}: {error}", path.display()))
}

fn spell(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|argument| argument.to_string_lossy().into_owned()));
    words.join(" ")
}

/// How long to wait between two looks at a child with a time limit: short beside any real work.
const POLL_PAUSE: Duration = Duration::from_millis(50);

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_takes_too_long_is_stopped() {
        let outcome = run_within(command("sleep").arg("60"), Duration::from_millis(1));
        assert!(outcome.is_err_and(|failure| failure.to_string().contains("`sleep 60` took more than")));
    }

    #[test]
    fn every_line_of_a_watched_command_is_seen_and_its_end_too() {
        let mut lines = Vec::new();
        let outcome =
            watch(command("sh").args(["-c", "printf 'a\\nb\\nlast'; exit 3"]), |line| lines.push(line.to_owned()));
        assert!(outcome.is_err());
        assert_eq!(lines, ["a", "b", "last"]);
    }

    #[test]
    fn a_missing_program_is_named() {
        let outcome = run(&mut command("no-such-program-anywhere"));
        assert!(outcome.is_err_and(|failure| failure.to_string().contains("no-such-program-anywhere")));
        assert_eq!(find_program(&["no-such-program-anywhere"]), None);
    }
}
