//! What is kept for a reload: a head that is small, and the transcript in pages of which only the last ever changes.
//!
//! A snapshot is a batch of named records; what stores them needs to know nothing else. Broken, foreign or future records
//! mean a fresh start, never a panic.

use std::collections::VecDeque;

use crate::model::keep::{from_text, to_text};
use crate::model::{Message, TabId, Timestamp};
use crate::protocol::{Protocol, Resend};

use super::backoff::Random;
use super::echo::Echoes;
use super::files::Uploading;
use super::serial::Serial;
use super::state::{Cargo, Counters, Exchange, Link, Live, Posting, State};
use super::stored::{Head, StoredLine, VERSION};
use super::timers::Timer;
use super::{Effect, Keeping, Panel, Presence, Scope, Session, SneakPeek, Step, Transcript};

/// A batch of records to be written, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The conversation's own name, unguessable enough to tell two apart; not a secret. What is begun after an end on the
    /// same page goes under the same name.
    pub conversation: String,
    /// Counts what was stored of it and must not be missed; never falls.
    pub serial: Serial,
    /// What to write.
    pub records: Vec<Record>,
}

/// One named record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its name within the snapshot.
    pub key: String,
    /// Its text; `None` removes it.
    pub value: Option<String>,
}

/// Why a stored conversation cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Nothing is stored.
    #[error("no conversation is stored")]
    Missing,
    /// What is stored is broken or foreign.
    #[error("the stored conversation cannot be read")]
    Unreadable,
    /// It was stored by another release.
    #[error("the stored conversation has version {found}, which is not known here")]
    Version {
        /// Its version.
        found: u32,
    },
}

/// Which pages of the transcript are stored.
#[derive(Clone, Debug)]
pub(super) struct Pages {
    conversation: String,
    /// Number of the transcript's first page in memory.
    base: usize,
    /// Stored pages: number and size in bytes, oldest first.
    kept: VecDeque<(usize, usize)>,
    /// Full pages of the transcript in memory that need not be written again.
    settled: usize,
    /// Lines of the open page that were written.
    open: usize,
    /// Settled pages that are to be written again, because a line was changed.
    soiled: Vec<usize>,
    /// How many bytes the pages may take.
    budget: usize,
    head: String,
    /// Somebody may know of this conversation, storage or another tab: its end has to be told.
    is_known: bool,
}

impl Pages {
    /// Nothing is stored of a conversation that has just begun.
    pub(super) fn of_new_conversation(random: &mut Random) -> Self {
        Self {
            conversation: format!("{:016x}", random.next()),
            base: 0,
            kept: VecDeque::new(),
            settled: 0,
            open: 0,
            soiled: Vec::new(),
            budget: BUDGET,
            head: String::new(),
            is_known: false,
        }
    }

    /// Nothing is stored of the next conversation. It keeps the name: a copy of an earlier one is then known to be old.
    pub(super) fn of_next_conversation(&self) -> Self {
        Self {
            conversation: self.conversation.clone(),
            base: 0,
            kept: VecDeque::new(),
            settled: 0,
            open: 0,
            soiled: Vec::new(),
            budget: BUDGET,
            head: String::new(),
            is_known: self.is_known,
        }
    }

    /// Everything is to be written anew, under another name.
    pub(super) fn renamed(&self, random: &mut Random) -> Self {
        Self { conversation: format!("{:016x}", random.next()), head: String::new(), ..self.unwritten() }
    }

    /// A line of this page of the transcript was changed, after it may have been written.
    pub(super) fn soil(&mut self, place: usize) {
        if place >= self.settled {
            self.open = 0;
        } else if !self.soiled.contains(&place) {
            self.soiled.push(place);
        }
    }

