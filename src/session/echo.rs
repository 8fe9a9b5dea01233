//! Backends that do not recognise a repeat show the visitor's words among their news. Whatever has no answer waits for
//! that echo, and is repeated only when news that were asked for later do not bring it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{Body, EntryId, Timestamp, WedgeReason};
use crate::protocol::Resend;

use super::outbox::{Entry, EntryState};
use super::state::{Cargo, Exchange, Posting};
use super::timers::Timer;
use super::{Session, Step};

/// What is known about echoes.
#[derive(Clone, Debug, Default)]
pub(super) struct Echoes {
    /// What was delivered by its answer and is still to come back, in order.
    pub(super) awaited: VecDeque<Arc<str>>,
    /// What was posted more than once, so that it may come back more than once.
    pub(super) repeated: Vec<Arc<str>>,
    /// Since when the fate of the post is not known.
    doubt: Option<Timestamp>,
    /// When the news were asked for that are on their way, or came last.
    pub(super) asked: Timestamp,
}

impl Echoes {
    /// What was stored. Whatever was on its way when the page went is in doubt from now on.
    pub(super) fn restored(now: Timestamp, awaited: Vec<Arc<str>>, repeated: Vec<Arc<str>>, is_in_doubt: bool) -> Self {
        Self { awaited: awaited.into(), repeated, doubt: is_in_doubt.then_some(now), asked: Timestamp::default() }
    }

    /// The clock was set back by so much.
    pub(super) fn set_back(&mut self, span: Duration) {
        self.doubt = self.doubt.map(|doubt| doubt - span);
        self.asked = self.asked - span;
    }

    /// Whether something must not be repeated yet.
    pub(super) const fn is_in_doubt(&self) -> bool {
        self.doubt.is_some()
    }

    /// The fate of the post is known.
    pub(super) const fn settle(&mut self) {
        self.doubt = None;
    }

    /// Takes what comes back as this out of those that are awaited. Those before it will not come any more.
    fn take(&mut self, text: &str) -> bool {
        let Some(place) = self.awaited.iter().position(|awaited| is_same(awaited, text)) else { return false };
        self.awaited.drain(..=place);
        true
    }

    fn take_repeated(&mut self, text: &str) -> bool {
        let Some(place) = self.repeated.iter().position(|repeated| is_same(repeated, text)) else { return false };
        self.repeated.remove(place);
        true
    }
}

impl Session {
    /// The visitor's own words came back.
    pub(super) fn on_echoed(&mut self, step: &mut Step, text: &str) {
        self.dismiss_alert();
        if self.echoes.take(text) {
            return;
        }
        let posted = self.posted().filter(|entry| is_same(&entry.text, text)).map(|entry| entry.id);
        if posted.is_none() && self.settle_unconfirmed(step, text) {
            return;
        }
        if posted.is_none() && self.echoes.take_repeated(text) {
            return;
        }
        // A backend may mask or trim what it takes: with nothing else alike, it is what was expected next.
        if posted.is_none() && self.echoes.awaited.pop_front().is_some() {
            return;
        }
        let posted = posted.or_else(|| self.posted().map(|entry| entry.id));
        match posted.and_then(|id| self.outbox.remove(id)) {
            Some(entry) => self.settle_arrived(step, entry),
            // Said from somewhere that left no trace here.
            None => {
                self.transcript.push(step.now, Body::arrived(text.into()));
            }
        }
    }

    /// The visitor's own words came back, under the id of their entry.
    pub(super) fn on_arrived(&mut self, step: &mut Step, entry: Option<EntryId>, text: Arc<str>) {
        self.dismiss_alert();
        let Some(id) = entry else {
            // Said from somewhere that left no trace here.
            self.transcript.push(step.now, Body::arrived(text));
            return;
        };
        if let Some(entry) = self.outbox.remove(id) {
            self.settle_arrived(step, entry);
        }
    }

    /// What a conversation ended upon may be shown by its history, once the visitor comes back to it. Whether these
    /// words were among what nobody could tell the fate of.
    fn settle_unconfirmed(&mut self, step: &mut Step, text: &str) -> bool {
        let is_meant = |entry: &&Entry| entry.state == UNCONFIRMED && is_same(&entry.text, text);
        let Some(id) = self.outbox.iter().find(is_meant).map(|entry| entry.id) else { return false };
        if let Some(entry) = self.outbox.remove(id) {
            self.on_delivered(step, entry);
        }
        true
    }

    /// What had no answer arrived all the same: there is no trouble to wait for.
    fn settle_arrived(&mut self, step: &mut Step, entry: Entry) {
        self.post_trouble.succeed();
        self.timers.stop(Timer::Pace);
        self.on_delivered(step, entry);
        let is_waiting =
            matches!(self.posting, Posting::Busy { cargo: Cargo::Entries, exchange: Exchange::Waiting, .. });
        if is_waiting && self.posted().is_none() {
            self.settle_post();
        }
    }

    /// Takes note that an answer delivered this.
    pub(super) fn await_echo(&mut self, entry: &Entry) {
        if self.protocol.profile().resend == Resend::AfterEcho {
            self.echoes.awaited.push_back(entry.text.clone());
        }
    }

    /// Takes note that the post got no answer: from now on only its echo, or news without it, tell more.
    pub(super) fn doubt_post(&mut self, now: Timestamp) {
        let is_heavy = matches!(self.posting, Posting::Busy { cargo: Cargo::Entries, .. });
        if !is_heavy || self.protocol.profile().resend == Resend::Recognised {
            return;
        }
        if self.posted().is_some() {
            self.echoes.doubt = Some(now);
        } else {
            // Its echo was sooner.
            self.settle_post();
        }
    }

    /// News came, whole. What is in doubt and is not among them did not arrive, if they were asked for late enough.
    pub(super) fn on_news(&mut self, step: &mut Step) {
        let Some(since) = self.echoes.doubt else { return };
        if self.echoes.asked < since + SETTLED {
            return;
        }
        self.echoes.settle();
        let Some(text) = self.posted().map(|entry| entry.text.clone()) else { return self.settle_post() };
        self.echoes.repeated.push(text);
        let extra = self.echoes.repeated.len().saturating_sub(MOST_REPEATED);
        self.echoes.repeated.drain(..extra);
        self.repeat_post(step);
    }

    /// The first entry of the post that is on its way or in doubt.
    fn posted(&self) -> Option<&Entry> {
        match &self.posting {
            Posting::Busy { post, cargo: Cargo::Entries, .. } => self.outbox.of_post(*post).next(),
            Posting::Busy { .. } | Posting::Free => None,
        }
    }
}

/// Backends change white space.
fn is_same(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

const UNCONFIRMED: EntryState = EntryState::Wedged(WedgeReason::Unconfirmed);
/// What was given up on its way may still arrive for so long; news that were asked for later are believed.
const SETTLED: Duration = Duration::from_secs(3);
/// More repeats than can still be on their way.
const MOST_REPEATED: usize = 16;
