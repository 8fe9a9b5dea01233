//! What SuperOffice keeps of one session, and how the agent's side is told in its words.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;
use uuid::Uuid;

use crate::hub::{Action, Because, Dialect, Message, Person};
use crate::settings::Settings;
use crate::stamp;
use crate::superoffice::switches::Switches;
use crate::superoffice::webhooks::Event;

/// A session of SuperOffice (§4.1).
#[derive(Debug)]
pub struct Session {
    /// Its number.
    pub id: u64,
    /// Its topic.
    pub topic: u64,
    /// The visitor's proof.
    pub key: String,
    /// How far it got.
    pub status: Status,
    /// The agent who picked it up.
    pub user: Option<Associate>,
    /// The agent who is asked to take it.
    pub transfer_to: Option<Associate>,
    /// What the visitor told: every field whose name begins with `Customer`, but the consent.
    pub customer: Map<String, Value>,
    /// Whether the visitor consented.
    pub consented: bool,
    /// Whether the bot talks.
    pub bot_is_active: bool,
    /// When things happened, in milliseconds since the epoch.
    pub when: When,
    /// The first place in the queue.
    pub place: u64,
    /// Whether the visitor types.
    pub customer_types: bool,
    /// Whether the agent types.
    pub user_types: bool,
    /// What the visitor thinks of it; 0 is nothing yet.
    pub rating: i64,
    /// Everything that was said and done.
    pub messages: Vec<Value>,
    /// What greets at pick-up.
    pub welcome: String,
    outbox: UnboundedSender<Event>,
    fetched: Instant,
}

/// When things happened.
#[derive(Debug, Default)]
pub struct When {
    /// The visitor asked.
    pub requested: Option<u64>,
    /// An agent accepted.
    pub started: Option<u64>,
    /// It ended.
    pub ended: Option<u64>,
    /// Somebody said something.
    pub idle: Option<u64>,
    /// The visitor's client asked for news.
    pub fetched: Option<u64>,
}

/// Something that is said or done.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// Who speaks to whom (§3.2).
    pub kind: &'a str,
    /// The words.
    pub words: &'a str,
    /// The name above them.
    pub author: &'a str,
    /// What is special about it (§3.3).
    pub special: &'a str,
    /// What goes with that.
    pub param: &'a str,
}

/// A user of the CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Associate {
    /// The number.
    pub id: u64,
    /// The name.
    pub name: String,
}

/// §3.1, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Status {
    /// Not known.
    Invalid,
    /// The form before the chat.
    PreChatForm,
    /// A question to the knowledge base.
    Faq,
    /// The form when nobody is there.
    OfflineForm,
    /// Waiting.
    InQueue,
    /// The visitor spoke last.
    CustomerLast,
    /// An agent or a bot spoke last.
    UserLast,
    /// Ended; the visitor may come back.
    Finished,
    /// About to be removed.
    Deleted,
    /// Closed.
    Closed,
    /// Became a request.
    RequestPosted,
    /// Ended while it waited.
    ClosedFromQueue,
}

impl Status {
    /// Whether it ended, the ends that can be taken back included.
    pub fn is_over(self) -> bool {
        self >= Self::Finished
    }
}

