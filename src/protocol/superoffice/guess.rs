//! Every place where `superoffice.md` and the gateway's contract are silent, and what is assumed there.

use std::time::Duration;

use crate::model::EndReason;

/// A session that is finished without a line that says who ended it (§5.7: a bot may just set the status).
pub(super) const UNEXPLAINED: EndReason = EndReason::Unknown;

/// A session that left the queue for good (§3.1): the visitor was not heard of for too long, or somebody cleared it.
pub(super) const OUT_OF_QUEUE: EndReason = EndReason::Expired;

/// A bot's pause is shown no longer than this, because its clock may be wrong (§5.4).
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The scale of a rating (§5.7; §13, 6).
pub(super) const RATINGS: std::ops::RangeInclusive<u64> = 1..=5;

/// How long a session is kept that nobody asks for (§8.1).
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// How often is asked while somebody is there, and while nobody is (§5.4).
pub(super) const REST: Duration = Duration::from_secs(2);
/// See [`REST`].
pub(super) const REST_IN_QUEUE: Duration = Duration::from_secs(4);

/// Where a message that is to be shown later says when, if not in its own instant (§3.3: seen in a public bot).
pub(super) const SHOW_AT: &str = "showAt=";
