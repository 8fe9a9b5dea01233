//! What can go wrong in a backend's dialect, and the one question every failure answers: what now?

use std::time::Duration;

use crate::model::{EndReason, WedgeReason};

/// Why an answer could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// The backend cannot answer at the moment.
    #[error("the backend is not available (status {status})")]
    Unavailable {
        /// Status code.
        status: u16,
        /// How long it asks to wait.
        after: Option<Duration>,
    },
    /// The answer has a shape that nobody described.
    #[error("the answer to {noun} is not understood: {detail}")]
    Unreadable {
        /// Which answer.
        noun: &'static str,
        /// What is wrong with it; never what it says.
        detail: &'static str,
    },
    /// The numbering of requests was out of step; it has been set right.
    #[error("the numbering was out of step")]
    OutOfStep,
    /// The conversation moved to another server.
    #[error("the conversation moved to another server")]
    Moved,
    /// The backend refused the request for what it says.
    #[error("the backend refused {noun} (status {status})")]
    Refused {
        /// What was asked.
        noun: &'static str,
        /// Status code.
        status: u16,
    },
    /// Nothing can tell whether the request was processed.
    #[error("it cannot be told whether {noun} arrived")]
    Unconfirmed {
        /// What was asked.
        noun: &'static str,
    },
    /// The backend did not take it, because something else has to come first.
    #[error("the backend does not take {noun} yet")]
    Untimely {
        /// What was asked.
        noun: &'static str,
    },
    /// The conversation is over.
    #[error("the conversation is over ({})", .reason.name())]
    Over {
        /// Why.
        reason: EndReason,
    },
}

/// What to do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// The same again.
    Retry {
        /// How long to wait; `None` leaves it to the session's backoff.
        after: Option<Duration>,
    },
    /// Run the handover, then the same again.
    Resume,
    /// It was not taken: back to where it waits, and something else may go first.
    Wait,
    /// Set it aside for the visitor; everything else goes on.
    Park(WedgeReason),
    /// Nothing more can be done.
    End(EndReason),
}

impl ProtocolError {
    /// What to do about it.
    #[must_use]
    pub const fn remedy(&self) -> Remedy {
        match self {
            Self::Unavailable { after, .. } => Remedy::Retry { after: *after },
            Self::Unreadable { .. } => Remedy::Retry { after: None },
            Self::OutOfStep => Remedy::Retry { after: Some(Duration::ZERO) },
            Self::Moved => Remedy::Resume,
            Self::Untimely { .. } => Remedy::Wait,
            Self::Refused { .. } => Remedy::Park(WedgeReason::Refused),
            Self::Unconfirmed { .. } => Remedy::Park(WedgeReason::Unconfirmed),
            Self::Over { reason } => Remedy::End(*reason),
        }
    }
}