impl Session {
    /// A session that begins now.
    pub fn new(topic: u64, welcome: &str, at: u64, outbox: UnboundedSender<Event>) -> Self {
        Self {
            id: SESSIONS.fetch_add(1, Ordering::Relaxed),
            topic,
            key: format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()),
            status: Status::Invalid,
            user: None,
            transfer_to: None,
            customer: Map::new(),
            consented: false,
            bot_is_active: false,
            when: When { requested: Some(at), fetched: Some(at), ..When::default() },
            place: 0,
            customer_types: false,
            user_types: false,
            rating: 0,
            messages: Vec::new(),
            welcome: welcome.to_owned(),
            outbox,
            fetched: Instant::now(),
        }
    }

    /// Adds a message and gives it as it is stored.
    pub fn add(&mut self, said: &Said<'_>, posted: u64, switches: &Switches) -> Value {
        let param: String = said.param.chars().take(switches.longest_param.unwrap_or(usize::MAX)).collect();
        let message = json!({
            "ChatMessageId": MESSAGES.fetch_add(1 + switches.id_gap, Ordering::Relaxed),
            "ChatSessionId": self.id, "Type": said.kind, "Message": said.words, "Author": said.author, "ReadByCustomer": 0,
            "SpecialType": said.special, "SpecialParam": param, "WhenPosted": stamp::written(posted),
        });
        self.keep(message.clone());
        message
    }

    /// The visitor's client asked for news.
    pub fn touch(&mut self, at: u64) {
        self.fetched = Instant::now();
        self.when.fetched = Some(at);
    }

    /// Changes the status, and tells of it.
    pub fn turn(&mut self, status: Status, at: u64) {
        if self.status == status {
            return;
        }
        self.status = status;
        self.when.ended = status.is_over().then_some(at);
        self.tell(Event::Changed);
    }

    /// Tells whoever subscribed.
    pub fn tell(&self, event: Event) {
        let _nobody_listens = self.outbox.send(event);
    }

    /// What the visitor is called above a bubble.
    pub fn alias(&self) -> &str {
        self.customer.get("CustomerAlias").and_then(Value::as_str).unwrap_or_default()
    }

    /// The last thing said, as far as it is copied.
    pub fn said(&self, first: bool) -> &str {
        let mut plain = self.messages.iter().filter(|message| message.get("Type") != Some(&json!("Special")));
        let found = if first { plain.next() } else { plain.next_back() };
        found.and_then(|message| message.get("Message")?.as_str()).unwrap_or_default()
    }

    fn keep(&mut self, message: Value) {
        self.messages.push(message);
        self.tell(Event::Message);
    }

    fn spell(&mut self, action: &Action, agent: &str, at: u64) -> Vec<Message> {
        match action {
            // A bot is no user (§12): it talks while its flag is on.
            Action::Accept(person) | Action::Transfer(person) if person.bot => {
                (self.user, self.bot_is_active) = (None, true);
                Vec::new()
            }
            Action::Accept(person) | Action::Transfer(person) => self.pick_up(person, at),
            Action::TransferToQueue(_) | Action::Disconnect(_) => {
                (self.user, self.transfer_to, self.bot_is_active, self.user_types) = (None, None, false, false);
                self.turn(Status::InQueue, at);
                Vec::new()
            }
            Action::Say(words) | Action::SayHtml(words) => self.say(words, agent, at),
            Action::PushUrl(url) => {
                let fields = json!({"Type": "ToCustomer", "Message": url, "Author": agent, "SpecialParam": url});
                vec![("Url".to_owned(), Some(fields))]
            }
            Action::Typing(on) => {
                self.user_types = *on;
                self.tell(Event::Changed);
                Vec::new()
            }
            Action::End(because) => self.end(because, at),
            Action::Fail(_) => {
                let was_queued = self.status == Status::InQueue;
                self.turn(if was_queued { Status::ClosedFromQueue } else { Status::Closed }, at);
                Vec::new()
            }
            Action::Raw(raw) => vec![(String::new(), Some(raw.clone()))],
            // Places in the queue are counted by whoever asks, and of the rest the protocol knows nothing.
            Action::Succeed(_)
            | Action::Queue(_)
            | Action::Notice(_)
            | Action::Join(_)
            | Action::Leave(_)
            | Action::SendFile(_)
            | Action::IdleAlert { .. }
            | Action::CustomEvent(_)
            | Action::RequestFile(_)
            | Action::CancelFile(_)
            | Action::SensitiveRules(_) => Vec::new(),
        }
    }

    fn pick_up(&mut self, person: &Person, at: u64) -> Vec<Message> {
        let user = Associate::named(person.display_name());
        let is_transfer = self.user.replace(user.clone()).is_some();
        (self.transfer_to, self.user_types, self.bot_is_active) = (None, false, false);
        if is_transfer {
            self.tell(Event::Changed);
            return vec![special("TransferedSession", &user.name)];
        }
        self.when.started = Some(at);
        self.turn(Status::UserLast, at);
        let welcome = json!({"Type": "ToCustomer", "Message": self.welcome, "Author": user.name});
        vec![("Welcome".to_owned(), Some(welcome))]
    }

    fn say(&mut self, words: &str, agent: &str, at: u64) -> Vec<Message> {
        let kind = if self.bot_is_active { "BotMessage" } else { "None" };
        self.user_types = false;
        if !self.status.is_over() {
            self.turn(Status::UserLast, at);
        }
        vec![(kind.to_owned(), Some(json!({"Type": "ToCustomer", "Message": words, "Author": agent})))]
    }

    fn end(&mut self, because: &Because, at: u64) -> Vec<Message> {
        let was_queued = self.status == Status::InQueue;
        self.turn(if was_queued { Status::ClosedFromQueue } else { Status::Finished }, at);
        (self.user_types, self.customer_types) = (false, false);
        let kind = match because.reason.as_deref() {
            Some("idle") => "ClosedByIdle",
            Some(VISITOR) => "ClosedByCustomer",
            Some(SILENT) => return Vec::new(),
            _ => "ClosedByUser",
        };
        if was_queued { Vec::new() } else { vec![special(kind, "")] }
    }
}

