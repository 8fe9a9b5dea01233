//! How words go out: one post at a time, repeated with the same content until its fate is known.

use std::sync::Arc;

use crate::model::{Body, EndReason, EntryId, PostId, RequestId, Visitor, WedgeReason};
use crate::protocol::{
    Call, CallKind, Cause, Early, Next, Outgoing, Parcel, ProtocolError, Receipts, Remedy, Resend, Response, Signal,
    SneakPeek, TransportError,
};

use super::asking::{Inquiry, InquiryState};
use super::link::LONGEST_ASKED;
use super::outbox::{Entry, EntryState};
use super::state::{Cargo, Exchange, Link, Live, Phase, Posting, Presence, Sight, State};
use super::timers::Timer;
use super::{Notice, Panel, Session, Step, Unheard};

impl Session {
    /// The visitor sends what they typed. Where no conversation can take it any more it is set aside: it may not vanish.
    pub(super) fn on_send(&mut self, step: &mut Step, text: &str) {
        if text.trim().is_empty() || self.state == State::Idle {
            return;
        }
        self.dismiss_files();
        self.composer.draft = Arc::default();
        self.composer.peeked = Arc::default();
        self.composer.is_typing = Presence::Silent;
        self.timers.stop(Timer::VisitorTyping);
        self.accept(step, Arc::from(text.trim()), None);
    }

    /// Takes the visitor's words, with what the protocol noted about them.
    pub(super) fn accept(&mut self, step: &Step, text: Arc<str>, note: Option<Arc<str>>) {
        self.outbox.push(self.counters.entry(), step.now, text, note);
        match self.state {
            State::Asking | State::Opening { .. } | State::Live(_) => self.on_answered(),
            // The page that went on elsewhere may have heard of it.
            State::Ended(EndReason::Elsewhere) => self.outbox.doubt_all(),
            State::Idle | State::Closing { .. } | State::Ended(_) => self.outbox.wedge_all(),
        }
    }

    /// The visitor edited the composer.
    pub(super) fn on_draft(&mut self, step: &mut Step, text: &str) {
        if *self.composer.draft == *text {
            return;
        }
        self.composer.draft = Arc::from(text);
        self.on_sign_of_life(step);
        if text.trim().is_empty() {
            self.composer.is_typing = Presence::Silent;
            self.timers.stop(Timer::VisitorTyping);
        } else {
            self.composer.is_typing = Presence::Typing;
            self.timers.set(Timer::VisitorTyping, step.now + self.protocol.profile().pause);
        }
    }

    /// The visitor wants a wedged message to be tried again. After the end that takes a new conversation.
    pub(super) fn on_retry(&mut self, step: &mut Step, entry: EntryId) {
        let is_ending =
            matches!(&self.state, State::Closing { cause, .. } if *cause != Cause::Over || self.has_answers());
        if is_ending || !self.outbox.retry(entry) {
            return;
        }
        if matches!(self.state, State::Ended(_) | State::Idle | State::Closing { .. }) {
            let visitor = self.visitor.clone();
            self.on_start(step, visitor);
        }
    }

    /// The page tells anew about its visitor.
    pub(super) fn on_introduction(&mut self, visitor: Visitor) {
        if !matches!(self.state, State::Live(_)) {
            return;
        }
        let name = visitor.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        if let Some(name) = name.filter(|name| self.visitor.name.as_deref() != Some(*name)) {
            self.sign(Signal::Renamed(name.into()));
        }
        self.visitor = visitor;
    }

    /// Something that may be lost goes out with the next posts, once: the last word of its kind counts.
    pub(super) fn sign(&mut self, signal: Signal) {
        let kind = kind_of(&signal);
        self.signals.retain(|waiting| *waiting != signal && kind.is_none_or(|kind| kind_of(waiting) != Some(kind)));
        self.signals.push_back(signal);
    }

    /// Whether this is the post in flight.
    pub(super) fn is_outbound(&self, id: RequestId) -> bool {
        matches!(&self.posting, Posting::Busy { exchange, .. } if exchange.is(id))
    }

    /// Posts what is due, where a post is possible.
    pub(super) fn pump_posts(&mut self, step: &mut Step) {
        if self.posting != Posting::Free || !self.can_post() {
            return;
        }
        if let Some(cargo) = self.next_cargo(step) {
            self.post(step, cargo);
        }
        self.flush(step);
    }

