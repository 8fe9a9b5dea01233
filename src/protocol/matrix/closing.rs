//! How a conversation ends: the visitor leaves the room, forgets it and signs out (§10).

use super::Matrix;
use super::failure::read;
use super::opening::{Owner, Stage};
use super::saved::is_room;
use crate::model::json::object;
use crate::model::keep::keep_words;
use crate::protocol::reading::text;
use crate::protocol::{Cause, Progress, ProtocolError, Request, Response};

/// How far the end is. A repeat goes on where it stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Closing {
    /// Nothing was said about an end.
    #[default]
    Open,
    /// The room that was asked for is looked for, because agents are invited to it.
    Finding,
    /// The visitor leaves the room.
    Leaving,
    /// The room is taken out of what the visitor ever sees.
    Forgetting,
    /// The visitor's token is given up.
    SigningOut,
    /// All that was done.
    Done,
}

keep_words!(Closing {
    Open => "open",
    Finding => "finding",
    Leaving => "leaving",
    Forgetting => "forgetting",
    SigningOut => "signing-out",
    Done => "done",
});

impl Matrix {
    /// Who was removed leaves nothing, and forgets all the same.
    pub(super) fn begin_close(&mut self, _cause: Cause) -> Option<Request> {
        if self.chat.closing == Closing::Open {
            let may_be_there = matches!(self.chat.entry.stage, Stage::Creating | Stage::Finding);
            self.chat.closing = match &self.chat.room {
                Some(_) => Closing::Leaving,
                None if may_be_there => Closing::Finding,
                None => Closing::SigningOut,
            };
        }
        self.closing_request()
    }

    pub(super) fn receive_close(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        let answer = read(response);
        // Refused or not, it is said; only what nobody heard is said again.
        if let Err(failure) = &answer
            && let error @ (ProtocolError::Unavailable { .. } | ProtocolError::Unreadable { .. }) =
                failure.error("the end")
        {
            return Err(error);
        }
        self.chat.closing = match self.chat.closing {
            Closing::Open | Closing::SigningOut | Closing::Done => Closing::Done,
            Closing::Finding => {
                let body = answer.unwrap_or_default();
                self.chat.room = text(&body, "room_id").filter(|room| is_room(room)).map(str::to_owned);
                if self.chat.room.is_some() { Closing::Leaving } else { Closing::SigningOut }
            }
            Closing::Leaving => Closing::Forgetting,
            Closing::Forgetting => Closing::SigningOut,
        };
        Ok(match self.closing_request() {
            Some(request) => Progress::going_on(Vec::new(), request),
            None => Progress::default(),
        })
    }

    fn closing_request(&self) -> Option<Request> {
        let who = self.chat.who.as_ref()?;
        match self.chat.closing {
            Closing::Open | Closing::Done => None,
            Closing::Finding => self.room_by_alias(),
            Closing::Leaving => Some(self.post(&self.room_path("/leave")?, &object! {})),
            Closing::Forgetting => Some(self.post(&self.room_path("/forget")?, &object! {})),
            Closing::SigningOut => (who.owner == Owner::Page).then(|| self.post("/v3/logout", &object! {})),
        }
    }
}
