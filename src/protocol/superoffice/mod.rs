//! SuperOffice Chat through a gateway, the visitor's side (`superoffice.md` §9).
//!
//! A machine without I/O: it words requests, keeps the session's key and the position, and turns answers into facts. It
//! knows nothing of time, order and retries. Each room holds one question: `opening` how a session begins, `topic` what
//! its channel is set up to do, `news` what a session and its messages mean, `standing` and `message` how they are read,
//! `posting` how words, answers and wishes go out, `closing` how it ends and is gone back to. What nobody has documented
//! is assumed in `guess`, and nowhere else.

mod closing;
mod config;
mod guess;
mod message;
mod news;
mod opening;
mod posting;
mod request;
mod saved;
mod standing;
mod topic;

use std::time::Duration;

use super::http::{Content, Method};
use super::{
    Call, CallKind, Early, Next, Profile, Progress, Protocol, ProtocolError, Receipts, Request, Resend, Response,
    UnknownSave, Uploads,
};
use crate::model::EndReason;
use crate::model::json::Value;
use crate::model::keep::{Keep, read_variant, variant};

use closing::Closing;
use news::Story;
use opening::{Opening, Wish};
use posting::Posted;
use request::{Place, is_refusal, json, unavailable};
use standing::{Standing, Status};
use topic::Topic;

pub use super::attributes::ConfigError;
pub use config::Config;

/// One visitor's session.
#[derive(Debug)]
pub struct SuperOffice {
    config: Config,
    opening: Opening,
    wish: Wish,
    topic: Topic,
    /// The session, once it is there.
    place: Option<Place>,
    story: Story,
    round: Round,
    posted: Posted,
    closing: Closing,
}

/// How far a poll is: it reads the session, then the messages.
#[derive(Clone, Debug, Default, PartialEq)]
enum Round {
    /// None is under way.
    #[default]
    Rest,
    /// The session is asked for.
    Session,
    /// The session was asked for before it was changed from here.
    Outdated,
    /// The messages are asked for; and how the session stood, where that still counts.
    Messages(Option<Box<Standing>>),
}

impl Round {
    /// The session was changed from here: what was asked before does not count any more.
    fn doubted(&self) -> Self {
        match self {
            Self::Rest => Self::Rest,
            Self::Session | Self::Outdated => Self::Outdated,
            Self::Messages(_) => Self::Messages(None),
        }
    }
}

impl Keep for Round {
    fn keep(&self) -> Value {
        match self {
            Self::Rest => "Rest".into(),
            Self::Session => "Session".into(),
            Self::Outdated => "Outdated".into(),
            Self::Messages(standing) => variant("Messages", standing.as_deref().cloned().keep()),
        }
    }

    fn kept(value: &Value) -> Option<Self> {
        match read_variant(value)? {
            ("Rest", _) => Some(Self::Rest),
            ("Session", _) => Some(Self::Session),
            ("Outdated", _) => Some(Self::Outdated),
            ("Messages", standing) => {
                let standing: Option<Standing> = Keep::kept(standing)?;
                Some(Self::Messages(standing.map(Box::new)))
            }
            _ => None,
        }
    }
}