    /// The post came to its end.
    pub(super) fn on_post_reply(&mut self, step: &mut Step, outcome: Result<Response, TransportError>) {
        self.timers.stop(Timer::Outbound);
        self.land_post();
        let Ok(response) = outcome else {
            return self.retry_post(step, None);
        };
        match self.protocol.receive(CallKind::Post, &response) {
            Ok(progress) => {
                self.post_trouble.succeed();
                match progress.next {
                    Next::Done => self.on_posted(step),
                    Next::Continue(request) | Next::Further(request) => self.fly_post(step, request),
                    Next::Ask(form) => {
                        self.on_posted(step);
                        self.on_asked_within(form);
                    }
                }
                self.on_updates(step, progress.updates);
            }
            Err(error) => {
                Self::report(step, &error);
                self.on_post_error(step, &error);
            }
        }
    }

    /// The timer of the post went off: its deadline passed, or its next try is due.
    pub(super) fn on_post_timer(&mut self, step: &mut Step) {
        match &self.posting {
            Posting::Busy { exchange: Exchange::Flying(id), .. } => {
                step.effects.push(super::Effect::Abort { id: *id });
                self.on_post_reply(step, Err(TransportError::Deadline));
            }
            Posting::Busy { exchange: Exchange::Waiting, .. } => self.repeat_post(step),
            Posting::Free => {}
        }
    }

    /// What waits for its next try goes at once.
    pub(super) fn hurry_post(&mut self, step: &mut Step) {
        if matches!(self.posting, Posting::Busy { exchange: Exchange::Waiting, .. }) {
            self.repeat_post(step);
        }
    }

    /// Gives the post in flight up for now; it will be repeated.
    pub(super) fn hold_post(&mut self, step: &mut Step) {
        if let Posting::Busy { exchange, .. } = &self.posting {
            let exchange = *exchange;
            self.ground(step, Timer::Outbound, exchange);
            self.land_post();
            if let Exchange::Flying(_) = exchange {
                self.doubt_post(step.now);
            }
            self.timers.set(Timer::Outbound, step.now + LONGEST_ASKED);
        }
    }

    /// The conversation moves: the post in flight is given up, and only what must be kept is kept.
    pub(super) fn suspend_post(&mut self, step: &mut Step) {
        self.hold_post(step);
        self.timers.stop(Timer::Outbound);
        if matches!(self.posting, Posting::Busy { cargo: Cargo::Signal(_), .. }) {
            self.posting = Posting::Free;
        }
        self.signals.clear();
    }

    /// The fate of the post is settled without an answer: whatever is still queued goes under a new id.
    pub(super) fn settle_post(&mut self) {
        self.timers.stop(Timer::Outbound);
        self.posting = Posting::Free;
        self.echoes.settle();
    }

    /// Sends the post again, with the same content.
    pub(super) fn repeat_post(&mut self, step: &mut Step) {
        if self.echoes.is_in_doubt() {
            return;
        }
        if !self.can_post() {
            self.timers.set(Timer::Outbound, step.now + LONGEST_ASKED);
            return;
        }
        if let Posting::Busy { post, cargo, .. } = std::mem::replace(&mut self.posting, Posting::Free) {
            self.send_post(step, post, cargo);
        }
    }

    /// An entry is known to have arrived.
    pub(super) fn on_delivered(&mut self, step: &mut Step, entry: Entry) {
        let message = self.transcript.push(step.now, Body::arrived(entry.text.clone()));
        self.expect_news(step);
        step.announce(Notice::MessageSent { entry: entry.id, message, text: entry.text.to_string() });
    }

    pub(super) fn can_post(&self) -> bool {
        match &self.state {
            State::Live(Live { phase, link, .. }) => {
                // Answers were asked for.
                let is_welcome = matches!(phase, Phase::Talking { .. })
                    || self.protocol.profile().early == Early::Welcome
                    || self.has_answers();
                is_welcome && !matches!(link, Link::Resuming(_) | Link::Paused(..))
            }
            State::Idle | State::Asking | State::Opening { .. } | State::Closing { .. } | State::Ended(_) => false,
        }
    }

    /// What is to be posted next: what the backend asked for, then words, then signs.
    fn next_cargo(&mut self, step: &mut Step) -> Option<Cargo> {
        if self.has_answers() {
            return Some(Cargo::Answers);
        }
        let must_wait = self.timers.at(Timer::Pace).is_some_and(|at| at > step.now);
        if self.mask_queued() && !must_wait {
            return Some(Cargo::Entries);
        }
        if self.is_person_wanted() {
            return Some(Cargo::Person);
        }
        if !self.customs.is_empty() {
            return Some(Cargo::Custom);
        }
        if let Some(signal) = self.signals.pop_front() {
            return Some(Cargo::Signal(signal));
        }
        self.next_signal(step).map(Cargo::Signal)
    }

