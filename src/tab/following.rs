//! A tab that does not lead: it shows what the leader stored, and tells the leader what the visitor wants here.
//!
//! It keeps the leader's records as its own, so that it can go on from them when the leader is gone. It asks a backend
//! nothing.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use crate::model::keep::from_text;
use crate::model::{Author, Body, Message as Line, SharedFile, Speech, TabId, Timestamp};
use crate::session::{
    Command, InquiryState, Keeping, Notice, Panel, Pending, PendingState, Person, Record, Serial, Session, Snapshot,
    SnapshotError, Stage, Upload, View,
};

use super::Protocols;
use super::message::{Batch, Extent, Own, Signs, Wish};

/// A conversation's records: name and text. They are few, so a list is looked through as fast as a map.
pub(super) type Records = Vec<(String, String)>;

/// What a tab that does not lead knows.
#[derive(Debug)]
pub(super) struct Following {
    /// The conversation's records as last heard of, or as found at the beginning; none where nothing is known yet.
    records: Records,
    /// What they make. It is only looked at.
    mirror: Session,
    /// Whose records they are.
    pub(super) leader: Option<TabId>,
    /// What only this tab knows.
    own: Own,
    wishes_made: u64,
    keeping: Keeping,
    signs: Option<Signs>,
    pub(super) standing: Standing,
    /// When it wants to be woken.
    pub(super) at: Timestamp,
    /// When it last told somebody that they know less.
    objected: Timestamp,
}

/// How it stands with the claim to lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing was asked or said yet.
    Fresh,
    /// The conversation is claimed, or not known yet, and whoever leads was asked for it.
    Waiting,
    /// The claim is granted, but somebody led further than this; the last words may still be on their way.
    Behind {
        /// How far.
        serial: Serial,
    },
    /// The page is gone, and may come back.
    Away,
}

impl Following {
    /// Goes on from these records; from none where the leader has still to be heard.
    pub(super) fn of(records: Records, mirror: Session, mut own: Own, at: Timestamp) -> Self {
        drop_heard(&mut own, &mirror);
        // Those of the page before keep their numbers, which name them on the screen.
        let wishes_made = own.wishes.iter().map(|wish| wish.number).max().unwrap_or_default();
        Self {
            records,
            mirror,
            leader: None,
            own,
            wishes_made,
            keeping: Keeping::Stored,
            signs: None,
            standing: Standing::Fresh,
            at,
            objected: Timestamp::default(),
        }
    }