    fn records(&mut self, transcript: &Transcript) -> Vec<Record> {
        let mut records = Vec::new();
        for place in std::mem::take(&mut self.soiled) {
            // What was let go of for want of room stays away.
            let is_kept = self.kept.iter().any(|(kept, _)| *kept == self.base + place);
            if let Some(page) = transcript.pages_from(place).next().filter(|_| is_kept) {
                records.push(self.record(place, page));
            }
        }
        let sealed = transcript.sealed_pages();
        for (place, page) in (self.settled..).zip(transcript.pages_from(self.settled)) {
            if place == self.settled && place == sealed && page.len() == self.open {
                continue;
            }
            records.push(self.record(place, page));
            self.open = page.len();
        }
        self.settled = sealed;
        while self.kept.iter().map(|(_, size)| size).sum::<usize>() > self.budget && self.kept.len() > 1 {
            if let Some((number, _)) = self.kept.pop_front() {
                records.push(Record { key: page_key(number), value: None });
            }
        }
        records
    }

    fn record(&mut self, place: usize, page: &[Message]) -> Record {
        let lines: Vec<StoredLine> = page.iter().map(StoredLine::from).collect();
        let value = to_text(&lines);
        self.keep(self.base + place, value.len());
        Record { key: page_key(self.base + place), value: Some(value) }
    }

    fn keep(&mut self, number: usize, size: usize) {
        match self.kept.iter_mut().rev().find(|(kept, _)| *kept == number) {
            Some(page) => page.1 = size,
            None => self.kept.push_back((number, size)),
        }
    }

    /// Everything must be written again, and smaller: it did not fit.
    fn shrink(&mut self) {
        self.kept.clear();
        self.settled = 0;
        self.open = 0;
        self.soiled.clear();
        self.budget /= 2;
        self.head.clear();
    }

    /// Nothing is stored, so everything is to be written.
    fn unwritten(&self) -> Self {
        Self { kept: VecDeque::new(), settled: 0, open: 0, soiled: Vec::new(), ..self.clone() }
    }

    fn first(&self) -> usize {
        self.kept.front().map_or(self.base, |(number, _)| *number)
    }
}

impl Session {
    /// Goes on with a stored conversation. `read` returns the record of a name. The first thing it wants is to be woken.
    ///
    /// # Errors
    /// When nothing is stored, or nothing that can go on.
    pub fn restore(
        protocol: Box<dyn Protocol>,
        seed: u64,
        now: Timestamp,
        read: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, SnapshotError> {
        let text = read(HEAD).ok_or(SnapshotError::Missing)?;
        let head = Head::parse(&text)?;
        let mut session = Self::new(protocol, seed);
        session.protocol.restore(&head.protocol).map_err(|_| SnapshotError::Unreadable)?;
        session.latest = now;
        session.restore_transcript(&head, read);
        session.restore_state(now, head);
        // What stands in storage stands there until it is written anew, or forgotten.
        session.pages.head = text;
        session.pages.is_known = true;
        Ok(session)
    }

    /// The conversation's own name, under which one tab claims it.
    #[must_use]
    pub fn conversation(&self) -> &str {
        &self.pages.conversation
    }

    /// Everything that must be kept, as one batch.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut pages = self.pages.unwritten();
        let mut records = pages.records(&self.transcript);
        records.push(Record { key: HEAD.to_owned(), value: Some(self.head(&pages)) });
        Snapshot { conversation: self.pages.conversation.clone(), serial: self.serial, records }
    }

    /// Counts what was stored of this conversation and must not be missed.
    #[must_use]
    pub const fn serial(&self) -> Serial {
        self.serial
    }

    /// The last wish that was heard from each of the other tabs.
    pub(crate) fn heard(&self) -> &[(TabId, u64)] {
        &self.heard
    }

    /// How many messages count as unread on this page; opening the panel reads them.
    pub(crate) const fn count_unread(&mut self, unread: u32) {
        self.unread = unread;
    }

