//! What Genesys keeps of one session: credentials, who is there, what was said, and what the client knows of it.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::genesys::files::Store;
use crate::genesys::idle::Silence;
use crate::genesys::manners::Manners;
use crate::genesys::party::Parties;
use crate::genesys::resource::{Operation, Variant};
use crate::genesys::story::Story;
use crate::genesys::switches::{KeyStyle, Switches};
use crate::genesys::words;
use crate::hub::{Action, Dialect, Fact, Kind, Message, Notices, Outcome, Rotation};
use crate::settings::Settings;

/// A session of Genesys.
#[derive(Debug)]
pub struct Session {
    /// Which interface it is held over.
    pub variant: Variant,
    /// The chat's name.
    pub chat: String,
    /// The service (v2) or the tenant (v1).
    pub service: String,
    /// The visitor's place in the session.
    pub user_id: String,
    /// The only secret.
    pub secure_key: String,
    /// The name of the server that has the session now.
    pub alias: String,
    /// Names of servers that had it before.
    pub former: Vec<String>,
    /// Whether the visitor is still in it.
    pub life: Life,
    /// Who is in it.
    pub parties: Parties,
    /// What was said and done.
    pub story: Story,
    /// How long nothing was said.
    pub silence: Silence,
    /// Files of both sides.
    pub files: Store,
    /// How the client behaves.
    pub manners: Manners,
    /// What the client knows.
    pub told: Told,
    /// What the visitor has not sent yet, as far as it was shown.
    pub draft: String,
    /// The flag of the last good answer.
    pub last_flag: bool,
    last_request: Instant,
    held: usize,
    moving: Option<Move>,
}

/// Whether the visitor is still in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It goes on.
    Alive,
    /// The other side ended it; what was said last may still be fetched.
    Ended,
    /// The visitor left.
    Left,
    /// The server removed the visitor, for a reason by number.
    Removed(u32),
}

/// What the client knows, counting only answers that left.
#[derive(Debug, Default)]
pub struct Told {
    /// That the session is over.
    pub over: Option<Over>,
    /// That a poll's answer told everything that was left.
    pub rest: bool,
    /// Since when, the latest alias.
    pub alias: Option<Instant>,
    closing: Option<Kind>,
}

/// How and when a client learnt that a session is over.
#[derive(Debug, Clone, Copy)]
pub struct Over {
    /// When the answer left.
    pub since: Instant,
    /// What it answered.
    pub by: Kind,
}

/// A move to another server.
#[derive(Debug)]
struct Move {
    rotation: Rotation,
    restored: bool,
    troubles: u32,
    processed: bool,
}

/// What a move means to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// Nothing.
    Open,
    /// It is processed, but answered as if it were not.
    OpenThenTrouble,
    /// It is not processed.
    Trouble,
}

impl Session {
    /// A session with fresh credentials.
    pub fn new(variant: Variant, chat: &str, service: &str, switches: &Switches) -> Self {
        let user_id = Uuid::new_v4().simple().to_string().to_uppercase().chars().take(16).collect();
        Self {
            variant,
            chat: chat.to_owned(),
            service: service.to_owned(),
            user_id,
            secure_key: secret(switches.key_style),
            alias: FIRST_ALIAS.to_string(),
            former: Vec::new(),
            life: Life::Alive,
            parties: Parties::default(),
            story: Story::default(),
            silence: Silence::start(),
            files: Store::default(),
            manners: Manners::default(),
            told: Told::default(),
            draft: String::new(),
            last_flag: false,
            last_request: Instant::now(),
            held: 0,
            moving: None,
        }
    }

    /// A sign of life.
    pub fn touch(&mut self) {
        self.last_request = Instant::now();
    }

    /// A poll is held from now on, and is a sign of life as long as it is.
    pub fn hold(&mut self) {
        self.held += 1;
    }