    /// Goes on from what this tab has stored.
    pub(super) fn stored(
        protocols: &Protocols,
        now: Timestamp,
        read: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, SnapshotError> {
        let found = RefCell::new(Vec::new());
        let noted = |key: &str| {
            let value = read(key)?;
            found.borrow_mut().push((key.to_owned(), value.clone()));
            Some(value)
        };
        let mirror = Session::restore(protocols(), 0, now, &noted)?;
        let own = read(super::OWN).and_then(|text| from_text(&text));
        let own = own.unwrap_or_else(|| Self::own_of(&mirror.view()));
        Ok(Self::of(found.into_inner(), mirror, own, now))
    }

    /// What a tab knows by itself of a session that it no longer leads.
    pub(super) fn own_of(view: &View) -> Own {
        Own {
            draft: Arc::clone(&view.draft),
            filled: view.form.as_ref().map(|inquiry| inquiry.answers.to_vec()),
            panel_open: view.panel == Panel::Open,
            unread: view.unread,
            wishes: Vec::new(),
        }
    }

    /// Whether nothing of the conversation is known yet.
    pub(super) fn is_blank(&self) -> bool {
        self.records.is_empty()
    }

    /// The name of the conversation.
    pub(super) fn conversation(&self) -> &str {
        self.mirror.conversation()
    }

    /// Whether the visitor wants to begin, and was not heard yet.
    fn is_starting(&self) -> bool {
        self.own.wishes.iter().any(|wish| matches!(wish.command, Command::Start { .. }))
    }

    /// How far it is led, as known here.
    pub(super) const fn serial(&self) -> Serial {
        self.mirror.serial()
    }

    /// Whether nothing here would be missed if another conversation took its place.
    pub(super) fn is_spare(&self) -> bool {
        self.own.wishes.is_empty() && is_spare(&self.mirror.view())
    }

    /// What the visitor wants that was not heard yet, oldest first.
    pub(super) fn wishes(&self) -> &[Wish] {
        &self.own.wishes
    }

    /// How long the next word of the leader may take before it is asked for.
    pub(super) fn patience(&self) -> Duration {
        if self.leader.is_some() && self.own.wishes.is_empty() { STILL_THERE } else { ASK_AGAIN }
    }

    /// Whether somebody may be told at once that they know less. Who was told just now is told again a little later, with
    /// everybody else.
    pub(super) fn may_object(&mut self, now: Timestamp) -> bool {
        let next = self.objected + OBJECTION;
        if self.objected <= now && now < next {
            self.at = self.at.min(next);
            return false;
        }
        self.objected = now;
        true
    }

    /// What only this tab knows, to be taken along.
    pub(super) fn into_parts(self) -> (Records, Own) {
        (self.records, self.own)
    }

    /// The visitor wants something. What must be told to the leader is returned, and kept until it was heard.
    pub(super) fn want(&mut self, tab: TabId, now: Timestamp, command: Command) -> Option<Wish> {
        match &command {
            Command::Draft { text } => {
                self.own.draft = Arc::from(&**text);
                // Whoever writes is there, whatever the leader's tab looks like.
                self.mirror.view().idle_end?;
                return Some(self.wish(tab, now, Command::Stay));
            }
            Command::Open => {
                self.own.panel_open = true;
                self.own.unread = 0;
                return None;
            }
            Command::Shut => {
                self.own.panel_open = false;
                return None;
            }
            // The bytes are in this tab, and the leave to send them is the leader's.
            Command::Upload { .. } => return None,
            Command::Send { text } => {
                if text.trim().is_empty() || self.view().stage == Stage::Idle {
                    return None;
                }
                self.own.draft = Arc::default();
            }
            Command::Fill { answers } => {
                self.own.filled = Some(answers.clone());
                self.mirror.view().idle_end?;
                return Some(self.wish(tab, now, Command::Stay));
            }
            Command::Answer { answers } => self.own.filled = Some(answers.clone()),
            Command::Start { .. }
            | Command::Skip
            | Command::Reply { .. }
            | Command::Person
            | Command::Return
            | Command::Retry { .. }
            | Command::Discard { .. }
            | Command::Custom { .. }
            | Command::Download { .. }
            | Command::Unshare { .. }
            | Command::Introduce { .. }
            | Command::Stay
            | Command::End => {}
        }
        Some(self.wish(tab, now, command))
    }

    fn wish(&mut self, tab: TabId, at: Timestamp, command: Command) -> Wish {
        // A page that reads anew what it had stored has forgotten how far it counted.
        let heard = self.mirror.heard().iter().filter(|(known, _)| *known == tab).map(|(_, last)| *last);
        let waiting = self.own.wishes.iter().filter(|wish| wish.tab == tab).map(|wish| wish.number);
        self.wishes_made = heard.chain(waiting).chain([self.wishes_made]).max().unwrap_or_default() + 1;
        let wish = Wish { tab, number: self.wishes_made, at, command };
        self.own.wishes.push(wish.clone());
        wish
    }

    /// Takes over what the leader stored. What is to be told the page is returned; `None` where it cannot be used.
    pub(super) fn take(
        &mut self,
        protocols: &Protocols,
        now: Timestamp,
        batch: &Batch,
    ) -> Result<Vec<Notice>, Untaken> {
        let mut records = match batch.extent {
            Extent::Whole => Vec::new(),
            Extent::Change => self.records.clone(),
        };
        for record in &batch.records {
            records.retain(|(key, _)| *key != record.key);
            records.extend(record.value.clone().map(|value| (record.key.clone(), value)));
        }
        let mirror =
            Session::restore(protocols(), 0, now, &|key| find(&records, key)).map_err(|_| Untaken::Unreadable)?;
        let is_same = self.conversation() == mirror.conversation();
        if is_same && mirror.serial().count() < self.serial().count() {
            return Err(Untaken::Older);
        }
        let news = if is_same { self.news(&mirror) } else { Vec::new() };
        drop_heard(&mut self.own, &mirror);
        if !self.own.panel_open {
            self.own.unread = self.own.unread.saturating_add(u32::try_from(news.len()).unwrap_or(u32::MAX));
        }
        let form = |session: &Session| session.view().form.map(|inquiry| inquiry.form);
        if form(&self.mirror) != form(&mirror) {
            self.own.filled = None;
        }
        self.records = records;
        self.mirror = mirror;
        Ok(news)
    }

    /// What agents said since.
    fn news(&self, mirror: &Session) -> Vec<Notice> {
        let seen = self.mirror.view().transcript.iter().next_back().map(|line| line.id);
        let transcript = mirror.view().transcript;
        let mut new: Vec<&Line> = transcript.iter().rev().take_while(|line| Some(line.id) > seen).collect();
        new.reverse();
        let heard = |line: &&Line| match &line.body {
            Body::Agent(Speech { name, text, .. })
            | Body::File { author: Author::Agent { name }, file: SharedFile { name: text, .. } } => {
                let name = name.as_deref().map(str::to_owned);
                Some(Notice::MessageReceived { message: line.id, name, text: text.to_string() })
            }
            Body::Visitor { .. }
            | Body::Withdrawn { .. }
            | Body::File { author: Author::Visitor, .. }
            | Body::Event(_) => None,
        };
        new.iter().filter_map(heard).collect()
    }

    /// What the leader sees.
    pub(super) const fn see(&mut self, signs: Signs) {
        self.signs = Some(signs);
    }

    /// Whether a reload would find this.
    pub(super) const fn keep(&mut self, keeping: Keeping) {
        self.keeping = keeping;
    }

    /// All of it, to be stored in this tab.
    pub(super) fn whole(&self) -> Snapshot {
        let records = self.records.iter().map(|(key, value)| Record { key: key.clone(), value: Some(value.clone()) });
        self.snapshot(records.chain([super::own_record(Some(&self.own))]).collect())
    }

    /// What only this tab knows, to be stored in it.
    pub(super) fn own(&self) -> Snapshot {
        self.snapshot(vec![super::own_record(Some(&self.own))])
    }

    /// What changed, to be stored in this tab.
    pub(super) fn change(&self, batch: &Batch) -> Snapshot {
        self.snapshot(batch.records.iter().cloned().chain([super::own_record(Some(&self.own))]).collect())
    }

    fn snapshot(&self, records: Vec<Record>) -> Snapshot {
        Snapshot { conversation: self.conversation().to_owned(), serial: self.serial(), records }
    }

    /// What a screen shows.
    pub(super) fn view(&self) -> View {
        let mut view = self.mirror.view();
        if self.is_starting() && !is_under_way(&view.stage) {
            view.stage = Stage::Opening { wait: None };
        }
        view.draft = Arc::clone(&self.own.draft);
        view.panel = if self.own.panel_open { Panel::Open } else { Panel::Shut };
        view.unread = self.own.unread;
        view.keeping = self.keeping;
        view.files.upload = Upload::None;
        view.files.can_pick = false;
        if let Some(signs) = self.signs {
            view.agent_typing = signs.agent_typing;
            view.connection = signs.connection;
        }
        self.fill_in(&mut view);
        view.outbox.extend(self.own.wishes.iter().filter_map(pending));
        view
    }

    /// The form as it stands in this tab.
    fn fill_in(&self, view: &mut View) {
        let wants = |meant: fn(&Command) -> bool| self.own.wishes.iter().any(|wish| meant(&wish.command));
        if wants(|command| matches!(command, Command::Skip)) {
            view.form = None;
        }
        if wants(|command| matches!(command, Command::Reply { .. } | Command::Send { .. })) {
            view.replies = Arc::default();
        }
        if wants(|command| matches!(command, Command::Person)) && view.person == Person::Offered {
            view.person = Person::Wanted;
        }
        let Some(inquiry) = view.form.as_mut().filter(|inquiry| inquiry.state != InquiryState::Given) else { return };
        if let Some(filled) = &self.own.filled {
            inquiry.answers = filled.as_slice().into();
        }
        if wants(|command| matches!(command, Command::Answer { .. })) {
            inquiry.state = InquiryState::Given;
        }
    }
}

/// Why something that a leader stored is not taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Untaken {
    /// It makes no conversation.
    Unreadable,
    /// More is known here.
    Older,
}

