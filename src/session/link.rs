//! How news comes in: opening, polling, finding a conversation again after it moved, pausing.
//!
//! There is one inbound exchange at most: the opening, the poll or the handover.

use crate::model::{EndReason, RequestId, Timestamp, Visitor};
use crate::protocol::{Call, CallKind, Cause, Next, Progress, ProtocolError, Remedy, Response, TransportError, Update};

use super::asking::{Inquiry, InquiryState};
use super::state::{Errand, Exchange, Link, Live, Network, Pause, State, Wait};
use super::timers::Timer;
use super::{Session, Step};

impl Session {
    /// The visitor wants a conversation.
    pub(super) fn on_start(&mut self, step: &mut Step, visitor: Visitor) {
        // Letting go of a conversation that is over is nothing to wait for, unless answers go with it.
        if matches!(self.state, State::Closing { cause: Cause::Over, .. }) && !self.has_answers() {
            self.on_closed(step);
        }
        if !matches!(self.state, State::Idle | State::Ended(_)) {
            return;
        }
        self.begin_anew();
        self.visitor = visitor;
        self.open(step);
    }

    /// Asks for a conversation, or goes on asking.
    pub(super) fn open(&mut self, step: &mut Step) {
        let answers = self.inquiry.as_ref().and_then(Inquiry::given);
        let call = Call::Open { visitor: &self.visitor, answers };
        let exchange = match self.protocol.begin(&call) {
            Some(request) => self.fly(step, Timer::Inbound, request),
            None => return self.on_over(step, EndReason::Failed),
        };
        self.state = State::Opening { exchange, wait: None };
    }

    /// Whether this is the request that brings news or ends the conversation.
    pub(super) fn is_inbound(&self, id: RequestId) -> bool {
        match &self.state {
            State::Opening { exchange, .. } | State::Closing { exchange, .. } => exchange.is(id),
            State::Live(Live { link: Link::Polling(request), .. }) => *request == id,
            State::Live(Live { link: Link::Resuming(exchange), .. }) => exchange.is(id),
            State::Live(Live { link: Link::Resting | Link::Retrying(_) | Link::Paused(..), .. })
            | State::Idle
            | State::Asking
            | State::Ended(_) => false,
        }
    }

    /// The inbound exchange came to its end.
    pub(super) fn on_inbound_reply(&mut self, step: &mut Step, outcome: Result<Response, TransportError>) {
        self.timers.stop(Timer::Inbound);
        let Some(kind) = self.inbound_kind() else { return };
        self.land();
        if kind == CallKind::Close {
            return self.on_close_reply(step, outcome);
        }
        let Ok(response) = outcome else {
            return self.on_inbound_failure(step, None);
        };
        match self.protocol.receive(kind, &response) {
            Ok(progress) => self.on_progress(step, kind, progress),
            Err(error) => {
                Self::report(step, &error);
                self.on_protocol_error(step, &error);
            }
        }
    }

    /// The timer of the inbound exchange went off: its deadline passed, or its next try is due.
    pub(super) fn on_inbound_timer(&mut self, step: &mut Step) {
        if let Some(id) = self.inbound_request() {
            step.effects.push(super::Effect::Abort { id });
            self.on_inbound_reply(step, Err(TransportError::Deadline));
        } else {
            self.go_on(step);
        }
    }

    /// The network may be back, or the visitor is looking: what waited for its next try goes at once.
    pub(super) fn on_hope(&mut self, step: &mut Step) {
        self.trouble.hope();
        self.post_trouble.hope();
        // A conversation that rests does so for a reason of its own, as in the first moment after a reload.
        let is_resting = matches!(self.state, State::Live(Live { link: Link::Resting, .. }))
            && self.protocol.profile().rest.is_zero();
        if self.inbound_request().is_none() && !is_resting {
            self.go_on(step);
        }
        self.hurry_post(step);
    }

    /// Nothing is to be asked for the moment.
    pub(super) fn on_pause(&mut self, step: &mut Step, pause: Pause) {
        self.hold_post(step);
        match &mut self.state {
            State::Live(live) => {
                let (flying, errand) = match live.link {
                    Link::Polling(request) => (Exchange::Flying(request), Errand::Poll),
                    Link::Resuming(exchange) => (exchange, Errand::Resume),
                    Link::Resting | Link::Retrying(_) => (Exchange::Waiting, Errand::Poll),
                    Link::Paused(_, errand) => (Exchange::Waiting, errand),
                };
                live.link = Link::Paused(pause, errand);
                self.ground(step, Timer::Inbound, flying);
            }
            State::Opening { exchange, .. } | State::Closing { exchange, .. } => {
                let flying = std::mem::replace(exchange, Exchange::Waiting);
                self.ground(step, Timer::Inbound, flying);
            }
            State::Idle | State::Asking | State::Ended(_) => return,
        }
        // What the browser says about the network is not always true: a slow try goes on. A page in the back-forward
        // cache runs no timers, so the same alarm also finds a page that was left but never went.
        self.timers.set(Timer::Inbound, step.now + UNASKED);
    }

