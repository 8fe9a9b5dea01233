//! How a conversation ends, and how the next begins.

use crate::model::{EndReason, Visitor};
use crate::protocol::{Call, CallKind, Cause, Next, Remedy, Response, TransportError};

use super::asking::{Inquiry, InquiryState};
use super::backoff::Backoff;
use super::echo::Echoes;
use super::files::Files;
use super::history::Replay;
use super::offers::Offers;
use super::state::{Composer, Exchange, Link, Live, Phase, Posting, State};
use super::timers::Timer;
use super::{Notice, Serial, Session, Step, Transcript, Unheard};

impl Session {
    /// The end is asked for. What the visitor already sent goes first, for as long as that is possible.
    pub(super) fn on_end(&mut self, step: &mut Step, cause: Cause) {
        match &mut self.state {
            State::Asking | State::Opening { .. } | State::Live(Live { phase: Phase::Queued { .. }, .. }) => {
                self.close_as(step, cause);
            }
            State::Live(live) => {
                if live.ending.is_none() {
                    live.ending = Some(cause);
                    self.timers.set(Timer::Flush, step.now + FLUSH);
                    self.flush(step);
                }
            }
            State::Idle | State::Closing { .. } | State::Ended(_) => {}
        }
    }

    /// Ends a conversation whose end was asked for as soon as nothing is left to be sent.
    pub(super) fn flush(&mut self, step: &mut Step) {
        let is_done = self.posting == Posting::Free && !self.outbox.is_flowing() && !self.has_answers();
        if let State::Live(Live { ending: Some(_), .. }) = self.state
            && is_done
        {
            self.close(step);
        }
    }

    /// Ends a conversation whose end was asked for.
    pub(super) fn close(&mut self, step: &mut Step) {
        if let State::Live(Live { ending: Some(cause), .. }) = self.state {
            self.close_as(step, cause);
        }
    }

    fn close_as(&mut self, step: &mut Step, cause: Cause) {
        let reason = match cause {
            Cause::Visitor => EndReason::Visitor,
            Cause::Idle => EndReason::Idle,
            Cause::Over => EndReason::Unknown,
        };
        self.begin_closing(step, cause, reason);
    }

    /// Gives up everything in flight and tells the backend that it is over.
    pub(super) fn begin_closing(&mut self, step: &mut Step, cause: Cause, reason: EndReason) {
        self.give_everything_up(step);
        self.outbox.wedge_all();
        self.state = State::Closing { cause, reason, post: self.counters.post(), exchange: Exchange::Waiting };
        if cause == Cause::Over {
            step.announce(Notice::SessionEnded { reason });
        }
        self.timers.set(Timer::Closing, step.now + LAST_WORDS);
        self.ask_to_close(step);
    }

    /// Nothing is in flight any more, and nothing is waited for.
    fn give_everything_up(&mut self, step: &mut Step) {
        let inbound = match &self.state {
            State::Opening { exchange, .. } | State::Closing { exchange, .. } => *exchange,
            State::Live(Live { link: Link::Polling(request), .. }) => Exchange::Flying(*request),
            State::Live(Live { link: Link::Resuming(exchange), .. }) => *exchange,
            State::Live(_) | State::Idle | State::Asking | State::Ended(_) => Exchange::Waiting,
        };
        self.ground(step, Timer::Inbound, inbound);
        self.hold_post(step);
        self.give_upload_up(step);
        self.give_offers_up(step);
        self.timers.clear();
        self.settle_post();
        while !self.customs.is_empty() {
            self.give_custom_up(step, Unheard::Over);
        }
        self.inquiry = None;
        self.signals.clear();
        self.agent_is_typing = false;
        self.idle = None;
        self.idle_end = None;
        self.trouble = Backoff::default();
    }

    /// Sends the last words.
    pub(super) fn ask_to_close(&mut self, step: &mut Step) {
        let State::Closing { cause, post, .. } = self.state else { return };
        let answers = self.inquiry.as_ref().and_then(Inquiry::given);
        match self.protocol.begin(&Call::Close { post, cause, answers }) {
            Some(request) => {
                let flying = self.fly(step, Timer::Inbound, request);
                if let State::Closing { exchange, .. } = &mut self.state {
                    *exchange = flying;
                }
            }
            None => self.on_closed(step),
        }
    }

