//! What Live Agent keeps of one session: credentials, numbers, and where a handover stands.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use crate::hub::{Action, Dialect, Fact, Kind, Message, Outcome, Rotation};
use crate::live_agent::handover::Handover;
use crate::live_agent::outbound::Outbound;
use crate::live_agent::words;
use crate::settings::Settings;

/// A Live Agent session.
#[derive(Debug)]
pub struct Session {
    /// The only secret.
    pub key: String,
    /// The token of the server that has the chat now.
    pub affinity: String,
    /// Tokens of servers that had it before.
    pub former: Vec<String>,
    /// The last sequence number that was processed.
    pub last_sequence: u64,
    /// What goes to the visitor.
    pub outbound: Outbound,
    /// Where a handover stands.
    pub handover: Handover,
    /// What the client knows.
    pub told: Told,
    /// Whether the visitor's state must be delivered before a POST may come.
    pub awaiting_state: bool,
    /// Whether the session is still good.
    pub life: Life,
    /// The last sign of a poll.
    pub last_poll: Instant,
    /// The poll that may be answered, where a second one is tolerated.
    pub current_poll: Option<u64>,
    /// Whether `ChasitorInit` was processed.
    pub initialised: bool,
    /// Whether the visitor wants to know about the queue.
    pub queue_updates: bool,
    /// Whether the agent may see unsent words.
    pub sneak_peek: bool,
    /// The token of the file that the agent waits for.
    pub file: Option<String>,
    /// Where files go.
    pub upload_url: String,
    /// Identifies the visitor over several chats.
    pub visitor_id: String,
}

/// Whether a session is still good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It is, although the chat may be over.
    Alive,
    /// A second poll killed it.
    Terminated,
    /// Nobody polled for too long.
    Expired,
    /// The visitor deleted it.
    Deleted,
}

/// What the client knows, counting only answers that left.
#[derive(Debug, Default)]
pub struct Told {
    /// That an agent accepted.
    pub accepted: bool,
    /// Since when, that the chat is over.
    pub over: Option<Instant>,
    /// Since when, the token after the latest handover.
    pub token: Option<Instant>,
    /// The visitor's state after the latest handover.
    pub state: bool,
    /// That something moved, although nothing did: a fault said so.
    pub outage: bool,
}

impl Told {
    /// Takes note of an answer that left.
    pub fn learn(&mut self, fact: Fact) {
        match fact {
            Fact::Accepted => self.accepted = true,
            Fact::Over => self.over = self.over.or(Some(Instant::now())),
            Fact::NewToken => self.token = Some(Instant::now()),
            Fact::State => self.state = true,
        }
    }
}

impl Session {
    /// A session with fresh credentials.
    pub fn new(id: &str, epoch_ms: u64, base: &str) -> Self {
        Self {
            key: format!("{id}!{epoch_ms}!{}", secret()),
            affinity: token(),
            former: Vec::new(),
            last_sequence: 0,
            outbound: Outbound::default(),
            handover: Handover::None,
            told: Told::default(),
            awaiting_state: false,
            life: Life::Alive,
            last_poll: Instant::now(),
            current_poll: None,
            initialised: false,
            queue_updates: true,
            sneak_peek: false,
            file: None,
            upload_url: format!("{base}/live-agent/upload"),
            visitor_id: Uuid::new_v4().to_string(),
        }
    }
}

impl Dialect for Session {
    fn name(&self) -> &'static str {
        "live-agent"
    }

    fn express(&mut self, action: &Action, agent: &str, settings: &Settings, _at: u64) -> Vec<Message> {
        words::express(self, action, agent, settings)
    }

    fn queue(&mut self, kind: &str, content: Option<Value>) -> u64 {
        self.outbound.push(kind, content)
    }

    fn is_overdue(&self, settings: &Settings) -> bool {
        self.last_poll.elapsed() > Duration::from_millis(settings.expiry_ms)
    }

    fn expire(&mut self) -> bool {
        let was_alive = self.life == Life::Alive;
        if was_alive {
            self.life = Life::Expired;
        }
        was_alive
    }

    fn rotate(&mut self, rotation: Rotation) {
        self.told.token = None;
        self.handover = Handover::Pending(rotation);
    }

    fn on_request_closed(&mut self, kind: Kind, status: Option<u16>, outcome: Outcome) {
        self.told.outage |= outcome == Outcome::Faulted && status == Some(503);
        if kind == Kind::Poll {
            self.last_poll = Instant::now();
        }
    }

    fn learn(&mut self, fact: Fact) {
        self.told.learn(fact);
    }
}

/// Eight hex digits.
pub fn token() -> String {
    Uuid::new_v4().simple().to_string().chars().take(8).collect()
}

/// Looks like 20 bytes in base64, and always has the characters that a path must escape.
fn secret() -> String {
    let random = Uuid::new_v4().into_bytes().into_iter().chain(Uuid::new_v4().into_bytes());
    let letters = random.take(23).filter_map(|byte| ALPHABET.get(usize::from(byte & 63)));
    let body: String = letters.map(|letter| char::from(*letter)).collect();
    format!("+/+/{body}=")
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
