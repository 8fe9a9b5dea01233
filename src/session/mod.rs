//! The conversation's life: time, order, retries and persistence.
//!
//! [`Session::handle`] takes an input and returns the effects; it performs nothing, reads no clock and draws no unseeded
//! randomness. It knows the [`Protocol`] trait, never a backend. Each room of it holds one question: `link` how news
//! comes in, `posting` how words go out, `updates` what news means, `closing` how it ends, `silence` what to do about a
//! visitor who does not answer, `asking` what a form asks, `files` how files go both ways, `offers` what is
//! offered beside words.

mod asking;
mod backoff;
mod closing;
mod command;
mod echo;
mod files;
mod history;
mod input;
mod link;
mod offers;
mod outbox;
mod posting;
mod serial;
mod silence;
mod snapshot;
mod state;
mod stored;
mod timers;
mod transcript;
mod updates;
mod view;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{TabId, Timestamp, Visitor};
use crate::protocol::{Call, IdlePolicy, Protocol, ProtocolError, Response, SneakPeek, TransportError};

use backoff::{Backoff, Random};
use echo::Echoes;
use files::Files;
use history::Replay;
use offers::Offers;
use outbox::Outbox;
use serial::Mark;
use state::{
    Composer, Counters, CustomEvents, Errand, Exchange, Link, Live, Network, Pause, Phase, Posting, Presence, Sight,
    State,
};
use timers::{Timer, Timers};

pub use asking::{Inquiry, InquiryState};
pub use command::Command;
pub use files::{Download, FilesView, Upload};
pub use input::{Effect, Environment, Input, Notice, Unheard};
pub use offers::Person;
pub use serial::Serial;
pub use snapshot::{Record, Snapshot, SnapshotError};
pub use transcript::{Page, Transcript};
pub use view::{Connection, Keeping, Panel, Pending, PendingState, Stage, View};

/// One visitor's conversation.
#[derive(Debug)]
pub struct Session {
    protocol: Box<dyn Protocol>,
    state: State,
    outbox: Outbox,
    posting: Posting,
    customs: CustomEvents,
    files: Files,
    transcript: Transcript,
    replay: Replay,
    echoes: Echoes,
    composer: Composer,
    /// The form that is asked for, in whatever state has one.
    inquiry: Option<Inquiry>,
    offers: Offers,
    timers: Timers,
    counters: Counters,
    random: Random,
    /// Failures of what brings news, and of posts.
    trouble: Backoff,
    post_trouble: Backoff,
    network: Network,
    patience: Duration,
    visitor: Visitor,
    agent_is_typing: bool,
    sneak_peek: SneakPeek,
    idle: Option<IdlePolicy>,
    idle_end: Option<Timestamp>,
    /// Signs that wait to be posted.
    signals: VecDeque<crate::protocol::Signal>,
    keeping: Keeping,
    panel: Panel,
    unread: u32,
    /// Whether agents said something that nobody has looked at yet, as far as the backend was told.
    has_unread_news: bool,
    sight: Sight,
    announced: Connection,
    pages: snapshot::Pages,
    /// The last wish that was heard from each of the other tabs, the tab heard last at the end.
    heard: Vec<(TabId, u64)>,
    /// Counts what was stored and must not be missed.
    serial: Serial,
    mark: Mark,
    /// What the clock showed last.
    latest: Timestamp,
}

/// The effects of one step, in the making.
struct Step {
    now: Timestamp,
    effects: Vec<Effect>,
    must_store: bool,
    scope: Scope,
}

/// Whom the outcome of a step concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Whoever goes on with the conversation must know it.
    Conversation,
    /// This page alone: what stands in its composer, whether its panel is open.
    Page,
}

impl Step {
    fn announce(&mut self, notice: Notice) {
        self.effects.push(Effect::Announce(notice));
    }
}

