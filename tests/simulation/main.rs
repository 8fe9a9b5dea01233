//! A deterministic simulation: the real machine in a world that goes wrong in every way, against a plain telling of what
//! should be true. `run` lives through one seed; `truth` holds what must be true after every step.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]
#![expect(clippy::disallowed_methods, reason = "the soak itself takes real time, natively")]

mod backend;
mod dice;
mod found;
mod page;
mod run;
mod schedule;
mod truth;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use schedule::Schedule;
use truth::Tally;

/// Lives through many runs, on every core. The environment says how many: `HOLDFAST_SEEDS`, or `HOLDFAST_MINUTES`, from
/// `HOLDFAST_FIRST_SEED` on; `HOLDFAST_REPLAY` tells one run, or a part of it, in full.
#[test]
fn nothing_is_lost_and_nothing_comes_twice_whatever_happens() {
    if let Ok(name) = std::env::var("HOLDFAST_REPLAY") {
        return replay(&name);
    }
    let plan = Plan {
        next: AtomicU64::new(number("HOLDFAST_FIRST_SEED").unwrap_or(0)),
        end: number("HOLDFAST_MINUTES").map(|minutes| Instant::now() + Duration::from_secs(minutes * 60)),
        left: AtomicU64::new(number("HOLDFAST_SEEDS").unwrap_or(SEEDS)),
    };
    let started = Instant::now();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let lived: Vec<(Tally, Option<u64>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(|| plan.live())).collect();
        threads.into_iter().map(|thread| thread.join().expect("a run catches its panics")).collect()
    });
    let mut tally = Tally::default();
    for (seen, _) in &lived {
        tally.add(seen);
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("{tally}; {:.0} steps a second", tally.steps_per(seconds));
    if let Some(seed) = lived.iter().filter_map(|(_, broken)| *broken).min() {
        panic!("{}", run::report(&Schedule::of(seed)));
    }
}

/// Which runs are to be lived through, by all threads together.
struct Plan {
    next: AtomicU64,
    end: Option<Instant>,
    left: AtomicU64,
}

impl Plan {
    /// Lives through one run after the other, up to the first that breaks.
    fn live(&self) -> (Tally, Option<u64>) {
        let mut tally = Tally::default();
        while let Some(seed) = self.next_seed() {
            match run::run(&Schedule::of(seed)) {
                Ok(seen) => tally.add(&seen),
                Err(_) => {
                    self.left.store(0, Ordering::Relaxed);
                    return (tally, Some(seed));
                }
            }
        }
        (tally, None)
    }

    fn next_seed(&self) -> Option<u64> {
        let is_left = match self.end {
            Some(end) => Instant::now() < end && self.left.load(Ordering::Relaxed) > 0,
            None => self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok(),
        };
        is_left.then(|| self.next.fetch_add(1, Ordering::Relaxed))
    }
}

fn replay(name: &str) {
    let schedule = Schedule::named(name).expect("SEED, or SEED:ACT,ACT");
    for (at, act) in schedule.acts() {
        println!("{at:>8} {act:?}");
    }
    run::told(&schedule).expect("nothing breaks");
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Few enough for a build without optimisation.
const SEEDS: u64 = 300;
