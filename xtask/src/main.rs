//! The only entrance to building and testing Holdfast: `cargo xtask <verb>`.
//!
//! Reads the verb and hands it to its room; each room brings the parts of the set-up that it needs.

mod ci;
mod demo;
mod dist;
mod fuzz;
mod house;
mod page;
mod setup;
mod shell;
mod simulation;
mod size;
mod tally;
mod test;

use std::process::ExitCode;
use std::time::Instant;

use crate::demo::Backends;
use crate::dist::Quality;
use crate::house::House;
use crate::shell::{Failure, Outcome};
use crate::tally::Tally;
use crate::test::Layer;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    obey(&words).unwrap_or_else(|failure| {
        eprintln!("xtask: {failure}");
        ExitCode::FAILURE
    })
}

fn obey(words: &[&str]) -> Outcome<ExitCode> {
    match words {
        ["setup"] => setup::run(&House::find()?).map(|()| ExitCode::SUCCESS),
        ["demo"] => demo::run(&House::find()?, None, Backends::Imitated),
        ["demo", "--port", port] => demo::run(&House::find()?, Some(port), Backends::Imitated),
        ["demo", "--matrix"] => demo::run(&House::find()?, None, Backends::WithMatrix),
        ["demo", "--matrix", "--port", port] => demo::run(&House::find()?, Some(port), Backends::WithMatrix),
        ["test"] => Ok(test(&House::find()?, &Layer::ALL)),
        ["test", "--only", name] => match Layer::named(name).as_slice() {
            [] => Err(Failure::new(format!("there are no tests called `{name}`\n\n{USAGE}"))),
            layers => Ok(test(&House::find()?, layers)),
        },
        ["dist"] => dist::run(&House::find()?, Quality::Release).map(|()| ExitCode::SUCCESS),
        ["dist", "--dev"] => dist::run(&House::find()?, Quality::Quick).map(|()| ExitCode::SUCCESS),
        ["dist", "--only", backends] => dist::run_lean(&House::find()?, backends).map(|()| ExitCode::SUCCESS),
        ["page"] => page::run(&House::find()?).map(|()| ExitCode::SUCCESS),
        ["size"] => size::run(&House::find()?).map(|()| ExitCode::SUCCESS),
        ["soak", words @ ..] => simulation::soak(&House::find()?, words).map(|()| ExitCode::SUCCESS),
        ["break"] => break_all(&House::find()?, None),
        ["break", name] => break_all(&House::find()?, Some(name)),
        ["fuzz", words @ ..] => fuzz::run(&House::find()?, words).map(|()| ExitCode::SUCCESS),
        ["ci"] => Ok(close(ci::run(&House::find()?))),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        [] => Err(Failure::new(USAGE)),
        _ => Err(Failure::new(format!("`{}` is not understood\n\n{USAGE}", words.join(" ")))),
    }
}

fn test(house: &House, layers: &[Layer]) -> ExitCode {
    let mut tally = Tally::default();
    let mut rows = Vec::new();
    for layer in layers {
        let started = Instant::now();
        let of_layer = layer.run(house);
        tally += of_layer;
        rows.push(format!("{:<9} {of_layer} ({} s)", layer.name(), started.elapsed().as_secs()));
    }
    println!("\n{}", rows.join("\n"));
    close(tally)
}

fn break_all(house: &House, only: Option<&str>) -> Outcome<ExitCode> {
    let mut tally = Tally::default();
    simulation::break_all(house, only, &mut tally)?;
    Ok(close(tally))
}

/// Prints the tally as the very last line.
fn close(tally: Tally) -> ExitCode {
    println!("{tally}");
    if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What the verbs are.
const USAGE: &str = "\
usage: cargo xtask <verb>

  setup                install what is missing on this machine (the other verbs do so too)
  demo [--matrix] [--port N]
                       build everything and serve a page on which one can chat; --matrix: with a Matrix homeserver
                       beside it, on which one answers with any Matrix app
  test [--only LAYER]  run all tests, or those of one layer: native, simulation, broken, browser, e2e;
                       or the browser tests in one engine: chromium, firefox, webkit;
                       or those against Matrix with the homeserver scaled out, which no other verb runs: workers
  dist [--dev | --only BACKENDS]
                       build the publishable package in pkg/; --dev: quickly, and large; --only: for these backends
                       alone, separated by commas, which is lighter
  size                 print what the package costs a visitor, and hold it to the budget
  soak [--minutes N [--from SEED]] | [--replay NAME]
                       simulate on and on, or tell one run again
  break [NAME]         break the core on purpose, and see the simulation find it
  fuzz [TARGET] [--minutes N | --keep]
                       look for answers, storage and attributes that break something;
                       --keep: take what was found into the corpus
  ci                   everything that has to be well before a change is taken";
