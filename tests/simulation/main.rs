//! A deterministic simulation: the real machine in a world that goes wrong in every way, against a plain telling of what
//! should be true. `run` lives through one seed; `truth` holds what must be true after every step.

#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod backend;
mod dice;
mod page;
mod run;
mod schedule;
mod truth;
mod world;

use schedule::Schedule;
use truth::Tally;

#[test]
fn nothing_is_lost_and_nothing_comes_twice_whatever_happens() {
    if let Ok(replay) = std::env::var("HOLDFAST_REPLAY") {
        let schedule = Schedule::named(&replay).expect("SEED, or SEED:ACT,ACT");
        for (at, act) in schedule.acts() {
            println!("{at:>8} {act:?}");
        }
        run::told(&schedule).expect("nothing breaks");
        return;
    }
    let first = number("HOLDFAST_FIRST_SEED").unwrap_or(0);
    let count = number("HOLDFAST_SEEDS").unwrap_or(300);
    let mut tally = Tally::default();
    let mut broken = Vec::new();
    for seed in first..first + count {
        match run::run(&Schedule::of(seed)) {
            Ok(seen) => tally.add(&seen),
            Err(what) => broken.push((seed, what)),
        }
    }
    println!("{tally}");
    for (seed, what) in &broken {
        println!("seed {seed}: {what}");
    }
    if let Some((seed, _)) = broken.first() {
        panic!("{} of {count} runs break\n{}", broken.len(), run::report(&Schedule::of(*seed)));
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