    /// What the move that may be under way means to a request.
    pub fn pass(&mut self, operation: Operation, switches: &Switches) -> Passage {
        let Some(moving) = &mut self.moving else {
            return Passage::Open;
        };
        if !std::mem::replace(&mut moving.restored, true) {
            self.story.restore(switches.handover_indexes);
            self.manners.forget_positions(self.story.next());
        }
        let is_poll = operation == Operation::Poll;
        let notices = match moving.rotation.on {
            Notices::Both => true,
            Notices::Poll => is_poll,
            Notices::Post => !is_poll,
        };
        if moving.rotation.process_in_flight && !moving.processed && operation == Operation::Send {
            moving.processed = true;
            return Passage::OpenThenTrouble;
        }
        if moving.troubles >= switches.handover_status1 {
            self.moving = None;
            return Passage::Open;
        }
        if !notices {
            return Passage::Open;
        }
        moving.troubles += 1;
        Passage::Trouble
    }
}

impl Dialect for Session {
    fn name(&self) -> &'static str {
        "genesys"
    }

    fn express(&mut self, action: &Action, agent: &str, settings: &Settings, at: u64) -> Vec<Message> {
        self.story.heed(&settings.genesys);
        words::express(self, action, agent, &settings.genesys, at)
    }

    fn queue(&mut self, kind: &str, content: Option<Value>) -> u64 {
        if BREAKS_SILENCE.contains(&kind) {
            self.silence.end();
        }
        self.story.push(kind, content.unwrap_or_else(|| json!({})))
    }

    fn is_overdue(&self, settings: &Settings) -> bool {
        let patience = Duration::from_millis(settings.genesys.flex_disconnect_ms);
        self.life == Life::Alive && self.held == 0 && self.last_request.elapsed() > patience
    }

    fn expire(&mut self) -> bool {
        let was_alive = self.life == Life::Alive;
        if was_alive {
            self.life = Life::Removed(LOGGED_OUT);
        }
        was_alive
    }

    fn rotate(&mut self, rotation: Rotation) {
        let next = FIRST_ALIAS + u64::try_from(self.former.len()).unwrap_or_default() + 1;
        self.former.push(std::mem::replace(&mut self.alias, next.to_string()));
        self.told.alias = None;
        self.moving = Some(Move { rotation, restored: false, troubles: 0, processed: false });
    }

    fn on_request_closed(&mut self, kind: Kind, _status: Option<u16>, _outcome: Outcome) {
        if kind == Kind::Poll && self.held > 0 {
            self.held -= 1;
            self.touch();
        }
        // What the answer told is learnt right after this.
        self.told.closing = Some(kind);
    }

    fn learn(&mut self, fact: Fact) {
        let by = self.told.closing.unwrap_or(Kind::Other);
        match fact {
            Fact::Over if self.told.over.is_none_or(|over| over.by != Kind::Poll) => {
                let since = self.told.over.map_or_else(Instant::now, |over| over.since);
                self.told.over = Some(Over { since, by });
            }
            Fact::NewToken => self.told.alias = self.told.alias.or_else(|| Some(Instant::now())),
            Fact::State => self.told.rest = true,
            Fact::Over | Fact::Accepted => {}
        }
    }

    fn report(&self) -> Value {
        let variant = match self.variant {
            Variant::WebApi => "v1",
            Variant::Mobile => "v2",
        };
        json!({
            "variant": variant, "service": self.service, "alias": self.alias, "parties": self.parties.report(),
            "nextPosition": self.story.next(), "position": self.manners.position(), "files": self.files.report(),
            "removed": match self.life { Life::Removed(code) => json!(code), _ => Value::Null },
        })
    }
}

/// A secret: base64 with the characters that a form must escape, or plain digits.
fn secret(style: KeyStyle) -> String {
    let digits = Uuid::new_v4().simple().to_string();
    match style {
        KeyStyle::Hex => digits.chars().take(16).collect(),
        KeyStyle::Base64 => format!("k+/{digits}+a/B{}/Zz+9/{digits}==", Uuid::new_v4().simple()),
    }
}

/// Chat Server's number for a visitor of whom nothing was heard for too long.
const LOGGED_OUT: u32 = 8209;
/// The first server's name.
const FIRST_ALIAS: u64 = 311;
/// Events after which a conversation is no longer silent.
const BREAKS_SILENCE: [&str; 6] =
    ["ParticipantJoined", "ParticipantLeft", "Message", "PushUrl", "FileUploaded", "FileDeleted"];
