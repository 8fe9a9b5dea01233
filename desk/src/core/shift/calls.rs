//! What is asked once, and what became of it. Nothing here is asked again by itself but the agent's words, and those only
//! when later news do not have them.

use holdfast_chat::model::{RequestId, Timestamp};
use holdfast_chat::protocol::Response;
use holdfast_chat::protocol::liveperson::desk::ChatKey;

use super::{Call, ChatId, Outcome, Shift};
use crate::api::{Target, colleagues, last_part};
use crate::core::deed::{Deed, Trouble};
use crate::core::{Ending, EntryState};

impl Shift {
    pub(super) fn on_called(&mut self, id: RequestId, call: Call, outcome: Outcome, now: Timestamp) {
        match call {
            // What came of it is seen by asking.
            Call::Be(_) => self.attendance.hurry(),
            Call::Typing => {}
            Call::Take => self.on_taken(outcome),
            Call::LookAround => {
                if let Some(found) = outcome.ok().and_then(|response| colleagues(&response.body)) {
                    let name = self.name.clone();
                    self.colleagues = found.into_iter().filter(|one| one.name != name).collect::<Vec<_>>().into();
                }
            }
            Call::Post { chat } => self.on_posted(chat, id, outcome, now),
            Call::Do { chat, deed } => self.on_done(chat, deed, &outcome, now),
        }
    }

    fn on_taken(&mut self, outcome: Outcome) {
        match judged(&outcome) {
            Ok(response) => {
                let key = last_part(response, "chatLocation").and_then(|key| ChatKey::parse(&key));
                if let Some(key) = key.or_else(|| self.wanted.clone()) {
                    self.listed.push(key.clone());
                    self.wanted = Some(key);
                }
            }
            Err(Trouble::Refused) => {
                self.wanted = None;
                self.trouble = Some(Trouble::Taken);
            }
            Err(trouble) => self.trouble = Some(trouble),
        }
        self.own.hurry();
        self.queue.hurry();
    }

    fn on_posted(&mut self, chat: ChatId, request: RequestId, outcome: Outcome, now: Timestamp) {
        let state = match &outcome {
            Ok(response) if matches!(response.status, 200..=299) => {
                let event = last_part(response, "chatEventLocation").and_then(|id| id.parse().ok());
                EntryState::Arrived(event)
            }
            // It was not taken, and may be later.
            Ok(response) if response.status == 429 => EntryState::Queued,
            Ok(response) if matches!(response.status, 400..=499) => EntryState::Refused,
            Ok(_) | Err(_) => EntryState::Doubtful { since: now },
        };
        self.change(chat, |chat| {
            chat.outbox.settle(request, state);
            if !chat.is_open() {
                chat.outbox.refuse_rest();
            }
        });
        self.news.hurry();
    }

    fn on_done(&mut self, id: ChatId, deed: Deed, outcome: &Outcome, now: Timestamp) {
        self.change(id, |chat| chat.doing = None);
        if let Err(trouble) = judged(outcome) {
            self.change(id, |chat| chat.trouble = chat.is_open().then_some(trouble));
            self.hurry();
            return;
        }
        match deed {
            // The chat itself tells its end, with the system's last words.
            Deed::End => self.change(id, |chat| chat.end(Ending::Ended)),
            Deed::Transfer { to: Target::Agent { .. }, name } => self.part(id, Ending::HandedOn { to: name }, now),
            Deed::Transfer { to: Target::Queue, .. } => self.part(id, Ending::HandedOn { to: None }, now),
            Deed::RequestFile => self.change(id, |chat| chat.awaits_file = true),
            Deed::CancelFile => self.change(id, |chat| chat.awaits_file = false),
        }
        self.hurry();
    }
}

/// A response that says yes, or why not.
fn judged(outcome: &Outcome) -> Result<&Response, Trouble> {
    match outcome {
        Ok(response) if matches!(response.status, 200..=299) => Ok(response),
        Ok(response) if matches!(response.status, 400..=499) => Err(Trouble::Refused),
        Ok(_) | Err(_) => Err(Trouble::Unanswered),
    }
}
