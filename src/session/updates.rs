//! What news means for the conversation.

use std::sync::Arc;

use crate::model::{Body, EndReason, Happening, MessageId, Reach, Speech, WedgeReason};
use crate::protocol::{Activity, Cause, HistoryLine, Numbering, Party, SneakPeek, Update};

use super::history::{Replay, unseen};
use super::outbox::EntryState;
use super::state::{Cargo, Live, Phase, Posting, State};
use super::timers::Timer;
use super::{Link, Notice, Panel, Session, Step};

impl Session {
    /// Takes news over, in order.
    pub(super) fn on_updates(&mut self, step: &mut Step, updates: Vec<Update>) {
        for update in updates {
            self.on_update(step, update);
        }
    }

    /// The backend took the wish for a conversation.
    pub(super) fn on_opened(&mut self, step: &mut Step) {
        let State::Opening { wait, .. } = self.state else { return };
        // What was answered before is taken over.
        self.inquiry = None;
        let phase = Phase::Queued { position: None, wait };
        self.state = State::Live(Live { phase, link: Link::Resting, ending: None });
        step.announce(Notice::SessionStarted);
    }

    pub(super) fn on_update(&mut self, step: &mut Step, update: Update) {
        // What was to be shown at a pause comes before whatever was said later.
        if matches!(
            update,
            Update::Said(_)
                | Update::Revised(_)
                | Update::Withdrawn { .. }
                | Update::Replies(_)
                | Update::Notice { .. }
                | Update::Joined { .. }
                | Update::Transferred { .. }
                | Update::Requeued
        ) {
            self.show_held(step);
        }
        match update {
            // What is said behind the end is still read, but nothing comes to life again.
            Update::AgentTyping(_) | Update::SneakPeek(_) | Update::Upload(_) | Update::Reopen if self.is_over() => {}
            Update::Expected { wait: expected } => {
                if let State::Opening { wait, .. } = &mut self.state {
                    *wait = expected;
                }
            }
            Update::Queued { position, wait } => {
                if let State::Live(Live { phase: phase @ Phase::Queued { .. }, .. }) = &mut self.state {
                    *phase = Phase::Queued { position, wait };
                }
            }
            Update::Joined { name } => self.on_joined(step, name),
            Update::Transferred { name } => {
                self.set_agent(name.clone());
                self.happen(step, Happening::Transferred { name });
            }
            Update::Transferring => {
                self.set_agent(None);
                self.happen(step, Happening::Transferring);
            }
            Update::AgentLeft => {
                let name = self.agent();
                self.set_agent(None);
                self.happen(step, Happening::Left { name });
            }
            Update::ConferenceJoined { name } => self.happen(step, Happening::Joined { name }),
            Update::ConferenceLeft { name } => self.happen(step, Happening::Left { name }),
            Update::BotJoined { name } => {
                self.begin_talking(step, name.clone());
                self.happen(step, Happening::BotJoined { name });
                self.expect_answer(step);
            }
            Update::Said(speech) => self.on_said(step, speech),
            Update::Revised(speech) => self.on_revised(step, speech),
            Update::Withdrawn { id } => self.on_withdrawn(&id),
            Update::Read => self.on_read(),
            Update::Notice { text } => self.happen(step, Happening::Notice { text }),
            Update::Shared { author, file } => self.on_shared(step, author, file),
            Update::Unshared { file } => self.on_unshared(step, &file),
            Update::Echoed { text } => self.on_echoed(step, &text),
            Update::Unasked => self.on_unasked(),
            Update::Requeued => self.on_requeued(step),
            Update::QueueText(text) => self.on_queue_text(text),
            Update::Replies(replies) => self.on_replies(replies),
            Update::Person(offer) => self.on_person_offer(offer),
            Update::Later { wait, update } => self.on_later(step, wait, *update),
            Update::Arrived { entry, text } => self.on_arrived(step, entry, text),
            Update::AgentTyping(activity) => self.on_agent_typing(step, activity),
            Update::History(lines) => self.on_history(step, &lines),
            Update::Idle(policy) => self.on_idle_policy(step, policy),
            Update::IdleAlert { end } => self.on_idle_alert(step, end),
            Update::SneakPeek(sneak_peek) => self.sneak_peek = sneak_peek,
            Update::Custom { kind, data } => step.announce(Notice::Custom { kind, data }),
            Update::Upload(fact) => self.on_upload_fact(fact),
            Update::Patience(patience) => self.patience = patience,
            Update::Asked(form) => self.on_asked_within(form),
            Update::Ignored { kind } => step.announce(Notice::Ignored { kind }),
            Update::Quiet => self.replay = Replay::default(),
            Update::Resumed(numbering) => self.on_resumed(step, numbering),
            Update::Reopen => self.on_reopen(step),
            Update::Ended(reason) => self.on_over(step, reason),
        }
    }