impl Session {
    /// A session without a conversation. `seed` should differ from page to page.
    #[must_use]
    pub fn new(protocol: Box<dyn Protocol>, seed: u64) -> Self {
        let patience = protocol.profile().patience;
        let mut random = Random::seeded(seed);
        let pages = snapshot::Pages::of_new_conversation(&mut random);
        Self {
            protocol,
            state: State::Idle,
            outbox: Outbox::default(),
            posting: Posting::Free,
            customs: CustomEvents::new(),
            files: Files::default(),
            transcript: Transcript::default(),
            replay: Replay::default(),
            echoes: Echoes::default(),
            composer: Composer::default(),
            inquiry: None,
            offers: Offers::default(),
            timers: Timers::default(),
            counters: Counters::default(),
            random,
            trouble: Backoff::default(),
            post_trouble: Backoff::default(),
            network: Network::Up,
            patience,
            visitor: Visitor::default(),
            agent_is_typing: false,
            sneak_peek: SneakPeek::Forbidden,
            idle: None,
            idle_end: None,
            signals: VecDeque::new(),
            keeping: Keeping::Stored,
            panel: Panel::Shut,
            unread: 0,
            has_unread_news: false,
            sight: Sight::Seen,
            announced: Connection::Steady,
            pages,
            heard: Vec::new(),
            serial: Serial::default(),
            mark: Mark::of(seed),
            latest: Timestamp::default(),
        }
    }

    /// Takes an input and returns what to do, to be performed in order. Total: an input that makes no sense changes
    /// nothing.
    #[must_use]
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Effect> {
        self.keep_time(now);
        let mut step = Step { now, effects: Vec::new(), must_store: true, scope: scope(&input) };
        match input {
            Input::Command(command) => self.handle_command(&mut step, command),
            Input::Relayed { tab, number, command } => self.handle_relayed(&mut step, tab, number, command),
            Input::Environment(environment) => self.handle_environment(&mut step, environment),
            Input::Replied { id, outcome } => self.handle_reply(&mut step, id, outcome),
            Input::Woke => self.handle_woke(&mut step),
        }
        self.pump_posts(&mut step);
        self.announce_connection(&mut step);
        self.store(&mut step);
        step.effects
    }

