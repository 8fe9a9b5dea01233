//! What browsers load: the widget compiled to WebAssembly, with its glue, in the publishable package's `pkg/wasm/`; and
//! the agent's desk likewise, in `desk/dist/`.
//!
//! Does not know what they do, nor touches what is written by hand.

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

/// One crate that becomes a module with its glue.
struct Bundle {
    /// The crate.
    package: &'static str,
    /// What the generated files are called.
    name: &'static str,
    /// Where they go.
    folder: &'static str,
    /// What it is called towards people.
    title: &'static str,
}

/// Builds the package and the desk unless they are there already.
pub fn run(house: &House, quality: Quality) -> Outcome {
    build(house, quality, &[WIDGET, DESK], &[])
}

/// Builds the package for these backends alone, separated by commas, as small as it can be for a site that has no other.
pub fn run_lean(house: &House, backends: &str) -> Outcome {
    build(house, Quality::Release, &[WIDGET], &["--no-default-features", "--features", &format!("embed,{backends}")])
}

fn build(house: &House, quality: Quality, bundles: &[Bundle], features: &[&str]) -> Outcome {
    let toolchain = wasm_target::provide(house)?;
    let bindgen = tools::wasm_bindgen(house)?;
    let _turn = take_turn(house)?;
    enclose_licences(house)?;
    for bundle in bundles {
        bundle.build(house, quality, features, &toolchain, &bindgen)?;
    }
    Ok(())
}

impl Bundle {
    fn build(
        &self,
        house: &House,
        quality: Quality,
        features: &[&str],
        toolchain: &WasmToolchain,
        bindgen: &Path,
    ) -> Outcome {
        let module = self.compile(house, toolchain, quality, features)?;
        let fingerprint = fingerprint(house, quality, &module)?;
        let stamp = house.target.join(format!("{}-built-from", self.package));
        let folder = house.root.join(self.folder);
        let is_current = std::fs::read_to_string(&stamp).is_ok_and(|built_from| built_from == fingerprint);
        let products = [format!("{}.js", self.name), format!("{}_bg.wasm", self.name)];
        if is_current && products.iter().all(|product| folder.join(product).is_file()) {
            return Ok(());
        }
        let staging = house.target.join("wasm-package").join(self.name);
        shell::remove(&staging)?;
        shell::announce("Generating the JavaScript glue (seconds)");
        shell::run(
            shell::command(bindgen.join("wasm-bindgen"))
                .arg(&module)
                .args(["--target", "web", "--no-typescript", "--out-name", self.name, "--out-dir"])
                .arg(&staging),
        )?;
        if quality == Quality::Release {
            self.shrink(house, &staging)?;
        }
        publish(&folder, &staging)?;
        shell::write_file(&stamp, fingerprint)?;
        shell::announce(format!("The {} is ready in {}", self.title, folder.display()));
        Ok(())
    }

    /// Compiles the crate and returns its module, to which nothing has been done yet.
    fn compile(
        &self,
        house: &House,
        toolchain: &WasmToolchain,
        quality: Quality,
        features: &[&str],
    ) -> Outcome<PathBuf> {
        let mut cargo = toolchain.cargo();
        // One kind of library only: beside a second one Cargo does not optimise across crates, and the widget would be a
        // tenth larger.
        cargo.args(["rustc", "--quiet", "--package", self.package, "--lib", "--crate-type", "cdylib"]);
        cargo.args(features).args(["--target", TARGET]).current_dir(&house.root);
        let folder = match quality {
            Quality::Quick => {
                shell::announce(format!(
                    "Compiling the {} for development (the first time 2 to 3 minutes)",
                    self.title
                ));
                toolchain.target_folder(house)
            }
            Quality::Release => {
                shell::announce(format!("Compiling the {} for release (the first time 3 to 6 minutes)", self.title));
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
        Ok(folder.join(TARGET).join(profile).join(format!("{}.wasm", self.name)))
    }

    /// Makes module and glue smaller without changing what they do.
    fn shrink(&self, house: &House, staging: &Path) -> Outcome {
        let packages = node::build_packages(house)?;
        let node = node::provide()?;
        let module = staging.join(format!("{}_bg.wasm", self.name));
        let glue = staging.join(format!("{}.js", self.name));
        let fit = |task: &str| {
            shell::run(shell::command(&node).arg(scripts(house).join("glue.mjs")).arg(task).arg(staging).arg(self.name))
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
}

/// The folder with all of the widget that is generated.
pub fn package(house: &House) -> PathBuf {
    house.root.join(WIDGET.folder)
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

fn scripts(house: &House) -> PathBuf {
    house.root.join("xtask/node")
}

/// Copies the results to where pages and npm find them, and removes what an earlier build left there.
fn publish(folder: &Path, staging: &Path) -> Outcome {
    for old in shell::list_folder(folder) {
        if old.file_name().is_none_or(|name| !staging.join(name).is_file()) {
            shell::remove(&old)?;
        }
    }
    for file in shell::list_folder(staging).iter().filter(|file| file.is_file()) {
        let name = file.file_name().ok_or_else(|| Failure::new("a generated file has no name"))?;
        shell::copy_file(file, &folder.join(name))?;
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

/// The package that is the agent's desk.
pub const DESK_PACKAGE: &str = "holdfast-desk";

const WIDGET: Bundle = Bundle { package: PACKAGE, name: "holdfast_chat", folder: "pkg/wasm", title: "widget" };

const DESK: Bundle = Bundle { package: DESK_PACKAGE, name: "holdfast_desk", folder: "desk/dist", title: "desk" };

/// A panic becomes a trap without a message, and a derived `Debug` prints no more than the type's name:
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
