//! All tests, in their layers: native, in each browser engine, and end to end.
//!
//! Does not know what they test; brings to each layer what it needs and counts what it says.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::dist::{self, Quality};
use crate::house::{self, House};
use crate::setup::engine::Engine;
use crate::setup::{browser, homeserver, node, tools, wasm_target};
use crate::shell::{self, Outcome};
use crate::simulation;
use crate::tally::Tally;

/// Where tests run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// On this machine, by `cargo test`.
    Native,
    /// In a browser of this engine, by wasm-pack.
    Browser(Engine),
    /// Thousands of simulated conversations.
    Simulation,
    /// The simulation against cores that are broken on purpose.
    Broken,
    /// A browser on a page of the local server, by Node.
    EndToEnd,
    /// The end-to-end tests of Matrix, with every homeserver scaled out over many processes.
    Workers,
}

impl Layer {
    /// All layers that belong to every change, the quickest first. `Workers` takes long, and asks Synapse more than us.
    pub const ALL: [Self; 7] = [
        Self::Native,
        Self::Simulation,
        Self::Broken,
        Self::Browser(Engine::Chromium),
        Self::Browser(Engine::Firefox),
        Self::Browser(Engine::WebKit),
        Self::EndToEnd,
    ];

    /// The layers that a name on the command line stands for; none if nothing is called so.
    pub fn named(name: &str) -> Vec<Self> {
        let is_meant = |layer: &Self| match layer {
            Self::Browser(_) => name == "browser" || name == layer.name(),
            Self::Native | Self::Simulation | Self::Broken | Self::EndToEnd | Self::Workers => name == layer.name(),
        };
        Self::ALL.into_iter().chain([Self::Workers]).filter(is_meant).collect()
    }

    /// What the layer is called on the command line and in the tally.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Browser(engine) => engine.name(),
            Self::Simulation => "simulation",
            Self::Broken => "broken",
            Self::EndToEnd => "e2e",
            Self::Workers => "workers",
        }
    }

    /// Runs the layer's tests. A failure before any test could fail counts as one.
    pub fn run(self, house: &House) -> Tally {
        let mut tally = Tally::default();
        let outcome = match self {
            Self::Native => run_native(house, &mut tally),
            Self::Browser(engine) => run_in_browser(house, engine, &mut tally),
            Self::Simulation => simulation::run(house, &mut tally),
            Self::Broken => simulation::break_all(house, None, &mut tally),
            Self::EndToEnd => run_end_to_end(house, &mut tally),
            Self::Workers => run_on_workers(house, &mut tally),
        };
        if let Err(failure) = outcome {
            println!("xtask: {failure}");
            tally.failed = tally.failed.max(1);
        }
        tally
    }
}

/// Builds the local server in the way all verbs share, and returns its program.
pub fn build_server(house: &House) -> Outcome<PathBuf> {
    shell::announce("Building the local server (the first time about a minute)");
    // The whole workspace, as the tests are built: another choice of packages would build shared crates twice.
    shell::run(house::cargo().args(["build", "--quiet", "--workspace"]).current_dir(&house.root))?;
    Ok(house.target.join("debug").join(format!("holdfast-server{}", std::env::consts::EXE_SUFFIX)))
}

fn run_native(house: &House, tally: &mut Tally) -> Outcome {
    shell::announce("Native tests (the first time 1 to 2 minutes)");
    shell::watch(house::cargo().args(["test", "--workspace", "--no-fail-fast"]).current_dir(&house.root), |line| {
        tally.observe(line)
    })
}

fn run_in_browser(house: &House, engine: Engine, tally: &mut Tally) -> Outcome {
    let selection = browser_tests(&house.root);
    if selection.is_empty() {
        println!("There are no browser tests.");
        return Ok(());
    }
    let toolchain = wasm_target::provide(house)?;
    let bindgen = tools::wasm_bindgen(house)?;
    let pack = tools::wasm_pack(house)?;
    let driver = engine.provide(house)?;
    tools::tidy(house)?;
    shell::announce(format!("Tests in {} (built once for all engines, the first time 3 to 5 minutes)", engine.name()));
    let [browser, driver_path] = engine.options();
    // One engine at a time: wasm-pack would leave out those behind one that fails.
    let mut command = driver.command(&pack.join("wasm-pack"));
    command
        .args(["test", "--headless", browser, "--mode", "no-install", driver_path])
        .arg(&driver.program)
        .arg(&house.root)
        .args(["--package", dist::PACKAGE])
        .args(selection)
        .current_dir(&house.root);
    toolchain.apply(&mut command);
    // After the toolchain, which may change the PATH too.
    command.env("PATH", path_before(&bindgen, &command));
    command.env("CARGO_TARGET_DIR", toolchain.target_folder(house));
    // Each engine gets the module anew from wasm-bindgen, and with lines for a debugger it is thirteen times as large; a
    // panic names its line without them.
    command.env("CARGO_PROFILE_DEV_DEBUG", "0");
    for variable in DRIVER_VARIABLES {
        command.env_remove(variable);
    }
    for (name, value) in LIMITS.into_iter().filter(|(name, _)| std::env::var_os(name).is_none()) {
        command.env(name, value);
    }
    shell::watch(&mut command, |line| tally.observe(line))
}

