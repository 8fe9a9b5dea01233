//! The simulation at scale, and its proof: broken variants of the core, each of which it must find.
//!
//! A variant is a text in `tests/simulation/broken`: what is wrong, `= backend` where another than Live Agent shows it, then
//! for each place `@ file`, the lines there (`- `)
//! and those in their stead (`+ `), without regard to indentation. It is built in a copy of the repository.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::house::{self, House};
use crate::shell::{self, Failure, Outcome};
use crate::tally::Tally;

/// Runs as many seeds as CI has time for.
pub fn run(house: &House, tally: &mut Tally) -> Outcome {
    shell::announce("Simulation (2 to 3 minutes)");
    shell::watch(test(&house.root, PROFILE).env("HOLDFAST_SEEDS", SEEDS.to_string()), |line| tally.observe(line))
}

/// Runs on for minutes, or tells one run again.
pub fn soak(house: &House, words: &[&str]) -> Outcome {
    let mut simulation = test(&house.root, PROFILE);
    match words {
        ["--replay", name] => simulation.env("HOLDFAST_REPLAY", name),
        _ => {
            let minutes = match words {
                [] => Some(MINUTES),
                ["--minutes", minutes, ..] => minutes.parse().ok(),
                _ => None,
            };
            let minutes = minutes.ok_or_else(|| Failure::new("soak wants --minutes N or --replay NAME"))?;
            let first = match words {
                [_, _, "--from", seed] => seed.parse().map_err(|_| Failure::new("--from wants a whole number"))?,
                // Beyond what CI runs.
                _ => SEEDS,
            };
            shell::announce(format!("Simulating for {minutes} minutes, from seed {first} on"));
            simulation.env("HOLDFAST_MINUTES", minutes.to_string()).env("HOLDFAST_FIRST_SEED", first.to_string())
        }
    };
    // What a run that goes well has to tell would be kept back.
    shell::run(simulation.args(["nothing_is_lost", "--", "--nocapture"]))
}

/// Builds every broken variant and lets the simulation find what is wrong. Each that is found counts as passed.
pub fn break_all(house: &House, only: Option<&str>, tally: &mut Tally) -> Outcome {
    let folder = house.root.join("tests/simulation/broken");
    let names: Vec<PathBuf> =
        shell::list_folder(&folder).into_iter().filter(|path| only.is_none_or(|only| name(path) == only)).collect();
    if names.is_empty() {
        return Err(Failure::new(format!("there is no broken variant in {}", folder.display())));
    }
    shell::announce(format!("Breaking the core in {} ways (about 8 seconds each)", names.len()));
    let bench = Bench::copied(house)?;
    if !bench.is_found(None)? {
        println!("ok      the copy as it is: nothing is found");
    } else {
        return Err(Failure::new("the simulation finds something in the copy as it is: mend that first"));
    }
    for path in names {
        let variant = Variant::read(&path)?;
        let is_found = bench.is_found(Some(&variant)).unwrap_or_else(|failure| {
            println!("{failure}");
            false
        });
        println!("{} {}: {}", if is_found { "found  " } else { "MISSED " }, name(&path), variant.what);
        *if is_found { &mut tally.passed } else { &mut tally.failed } += 1;
    }
    Ok(())
}

/// A copy of the repository that may be broken.
struct Bench {
    original: PathBuf,
    tree: PathBuf,
    build: PathBuf,
}

impl Bench {
    fn copied(house: &House) -> Outcome<Self> {
        let tree = house.target.join("broken/tree");
        shell::remove(&tree)?;
        let listed = shell::read(
            shell::command("git")
                .args(["ls-files", "--cached", "--others", "--exclude-standard"])
                .current_dir(&house.root),
        )?;
        for file in listed.lines().filter(|file| WANTED.iter().any(|wanted| file.starts_with(wanted))) {
            let (from, to) = (house.root.join(file), tree.join(file));
            if from.is_file() {
                shell::copy_file(&from, &to)?;
            }
        }
        Ok(Self { original: house.root.clone(), tree, build: house.target.join("broken/build") })
    }

    /// Whether the simulation finds something in the copy with this variant.
    fn is_found(&self, variant: Option<&Variant>) -> Outcome<bool> {
        for change in variant.iter().flat_map(|variant| &variant.changes) {
            let path = self.tree.join(&change.file);
            let broken = change.applied(&shell::read_file(&path)?)?;
            shell::write_file(&path, broken)?;
        }
        let built = shell::run(self.test().arg("--no-run").env("RUSTFLAGS", "--cap-lints=allow"));
        let found = built.map(|()| {
            let simulation = self
                .test()
                .env("RUSTFLAGS", "--cap-lints=allow")
                .env("HOLDFAST_SEEDS", SEEDS_TO_FIND.to_string())
                .env("HOLDFAST_SHRINK", "no")
                .envs(variant.map(|variant| ("HOLDFAST_BACKEND", &variant.backend)))
                .output();
            simulation.is_ok_and(|output| !output.status.success())
        });
        for change in variant.iter().flat_map(|variant| &variant.changes) {
            shell::copy_file(&self.original.join(&change.file), &self.tree.join(&change.file))?;
        }
        found
    }