    fn next_signal(&mut self, step: &mut Step) -> Option<Signal> {
        if self.timers.at(Timer::Sign).is_some_and(|at| at > step.now) {
            return None;
        }
        if self.has_unread_news && self.panel == Panel::Open && self.sight == Sight::Seen {
            self.has_unread_news = false;
            if self.protocol.profile().receipts == Receipts::Wanted {
                self.timers.set(Timer::Sign, step.now + SIGN_EVERY);
                return Some(Signal::Read);
            }
        }
        if self.sneak_peek == SneakPeek::Allowed {
            if self.composer.peeked == self.composer.draft {
                return None;
            }
            self.timers.set(Timer::Sign, step.now + SIGN_EVERY);
            self.composer.peeked = self.composer.draft.clone();
            let masked = self.protocol.masked(&self.composer.draft).map(|masked| Arc::from(masked.text));
            return Some(Signal::Peek(masked.unwrap_or_else(|| self.composer.draft.clone())));
        }
        if self.composer.announced == self.composer.is_typing {
            return None;
        }
        self.composer.announced = self.composer.is_typing;
        Some(match self.composer.is_typing {
            Presence::Typing => Signal::Typing,
            Presence::Silent => Signal::NotTyping,
        })
    }

    /// Applies the rules for sensitive data to what is about to leave. Whether anything is left to be sent.
    fn mask_queued(&mut self) -> bool {
        let mut is_something_left = false;
        for entry in self.outbox.iter_mut().filter(|entry| entry.state == EntryState::Queued) {
            if entry.note.is_none()
                && let Some(masked) = self.protocol.masked(&entry.text)
            {
                entry.text = masked.text.into();
                entry.note = Some(masked.note.into());
            }
            if entry.text.trim().is_empty() {
                entry.state = EntryState::Wedged(WedgeReason::Empty);
            } else {
                is_something_left = true;
            }
        }
        is_something_left
    }

    fn post(&mut self, step: &mut Step, cargo: Cargo) {
        let post = self.counters.post();
        if cargo == Cargo::Entries {
            let batch = self.outbox.next_batch(self.protocol.profile().batch);
            for entry in self.outbox.iter_mut().filter(|entry| batch.contains(&entry.id)) {
                entry.state = EntryState::Sending(post);
            }
        }
        self.send_post(step, post, cargo);
    }

    fn send_post(&mut self, step: &mut Step, post: PostId, cargo: Cargo) {
        self.outbox.mark_post(post, EntryState::Sending(post));
        let parcel = match &cargo {
            Cargo::Entries => Parcel::Entries(self.outbox.of_post(post).map(Outgoing::from).collect()),
            Cargo::Answers => match self.inquiry.as_ref().and_then(Inquiry::given) {
                Some(answers) => Parcel::Answers(answers),
                None => return,
            },
            Cargo::Person => Parcel::Person,
            Cargo::Signal(signal) => Parcel::Signal(signal.clone()),
            Cargo::Custom => match self.customs.front() {
                Some((kind, data)) => Parcel::Custom { kind, data },
                None => return,
            },
        };
        let Some(request) = self.protocol.begin(&Call::Post { post, parcel }) else {
            // There is nothing to ask, and there will not be later.
            match cargo {
                Cargo::Answers => self.settle_answers(),
                Cargo::Person => self.settle_person(),
                Cargo::Custom => self.give_custom_up(step, Unheard::Unspeakable),
                Cargo::Entries | Cargo::Signal(_) => {}
            }
            return self.outbox.mark_post(post, EntryState::Wedged(WedgeReason::Unconfirmed));
        };
        let exchange = self.fly(step, Timer::Outbound, request);
        self.posting = Posting::Busy { post, cargo, exchange };
    }

    fn fly_post(&mut self, step: &mut Step, request: crate::protocol::Request) {
        let flying = self.fly(step, Timer::Outbound, request);
        if let Posting::Busy { post, exchange, .. } = &mut self.posting {
            *exchange = flying;
            self.outbox.mark_post(*post, EntryState::Sending(*post));
        }
    }

    fn on_posted(&mut self, step: &mut Step) {
        let Posting::Busy { post, cargo, .. } = std::mem::replace(&mut self.posting, Posting::Free) else { return };
        match cargo {
            Cargo::Entries => {
                self.timers.set(Timer::Pace, step.now + self.protocol.profile().pace);
                for entry in self.outbox.take_post(post) {
                    self.await_echo(&entry);
                    self.on_delivered(step, entry);
                }
            }
            Cargo::Answers => self.settle_answers(),
            Cargo::Person => self.settle_person(),
            Cargo::Custom => {
                self.customs.pop_front();
            }
            Cargo::Signal(_) => {}
        }
    }

    fn on_post_error(&mut self, step: &mut Step, error: &ProtocolError) {
        match error.remedy() {
            Remedy::Retry { after } => self.retry_post(step, after.map(|after| step.now + after.min(LONGEST_ASKED))),
            Remedy::Resume => self.resume(step),
            Remedy::Wait => self.put_post_back(step),
            Remedy::Park(reason) => self.park_post(step, reason),
            Remedy::End(reason) => self.on_over(step, reason),
        }
    }

