//! The transcript, in pages, cheap to share. Lines are appended, and now and then one is changed where it stands.
//!
//! A clone shares every page. Either copies one page at the most, so that a step costs the same with ten messages as
//! with ten thousand. It does not know how it is stored; the snapshot does.

use std::sync::Arc;

use crate::model::{Body, Message, MessageId, Reach, Speech, Timestamp};

/// What was said and what happened, oldest first. Ids are consecutive, and never used twice in one page's life.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    first: u64,
    sealed: Arc<Vec<Page>>,
    open: Page,
    /// How often any line was changed.
    edition: u64,
    /// Which was changed last.
    revised: Option<MessageId>,
}

/// A run of at most 32 lines.
pub type Page = Arc<Vec<Message>>;

impl Transcript {
    /// An empty transcript whose ids go on after those of `earlier`.
    pub(super) fn after(earlier: &Self) -> Self {
        Self { first: earlier.next_id(), ..Self::default() }
    }

    /// A transcript of stored lines, of which the first has the id `first`.
    pub(super) fn restored(first: u64, lines: impl IntoIterator<Item = (Timestamp, u32, Body)>) -> Self {
        let mut transcript = Self { first, ..Self::default() };
        for (at, edition, body) in lines {
            transcript.add(at, edition, body);
        }
        transcript
    }

    /// Appends a line and returns its id.
    pub(super) fn push(&mut self, at: Timestamp, body: Body) -> MessageId {
        self.add(at, 0, body)
    }

    fn add(&mut self, at: Timestamp, edition: u32, body: Body) -> MessageId {
        let id = MessageId(self.next_id());
        self.edition += u64::from(edition);
        if edition > 0 {
            self.revised = Some(id);
        }
        Arc::make_mut(&mut self.open).push(Message { id, at, edition, body });
        if self.open.len() >= PAGE_MESSAGES {
            let full = std::mem::take(&mut self.open);
            Arc::make_mut(&mut self.sealed).push(full);
        }
        id
    }

    /// Puts something else where this line stands. The place of its page, unless nothing changed.
    pub(super) fn revise(&mut self, id: MessageId, body: Body) -> Option<usize> {
        let place = usize::try_from(id.0.checked_sub(self.first)?).ok()?;
        let (number, place) = (place / PAGE_MESSAGES, place % PAGE_MESSAGES);
        let page = self.pages().nth(number)?;
        if page.get(place)?.body == body {
            return None;
        }
        let is_sealed = number < self.sealed.len();
        let page = if is_sealed { Arc::make_mut(&mut self.sealed).get_mut(number)? } else { &mut self.open };
        let line = Arc::make_mut(page).get_mut(place)?;
        line.body = body;
        line.edition = line.edition.saturating_add(1);
        self.edition += 1;
        self.revised = Some(id);
        Some(number)
    }

    /// The visitor's words that nobody is known to have read, the latest first.
    pub(super) fn unread(&self) -> impl Iterator<Item = (MessageId, &Arc<str>)> {
        let own = self.iter().rev().filter_map(|line| match &line.body {
            Body::Visitor { text, reach } => Some((line.id, text, *reach)),
            _ => None,
        });
        own.take_while(|(.., reach)| *reach == Reach::Arrived).map(|(id, text, _)| (id, text))
    }

    /// The latest words of an agent's of which this is true.
    pub(super) fn find_speech(&self, is_meant: impl Fn(&Speech) -> bool) -> Option<(MessageId, &Speech)> {
        self.iter().rev().find_map(|line| match &line.body {
            Body::Agent(speech) if is_meant(speech) => Some((line.id, speech)),
            _ => None,
        })
    }

    /// How often any line was changed: while this and [`Self::len`] stay the same, so does everything.
    #[must_use]
    pub const fn edition(&self) -> u64 {
        self.edition
    }

    /// The line that was changed last; after a reload, the last of those that were changed.
    #[must_use]
    pub fn revised(&self) -> Option<&Message> {
        let line = self.revised?;
        self.iter().rev().find(|message| message.id == line)
    }

