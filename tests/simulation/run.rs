//! Runs a schedule, and finds the least of it that still breaks.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::schedule::Schedule;
use super::truth::Tally;
use super::world::World;

/// Lives through a schedule and the calm after it.
///
/// # Errors
/// What was not true.
pub fn run(schedule: &Schedule) -> Result<Tally, String> {
    lived(schedule, false)
}

/// The same, and prints everything that happens.
pub fn told(schedule: &Schedule) -> Result<Tally, String> {
    lived(schedule, true)
}

fn lived(schedule: &Schedule, is_told: bool) -> Result<Tally, String> {
    let lived = catch_unwind(AssertUnwindSafe(|| live(schedule, is_told)));
    lived.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("panic: {}", words.unwrap_or("without words")))
    })
}

fn live(schedule: &Schedule, is_told: bool) -> Result<Tally, String> {
    let mut world = World::of(schedule);
    world.is_told = is_told;
    let end = schedule.acts.last().map_or(0, |(at, _)| *at) + 1_000;
    world.run_until(end);
    // A device that sleeps is woken up by its owner.
    let rounds = 6;
    for _ in 0..rounds {
        world.calm();
        world.serve();
        let until = world.now + CALM / rounds;
        world.run_until(until);
    }
    // Two tabs may just be talking.
    for _ in 0..100 {
        if world.is_quiet() {
            break;
        }
        let until = world.now + 50;
        world.run_until(until);
    }
    world.settle();
    match world.truth.broken.take() {
        Some(what) => Err(what),
        None => {
            let mut tally = world.tally.clone();
            tally.milliseconds = world.now;
            tally.handovers = world.chats().map(|chat| chat.handovers).sum();
            tally.heard = world.chats().map(|chat| chat.heard.len() as u64).sum();
            tally.said = world.chats().map(|chat| chat.said.len() as u64).sum();
            tally.chats = world.chats().count() as u64;
            Ok(tally)
        }
    }
}

/// The least of a schedule that still breaks, found by leaving parts out.
pub fn shrunk(schedule: &Schedule) -> (Schedule, String) {
    let mut least = schedule.clone();
    let mut broken = run(schedule).err().unwrap_or_default();
    let mut part = least.kept.len().div_ceil(2);
    while part > 0 {
        let mut place = 0;
        while place < least.kept.len() {
            let mut kept = least.kept.clone();
            kept.drain(place..(place + part).min(kept.len()));
            let less = least.keeping(kept);
            match run(&less) {
                Err(what) => {
                    least = less;
                    broken = what;
                }
                Ok(_) => place += part,
            }
        }
        part = if part == 1 { 0 } else { part.div_ceil(2) };
    }
    (least, broken)
}

/// What to say of a schedule that breaks: what is not true, the least that breaks it, and how to see it again.
pub fn report(schedule: &Schedule) -> String {
    if std::env::var_os("HOLDFAST_SHRINK").is_some_and(|shrink| shrink == "no") {
        return format!("seed {}: {}", schedule.seed, run(schedule).err().unwrap_or_default());
    }
    let (least, broken) = shrunk(schedule);
    let acts: Vec<String> = least.acts().map(|(at, act)| format!("  {at:>7} ms  {act:?}")).collect();
    let kept: Vec<String> = least.kept.iter().map(ToString::to_string).collect();
    format!(
        "seed {}: {broken}\n{}\n  {:?}\nagain: cargo xtask soak --replay {}:{}",
        least.seed,
        acts.join("\n"),
        least.habits,
        least.seed,
        kept.join(","),
    )
}

/// How long nothing goes wrong before everything must be well.
const CALM: u64 = 240_000;
