//! What an answer without a `statusCode` means, by its HTTP status and its error codes (§3.11).

use super::{guess, unavailable};
use crate::model::EndReason;
use crate::protocol::{ProtocolError, Response};

/// An answer that has an HTTP status, and perhaps error codes.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) status: u16,
    pub(super) errors: Vec<i64>,
}

impl Failure {
    /// On the opening: nothing unchanged is tried again that was understood and refused.
    pub(super) fn of_opening(&self, response: &Response) -> ProtocolError {
        if let Some(reason) = opening_reason(&self.errors) {
            return ProtocolError::Over { reason };
        }
        match self.status {
            _ if self.is_passing() => unavailable(response),
            200..=299 if self.errors.is_empty() => unreadable("the opening"),
            _ => ProtocolError::Over { reason: EndReason::Failed },
        }
    }

    /// On a poll: a chat that is not there, or not ours, is over. Whatever else there is passes.
    pub(super) fn of_news(&self, response: &Response) -> ProtocolError {
        match self.status {
            404 => ProtocolError::Over { reason: guess::NOT_FOUND },
            200..=299 => unreadable("the poll"),
            // A poll has nothing in it that could be too long, so that this is not about the poll (§6.13).
            400 if self.errors.contains(&TOO_LONG) => unavailable(response),
            400..=499 if !self.is_passing() => ProtocolError::Over { reason: EndReason::Failed },
            _ => unavailable(response),
        }
    }

    /// On anything else: that operation fails, and the next poll decides about the chat (§1.4).
    pub(super) fn of_post(&self, response: &Response) -> ProtocolError {
        match self.status {
            200..=299 if self.errors.is_empty() => unreadable("the post"),
            200..=299 => ProtocolError::Refused { noun: "post", status: self.status },
            400..=499 if !self.is_passing() => ProtocolError::Refused { noun: "post", status: self.status },
            _ => unavailable(response),
        }
    }

    /// Whether the same may be answered otherwise a little later.
    pub(super) const fn is_passing(&self) -> bool {
        match self.status {
            200..=299 => false,
            status => !matches!(status, 400..=499) || matches!(status, 408 | 425 | 429),
        }
    }
}

/// Why a chat could not begin, where an error code says so (§3.11): names or address are missing or wrong, there is no
/// such service, or none can begin now.
pub(super) fn opening_reason(errors: &[i64]) -> Option<EndReason> {
    errors.iter().find_map(|error| match error {
        240 => Some(EndReason::Unavailable),
        102 | 103 | 161 | 306 | 364 => Some(EndReason::Failed),
        _ => None,
    })
}

const fn unreadable(noun: &'static str) -> ProtocolError {
    ProtocolError::Unreadable { noun, detail: "statusCode is missing" }
}

/// "Message too long".
const TOO_LONG: i64 = 204;
