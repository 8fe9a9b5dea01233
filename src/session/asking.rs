//! What the backend wants to know from the visitor: a form before a conversation or instead of one, within it, or after it.
//!
//! While a form stands before or instead, nothing is in flight and nothing is waited for but the visitor. The form and what
//! was typed so far are kept for a reload, and answers that did not get through bring the form back as it was filled in.

use std::sync::Arc;

use crate::model::json::Value;
use crate::model::keep::{Keep, field, insert, keep_words};
use crate::model::{Answer, EndReason, Form, Purpose};
use crate::protocol::Cause;

use super::backoff::Backoff;
use super::closing::LAST_WORDS;
use super::state::{Exchange, Live, State};
use super::timers::Timer;
use super::{Notice, Session, Step};

/// A form that is asked for, and how far the visitor is with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inquiry {
    /// The questions.
    pub form: Arc<Form>,
    /// What stands in it, or what was given.
    pub answers: Arc<[Answer]>,
    /// How it stands with the answers.
    pub state: InquiryState,
}

/// How it stands with the answers to a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InquiryState {
    /// The visitor has not given them yet.
    Open,
    /// They were given, and could not be delivered. The visitor may give them again.
    Undelivered,
    /// They were given, and the backend refused them. The visitor may give others.
    Refused,
    /// They are on their way, or wait for it.
    Given,
}

keep_words!(InquiryState {
    Open => "open",
    Undelivered => "undelivered",
    Refused => "refused",
    Given => "given",
});

impl Inquiry {
    /// What was given, while it is on its way.
    pub(super) fn given(&self) -> Option<&[Answer]> {
        (self.state == InquiryState::Given).then_some(&*self.answers)
    }

    /// Whether the visitor changed anything in it.
    fn is_touched(&self) -> bool {
        *self.answers != *self.form.prefilled()
    }

    /// Whether it can be asked while the conversation stands there.
    pub(super) fn fits(&self, state: &State) -> bool {
        let is_first = matches!(self.form.purpose, Purpose::Before | Purpose::Instead);
        let is_given = self.state == InquiryState::Given;
        match state {
            State::Idle => false,
            State::Asking => is_first && !is_given,
            State::Opening { .. } => is_first && is_given,
            State::Live(_) => self.form.purpose == Purpose::Within,
            State::Closing { cause, .. } => self.form.purpose == Purpose::After && is_given && *cause == Cause::Over,
            State::Ended(_) => self.form.purpose == Purpose::After && !is_given,
        }
    }
}

impl Keep for Inquiry {
    fn keep(&self) -> Value {
        let mut object = Vec::new();
        insert(&mut object, "form", &*self.form);
        insert(&mut object, "answers", &self.answers.to_vec());
        insert(&mut object, "state", &self.state);
        Value::Object(object)
    }

    fn kept(value: &Value) -> Option<Self> {
        let form: Form = field(value, "form")?;
        let answers: Vec<Answer> = field(value, "answers")?;
        let form = form.bounded();
        let answers = form.drafted(&answers).into();
        Some(Self { form: Arc::new(form), answers, state: field(value, "state")? })
    }
}

impl Session {
    /// The opening wants a form filled in first, or instead.
    pub(super) fn on_asked_first(&mut self, step: &mut Step, form: Form) {
        let State::Opening { exchange, .. } = self.state else { return };
        self.ground(step, Timer::Inbound, exchange);
        let is_instead = form.purpose == Purpose::Instead;
        let purpose = if is_instead { Purpose::Instead } else { Purpose::Before };
        let form = Form { purpose, ..form.bounded() };
        if is_instead && form.is_blank() {
            // Nobody is there, and nothing can be left.
            return self.on_over(step, EndReason::Unavailable);
        }
        self.pose(form);
        self.timers.clear();
        self.state = State::Asking;
    }

    /// The conversation wants a form filled in, and goes on meanwhile.
    pub(super) fn on_asked_within(&mut self, form: Form) {
        let form = Form { purpose: Purpose::Within, ..form.bounded() };
        let is_asked = self.inquiry.as_ref().is_some_and(|inquiry| *inquiry.form == form);
        if matches!(self.state, State::Live(Live { ending: None, .. })) && !form.is_blank() && !is_asked {
            self.pose(form);
        }
    }

    /// Nobody wants to know any more what was asked within the conversation.
    pub(super) fn on_unasked(&mut self) {
        let is_open = |inquiry: &mut Inquiry| inquiry.form.purpose == Purpose::Within && inquiry.given().is_none();
        self.inquiry.take_if(is_open);
    }

    /// The end wants a form filled in. The conversation is over; only the visitor's answers are waited for.
    pub(super) fn on_asked_after(&mut self, step: &mut Step, form: Form) {
        let State::Closing { cause, reason, .. } = self.state else { return };
        let form = Form { purpose: Purpose::After, ..form.bounded() };
        if form.is_blank() {
            return self.on_closed(step);
        }
        self.pose(form);
        self.timers.clear();
        self.state = State::Ended(reason);
        if cause != Cause::Over {
            step.announce(Notice::SessionEnded { reason });
        }
    }