    /// Any answer moved the conversation: everything in flight is given up, and it is found again.
    pub(super) fn resume(&mut self, step: &mut Step) {
        self.suspend_post(step);
        let State::Live(live) = &self.state else { return };
        match live.link {
            Link::Polling(request) => self.ground(step, Timer::Inbound, Exchange::Flying(request)),
            Link::Resuming(_) => return self.on_inbound_failure(step, None),
            Link::Resting | Link::Retrying(_) | Link::Paused(..) => self.timers.stop(Timer::Inbound),
        }
        self.set_link(Link::Resuming(Exchange::Waiting));
        self.go_on(step);
    }

    /// Starts the inbound exchange that is due.
    pub(super) fn go_on(&mut self, step: &mut Step) {
        match &self.state {
            State::Opening { .. } => self.open(step),
            State::Closing { .. } => self.ask_to_close(step),
            State::Live(Live { link: Link::Resuming(_), .. }) => {
                match self.fetch(step, Timer::Inbound, &Call::Resume) {
                    Some(exchange) => self.set_link(Link::Resuming(exchange)),
                    None => self.poll(step),
                }
            }
            State::Live(Live { link: Link::Paused(_, Errand::Resume), .. }) => {
                self.set_link(Link::Resuming(Exchange::Waiting));
                self.go_on(step);
            }
            State::Live(_) => self.poll(step),
            State::Idle | State::Asking | State::Ended(_) => {}
        }
    }

    /// Takes the outcome of a protocol error on the inbound exchange.
    pub(super) fn on_protocol_error(&mut self, step: &mut Step, error: &ProtocolError) {
        match error.remedy() {
            Remedy::Retry { after } => {
                self.on_inbound_failure(step, after.map(|after| step.now + after.min(LONGEST_ASKED)))
            }
            Remedy::Wait => self.on_inbound_failure(step, None),
            Remedy::Resume => self.resume(step),
            Remedy::Park(_) => {
                if self.is_live() || !self.ask_again(step, InquiryState::Refused) {
                    self.on_over(step, EndReason::Failed);
                }
            }
            Remedy::End(reason) => self.on_over(step, reason),
        }
    }

    fn on_progress(&mut self, step: &mut Step, kind: CallKind, progress: Progress) {
        // Of two halves, the second may be the one that fails.
        if !matches!(progress.next, Next::Further(_)) {
            self.trouble.succeed();
        }
        if self.network == Network::Down {
            self.network = Network::Up;
            self.hurry_post(step);
        }
        let mut updates = progress.updates;
        match progress.next {
            Next::Further(request) if kind == CallKind::Poll => {
                if let Exchange::Flying(id) = self.fly(step, Timer::Inbound, request) {
                    self.set_link(Link::Polling(id));
                }
                return self.on_updates(step, updates);
            }
            Next::Continue(request) | Next::Further(request) => {
                let exchange = self.fly(step, Timer::Inbound, request);
                self.set_inbound(exchange);
                return self.on_updates(step, updates);
            }
            Next::Ask(form) if kind == CallKind::Open => {
                self.on_updates(step, updates);
                return self.on_asked_first(step, form);
            }
            Next::Ask(form) => updates.push(Update::Asked(form)),
            Next::Done => {}
        }
        match kind {
            CallKind::Open if self.is_leaving_message() => {}
            CallKind::Open => self.on_opened(step),
            CallKind::Poll
            | CallKind::Resume
            | CallKind::Post
            | CallKind::Upload
            | CallKind::Download
            | CallKind::Close => {
                self.set_link(Link::Resting);
            }
        }
        self.on_updates(step, updates);
        if self.is_leaving_message() {
            return self.on_over(step, EndReason::MessageLeft);
        }
        if kind == CallKind::Poll {
            self.on_news(step);
        }
        self.rest(step);
    }

    /// The last answer is taken over and nothing else was started meanwhile: the next poll is due.
    fn rest(&mut self, step: &mut Step) {
        if !matches!(self.state, State::Live(Live { link: Link::Resting, .. })) {
            return;
        }
        let due = self.echoes.asked + self.protocol.profile().rest;
        if due <= step.now {
            self.poll(step);
        } else {
            self.timers.set(Timer::Inbound, due);
        }
    }

