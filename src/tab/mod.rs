//! Which of several tabs speaks for a conversation: one leads, the others follow.
//!
//! The leader holds the conversation's lock, runs its [`Session`] and tells what it stores; the others keep the same
//! records, show them, and hand the visitor's wishes to the leader. When the leader is gone the lock passes on, and its
//! new holder goes on from those records. [`Tab::handle`] performs nothing, like the session inside it; it knows no
//! browser, no channel and no lock.
//!
//! What was stored is counted, and the count is shared by all tabs. A copy that is behind the count was outrun: what was
//! numbered since is unknown to it, and it must never speak for the conversation again.

mod following;
mod leading;
mod message;

use std::fmt;
use std::time::Duration;

use crate::model::keep::to_text;
use crate::model::{TabId, Timestamp};
use crate::protocol::Protocol;
use crate::session::{
    Effect, Environment, Input, Keeping, Record, Serial, Session, Snapshot, SnapshotError, Stage, View,
};

use following::{Following, Standing, Untaken, is_spare, is_under_way};
use message::{Batch, Extent, Known, Message, Own, Signs, Word};

/// Makes the backend's dialect, as often as a conversation begins or goes on.
pub type Protocols = Box<dyn Fn() -> Box<dyn Protocol>>;

/// One tab's part in a conversation.
pub struct Tab {
    id: TabId,
    protocols: Protocols,
    role: Role,
    /// The conversation whose lock this tab has, or asked for.
    claimed: Option<String>,
    /// What was counted last.
    counted: Serial,
    told: Option<Signs>,
}

/// What a tab does for its conversation.
#[derive(Debug)]
enum Role {
    /// It speaks for it. A session without a conversation leads itself.
    Leading(Box<Session>),
    /// Another tab does, or may do.
    Following(Box<Following>),
}

/// What is known at the beginning about other tabs with the same widget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// No other tab leads a conversation.
    Nobody,
    /// One does.
    Somebody,
}

/// Everything that can happen to a tab.
#[derive(Clone, Debug, PartialEq)]
pub enum TabInput {
    /// What can happen to a session.
    Session(Input),
    /// The lock of this conversation is this tab's. It stays so until it is released or another is claimed.
    Granted {
        /// Its name.
        conversation: String,
        /// What all tabs counted for it, where there is a count.
        serial: Option<Serial>,
    },
    /// Another tab said this.
    Heard(String),
}

/// Everything a tab can do. Effects are performed in order.
#[derive(Clone, Debug, PartialEq)]
pub enum TabEffect {
    /// What a session can do.
    Session(Effect),
    /// Say this to the other tabs with the same widget.
    Say(String),
    /// Ask for the lock of this conversation, for as long as it takes; a lock or a wish for one before it is given up.
    Claim(String),
    /// Give up the lock, or the wish for it. Others are listened to for as long as the page is there.
    Release,
    /// Share how far a conversation was stored. That stays known when nothing of it is stored any more: a page may come
    /// back with an old copy of what is over.
    Count {
        /// Its name.
        conversation: String,
        /// How far.
        serial: Serial,
    },
}

impl Tab {
    /// Begins with what this tab has stored: `read` returns the record of a name. `id` is drawn at random. The first thing
    /// it wants is to be woken.
    ///
    /// Where nothing stored can go on, that is returned beside it.
    #[must_use]
    pub fn load(
        protocols: Protocols,
        id: TabId,
        now: Timestamp,
        read: &dyn Fn(&str) -> Option<String>,
        elsewhere: Elsewhere,
    ) -> (Self, Option<SnapshotError>) {
        let (role, error) = match Following::stored(&protocols, now, read) {
            Ok(following) => (Role::Following(Box::new(following)), None),
            Err(error) => {
                let session = Session::new(protocols(), id.0);
                let role = match elsewhere {
                    Elsewhere::Nobody => Role::Leading(Box::new(session)),
                    Elsewhere::Somebody => {
                        Role::Following(Box::new(Following::of(Vec::new(), session, Own::default(), now)))
                    }
                };
                (role, Some(error).filter(|error| *error != SnapshotError::Missing))
            }
        };
        let tab = Self { id, protocols, role, claimed: None, counted: Serial::default(), told: None };
        (tab, error)
    }