    fn retry_post(&mut self, step: &mut Step, at: Option<crate::model::Timestamp>) {
        // Answers may be repeated with any backend, because the last ones count, and so may a wish.
        let is_safe = matches!(self.posting, Posting::Busy { cargo: Cargo::Answers | Cargo::Person, .. });
        if self.protocol.profile().resend == Resend::AfterEcho && !is_safe {
            return self.leave_post(step);
        }
        let wait = self.post_trouble.fail(step.now, &mut self.random);
        self.timers.set(Timer::Outbound, at.unwrap_or(step.now + wait));
    }

    /// Nothing is repeated for the time being: words wait for their echo, signs are worth nothing later.
    fn leave_post(&mut self, step: &mut Step) {
        let is_settled = match &self.posting {
            Posting::Busy { post, cargo: Cargo::Entries, .. } => self.outbox.of_post(*post).next().is_none(),
            Posting::Busy { cargo: Cargo::Signal(_), .. } | Posting::Free => true,
            Posting::Busy { cargo: Cargo::Answers | Cargo::Person, .. } => false,
            Posting::Busy { cargo: Cargo::Custom, .. } => {
                self.give_custom_up(step, Unheard::Unanswered);
                true
            }
        };
        // A backend in trouble is not asked again at once, whatever is next.
        let wait = self.post_trouble.fail(step.now, &mut self.random);
        self.timers.set(Timer::Pace, step.now + wait);
        self.timers.set(Timer::Sign, step.now + wait.max(SIGN_EVERY));
        if is_settled { self.settle_post() } else { self.doubt_post(step.now) }
    }

    /// Nothing of the post was taken, and it may be later. What the backend waits for goes first.
    fn put_post_back(&mut self, step: &mut Step) {
        if let Posting::Busy { post, cargo: Cargo::Entries | Cargo::Signal(_), .. } = self.posting {
            self.outbox.mark_post(post, EntryState::Queued);
            let wait = self.post_trouble.fail(step.now, &mut self.random);
            self.timers.set(Timer::Pace, step.now + wait);
            self.timers.set(Timer::Sign, step.now + wait.max(SIGN_EVERY));
            return self.settle_post();
        }
        self.retry_post(step, None);
    }

    /// The backend refuses the post: words are set aside for the visitor, signs are dropped.
    fn park_post(&mut self, step: &mut Step, reason: WedgeReason) {
        let Posting::Busy { post, cargo, .. } = std::mem::replace(&mut self.posting, Posting::Free) else { return };
        self.outbox.mark_post(post, EntryState::Wedged(reason));
        // Those behind it keep their distance: a backend that refuses may be in trouble.
        self.timers.set(Timer::Pace, step.now + self.protocol.profile().pace.max(DISTANCE));
        self.timers.set(Timer::Sign, step.now + SIGN_EVERY);
        match cargo {
            Cargo::Answers => drop(self.ask_again(step, InquiryState::Refused)),
            Cargo::Person => self.settle_person(),
            Cargo::Custom => drop(self.customs.pop_front()),
            Cargo::Entries | Cargo::Signal(_) => {}
        }
    }

    /// The page is told that the first of its events that wait will not be heard, or may not have been.
    pub(super) fn give_custom_up(&mut self, step: &mut Step, why: Unheard) {
        if let Some((kind, _)) = self.customs.pop_front() {
            step.announce(Notice::Unheard { kind, why });
        }
    }

    /// Takes note that the post is no longer in flight; its fate is unknown.
    fn land_post(&mut self) {
        if let Posting::Busy { post, exchange, .. } = &mut self.posting {
            *exchange = Exchange::Waiting;
            self.outbox.mark_post(*post, EntryState::Uncertain(*post));
        }
    }
}

impl<'a> From<&'a Entry> for Outgoing<'a> {
    fn from(entry: &'a Entry) -> Self {
        Self { entry: entry.id, text: &entry.text, note: entry.note.as_deref() }
    }
}

/// What a signal speaks of, where a later word about it makes an earlier one void.
const fn kind_of(signal: &Signal) -> Option<u8> {
    match signal {
        Signal::IdleWarned | Signal::IdleCleared => Some(0),
        Signal::Renamed(_) => Some(1),
        Signal::Typing | Signal::NotTyping | Signal::Peek(_) | Signal::Read | Signal::Unshare(_) => None,
    }
}

/// Often enough to follow, seldom enough to be no burden.
const SIGN_EVERY: std::time::Duration = std::time::Duration::from_millis(1_200);
/// What is behind a refused post keeps so much of a distance at least.
const DISTANCE: std::time::Duration = std::time::Duration::from_millis(300);
