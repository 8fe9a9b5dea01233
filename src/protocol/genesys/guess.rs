//! What nobody wrote down: every choice that `genesys.md` leaves open, in one place, each with what speaks for it.
//!
//! Smaller ones that have no value of their own:
//! - A 2 with `chatEnded` on anything but a poll ends the chat by one last poll, which brings what was said before the end
//!   (§1.4 says to terminate; §5.2 that the first poll after an end still has events). `verdict` has it.
//! - A success with `chatEnded` on anything but a poll is a success, and the next poll brings the end with its events.
//! - An answer may have an HTTP status of its own and a `statusCode` of 1 or 2 at once (§2.7); the latter is believed.
//! - An agent or a bot who speaks without having joined has joined: events that were not saved are missing after the
//!   backend changed its server (§3.13), and a bot may show its style only when it speaks.
//! - An event about the visitor's own party (`PushUrl`, `Notice`, `CustomNotice`) is what this page did, and no news.
//! - An event of the page's own, or of the agent's, says in `purpose` what it is, as the only one does that was seen (§3.8).
//! - An alert that comes before another alert has no end to count down to, so its words are shown.

use std::time::Duration;

use super::parties::Attendance;
use crate::model::EndReason;

/// Why a chat is over that the backend calls ended (§1.4), from the last `quit-reason-code` (§3.9) and from whether
/// anybody had been there. A code of 5 is a workflow's, which closes what an agent left, or an error.
pub(super) const fn end_reason(quit: Option<u64>, attendance: Attendance) -> EndReason {
    match (quit, attendance) {
        (Some(IDLE), _) => EndReason::Idle,
        // Not delivered by the Chat API (§3.9); another server may.
        (Some(3), _) => EndReason::Expired,
        (Some(6 | 8), _) | (Some(5), Attendance::Nobody) => EndReason::Failed,
        (Some(4), _) | (_, Attendance::Somebody) => EndReason::Agent,
        // Normal logout, with nobody there who could have: from another page.
        (Some(0), Attendance::Nobody) => EndReason::Visitor,
        (_, Attendance::Nobody) => EndReason::Unavailable,
    }
}

/// Why a chat is over that the backend calls unrecoverable (§1.3). 249 is recorded after the session was gone (§3.3).
pub(super) fn lost_reason(errors: &[i64]) -> EndReason {
    if errors.contains(&249) { EndReason::Expired } else { EndReason::Failed }
}

/// Why a chat is over that a poll does not find (§3.11: "previous session not found").
pub(super) const NOT_FOUND: EndReason = EndReason::Expired;

/// The `quit-reason-code` of a session that was closed because nobody said anything (§3.9). `IdleClose` counts as one,
/// where no code comes with it.
pub(super) const IDLE: u64 = 7;

/// The tenant of an installation that has only one; the vendor's sample has it too (§2.1).
pub(super) const TENANT: &str = "101";

/// What a visitor without a name is called: a chat needs a nickname (§3.4), and the vendor's sample falls back to a
/// placeholder as well (§2.3).
pub(super) const NICKNAME: &str = "Visitor";

/// The path before `/api/v2/chats` where the endpoint names none (§7.2).
pub(super) const CONTEXT: &str = "/eservices";

/// A server may hold a poll for half a minute, though none is known to (§0.3). What is given up must be asked again before
/// the backend gives the visitor up (§1.5).
pub(super) const POLL_DEADLINE: Duration = Duration::from_secs(35);

/// The vendor's own client gives up after 3 s, which sites raise to 10 s (§3.7). What is given up here waits for its echo,
/// so there is no hurry.
pub(super) const POST_DEADLINE: Duration = Duration::from_secs(20);

/// Two megabytes over a bad line; the vendor's own client waits for ever (§3.12).
pub(super) const FILE_DEADLINE: Duration = Duration::from_secs(120);

/// How much of what is being typed an agent is shown: old desktops show 4 KB (§3.13), and more may be refused (204).
pub(super) const MOST_PREVIEW: usize = 1_000;

/// More parties than one chat has.
pub(super) const MOST_PARTIES: usize = 32;
