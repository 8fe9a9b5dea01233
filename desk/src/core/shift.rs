//! Somebody who sits at the desk: what they have, what they want, and what goes out for it. How answers come in is in
//! `rounds` and `calls`, to what the agent attends in `attention`.

mod attention;
mod calls;
mod rounds;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use holdfast_chat::model::{EntryId, RequestId, Timestamp};
use holdfast_chat::protocol::liveperson::desk::{ChatKey, Inquiry, ManyChats};
use holdfast_chat::protocol::{Activity, Request};

use super::chat::{Chat, ChatId};
use super::command::Command;
use super::deed::{Deed, Trouble};
use super::desk::{Exchanges, Outcome, Surroundings, Verdict};
use super::ear::Ear;
use super::kept::{Kept, KeptChat};
use super::panes::Panes;
use super::view::{Caller, Connection, Door as Where, View};
use crate::api::{Colleague, Door, Presence, Seat};

/// One agent's time at the desk.
#[derive(Debug)]
pub(super) struct Shift {
    door: Door,
    seat: Seat,
    name: Arc<str>,
    presence: Presence,
    callers: Arc<[Caller]>,
    chats: Vec<Arc<Chat>>,
    /// The names of chats that are over and were put away: they do not come back.
    put_away: BTreeSet<ChatKey>,
    panes: Panes,
    /// What is to be chosen as soon as it is there.
    wanted: Option<ChatKey>,
    colleagues: Arc<[Colleague]>,
    trouble: Option<Trouble>,
    last_chat: u64,
    last_entry: u64,

    queue: Ear,
    own: Ear,
    attendance: Ear,
    news: Ear,
    /// `None` where nothing can be asked at this seat, which then is lost with the first answer.
    many: Option<ManyChats>,
    round: VecDeque<Inquiry>,
    asking: Option<Inquiry>,
    /// What the server lists as the agent's, until it is taken up.
    listed: Vec<ChatKey>,
    calls: Vec<(RequestId, Call)>,
}

/// What is asked once.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Call {
    Be(Presence),
    Take,
    LookAround,
    Post { chat: ChatId },
    Do { chat: ChatId, deed: Deed },
    Typing,
}

impl Shift {
    /// Somebody sits down.
    pub(super) fn new(now: Timestamp, door: Door, seat: Seat, name: Arc<str>) -> Self {
        let many = door.asker(&seat).map(ManyChats::new);
        let mut shift = Self {
            door,
            seat,
            name,
            presence: Presence::Away,
            callers: Arc::default(),
            chats: Vec::new(),
            put_away: BTreeSet::new(),
            panes: Panes::new(),
            wanted: None,
            colleagues: Arc::default(),
            trouble: None,
            last_chat: 0,
            last_entry: 0,
            queue: Ear::new(PACE),
            own: Ear::new(PACE),
            attendance: Ear::new(SLOW_PACE),
            news: Ear::new(PACE),
            many,
            round: VecDeque::new(),
            asking: None,
            listed: Vec::new(),
            calls: Vec::new(),
        };
        shift.limit(now);
        shift
    }

    /// Somebody sits there again, after the page was loaded anew.
    pub(super) fn resumed(now: Timestamp, door: Door, seat: Seat, kept: &Kept) -> Self {
        let mut shift = Self::new(now, door, seat, kept.name.clone());
        // Chats that are over are on no list: they are asked for by name.
        let mut left = kept.clone();
        for chat in &kept.chats {
            shift.adopt(now, &chat.key, &mut left);
        }
        shift.reopen_panes(kept);
        shift
    }