    /// The visitor gives their answers. The screen has looked them through; what has a problem all the same stays a draft.
    pub(super) fn on_answers(&mut self, step: &mut Step, answers: &[Answer]) {
        let is_ending = matches!(self.state, State::Live(Live { ending: Some(_), .. }));
        let Some(inquiry) = self.inquiry.as_mut().filter(|inquiry| inquiry.given().is_none() && !is_ending) else {
            return;
        };
        // Answers to another form come from a tab that has not yet heard of this one.
        if !answers.iter().all(|answer| inquiry.form.has(&answer.question)) {
            return;
        }
        if !inquiry.form.problems(answers).is_empty() {
            inquiry.answers = inquiry.form.drafted(answers).into();
            return;
        }
        inquiry.answers = inquiry.form.settled(answers).into();
        inquiry.state = InquiryState::Given;
        match self.state {
            State::Asking => self.open(step),
            State::Live(_) => {
                self.on_answer();
                // What could not be sent while the form stood there is told apart first.
                self.hurry_post(step);
            }
            State::Ended(reason) => {
                let post = self.counters.post();
                self.state = State::Closing { cause: Cause::Over, reason, post, exchange: Exchange::Waiting };
                self.timers.set(Timer::Closing, step.now + LAST_WORDS);
                self.ask_to_close(step);
            }
            State::Idle | State::Opening { .. } | State::Closing { .. } => {}
        }
    }

    /// The visitor edited the form; this is what stands there now.
    pub(super) fn on_fill(&mut self, step: &mut Step, answers: &[Answer]) {
        if let Some(inquiry) = self.inquiry.as_mut().filter(|inquiry| inquiry.given().is_none()) {
            inquiry.answers = inquiry.form.drafted(answers).into();
            self.on_sign_of_life(step);
        }
    }

    /// The visitor does not want to answer after the end.
    pub(super) fn on_skip(&mut self) {
        if let State::Ended(_) = self.state
            && self.inquiry.take().is_some()
            && !self.protocol.can_return()
        {
            self.protocol.forget();
        }
    }

    /// Brings the form back whose answers did not get through; whether there is one.
    pub(super) fn ask_again(&mut self, step: &mut Step, state: InquiryState) -> bool {
        let Some(inquiry) = self.inquiry.as_mut().filter(|inquiry| inquiry.given().is_some()) else { return false };
        inquiry.state = state;
        let (exchange, next) = match self.state {
            State::Opening { exchange, .. } => (exchange, State::Asking),
            State::Closing { exchange, reason, .. } => (exchange, State::Ended(reason)),
            State::Idle | State::Asking | State::Live(_) | State::Ended(_) => return true,
        };
        self.ground(step, Timer::Inbound, exchange);
        self.timers.clear();
        self.trouble = Backoff::default();
        self.state = next;
        true
    }

    /// The answers arrived, or nobody wants them. A form that was asked for meanwhile stays.
    pub(super) fn settle_answers(&mut self) {
        self.inquiry.take_if(|inquiry| inquiry.given().is_some());
    }

    /// Whether answers wait to be posted, or are on their way.
    pub(super) fn has_answers(&self) -> bool {
        self.inquiry.as_ref().is_some_and(|inquiry| inquiry.given().is_some())
    }

    /// Whether nobody is there, and what is on its way is all that there will be.
    pub(super) fn is_leaving_message(&self) -> bool {
        let is_instead = |inquiry: &Inquiry| inquiry.form.purpose == Purpose::Instead && inquiry.given().is_some();
        matches!(self.state, State::Opening { .. }) && self.inquiry.as_ref().is_some_and(is_instead)
    }

    /// Whether the visitor began to fill in a form and has not given it.
    pub(super) fn is_filling_in(&self) -> bool {
        self.inquiry.as_ref().is_some_and(Inquiry::is_touched)
    }

    /// The form as a screen shows it: not while it is overtaken by what comes of it.
    pub(super) fn shown_inquiry(&self) -> Option<Inquiry> {
        let is_ending = matches!(self.state, State::Live(Live { ending: Some(_), .. }));
        let is_overtaken = |inquiry: &Inquiry| inquiry.form.purpose == Purpose::Before && inquiry.given().is_some();
        self.inquiry.clone().filter(|inquiry| !is_ending && !is_overtaken(inquiry))
    }

    /// Puts a form before the visitor. What they answered to the same questions of the one before stays.
    fn pose(&mut self, form: Form) {
        let mut answers = form.prefilled();
        if let Some(before) = &self.inquiry {
            let carried = form.drafted(&before.answers);
            answers.retain(|answer| carried.iter().all(|other| other.question != answer.question));
            answers.extend(carried);
        }
        let answers = form.drafted(&answers).into();
        self.inquiry = Some(Inquiry { form: Arc::new(form), answers, state: InquiryState::Open });
    }
}