impl Associate {
    /// Somebody by name; the same name has always the same number.
    pub fn named(name: &str) -> Self {
        let sum: u64 = name.bytes().map(u64::from).sum();
        Self { id: 100 + sum % 900, name: name.to_owned() }
    }

    /// The whole entity, as far as anybody looks.
    pub fn entity(&self) -> Value {
        let user = self.name.to_uppercase().replace([' ', '.'], "");
        json!({
            "AssociateId": self.id, "Name": user, "PersonId": self.id + 5_000, "Rank": 1, "Type": "EmployeeAssociate",
            "GroupIdx": 1, "FullName": self.name, "FormalName": self.name, "Deleted": false, "UserName": user.to_lowercase(),
            "TableRight": null, "FieldProperties": {},
        })
    }
}

impl Dialect for Session {
    fn name(&self) -> &'static str {
        "superoffice"
    }

    fn express(&mut self, action: &Action, agent: &str, _settings: &Settings, at: u64) -> Vec<Message> {
        let messages = self.spell(action, agent, at);
        if !messages.is_empty() {
            self.when.idle = Some(at);
        }
        messages
    }

    /// Completes a message. What a test orders stands as it is, but for the number that it lacks.
    fn queue(&mut self, kind: &str, content: Option<Value>) -> u64 {
        let id = MESSAGES.fetch_add(1, Ordering::Relaxed);
        let mut message = json!({
            "ChatMessageId": id, "ChatSessionId": self.id, "ReadByCustomer": 0, "SpecialParam": "",
            "WhenPosted": self.when.idle.map_or_else(|| stamp::UNSET.to_owned(), stamp::written),
        });
        if let Some(fields) = message.as_object_mut() {
            if !kind.is_empty() {
                fields.insert("SpecialType".to_owned(), json!(kind));
            }
            fields.extend(content.as_ref().and_then(Value::as_object).cloned().unwrap_or_default());
        }
        self.keep(message);
        id
    }

    fn is_overdue(&self, settings: &Settings) -> bool {
        !self.status.is_over() && self.fetched.elapsed() > Duration::from_millis(settings.superoffice.dead_after_ms)
    }

    fn expire(&mut self) -> bool {
        let was_alive = !self.status.is_over();
        if was_alive {
            let now = self.when.fetched.unwrap_or_default()
                + u64::try_from(self.fetched.elapsed().as_millis()).unwrap_or_default();
            self.when.idle = Some(now);
            for (kind, content) in self.end(&Because::of("idle"), now) {
                self.queue(&kind, content);
            }
        }
        was_alive
    }

    fn report(&self) -> Value {
        json!({
            "topic": self.topic, "status": self.status, "user": self.user.as_ref().map(|user| &user.name),
            "bot": self.bot_is_active, "customer": self.customer, "consented": self.consented, "rating": self.rating,
            "typing": self.customer_types, "messages": self.messages.len(), "whenFetched": self.when.fetched,
        })
    }
}

fn special(kind: &str, words: &str) -> Message {
    (kind.to_owned(), Some(json!({"Type": "Special", "Message": words, "Author": ""})))
}

/// Why the visitor's own end ends.
pub const VISITOR: &str = "visitor";
/// Why something ends without a line about it.
pub const SILENT: &str = "silent";

/// Numbers count across all sessions (§11.2).
static SESSIONS: AtomicU64 = AtomicU64::new(3_101);
static MESSAGES: AtomicU64 = AtomicU64::new(90_401);