    /// The visitor's words arrived: an answer may come soon, and a backend that was out of reach is there again.
    pub(super) fn expect_news(&mut self, step: &Step) {
        let may_hurry =
            matches!(self.state, State::Live(Live { link: Link::Resting | Link::Retrying(Wait::Chosen), .. }));
        let soon = step.now + SOON;
        if may_hurry && self.timers.at(Timer::Inbound).is_some_and(|at| at > soon) {
            self.timers.set(Timer::Inbound, soon);
        }
    }

    fn poll(&mut self, step: &mut Step) {
        self.echoes.asked = step.now;
        match self.fetch(step, Timer::Inbound, &Call::Poll) {
            Some(Exchange::Flying(request)) => self.set_link(Link::Polling(request)),
            // Without anything to ask with, no news will ever come.
            Some(Exchange::Waiting) | None => self.on_over(step, EndReason::Failed),
        }
    }

    fn on_inbound_failure(&mut self, step: &mut Step, at: Option<Timestamp>) {
        let wait = self.trouble.fail(step.now, &mut self.random);
        if self.trouble.lasting(step.now) > self.patience {
            // Answers within a conversation go another way, and end with it.
            if self.is_live() || !self.ask_again(step, InquiryState::Undelivered) {
                self.on_over(step, EndReason::ConnectionLost);
            }
            return;
        }
        match &mut self.state {
            State::Opening { exchange, .. } | State::Closing { exchange, .. } => *exchange = Exchange::Waiting,
            State::Live(Live { link: link @ Link::Resuming(_), .. }) => *link = Link::Resuming(Exchange::Waiting),
            State::Live(Live { link: Link::Paused(..), .. }) => {}
            State::Live(live) => live.link = Link::Retrying(if at.is_some() { Wait::Asked } else { Wait::Chosen }),
            State::Idle | State::Asking | State::Ended(_) => return,
        }
        self.timers.set(Timer::Inbound, at.unwrap_or(step.now + wait));
    }

    const fn is_live(&self) -> bool {
        matches!(self.state, State::Live(_))
    }

    fn inbound_kind(&self) -> Option<CallKind> {
        match &self.state {
            State::Opening { .. } => Some(CallKind::Open),
            State::Closing { .. } => Some(CallKind::Close),
            State::Live(Live { link: Link::Resuming(_), .. }) => Some(CallKind::Resume),
            State::Live(_) => Some(CallKind::Poll),
            State::Idle | State::Asking | State::Ended(_) => None,
        }
    }

    fn inbound_request(&self) -> Option<RequestId> {
        let exchange = match &self.state {
            State::Opening { exchange, .. } | State::Closing { exchange, .. } => *exchange,
            State::Live(Live { link: Link::Polling(request), .. }) => Exchange::Flying(*request),
            State::Live(Live { link: Link::Resuming(exchange), .. }) => *exchange,
            State::Live(_) | State::Idle | State::Asking | State::Ended(_) => Exchange::Waiting,
        };
        match exchange {
            Exchange::Flying(id) => Some(id),
            Exchange::Waiting => None,
        }
    }

    /// Takes note that the inbound exchange is no longer in flight.
    fn land(&mut self) {
        match &mut self.state {
            State::Opening { exchange, .. } | State::Closing { exchange, .. } => *exchange = Exchange::Waiting,
            State::Live(Live { link: Link::Resuming(exchange), .. }) => *exchange = Exchange::Waiting,
            State::Live(Live { link: link @ Link::Polling(_), .. }) => *link = Link::Resting,
            State::Live(_) | State::Idle | State::Asking | State::Ended(_) => {}
        }
    }

    fn set_inbound(&mut self, flying: Exchange) {
        match &mut self.state {
            State::Opening { exchange, .. } | State::Closing { exchange, .. } => *exchange = flying,
            State::Live(live) => live.link = Link::Resuming(flying),
            State::Idle | State::Asking | State::Ended(_) => {}
        }
    }

    fn set_link(&mut self, link: Link) {
        if let State::Live(live) = &mut self.state {
            live.link = link;
        }
    }
}

/// A bot answers in less than a second.
const SOON: std::time::Duration = std::time::Duration::from_millis(700);
/// How long nothing is asked while the browser says that there is no network.
const UNASKED: std::time::Duration = std::time::Duration::from_secs(15);
/// A server that asks for a longer wait than this would leave the visitor without a word.
pub(super) const LONGEST_ASKED: std::time::Duration = std::time::Duration::from_secs(60);
