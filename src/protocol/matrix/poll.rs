//! How news come in: the poll (§5), what was left out of it (§5.3), and whether the room is still there (§4).
//!
//! A position moves with what it covers, and never before it. What one answer had no room for is read from the old
//! position on, page by page, each of which counts at once.

use std::time::Duration;

use super::failure::{Failure, list, read};
use super::guess::{MOST_SILENCE, PURGED, REMOVED};
use super::opening::Owner;
use super::saved::{Maker, is_room};
use super::wire::{HELD, messages_filter};
use super::{Matrix, config::Identity};
use crate::model::EndReason;
use crate::model::json::Value;
use crate::model::keep::{keep_fields, keep_words};
use crate::protocol::http::percent_encoded;
use crate::protocol::reading::{is_set, items, text};
use crate::protocol::{Progress, ProtocolError, Request, Response, Update};

/// What the poll that is on its way asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Errand {
    /// News.
    #[default]
    News,
    /// What was left out.
    Gap,
    /// In which rooms the visitor is.
    Rooms,
    /// To come where somebody asked the visitor to.
    Join,
}

keep_words!(Errand { News => "news", Gap => "gap", Rooms => "rooms", Join => "join" });

/// Whether the room is still there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing says otherwise.
    #[default]
    Steady,
    /// It was not heard of for long, or refused something.
    Doubted,
    /// The visitor is not in it. One poll brings what was said before, if anything can.
    Condemned,
}

keep_words!(Standing { Steady => "steady", Doubted => "doubted", Condemned => "condemned" });

/// Events that were left out of an answer (§5.3).
#[derive(Clone, Debug)]
pub(super) struct Gap {
    /// Where to read on; from the beginning of the room where nothing was read.
    cursor: Option<String>,
    /// Everything up to this event was read before, where the position behind it was lost.
    known: Option<String>,
    /// Where the answer ends that left them out.
    until: String,
    /// Whether the room is over behind them.
    end: Option<EndReason>,
}

keep_fields!(Gap { cursor, known, until, end });

impl Matrix {
    pub(super) fn begin_poll(&mut self) -> Option<Request> {
        self.chat.who.as_ref()?;
        self.chat.errand = match (&self.chat.gap, &self.chat.invited, self.chat.standing) {
            (Some(_), _, _) => Errand::Gap,
            (None, Some(_), _) => Errand::Join,
            (None, None, Standing::Doubted) => Errand::Rooms,
            (None, None, Standing::Steady | Standing::Condemned) => Errand::News,
        };
        match self.chat.errand {
            Errand::News => {
                let is_last = self.chat.standing == Standing::Condemned;
                Some(self.sync(if is_last { Duration::ZERO } else { HELD }))
            }
            Errand::Gap => self.messages_request(),
            Errand::Rooms => Some(self.rooms_request()),
            Errand::Join => self.chat.invited.as_ref().map(|room| self.join(room)),
        }
    }

    pub(super) fn receive_poll(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        let answer = read(response);
        let updates = match self.chat.errand {
            Errand::News => self.receive_news(answer)?,
            Errand::Gap => self.receive_gap(answer)?,
            Errand::Rooms => self.receive_rooms(answer)?,
            Errand::Join => self.receive_joined(answer)?,
        };
        Ok(Progress::done(updates))
    }

    /// In which rooms the visitor is (§4).
    fn rooms_request(&self) -> Request {
        self.get("/v3/joined_rooms")
    }

    fn receive_news(&mut self, answer: Result<Value, Failure>) -> Result<Vec<Update>, ProtocolError> {
        let body = answer.map_err(|failure| {
            // The position is not understood (§5.2): what is known is not shown twice.
            let is_misplaced = failure.status == 400 && self.chat.since.take().is_some();
            if is_misplaced { ProtocolError::OutOfStep } else { failure.error("the news") }
        })?;
        let next = text(&body, "next_batch").map(str::to_owned);
        let next = next.ok_or(ProtocolError::Unreadable { noun: "the news", detail: "no position" })?;
        let Some(room) = self.chat.room.clone() else { return Ok(self.look_for_a_room(&body, next)) };
        let of = |kind: &str| body.get("rooms")?.get(kind)?.get(&room);
        let (section, end) = match (of("leave"), of("join")) {
            (Some(left), _) => (left, Some(self.end_reason(left))),
            (None, Some(joined)) => (joined, None),
            (None, None) => return Ok(self.hear_nothing(next)),
        };
        self.chat.silence = 0;
        self.chat.standing = Standing::Steady;
        let nothing = Value::Null;
        let timeline = section.get("timeline").unwrap_or(&nothing);
        // What was said before in a room of others is no part of this conversation.
        let is_ours = self.chat.since.is_some() || self.chat.maker == Maker::Visitor;
        if is_ours && is_set(timeline, "limited") {
            let cursor = self.chat.since.clone();
            let known = if cursor.is_none() { self.chat.seen.latest().map(str::to_owned) } else { None };
            self.chat.gap = Some(Gap { cursor, known, until: next, end });
            return Ok(Vec::new());
        }
        let state = section.get("state").unwrap_or(&nothing);
        let mut updates = Vec::new();
        for event in items(state, "events").iter().chain(items(timeline, "events")) {
            self.read_event(event, &mut updates);
        }
        let ephemeral = section.get("ephemeral").unwrap_or(&nothing);
        updates.extend(
            items(ephemeral, "events").iter().filter_map(|event| self.typing_in(event).or_else(|| self.read_in(event))),
        );
        updates.extend(end.map(Update::Ended));
        self.chat.since = Some(next);
        Ok(updates)
    }

