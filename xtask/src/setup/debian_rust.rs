//! Debian's Rust as the toolchain for wasm32, for machines that reach package registries but not rustup's servers.
//!
//! Debian ships the sources of the standard library but, for most releases, not its wasm32 build: it is built here.

use std::path::Path;
use std::process::Command;

use crate::house::{self, House};
use crate::setup::apt;
use crate::setup::wasm_target::{self, LINKED_NAME, Origin, TARGET, WasmToolchain};
use crate::shell::{self, Failure, Outcome};

/// One set of Debian's packages of Rust; a release may have an old set and a newer one.
#[derive(Debug)]
struct Family {
    compiler: &'static str,
    /// The rest, as far as it exists; the compiler alone tells the version.
    companions: &'static [&'static str],
    /// What knows which version of LLVM the linker has to have.
    llvm: &'static str,
}

/// The system's toolchain, if an earlier set-up completed it and it has not been upgraded since.
pub fn find(house: &House) -> Option<WasmToolchain> {
    if !is_new_enough(house) {
        return None;
    }
    let toolchain = WasmToolchain::open(origin()).ok()?;
    (toolchain.has_target() && is_fresh(&toolchain)).then_some(toolchain)
}

/// Installs the system's toolchain and builds what it lacks.
pub fn provide(house: &House) -> Outcome<WasmToolchain> {
    install_packages(house)?;
    if wasm_target::has_rustup() {
        shell::run(&mut wasm_target::rustup(&["toolchain", "link", LINKED_NAME, "/usr"]))?;
    }
    let toolchain = WasmToolchain::open(origin())?;
    if !toolchain.has_target() || !is_fresh(&toolchain) {
        build_standard_library(house, &toolchain)?;
    }
    Ok(toolchain)
}

fn install_packages(house: &House) -> Outcome {
    let oldest = house.oldest_rust()?;
    let family = match choose_family(&oldest) {
        Some(family) => family,
        None => {
            apt::update()?;
            choose_family(&oldest).ok_or_else(|| {
                Failure::new(format!("apt has no Rust of version {oldest} or newer"))
                    .advise(format!("install Rust with its {TARGET} target: https://rustup.rs"))
            })?
        }
    };
    let linker = apt::dependencies(family.llvm)
        .iter()
        .find_map(|package| package.strip_prefix("llvm-").map(|version| format!("lld-{version}")));
    let mut packages = vec![family.compiler];
    packages.extend(family.companions.iter().copied().chain([family.llvm]).chain(linker.as_deref()));
    packages.retain(|package| apt::candidate(package).is_some());
    apt::install(&packages, "1 to 2 minutes")
}

fn choose_family(oldest: &str) -> Option<&'static Family> {
    FAMILIES
        .iter()
        .find(|family| apt::candidate(family.compiler).is_some_and(|version| house::is_at_least(&version, oldest)))
}

/// Builds the library in an empty crate and adds the result to the toolchain, where every tool finds it.
fn build_standard_library(house: &House, toolchain: &WasmToolchain) -> Outcome {
    if !toolchain.has_sources() {
        return Err(Failure::new("the sources of Rust's standard library were not found below /usr")
            .advise("install the package rust-web-src or rust-src in the version of rustc"));
    }
    shell::announce(format!("Building Rust's standard library for {TARGET} (once, 2 to 3 minutes)"));
    let folder = house.cache.join("std-build");
    shell::remove(&folder)?;
    shell::write_file(&folder.join("Cargo.toml"), EMPTY_MANIFEST)?;
    shell::write_file(&folder.join("src/lib.rs"), "//! Nothing: its dependencies are what is wanted.\n")?;
    shell::run(
        toolchain
            .cargo()
            .args(["build", "--quiet", "--release", "--target", TARGET])
            .args(["-Z", "build-std=std,panic_abort,test"])
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", folder.join("target"))
            .env("RUSTC_BOOTSTRAP", "1")
            // Cargo leaves the bitcode out of what it does not optimize at link time; the widget needs it.
            .env("RUSTFLAGS", "-Cembed-bitcode=yes"),
    )?;
    let built = folder.join("target").join(TARGET).join("release/deps");
    let libraries: Vec<_> = shell::list_folder(&built)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rlib"))
        .filter(|path| !path.to_string_lossy().contains("holdfast_empty"))
        .collect();
    let stamp = folder.join(STAMP);
    shell::write_file(&stamp, toolchain.version()?)?;
    let place = toolchain.target_libraries();
    shell::run(apt::as_root("rm").args(["-rf"]).arg(&place))?;
    shell::run(apt::as_root("mkdir").args(["-p"]).arg(&place))?;
    shell::run(apt::as_root("cp").args(&libraries).arg(&place))?;
    shell::run(apt::as_root("cp").arg(&stamp).arg(&place))?;
    shell::remove(&folder)
}

/// Whether the library was built by the compiler that is there now; one from a package always was.
fn is_fresh(toolchain: &WasmToolchain) -> bool {
    let stamp = toolchain.target_libraries().join(STAMP);
    match (std::fs::read_to_string(stamp), toolchain.version()) {
        (Ok(built_by), Ok(version)) => built_by == version,
        (Err(_), _) => true,
        (Ok(_), Err(_)) => false,
    }
}

fn is_new_enough(house: &House) -> bool {
    let Ok(oldest) = house.oldest_rust() else {
        return false;
    };
    Path::new(SYSTEM_RUSTC).is_file()
        && shell::read(Command::new(SYSTEM_RUSTC).arg("--version"))
            .ok()
            .and_then(|text| text.split_whitespace().nth(1).map(str::to_owned))
            .is_some_and(|version| house::is_at_least(&version, &oldest))
}

fn origin() -> Origin {
    if wasm_target::has_rustup() { Origin::Linked } else { Origin::System }
}

/// Newest first: `-web` is what Debian keeps current for its browsers.
const FAMILIES: [Family; 2] = [
    Family {
        compiler: "rustc-web",
        companions: &["cargo-web", "rust-web-src", "rust-web-clippy", "rustfmt-web"],
        llvm: "rust-web-llvm",
    },
    Family {
        compiler: "rustc",
        companions: &["cargo", "rust-src", "rust-clippy", "rustfmt", "libstd-rust-dev-wasm32"],
        llvm: "rust-llvm",
    },
];

/// A crate without code or dependencies.
const EMPTY_MANIFEST: &str = "[package]\nname = \"holdfast_empty\"\nedition = \"2021\"\n\n[workspace]\n";

/// The name of the file that tells by which compiler the library was built.
const STAMP: &str = "built-by-holdfast";

/// Debian's compiler.
const SYSTEM_RUSTC: &str = "/usr/bin/rustc";
