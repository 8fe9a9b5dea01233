//! How the visitor's words go out exactly once (§6): under a transaction id that is the entry's for life, and with the same
//! id in the content. What may have arrived is looked for before it is said again, because the server forgets transactions.

use super::config::Identity;
use super::failure::{list, read};
use super::guess::{CUSTOM, MARK, TYPING_MILLIS};
use super::opening::Who;
use super::poll::Standing;
use super::wire::messages_path;
use super::{Matrix, failure::Failure};
use crate::model::json::{Value, object};
use crate::model::keep::{keep_fields, keep_words};
use crate::model::{EntryId, PostId};
use crate::protocol::http::percent_encoded;
use crate::protocol::reading::text;
use crate::protocol::{Outgoing, Parcel, Progress, ProtocolError, Request, Response, Signal};
use std::time::Duration;

/// What was posted last.
#[derive(Clone, Default)]
pub(super) struct Posted {
    step: Step,
    entry: u64,
    text: String,
}

keep_fields!(Posted { step, entry, text });

/// Without the visitor's words.
impl std::fmt::Debug for Posted {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Posted").field("step", &self.step).field("entry", &self.entry).finish_non_exhaustive()
    }
}

/// How far a post is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Step {
    /// Nothing is on its way that could be said twice.
    #[default]
    Nothing,
    /// Words are on their way, or may have arrived.
    Saying,
    /// They are looked for in the room.
    Looking,
    /// They were refused, and whether the visitor is still in the room is asked for there.
    Doubting,
    /// Something that may be lost.
    Signal,
    /// An event for the agent's program.
    Custom,
}

keep_words!(Step {
    Nothing => "nothing",
    Saying => "saying",
    Looking => "looking",
    Doubting => "doubting",
    Signal => "signal",
    Custom => "custom",
});

impl Matrix {
    pub(super) fn begin_post(&mut self, post: PostId, parcel: &Parcel<'_>) -> Option<Request> {
        match parcel {
            Parcel::Entries(entries) => self.say(entries.first()?),
            Parcel::Signal(signal) => {
                let request = self.signal(post, signal)?;
                self.chat.posted.step = Step::Signal;
                Some(request)
            }
            Parcel::Custom { kind, data } => {
                let below = format!("/send/{CUSTOM}/{}-p{}", self.chat.name, post.0);
                let request = self.put(&self.room_path(&below)?, &object! { "kind": *kind, "data": *data });
                self.chat.posted.step = Step::Custom;
                Some(request)
            }
            Parcel::Answers(_) | Parcel::Person => None,
        }
    }

    pub(super) fn receive_post(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        let answer = read(response);
        match (self.chat.posted.step, answer) {
            // An earlier try arrived.
            (Step::Looking, Ok(body)) if self.is_among(list(&body, "chunk", "a message")?) => {
                self.chat.posted = Posted::default();
                Ok(Progress::default())
            }
            (Step::Looking, Ok(_)) => self.say_now(),
            // Somebody else's answer tells nothing.
            (Step::Saying, Ok(body)) if text(&body, "event_id").is_none() => Err(NO_EVENT),
            (Step::Doubting, Ok(body)) if text(&body, "membership").is_none() => Err(NO_EVENT),
            (Step::Doubting, Ok(body)) => Err(self.refusal(&body)),
            (Step::Doubting, Err(failure)) if failure.is_refusal() => Err(self.refusal(&Value::Null)),
            (Step::Saying, Err(failure)) => self.not_said(&failure),
            // The position in the room tells what became of it.
            (Step::Looking, Err(failure)) if failure.is_refusal() => self.say_now(),
            (Step::Looking | Step::Doubting, Err(failure)) => Err(failure.error("a message")),
            (Step::Custom, Err(failure)) => Err(failure.error("an event")),
            // A sign that is refused is not worth a word.
            (Step::Signal, Err(failure)) if failure.is_refusal() => Ok(Progress::default()),
            (Step::Signal, Err(failure)) => Err(failure.error("a sign")),
            (Step::Saying, Ok(body)) => {
                self.chat.own = text(&body, "event_id").map(str::to_owned);
                self.chat.posted = Posted::default();
                Ok(Progress::default())
            }
            (Step::Nothing | Step::Signal | Step::Custom, _) => {
                self.chat.posted = Posted::default();
                Ok(Progress::default())
            }
        }
    }

    /// What got no answer before is looked for first. Otherwise the words go out.
    fn say(&mut self, outgoing: &Outgoing<'_>) -> Option<Request> {
        let EntryId(entry) = outgoing.entry;
        let is_repeat = self.chat.posted.step != Step::Nothing && self.chat.posted.entry == entry;
        let step = if is_repeat { Step::Looking } else { Step::Saying };
        self.chat.posted = Posted { step, entry, text: outgoing.text.to_owned() };
        if is_repeat { self.look_request() } else { self.message_request() }
    }

