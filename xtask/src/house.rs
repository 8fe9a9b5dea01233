//! Where things are: the repository, Cargo's target folder, the cache of tools.
//!
//! Knows places and pinned versions only; what stands there is made by others.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{self, Failure, Outcome};

/// The places that every verb needs.
#[derive(Debug)]
pub struct House {
    /// The root of the repository.
    pub root: PathBuf,
    /// Where Cargo builds native code.
    pub target: PathBuf,
    /// Where installed tools live, shared by all clones of one person.
    pub cache: PathBuf,
}

impl House {
    /// Finds the places for the repository that this program was built from.
    pub fn find() -> Outcome<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&manifest)
            .parent()
            .map(Path::to_path_buf)
            .ok_or_else(|| Failure::new("the repository's root was not found"))?;
        let metadata = shell::read(
            cargo().args(["metadata", "--no-deps", "--offline", "--format-version", "1"]).current_dir(&root),
        )?;
        let target = text_between(&metadata, "\"target_directory\":\"", "\"")
            .map_or_else(|| root.join("target"), |path| PathBuf::from(path.replace("\\\\", "\\")));
        Ok(Self { root, target, cache: find_cache()? })
    }

    /// The exact version of a dependency, as `Cargo.lock` has it.
    pub fn locked_version(&self, package: &str) -> Outcome<String> {
        let path = self.root.join("Cargo.lock");
        text_between(&shell::read_file(&path)?, &format!("name = \"{package}\"\nversion = \""), "\"")
            .map(str::to_owned)
            .ok_or_else(|| Failure::new(format!("{} has no package `{package}`", path.display())))
    }

    /// The oldest compiler that may build this repository, such as `1.90`.
    pub fn oldest_rust(&self) -> Outcome<String> {
        let manifest = shell::read_file(&self.root.join("Cargo.toml"))?;
        text_between(&manifest, "rust-version = \"", "\"")
            .map(str::to_owned)
            .ok_or_else(|| Failure::new("Cargo.toml has no rust-version"))
    }
}

/// A Cargo command for native code: the toolchain that runs this program.
pub fn cargo() -> Command {
    shell::command("cargo")
}

/// The text after `start` and before the next `end`.
pub fn text_between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(found, _)| found)
}

/// Whether a dotted version is at least another one; what is not a number counts as nothing.
pub fn is_at_least(version: &str, wanted: &str) -> bool {
    let numbers = |text: &str| -> Vec<u32> {
        text.split(|character: char| !character.is_ascii_digit()).map_while(|part| part.parse().ok()).take(3).collect()
    };
    numbers(version) >= numbers(wanted)
}

fn find_cache() -> Outcome<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("HOLDFAST_TOOLS")
        .or_else(|| set("XDG_CACHE_HOME").map(|cache| cache.join("holdfast")))
        .or_else(|| set("HOME").or_else(|| set("USERPROFILE")).map(|home| home.join(".cache/holdfast")))
        .ok_or_else(|| Failure::new("no folder for tools: set HOLDFAST_TOOLS to one"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(is_at_least("1.96.0+dfsg1-1", "1.90"));
        assert!(is_at_least("1.90.0", "1.90"));
        assert!(!is_at_least("1.63.0+dfsg1-2", "1.90"));
        assert!(is_at_least("20.20.2", "18"));
        assert!(!is_at_least("9.1", "18"));
    }

    #[test]
    fn text_is_cut_out_between_its_marks() {
        assert_eq!(text_between("a = \"b\" c", "a = \"", "\""), Some("b"));
        assert_eq!(text_between("a = \"b", "a = \"", "\""), None);
        assert_eq!(text_between("", "a", "b"), None);
    }
}
