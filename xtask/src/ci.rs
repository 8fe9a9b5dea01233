//! The whole of continuous integration, on any machine: what people run by hand, one step after the other.
//!
//! A failed step does not keep the others from running, so that one run tells all.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::dist::{self, Quality};
use crate::house::{self, House};
use crate::setup::engine::Engine;
use crate::setup::{tools, wasm_target};
use crate::shell::{self, Outcome};
use crate::size;
use crate::tally::Tally;
use crate::test::Layer;

/// What has been done so far.
#[derive(Debug, Default)]
struct Report {
    tally: Tally,
    rows: Vec<Row>,
}

/// One step that has been done.
#[derive(Debug)]
struct Row {
    name: &'static str,
    duration: Duration,
    tally: Tally,
}

/// Runs every step and returns how many tests passed and failed; a step without tests that fails counts as one.
pub fn run(house: &House) -> Tally {
    let mut report = Report::default();
    report.step("format", || shell::run(cargo(house).args(["fmt", "--all", "--check"])));
    report.step("set-up of the wasm toolchain", || {
        wasm_target::provide(house)?;
        tools::wasm_bindgen(house)?;
        tools::wasm_pack(house)?;
        tools::tidy(house)
    });
    report.step("clippy, native", || {
        shell::run(cargo(house).args(["clippy", "--workspace", "--all-targets", "--", "-Dwarnings"]))
    });
    report.step("clippy, wasm32", || {
        shell::run(wasm_cargo(house, "clippy")?.args(["--all-targets", "--", "-Dwarnings"]))
    });
    report.step("each backend alone", || {
        BACKENDS.iter().try_for_each(|backend| {
            shell::run(wasm_cargo(house, "check")?.args(["--no-default-features", "--features", backend]))
        })
    });
    report.step("documentation, native", || {
        shell::run(cargo(house).args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-Dwarnings"))
    });
    report.step("documentation, wasm32", || {
        shell::run(wasm_cargo(house, "doc")?.arg("--no-deps").env("RUSTDOCFLAGS", "-Dwarnings"))
    });
    report.tests("tests, native", Layer::Native, house);
    report.tests("simulation", Layer::Simulation, house);
    report.tests("broken variants", Layer::Broken, house);
    report.tests("tests, Chromium", Layer::Browser(Engine::Chromium), house);
    report.tests("tests, Firefox", Layer::Browser(Engine::Firefox), house);
    report.tests("tests, WebKit", Layer::Browser(Engine::WebKit), house);
    report.step("package", || dist::run(house, Quality::Release));
    report.step("size", || size::run(house));
    report.tests("tests, end to end", Layer::EndToEnd, house);
    report.print();
    report.tally
}

impl Report {
    fn step(&mut self, name: &'static str, work: impl FnOnce() -> Outcome) {
        self.measure(name, || match work() {
            Ok(()) => Tally::default(),
            Err(failure) => {
                println!("xtask: {failure}");
                Tally { passed: 0, failed: 1 }
            }
        });
    }

    fn tests(&mut self, name: &'static str, layer: Layer, house: &House) {
        self.measure(name, || layer.run(house));
    }

    fn measure(&mut self, name: &'static str, work: impl FnOnce() -> Tally) {
        shell::announce(format!("Step: {name}"));
        let started = Instant::now();
        let tally = work();
        self.tally += tally;
        self.rows.push(Row { name, duration: started.elapsed(), tally });
    }

    fn print(&self) {
        println!();
        for row in &self.rows {
            let verdict = match row.tally {
                Tally { passed: 0, failed: 0 } => "ok".to_owned(),
                Tally { passed, failed: 0 } => format!("ok, {passed} passed"),
                Tally { .. } => format!("FAILED, {}", row.tally),
            };
            println!("{:<32}{:>6} s  {verdict}", row.name, row.duration.as_secs());
        }
        let total: Duration = self.rows.iter().map(|row| row.duration).sum();
        println!("{:<32}{:>6} s", "in all", total.as_secs());
    }
}

fn cargo(house: &House) -> Command {
    let mut cargo = house::cargo();
    cargo.current_dir(&house.root);
    cargo
}

/// A Cargo command on what runs in a browser, and on nothing else.
fn wasm_cargo(house: &House, verb: &str) -> Outcome<Command> {
    let toolchain = wasm_target::provide(house)?;
    let mut cargo = toolchain.cargo();
    cargo.args([verb, "--package", dist::PACKAGE, "--package", dist::DESK_PACKAGE, "--target", wasm_target::TARGET]);
    cargo.env("CARGO_TARGET_DIR", toolchain.target_folder(house)).current_dir(&house.root);
    Ok(cargo)
}

/// The features of which each names a backend.
const BACKENDS: [&str; 5] = ["live-agent", "genesys", "liveperson", "superoffice", "matrix"];