    /// The page is back from the back-forward cache, and is told so next. Another page of this tab may have gone on with
    /// the conversation meanwhile, or put it away: what is stored counts, unless nothing could be.
    pub fn reread(&mut self, now: Timestamp, read: &dyn Fn(&str) -> Option<String>) {
        let had_something = match &self.role {
            Role::Leading(session) => session.view().stage != Stage::Idle,
            Role::Following(following) => !following.is_blank(),
        };
        if self.view().keeping == Keeping::MemoryOnly {
            return;
        }
        if let Ok(mut following) = Following::stored(&self.protocols, now, read) {
            following.standing = Standing::Away;
            self.role = Role::Following(Box::new(following));
        } else if had_something {
            self.role = Role::Leading(Box::new(Session::new((self.protocols)(), self.seed(now))));
        }
    }

    /// Takes an input and returns what to do, to be performed in order. Total, like [`Session::handle`].
    #[must_use]
    pub fn handle(&mut self, now: Timestamp, input: TabInput) -> Vec<TabEffect> {
        if let Role::Following(following) = &mut self.role {
            // Where the clock was set back, nothing is waited for any longer.
            following.at = following.at.min(now + LONGEST);
        }
        let mut effects = Vec::new();
        match input {
            TabInput::Session(input) => self.handle_session(&mut effects, now, input),
            TabInput::Granted { conversation, serial } => self.handle_grant(&mut effects, now, &conversation, serial),
            TabInput::Heard(text) => {
                if let Some(message) = Message::read(&text).filter(|message| message.from != self.id) {
                    self.handle_message(&mut effects, now, message);
                }
            }
        }
        self.tell_signs(&mut effects);
        effects
    }

