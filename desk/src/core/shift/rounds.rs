//! What is asked over and over: who waits, which chats are the agent's, and what is new in them.

use std::sync::Arc;

use holdfast_chat::model::{EntryId, RequestId, Timestamp};
use holdfast_chat::protocol::ProtocolError;
use holdfast_chat::protocol::liveperson::desk::ChatKey;

use super::{Call, Chat, ChatId, Exchanges, Outcome, Shift, Verdict};
use crate::api::{Calling, Standing, Waiting, presence, sessions, standings};
use crate::core::Ending;
use crate::core::kept::Kept;
use crate::core::view::Caller;

impl Shift {
    /// Asks what is due.
    pub(super) fn ask(&mut self, now: Timestamp, exchanges: &mut Exchanges) {
        if self.queue.is_due(now) {
            let request = self.door.incoming(&self.seat);
            self.queue.ask(exchanges.fetch(now, request), now);
        }
        if self.own.is_due(now) {
            let request = self.door.sessions(&self.seat);
            self.own.ask(exchanges.fetch(now, request), now);
        }
        if self.attendance.is_due(now) {
            let request = self.door.presence(&self.seat);
            self.attendance.ask(exchanges.fetch(now, request), now);
        }
        if self.news.is_due(now) {
            self.round = self.many.as_ref().map(|many| many.inquiries().into()).unwrap_or_default();
            self.ask_on(now, exchanges);
        }
    }

    /// Asks for the news of the next chats of this round; the round is over where there are none.
    fn ask_on(&mut self, now: Timestamp, exchanges: &mut Exchanges) {
        let Some(inquiry) = self.round.pop_front() else {
            self.news.rest(now);
            return;
        };
        let request = exchanges.fetch(now, inquiry.request().clone());
        self.news.ask(request, now);
        self.asking = Some(inquiry);
    }

    /// Takes an answer over.
    pub(in crate::core) fn on_replied(
        &mut self,
        now: Timestamp,
        exchanges: &mut Exchanges,
        id: RequestId,
        outcome: Outcome,
    ) -> Verdict {
        if let Ok(response) = &outcome
            && matches!(response.status, 401 | 403)
        {
            return Verdict::SeatLost;
        }
        if let Some(asked) = self.news.is_answer(id) {
            return self.on_news(now, exchanges, asked, outcome);
        }
        let ears = [&mut self.queue, &mut self.own, &mut self.attendance];
        let found = ears.into_iter().enumerate().find_map(|(place, ear)| Some((place, ear.is_answer(id)?, ear)));
        let Some((place, asked, ear)) = found else {
            let place = self.calls.iter().position(|(call, _)| *call == id);
            if let Some(place) = place {
                let (id, call) = self.calls.swap_remove(place);
                self.on_called(id, call, outcome, now);
            }
            return Verdict::On;
        };
        let body = match outcome {
            Ok(response) if response.status == 404 => return Verdict::SeatLost,
            Ok(response) if matches!(response.status, 200..=299) => response.body,
            Ok(_) | Err(_) => {
                ear.fail(now);
                return Verdict::On;
            }
        };
        ear.rest(now);
        match place {
            0 => self.on_queue(&body, now),
            1 => self.on_sessions(&body, asked),
            _ => self.on_attendance(&body),
        }
        Verdict::On
    }

    fn on_queue(&mut self, body: &str, now: Timestamp) {
        let Some(calling) = Calling::read(body) else { return };
        let caller = |waiting: Waiting, is_answered: bool| Caller {
            key: Some(waiting.key),
            visitor: waiting.visitor,
            backend: waiting.backend,
            since: (!is_answered).then(|| now - waiting.waited),
            agent: waiting.agent.filter(|_| is_answered).or_else(|| is_answered.then(Arc::default)),
            words: waiting.words,
        };
        let mut callers: Vec<Caller> = calling.waiting.into_iter().map(|waiting| caller(waiting, false)).collect();
        callers.sort_by_key(|caller| caller.since);
        if callers.is_empty() {
            // A server that only counts tells of nobody in particular.
            let nameless = Caller { key: None, visitor: None, backend: None, since: None, agent: None, words: None };
            callers.resize(usize::try_from(calling.ringing).unwrap_or_default().min(MOST_NAMELESS), nameless);
        }
        callers.extend(calling.answered.into_iter().map(|answered| caller(answered, true)));
        if *self.callers != *callers {
            self.callers = keep_instants(&self.callers, callers);
        }
    }

    fn on_sessions(&mut self, body: &str, asked: Timestamp) {
        let listed = sessions(body).unwrap_or_default();
        let is_old = |key: &ChatKey| self.chats.iter().any(|chat| chat.key == *key && chat.turned >= asked);
        self.listed = listed.into_iter().filter(|key| !is_old(key)).collect();
    }

    fn on_attendance(&mut self, body: &str) {
        let is_changing = self.calls.iter().any(|(_, call)| matches!(call, Call::Be(_)));
        if let Some(presence) = presence(body).filter(|_| !is_changing) {
            self.presence = presence;
        }
    }