fn run_end_to_end(house: &House, tally: &mut Tally) -> Outcome {
    let files = end_to_end_tests(&house.root);
    if files.is_empty() {
        println!("There are no end-to-end tests.");
        return Ok(());
    }
    let python = homeserver::python(house)?;
    let mut command = end_to_end(house, &python)?;
    shell::announce("End-to-end tests");
    shell::watch(command.args(files), |line| tally.observe(line))
}

fn run_on_workers(house: &House, tally: &mut Tally) -> Outcome {
    let python = homeserver::python_of_workers(house)?;
    let mut command = end_to_end(house, &python)?;
    shell::announce("End-to-end tests of Matrix, with the homeserver scaled out (about 15 minutes)");
    shell::watch(command.args(WORKERS_TESTS).env("HOLDFAST_WORKERS", "1"), |line| tally.observe(line))
}

/// Builds what end-to-end tests are about, and returns the command that wants only their files.
fn end_to_end(house: &House, python: &Path) -> Outcome<Command> {
    node::test_packages(house)?;
    let browser = browser::provide()?;
    dist::run(house, Quality::Release)?;
    let server = build_server(house)?;
    let mut command = shell::command(node::provide_for_tests()?);
    command
        .args(["--test", "--test-reporter=spec"])
        .env("HOLDFAST_SERVER", server)
        .env("HOLDFAST_ROOT", &house.root)
        .env("HOLDFAST_PYTHON", python)
        .env("CHROME", &browser.chrome)
        .current_dir(&house.root);
    Ok(command)
}

/// Cargo's words for the targets with browser tests; the others would be compiled for nothing.
fn browser_tests(root: &Path) -> Vec<String> {
    let mut selection = Vec::new();
    if mentions_browser_tests(&root.join("src")) {
        selection.push("--lib".to_owned());
    }
    for path in shell::list_folder(&root.join("tests")) {
        let is_target = path.extension().is_some_and(|extension| extension == "rs") || path.join("main.rs").is_file();
        if let Some(name) = path.file_stem().filter(|_| is_target && mentions_browser_tests(&path)) {
            selection.extend(["--test".to_owned(), name.to_string_lossy().into_owned()]);
        }
    }
    selection
}

/// Whether a source file, or one below a folder, has browser tests.
fn mentions_browser_tests(path: &Path) -> bool {
    if path.is_dir() {
        return shell::list_folder(path).iter().any(|entry| mentions_browser_tests(entry));
    }
    path.extension().is_some_and(|extension| extension == "rs")
        && std::fs::read_to_string(path).is_ok_and(|text| text.contains("#[wasm_bindgen_test"))
}

fn end_to_end_tests(root: &Path) -> Vec<PathBuf> {
    shell::list_folder(&root.join("tests/e2e"))
        .into_iter()
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect()
}

/// The PATH that the command has so far, with a folder in front.
fn path_before(folder: &Path, command: &Command) -> std::ffi::OsString {
    let set = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, value)| value);
    match set {
        None => shell::path_with(&[folder]),
        Some(path) => {
            let all = std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(path));
            std::env::join_paths(all).unwrap_or_else(|_| path.to_owned())
        }
    }
}

/// What a homeserver of many processes is asked: all that one process is, and what only many can be.
const WORKERS_TESTS: [&str; 2] = ["tests/e2e/workers.mjs", "tests/e2e/matrix.test.mjs"];

/// Variables by which the runner would choose another engine than the one that it is asked for.
const DRIVER_VARIABLES: [&str; 4] = ["GECKODRIVER", "SAFARIDRIVER", "CHROMEDRIVER", "MSEDGEDRIVER"];

/// Seconds that one file of tests may take, and a driver to begin; the runner's own 20 and 5 are short on a busy machine.
const LIMITS: [(&str, &str); 2] = [("WASM_BINDGEN_TEST_TIMEOUT", "180"), ("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_one_layer_or_for_every_engine() {
        assert_eq!(Layer::named("native"), [Layer::Native]);
        assert_eq!(Layer::named("browser"), Engine::ALL.map(Layer::Browser));
        assert_eq!(Layer::named("webkit"), [Layer::Browser(Engine::WebKit)]);
        assert_eq!(Layer::named("opera"), []);
    }

    #[test]
    fn a_scaled_out_homeserver_is_tested_by_name_only() {
        assert_eq!(Layer::named("workers"), [Layer::Workers]);
        assert!(!Layer::ALL.contains(&Layer::Workers));
    }
}
