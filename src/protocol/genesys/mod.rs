//! Genesys visitor chat over HTTP, the visitor's side (`genesys.md`).
//!
//! Two dialects of one backend: the REST chat of the Web API Server (v1, JSON) and the Chat API of the Mobile Services
//! (v2, forms). A machine without I/O: it words requests, keeps the identity and the position in the transcript, and
//! turns answers into facts. It knows nothing of time, order and retries.
//!
//! Each room holds one question: `config` where to ask, `wire` how a request looks, `identity` who asks, `envelope` how an
//! answer looks, `verdict` what its status says, `errors` what its error codes say, `opening` how a chat begins, `post`
//! how the visitor's words go out, `news` what an event means, `parties` who is there, `files` how files go both ways, `guess` what nobody wrote down.

mod config;
mod envelope;
mod errors;
mod event;
mod files;
mod guess;
mod identity;
mod news;
mod opening;
mod parties;
mod post;
mod saved;
mod verdict;
mod wire;

use std::time::Duration;

use super::{
    Call, CallKind, Early, Profile, Progress, Protocol, ProtocolError, Receipts, Request, Resend, Response,
    UnknownSave, Update, Uploads,
};

use envelope::{Answer, Envelope};
use files::Picked;
use identity::Identity;
use parties::Parties;
use verdict::{Asked, Standing, Verdict, verdict};
use wire::Operation;

pub use super::attributes::ConfigError;
pub use config::{Config, Surroundings, Variant};

/// One visitor's chat over Genesys.
#[derive(Debug)]
pub struct Genesys {
    config: Config,
    /// Who asks; `None` before the chat is there.
    identity: Option<Identity>,
    /// The index of the first event that was not seen yet (§1.8). Only polls move it (§3.6).
    position: u64,
    parties: Parties,
    /// The last reason that was given for somebody's leaving (§3.9).
    quit: Option<u64>,
    standing: Standing,
    upload: Option<Picked>,
}

impl Genesys {
    /// A visitor's side that has not asked for anything yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            identity: None,
            position: FIRST,
            parties: Parties::default(),
            quit: None,
            standing: Standing::Steady,
            upload: None,
        }
    }

    /// Takes over the answer to a poll, or to the one that confirms it.
    fn receive_poll(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        let envelope = match Answer::read(response) {
            Answer::Envelope(envelope) => envelope,
            Answer::Failure(failure) => return Err(failure.of_news(response)),
        };
        self.recognise(&envelope);
        match verdict(envelope.code, envelope.flag, Asked::News(self.standing)) {
            Verdict::GoOn => {
                self.standing = Standing::Steady;
                Ok(Progress::done(self.read_news(&envelope.body)))
            }
            Verdict::GoOnToTheEnd => {
                let mut updates = self.read_news(&envelope.body);
                updates.push(Update::Ended(guess::end_reason(self.quit, self.parties.attendance())));
                Ok(Progress::done(updates))
            }
            Verdict::GoOnAndConfirm => {
                self.standing = Standing::Confirming;
                let updates = self.read_news(&envelope.body);
                Ok(match self.poll_request() {
                    Some(request) => Progress::going_on(updates, request),
                    None => Progress::done(updates),
                })
            }
            Verdict::Confirm => {
                self.standing = Standing::Confirming;
                Err(ProtocolError::Unavailable { status: response.status, after: Some(Duration::ZERO) })
            }
            Verdict::Again => Err(unavailable(response)),
            Verdict::Fails | Verdict::FailsForGood | Verdict::Over => {
                Err(ProtocolError::Over { reason: guess::lost_reason(&envelope.errors) })
            }
        }
    }

    /// Takes over who the visitor is by now: from every answer that was a success, and from no other (§1.2).
    fn recognise(&mut self, envelope: &Envelope) {
        if envelope.is_success()
            && let Some(identity) = &mut self.identity
        {
            identity.take(&envelope.body);
        }
    }

    /// The visitor leaves; whatever comes back, the chat is over (§2.4, §3.8). Only where the backend could not be
    /// reached is it told again, because an agent would go on talking to nobody (§6.10).
    fn receive_close(response: &Response) -> Result<Progress, ProtocolError> {
        let is_unheard = match Answer::read(response) {
            Answer::Envelope(envelope) => envelope.code == envelope::Code::Recoverable,
            Answer::Failure(failure) => failure.is_passing(),
        };
        if is_unheard { Err(unavailable(response)) } else { Ok(Progress::default()) }
    }
}

impl Protocol for Genesys {
    fn profile(&self) -> Profile {
        let receipts = match self.config.variant {
            Variant::WebApi { .. } => Receipts::Needless,
            Variant::Gms => Receipts::Wanted,
        };
        Profile { uploads: self.config.uploads, receipts, ..PROFILE }
    }

    fn begin(&mut self, call: &Call<'_>) -> Option<Request> {
        match call {
            Call::Open { visitor, .. } => Some(self.begin_open(visitor)),
            // A confirming poll that got no answer is repeated as `Resume`.
            Call::Poll | Call::Resume => self.poll_request(),
            Call::Post { parcel, .. } => self.begin_post(parcel),
            Call::Upload { file, name, size } => self.begin_upload(*file, name, *size),
            Call::Download { file } => self.request(&Operation::Download(file)),
            Call::Close { cause, .. } => self.begin_close(*cause),
        }
    }

    fn receive(&mut self, kind: CallKind, response: &Response) -> Result<Progress, ProtocolError> {
        match kind {
            CallKind::Open => self.receive_open(response),
            CallKind::Poll | CallKind::Resume => self.receive_poll(response),
            CallKind::Post => self.receive_post(response),
            CallKind::Upload => self.receive_upload(response),
            CallKind::Download => files::receive_download(response),
            CallKind::Close => Self::receive_close(response),
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

/// An answer that says nothing but "not now".
fn unavailable(response: &Response) -> ProtocolError {
    ProtocolError::Unavailable { status: response.status, after: response.retry_after }
}

/// The index of the first event (§1.8). The first poll asks from here, so that the opening's answer need not be read
/// (§2.3, §3.4).
const FIRST: u64 = 1;

const PROFILE: Profile = Profile {
    // A message of the backend's is one request (§2.4, §3.6).
    batch: 1,
    pace: Duration::ZERO,
    // Between the published clients' 2 s, 3 s and 5 s (§3.7), and well inside what the backend waits for (§1.5).
    rest: Duration::from_millis(2_500),
    // A send is not idempotent, and comes back among the events (§4).
    resend: Resend::AfterEcho,
    // The transcript is there from the beginning, and whoever comes later reads it (§1.8).
    early: Early::Welcome,
    // A poll changes nothing at the backend, so that two of them do no harm (§1.1).
    settle: Duration::ZERO,
    // `flex-disconnect-timeout` of current releases (§1.5).
    patience: Duration::from_secs(45),
    // §3.8.
    typing: Duration::from_secs(10),
    pause: Duration::from_secs(2),
    uploads: Uploads::WhenAsked,
    receipts: Receipts::Needless,
};
