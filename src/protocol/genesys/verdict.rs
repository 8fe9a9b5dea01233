//! What `statusCode` and `chatEnded` say together: the table of §1.4, cell by cell.
//!
//! Its last column is followed. It speaks of two kinds of requests: those that bring news, and all others, which are
//! never the last word about a chat.

use super::envelope::{Code, Flag};
use crate::model::json::Value;
use crate::model::keep::Keep;

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// For news, the chat standing like this.
    News(Standing),
    /// For anything else: a message, typing, a notice.
    Aside,
}

/// What is known of the chat before the next poll is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The last poll was answered well, or none was needed.
    Steady,
    /// It comes from storage, and was not heard of since.
    Restored,
    /// An answer could mean its end, and was asked to be confirmed.
    Confirming,
    /// Something else than a poll heard that it is over for good. One poll brings what was said before.
    Condemned,
}

/// Stored without `Restored`, which is what a chat from storage is.
impl Keep for Standing {
    fn keep(&self) -> Value {
        Value::from(match self {
            Self::Steady | Self::Restored => "steady",
            Self::Confirming => "confirming",
            Self::Condemned => "condemned",
        })
    }

    fn kept(value: &Value) -> Option<Self> {
        match value.as_str()? {
            "steady" => Some(Self::Restored),
            "confirming" => Some(Self::Confirming),
            "condemned" => Some(Self::Condemned),
            _ => None,
        }
    }
}

/// What to do about an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// What was asked is done, and its events count.
    GoOn,
    /// Its events count, and are the last.
    GoOnToTheEnd,
    /// Its events count, and whether there will be more is asked at once.
    GoOnAndConfirm,
    /// The same again at once: the answer can not be meant as it is.
    Confirm,
    /// The same again a little later, with the same identity and position.
    Again,
    /// What was asked failed for good, and nothing else did.
    Fails,
    /// What was asked failed for good, and so did the chat, by what the next poll says.
    FailsForGood,
    /// The chat is over.
    Over,
}