    /// The last words came to their end.
    pub(super) fn on_close_reply(&mut self, step: &mut Step, outcome: Result<Response, TransportError>) {
        let received = outcome.map(|response| self.protocol.receive(CallKind::Close, &response));
        match received {
            Ok(Ok(progress)) => match progress.next {
                Next::Continue(request) | Next::Further(request) => {
                    let flying = self.fly(step, Timer::Inbound, request);
                    if let State::Closing { exchange, .. } = &mut self.state {
                        *exchange = flying;
                    }
                }
                Next::Ask(form) => self.on_asked_after(step, form),
                Next::Done => self.on_closed(step),
            },
            Ok(Err(error)) => match error.remedy() {
                Remedy::Retry { .. } | Remedy::Wait | Remedy::Resume => self.retry_close(step),
                Remedy::Park(_) => {
                    if !self.ask_again(step, InquiryState::Refused) {
                        self.on_closed(step);
                    }
                }
                Remedy::End(_) => self.on_closed(step),
            },
            Err(_) => self.retry_close(step),
        }
    }

    fn retry_close(&mut self, step: &mut Step) {
        let wait = self.trouble.fail(step.now, &mut self.random);
        if self.trouble.failures() < CLOSE_ATTEMPTS {
            self.timers.set(Timer::Inbound, step.now + wait);
        } else {
            self.give_closing_up(step);
        }
    }

    /// The last words did not get through. Without answers among them that is no loss.
    pub(super) fn give_closing_up(&mut self, step: &mut Step) {
        if !self.ask_again(step, InquiryState::Undelivered) {
            self.on_closed(step);
        }
    }

    /// It is over, and nothing is asked any more.
    pub(super) fn on_closed(&mut self, step: &mut Step) {
        let State::Closing { cause, reason, exchange, .. } = self.state else { return };
        self.ground(step, Timer::Inbound, exchange);
        self.timers.clear();
        if !self.protocol.can_return() {
            self.protocol.forget();
        }
        self.inquiry = None;
        self.state = State::Ended(reason);
        if cause != Cause::Over {
            step.announce(Notice::SessionEnded { reason });
        }
    }

    /// Whether the visitor can go back to the conversation that is over.
    pub(super) fn can_return(&self) -> bool {
        matches!(self.state, State::Ended(reason) if reason != EndReason::Elsewhere)
            && !self.has_answers()
            && self.protocol.can_return()
    }

    /// The visitor goes back to the conversation that is over, and leaves what was asked about it. Whether it can go on
    /// the backend says.
    pub(super) fn on_return(&mut self, step: &mut Step) {
        if !self.can_return() {
            return;
        }
        self.inquiry = None;
        let phase = Phase::Talking { agent: None };
        self.state = State::Live(Live { phase, link: Link::Resuming(Exchange::Waiting), ending: None });
        step.announce(Notice::SessionStarted);
        self.go_on(step);
    }

    /// The conversation went on elsewhere, and may go on there still: nothing is asked of the backend, and what is left
    /// here goes under a name of its own.
    pub(super) fn on_outrun(&mut self, step: &mut Step) {
        self.give_everything_up(step);
        self.protocol.forget();
        // Whatever waits here may have been sent there.
        self.outbox.doubt_all();
        self.pages = self.pages.renamed(&mut self.random);
        self.serial = Serial::default();
        match self.state {
            State::Idle => {}
            // Where it had ended here a next one may have begun there.
            State::Ended(_) => self.state = State::Ended(EndReason::Elsewhere),
            State::Asking | State::Opening { .. } | State::Live(_) | State::Closing { .. } => {
                self.state = State::Ended(EndReason::Elsewhere);
                step.announce(Notice::SessionEnded { reason: EndReason::Elsewhere });
            }
        }
    }

    /// Clears the table for a new conversation. What the visitor has not yet decided about stays.
    pub(super) fn begin_anew(&mut self) {
        self.protocol.forget();
        self.transcript = Transcript::after(&self.transcript);
        self.pages = self.pages.of_next_conversation();
        self.replay = Replay::default();
        self.echoes = Echoes::default();
        self.files = Files::default();
        self.has_unread_news = false;
        self.composer = Composer { draft: self.composer.draft.clone(), ..Composer::default() };
        self.inquiry = None;
        self.offers = Offers::default();
        self.timers.clear();
        self.trouble = Backoff::default();
        self.post_trouble = Backoff::default();
        self.patience = self.protocol.profile().patience;
        self.posting = Posting::Free;
        self.sneak_peek = crate::protocol::SneakPeek::Forbidden;
        self.unread = 0;
        self.visitor = Visitor::default();
    }
}

/// How long words that are on their way may hold the end up.
pub(super) const FLUSH: std::time::Duration = std::time::Duration::from_secs(8);
/// How long the backend has to take note of the end.
pub(super) const LAST_WORDS: std::time::Duration = std::time::Duration::from_secs(20);
/// As the vendor's own kit does (live-agent.md §5.6).
const CLOSE_ATTEMPTS: u32 = 4;
