//! What the backend's own record tells about lines that may, or may not, have been seen here.
//!
//! Both sides of a conversation may cross on the wire, so that the order between them differs from record to record; the
//! order within each side does not. So each side is compared by itself.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::model::{Body, Message, Speech};
use crate::protocol::{HistoryLine, Party};

use super::Transcript;

/// The lines of this party in the record that are missing from the transcript.
///
/// Where the record does not begin with what the transcript has (it may be cut off at its beginning), the longest overlap
/// between the transcript's end and the record counts.
pub(super) fn unseen<'a>(transcript: &Transcript, record: &'a [HistoryLine], party: Party) -> Vec<&'a HistoryLine> {
    let theirs: Vec<&HistoryLine> = record.iter().filter(|line| line.party == party).collect();
    let ours: Vec<&str> = transcript.iter().filter_map(|message| text_of(message, party)).collect();
    let begins_alike = ours.len() <= theirs.len() && ours.iter().zip(&theirs).all(|(a, b)| *a == b.text.trim());
    let seen = if begins_alike { ours.len() } else { end_of_overlap(&ours, &theirs) };
    theirs.into_iter().skip(seen).collect()
}

/// The end of the stretch of `theirs` that matches most of the end of `ours`; the last one where several match alike.
/// With nothing in common that is the end of it all: none of it can be told to be new, so none of it is.
fn end_of_overlap(ours: &[&str], theirs: &[&HistoryLine]) -> usize {
    let overlap = |end: usize| {
        let until = theirs.iter().take(end).rev();
        ours.iter().rev().zip(until).take_while(|(a, b)| **a == b.text.trim()).count()
    };
    (0..=theirs.len()).max_by_key(|end| overlap(*end)).unwrap_or_default()
}

fn text_of(message: &Message, party: Party) -> Option<&str> {
    match (&message.body, party) {
        (Body::Visitor { text, .. }, Party::Visitor) | (Body::Agent(Speech { text, .. }), Party::Agent) => {
            Some(text.trim())
        }
        (_, _) => None,
    }
}

/// Lines that were taken from the record and that the backend may still repeat as news.
#[derive(Clone, Debug, Default)]
pub(super) struct Replay(VecDeque<Arc<str>>);

impl Replay {
    /// Expects these, in order.
    pub(super) fn of(texts: impl Iterator<Item = Arc<str>>) -> Self {
        Self(texts.collect())
    }

    /// Whether this line of news repeats the record. The first that does not ends the repeating: order is kept.
    pub(super) fn is_repeat(&mut self, text: &Arc<str>) -> bool {
        if self.0.front() == Some(text) {
            self.0.pop_front();
            return true;
        }
        self.0.clear();
        false
    }
}

#[cfg(test)]
mod tests {
    use crate::model::Timestamp;

    use super::*;

    #[test]
    fn lines_after_those_already_seen_are_missing() {
        assert_eq!(missing(&["a", "b"], &["a", "b", "c", "d"]), ["c", "d"]);
    }

    #[test]
    fn a_repeated_text_counts_as_often_as_it_was_said() {
        assert_eq!(missing(&["ok"], &["ok", "ok"]), ["ok"]);
        assert!(missing(&["ok", "ok"], &["ok", "ok"]).is_empty());
    }

    #[test]
    fn a_record_cut_off_at_its_beginning_is_matched_by_its_overlap() {
        assert_eq!(missing(&["a", "b", "c"], &["b", "c", "d"]), ["d"]);
    }

    #[test]
    fn a_record_with_nothing_in_common_shows_nothing_as_missing() {
        assert!(missing(&["a"], &["x", "y"]).is_empty());
    }

    #[test]
    fn the_other_side_is_not_compared() {
        let record = [line(Party::Agent, "hello"), line(Party::Visitor, "a")];

        assert!(unseen(&spoken(&["a"]), &record, Party::Visitor).is_empty());
    }

    #[test]
    fn a_repeat_ends_with_the_first_line_that_is_none() {
        let mut replay = Replay::of([Arc::from("a"), Arc::from("b")].into_iter());

        assert!(replay.is_repeat(&Arc::from("a")));
        assert!(!replay.is_repeat(&Arc::from("x")));
        assert!(!replay.is_repeat(&Arc::from("b")));
    }

    fn missing(ours: &[&str], theirs: &[&str]) -> Vec<String> {
        let record: Vec<_> = theirs.iter().map(|text| line(Party::Visitor, text)).collect();
        unseen(&spoken(ours), &record, Party::Visitor).iter().map(|line| line.text.to_string()).collect()
    }

    fn line(party: Party, text: &str) -> HistoryLine {
        HistoryLine { party, name: None, text: text.into(), at: None }
    }

    fn spoken(texts: &[&str]) -> Transcript {
        let bodies = texts.iter().map(|text| (Timestamp::default(), 0, Body::arrived((*text).into())));
        Transcript::restored(0, bodies)
    }
}