impl SuperOffice {
    /// A visitor's side that has not asked for anything yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            opening: Opening::default(),
            wish: Wish::default(),
            topic: Topic::default(),
            place: None,
            story: Story::default(),
            round: Round::default(),
            posted: Posted::default(),
            closing: Closing::default(),
        }
    }

    fn begin_poll(&mut self) -> Option<Request> {
        self.round = Round::Session;
        self.look()
    }

    fn receive_poll(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        match std::mem::take(&mut self.round) {
            Round::Rest => Ok(Progress::default()),
            Round::Session => {
                let standing = self.read_session(response)?;
                Ok(self.ask_messages(Some(standing)))
            }
            Round::Outdated => {
                self.read_session(response)?;
                Ok(self.ask_messages(None))
            }
            Round::Messages(standing) => {
                self.look_for_session(response)?;
                self.read_news(standing.as_deref(), &response.body).map(Progress::done)
            }
        }
    }

    fn ask_messages(&mut self, standing: Option<Standing>) -> Progress {
        self.round = Round::Messages(standing.map(Box::new));
        let after = self.story.seen.map(|seen| format!("?after={seen}")).unwrap_or_default();
        let request = self.ask_session(Method::Get, &format!("/Messages{after}"), Content::Empty);
        Progress { updates: Vec::new(), next: request.map_or(Next::Done, Next::Further) }
    }

    fn read_session(&mut self, response: &Response) -> Result<Standing, ProtocolError> {
        self.look_for_session(response)?;
        let unreadable = ProtocolError::Unreadable { noun: "ChatSession", detail: "no status" };
        Standing::read(&json(response, "ChatSession")?).ok_or(unreadable)
    }

    /// What the status of an answer about the session means (§8.2).
    fn look_for_session(&mut self, response: &Response) -> Result<(), ProtocolError> {
        match response.status {
            200..=299 => Ok(()),
            403 | 404 | 410 => {
                self.place = None;
                Err(ProtocolError::Over { reason: EndReason::Expired })
            }
            refused if is_refusal(refused) => Err(ProtocolError::Over { reason: EndReason::Failed }),
            _ => Err(unavailable(response)),
        }
    }
}

impl Protocol for SuperOffice {
    fn profile(&self) -> Profile {
        let rest = if self.story.status == Status::Active { guess::REST } else { guess::REST_IN_QUEUE };
        // Nothing but answers is taken while a form stands there.
        let early = if self.story.status.is_form() { Early::Held } else { Early::Welcome };
        Profile { rest, early, ..PROFILE }
    }

    fn begin(&mut self, call: &Call<'_>) -> Option<Request> {
        match call {
            Call::Open { visitor, answers } => self.begin_open(visitor, *answers),
            Call::Poll => self.begin_poll(),
            Call::Post { parcel, .. } => self.begin_post(parcel),
            // No file goes this way (§5.8).
            Call::Upload { .. } | Call::Download { .. } => None,
            Call::Resume => self.look(),
            Call::Close { cause, answers, .. } => self.begin_close(*cause, *answers),
        }
    }

    fn receive(&mut self, kind: CallKind, response: &Response) -> Result<Progress, ProtocolError> {
        match kind {
            CallKind::Open => self.receive_open(response),
            CallKind::Poll => self.receive_poll(response),
            CallKind::Post => self.receive_post(response),
            CallKind::Upload | CallKind::Download => Ok(Progress::default()),
            CallKind::Resume => self.receive_look(response),
            CallKind::Close => self.receive_close(response),
        }
    }

    /// A session that is finished goes on with the visitor's next words (§3.1).
    fn can_return(&self) -> bool {
        self.place.is_some() && self.story.status == Status::Finished
    }

    fn save(&self) -> String {
        self.saved()
    }

    fn restore(&mut self, saved: &str) -> Result<(), UnknownSave> {
        self.take_saved(saved)
    }

    fn forget(&mut self) {
        *self = Self::new(self.config.clone());
    }
}

const PROFILE: Profile = Profile {
    // A message for each post (§5.2).
    batch: 1,
    pace: Duration::ZERO,
    rest: guess::REST,
    // There is no key that tells a repeat (§5.2).
    resend: Resend::AfterEcho,
    // A session that waits takes words too (§11, 5).
    early: Early::Welcome,
    // Two polls do no harm to each other.
    settle: Duration::ZERO,
    patience: guess::PATIENCE,
    // Every poll tells anew that the agent is typing; five of them may be late.
    typing: Duration::from_secs(10),
    // Typing is over after about that long (§5.6).
    pause: Duration::from_secs(5),
    uploads: Uploads::WhenAsked,
    receipts: Receipts::Needless,
};