    pub(super) fn on_command(&mut self, now: Timestamp, exchanges: &mut Exchanges, command: Command) {
        match command {
            Command::Enter { .. } | Command::Leave => {}
            Command::Be(presence) => {
                self.presence = presence;
                let request = self.door.be(&self.seat, presence);
                self.call(now, exchanges, Call::Be(presence), request);
            }
            Command::Accept => {
                let request = self.door.accept(&self.seat);
                self.take(now, exchanges, request);
            }
            Command::Take(key) => {
                let request = self.door.take(&self.seat, &key, &self.name);
                self.wanted = Some(key);
                self.take(now, exchanges, request);
            }
            Command::Choose(id) => self.choose(id, Panes::choose),
            Command::ChooseBeside(id) => self.choose(id, Panes::choose_beside),
            Command::Unchoose => self.unchoose(),
            Command::SetAside(id) => self.panes.retain(|chat| chat != id),
            Command::Close(id) => self.close(id),
            Command::Draft { chat, text } => self.write(now, exchanges, chat, text),
            Command::Send { chat, text } => self.say(now, exchanges, chat, &text),
            Command::Retry { chat, entry } => self.change(chat, |chat| chat.outbox.retry(entry)),
            Command::Discard { chat, entry } => self.change(chat, |chat| chat.outbox.discard(entry)),
            Command::Do { chat, deed } => self.act(now, exchanges, chat, deed),
            Command::LookAround => {
                let request = self.door.colleagues(&self.seat);
                self.call(now, exchanges, Call::LookAround, request);
            }
        }
    }

    /// Asks and sends whatever is due.
    pub(super) fn go_on(
        &mut self,
        now: Timestamp,
        exchanges: &mut Exchanges,
        left: &mut Kept,
        surroundings: Surroundings,
    ) {
        self.limit(now);
        self.panes.set_room(surroundings.room);
        self.adopt_listed(now, left);
        self.ask(now, exchanges);
        let posts: Vec<(ChatId, EntryId, Request)> = self
            .chats
            .iter()
            .filter(|chat| chat.is_open())
            .filter_map(|chat| {
                let entry = chat.outbox.next()?;
                Some((chat.id, entry.id, self.door.line(&self.seat, &chat.key, &entry.text)))
            })
            .collect();
        for (chat, entry, request) in posts {
            let request = self.call(now, exchanges, Call::Post { chat }, request);
            self.change(chat, |chat| chat.outbox.post(entry, request, chat.position));
        }
        let silent = self.chats.iter().filter(|chat| chat.told_typing.is_some_and(|until| until <= now));
        let silent: Vec<ChatId> = silent.map(|chat| chat.id).collect();
        for chat in silent {
            self.stop_typing(now, exchanges, chat);
        }
        if surroundings.is_seen {
            self.look();
        }
    }

    /// Asks again as soon as possible.
    pub(super) const fn hurry(&mut self) {
        self.queue.hurry();
        self.own.hurry();
        self.news.hurry();
    }

    pub(super) fn next_wake(&self) -> Option<Timestamp> {
        let ears = [&self.queue, &self.own, &self.attendance, &self.news].into_iter().filter_map(Ear::due);
        ears.chain(self.chats.iter().filter_map(|chat| chat.told_typing)).min()
    }

    pub(super) fn name(&self) -> Arc<str> {
        self.name.clone()
    }

    pub(super) const fn trouble(&self) -> Option<Trouble> {
        self.trouble
    }

    /// What is asked when the agent gets up.
    pub(super) fn farewell(&self) -> Request {
        self.door.leave(&self.seat)
    }

    /// What is kept, with what of an earlier shift was not found yet.
    pub(super) fn kept(&self, left: &Kept) -> Kept {
        let own = self.chats.iter().map(|chat| KeptChat::of(chat));
        let left = left.chats.iter().filter(|kept| self.chats.iter().all(|chat| chat.key != kept.key)).cloned();
        Kept {
            seat: Some(self.seat.clone()),
            name: self.name.clone(),
            chosen: self.panes.chosen().and_then(|id| self.chat(id)).map(|chat| chat.key.clone()),
            panes: self.kept_panes(),
            chats: own.chain(left).collect(),
        }
    }

    pub(super) fn view(&self, now: Timestamp) -> View {
        let ears = [&self.queue, &self.own, &self.news];
        let is_lost = ears.into_iter().any(|ear| ear.failures >= FAILURES_TO_TELL);
        View {
            now,
            door: Where::Inside,
            name: self.name.clone(),
            presence: self.presence,
            connection: if is_lost { Connection::Lost } else { Connection::Steady },
            callers: self.callers.clone(),
            is_taking: self.calls.iter().any(|(_, call)| *call == Call::Take),
            trouble: self.trouble,
            chats: self.chats.clone(),
            panes: self.panes.shown(),
            chosen: self.panes.chosen(),
            room: self.panes.room(),
            colleagues: self.colleagues.clone(),
        }
    }