    /// How many lines it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sealed.len() * PAGE_MESSAGES + self.open.len()
    }

    /// Whether nothing was said and nothing happened yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All lines, oldest first; from both ends.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.pages().flat_map(|page| page.iter())
    }

    /// The pages, oldest first; all but the last are full, and change with [`Self::edition`] only.
    pub fn pages(&self) -> impl DoubleEndedIterator<Item = &Page> {
        self.sealed.iter().chain(std::iter::once(&self.open))
    }

    /// The pages from the one numbered `number` on, counted from 0.
    pub(super) fn pages_from(&self, number: usize) -> impl Iterator<Item = &Page> {
        self.sealed.iter().skip(number).chain(std::iter::once(&self.open))
    }

    /// How many pages are full.
    pub(super) fn sealed_pages(&self) -> usize {
        self.sealed.len()
    }

    /// The id of the first line.
    pub(super) const fn first_id(&self) -> u64 {
        self.first
    }

    /// The id that the next line will have.
    pub(super) fn next_id(&self) -> u64 {
        self.first + self.len() as u64
    }

    fn last(&self) -> Option<&Message> {
        self.open.last().or_else(|| self.sealed.last()?.last())
    }
}

impl PartialEq for Transcript {
    /// Equal when both have the same first and last line and were changed as often. That is enough, and takes no walk.
    fn eq(&self, other: &Self) -> bool {
        self.first == other.first
            && self.len() == other.len()
            && self.edition == other.edition
            && self.last() == other.last()
    }
}

/// Small enough that copying one page is nothing, large enough that the list of pages stays short.
pub const PAGE_MESSAGES: usize = 32;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn appending_to_a_shared_transcript_leaves_the_other_copy_alone() {
        let mut transcript = spoken(40);
        let before = transcript.clone();

        transcript.push(Timestamp::from_millis(41), line(41));

        assert_eq!(before.len(), 40);
        assert_eq!(transcript.len(), 41);
        assert_ne!(before, transcript);
    }

    #[test]
    fn appending_copies_one_page_at_the_most() {
        let mut transcript = spoken(10_000);
        let before = transcript.clone();

        transcript.push(Timestamp::from_millis(0), line(0));

        let shared = before.pages().zip(transcript.pages()).filter(|(a, b)| Arc::ptr_eq(a, b)).count();
        assert_eq!(shared, before.sealed_pages());
    }

    #[test]
    fn ids_go_on_after_an_earlier_conversation() {
        let mut next = Transcript::after(&spoken(33));

        assert_eq!(next.push(Timestamp::from_millis(0), line(0)), MessageId(33));
    }

    #[test]
    fn transcripts_are_equal_where_they_begin_and_end_alike() {
        let shifted = Transcript::restored(1, (0..40).map(stored));
        let other_end = {
            let mut transcript = spoken(39);
            transcript.push(Timestamp::from_millis(39), line(7));
            transcript
        };
        let at_another_time = {
            let mut transcript = spoken(63);
            transcript.push(Timestamp::from_millis(1), line(63));
            transcript
        };

        assert_eq!(spoken(40), spoken(40));
        assert_eq!(spoken(0), Transcript::default());
        assert_ne!(spoken(40), shifted);
        assert_ne!(spoken(40), spoken(41));
        assert_ne!(spoken(40), other_end);
        // The last line may close a page.
        assert_eq!(spoken(64), spoken(64));
        assert_ne!(spoken(64), at_another_time);
    }

    #[test]
    fn an_empty_transcript_stays_empty_until_something_is_said() {
        assert!(spoken(0).is_empty());
        assert!(!spoken(1).is_empty());
        assert!(!spoken(32).is_empty());
    }

    fn spoken(count: u64) -> Transcript {
        Transcript::restored(0, (0..count).map(stored))
    }

    fn stored(n: u64) -> (Timestamp, u32, Body) {
        (Timestamp::from_millis(n), 0, line(n))
    }

    fn line(n: u64) -> Body {
        Body::arrived(format!("line {n}").into())
    }
}