    fn begin_talking(&mut self, step: &mut Step, name: Option<Arc<str>>) {
        let State::Live(live) = &mut self.state else { return };
        live.phase = Phase::Talking { agent: name.clone() };
        step.announce(Notice::AgentJoined { name: name.as_deref().map(str::to_owned) });
    }

    fn on_joined(&mut self, step: &mut Step, name: Option<Arc<str>>) {
        if !matches!(self.state, State::Live(_)) {
            return;
        }
        self.begin_talking(step, name.clone());
        self.happen(step, Happening::Joined { name });
        self.expect_answer(step);
    }

    pub(super) fn on_said(&mut self, step: &mut Step, speech: Speech) {
        self.on_agent_typing(step, Activity::Silent);
        self.dismiss_alert();
        if self.replay.is_repeat(&speech.text) {
            return;
        }
        self.hear(step, speech);
        self.expect_answer(step);
    }

    /// Words in the transcript were changed. Those of which there is no trace here must be read all the same.
    fn on_revised(&mut self, step: &mut Step, speech: Speech) {
        let is_meant = |said: &Speech| said.origin.is_some() && said.origin == speech.origin;
        match self.transcript.find_speech(is_meant) {
            Some((line, _)) => self.revise(line, Body::Agent(speech)),
            None => self.on_said(step, speech),
        }
    }

    fn on_withdrawn(&mut self, id: &str) {
        let is_meant = |said: &Speech| said.origin.as_ref().is_some_and(|origin| &*origin.id == id);
        let found = self.transcript.find_speech(is_meant).map(|(line, said)| (line, said.name.clone()));
        if let Some((line, name)) = found {
            self.revise(line, Body::Withdrawn { name });
        }
    }

    fn on_read(&mut self) {
        let unread: Vec<(MessageId, Arc<str>)> =
            self.transcript.unread().map(|(id, text)| (id, text.clone())).collect();
        for (line, text) in unread {
            self.revise(line, Body::Visitor { text, reach: Reach::Read });
        }
    }

    fn revise(&mut self, line: MessageId, body: Body) {
        if let Some(page) = self.transcript.revise(line, body) {
            self.pages.soil(page);
        }
    }

    /// An agent's words enter the transcript.
    fn hear(&mut self, step: &mut Step, speech: Speech) {
        let told = (speech.name.as_deref().map(str::to_owned), speech.text.to_string());
        self.receive(step, Body::Agent(speech), told);
    }

    /// Something of an agent's enters the transcript; the page is told whose it is and what it says.
    pub(super) fn receive(&mut self, step: &mut Step, body: Body, (name, text): (Option<String>, String)) {
        let message = self.transcript.push(step.now, body);
        if self.panel == Panel::Shut {
            self.unread = self.unread.saturating_add(1);
        }
        self.has_unread_news = true;
        step.announce(Notice::MessageReceived { message, name, text });
    }

    pub(super) fn happen(&mut self, step: &Step, happening: Happening) {
        self.transcript.push(step.now, Body::Event(happening));
    }