/// The record of this name.
pub(super) fn find(records: &Records, name: &str) -> Option<String> {
    records.iter().find(|(found, _)| found == name).map(|(_, text)| text.clone())
}

/// A message that was not heard yet, as it stands in the outbox of this tab.
fn pending(wish: &Wish) -> Option<Pending> {
    let (Command::Send { text } | Command::Reply { text, .. }) = &wish.command else { return None };
    // The leader gives it its true id; the end of the numbers is never reached by those.
    let id = crate::model::EntryId(u64::MAX - wish.number);
    Some(Pending { id, at: wish.at, text: Arc::from(text.trim()), state: PendingState::Sending })
}

/// What the records say was heard is wished for no longer.
fn drop_heard(own: &mut Own, mirror: &Session) {
    let heard = mirror.heard();
    own.wishes.retain(|wish| heard.iter().all(|(tab, last)| *tab != wish.tab || wish.number > *last));
}

/// Whether nothing of a session would be missed if another conversation took its place.
pub(super) fn is_spare(view: &View) -> bool {
    matches!(view.stage, Stage::Idle | Stage::Ended { .. }) && view.outbox.is_empty() && view.form.is_none()
}

/// Whether a conversation is under way.
pub(super) const fn is_under_way(stage: &Stage) -> bool {
    match stage {
        Stage::Form | Stage::Opening { .. } | Stage::Queued { .. } | Stage::Talking { .. } => true,
        Stage::Idle | Stage::Closing | Stage::Ended { .. } => false,
    }
}

/// A wish that was not heard, or a leader that was not, is worth another word.
const ASK_AGAIN: Duration = Duration::from_secs(5);
/// As long as words between tabs may be on their way, and some more.
const OBJECTION: Duration = Duration::from_secs(1);
/// Somebody who has nothing to say need not be asked often.
const STILL_THERE: Duration = Duration::from_secs(60);
