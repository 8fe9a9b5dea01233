//! What a backend offers beside words: replies to be given with one press, a person instead of a bot, its own words for
//! the queue, and what a bot wants shown only after a pause.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::model::json::Value;
use crate::model::keep::{Keep, field, insert, keep_words, read_variant, variant};
use crate::model::{Body, Happening, Label, Reply, Speech, Timestamp};
use crate::protocol::{Activity, PersonOffer, Update};

use super::state::{Live, Phase, State};
use super::stored::StoredLine;
use super::timers::Timer;
use super::{Session, Step};

/// What is offered, and what of it was asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Offers {
    /// Ready answers to what was said last.
    pub(super) replies: Arc<[Reply]>,
    /// Whether a person can be asked for.
    pub(super) person: Person,
    /// What the site says to who stands in the queue.
    pub(super) queue_text: Option<Arc<str>>,
    /// What is still to be shown, the earliest first.
    held: VecDeque<Held>,
}

/// Whether the visitor can ask for a person instead of a bot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Person {
    /// There is nobody to ask for.
    #[default]
    Unasked,
    /// They can.
    Offered,
    /// They did, and it is on its way.
    Wanted,
}

keep_words!(Person { Unasked => "unasked", Offered => "offered", Wanted => "wanted" });

/// Something that is shown only when it is due.
#[derive(Clone, Debug, PartialEq)]
struct Held {
    at: Timestamp,
    what: Paced,
}

/// What a bot says at its own pace.
#[derive(Clone, Debug, PartialEq)]
enum Paced {
    /// A line; always of an agent's kind.
    Line(Speech),
    Replies(Vec<Reply>),
}

impl Offers {
    /// The clock was set back by so much.
    pub(super) fn set_back(&mut self, span: Duration) {
        for held in &mut self.held {
            held.at = held.at - span;
        }
    }

    /// What was stored, at an instant before which the clock may have been set back while no page looked on.
    pub(super) fn restored(mut self, now: Timestamp) -> Self {
        for held in &mut self.held {
            held.at = held.at.min(now + LONGEST_PAUSE);
        }
        self
    }

    /// When something is due.
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.held.front().map(|held| held.at)
    }

    /// What was said and is not shown yet keeps its order: nothing is due before what it came behind.
    fn hold(&mut self, at: Timestamp, what: Paced) {
        let at = self.held.back().map_or(at, |last| last.at.max(at));
        self.held.push_back(Held { at, what });
    }
}

impl Session {
    /// The visitor gives one of the ready answers. One that was taken back meanwhile is said in so many words.
    pub(super) fn on_reply_chosen(&mut self, step: &Step, reply: Reply, text: &str) {
        let said = match &reply.label {
            Label::Text(own) => Arc::clone(own),
            Label::Yes | Label::No => Arc::from(text.trim()),
        };
        if said.is_empty() || self.state == State::Idle {
            return;
        }
        let is_offered = self.offers.replies.contains(&reply);
        self.accept(step, said, reply.note.filter(|_| is_offered));
    }

    /// The visitor answered, in whatever way.
    pub(super) fn on_answered(&mut self) {
        self.offers.replies = Arc::default();
        self.on_answer();
    }

    /// The visitor asks for a person.
    pub(super) fn on_person_wanted(&mut self) {
        if self.offers.person == Person::Offered && matches!(self.state, State::Live(Live { ending: None, .. })) {
            self.offers.person = Person::Wanted;
            self.on_answer();
        }
    }

    /// The wish for a person arrived, or nobody heeds it.
    pub(super) const fn settle_person(&mut self) {
        self.offers.person = Person::Unasked;
    }

    /// Whether the wish for a person waits to be posted, or is on its way.
    pub(super) fn is_person_wanted(&self) -> bool {
        self.offers.person == Person::Wanted
    }

    pub(super) fn on_replies(&mut self, replies: Vec<Reply>) {
        let is_live = matches!(self.state, State::Live(Live { ending: None, .. }));
        let can_be_read = |reply: &Reply| match &reply.label {
            Label::Text(text) => !text.trim().is_empty() && text.len() <= LONGEST,
            Label::Yes | Label::No => true,
        };
        let offered = replies.into_iter().filter(|reply| is_live && can_be_read(reply)).take(MOST_REPLIES);
        self.offers.replies = offered.collect();
    }

