//! How a chat ends: `ChatEnd`, then `DELETE` (§3.2, §5.6).

use super::opening::Opening;
use super::post::{Step, actual};
use super::request::Headers;
use super::{LiveAgent, unavailable};
use crate::model::PostId;
use crate::model::json::{Value, object};
use crate::model::keep::{Keep, read_variant, variant};
use crate::protocol::{Cause, Progress, ProtocolError, Request, Response};

/// How far the end is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Closing {
    /// Nothing was said yet.
    #[default]
    None,
    /// The server is told that the visitor ends.
    Ending { post: PostId },
    /// The chat moved meanwhile.
    Reconnecting { post: PostId },
    /// The new server wants to be polled before anything is posted (§9).
    Awaiting { post: PostId },
    /// The session is let go of.
    Deleting,
}

impl Keep for Closing {
    fn keep(&self) -> Value {
        match self {
            Self::None => "None".into(),
            Self::Ending { post } => variant("Ending", post.keep()),
            Self::Reconnecting { post } => variant("Reconnecting", post.keep()),
            Self::Awaiting { post } => variant("Awaiting", post.keep()),
            Self::Deleting => "Deleting".into(),
        }
    }

    fn kept(value: &Value) -> Option<Self> {
        match read_variant(value)? {
            ("None", _) => Some(Self::None),
            ("Ending", data) => Keep::kept(data).map(|post| Self::Ending { post }),
            ("Reconnecting", data) => Keep::kept(data).map(|post| Self::Reconnecting { post }),
            ("Awaiting", data) => Keep::kept(data).map(|post| Self::Awaiting { post }),
            ("Deleting", _) => Some(Self::Deleting),
            _ => None,
        }
    }
}

impl LiveAgent {
    pub(super) fn begin_close(&mut self, post: PostId, cause: Cause) -> Option<Request> {
        self.credentials.as_ref()?;
        if self.closing == Closing::None {
            let was_asked_for = self.opening == Opening::Done;
            let is_to_be_told = cause != Cause::Over && was_asked_for;
            self.closing = if is_to_be_told { Closing::Ending { post } } else { Closing::Deleting };
        }
        self.closing_request()
    }

    pub(super) fn receive_close(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        match self.closing {
            Closing::None => return Ok(Progress::default()),
            Closing::Ending { post } => match response.status {
                // Over already: as good as ended (§5.6).
                403 => return Ok(Progress::default()),
                503 => self.closing = Closing::Reconnecting { post },
                409 if self.is_put_in_step(response) => {}
                429 | 502 | 504 => {
                    self.sequence.doubt();
                    return Err(unavailable(response));
                }
                // Taken or refused, it is said, and nothing will need a number after it.
                _ => self.closing = Closing::Deleting,
            },
            Closing::Reconnecting { post } => match self.take_reconnect(response) {
                Some(_) => self.closing = Closing::Awaiting { post },
                None => self.closing = Closing::Deleting,
            },
            Closing::Awaiting { post } => self.closing = Closing::Ending { post },
            Closing::Deleting => {
                return match response.status {
                    429 | 500 | 502 | 504 => Err(unavailable(response)),
                    _ => Ok(Progress::default()),
                };
            }
        }
        Ok(self.closing_request().map_or_else(Progress::default, |next| Progress::going_on(Vec::new(), next)))
    }

    fn is_put_in_step(&mut self, response: &Response) -> bool {
        actual(&response.body).is_some_and(|actual| self.sequence.put_in_step(actual) == Step::Renumbered)
    }

    fn closing_request(&mut self) -> Option<Request> {
        match self.closing {
            Closing::None => None,
            Closing::Ending { post } => {
                let number = self.sequence.number(post);
                Some(self.post("Chasitor/ChatEnd", &Headers::Numbered(number), &object! { "reason": "client" }))
            }
            Closing::Reconnecting { .. } => Some(self.reconnect_request()),
            Closing::Awaiting { .. } => self.poll_request(),
            Closing::Deleting => self.delete_request(),
        }
    }
}
