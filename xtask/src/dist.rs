//! The publishable package: the widget compiled to WebAssembly, with its glue, in `pkg/wasm/`.
//!
//! Does not know what the widget does, nor touches what is written by hand in `pkg/`.

use std::collections::hash_map::DefaultHasher;
use std::fs::File;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::house::House;
use crate::setup::wasm_target::{self, TARGET, WasmToolchain};
use crate::setup::{node, tools};
use crate::shell::{self, Failure, Outcome};

/// How much work goes into the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quality {
    /// As small as can be: what is published, measured and tested end to end.
    Release,
    /// Built quickly, with names and checks: for loops of editing and looking.
    Quick,
}

/// Builds the package unless it is there already.
pub fn run(house: &House, quality: Quality) -> Outcome {
    let toolchain = wasm_target::provide(house)?;
    let bindgen = tools::wasm_bindgen(house)?;
    let _turn = take_turn(house)?;
    enclose_licences(house)?;
    let module = compile(house, &toolchain, quality)?;
    let fingerprint = fingerprint(house, quality, &module)?;
    let stamp = house.target.join("wasm-package-built-from");
    let is_current = std::fs::read_to_string(&stamp).is_ok_and(|built_from| built_from == fingerprint);
    if is_current && PRODUCTS.iter().all(|product| package(house).join(product).is_file()) {
        return Ok(());
    }
    let staging = house.target.join("wasm-package");
    shell::remove(&staging)?;
    shell::announce("Generating the JavaScript glue (seconds)");
    shell::run(
        shell::command(bindgen.join("wasm-bindgen"))
            .arg(&module)
            .args(["--target", "web", "--no-typescript", "--out-name", NAME, "--out-dir"])
            .arg(&staging),
    )?;
    if quality == Quality::Release {
        shrink(house, &staging)?;
    }
    publish(house, &staging)?;
    shell::write_file(&stamp, fingerprint)?;
    shell::announce(format!("The package is ready in {}", house.root.join("pkg").display()));
    Ok(())
}

/// The folder with all that is generated.
pub fn package(house: &House) -> PathBuf {
    house.root.join("pkg/wasm")
}

/// The package carries its licences: npm looks for them in its folder only.
fn enclose_licences(house: &House) -> Outcome {
    for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
        shell::write_file(&house.root.join("pkg").join(name), shell::read_file(&house.root.join(name))?)?;
    }
    Ok(())
}

/// Waits until no other build of the package is under way here; the turn ends when the file is closed.
fn take_turn(house: &House) -> Outcome<File> {
    let path = house.target.join("wasm-package.lock");
    let file =
        File::create(&path).map_err(|error| Failure::new(format!("could not create {}: {error}", path.display())))?;
    file.lock().map_err(|error| Failure::new(format!("could not lock {}: {error}", path.display())))?;
    Ok(file)
}

/// Compiles the widget and returns its module, to which nothing has been done yet.
fn compile(house: &House, toolchain: &WasmToolchain, quality: Quality) -> Outcome<PathBuf> {
    let mut cargo = toolchain.cargo();
    cargo.args(["build", "--quiet", "--package", PACKAGE, "--lib", "--target", TARGET]).current_dir(&house.root);
    let folder = match quality {
        Quality::Quick => {
            shell::announce("Compiling the widget for development (the first time 2 to 3 minutes)");
            toolchain.target_folder(house)
        }
        Quality::Release => {
            shell::announce("Compiling the widget for release (the first time 3 to 6 minutes)");
            cargo.arg("--release");
            if toolchain.has_sources() {
                cargo.args(["-Z", "build-std=std,panic_abort"]);
                cargo.args(["-Z", "build-std-features=optimize_for_size"]);
                cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", RUSTFLAGS_WITH_SOURCES);
            } else {
                println!(
                    "    Without the standard library's sources the result is a fifth larger. They come with \
                     `rustup component add rust-src`."
                );
            }
            // Other flags than those of everyday builds; in one folder each would undo the other's work.
            house.target.join("wasm-release")
        }
    };
    shell::run(cargo.env("CARGO_TARGET_DIR", &folder))?;
    let profile = if quality == Quality::Release { "release" } else { "debug" };
    Ok(folder.join(TARGET).join(profile).join(format!("{NAME}.wasm")))
}