    fn test(&self) -> Command {
        let mut test = test(&self.tree, BROKEN_PROFILE);
        test.env("CARGO_TARGET_DIR", &self.build).arg("--quiet");
        test
    }
}

/// One way to break the core.
#[derive(Debug, PartialEq, Eq)]
struct Variant {
    what: String,
    /// The backend that shows it.
    backend: String,
    changes: Vec<Change>,
}

/// What is broken in one place.
#[derive(Debug, Default, PartialEq, Eq)]
struct Change {
    file: String,
    /// What stands there, line by line without indentation.
    old: Vec<String>,
    /// What is to stand there.
    new: Vec<String>,
}

impl Variant {
    fn read(path: &Path) -> Outcome<Self> {
        Self::parse(&shell::read_file(path)?)
            .ok_or_else(|| Failure::new(format!("{} is no broken variant", path.display())))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let backend = "live-agent".to_owned();
        let mut variant = Self { what: lines.next()?.to_owned(), backend, changes: Vec::new() };
        for line in lines {
            match line.split_at_checked(2)? {
                ("= ", backend) => backend.clone_into(&mut variant.backend),
                ("@ ", file) => variant.changes.push(Change { file: file.to_owned(), ..Change::default() }),
                ("- ", old) => variant.changes.last_mut()?.old.push(old.trim().to_owned()),
                ("+ ", new) => variant.changes.last_mut()?.new.push(new.trim().to_owned()),
                _ => return None,
            }
        }
        (!variant.changes.is_empty()).then_some(variant)
    }
}

impl Change {
    /// The text with the change. It must fit in exactly one place.
    fn applied(&self, text: &str) -> Outcome<String> {
        let lines: Vec<&str> = text.lines().collect();
        let fits = |place: &usize| {
            let here = lines.iter().skip(*place).take(self.old.len());
            here.len() == self.old.len() && here.zip(&self.old).all(|(line, old)| line.trim() == old)
        };
        let places: Vec<usize> = (0..lines.len()).filter(fits).collect();
        let [place] = places.as_slice() else {
            let count = places.len();
            return Err(Failure::new(format!("{} fits {count} places: {:?}", self.file, self.old)));
        };
        let before = lines.iter().take(*place).copied();
        let after = lines.iter().skip(place + self.old.len()).copied();
        let all: Vec<&str> = before.chain(self.new.iter().map(String::as_str)).chain(after).collect();
        Ok(all.join("\n") + "\n")
    }
}

fn test(root: &Path, profile: &str) -> Command {
    let mut cargo = house::cargo();
    cargo.args(["test", "--package", "holdfast-chat", "--profile", profile, "--test", "simulation"]);
    cargo.current_dir(root);
    cargo
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

const PROFILE: &str = "simulation";
const BROKEN_PROFILE: &str = "broken";
/// About two minutes on two cores.
const SEEDS: u64 = 12_000;
/// What a broken variant must be found within.
const SEEDS_TO_FIND: u64 = 1_000;
const MINUTES: u64 = 20;
/// What Cargo wants to see of the repository to build the simulation.
const WANTED: [&str; 11] = [
    "Cargo.",
    "build.rs",
    "clippy.toml",
    "rustfmt.toml",
    "src/",
    "docs/",
    "style/",
    "tests/simulation/",
    "server/",
    "desk/",
    "xtask/",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_changes_one_place_without_regard_to_indentation() {
        let variant = Variant::parse("It is wrong.\n@ a.rs\n- one();\n- two();\n+ three();\n").expect("it is one");

        let changed = variant.changes.first().expect("there is one").applied("fn x() {\n    one();\n    two();\n}\n");

        assert_eq!(variant.what, "It is wrong.");
        assert_eq!(changed.expect("it fits"), "fn x() {\nthree();\n}\n");
    }

    #[test]
    fn every_variant_fits_the_code_as_it_is() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
        let paths = shell::list_folder(&root.join("tests/simulation/broken"));
        assert!(paths.len() > 15);
        for path in paths {
            let variant = Variant::read(&path).expect("it is one");
            for change in variant.changes {
                let text = shell::read_file(&root.join(&change.file)).expect("the file is there");
                assert!(change.applied(&text).is_ok(), "{}", path.display());
            }
        }
    }

    #[test]
    fn a_variant_that_fits_nowhere_or_twice_is_refused() {
        let variant = Variant::parse("It is wrong.\n@ a.rs\n- one();\n+ two();\n").expect("it is one");
        let change = variant.changes.first().expect("there is one");

        assert!(change.applied("three();\n").is_err());
        assert!(change.applied("one();\none();\n").is_err());
    }
}