    fn on_news(&mut self, now: Timestamp, exchanges: &mut Exchanges, asked: Timestamp, outcome: Outcome) -> Verdict {
        let (Some(inquiry), Some(many)) = (self.asking.take(), &mut self.many) else {
            self.news.rest(now);
            return Verdict::On;
        };
        let Ok(response) = outcome else {
            self.round.clear();
            self.news.fail(now);
            return Verdict::On;
        };
        match many.receive(&inquiry, &response) {
            Ok(news) => {
                let standings = standings(&response.body);
                for one in news {
                    let name = self.name.clone();
                    self.change_by_key(&one.key, |chat| chat.learn(one.fact, &name, now));
                }
                for (key, standing) in standings.into_iter().filter(|(key, _)| inquiry.keys().contains(key)) {
                    self.on_standing(&key, standing, asked, now);
                }
                self.forget_unknown();
                self.ask_on(now, exchanges);
            }
            Err(ProtocolError::Over { .. }) => return Verdict::SeatLost,
            // What was not liked is asked for in another way.
            Err(ProtocolError::Refused { .. }) => self.ask_on(now, exchanges),
            Err(_) => {
                self.round.clear();
                self.news.fail(now);
            }
        }
        Verdict::On
    }

    fn on_standing(&mut self, key: &ChatKey, standing: Standing, asked: Timestamp, now: Timestamp) {
        let Some(chat) = self.chats.iter_mut().find(|chat| chat.key == *key) else { return };
        let (id, is_own) = (chat.id, standing.is_own);
        if chat.stands_otherwise(&standing) || !chat.outbox.is_empty() {
            let chat = Arc::make_mut(chat);
            chat.stand(standing);
            chat.outbox.believe(asked, chat.position);
        }
        if is_own == Some(false) && chat.is_open() && asked > chat.turned {
            self.part(id, Ending::TakenAway, now);
        }
    }

    /// What an earlier page had and the server does not know any more is not worth a line, unless words are left in it.
    fn forget_unknown(&mut self) {
        let is_empty = |chat: &Chat| chat.lines.is_empty() && chat.outbox.is_empty() && chat.draft.is_empty();
        self.chats.retain(|chat| chat.ending != Some(Ending::Gone) || !is_empty(chat));
        self.panes.retain(|id| self.chats.iter().any(|chat| chat.id == id));
    }

    /// Takes up chats that the server lists as the agent's.
    pub(super) fn adopt_listed(&mut self, now: Timestamp, left: &mut Kept) {
        for key in std::mem::take(&mut self.listed) {
            match self.chat_by_key(&key).map(|chat| (chat.id, chat.ending.clone())) {
                None if self.put_away.contains(&key) => {}
                None => {
                    self.adopt(now, &key, left);
                }
                // It came back.
                Some((id, Some(Ending::TakenAway | Ending::HandedOn { .. }))) => self.reopen(id, now),
                Some(_) => {}
            }
        }
        self.choose_wanted();
    }

    /// Takes a chat up, with what an earlier page or shift left of it.
    pub(super) fn adopt(&mut self, now: Timestamp, key: &ChatKey, left: &mut Kept) -> ChatId {
        if let Some(chat) = self.chat_by_key(key) {
            return chat.id;
        }
        self.last_chat += 1;
        let id = ChatId(self.last_chat);
        let mut chat = Chat::new(id, key.clone(), now);
        if let Some(place) = left.chats.iter().position(|kept| kept.key == *key) {
            let kept = left.chats.remove(place);
            (chat.read, chat.draft) = (kept.read, kept.draft);
            for mut entry in kept.entries {
                self.last_entry += 1;
                entry.id = EntryId(self.last_entry);
                chat.outbox.push(entry);
            }
            chat.outbox.doubt_all(now);
        }
        self.chats.push(Arc::new(chat));
        if let Some(many) = &mut self.many {
            many.watch(key.clone(), None);
        }
        self.news.hurry();
        id
    }

    /// A chat is the agent's no more.
    pub(super) fn part(&mut self, id: ChatId, ending: Ending, now: Timestamp) {
        self.change(id, |chat| {
            chat.end(ending);
            chat.turned = now;
        });
        if let (Some(chat), Some(many)) = (self.chats.iter().find(|chat| chat.id == id), &mut self.many) {
            many.unwatch(&chat.key);
        }
    }

    fn reopen(&mut self, id: ChatId, now: Timestamp) {
        self.change(id, |chat| {
            chat.ending = None;
            chat.turned = now;
        });
        if let (Some(chat), Some(many)) = (self.chats.iter().find(|chat| chat.id == id), &mut self.many) {
            many.watch(chat.key.clone(), chat.position);
        }
        self.news.hurry();
    }

    fn change_by_key(&mut self, key: &ChatKey, change: impl FnOnce(&mut Chat)) {
        if let Some(chat) = self.chats.iter_mut().find(|chat| chat.key == *key) {
            change(Arc::make_mut(chat));
        }
    }
}

/// Each answer says anew how long somebody has waited; within a second that is the same instant.
fn keep_instants(before: &[Caller], mut now: Vec<Caller>) -> Arc<[Caller]> {
    for caller in &mut now {
        let same = before.iter().find(|other| other.key.is_some() && other.key == caller.key);
        if let (Some(known), Some(told)) = (same.and_then(|other| other.since), caller.since)
            && known.since(told).max(told.since(known)).as_secs() < 2
        {
            caller.since = Some(known);
        }
    }
    now.into()
}

/// More than anybody looks at.
const MOST_NAMELESS: usize = 20;