/// Makes module and glue smaller without changing what they do.
fn shrink(house: &House, staging: &Path) -> Outcome {
    let packages = node::build_packages(house)?;
    let node = node::provide()?;
    let module = staging.join(format!("{NAME}_bg.wasm"));
    let glue = staging.join(format!("{NAME}.js"));
    let fit = |task: &str| {
        shell::run(shell::command(&node).arg(scripts(house).join("glue.mjs")).arg(task).arg(staging).arg(NAME))
    };
    shell::announce("Optimizing the module for size (about 30 seconds)");
    fit("prune")?;
    shell::run(
        shell::command(&node)
            .arg(packages.join("binaryen/bin/wasm-opt"))
            .args(WASM_OPT_OPTIONS)
            .arg(&module)
            .arg("--output")
            .arg(&module),
    )?;
    fit("shorten")?;
    shell::run(
        shell::command(&node)
            .arg(packages.join("esbuild/bin/esbuild"))
            .arg(&glue)
            .args(ESBUILD_OPTIONS)
            .arg(format!("--outfile={}", glue.display())),
    )
}

fn scripts(house: &House) -> PathBuf {
    house.root.join("xtask/node")
}

/// Copies the results to where pages and npm find them, and removes what an earlier build left there.
fn publish(house: &House, staging: &Path) -> Outcome {
    let package = package(house);
    for old in shell::list_folder(&package) {
        if old.file_name().is_none_or(|name| !staging.join(name).is_file()) {
            shell::remove(&old)?;
        }
    }
    for file in shell::list_folder(staging).iter().filter(|file| file.is_file()) {
        let name = file.file_name().ok_or_else(|| Failure::new("a generated file has no name"))?;
        shell::copy_file(file, &package.join(name))?;
    }
    Ok(())
}

/// Changes whenever the package has to be made again.
fn fingerprint(house: &House, quality: Quality, module: &Path) -> Outcome<String> {
    let contents =
        std::fs::read(module).map_err(|error| Failure::new(format!("cargo left no {}: {error}", module.display())))?;
    let mut hasher = DefaultHasher::new();
    contents.hash(&mut hasher);
    quality.hash(&mut hasher);
    house.locked_version("wasm-bindgen")?.hash(&mut hasher);
    for file in ["package-lock.json", "glue.mjs", "sections.mjs"] {
        shell::read_file(&scripts(house).join(file))?.hash(&mut hasher);
    }
    WASM_OPT_OPTIONS.hash(&mut hasher);
    ESBUILD_OPTIONS.hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

/// The package that is the widget.
pub const PACKAGE: &str = "holdfast-chat";

/// What the generated files are called.
const NAME: &str = "holdfast_chat";

/// What a page loads of the generated files.
const PRODUCTS: [&str; 2] = ["holdfast_chat.js", "holdfast_chat_bg.wasm"];

/// A panic in the widget becomes a trap without a message, and a derived `Debug` prints no more than the type's name:
/// together they save a tenth of the module.
const RUSTFLAGS_WITH_SOURCES: &str =
    "-Cpanic=immediate-abort -Zunstable-options -Zfmt-debug=shallow -Zlocation-detail=none";

/// `--gufa` finds what is never called, `--flatten --rereloop` untangles control flow, `--converge` goes on until
/// nothing changes. The features are those that the compiler uses, which browsers have had for years; `-all` would
/// let newer ones in, and was no smaller.
const WASM_OPT_OPTIONS: [&str; 17] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--flatten",
    "--rereloop",
    "--gufa",
    "-Oz",
    "-Oz",
    "--converge",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// Bundling takes in what wasm-bindgen puts beside the glue, and drops what nothing uses.
const ESBUILD_OPTIONS: [&str; 7] = [
    "--bundle",
    "--minify",
    "--format=esm",
    "--target=es2022",
    "--legal-comments=none",
    "--log-level=warning",
    "--allow-overwrite",
];