    fn take(&mut self, now: Timestamp, exchanges: &mut Exchanges, request: Request) {
        let is_taking = self.calls.iter().any(|(_, call)| *call == Call::Take);
        if !is_taking {
            self.trouble = None;
            self.call(now, exchanges, Call::Take, request);
        }
    }

    fn write(&mut self, now: Timestamp, exchanges: &mut Exchanges, id: ChatId, text: Arc<str>) {
        let Some(chat) = self.chat(id).filter(|chat| chat.is_open()) else { return };
        if text.trim().is_empty() {
            self.change(id, |chat| chat.draft = text);
            self.stop_typing(now, exchanges, id);
            return;
        }
        let was_told = chat.told_typing.is_some();
        let request = self.door.typing(&self.seat, &chat.key, Activity::Typing);
        self.change(id, |chat| {
            chat.draft = text;
            chat.told_typing = Some(now + STILL);
        });
        if !was_told {
            self.call(now, exchanges, Call::Typing, request);
        }
    }

    fn stop_typing(&mut self, now: Timestamp, exchanges: &mut Exchanges, id: ChatId) {
        let Some(chat) = self.chat(id).filter(|chat| chat.told_typing.is_some()) else { return };
        let request = self.door.typing(&self.seat, &chat.key, Activity::Silent);
        let is_open = chat.is_open();
        self.change(id, |chat| chat.told_typing = None);
        if is_open {
            self.call(now, exchanges, Call::Typing, request);
        }
    }

    fn say(&mut self, now: Timestamp, exchanges: &mut Exchanges, id: ChatId, text: &str) {
        let text = text.trim();
        if text.is_empty() || self.chat(id).is_none_or(|chat| !chat.is_open()) {
            return;
        }
        self.last_entry += 1;
        let entry = EntryId(self.last_entry);
        self.change(id, |chat| {
            chat.say(entry, text.into(), now);
            chat.look();
        });
        self.stop_typing(now, exchanges, id);
    }

    fn act(&mut self, now: Timestamp, exchanges: &mut Exchanges, id: ChatId, deed: Deed) {
        let Some(chat) = self.chat(id).filter(|chat| chat.is_open() && chat.doing.is_none()) else { return };
        let request = deed.request(&self.door, &self.seat, &chat.key);
        self.change(id, |chat| {
            chat.doing = Some(deed.clone());
            chat.trouble = None;
        });
        self.call(now, exchanges, Call::Do { chat: id, deed }, request);
    }

    fn call(&mut self, now: Timestamp, exchanges: &mut Exchanges, call: Call, request: Request) -> RequestId {
        let id = exchanges.fetch(now, request);
        self.calls.push((id, call));
        id
    }

    fn chat(&self, id: ChatId) -> Option<&Arc<Chat>> {
        self.chats.iter().find(|chat| chat.id == id)
    }

    fn chat_by_key(&self, key: &ChatKey) -> Option<&Arc<Chat>> {
        self.chats.iter().find(|chat| chat.key == *key)
    }

    fn change(&mut self, id: ChatId, change: impl FnOnce(&mut Chat)) {
        if let Some(chat) = self.chats.iter_mut().find(|chat| chat.id == id) {
            change(Arc::make_mut(chat));
        }
    }

    /// A clock that was set back keeps nobody waiting.
    fn limit(&mut self, now: Timestamp) {
        for ear in [&mut self.queue, &mut self.own, &mut self.attendance, &mut self.news] {
            ear.limit(now);
        }
    }
}

/// From one round to the next: short enough for talk, and within what the interface allows.
const PACE: Duration = Duration::from_millis(1_500);
/// How often is looked whether the server still counts the agent as there.
const SLOW_PACE: Duration = Duration::from_secs(6);
/// Whoever has not touched a key for so long is not typing.
const STILL: Duration = Duration::from_secs(5);
/// One lost answer is no news.
const FAILURES_TO_TELL: u32 = 2;