    fn message_request(&self) -> Option<Request> {
        let id = format!("{}-{}", self.chat.name, self.chat.posted.entry);
        let path = self.room_path(&messages_path(&id))?;
        let mut fields = vec![
            ("msgtype".to_owned(), Value::from("m.text")),
            ("body".to_owned(), Value::from(&self.chat.posted.text)),
        ];
        fields.push((MARK.to_owned(), Value::String(id)));
        Some(self.put(&path, &Value::Object(fields)))
    }

    /// One message is on its way at most, so it is among the visitor's latest.
    fn look_request(&self) -> Option<Request> {
        let user = Value::from(&self.chat.who.as_ref()?.user);
        let filter = object! { "types": vec![Value::from("m.room.message")], "senders": vec![user] };
        let below = format!("/messages?dir=b&limit={LATEST}&filter={}", percent_encoded(&filter.text()));
        Some(self.get(&self.room_path(&below)?))
    }

    /// What the visitor is in the room (§4).
    fn membership_request(&self) -> Option<Request> {
        let user = percent_encoded(&self.chat.who.as_ref()?.user);
        Some(self.get(&self.room_path(&format!("/state/m.room.member/{user}"))?))
    }

    fn is_among(&self, events: &[Value]) -> bool {
        let entry = Some(EntryId(self.chat.posted.entry));
        events.iter().filter_map(|event| event.get("content")).any(|content| self.entry_of(content) == entry)
    }

    fn not_said(&mut self, failure: &Failure) -> Result<Progress, ProtocolError> {
        if failure.status == 403 && failure.is_refusal() {
            self.chat.posted.step = Step::Doubting;
            let request = self.membership_request().ok_or_else(|| failure.error("a message"))?;
            return Ok(Progress::going_on(Vec::new(), request));
        }
        // The server says that it did not take it: there is nothing to look for.
        if failure.is_certain() {
            self.chat.posted = Posted::default();
        }
        Err(failure.error("a message"))
    }

    /// Why words were refused: the visitor may not say them, or is not in the room any more, which the next poll tells.
    fn refusal(&mut self, member: &Value) -> ProtocolError {
        self.chat.posted = Posted::default();
        if text(member, "membership") == Some("join") {
            return ProtocolError::Refused { noun: "a message", status: 403 };
        }
        self.chat.standing = Standing::Doubted;
        ProtocolError::Unavailable { status: 403, after: Some(UNTIL_THE_NEWS) }
    }

    fn signal(&self, post: PostId, signal: &Signal) -> Option<Request> {
        match signal {
            Signal::Typing => self.typing(&object! { "typing": true, "timeout": TYPING_MILLIS }),
            Signal::NotTyping => self.typing(&object! { "typing": false }),
            Signal::Read => {
                self.member()?;
                let below = format!("/receipt/m.read/{}", percent_encoded(self.chat.seen.latest()?));
                Some(self.post(&self.room_path(&below)?, &object! {}))
            }
            Signal::Renamed(name) => self.displayed_name(name),
            Signal::Unshare(key) => {
                let (event, _) = key.split_once(' ')?;
                let below = format!("/redact/{}/{}-r{}", percent_encoded(event), self.chat.name, post.0);
                Some(self.put(&self.room_path(&below)?, &object! {}))
            }
            Signal::Peek(_) | Signal::IdleWarned | Signal::IdleCleared => None,
        }
    }

    fn typing(&self, body: &Value) -> Option<Request> {
        let user = percent_encoded(&self.member()?.user);
        Some(self.put(&self.room_path(&format!("/typing/{user}"))?, body))
    }

    /// The visitor, unless they are a guest, who has no say in some things (§3.3).
    pub(super) fn member(&self) -> Option<&Who> {
        self.chat.who.as_ref().filter(|_| self.config.identity != Identity::Guest)
    }

    fn say_now(&mut self) -> Result<Progress, ProtocolError> {
        self.chat.posted.step = Step::Saying;
        let request = self.message_request().ok_or(ProtocolError::Refused { noun: "a message", status: 0 })?;
        Ok(Progress::going_on(Vec::new(), request))
    }
}

const NO_EVENT: ProtocolError = ProtocolError::Unreadable { noun: "a message", detail: "no event" };
/// More than can have been said since by the same visitor.
const LATEST: u64 = 20;
/// A poll that is on its way may bring what the room's last words were.
const UNTIL_THE_NEWS: Duration = Duration::from_secs(5);