    /// Adds what must be written to the step, ahead of everything that reaches out into the world.
    pub(super) fn store(&mut self, step: &mut Step) {
        if !step.must_store {
            return;
        }
        if self.is_worthless() {
            if std::mem::take(&mut self.pages.is_known) {
                // Whoever looks at the end once more wants to find all of it again.
                self.pages = self.pages.unwritten();
                self.pages.head.clear();
                step.effects.insert(0, Effect::Forget);
            }
            return;
        }
        let mut records = self.pages.records(&self.transcript);
        let mut head = self.head(&self.pages);
        if head == self.pages.head && records.is_empty() {
            return;
        }
        let asks = step.effects.iter().any(|effect| matches!(effect, Effect::Fetch { .. }));
        if asks || step.scope == Scope::Conversation {
            self.serial = self.serial.next(self.mark);
            head = self.head(&self.pages);
        }
        self.pages.is_known = true;
        self.pages.head.clone_from(&head);
        records.push(Record { key: HEAD.to_owned(), value: Some(head) });
        let snapshot = Snapshot { conversation: self.pages.conversation.clone(), serial: self.serial, records };
        step.effects.insert(0, Effect::Store(Box::new(snapshot)));
    }

    /// The last snapshot did not fit, or there is no storage.
    pub(super) fn on_storage_failed(&mut self) {
        self.keeping = Keeping::MemoryOnly;
        self.pages.shrink();
    }

    /// Nothing here is worth being found again.
    pub(super) fn is_worthless(&self) -> bool {
        match self.state {
            State::Idle => true,
            State::Ended(_) => {
                self.panel == Panel::Shut && self.outbox.iter().next().is_none() && !self.is_filling_in()
            }
            State::Asking | State::Opening { .. } | State::Live(_) | State::Closing { .. } => false,
        }
    }

    fn head(&self, pages: &Pages) -> String {
        let (posts, entries) = self.counters.given();
        let kept_upload = self.kept_upload();
        let head = Head {
            version: VERSION,
            conversation: pages.conversation.clone(),
            state: self.state.clone(),
            protocol: self.protocol.save(),
            outbox: self.outbox.iter().cloned().collect(),
            post: self.posting.clone(),
            customs: self.customs.iter().cloned().collect(),
            draft: self.composer.draft.clone(),
            announced_typing: self.composer.announced == Presence::Typing,
            sneak_peek: self.sneak_peek == SneakPeek::Allowed,
            idle: self.idle,
            patience: self.patience,
            visitor: self.visitor.clone(),
            panel_open: self.panel == Panel::Open,
            unread: self.unread,
            upload_requested: kept_upload == Uploading::Requested,
            upload_failed: Some(kept_upload == Uploading::Failed),
            posts,
            entries,
            first_page: pages.first(),
            first_line: self.transcript.first_id()
                + ((pages.first() - pages.base) * super::transcript::PAGE_MESSAGES) as u64,
            lines: self.transcript.next_id(),
            serial: Some(self.serial),
            heard: Some(self.heard.clone()),
            idle_warning: self.timers.at(Timer::IdleWarning),
            idle_end: self.idle_end,
            awaited: Some(self.echoes.awaited.iter().cloned().collect()),
            repeated: Some(self.echoes.repeated.clone()),
            form: self.inquiry.clone(),
            offers: Some(self.offers.clone()),
        };
        to_text(&head)
    }

    /// Takes over the pages up to the last, as far back as there is no hole.
    fn restore_transcript(&mut self, head: &Head, read: &dyn Fn(&str) -> Option<String>) {
        let per_page = super::transcript::PAGE_MESSAGES as u64;
        let count = head.lines.saturating_sub(head.first_line);
        let pages = usize::try_from(count.div_ceil(per_page)).unwrap_or(0).min(MOST_PAGES);
        let mut found: VecDeque<(usize, String, Vec<StoredLine>)> = VecDeque::new();
        let mut wanted = count;
        for number in (head.first_page..head.first_page + pages).rev() {
            let lines_here = (wanted - 1) % per_page + 1;
            let Some(text) = read(&page_key(number)) else { break };
            let Some(mut lines) = from_text::<Vec<StoredLine>>(&text) else { break };
            // A page may be newer than the head, where the writing was cut off between them.
            lines.truncate(usize::try_from(lines_here).unwrap_or(0));
            if (lines.len() as u64) < lines_here {
                break;
            }
            wanted -= lines_here;
            found.push_front((number, text, lines));
        }
        self.pages.conversation.clone_from(&head.conversation);
        self.pages.base = found.front().map_or(head.first_page + pages, |(number, ..)| *number);
        self.pages.kept = found.iter().map(|(number, text, _)| (*number, text.len())).collect();
        let lines = found.into_iter().flat_map(|(_, _, lines)| lines).map(|line| (line.at, line.edition, line.body));
        self.transcript = Transcript::restored(head.first_line + wanted, lines);
        self.pages.settled = self.transcript.sealed_pages();
        self.pages.open = self.transcript.pages().next_back().map_or(0, |page| page.len());
    }

