//! Who is there beside the visitor: what somebody's coming or going means depends on who else is there (§1.6, §4).

use std::sync::Arc;

use super::event::{Role, Sender};
use super::guess::MOST_PARTIES;
use crate::model::keep::{keep_fields, keep_words};
use crate::protocol::Update;

/// The agents and bots that are there, and whether any ever were.
#[derive(Clone, Debug, Default)]
pub(super) struct Parties {
    present: Vec<Party>,
    attendance: Attendance,
}

/// Somebody who is there.
#[derive(Clone, Debug)]
struct Party {
    id: String,
    nature: Nature,
    name: Option<Arc<str>>,
}

/// Who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nature {
    /// A person.
    Agent,
    /// A program.
    Bot,
}

/// Whether anybody has been there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Attendance {
    /// Nobody, so far.
    #[default]
    Nobody,
    /// Somebody, even if they left.
    Somebody,
}

keep_fields!(Parties { present, attendance });
keep_fields!(Party { id, nature, name });
keep_words!(Nature { Agent => "agent", Bot => "bot" });
keep_words!(Attendance { Nobody => "nobody", Somebody => "somebody" });

impl Parties {
    pub(super) const fn attendance(&self) -> Attendance {
        self.attendance
    }

    /// Whether a person is there.
    pub(super) fn has_agent(&self) -> bool {
        self.present.iter().any(|party| party.nature == Nature::Agent)
    }

    /// The sender as far as they are known: whoever came as a bot is one also without saying so again, and whoever has
    /// a name keeps it.
    pub(super) fn known(&self, mut sender: Sender) -> Sender {
        if let Some(party) = self.present.iter().find(|party| party.id == sender.id)
            && sender.role != Role::Visitor
        {
            sender.role = match party.nature {
                Nature::Agent => Role::Agent,
                Nature::Bot => Role::Bot,
            };
            sender.name = sender.name.or_else(|| party.name.clone());
        }
        sender
    }

    /// Somebody is there, whether they just came or were missed. The first agent has joined, whoever comes later has
    /// joined them, and a bot is one for as long as there is no agent.
    pub(super) fn arrive(&mut self, sender: &Sender) -> Option<Update> {
        let nature = match sender.role {
            Role::Agent => Nature::Agent,
            Role::Bot => Nature::Bot,
            Role::Visitor | Role::System => return None,
        };
        if self.present.iter().any(|party| party.id == sender.id) {
            return None;
        }
        let name = sender.name.clone();
        let has_agent = self.has_agent();
        self.attendance = Attendance::Somebody;
        self.present.push(Party { id: sender.id.clone(), nature, name: name.clone() });
        if self.present.len() > MOST_PARTIES {
            self.present.remove(0);
        }
        Some(match nature {
            Nature::Agent | Nature::Bot if has_agent => Update::ConferenceJoined { name },
            Nature::Agent => Update::Joined { name },
            Nature::Bot => Update::BotJoined { name },
        })
    }

    /// Somebody left. The last one leaves the visitor alone, which ends nothing: transfers look like that (§4).
    pub(super) fn leave(&mut self, sender: &Sender) -> Option<Update> {
        let place = self.present.iter().position(|party| party.id == sender.id);
        let was_there = place.map(|place| self.present.remove(place)).is_some();
        if was_there && self.present.is_empty() {
            return Some(Update::AgentLeft);
        }
        // Whoever was never seen to come has been there all the same.
        let is_somebody = matches!(sender.role, Role::Agent | Role::Bot);
        is_somebody.then(|| Update::ConferenceLeft { name: sender.name.clone() })
    }

    /// Somebody is called otherwise from here on (§3.8).
    pub(super) fn rename(&mut self, sender: &Sender) {
        if let Some(party) = self.present.iter_mut().find(|party| party.id == sender.id) {
            party.name.clone_from(&sender.name);
        }
    }
}