    /// A wish that is on its way is not taken back by what was offered before it.
    pub(super) fn on_person_offer(&mut self, offer: PersonOffer) {
        let is_live = matches!(self.state, State::Live(_));
        self.offers.person = match (offer, self.offers.person) {
            (PersonOffer::Offered, Person::Wanted) => Person::Wanted,
            (PersonOffer::Offered, _) if is_live => Person::Offered,
            (PersonOffer::Offered | PersonOffer::Withdrawn, _) => Person::Unasked,
        };
    }

    pub(super) fn on_queue_text(&mut self, text: Option<Arc<str>>) {
        self.offers.queue_text = text.filter(|text| !text.trim().is_empty() && text.len() <= LONGEST);
    }

    /// A bot handed the visitor over to people: the conversation stands in the queue again.
    pub(super) fn on_requeued(&mut self, step: &Step) {
        let State::Live(live) = &mut self.state else { return };
        if !matches!(live.phase, Phase::Talking { .. }) {
            return;
        }
        live.phase = Phase::Queued { position: None, wait: None };
        self.offers.replies = Arc::default();
        self.offers.queue_text = None;
        self.on_agent_typing(step, Activity::Silent);
        self.happen(step, Happening::Transferring);
    }

    /// Something is to be shown a little later. Whatever cannot wait is taken over at once.
    pub(super) fn on_later(&mut self, step: &mut Step, wait: Duration, update: Update) {
        let what = match update {
            Update::Said(speech) => Paced::Line(speech),
            Update::Replies(replies) => Paced::Replies(replies),
            other => return self.on_update(step, other),
        };
        self.offers.hold(step.now + wait.min(LONGEST_PAUSE), what);
        if self.is_over() {
            return self.show_held(step);
        }
        self.on_agent_typing(step, Activity::Typing);
        self.await_held();
    }

    /// What waited is due.
    pub(super) fn on_held_due(&mut self, step: &mut Step) {
        while self.offers.due().is_some_and(|at| at <= step.now) {
            self.show_next(step);
        }
        if self.offers.due().is_some() {
            self.on_agent_typing(step, Activity::Typing);
        }
        self.await_held();
    }

    /// The conversation is over: what waits is shown now, and nothing is offered any more.
    pub(super) fn give_offers_up(&mut self, step: &mut Step) {
        self.show_held(step);
        self.offers = Offers::default();
    }

    /// Waits for what is due next.
    pub(super) fn await_held(&mut self) {
        match self.offers.due() {
            Some(at) => self.timers.set(Timer::Held, at),
            None => self.timers.stop(Timer::Held),
        }
    }

    /// Shows at once whatever waits.
    pub(super) fn show_held(&mut self, step: &mut Step) {
        while self.offers.due().is_some() {
            self.show_next(step);
        }
    }

    fn show_next(&mut self, step: &mut Step) {
        match self.offers.held.pop_front().map(|held| held.what) {
            Some(Paced::Line(speech)) => self.on_said(step, speech),
            Some(Paced::Replies(replies)) => self.on_replies(replies),
            None => {}
        }
    }
}

impl Keep for Offers {
    fn keep(&self) -> Value {
        let mut object = Vec::new();
        insert(&mut object, "replies", &self.replies.to_vec());
        insert(&mut object, "person", &self.person);
        insert(&mut object, "queue_text", &self.queue_text);
        insert(&mut object, "held", &self.held.iter().cloned().collect::<Vec<_>>());
        Value::Object(object)
    }

    fn kept(value: &Value) -> Option<Self> {
        let replies: Vec<Reply> = field(value, "replies")?;
        let held: Vec<Held> = field(value, "held")?;
        let (person, queue_text) = (field(value, "person")?, field(value, "queue_text")?);
        Some(Self { replies: replies.into(), person, queue_text, held: held.into() })
    }
}

impl Keep for Held {
    fn keep(&self) -> Value {
        match &self.what {
            Paced::Line(speech) => StoredLine::new(self.at, Body::Agent(speech.clone())).keep(),
            Paced::Replies(replies) => (self.at, variant("replies", replies.keep())).keep(),
        }
    }

    fn kept(value: &Value) -> Option<Self> {
        if let Some(line) = StoredLine::kept(value) {
            let Body::Agent(speech) = line.body else { return None };
            return Some(Self { at: line.at, what: Paced::Line(speech) });
        }
        let (at, data): (Timestamp, Value) = Keep::kept(value)?;
        match read_variant(&data)? {
            ("replies", replies) => Some(Self { at, what: Paced::Replies(Keep::kept(replies)?) }),
            _ => None,
        }
    }
}

/// No bot's pause is longer; whoever says so may have another clock.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// More than anybody reads.
const MOST_REPLIES: usize = 30;
/// Bytes of one of them.
const LONGEST: usize = 1_000;