/// The table. Identity and position are untouched by all but success.
pub(super) const fn verdict(code: Code, flag: Flag, asked: Asked) -> Verdict {
    match (code, flag, asked) {
        (Code::Success, Flag::Open, _) => Verdict::GoOn,
        (Code::Success, Flag::Ended, Asked::News(_)) => Verdict::GoOnToTheEnd,
        // The events before the end come with a poll; a message that was taken is not to be called lost.
        (Code::Success, Flag::Ended, Asked::Aside) => Verdict::GoOn,
        (Code::Success, Flag::Absent, Asked::News(Standing::Restored)) => Verdict::GoOnAndConfirm,
        // On any other answer, absent counts as false.
        (Code::Success, Flag::Absent, _) => Verdict::GoOn,
        (Code::Recoverable, _, Asked::News(Standing::Condemned)) => Verdict::Over,
        // The flag of a failure is that of the last good answer, so this cannot be. It is confirmed once.
        (Code::Recoverable, Flag::Ended, Asked::News(Standing::Steady | Standing::Restored)) => Verdict::Confirm,
        (Code::Recoverable, _, _) => Verdict::Again,
        (Code::Unrecoverable, _, Asked::News(_)) => Verdict::Over,
        (Code::Unrecoverable, Flag::Ended, Asked::Aside) => Verdict::FailsForGood,
        (Code::Unrecoverable, Flag::Open | Flag::Absent, Asked::Aside) => Verdict::Fails,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLL: Asked = Asked::News(Standing::Steady);
    const RESTORED: Asked = Asked::News(Standing::Restored);
    const CONFIRMING: Asked = Asked::News(Standing::Confirming);
    const LAST: Asked = Asked::News(Standing::Condemned);
    const NEWS: [Asked; 4] = [POLL, RESTORED, CONFIRMING, LAST];

    #[test]
    fn zero_and_not_ended_goes_on() {
        for asked in NEWS.into_iter().chain([Asked::Aside]) {
            assert_eq!(verdict(Code::Success, Flag::Open, asked), Verdict::GoOn, "{asked:?}");
        }
    }

    #[test]
    fn zero_and_ended_on_a_poll_reads_its_events_and_ends() {
        for asked in NEWS {
            assert_eq!(verdict(Code::Success, Flag::Ended, asked), Verdict::GoOnToTheEnd, "{asked:?}");
        }
    }

    #[test]
    fn zero_and_ended_on_a_side_operation_leaves_the_end_to_the_next_poll() {
        assert_eq!(verdict(Code::Success, Flag::Ended, Asked::Aside), Verdict::GoOn);
    }

    #[test]
    fn one_and_not_ended_is_tried_again() {
        for asked in [POLL, RESTORED, CONFIRMING, Asked::Aside] {
            assert_eq!(verdict(Code::Recoverable, Flag::Open, asked), Verdict::Again, "{asked:?}");
        }
    }

    #[test]
    fn one_and_ended_is_confirmed_with_one_immediate_poll() {
        assert_eq!(verdict(Code::Recoverable, Flag::Ended, POLL), Verdict::Confirm);
        assert_eq!(verdict(Code::Recoverable, Flag::Ended, RESTORED), Verdict::Confirm);
        assert_eq!(verdict(Code::Recoverable, Flag::Ended, CONFIRMING), Verdict::Again);
    }

    #[test]
    fn one_and_ended_on_a_side_operation_is_left_open() {
        assert_eq!(verdict(Code::Recoverable, Flag::Ended, Asked::Aside), Verdict::Again);
    }

    #[test]
    fn a_confirming_poll_that_says_so_ends() {
        assert_eq!(verdict(Code::Success, Flag::Ended, CONFIRMING), Verdict::GoOnToTheEnd);
        for flag in [Flag::Ended, Flag::Open, Flag::Absent] {
            assert_eq!(verdict(Code::Unrecoverable, flag, CONFIRMING), Verdict::Over, "{flag:?}");
        }
    }

    #[test]
    fn two_and_not_ended_on_a_poll_terminates() {
        for asked in NEWS {
            assert_eq!(verdict(Code::Unrecoverable, Flag::Open, asked), Verdict::Over, "{asked:?}");
        }
    }

    #[test]
    fn two_and_not_ended_on_a_side_operation_fails_that_operation_alone() {
        assert_eq!(verdict(Code::Unrecoverable, Flag::Open, Asked::Aside), Verdict::Fails);
        assert_eq!(verdict(Code::Unrecoverable, Flag::Absent, Asked::Aside), Verdict::Fails);
    }

    #[test]
    fn two_and_ended_on_a_poll_terminates() {
        for asked in NEWS {
            assert_eq!(verdict(Code::Unrecoverable, Flag::Ended, asked), Verdict::Over, "{asked:?}");
        }
    }

    #[test]
    fn two_and_ended_on_a_side_operation_terminates_after_one_last_poll() {
        assert_eq!(verdict(Code::Unrecoverable, Flag::Ended, Asked::Aside), Verdict::FailsForGood);
        for flag in [Flag::Ended, Flag::Open, Flag::Absent] {
            assert_eq!(verdict(Code::Recoverable, flag, LAST), Verdict::Over, "{flag:?}");
            assert_eq!(verdict(Code::Unrecoverable, flag, LAST), Verdict::Over, "{flag:?}");
        }
    }

    #[test]
    fn an_absent_flag_is_false_on_normal_replies() {
        assert_eq!(verdict(Code::Success, Flag::Absent, POLL), Verdict::GoOn);
        assert_eq!(verdict(Code::Success, Flag::Absent, Asked::Aside), Verdict::GoOn);
        assert_eq!(verdict(Code::Recoverable, Flag::Absent, POLL), Verdict::Again);
        assert_eq!(verdict(Code::Recoverable, Flag::Absent, Asked::Aside), Verdict::Again);
        assert_eq!(verdict(Code::Unrecoverable, Flag::Absent, POLL), Verdict::Over);
    }

    #[test]
    fn an_absent_flag_on_restore_is_unknown_and_confirmed_once() {
        assert_eq!(verdict(Code::Success, Flag::Absent, RESTORED), Verdict::GoOnAndConfirm);
        assert_eq!(verdict(Code::Success, Flag::Absent, CONFIRMING), Verdict::GoOn);
        // Asking again is what a failure comes to anyway.
        assert_eq!(verdict(Code::Recoverable, Flag::Absent, RESTORED), Verdict::Again);
    }

    #[test]
    fn a_standing_that_was_stored_is_one_that_was_restored() {
        let after = |standing: Standing| Standing::kept(&standing.keep());

        assert_eq!(after(Standing::Steady), Some(Standing::Restored));
        assert_eq!(after(Standing::Restored), Some(Standing::Restored));
        assert_eq!(after(Standing::Confirming), Some(Standing::Confirming));
        assert_eq!(after(Standing::Condemned), Some(Standing::Condemned));
    }
}
