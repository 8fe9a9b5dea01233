//! Salesforce Live Agent, the visitor's side (`live-agent.md`).
//!
//! A machine without I/O: it words requests, keeps credentials, the `ack` and the sequence numbers, and turns answers
//! into facts. It knows nothing of time, order and retries. Each room holds one question: `opening` how a chat begins,
//! `news` what a message means, `post` how the visitor's words are numbered, `handover` what a 503 asks for, `close` how
//! a chat ends.

mod close;
mod config;
mod handover;
mod news;
mod opening;
mod post;
mod request;
mod saved;
mod sensitive;
mod upload;

use std::time::Duration;

use super::{
    Call, CallKind, Early, Masked, Profile, Progress, Protocol, ProtocolError, Receipts, Request, Resend, Response,
    UnknownSave, Update, Uploads,
};
use crate::model::EndReason;

use close::Closing;
use handover::Handover;
use opening::Opening;
use post::Sequence;
use request::Credentials;
use sensitive::Rule;
use upload::Grant;

pub use super::attributes::ConfigError;
pub use config::{Config, Routing, Surroundings};
pub use sensitive::Redactor;

/// One visitor's chat over Live Agent.
#[derive(Debug)]
pub struct LiveAgent {
    config: Config,
    redactor: Box<dyn Redactor>,
    /// What stands before `/chat/rest/`; `SwitchServer` changes it (§4.5).
    base: String,
    switches: u32,
    opening: Opening,
    credentials: Option<Credentials>,
    /// The `sequence` of the last answer that had messages, copied, never counted (§7.1); -1 at first.
    ack: i64,
    /// The `offset` of the last answer that had messages (§3.4); 0 when there was none.
    offset: i64,
    sequence: Sequence,
    handover: Handover,
    closing: Closing,
    rules: Vec<Rule>,
    grant: Option<Grant>,
}

impl LiveAgent {
    /// A visitor's side that has not asked for anything yet. `redactor` applies the site's rules for sensitive data.
    #[must_use]
    pub fn new(config: Config, redactor: Box<dyn Redactor>) -> Self {
        Self {
            base: config.base.clone(),
            config,
            redactor,
            switches: 0,
            opening: Opening::default(),
            credentials: None,
            ack: BEFORE_FIRST,
            offset: 0,
            sequence: Sequence::default(),
            handover: Handover::default(),
            closing: Closing::default(),
            rules: Vec::new(),
            grant: None,
        }
    }

    /// Takes over the answer to a poll.
    fn receive_poll(&mut self, response: &Response) -> Result<Vec<Update>, ProtocolError> {
        match response.status {
            204 => Ok(vec![Update::Quiet]),
            200..=299 => self.read_batch(&response.body),
            status => Err(self.poll_error(status, response)),
        }
    }

    /// What a status means on a poll (§8).
    fn poll_error(&mut self, status: u16, response: &Response) -> ProtocolError {
        match status {
            403 => self.lost(EndReason::Expired),
            409 => self.lost(EndReason::Elsewhere),
            503 => self.moved(),
            400 | 401 | 404 | 405 => ProtocolError::Over { reason: EndReason::Failed },
            _ => unavailable(response),
        }
    }

    /// The backend moved the chat (§9): from here on only a handover leads on.
    fn moved(&mut self) -> ProtocolError {
        self.handover = Handover::Reconnecting { numbering: self.handover.numbering() };
        ProtocolError::Moved
    }

    /// The backend no longer knows the session, so there is nothing left to let go of.
    fn lost(&mut self, reason: EndReason) -> ProtocolError {
        self.credentials = None;
        ProtocolError::Over { reason }
    }
}

impl Protocol for LiveAgent {
    fn profile(&self) -> Profile {
        PROFILE
    }

    fn begin(&mut self, call: &Call<'_>) -> Option<Request> {
        match call {
            Call::Open { visitor, .. } => Some(self.begin_open(visitor)),
            Call::Poll => self.poll_request(),
            Call::Post { post, parcel } => self.begin_post(*post, parcel),
            Call::Upload { file, .. } => self.begin_upload(*file),
            // Agents hand over links, not files.
            Call::Download { .. } => None,
            Call::Resume => self.begin_resume(),
            Call::Close { post, cause, .. } => self.begin_close(*post, *cause),
        }
    }

    fn receive(&mut self, kind: CallKind, response: &Response) -> Result<Progress, ProtocolError> {
        match kind {
            CallKind::Open => self.receive_open(response),
            CallKind::Poll => self.receive_poll(response).map(Progress::done),
            CallKind::Post => self.receive_post(response),
            CallKind::Upload => self.receive_upload(response),
            CallKind::Download => Ok(Progress::default()),
            CallKind::Resume => self.receive_resume(response),
            CallKind::Close => self.receive_close(response),
        }
    }

    fn masked(&self, text: &str) -> Option<Masked> {
        sensitive::masked(&self.rules, &*self.redactor, text)
    }

    fn save(&self) -> String {
        self.saved()
    }

    fn restore(&mut self, saved: &str) -> Result<(), UnknownSave> {
        self.take_saved(saved)
    }

    fn forget(&mut self) {
        let base = std::mem::take(&mut self.base);
        let redactor = std::mem::replace(&mut self.redactor, Box::new(sensitive::Blind));
        *self = Self::new(self.config.clone(), redactor);
        // A host that was found by `SwitchServer` stays the right one.
        self.base = base;
    }
}

/// An answer that says nothing but "not now".
fn unavailable(response: &Response) -> ProtocolError {
    ProtocolError::Unavailable { status: response.status, after: response.retry_after }
}

/// The value of `ack` before any message (§7.1).
const BEFORE_FIRST: i64 = -1;

const PROFILE: Profile = Profile {
    // One MultiNoun (§3.6) carries everything that a visitor is likely to have typed meanwhile.
    batch: 50,
    // Bursts were silently lost (§5.2).
    pace: Duration::from_millis(300),
    // The server holds polls (§7.1).
    rest: Duration::ZERO,
    // Posts are numbered (§6).
    resend: Resend::Recognised,
    // What is posted before an agent is there fails (§5.2).
    early: Early::Held,
    // The old page's poll must be gone first: two polls kill the chat (§14).
    settle: Duration::from_secs(1),
    // The deployment's default (§7.4), until `connectionTimeout` says otherwise.
    patience: Duration::from_secs(110),
    // As the vendor's own kit (§7.4).
    typing: Duration::from_secs(5),
    pause: Duration::from_secs(4),
    uploads: Uploads::WhenAsked,
    receipts: Receipts::Needless,
};