    /// The answer does not mention the room.
    fn hear_nothing(&mut self, next: String) -> Vec<Update> {
        if self.chat.standing == Standing::Condemned {
            return vec![Update::Ended(PURGED)];
        }
        let is_first = self.chat.since.replace(next).is_none();
        self.chat.silence = self.chat.silence.saturating_add(1);
        if is_first || self.chat.silence >= MOST_SILENCE {
            self.chat.standing = Standing::Doubted;
        }
        Vec::new()
    }

    /// Who waits to be invited comes wherever that is (§3.3), also where the server said yes for them.
    fn look_for_a_room(&mut self, body: &Value, next: String) -> Vec<Update> {
        let first = |kind: &str| match body.get("rooms")?.get(kind)? {
            Value::Object(rooms) => rooms.iter().map(|(id, _)| id).find(|id| is_room(id)).cloned(),
            _ => None,
        };
        // Rooms of earlier conversations are no news.
        let may_be_old = self.config.identity != Identity::Guest && self.chat.since.is_none();
        let joined = first("join").filter(|_| !may_be_old);
        self.chat.invited = first("invite");
        self.chat.since = Some(next);
        if joined.is_some() {
            self.settle_in(joined);
        }
        Vec::new()
    }

    fn receive_joined(&mut self, answer: Result<Value, Failure>) -> Result<Vec<Update>, ProtocolError> {
        match answer {
            Ok(_) => {
                let room = self.chat.invited.take();
                self.settle_in(room);
            }
            // It was taken back.
            Err(failure) if failure.is_refusal() => self.chat.invited = None,
            Err(failure) => return Err(failure.error("to join the room")),
        }
        Ok(Vec::new())
    }

    /// What is in the room is asked for from the beginning.
    fn settle_in(&mut self, room: Option<String>) {
        self.chat.room = room;
        self.chat.invited = None;
        self.chat.since = None;
    }

    fn receive_rooms(&mut self, answer: Result<Value, Failure>) -> Result<Vec<Update>, ProtocolError> {
        let body = answer.map_err(|failure| failure.error("the rooms"))?;
        let mut rooms = list(&body, "joined_rooms", "the rooms")?.iter();
        let is_in = rooms.any(|room| room.as_str() == self.chat.room.as_deref());
        self.chat.silence = 0;
        self.chat.standing = if is_in { Standing::Steady } else { Standing::Condemned };
        Ok(Vec::new())
    }

    /// §5.3, from the old position forwards, so that each page counts by itself.
    fn messages_request(&self) -> Option<Request> {
        let gap = self.chat.gap.as_ref()?;
        let from = gap.cursor.as_ref().map(|cursor| format!("&from={}", percent_encoded(cursor)));
        let below = format!(
            "/messages?dir=f{}&to={}&limit={PAGE}&filter={}",
            from.unwrap_or_default(),
            percent_encoded(&gap.until),
            percent_encoded(&messages_filter().text()),
        );
        Some(self.get(&self.room_path(&below)?))
    }

    fn receive_gap(&mut self, answer: Result<Value, Failure>) -> Result<Vec<Update>, ProtocolError> {
        let body = match answer {
            Ok(body) => body,
            // Nobody lets the visitor read it any more.
            Err(failure) if failure.is_refusal() => Value::Null,
            Err(failure) => return Err(failure.error("what was missed")),
        };
        let events = if body == Value::Null { &[] } else { list(&body, "chunk", "what was missed")? };
        let mut updates = Vec::new();
        let Some(mut gap) = self.chat.gap.take() else { return Ok(updates) };
        for event in events {
            match &gap.known {
                None => self.read_event(event, &mut updates),
                Some(known) if text(event, "event_id") == Some(known) => gap.known = None,
                Some(_) => {}
            }
        }
        // A page may be blank where everything on it was left out.
        let next = text(&body, "end").filter(|end| Some(*end) != gap.cursor.as_deref());
        match next {
            Some(next) => {
                gap.cursor = Some(next.to_owned());
                self.chat.gap = Some(gap);
            }
            None => {
                self.chat.since = Some(gap.until);
                updates.extend(gap.end.map(Update::Ended));
            }
        }
        Ok(updates)
    }

    /// Why the visitor is not in the room any more (§7).
    fn end_reason(&self, left: &Value) -> EndReason {
        let user = self.chat.who.as_ref().map(|who| who.user.as_str());
        let owner = self.chat.who.as_ref().map(|who| who.owner);
        let timeline = left.get("timeline").unwrap_or(&Value::Null);
        let own = |event: &&Value| text(event, "type") == Some("m.room.member") && text(event, "state_key") == user;
        let Some(last) = items(timeline, "events").iter().rfind(own) else { return REMOVED };
        let membership = last.get("content").and_then(|content| text(content, "membership"));
        match membership {
            Some("ban") => EndReason::Blocked,
            _ if text(last, "sender") != user => REMOVED,
            // Nobody else is this visitor: a server that takes a room away lets everybody in it leave.
            _ if owner == Some(Owner::Page) => PURGED,
            _ => EndReason::Visitor,
        }
    }
}

/// As many of the events that were left out as fit into one answer.
const PAGE: u64 = 50;