    /// When the tab wants to be woken.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        match &self.role {
            Role::Leading(session) => session.next_wake(),
            Role::Following(following) => Some(following.at),
        }
    }

    /// What a screen shows.
    #[must_use]
    pub fn view(&self) -> View {
        match &self.role {
            Role::Leading(session) => session.view(),
            Role::Following(following) => following.view(),
        }
    }

    /// The name of the conversation that it shows.
    #[must_use]
    pub fn conversation(&self) -> &str {
        match &self.role {
            Role::Leading(session) => session.conversation(),
            Role::Following(following) => following.conversation(),
        }
    }

    /// Whether this tab speaks for its conversation.
    #[must_use]
    pub const fn is_leading(&self) -> bool {
        matches!(self.role, Role::Leading(_))
    }

    /// Whether this tab has to ask a backend every few seconds, or be forgotten by it.
    #[must_use]
    pub fn is_restless(&self) -> bool {
        match &self.role {
            Role::Leading(session) => session.is_restless(),
            Role::Following(_) => false,
        }
    }

    fn handle_session(&mut self, effects: &mut Vec<TabEffect>, now: Timestamp, input: Input) {
        match (&mut self.role, input) {
            (Role::Leading(session), Input::Environment(Environment::Leaving)) => {
                let has_conversation = session.view().stage != Stage::Idle;
                self.lead(effects, now, Input::Environment(Environment::Leaving));
                if has_conversation {
                    self.step_back(effects, now);
                }
            }
            (Role::Leading(_), input) => self.lead(effects, now, input),
            (Role::Following(following), Input::Command(command)) => {
                let wish = following.want(self.id, now, command);
                if !following.is_blank() {
                    effects.push(stored(following.own()));
                }
                if let (Some(wish), Some(to)) = (wish, following.leader) {
                    self.say(effects, Word::Wish { to, wish });
                }
            }
            (Role::Following(following), Input::Environment(Environment::Leaving)) => {
                following.standing = Standing::Away;
                following.at = now + UNGONE;
                self.claimed = None;
                effects.push(TabEffect::Release);
            }
            (Role::Following(following), Input::Environment(Environment::Returned)) => {
                if following.standing == Standing::Away {
                    self.ask(effects, now);
                }
            }
            (Role::Following(following), Input::Environment(Environment::Stored)) => following.keep(Keeping::Stored),
            (Role::Following(following), Input::Environment(Environment::StorageFailed)) => {
                following.keep(Keeping::MemoryOnly);
            }
            (Role::Following(following), Input::Woke) => {
                if following.at <= now {
                    self.on_woke(effects, now);
                }
            }
            // The network is the leader's, and so are the answers.
            (
                Role::Following(_),
                Input::Environment(
                    Environment::Online
                    | Environment::Offline
                    | Environment::Visible
                    | Environment::Hidden
                    | Environment::Outrun,
                )
                | Input::Relayed { .. }
                | Input::Replied { .. },
            ) => {}
        }
    }

    /// The alarm of a tab that follows went off.
    fn on_woke(&mut self, effects: &mut Vec<TabEffect>, now: Timestamp) {
        let Role::Following(following) = &mut self.role else { return };
        match following.standing {
            // A page that was left but never went finds itself here too.
            Standing::Fresh | Standing::Away => self.ask(effects, now),
            Standing::Waiting if following.is_blank() => self.begin(effects, now),
            Standing::Waiting => self.ask(effects, now),
            Standing::Behind { .. } => {
                // What is left here is a conversation of its own; the lock is for whoever knows more.
                self.claimed = None;
                effects.push(TabEffect::Release);
                self.take_over(effects, now, Some(Environment::Outrun));
            }
        }
    }

    /// Claims the conversation and asks whoever leads it for everything.
    pub(super) fn ask(&mut self, effects: &mut Vec<TabEffect>, now: Timestamp) {
        let Role::Following(following) = &mut self.role else { return };
        following.standing = Standing::Waiting;
        let is_blank = following.is_blank();
        following.at = now + if is_blank { UNANSWERED } else { following.patience() };
        let conversation = following.conversation().to_owned();
        if !is_blank {
            self.claim(effects, &conversation);
        }
        let known = self.known();
        self.say(effects, Word::Hello(known));
    }

    fn handle_grant(
        &mut self,
        effects: &mut Vec<TabEffect>,
        now: Timestamp,
        conversation: &str,
        serial: Option<Serial>,
    ) {
        let Role::Following(following) = &mut self.role else { return };
        if following.conversation() != conversation || following.standing == Standing::Away {
            return;
        }
        match serial.filter(|serial| serial.outruns(following.serial())) {
            Some(serial) => {
                following.standing = Standing::Behind { serial };
                following.at = now + STRAGGLERS;
                let known = self.known();
                self.say(effects, Word::Hello(known));
            }
            None => self.take_over(effects, now, None),
        }
    }

    fn handle_message(&mut self, effects: &mut Vec<TabEffect>, now: Timestamp, message: Message) {
        match (&mut self.role, message.word) {
            (Role::Leading(session), Word::Hello(known)) => {
                if known.conversation == session.conversation() && known.serial.count() > session.serial().count() {
                    self.give_way(effects, now);
                } else if session.view().stage != Stage::Idle {
                    self.told = None;
                    self.tell_everything(effects);
                }
            }
            (Role::Leading(_), Word::Wish { to, wish }) => {
                if to == self.id {
                    let relayed = Input::Relayed { tab: wish.tab, number: wish.number, command: wish.command };
                    self.lead(effects, now, relayed);
                }
            }
            (Role::Leading(session), Word::Stored(batch)) => {
                let view = session.view();
                // One that still says good-bye to its backend does so first.
                if is_spare(&view) && session.next_wake().is_none() {
                    self.join(effects, now, message.from, &batch, &view);
                }
            }
            (Role::Following(following), Word::Stored(batch)) => {
                let is_known = following.leader == Some(message.from) || following.conversation() == batch.conversation;
                if following.standing != Standing::Away && (is_known || following.is_spare() || following.is_blank()) {
                    self.follow(effects, now, message.from, &batch);
                }
            }
            (Role::Following(following), Word::Seen(signs)) => {
                if following.leader == Some(message.from) {
                    following.see(signs);
                }
            }
            (Role::Following(following), Word::Hello(known)) => {
                let is_behind = matches!(following.standing, Standing::Behind { .. });
                let (ours, theirs) = (following.serial(), known.serial);
                let is_same = known.conversation == following.conversation();
                let is_awaited = matches!(following.standing, Standing::Behind { serial } if serial == theirs);
                let is_better = is_same && (theirs.count() > ours.count() || is_awaited);
                let is_worse = is_same && theirs.count() < ours.count();
                if is_behind && is_better {
                    self.claimed = None;
                    effects.push(TabEffect::Release);
                    self.ask(effects, now);
                } else if is_worse && following.standing != Standing::Away {
                    self.object(effects, now);
                }
            }
            (Role::Leading(_), Word::Seen(_)) | (Role::Following(_), Word::Wish { .. }) => {}
        }
    }

    /// Who seems to know less may have the lock, and is told; with pauses, or four tabs would never be done with it.
    fn object(&mut self, effects: &mut Vec<TabEffect>, now: Timestamp) {
        let Role::Following(following) = &mut self.role else { return };
        if following.standing == Standing::Waiting && !following.may_object(now) {
            return;
        }
        let known = self.known();
        self.say(effects, Word::Hello(known));
    }

    /// Another tab leads a conversation, and this one has none: it joins.
    fn join(&mut self, effects: &mut Vec<TabEffect>, now: Timestamp, from: TabId, batch: &Batch, view: &View) {
        if batch.extent == Extent::Change {
            let known = self.known();
            return self.say(effects, Word::Hello(known));
        }
        let blank = Session::new((self.protocols)(), self.id.0);
        let mut following = Following::of(Vec::new(), blank, Following::own_of(view), now);
        let is_taken = following.take(&self.protocols, now, batch).is_ok() && is_under_way(&following.view().stage);
        let Role::Leading(session) = &self.role else { return };
        let is_other = session.conversation() != batch.conversation;
        if is_taken && (is_other || following.serial().count() > session.serial().count()) {
            if view.stage != Stage::Idle {
                effects.push(TabEffect::Session(Effect::Forget));
            }
            // A lock that this tab has for what is over is the leader's by right.
            self.claimed = None;
            effects.push(TabEffect::Release);
            self.role = Role::Following(Box::new(following));
            self.follow(effects, now, from, batch);
        }
    }

    /// The leader stored something.
    fn follow(&mut self, effects: &mut Vec<TabEffect>, now: Timestamp, from: TabId, batch: &Batch) {
        let Role::Following(following) = &mut self.role else { return };
        let had = following.conversation().to_owned();
        let is_next = following.leader == Some(from) && had == batch.conversation;
        if batch.extent == Extent::Change && !is_next {
            let known = self.known();
            return self.say(effects, Word::Hello(known));
        }
        let notices = match following.take(&self.protocols, now, batch) {
            Ok(notices) => notices,
            Err(Untaken::Unreadable) => return,
            // Whoever leads must not go on from less than is known here.
            Err(Untaken::Older) => return self.object(effects, now),
        };
        following.leader = Some(from);
        let is_other = had != batch.conversation;
        if is_other {
            effects.push(TabEffect::Session(Effect::Forget));
        }
        effects.push(stored(match batch.extent {
            Extent::Whole => following.whole(),
            Extent::Change => following.change(batch),
        }));
        effects.extend(notices.into_iter().map(|notice| TabEffect::Session(Effect::Announce(notice))));
        let is_caught_up =
            matches!(following.standing, Standing::Behind { serial } if !serial.outruns(following.serial()));
        let wishes = following.wishes().to_vec();
        if is_other || following.standing == Standing::Fresh {
            following.standing = Standing::Waiting;
        }
        if following.standing == Standing::Waiting {
            following.at = now + following.patience();
        }
        if is_other || self.claimed.is_none() {
            self.claim(effects, &batch.conversation);
        }
        if is_caught_up {
            return self.take_over(effects, now, None);
        }
        if batch.extent == Extent::Whole {
            for wish in wishes {
                self.say(effects, Word::Wish { to: from, wish });
            }
        }
    }

    /// A tab may lead more than once, and each time other conversations begin in it.
    const fn seed(&self, now: Timestamp) -> u64 {
        self.id.0 ^ now.as_millis()
    }

    /// How far the copy of this tab goes.
    fn known(&self) -> Known {
        match &self.role {
            Role::Following(following) if !following.is_blank() => {
                Known { conversation: following.conversation().to_owned(), serial: following.serial() }
            }
            Role::Following(_) | Role::Leading(_) => Known::default(),
        }
    }

    fn say(&self, effects: &mut Vec<TabEffect>, word: Word) {
        effects.push(TabEffect::Say(Message { from: self.id, word }.text()));
    }

    fn snapshot_of(&self, records: Vec<Record>) -> Snapshot {
        let conversation = self.claimed.clone().unwrap_or_default();
        Snapshot { conversation, serial: self.counted, records }
    }
}

impl fmt::Debug for Tab {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tab").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

fn stored(snapshot: Snapshot) -> TabEffect {
    TabEffect::Session(Effect::Store(Box::new(snapshot)))
}

/// The record of what one tab alone knows.
fn own_record(own: Option<&Own>) -> Record {
    Record { key: OWN.to_owned(), value: own.map(to_text) }
}

/// No wait of a tab that follows is longer.
const LONGEST: Duration = Duration::from_secs(60);
const OWN: &str = "own";
/// A page that was left is mostly gone by then; one that is not goes on.
const UNGONE: Duration = Duration::from_secs(15);
/// Whoever leads answers within milliseconds; the visitor waits for it.
const UNANSWERED: Duration = Duration::from_secs(1);
/// A lock may pass on before the last words of its holder are heard, and a page that crashed may be loaded anew.
const STRAGGLERS: Duration = Duration::from_secs(5);
