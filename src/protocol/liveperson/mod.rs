//! LivePerson's legacy live chat, the visitor's side (`liveperson.md`), and an agent's view of many chats.
//!
//! A machine without I/O: it words requests, keeps the chat's addresses and its position, and turns answers into facts.
//! It knows nothing of time, order and retries. Each room holds one question: `opening` how a chat begins, `news` what an
//! event means, `posting` how words go out, `transfer` how a chat goes on in another account, `closing` how it ends, `survey` what is asked before and after,
//! `document` and `event` how loosely the backend writes. What nobody has documented
//! is assumed in `guesses`, and nowhere else. [`desk`] asks for the news of many chats at once.

mod chat;
mod closing;
mod config;
pub mod desk;
mod document;
mod event;
mod guesses;
mod news;
mod opening;
mod posting;
mod request;
mod saved;
mod survey;
mod transfer;

use std::time::Duration;

use super::{
    Call, CallKind, Early, Profile, Progress, Protocol, ProtocolError, Receipts, Request, Resend, Response,
    UnknownSave, Uploads,
};
use crate::model::EndReason;

use chat::Chat;
use closing::Closing;
use news::Story;
use opening::{Opening, Wish};
use posting::Posts;
use request::unavailable;
use survey::Survey;
use transfer::Transfer;

pub use super::attributes::ConfigError;
pub use config::Config;

/// One visitor's chat over LivePerson.
#[derive(Debug)]
pub struct LivePerson {
    config: Config,
    /// What stands before `/api/account/`; found by the service directory where the page does not name it (§1).
    base: Option<String>,
    opening: Opening,
    wish: Wish,
    /// Where the chat is, once it is.
    chat: Option<Chat>,
    story: Story,
    transfer: Transfer,
    posts: Posts,
    /// The survey that is asked for, whichever it is.
    survey: Survey,
    closing: Closing,
}

impl LivePerson {
    /// A visitor's side that has not asked for anything yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            base: config.base.clone(),
            config,
            opening: Opening::default(),
            wish: Wish::default(),
            chat: None,
            story: Story::default(),
            transfer: Transfer::default(),
            posts: Posts::default(),
            survey: Survey::default(),
            closing: Closing::default(),
        }
    }

    /// Takes over the answer to a poll.
    fn receive_poll(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        if self.transfer != Transfer::None {
            return self.receive_transfer(response);
        }
        self.look_for_chat(response)?;
        let updates = self.read_news(&response.body)?;
        Ok(match self.transfer_request() {
            Some(request) => Progress::going_on(updates, request),
            None => Progress::done(updates),
        })
    }

    /// What the status of an answer with the chat means (§5, §8).
    fn look_for_chat(&mut self, response: &Response) -> Result<(), ProtocolError> {
        let strays = std::mem::take(&mut self.story.strays);
        match response.status {
            200..=299 => Ok(()),
            404 if strays < guesses::MOST_STRAYS => {
                self.story.strays = strays + 1;
                Err(unavailable(response))
            }
            gone if guesses::is_gone(gone) => {
                self.chat = None;
                Err(ProtocolError::Over { reason: EndReason::Expired })
            }
            refused if request::is_refusal(refused) => Err(ProtocolError::Over { reason: EndReason::Failed }),
            _ => Err(unavailable(response)),
        }
    }
}

impl Protocol for LivePerson {
    fn profile(&self) -> Profile {
        PROFILE
    }

    fn begin(&mut self, call: &Call<'_>) -> Option<Request> {
        match call {
            Call::Open { visitor, answers } => self.begin_open(visitor, *answers),
            Call::Poll => self.transfer_request().or_else(|| self.poll_request()),
            Call::Post { post, parcel } => self.begin_post(*post, parcel),
            // There are no files (§0).
            Call::Upload { .. } | Call::Download { .. } => None,
            // A chat moves to another account only; otherwise a poll finds whatever there is to be found.
            Call::Resume => self.transfer_request(),
            Call::Close { cause, answers, .. } => self.begin_close(*cause, *answers),
        }
    }

    fn receive(&mut self, kind: CallKind, response: &Response) -> Result<Progress, ProtocolError> {
        match kind {
            CallKind::Open => self.receive_open(response),
            CallKind::Poll => self.receive_poll(response),
            CallKind::Post => self.receive_post(response),
            CallKind::Upload | CallKind::Download => Ok(Progress::default()),
            CallKind::Resume => self.receive_transfer(response),
            CallKind::Close => self.receive_close(response),
        }
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
    // One event for each post (§3.7).
    batch: 1,
    pace: Duration::ZERO,
    // From start to start (§4).
    rest: Duration::from_secs(2),
    // No token tells a repeat (§3.7); the visitor's own lines come back with the news.
    resend: Resend::AfterEcho,
    // A chat that waits takes lines too (§3.7).
    early: Early::Welcome,
    // Two polls do no harm to each other (§5).
    settle: Duration::ZERO,
    // The usual `chatTimeout` (§0), until the chat says otherwise.
    patience: Duration::from_secs(40),
    // Every poll tells anew that the agent is typing; five of them may be late.
    typing: Duration::from_secs(10),
    // Within the 3 to 5 s after which typing is over (§3.10).
    pause: Duration::from_secs(4),
    uploads: Uploads::WhenAsked,
    receipts: Receipts::Needless,
};