    pub(super) fn on_agent_typing(&mut self, step: &Step, activity: Activity) {
        self.agent_is_typing = activity == Activity::Typing;
        match activity {
            Activity::Typing => self.timers.set(Timer::AgentTyping, step.now + self.protocol.profile().typing),
            Activity::Silent => self.timers.stop(Timer::AgentTyping),
        }
    }

    /// The backend's own record settles what may have arrived, and shows what was missed.
    fn on_history(&mut self, step: &mut Step, lines: &[HistoryLine]) {
        let missed = unseen(&self.transcript, lines, Party::Agent);
        for line in &missed {
            self.hear(step, Speech::plain(line.name.clone(), line.text.clone()));
        }
        self.replay = Replay::of(missed.iter().map(|line| line.text.clone()));
        self.reconcile(step, lines);
    }

    fn reconcile(&mut self, step: &mut Step, lines: &[HistoryLine]) {
        let Posting::Busy { post, cargo: Cargo::Entries, exchange: super::Exchange::Waiting } = self.posting else {
            return;
        };
        let arrived = unseen(&self.transcript, lines, Party::Visitor);
        let mut arrived = arrived.iter().map(|line| line.text.trim());
        let ids: Vec<_> = self.outbox.of_post(post).map(|entry| (entry.id, entry.text.clone())).collect();
        for (id, text) in ids {
            if arrived.any(|line| line == text.trim())
                && let Some(entry) = self.outbox.remove(id)
            {
                self.on_delivered(step, entry);
            }
        }
        self.outbox.mark_post(post, EntryState::Queued);
        self.settle_post();
    }

    /// The conversation was found again. What no record settled is settled here.
    fn on_resumed(&mut self, step: &mut Step, numbering: Numbering) {
        match numbering {
            Numbering::Kept => self.hurry_post(step),
            Numbering::Reset => {
                if let Posting::Busy { post, .. } = self.posting {
                    self.outbox.mark_post(post, EntryState::Wedged(WedgeReason::Unconfirmed));
                    self.settle_post();
                }
            }
        }
    }

    /// The backend wants the conversation elsewhere: a new one is opened there, with everything that still waits.
    fn on_reopen(&mut self, step: &mut Step) {
        if let Posting::Busy { post, .. } = self.posting {
            self.hold_post(step);
            self.outbox.mark_post(post, EntryState::Wedged(WedgeReason::Unconfirmed));
            self.settle_post();
        }
        if matches!(self.state, State::Live(Live { ending: Some(_), .. })) {
            return self.close(step);
        }
        self.on_agent_typing(step, Activity::Silent);
        self.on_idle_policy(step, None);
        self.sneak_peek = SneakPeek::Forbidden;
        self.give_upload_up(step);
        if matches!(self.state, State::Live(_)) {
            // Whoever asked within the conversation is left behind.
            self.inquiry = None;
        }
        self.open(step);
    }

    /// The conversation is over, by the backend's word or because it cannot go on.
    pub(super) fn on_over(&mut self, step: &mut Step, reason: EndReason) {
        if matches!(self.state, State::Idle | State::Ended(_)) {
            return;
        }
        self.begin_closing(step, Cause::Over, reason);
    }

    pub(super) const fn is_over(&self) -> bool {
        match self.state {
            State::Idle | State::Closing { .. } | State::Ended(_) => true,
            State::Asking | State::Opening { .. } | State::Live(_) => false,
        }
    }

    fn set_agent(&mut self, name: Option<Arc<str>>) {
        self.agent_is_typing = false;
        self.timers.stop(Timer::AgentTyping);
        if let State::Live(Live { phase: Phase::Talking { agent }, .. }) = &mut self.state {
            *agent = name;
        }
    }

    fn agent(&self) -> Option<Arc<str>> {
        match &self.state {
            State::Live(Live { phase: Phase::Talking { agent }, .. }) => agent.clone(),
            State::Live(_)
            | State::Idle
            | State::Asking
            | State::Opening { .. }
            | State::Closing { .. }
            | State::Ended(_) => None,
        }
    }
}
