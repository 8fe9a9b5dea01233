//! Matrix, the visitor's side of its client-server API (`matrix.md`): any homeserver, agents on any Matrix client.
//!
//! A machine without I/O: it words requests, keeps who asks and the position in the room, and turns events into facts. It
//! knows nothing of time, order and retries.
//!
//! Each room holds one question: `config` where to ask, `wire` how a request looks, `failure` what an answer says that is
//! no success, `opening` how a visitor gets to be somebody, `room` how they get to a room, `poll` how news come in,
//! `event` what an event says, `files` how files are told of and fetched, `parties` who is there, `post` how words go out, `closing` how it ends, `guess` what
//! nobody wrote down.

mod closing;
mod config;
mod event;
mod failure;
mod files;
mod guess;
mod opening;
mod parties;
mod poll;
mod post;
mod room;
mod saved;
mod wire;

use std::fmt::Debug;
use std::time::Duration;

use super::{
    Call, CallKind, Early, Profile, Progress, Protocol, ProtocolError, Receipts, Request, Resend, Response,
    UnknownSave, Uploads,
};

use saved::Chat;

pub use super::attributes::ConfigError;
pub use config::Config;

/// Where names and secrets come from that nobody may foresee.
pub trait Chance: Debug {
    /// A text of letters and digits that was never drawn before, and that nobody can guess.
    fn token(&mut self) -> String;
}

/// One visitor's chat over Matrix.
#[derive(Debug)]
pub struct Matrix {
    config: Config,
    chance: Box<dyn Chance>,
    chat: Chat,
}

impl Matrix {
    /// A visitor's side that has not asked for anything yet.
    #[must_use]
    pub fn new(config: Config, chance: Box<dyn Chance>) -> Self {
        Self { config, chance, chat: Chat::default() }
    }
}

impl Protocol for Matrix {
    fn profile(&self) -> Profile {
        // Until somebody invites the visitor there is nowhere to say anything (§3.3).
        let early = if self.chat.room.is_some() { Early::Welcome } else { Early::Held };
        // Guests may send no files (§3.3), and nobody asks them to.
        let uploads =
            if self.config.identity == config::Identity::Guest { Uploads::WhenAsked } else { Uploads::Anytime };
        Profile { early, uploads, ..PROFILE }
    }

    fn begin(&mut self, call: &Call<'_>) -> Option<Request> {
        match call {
            Call::Open { visitor, .. } => self.begin_open(visitor),
            Call::Poll => self.begin_poll(),
            Call::Post { post, parcel } => self.begin_post(*post, parcel),
            Call::Upload { file, name, size } => self.begin_upload(*file, name, *size),
            Call::Download { file } => self.begin_download(file),
            Call::Resume => self.begin_resume(),
            Call::Close { cause, .. } => self.begin_close(*cause),
        }
    }

    fn receive(&mut self, kind: CallKind, response: &Response) -> Result<Progress, ProtocolError> {
        let received = match kind {
            CallKind::Open | CallKind::Resume => self.receive_entry(kind, response),
            CallKind::Poll => self.receive_poll(response),
            CallKind::Post => self.receive_post(response),
            CallKind::Upload => self.receive_upload(response),
            CallKind::Download => return Self::receive_download(response),
            CallKind::Close => return self.receive_close(response),
        };
        if received == Err(ProtocolError::Moved) {
            self.sign_in_again()?;
            // What is not there yet cannot have moved.
            if kind == CallKind::Open {
                return Err(ProtocolError::Unavailable { status: response.status, after: None });
            }
        }
        received
    }

    fn save(&self) -> String {
        self.chat.text()
    }

    fn restore(&mut self, saved: &str) -> Result<(), UnknownSave> {
        self.chat = Chat::parse(saved).ok_or(UnknownSave)?;
        Ok(())
    }

    fn forget(&mut self) {
        self.chat = Chat::default();
    }
}

const PROFILE: Profile = Profile {
    // An event is one request (§6).
    batch: 1,
    pace: Duration::ZERO,
    // A poll is held (§5).
    rest: Duration::ZERO,
    // By its transaction id (§6).
    resend: Resend::Recognised,
    // Whoever is invited later reads what was said before (§4).
    early: Early::Welcome,
    // Delivering consumes nothing (§5.2): two polls do no harm.
    settle: Duration::ZERO,
    patience: guess::OPENING_PATIENCE,
    typing: guess::TYPING,
    pause: Duration::from_secs(4),
    uploads: Uploads::Anytime,
    receipts: Receipts::Wanted,
};
