//! What there was to see in a run, or in many.

use std::collections::BTreeSet;
use std::fmt;

/// What there was to see.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub steps: u64,
    pub events: u64,
    pub requests: u64,
    pub loads: u64,
    pub reloads: u64,
    pub crashes: u64,
    pub closes: u64,
    pub duplicates: u64,
    pub aways: u64,
    pub rotations: u64,
    pub handovers: u64,
    pub sleeps: u64,
    pub jumps: u64,
    pub heard: u64,
    pub said: u64,
    pub milliseconds: u64,
    pub chats: u64,
    pub conversations: BTreeSet<String>,
    pub outrun: BTreeSet<String>,
    pub counted_conversations: u64,
    pub counted_outrun: u64,
}

impl Tally {
    /// How many steps it was in a second.
    #[expect(clippy::cast_precision_loss, reason = "nobody counts so far")]
    pub fn steps_per(&self, seconds: f64) -> f64 {
        self.steps as f64 / seconds.max(0.001)
    }

    /// Adds what another run saw.
    pub fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.events += other.events;
        self.requests += other.requests;
        self.loads += other.loads;
        self.reloads += other.reloads;
        self.crashes += other.crashes;
        self.closes += other.closes;
        self.duplicates += other.duplicates;
        self.aways += other.aways;
        self.rotations += other.rotations;
        self.handovers += other.handovers;
        self.sleeps += other.sleeps;
        self.jumps += other.jumps;
        self.heard += other.heard;
        self.said += other.said;
        self.milliseconds += other.milliseconds;
        self.chats += other.chats;
        self.counted_conversations += other.counted_conversations + other.conversations.len() as u64;
        self.counted_outrun += other.counted_outrun + other.outrun.len() as u64;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} simulated hours, {} conversations, {} messages of visitors and {} of agents, {} requests, {} steps; \
             {} handovers, {} reloads, {} crashes, {} tabs closed, {} duplicated, {} visits elsewhere, {} sleeps, {} \
             jumps of the clock, {} outrun copies",
            self.milliseconds / 3_600_000,
            self.counted_conversations,
            self.heard,
            self.said,
            self.requests,
            self.steps,
            self.handovers,
            self.reloads,
            self.crashes,
            self.closes,
            self.duplicates,
            self.aways,
            self.sleeps,
            self.jumps,
            self.counted_outrun,
        )
    }
}
