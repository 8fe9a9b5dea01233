//! How the visitor's words go out (§3.7): a line for each post. Nothing tells a repeat, so that the answer, the echo among
//! the news, or news without it say what arrived.

use super::LivePerson;
use super::event::has_error;
use super::guesses::MOST_FAILURES;
use super::request::{is_refusal, unavailable};
use crate::model::PostId;
use crate::model::json::{Value, object};
use crate::model::keep::keep_fields;
use crate::protocol::{Parcel, Progress, ProtocolError, Request, Response, Signal};

/// How often the server failed at the words on their way.
#[derive(Clone, Debug, Default)]
pub(super) struct Tries {
    /// Whose; `None` for signs, which are worth nothing later.
    post: Option<PostId>,
    failures: u32,
}

keep_fields!(Tries { post, failures });

impl LivePerson {
    pub(super) fn begin_post(&mut self, post: PostId, parcel: &Parcel<'_>) -> Option<Request> {
        let chat = self.chat.as_ref()?;
        let typing = |state: &str| self.put(&chat.visitor_typing(), &object! { "visitorTyping": state });
        match parcel {
            Parcel::Entries(entries) => {
                let lines: Vec<&str> = entries.iter().map(|entry| entry.text).collect();
                let event = object! { "@type": "line", "text": &lines.join("\n") };
                let request = self.post(&chat.events(), &object! { "event": event });
                if self.tries.post != Some(post) {
                    self.tries = Tries { post: Some(post), failures: 0 };
                }
                Some(request)
            }
            Parcel::Signal(signal) => {
                let request = match signal {
                    Signal::Typing => typing("typing"),
                    Signal::NotTyping => typing("not-typing"),
                    // There is nothing like it (§0).
                    Signal::Peek(_) | Signal::IdleWarned | Signal::IdleCleared => return None,
                };
                self.tries = Tries::default();
                Some(request)
            }
            // Nothing is asked in the middle of a chat, and events of a page's own are not known here.
            Parcel::Answers(_) | Parcel::Custom { .. } => None,
        }
    }

    pub(super) fn receive_post(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        let refused = ProtocolError::Refused { noun: "line", status: response.status };
        match response.status {
            200..=299 => {
                let body: Value = Value::parse(&response.body).unwrap_or_default();
                if has_error(&body) { Err(refused) } else { Ok(Progress::default()) }
            }
            status if is_refusal(status) => Err(refused),
            // Throttled is not taken, and says nothing about the words.
            429 => Err(unavailable(response)),
            _ => {
                self.tries.failures = self.tries.failures.saturating_add(1);
                if self.tries.post.is_some() && self.tries.failures >= MOST_FAILURES {
                    return Err(ProtocolError::Unconfirmed { noun: "line" });
                }
                Err(unavailable(response))
            }
        }
    }
}
