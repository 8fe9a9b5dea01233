//! Who is in a session, under which number, and how each stands in an event's `from`.

use serde_json::{Value, json};

/// Everybody in a session.
#[derive(Debug, Default)]
pub struct Parties {
    count: u32,
    present: Vec<Party>,
    talker: Option<u32>,
}

/// One participant.
#[derive(Debug, Clone)]
pub struct Party {
    /// The number, which is not the visitor's `userId`.
    pub id: u32,
    /// The name that everybody sees.
    pub nickname: String,
    /// In which role.
    pub role: Role,
}

/// What a participant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The visitor.
    Client,
    /// A person who answers.
    Agent,
    /// A program that answers.
    Bot,
    /// A person who watches over another.
    Supervisor,
    /// Anything else that is no person.
    External,
}

impl Parties {
    /// Somebody joins.
    pub fn join(&mut self, nickname: &str, role: Role) -> Party {
        let party = self.stranger(nickname, role);
        self.present.push(party.clone());
        party
    }

    /// Somebody joins and is the one who talks from now on.
    pub fn join_talking(&mut self, nickname: &str, role: Role) -> Party {
        let party = self.join(nickname, role);
        self.talker = Some(party.id);
        party
    }

    /// The one who talks leaves.
    pub fn leave_talking(&mut self) -> Option<Party> {
        let id = self.talker.take()?;
        let place = self.present.iter().position(|party| party.id == id)?;
        Some(self.present.remove(place))
    }

    /// Somebody of this name leaves, the visitor excepted.
    pub fn leave(&mut self, nickname: &str) -> Option<Party> {
        let is_it = |party: &Party| party.nickname == nickname && party.role != Role::Client;
        let place = self.present.iter().rposition(is_it)?;
        let party = self.present.remove(place);
        self.talker = self.talker.filter(|id| *id != party.id);
        Some(party)
    }

    /// Everybody leaves, the visitor last.
    pub fn leave_all(&mut self) -> Vec<Party> {
        self.talker = None;
        let (clients, mut others): (Vec<_>, Vec<_>) = self.present.drain(..).partition(|it| it.role == Role::Client);
        others.extend(clients);
        others
    }

    /// The visitor takes another name.
    pub fn rename_client(&mut self, nickname: &str) {
        for party in self.present.iter_mut().filter(|party| party.role == Role::Client) {
            nickname.clone_into(&mut party.nickname);
        }
    }

    /// The visitor, who is there until the end.
    pub fn client(&self) -> Option<Party> {
        self.present.iter().find(|party| party.role == Role::Client).cloned()
    }

    /// Whoever talks under this name: the one who does, else somebody of that name who need not be there.
    pub fn speaker(&mut self, nickname: &str) -> Party {
        let talker = self.present.iter().find(|party| Some(party.id) == self.talker);
        let namesake = || self.present.iter().find(|party| party.nickname == nickname && party.role != Role::Client);
        match talker.or_else(namesake).cloned() {
            Some(party) => party,
            None => self.stranger(nickname, Role::Agent),
        }
    }

    /// The system, which speaks without being there.
    pub fn system(&mut self) -> Party {
        let found = self.present.iter().find(|party| party.role == Role::External).cloned();
        found.unwrap_or(Party { id: 0, nickname: "System".to_owned(), role: Role::External })
    }

    /// Whether a person who answers is there.
    pub fn has_agent(&self) -> bool {
        self.present.iter().any(|party| matches!(party.role, Role::Agent | Role::Supervisor))
    }

    /// What the record shows.
    pub fn report(&self) -> Value {
        self.present.iter().map(|party| json!({"nickname": party.nickname, "type": party.role.name()})).collect()
    }

    fn stranger(&mut self, nickname: &str, role: Role) -> Party {
        self.count += 1;
        Party { id: self.count, nickname: nickname.to_owned(), role }
    }
}

impl Party {
    /// An event of this participant's.
    pub fn event(&self, at: u64) -> Value {
        let from = json!({"nickname": self.nickname, "participantId": self.id, "type": self.role.name()});
        let mut event = json!({"from": from, "utcTime": at});
        if self.role == Role::Bot {
            put(&mut event, "eventAttributes", json!({"GCTI_SYSTEM": {"party-info": {"style": "BOT"}}}));
        }
        event
    }

    /// The same, with words.
    pub fn words(&self, text: &str, at: u64) -> Value {
        let mut event = self.event(at);
        put(&mut event, "text", json!(text));
        event
    }
}

impl Role {
    /// The participant type; a bot has none of its own, and the answer chooses one.
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "Client",
            Self::Agent => "Agent",
            Self::Bot => BOT,
            Self::Supervisor => "Supervisor",
            Self::External => "External",
        }
    }
}

/// Sets a field of an object.
pub fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

/// Stands for a bot's participant type until an answer leaves.
pub const BOT: &str = "Bot";
