//! Why a conversation is over, and why a message waits for the visitor.

use super::keep::keep_words;

/// Why a conversation is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// The visitor ended it.
    Visitor,
    /// The agent ended it.
    Agent,
    /// The visitor was silent for longer than the site allows.
    Idle,
    /// No agent is available, or none was left.
    Unavailable,
    /// Nobody is there, and what the visitor filled in instead is with whoever comes next.
    MessageLeft,
    /// An administrator's rule keeps this visitor out.
    Blocked,
    /// The backend no longer knows the session: too long without contact.
    Expired,
    /// The backend closed the session because it was used from two places at once.
    Elsewhere,
    /// The backend could not be reached for longer than it keeps a session.
    ConnectionLost,
    /// Somebody encrypted the conversation, and nothing of it can be read here.
    Encrypted,
    /// The backend refused or failed in a way that cannot be mended from here.
    Failed,
    /// Over, for a reason that the backend did not name in words known here.
    Unknown,
}

impl EndReason {
    /// The name under which the page's `holdfast-session-ended` event carries it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Agent => "agent",
            Self::Idle => "idle",
            Self::Unavailable => "unavailable",
            Self::MessageLeft => "message-left",
            Self::Blocked => "blocked",
            Self::Expired => "expired",
            Self::Elsewhere => "elsewhere",
            Self::ConnectionLost => "connection-lost",
            Self::Encrypted => "encrypted",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// Why an entry of the outbox needs the visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WedgeReason {
    /// The backend refused it.
    Refused,
    /// It may have arrived, and nothing can tell: sending it again could say it twice.
    Unconfirmed,
    /// Nothing of it is left after the site's rules for sensitive data.
    Empty,
    /// The conversation ended before it could be delivered.
    Ended,
}

keep_words!(EndReason {
    Visitor => "visitor",
    Agent => "agent",
    Idle => "idle",
    Unavailable => "unavailable",
    MessageLeft => "message-left",
    Blocked => "blocked",
    Expired => "expired",
    Elsewhere => "elsewhere",
    ConnectionLost => "connection-lost",
    Encrypted => "encrypted",
    Failed => "failed",
    Unknown => "unknown",
});

keep_words!(WedgeReason {
    Refused => "refused",
    Unconfirmed => "unconfirmed",
    Empty => "empty",
    Ended => "ended",
});
