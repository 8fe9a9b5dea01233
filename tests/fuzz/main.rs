//! The fuzz targets on a stable compiler: over everything that is kept of earlier fuzzing, and over a bounded number of
//! mutations of it.
//!
//! Looks for nothing new for long; `cargo xtask fuzz` does. What fails is named by target and file, and where it was
//! mutated by its seed; the bytes are left in a file.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod mutation;
mod regressions;
mod targets;

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use mutation::Mutator;

#[test]
fn everything_that_is_kept_goes_well() {
    for (name, run) in targets::ALL {
        for path in kept(name) {
            let bytes = read(&path);
            assert!(catch_unwind(|| run(&bytes)).is_ok(), "{name} fails on {}", path.display());
        }
    }
}

#[test]
fn mutations_of_what_is_kept_go_well() {
    for (name, run) in targets::ALL {
        let kept: Vec<(PathBuf, Vec<u8>)> = kept(name).map(|path| (path.clone(), read(&path))).collect();
        let words = mutation::words(&root().join("dictionaries").join(format!("{name}.dict")));
        for seed in 0..MUTATIONS {
            let mut mutator = Mutator::seeded(seed);
            let (path, bytes) = mutator.one_of(&kept).expect("something is kept");
            let (_, other) = mutator.one_of(&kept).expect("something is kept");
            let mutated = mutator.mutated(bytes, other, &words);
            if catch_unwind(|| run(&mutated)).is_err() {
                let left = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{seed}"));
                std::fs::write(&left, &mutated).expect("a failure can be written down");
                panic!("{name} fails on {} with seed {seed}: see {}", path.display(), left.display());
            }
        }
    }
}

#[test]
fn everything_that_is_kept_belongs_to_a_target() {
    for folder in ["corpus", "regressions"] {
        for path in files(&root().join(folder)) {
            assert!(targets::ALL.iter().any(|(name, _)| path.ends_with(name)), "{}", path.display());
        }
    }
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("the manifest is there");
    for (name, _) in targets::ALL {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "cargo-fuzz does not know {name}");
    }
}

/// What is kept for a target.
fn kept(name: &str) -> impl Iterator<Item = PathBuf> {
    ["corpus", "regressions"].into_iter().flat_map(move |folder| files(&root().join(folder).join(name)))
}

/// The files and folders in a folder, in order; none where it is missing.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.sort();
    paths
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// A second or two for each target, without optimisation.
const MUTATIONS: u64 = 500;
