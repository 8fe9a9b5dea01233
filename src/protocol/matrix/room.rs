//! How a visitor gets to a room (§4): one that is there, one of their own, or one where somebody asks them to come.

use std::time::Duration;

use super::Matrix;
use super::failure::{list, read};
use super::guess::MOST_SEARCHES;
use super::opening::Stage;
use super::saved::{Maker, is_room};
use crate::model::json::{Value, object};
use crate::protocol::http::percent_encoded;
use crate::protocol::reading::text;
use crate::protocol::{ProtocolError, Request, Response};

impl Matrix {
    /// Where somebody who has a name begins.
    pub(super) fn first_stage_of_room(&self) -> Stage {
        if self.chat.room.is_some() || self.config.room.is_some() {
            Stage::Joining
        } else if self.config.support.is_empty() {
            // Somebody invites them (§3.3).
            Stage::Ready
        } else {
            Stage::Creating
        }
    }

    pub(super) fn room_request(&self, stage: Stage) -> Option<Request> {
        match stage {
            Stage::Joining => Some(self.join(self.chat.room.as_ref().or(self.config.room.as_ref())?)),
            Stage::Creating => Some(self.post("/v3/createRoom", &self.wanted_room()?)),
            Stage::Finding => self.room_by_alias(),
            Stage::Counting => Some(self.get(&self.room_path("/members?not_membership=leave")?)),
            Stage::Inviting => {
                let user = self.chat.entry.missing.first()?;
                Some(self.post(&self.room_path("/invite")?, &object! { "user_id": user }))
            }
            _ => None,
        }
    }

    /// The room that was asked for, by its alias; `None` where nobody is signed in.
    pub(super) fn room_by_alias(&self) -> Option<Request> {
        let (_, server) = self.chat.who.as_ref()?.user.split_once(':')?;
        let alias = format!("#{}:{server}", self.alias());
        Some(self.get(&format!("/v3/directory/room/{}", percent_encoded(&alias))))
    }

    pub(super) fn join(&self, room: &str) -> Request {
        self.post(&format!("/v3/join/{}", percent_encoded(room)), &object! {})
    }

    pub(super) fn receive_room(&mut self, stage: Stage, response: &Response) -> Result<Stage, ProtocolError> {
        let answer = read(response);
        match (stage, answer) {
            (Stage::Joining, Ok(body)) => {
                self.enter(&body)?;
                Ok(Stage::Ready)
            }
            (Stage::Joining, Err(failure)) => Err(failure.error("to join the room")),
            (Stage::Creating, Ok(body)) => {
                self.enter(&body)?;
                self.chat.maker = Maker::Visitor;
                Ok(Stage::Ready)
            }
            // An earlier try made it, and its answer was lost.
            (Stage::Creating, Err(failure)) if failure.code == "M_ROOM_IN_USE" => Ok(Stage::Finding),
            (Stage::Creating, Err(failure)) if failure.status == 409 => {
                self.chat.entry.stage = Stage::Finding;
                Err(ProtocolError::Unavailable { status: 409, after: Some(BEING_MADE) })
            }
            (Stage::Creating, Err(failure)) => Err(failure.error("a room")),
            (Stage::Finding, Ok(body)) => {
                self.enter(&body)?;
                self.chat.maker = Maker::Visitor;
                Ok(Stage::Counting)
            }
            (Stage::Finding, Err(failure)) if failure.is_refusal() => {
                self.chat.entry.refusals = self.chat.entry.refusals.saturating_add(1);
                if self.chat.entry.refusals >= MOST_SEARCHES {
                    self.take_another_name();
                }
                self.chat.entry.stage = Stage::Creating;
                Err(ProtocolError::Unavailable { status: failure.status, after: Some(BEING_MADE) })
            }
            (Stage::Finding, Err(failure)) => Err(failure.error("the room")),
            (Stage::Counting, Ok(body)) => {
                self.chat.entry.missing = self.missing_from(list(&body, "chunk", "who is in the room")?);
                Ok(self.next_invitation())
            }
            // It was left half built, and its name is used up (§4).
            (Stage::Counting, Err(failure)) if failure.is_refusal() => {
                self.chat.room = None;
                self.take_another_name();
                Ok(Stage::Creating)
            }
            (Stage::Counting, Err(failure)) => Err(failure.error("who is in the room")),
            // Whoever cannot be invited is there already, or does not exist.
            (_, answer) => {
                match answer {
                    Err(failure) if !failure.is_refusal() => return Err(failure.error("an invitation")),
                    Ok(_) | Err(_) => {}
                }
                if !self.chat.entry.missing.is_empty() {
                    self.chat.entry.missing.remove(0);
                }
                Ok(self.next_invitation())
            }
        }
    }

    fn next_invitation(&self) -> Stage {
        if self.chat.entry.missing.is_empty() { Stage::Ready } else { Stage::Inviting }
    }

    /// Nothing was said yet under the one that is used up.
    fn take_another_name(&mut self) {
        self.chat.name.push('n');
        self.chat.entry.refusals = 0;
    }

    /// Takes over which room it is.
    fn enter(&mut self, body: &Value) -> Result<(), ProtocolError> {
        let room = text(body, "room_id").filter(|room| is_room(room));
        let room = room.ok_or(ProtocolError::Unreadable { noun: "the room", detail: "no id" })?;
        self.chat.entry.refusals = 0;
        self.chat.room = Some(room.to_owned());
        Ok(())
    }

    /// The name tells one try from the next: there is no other way to repeat the wish (§4).
    fn alias(&self) -> String {
        format!("c-{}", self.chat.name)
    }

    /// §4: agents stand above the visitor, and nobody can switch encryption on.
    fn wanted_room(&self) -> Option<Value> {
        let user = &self.chat.who.as_ref()?.user;
        let mut users: Vec<(String, Value)> = Vec::new();
        if !self.config.has_almighty_creators() {
            users.push((user.clone(), 50_u64.into()));
        }
        users
            .extend(self.config.support.iter().filter(|name| *name != user).map(|name| (name.clone(), 100_u64.into())));
        let events =
            object! { "m.room.encryption": 150_u64, "m.room.power_levels": 100_u64, "m.room.tombstone": 100_u64 };
        let entry = &self.chat.entry;
        Some(object! {
            "preset": "private_chat",
            "name": entry.visitor.as_deref().unwrap_or(NAME),
            "topic": &entry.topic,
            "is_direct": false,
            "room_alias_name": &self.alias(),
            "invite": &self.config.support,
            "room_version": &self.config.room_version,
            "power_level_content_override": object! {
                "users": Value::Object(users),
                "invite": 50_u64,
                "events": events,
            },
        })
    }

    /// Who is to be invited, and neither there nor invited.
    fn missing_from(&self, members: &[Value]) -> Vec<String> {
        let is_missing = |name: &&String| {
            !members.iter().any(|event| {
                let is_in = event.get("content").and_then(|content| text(content, "membership"));
                text(event, "state_key") == Some(name) && matches!(is_in, Some("join" | "invite"))
            })
        };
        self.config.support.iter().filter(is_missing).cloned().collect()
    }
}

/// What a room is called whose visitor has no name.
const NAME: &str = "Web visitor";
/// A room that is being made is there a moment later (§4).
const BEING_MADE: Duration = Duration::from_secs(1);
