//! How far a conversation was stored, and by which page.

use crate::model::keep::keep_inner;

use super::backoff::Random;

/// Counts what was stored of a conversation and must not be missed. The count never falls.
///
/// A page may be lost between storing and telling the others how far it counted, and the next one counts on from the same
/// place. So each count carries the mark of the page that made it: two that went equally far without knowing of each
/// other are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Serial(pub u64);

/// What a page puts to its counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark(u64);

impl Mark {
    /// The mark of a page whose session was seeded with this.
    pub(super) fn of(seed: u64) -> Self {
        Self(Random::seeded(seed.rotate_left(32)).next() & ((1 << MARK_BITS) - 1))
    }
}

impl Serial {
    /// How far.
    #[must_use]
    pub const fn count(self) -> u64 {
        self.0 >> MARK_BITS
    }

    /// Whether a copy that goes as far as `other` has missed something that goes as far as this.
    #[must_use]
    pub fn outruns(self, other: Self) -> bool {
        self != other && self.count() >= other.count()
    }

    /// One further, by the page with this mark.
    pub(super) const fn next(self, mark: Mark) -> Self {
        Self(((self.count() + 1) << MARK_BITS) | mark.0)
    }
}

keep_inner!(Serial);

/// Enough to tell two pages apart; with any count that is ever reached it stays a number that JSON can carry.
const MARK_BITS: u32 = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_pages_that_counted_on_from_the_same_place_outrun_each_other() {
        let (one, other) = (Serial(7).next(Mark(1)), Serial(7).next(Mark(2)));

        assert!(one.outruns(other) && other.outruns(one));
        assert!(!one.outruns(one));
    }

    #[test]
    fn whoever_went_further_is_not_outrun() {
        let one = Serial::default().next(Mark(3));
        let two = one.next(Mark(1));

        assert!(two.outruns(one) && !one.outruns(two));
        assert_eq!((one.count(), two.count()), (1, 2));
    }
}
