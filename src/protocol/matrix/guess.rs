//! What nobody wrote down: every choice that `matrix.md` leaves open, in one place, each with what speaks for it.
//!
//! Smaller ones that have no value of their own:
//! - Everybody in the room but the visitor is an agent: nothing in Matrix tells a bot from a person.
//! - A room that this page made is over when nobody is there any more and nobody is invited: that is how an agent who
//!   cannot remove the visitor closes it (§4), and nobody else would ever read what is said.
//! - What was taken back before it was shown is not shown at all. To take an edit back changes nothing: what stood before
//!   is not kept.
//! - A failure without an `errcode` is a gateway's, and is never the last word about a room.

use std::time::Duration;

use crate::model::EndReason;

/// How long a homeserver that does not answer is asked for a room. Limits for registration pass sooner (§9).
pub(super) const OPENING_PATIENCE: Duration = Duration::from_secs(120);

/// So many times in a row a room is said to be there and is not found: its name is used up (§4). A worker that did not
/// hear of it yet has by then.
pub(super) const MOST_SEARCHES: u64 = 4;

/// How long a room that could not be reached is asked for again: it stays, and so does what was said there (§5.2).
pub(super) const PATIENCE: Duration = Duration::from_secs(86_400);

/// Apps tell for up to half a minute at once that somebody types, and the server says when they stopped (§7).
pub(super) const TYPING: Duration = Duration::from_secs(30);

/// As long as [`TYPING`], in the words of the protocol: the session says once that the visitor types, and once that not.
pub(super) const TYPING_MILLIS: u64 = 30_000;

/// So many answers in a row without the room, and it is asked for: a room that was purged may be mentioned nowhere (§4).
pub(super) const MOST_SILENCE: u64 = 4;

/// What the content of the visitor's own messages says of them, to be found again (§6).
pub(super) const MARK: &str = "chat.holdfast.id";

/// Events between the page and the agent's program.
pub(super) const CUSTOM: &str = "chat.holdfast.event";

/// Why a room is over from which the visitor was removed (§7): agents close it like that.
pub(super) const REMOVED: EndReason = EndReason::Agent;

/// Why a room is over that is not there any more (§4).
pub(super) const PURGED: EndReason = EndReason::Expired;

/// More people than a chat has.
pub(super) const MOST_PARTIES: usize = 64;

/// More events than one answer brings once more (§5.2).
pub(super) const MOST_SEEN: usize = 64;

/// More files than one chat has.
pub(super) const MOST_FILES: usize = 64;