    fn restore_state(&mut self, now: Timestamp, mut head: Head) {
        self.counters = Counters::restored(head.posts, head.entries);
        self.outbox = head.take_outbox();
        self.posting = head.post;
        self.customs = head.customs.into();
        self.composer.draft = head.draft;
        self.composer.announced = if head.announced_typing { Presence::Typing } else { Presence::Silent };
        self.sneak_peek = if head.sneak_peek { SneakPeek::Allowed } else { SneakPeek::Forbidden };
        self.idle = head.idle;
        self.patience = head.patience;
        self.panel = if head.panel_open { Panel::Open } else { Panel::Shut };
        self.unread = head.unread;
        self.files.uploading = match (head.upload_requested, head.upload_failed) {
            (true, _) => Uploading::Requested,
            (false, Some(true)) => Uploading::Failed,
            (false, _) => Uploading::None,
        };
        self.count_gone();
        // Whether the page before told what was read is not known.
        self.has_unread_news = self.transcript.iter().any(|line| line.body.is_agents());
        self.state = head.state;
        self.inquiry = head.form.filter(|inquiry| inquiry.fits(&self.state));
        self.visitor = head.visitor;
        self.offers = head.offers.unwrap_or_default().restored(now);
        self.serial = head.serial.unwrap_or_default();
        self.heard = head.heard.unwrap_or_default();
        let profile = self.protocol.profile();
        let settle = profile.settle;
        let is_in_doubt =
            profile.resend == Resend::AfterEcho && matches!(self.posting, Posting::Busy { cargo: Cargo::Entries, .. });
        let (awaited, repeated) = (head.awaited.unwrap_or_default(), head.repeated.unwrap_or_default());
        self.echoes = Echoes::restored(now, awaited, repeated, is_in_doubt);
        match &self.state {
            State::Idle | State::Asking | State::Ended(_) => return,
            State::Opening { .. } => self.timers.set(Timer::Inbound, now),
            State::Live(Live { link: Link::Resuming(Exchange::Waiting), .. }) => self.timers.set(Timer::Inbound, now),
            State::Live(_) => self.timers.set(Timer::Inbound, now + settle),
            State::Closing { .. } => {
                self.timers.set(Timer::Inbound, now);
                self.timers.set(Timer::Closing, now + super::closing::LAST_WORDS);
            }
        }
        self.await_held();
        if let State::Live(Live { ending: Some(_), .. }) = self.state {
            self.timers.set(Timer::Flush, now + super::closing::FLUSH);
        }
        // The server may still hold the post of the page before, as it may hold its poll.
        let is_repeated = self.can_post() && self.posting != Posting::Free;
        self.timers.set(Timer::Outbound, if is_repeated { now + settle } else { now });
        self.idle_end = head.idle_end;
        let own_end = head.idle_end.filter(|_| self.idle.is_some());
        for (timer, at) in [(Timer::IdleWarning, head.idle_warning), (Timer::IdleEnd, own_end)] {
            if let Some(at) = at {
                self.timers.set(timer, at);
            }
        }
    }
}

fn page_key(number: usize) -> String {
    format!("page.{number}")
}

const HEAD: &str = "head";
/// Browsers give a page about five million characters; the rest of the page wants some too.
const BUDGET: usize = 1_000_000;
/// More pages than the budget allows were never written here.
const MOST_PAGES: usize = 10_000;
