//! Fuzzing: cargo-fuzz over the targets of `fuzz/`, one after the other, each for a bounded time.
//!
//! Does not know what they look for. What is found on the way stands in Cargo's target folder, so that `fuzz/corpus`
//! changes only on purpose. There is no `unsafe` here for a sanitizer to watch, so a stable compiler will do.

use std::path::PathBuf;
use std::process::Command;

use crate::house::{self, House};
use crate::setup::{apt, tools};
use crate::shell::{self, Failure, Outcome};

/// What is to be done with which targets.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    /// One target, or all.
    target: Option<String>,
    errand: Errand,
}

/// What is to be done with a target.
#[derive(Debug, PartialEq, Eq)]
enum Errand {
    /// Look for failures for this many minutes.
    Search { minutes: u64 },
    /// Take what was found into the corpus that is kept, and leave out what says nothing new.
    Keep,
}

/// Does what the words behind the verb say.
pub fn run(house: &House, words: &[&str]) -> Outcome {
    let plan = Plan::parse(words)?;
    let targets = targets(house, plan.target.as_deref())?;
    if shell::find_program(&["c++", "g++", "clang++"]).is_none() && apt::is_available() {
        apt::install(&["g++"], "seconds")?;
    }
    let folder = tools::cargo_fuzz(house)?;
    for target in targets {
        let fuzzed = Fuzzed { house, folder: &folder, target };
        match plan.errand {
            Errand::Search { minutes } => fuzzed.search(minutes)?,
            Errand::Keep => fuzzed.keep()?,
        }
    }
    Ok(())
}

impl Plan {
    fn parse(words: &[&str]) -> Outcome<Self> {
        let mut plan = Self { target: None, errand: Errand::Search { minutes: MINUTES } };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--keep" => plan.errand = Errand::Keep,
                "--minutes" => {
                    let minutes = words.next().and_then(|number| number.parse().ok());
                    let minutes = minutes.ok_or_else(|| Failure::new("--minutes wants a whole number"))?;
                    plan.errand = Errand::Search { minutes };
                }
                name if !name.starts_with('-') && plan.target.is_none() => plan.target = Some(name.to_owned()),
                other => return Err(Failure::new(format!("`fuzz` does not understand `{other}`"))),
            }
        }
        Ok(plan)
    }
}

/// The names of the targets, or of the one that is meant.
fn targets(house: &House, meant: Option<&str>) -> Outcome<Vec<String>> {
    let files = shell::list_folder(&house.root.join("fuzz/fuzz_targets"));
    let names: Vec<String> =
        files.iter().filter_map(|path| path.file_stem()).map(|name| name.to_string_lossy().into_owned()).collect();
    let Some(meant) = meant else { return Ok(names) };
    if names.iter().any(|name| name == meant) {
        return Ok(vec![meant.to_owned()]);
    }
    Err(Failure::new(format!("there is no target called `{meant}`, but {}", names.join(", "))))
}

struct Fuzzed<'a> {
    house: &'a House,
    /// Where cargo-fuzz is.
    folder: &'a PathBuf,
    target: String,
}

impl Fuzzed<'_> {
    fn search(&self, minutes: u64) -> Outcome {
        shell::announce(format!("Fuzzing {} for {minutes} min (first it is built, in 1 to 2 minutes)", self.target));
        let dictionary = self.house.root.join("fuzz/dictionaries").join(format!("{}.dict", self.target));
        let mut command = self.cargo_fuzz();
        // libFuzzer insists that every folder is there.
        let seeds = [self.kept("corpus"), self.kept("regressions")];
        command.arg(self.found()?).args(seeds.iter().filter(|folder| folder.is_dir())).arg("--");
        command.arg(format!("-max_total_time={}", minutes * 60)).arg(format!("-max_len={LONGEST}"));
        command.arg(format!("-dict={}", dictionary.display())).args(["-timeout=20", "-print_final_stats=1"]);
        shell::run(&mut command).map_err(|failure| {
            failure.advise(format!(
                "if it found something, that stands in fuzz/artifacts/{}; CONTRIBUTING.md says how it becomes a test",
                self.target
            ))
        })
    }

    fn keep(&self) -> Outcome {
        shell::announce(format!("Minimising the corpus of {}", self.target));
        let (found, kept) = (self.found()?, self.kept("corpus"));
        let fresh = self.house.target.join("fuzz-fresh").join(&self.target);
        shell::remove(&fresh)?;
        make_folder(&fresh)?;
        let mut command = self.cargo_fuzz();
        command.arg(&fresh).arg(&kept).arg(found).arg("--");
        // Whether a place was reached counts, and not how often: otherwise the corpus would be ten times as large.
        command.args(["-set_cover_merge=1", "-use_counters=0"]).arg(format!("-max_len={LONGEST_KEPT}"));
        shell::run(&mut command)?;
        shell::remove(&kept)?;
        for path in shell::list_folder(&fresh) {
            if let Some(name) = path.file_name() {
                shell::copy_file(&path, &kept.join(name))?;
            }
        }
        Ok(())
    }

    fn cargo_fuzz(&self) -> Command {
        let mut command = house::cargo();
        command.args(["fuzz", "run", "--sanitizer", "none", "--fuzz-dir", "fuzz", "--target-dir"]);
        command.arg(self.house.target.join("fuzz")).arg(&self.target);
        command.env("PATH", shell::path_with(&[self.folder.as_path()])).current_dir(&self.house.root);
        command
    }

    /// Where the inputs stand that were found on this machine.
    fn found(&self) -> Outcome<PathBuf> {
        let folder = self.house.target.join("fuzz-corpus").join(&self.target);
        make_folder(&folder)?;
        Ok(folder)
    }

    fn kept(&self, folder: &str) -> PathBuf {
        self.house.root.join("fuzz").join(folder).join(&self.target)
    }
}

fn make_folder(path: &PathBuf) -> Outcome {
    std::fs::create_dir_all(path).map_err(|error| Failure::new(format!("could not create {}: {error}", path.display())))
}

/// Enough to find what a change broke.
const MINUTES: u64 = 10;
/// Bytes of one input: a long conversation.
const LONGEST: usize = 8_192;
/// Bytes of one input that is kept: short ones are quick to play, can be read, and make no repository large.
const LONGEST_KEPT: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_and_a_time_may_stand_in_any_order() {
        let plan = Plan { target: Some("snapshot".to_owned()), errand: Errand::Search { minutes: 3 } };

        assert_eq!(Plan::parse(&["snapshot", "--minutes", "3"]).ok(), Some(plan));
        assert!(Plan::parse(&["--minutes", "3", "snapshot"]).is_ok_and(|plan| plan.target.is_some()));
        assert!(Plan::parse(&["--keep"]).is_ok_and(|plan| plan.errand == Errand::Keep));
        assert!(Plan::parse(&["--minutes", "soon"]).is_err());
        assert!(Plan::parse(&["one", "two"]).is_err());
    }
}
