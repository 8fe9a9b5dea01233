//! What LivePerson keeps of one chat: its events, how long its visitor may be silent, and what its client knows.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::hub::{Action, Dialect, Fact, Message};
use crate::live_person::events::{self, Event};
use crate::live_person::words;
use crate::settings::Settings;

/// A chat of LivePerson's.
#[derive(Debug)]
pub struct Session {
    /// Its account.
    pub account: String,
    /// Where the server can be reached.
    pub base: String,
    /// Everything that happened, in order.
    pub events: Vec<Event>,
    /// What the visitor asked for.
    pub skill: Option<String>,
    /// The skill that a transfer to a queue is about to ask for.
    pub next_skill: Option<String>,
    /// The account that a transfer is about to offer.
    pub next_account: Option<String>,
    /// How long the visitor wants to be allowed to be silent.
    pub wanted_timeout: Option<Duration>,
    /// The visitor's number, by which later chats are linked to this one.
    pub visitor_id: u64,
    /// The number that correlates both sides.
    pub rt_session_id: u64,
    /// The visitor's language, if told.
    pub language: Option<String>,
    /// The campaign's ids as they were told, under their names in `info`.
    pub campaign: Vec<(&'static str, Value)>,
    /// When the chat began.
    pub began: Instant,
    /// The last call.
    pub last_call: Instant,
    /// Since when it is over.
    pub over: Option<Instant>,
    /// Since when the client knows that it is over.
    pub told_over: Option<Instant>,
    /// What the visitor said last about typing, and in which request.
    pub typing: (bool, Option<u64>),
    /// Whether that was said again since: a page that was loaded anew cannot know that it arrived.
    pub is_typing_repeated: bool,
    /// When polls came.
    pub polls: VecDeque<Instant>,
    /// The transfer to another account that was offered and not taken yet.
    pub transfer: Option<AccountTransfer>,
    timeout_line: bool,
    began_ms: u64,
}

/// An offer to go on in another account.
#[derive(Debug, Clone)]
pub struct AccountTransfer {
    /// The other account.
    pub account: String,
    /// What the next chat request there must contain unchanged.
    pub parameters: Value,
}

impl Session {
    /// A chat that begins now.
    pub fn new(account: &str, base: &str, number: u64, epoch_ms: u64) -> Self {
        let now = Instant::now();
        Self {
            account: account.to_owned(),
            base: base.to_owned(),
            events: Vec::new(),
            skill: None,
            next_skill: None,
            next_account: None,
            wanted_timeout: None,
            visitor_id: 70_070_000 + number,
            rt_session_id: 4_294_967_000 + number,
            language: None,
            campaign: Vec::new(),
            began: now,
            last_call: now,
            over: None,
            told_over: None,
            typing: (false, None),
            is_typing_repeated: false,
            polls: VecDeque::new(),
            transfer: None,
            timeout_line: true,
            began_ms: epoch_ms,
        }
    }

    /// How long the visitor may be silent.
    pub fn timeout(&self, settings: &Settings) -> Duration {
        let switches = &settings.liveperson;
        let longest = Duration::from_millis(switches.longest_timeout_ms);
        let usual = Duration::from_millis(switches.chat_timeout_ms);
        self.wanted_timeout.map_or(usual, |wanted| wanted.min(longest))
    }

    /// Whether it is over for so long that nobody may read it any more.
    pub fn is_gone(&self, settings: &Settings) -> bool {
        let kept = Duration::from_millis(settings.liveperson.ended_kept_ms);
        self.over.is_some_and(|over| over.max(self.last_call).elapsed() > kept)
    }

    /// Adds an event and gives its number.
    pub fn add(&mut self, kind: &str, fields: Value) -> u64 {
        let id = u64::try_from(self.events.len()).unwrap_or_default();
        let event = Event { id, at: self.now_ms(), kind: kind.to_owned(), fields };
        if event.state() == Some("ended") {
            self.over = self.over.or(Some(Instant::now()));
        }
        self.events.push(event);
        id
    }

    /// The state that was told last.
    pub fn state(&self) -> Option<&str> {
        self.events.iter().rev().find_map(Event::state)
    }

    /// The last call, in milliseconds since the epoch.
    pub fn last_call_ms(&self) -> u64 {
        self.began_ms + millis(self.last_call.saturating_duration_since(self.began))
    }

    /// Keeps whether a lost visitor gets a line of the system's: nobody can read the switches when it is asked.
    pub fn keep_switches(&mut self, settings: &Settings) {
        self.timeout_line = settings.liveperson.timeout_line;
    }

    fn now_ms(&self) -> u64 {
        self.began_ms + millis(self.began.elapsed())
    }
}

impl Dialect for Session {
    fn name(&self) -> &'static str {
        "liveperson"
    }

    fn express(&mut self, action: &Action, agent: &str, settings: &Settings, _at: u64) -> Vec<Message> {
        words::express(self, action, agent, settings)
    }

    fn queue(&mut self, kind: &str, content: Option<Value>) -> u64 {
        self.add(kind, content.unwrap_or_else(|| json!({})))
    }

    fn is_overdue(&self, settings: &Settings) -> bool {
        self.over.is_none() && self.last_call.elapsed() > self.timeout(settings)
    }

    fn expire(&mut self) -> bool {
        let was_alive = self.over.is_none();
        if was_alive {
            if self.timeout_line {
                self.add("line", events::system(events::LOST, Some(6)));
            }
            self.add("state", events::state("ended"));
        }
        was_alive
    }

    fn learn(&mut self, fact: Fact) {
        if fact == Fact::Over {
            self.told_over = self.told_over.or(Some(Instant::now()));
        }
    }

    fn report(&self) -> Value {
        json!({
            "account": self.account,
            "skill": self.skill,
            "visitorId": self.visitor_id,
            "events": self.events.len(),
            "state": self.state(),
            "typing": self.typing.0,
        })
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or_default()
}
