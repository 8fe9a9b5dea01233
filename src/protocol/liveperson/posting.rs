//! How the visitor's words go out (§3.7): a line for each post. Nothing tells a repeat, so that the answer, the echo among
//! the news, or news without it say what arrived.

use super::LivePerson;
use super::event::has_error;
use super::guesses::MOST_FAILURES;
use super::request::{is_refusal, unavailable};
use crate::model::PostId;
use crate::model::json::{Value, object};
use crate::model::keep::{keep_fields, keep_words};
use crate::protocol::{Parcel, Progress, ProtocolError, Request, Response, Signal};

/// What became of the posts so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Posts {
    /// The words that are on their way; `None` for signs, which are worth nothing later.
    post: Option<PostId>,
    /// How often the server failed at them.
    failures: u32,
    /// What the server knows of the visitor's typing.
    known: Sign,
    /// What it was told last.
    told: Sign,
}

keep_fields!(Posts { post, failures, known, told });

/// What the visitor is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sign {
    /// Not typing, as in every chat at first (§3.5).
    #[default]
    Silent,
    /// Typing.
    Typing,
    /// It was told, and nobody knows whether that arrived.
    Doubtful,
}

keep_words!(Sign { Silent => "Silent", Typing => "Typing", Doubtful => "Doubtful" });

impl Posts {
    /// The chat is another one by now, which knows nothing of the visitor.
    pub(super) const fn begin_elsewhere(&mut self) {
        self.known = Sign::Silent;
    }
}

impl LivePerson {
    pub(super) fn begin_post(&mut self, post: PostId, parcel: &Parcel<'_>) -> Option<Request> {
        let chat = self.chat.as_ref()?;
        match parcel {
            Parcel::Entries(entries) => {
                let lines: Vec<&str> = entries.iter().map(|entry| entry.text).collect();
                let event = object! { "@type": "line", "text": &lines.join("\n") };
                let request = self.post(&chat.events(), &object! { "event": event });
                if self.posts.post != Some(post) {
                    self.posts.post = Some(post);
                    self.posts.failures = 0;
                }
                Some(request)
            }
            Parcel::Signal(Signal::Renamed(name)) => {
                let request = self.name_request(name);
                let known = self.posts.known;
                self.posts = Posts { post: None, failures: 0, known, told: known };
                request
            }
            Parcel::Signal(signal) => {
                let (sign, state) = match signal {
                    Signal::Typing => (Sign::Typing, "typing"),
                    Signal::NotTyping => (Sign::Silent, "not-typing"),
                    // There is nothing like it (§0).
                    Signal::Peek(_)
                    | Signal::IdleWarned
                    | Signal::IdleCleared
                    | Signal::Read
                    | Signal::Unshare(_)
                    | Signal::Renamed(_) => return None,
                };
                // Only what changed is told (§3.10).
                if self.posts.known == sign {
                    return None;
                }
                let request = self.put(&chat.visitor_typing(), &object! { "visitorTyping": state });
                self.posts = Posts { post: None, failures: 0, known: Sign::Doubtful, told: sign };
                Some(request)
            }
            // Nothing is asked in the middle of a chat, and events of a page's own are not known here.
            Parcel::Answers(_) | Parcel::Person | Parcel::Custom { .. } => None,
        }
    }

    pub(super) fn receive_post(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        let refused = ProtocolError::Refused { noun: "line", status: response.status };
        match response.status {
            200..=299 => {
                let body: Value = Value::parse(&response.body).unwrap_or_default();
                if has_error(&body) {
                    return Err(refused);
                }
                if self.posts.post.is_none() {
                    self.posts.known = self.posts.told;
                }
                Ok(Progress::default())
            }
            // Not found says nothing about the words: the chat may live on another server for a moment (§5), and whether it
            // is gone the polls find out.
            status if is_refusal(status) && status != 404 => Err(refused),
            // Throttled is not taken.
            429 => Err(unavailable(response)),
            _ => {
                self.posts.failures = self.posts.failures.saturating_add(1);
                if self.posts.post.is_some() && self.posts.failures >= MOST_FAILURES {
                    return Err(ProtocolError::Unconfirmed { noun: "line" });
                }
                Err(unavailable(response))
            }
        }
    }
}
