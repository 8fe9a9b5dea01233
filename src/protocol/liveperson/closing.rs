//! How a chat ends (§5): the visitor says so. An ended chat is not deleted, and stays readable.

use super::LivePerson;
use super::request::unavailable;
use crate::model::json::object;
use crate::protocol::{Cause, Progress, ProtocolError, Request, Response};

impl LivePerson {
    pub(super) fn begin_close(&self, cause: Cause) -> Option<Request> {
        let chat = self.chat.as_ref()?;
        match cause {
            Cause::Visitor | Cause::Idle => {
                let event = object! { "@type": "state", "state": "ended" };
                Some(self.post(&chat.events(), &object! { "event": event }))
            }
            // Nothing is left to be let go of. An exit survey and the transcript by mail (§3.9) are to be asked for here.
            Cause::Over => None,
        }
    }

    /// Taken or refused, it is said.
    #[expect(clippy::unused_self, reason = "each call is taken over by the adapter")]
    pub(super) fn receive_close(&self, response: &Response) -> Result<Progress, ProtocolError> {
        match response.status {
            408 | 425 | 429 | 500..=599 => Err(unavailable(response)),
            _ => Ok(Progress::default()),
        }
    }
}
