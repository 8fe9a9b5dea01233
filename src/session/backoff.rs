//! How long to wait after a failure, and the seeded randomness that spreads it.

use std::time::Duration;

use crate::model::Timestamp;

/// A run of failures without a success in between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Backoff {
    failures: u32,
    since: Option<Timestamp>,
}

impl Backoff {
    /// Takes note of a failure and returns how long to wait before the next try.
    pub(super) fn fail(&mut self, now: Timestamp, random: &mut Random) -> Duration {
        let doubled = FIRST.saturating_mul(1 << self.failures.min(MOST_DOUBLINGS));
        self.failures = self.failures.saturating_add(1);
        self.since.get_or_insert(now);
        // Half of the wait is fixed, so that nobody hammers; half is random, so that not everybody comes at once.
        let ceiling = doubled.min(LONGEST);
        ceiling / 2 + (ceiling / 2).mul_f32(random.unit())
    }

    /// How long nothing has succeeded.
    pub(super) fn lasting(&self, now: Timestamp) -> Duration {
        self.since.map_or(Duration::ZERO, |since| now.since(since))
    }

    /// How many failures it was.
    pub(super) const fn failures(&self) -> u32 {
        self.failures
    }

    /// The clock was set back by so much.
    pub(super) fn set_back(&mut self, span: Duration) {
        self.since = self.since.map(|since| since - span);
    }

    /// What was slept through does not count: the run begins now, if there is one.
    pub(super) fn forgive(&mut self, now: Timestamp) {
        self.since = self.since.map(|_| now);
    }

    /// The run is over.
    pub(super) const fn succeed(&mut self) {
        self.failures = 0;
        self.since = None;
    }

    /// The next wait is short again, because something changed for the better; how long it has lasted is kept.
    pub(super) const fn hope(&mut self) {
        self.failures = 0;
    }
}

/// A visitor who lost one packet should not notice.
const FIRST: Duration = Duration::from_millis(800);
/// A backend that keeps a session for 110 s still sees a dozen tries.
const LONGEST: Duration = Duration::from_secs(10);
const MOST_DOUBLINGS: u32 = 8;

/// A small seeded generator (splitmix64); good enough to spread requests and to name conversations.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// The same seed gives the same numbers.
    pub(super) const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// The next number, from 0 up to and without 1.
    #[expect(clippy::cast_precision_loss, reason = "24 bits fit into an f32")]
    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 24) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_below_the_longest() {
        let mut backoff = Backoff::default();
        let mut random = Random::seeded(7);

        let waits: Vec<_> = (0..40).map(|n| backoff.fail(Timestamp::from_millis(n), &mut random)).collect();

        assert!(waits.iter().all(|wait| (FIRST / 2..=LONGEST).contains(wait)), "{waits:?}");
        assert!(waits.iter().skip(5).all(|wait| *wait >= LONGEST / 2), "{waits:?}");
        assert_eq!(backoff.lasting(Timestamp::from_millis(1_000)), Duration::from_secs(1));
    }

    #[test]
    fn each_wait_is_twice_as_long_as_the_last_and_somewhere_in_its_second_half() {
        for (failures, longest) in [(0, 800), (1, 1_600), (2, 3_200), (3, 6_400), (4, 10_000), (90, 10_000)] {
            let waits = waits_after(failures);
            let within = |part: u64| Duration::from_millis(longest * part / 100);

            assert!(waits.iter().all(|wait| (within(50)..=within(100)).contains(wait)), "{waits:?}");
            assert!(waits.iter().any(|wait| *wait < within(55)), "not everybody waits for long: {waits:?}");
            assert!(waits.iter().any(|wait| *wait > within(95)), "not everybody comes at once: {waits:?}");
        }
    }

    #[test]
    fn a_success_ends_the_run() {
        let mut backoff = Backoff::default();
        let mut random = Random::seeded(7);
        let _ = backoff.fail(Timestamp::from_millis(0), &mut random);
        let _ = backoff.fail(Timestamp::from_millis(1), &mut random);
        assert_eq!(backoff.failures(), 2);

        backoff.succeed();
        assert_eq!((backoff.failures(), backoff.lasting(Timestamp::from_millis(9))), (0, Duration::ZERO));

        let _ = backoff.fail(Timestamp::from_millis(20), &mut random);
        assert_eq!(backoff.lasting(Timestamp::from_millis(29)), Duration::from_millis(9));
    }

    /// Conversations are named and spread by these, so they must be as good as their author says.
    #[test]
    fn the_numbers_are_those_of_the_published_generator() {
        let mut random = Random::seeded(1_234_567);

        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
        assert_eq!(random.next(), 9_817_491_932_198_370_423);
    }

    #[test]
    fn hope_shortens_the_wait_but_does_not_forget_how_long_it_lasts() {
        let mut backoff = Backoff::default();
        let mut random = Random::seeded(7);
        for _ in 0..9 {
            let _ = backoff.fail(Timestamp::from_millis(0), &mut random);
        }

        backoff.hope();

        assert!(backoff.fail(Timestamp::from_millis(5), &mut random) <= FIRST);
        assert_eq!(backoff.lasting(Timestamp::from_millis(5)), Duration::from_millis(5));
    }

    /// What many different sessions wait after so many failures.
    fn waits_after(failures: usize) -> Vec<Duration> {
        let wait = |seed| {
            let mut random = Random::seeded(seed);
            let mut backoff = Backoff::default();
            for _ in 0..failures {
                let _ = backoff.fail(Timestamp::default(), &mut random);
            }
            backoff.fail(Timestamp::default(), &mut random)
        };
        (0..200).map(wait).collect()
    }
}