    /// When the session wants to be woken.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.timers.earliest()
    }

    /// Whether the backend has to be asked every few seconds, because it does not hold its answers.
    #[must_use]
    pub fn is_restless(&self) -> bool {
        matches!(self.state, State::Live(_)) && !self.protocol.profile().rest.is_zero()
    }

    /// What a screen shows. Shares the transcript.
    #[must_use]
    pub fn view(&self) -> View {
        View {
            stage: self.stage(),
            connection: self.connection(),
            transcript: self.transcript.clone(),
            outbox: self.outbox.iter().map(Pending::from).collect(),
            agent_typing: self.agent_is_typing,
            sneak_peek: self.sneak_peek == SneakPeek::Allowed,
            idle_end: self.idle_end,
            files: self.files_view(),
            keeping: self.keeping,
            draft: self.composer.draft.clone(),
            panel: self.panel,
            unread: self.unread,
            form: self.shown_inquiry(),
            replies: Arc::clone(&self.offers.replies),
            person: self.offers.person,
            queue_text: self.offers.queue_text.clone(),
            can_return: self.can_return(),
        }
    }

    /// Clocks are set back, and devices sleep; neither may make a live conversation wait, or give it up.
    fn keep_time(&mut self, now: Timestamp) {
        if now < self.latest {
            let span = self.latest.since(now);
            self.timers.set_back(span);
            self.idle_end = self.idle_end.map(|end| end - span);
            self.trouble.set_back(span);
            self.post_trouble.set_back(span);
            self.echoes.set_back(span);
            self.offers.set_back(span);
        }
        if self.timers.earliest().is_some_and(|due| now.since(due) > SLEPT) {
            self.trouble.forgive(now);
            self.post_trouble.forgive(now);
        }
        self.latest = now;
    }

    fn handle_relayed(&mut self, step: &mut Step, tab: TabId, number: u64, command: Command) {
        let place = self.heard.iter().position(|(known, _)| *known == tab);
        let last = place.map_or(0, |place| self.heard.remove(place).1);
        self.heard.push((tab, last.max(number)));
        if self.heard.len() > MOST_TABS {
            self.heard.remove(0);
        }
        if number > last {
            self.handle_command(step, command);
        }
    }

    fn handle_command(&mut self, step: &mut Step, command: Command) {
        match command {
            Command::Start { visitor } => self.on_start(step, *visitor),
            Command::Send { text } => self.on_send(step, &text),
            Command::Draft { text } => self.on_draft(step, &text),
            Command::Retry { entry } => self.on_retry(step, entry),
            Command::Discard { entry } => {
                self.outbox.discard(entry);
            }
            Command::Custom { kind, data } => {
                if matches!(self.state, State::Asking | State::Opening { .. } | State::Live(_)) {
                    self.customs.push_back((kind, data));
                }
            }
            Command::Upload { file, name, size } => self.on_upload(step, file, &name, size),
            Command::Download { file } => self.on_download(step, &file),
            Command::Unshare { file } => self.on_unshare(file),
            Command::Introduce { visitor } => self.on_introduction(*visitor),
            Command::Answer { answers } => self.on_answers(step, &answers),
            Command::Fill { answers } => self.on_fill(step, &answers),
            Command::Skip => self.on_skip(),
            Command::Reply { reply, text } => self.on_reply_chosen(step, reply, &text),
            Command::Person => self.on_person_wanted(),
            Command::Return => self.on_return(step),
            Command::Open => {
                self.panel = Panel::Open;
                self.unread = 0;
            }
            Command::Shut => self.panel = Panel::Shut,
            Command::Stay => self.on_sign_of_life(step),
            Command::End => self.on_end(step, crate::protocol::Cause::Visitor),
        }
    }

    fn handle_environment(&mut self, step: &mut Step, environment: Environment) {
        match environment {
            Environment::Online => {
                self.network = Network::Up;
                self.on_hope(step);
            }
            Environment::Offline => {
                self.network = Network::Down;
                self.on_pause(step, Pause::Offline);
            }
            Environment::Visible => {
                self.sight = Sight::Seen;
                self.on_hope(step);
            }
            Environment::Hidden => {
                self.sight = Sight::Hidden;
                step.must_store = false;
            }
            Environment::Leaving => self.on_pause(step, Pause::Away),
            Environment::Returned => self.on_hope(step),
            Environment::Outrun => self.on_outrun(step),
            Environment::Stored => {
                self.keeping = Keeping::Stored;
                step.must_store = false;
            }
            Environment::StorageFailed => {
                self.on_storage_failed();
                step.must_store = false;
            }
        }
    }

    fn handle_reply(
        &mut self,
        step: &mut Step,
        id: crate::model::RequestId,
        outcome: Result<Response, TransportError>,
    ) {
        if self.is_inbound(id) {
            self.on_inbound_reply(step, outcome);
        } else if self.is_outbound(id) {
            self.on_post_reply(step, outcome);
        } else if self.files.uploading == files::Uploading::Flying(id) {
            self.on_upload_reply(step, outcome);
        } else if self.is_download(id) {
            self.on_download_reply(step, outcome);
        } else {
            step.must_store = false;
        }
    }

    fn handle_woke(&mut self, step: &mut Step) {
        for timer in self.timers.take_due(step.now) {
            match timer {
                Timer::Inbound => self.on_inbound_timer(step),
                Timer::Outbound => self.on_post_timer(step),
                Timer::Upload => self.on_upload_timer(step),
                Timer::Download => self.on_download_timer(step),
                Timer::Pace | Timer::Sign => {}
                Timer::AgentTyping => self.agent_is_typing = false,
                Timer::Held => self.on_held_due(step),
                Timer::VisitorTyping => self.composer.is_typing = Presence::Silent,
                Timer::IdleWarning => self.on_idle_warning(step),
                Timer::IdleEnd => self.on_end(step, crate::protocol::Cause::Idle),
                Timer::Flush => self.close(step),
                Timer::Closing => self.give_closing_up(step),
            }
        }
    }

    /// Sends a request for `call` and returns where it stands, or `None` where there is nothing to ask.
    fn fetch(&mut self, step: &mut Step, timer: Timer, call: &Call<'_>) -> Option<Exchange> {
        let request = self.protocol.begin(call)?;
        Some(self.fly(step, timer, request))
    }

    /// Sends a request.
    fn fly(&mut self, step: &mut Step, timer: Timer, request: crate::protocol::Request) -> Exchange {
        let id = self.counters.request();
        self.timers.set(timer, step.now + request.deadline);
        step.effects.push(Effect::Fetch { id, request });
        Exchange::Flying(id)
    }

    /// Gives up the request of an exchange that is in flight.
    fn ground(&mut self, step: &mut Step, timer: Timer, exchange: Exchange) {
        self.timers.stop(timer);
        if let Exchange::Flying(id) = exchange {
            step.effects.push(Effect::Abort { id });
        }
    }

    /// Tells the page about a failure that the session deals with.
    fn report(step: &mut Step, error: &ProtocolError) {
        step.announce(Notice::Trouble(error.clone()));
    }

    fn announce_connection(&mut self, step: &mut Step) {
        let connection = self.connection();
        if connection != self.announced {
            self.announced = connection;
            step.announce(Notice::ConnectionChanged(connection));
        }
    }

    fn stage(&self) -> Stage {
        match &self.state {
            State::Idle => Stage::Idle,
            State::Asking => Stage::Form,
            State::Opening { .. } if self.is_leaving_message() => Stage::Form,
            State::Opening { wait, .. } => Stage::Opening { wait: *wait },
            State::Live(Live { ending: Some(_), .. }) => Stage::Closing,
            State::Live(Live { phase: Phase::Queued { position, wait }, .. }) => {
                Stage::Queued { position: *position, wait: *wait }
            }
            State::Live(Live { phase: Phase::Talking { agent }, .. }) => Stage::Talking { agent: agent.clone() },
            State::Closing { cause: crate::protocol::Cause::Over, reason, .. } => Stage::Ended { reason: *reason },
            State::Closing { .. } => Stage::Closing,
            State::Ended(reason) => Stage::Ended { reason: *reason },
        }
    }

    /// A try that is under way after failures does not make the connection steady; its answer does.
    fn connection(&self) -> Connection {
        let is_troubled = self.trouble.failures() > 0;
        match &self.state {
            State::Live(_) if self.network == Network::Down => Connection::Offline,
            State::Live(Live { link: Link::Resuming(_) | Link::Paused(_, Errand::Resume), .. }) => Connection::Resuming,
            State::Opening { .. } | State::Live(_) if is_troubled => Connection::Retrying,
            State::Idle
            | State::Asking
            | State::Opening { .. }
            | State::Live(_)
            | State::Closing { .. }
            | State::Ended(_) => Connection::Steady,
        }
    }
}

/// Whom the outcome of an input concerns, unless it makes the session ask something.
const fn scope(input: &Input) -> Scope {
    match input {
        Input::Command(Command::Draft { .. } | Command::Fill { .. } | Command::Open | Command::Shut) => Scope::Page,
        Input::Command(_) | Input::Relayed { .. } | Input::Environment(_) | Input::Replied { .. } | Input::Woke => {
            Scope::Conversation
        }
    }
}

/// Hidden tabs are woken once a minute; what is later than that was asleep.
const SLEPT: Duration = Duration::from_secs(90);
/// More tabs than a visitor uses for one conversation.
const MOST_TABS: usize = 16;
