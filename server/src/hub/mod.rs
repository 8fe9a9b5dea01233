//! All conversations, whatever their dialect, and what the control surface may change.
//! One lock, held for moments only and never across an await.

mod action;
mod clock;
mod conversation;
mod course;
mod desk;
mod dialect;
mod line;
mod record;
mod rotation;
mod ticket;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout_at};

pub use action::{Action, Attachment, Because, Custom, Idle, Nothing, Person, Place};
pub use clock::Clock;
pub use conversation::{AlreadyOver, Conversation, Phase};
pub use course::{Change, Course, Turn};
pub use desk::{Desk, Presence, Seat};
pub use dialect::{Dialect, Message};
pub use line::{Heard, Line, Markup, Speaker};
pub use record::{Delivered, Outcome, Record, RequestLine, Sent, Violation};
pub use rotation::{Notices, Replay, Reset, Rotation};
pub use ticket::{Fact, Kind, Ticket};

use crate::faults::Faults;
use crate::settings::Settings;

/// Everything the server knows.
#[derive(Debug)]
pub struct Hub {
    inner: Mutex<Inner>,
    clock: Clock,
    base: OnceLock<String>,
    restarts: watch::Sender<Restart>,
    /// Faults that wait for their request.
    pub faults: Faults,
    /// Who sits at the desk.
    pub desk: Desk,
}

/// The latest simulated restart.
#[derive(Debug, Clone, Copy, Default)]
pub struct Restart {
    /// How many there were.
    pub count: u64,
    /// The connection that asked for it and still wants its answer.
    pub spared: u64,
}

#[derive(Debug)]
struct Inner {
    settings: Settings,
    start: Settings,
    conversations: Vec<Conversation>,
    strays: Vec<Violation>,
    average_wait: Option<f64>,
}

impl Hub {
    /// A hub without conversations.
    pub fn new(settings: Settings) -> Arc<Self> {
        let inner = Inner {
            start: settings.clone(),
            settings,
            conversations: Vec::new(),
            strays: Vec::new(),
            average_wait: None,
        };
        Arc::new(Self {
            inner: Mutex::new(inner),
            clock: Clock::start(),
            base: OnceLock::new(),
            restarts: watch::Sender::new(Restart::default()),
            faults: Faults::default(),
            desk: Desk::default(),
        })
    }

    /// Says under which address the server can be reached.
    pub fn set_base(&self, base: String) {
        let _already = self.base.set(base);
    }

    /// The address under which the server can be reached, without a slash at the end.
    pub fn base(&self) -> &str {
        self.base.get().map_or("http://127.0.0.1", String::as_str)
    }

    /// Milliseconds since the epoch.
    pub fn epoch_ms(&self) -> u64 {
        self.clock.epoch_ms()
    }

    /// The same for a moment that has passed.
    pub fn epoch_ms_at(&self, moment: Instant) -> u64 {
        self.clock.epoch_ms_at(moment)
    }

    /// The settings as they are now.
    pub fn settings(&self) -> Settings {
        self.lock().settings.clone()
    }

    /// Replaces the settings and wakes everybody who may care.
    pub fn set_settings(&self, settings: Settings) {
        self.lock().settings = settings;
    }

    /// Changes the settings where they are, so that nobody's change in between is lost. For switches that count down.
    pub fn adjust_settings<T>(&self, change: impl FnOnce(&mut Settings) -> T) -> T {
        change(&mut self.lock().settings)
    }

    /// Adds a conversation.
    pub fn add(&self, conversation: Conversation) {
        self.lock().conversations.push(conversation);
    }

    /// Looks at one conversation; `latest` is the newest.
    pub fn with<T>(&self, id: &str, look: impl FnOnce(&mut Conversation, &Settings) -> T) -> Option<T> {
        let mut inner = self.lock();
        let Inner { conversations, settings, .. } = &mut *inner;
        let found = match id {
            "latest" => conversations.last_mut(),
            _ => conversations.iter_mut().find(|conversation| conversation.id == id),
        };
        found.map(|conversation| look(conversation, settings))
    }

    /// The name of the newest conversation that fits.
    pub fn find(&self, fits: impl Fn(&Conversation) -> bool) -> Option<String> {
        let inner = self.lock();
        inner.conversations.iter().rev().find(|conversation| fits(conversation)).map(|found| found.id.clone())
    }

    /// Looks at all conversations in order of creation.
    pub fn each<T>(&self, look: impl Fn(&mut Conversation, &Settings) -> T) -> Vec<T> {
        let mut inner = self.lock();
        let Inner { conversations, settings, .. } = &mut *inner;
        conversations.iter_mut().map(|conversation| look(conversation, settings)).collect()
    }

    /// Does something on the agent's side of a conversation.
    ///
    /// # Errors
    /// When the conversation is over.
    pub fn act(&self, id: &str, action: &Action) -> Option<Result<(), AlreadyOver>> {
        let at = self.epoch_ms();
        let (result, waited) = self.with(id, |conversation, settings| {
            let waited = conversation.since.elapsed().as_secs_f64();
            let first = matches!(action, Action::Accept(_)) && conversation.phase == Phase::Queued;
            (conversation.act(action, settings, at), first.then_some(waited))
        })?;
        if let Some(waited) = waited {
            self.note_wait(waited);
        }
        Some(result)
    }

    /// The estimated wait of somebody who has waited for some seconds; −1 is unknown.
    pub fn estimated_wait(&self, waited: f64) -> f64 {
        let inner = self.lock();
        if let Some(fixed) = inner.settings.estimated_wait {
            return fixed;
        }
        inner.average_wait.map_or(-1.0, |average| (average - waited).max(0.0).round())
    }

    /// Notes a breach of the protocol that belongs to no conversation.
    pub fn blame_stray(&self, violation: Violation) {
        self.lock().strays.push(violation);
    }

    /// Breaches of the protocol that belong to no conversation.
    pub fn strays(&self) -> Vec<Violation> {
        self.lock().strays.clone()
    }

    /// Forgets all conversations.
    pub fn forget(&self) {
        let gone = std::mem::take(&mut self.lock().conversations);
        for conversation in &gone {
            conversation.wake();
        }
    }

    /// Goes back to how the server started.
    pub fn reset(&self) {
        self.forget();
        self.faults.clear();
        self.desk.clear();
        let mut inner = self.lock();
        inner.settings = inner.start.clone();
        inner.strays.clear();
        inner.average_wait = None;
    }

    /// Closes every connection but one, whose answer is still to come.
    pub fn restart(&self, spared: u64) {
        self.restarts.send_modify(|restart| {
            restart.count += 1;
            restart.spared = spared;
        });
    }

    /// Changes at every simulated restart.
    pub fn restarts(&self) -> watch::Receiver<Restart> {
        self.restarts.subscribe()
    }

    /// Opens a request of a conversation. When another of its kind is open, gives that one's client a
    /// moment to leave: a closed connection is noticed a little after a new one may have arrived.
    pub async fn open(self: &Arc<Self>, id: &str, line: RequestLine, kind: Kind) -> Option<Ticket> {
        let opened = self.with(id, |conversation, settings| {
            let number = conversation.open_request(line, kind);
            (number, conversation.signal(), Duration::from_millis(settings.grace_ms))
        });
        let (number, mut signal, grace) = opened?;
        let ticket = Ticket::new(Arc::clone(self), id.to_owned(), number, kind);
        let patience = Instant::now() + grace;
        while kind != Kind::Other && self.is_crowded(id, kind) {
            match timeout_at(patience, signal.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_gone)) => sleep_until(patience).await,
                Err(_elapsed) => break,
            }
        }
        self.with(id, |conversation, _| conversation.note_open());
        Some(ticket)
    }

    fn is_crowded(&self, id: &str, kind: Kind) -> bool {
        self.with(id, |conversation, _| conversation.open_count(kind) > 1).unwrap_or(false)
    }

    fn note_wait(&self, waited: f64) {
        let mut inner = self.lock();
        let average = inner.average_wait.map_or(waited, |average| 0.9 * average + 0.1 * waited);
        inner.average_wait = Some(average);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
