//! How the visitor's words are numbered and handed over (§5, §6).
//!
//! A number belongs to one content for ever: the server drops a repeat of a number unread, so other content under the
//! same number would be lost in silence. What got no answer keeps its number; what was answered gives it back. Where
//! content is given up without an answer, nobody knows whether the server took its number, or will yet, when the old try
//! arrives late. Such a number is filled with something that may be lost before words go out under the next one.

use super::request::Headers;
use super::{LiveAgent, unavailable};
use crate::model::json::{Value, object};
use crate::model::keep::keep_fields;
use crate::model::{EndReason, PostId};
use crate::protocol::{Outgoing, Parcel, Progress, ProtocolError, Request, Response, Signal};

/// The client's numbering of its posts.
#[derive(Clone, Debug)]
pub(super) struct Sequence {
    next: u64,
    /// A number that content that was given up may have taken, or may yet.
    spent: Option<u64>,
    issued: Option<Issued>,
}

/// A number that was given out and not yet used up.
#[derive(Clone, Debug)]
struct Issued {
    /// Whose it is; `None` fills a number that was spent.
    post: Option<PostId>,
    number: u64,
    /// Sent, and not answered so far.
    is_open: bool,
    /// Some try got no answer: the server may have taken the number.
    is_in_doubt: bool,
    /// How often the server answered that it failed.
    failures: u32,
}

keep_fields!(Sequence { next, spent, issued });
keep_fields!(Issued { post, number, is_open, is_in_doubt, failures });

impl Default for Sequence {
    fn default() -> Self {
        Self { next: 1, spent: None, issued: None }
    }
}

impl Sequence {
    /// The numbering goes on after `number`.
    pub(super) const fn begin_after(&mut self, number: u64) {
        self.next = number + 1;
        self.issued = None;
    }

    /// The numbering begins anew, as after a handover.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// The number for this post: the same for each repeat. It is one that nothing else ever had.
    pub(super) fn number(&mut self, post: PostId) -> u64 {
        self.repeat(post).unwrap_or_else(|| {
            let number = self.next.saturating_add(u64::from(self.is_spent()));
            self.issue(Some(post), number, false)
        })
    }

    /// The number for this post, which may be lost: it may take one that was spent.
    pub(super) fn number_for_signal(&mut self, post: PostId) -> u64 {
        self.repeat(post).unwrap_or_else(|| self.issue(Some(post), self.next, self.is_spent()))
    }

    /// The number that is to be filled before this post can have one.
    pub(super) fn number_to_fill(&mut self, post: PostId) -> Option<u64> {
        if self.issued.as_ref().is_some_and(|issued| issued.post == Some(post)) {
            return None;
        }
        self.withdraw();
        self.is_spent().then(|| self.issue(None, self.next, true))
    }

    fn repeat(&mut self, post: PostId) -> Option<u64> {
        if let Some(issued) = self.issued.as_mut().filter(|issued| issued.post == Some(post)) {
            issued.is_in_doubt |= issued.is_open;
            issued.is_open = true;
            return Some(issued.number);
        }
        self.withdraw();
        None
    }

    fn issue(&mut self, post: Option<PostId>, number: u64, is_in_doubt: bool) -> u64 {
        self.issued = Some(Issued { post, number, is_open: true, is_in_doubt, failures: 0 });
        number
    }

    /// The post arrived: its number is used up.
    pub(super) fn confirm(&mut self) {
        if let Some(issued) = self.issued.take() {
            self.next = issued.number.saturating_add(1);
        }
    }

    /// The server answered that the post failed, for the how-manieth time.
    pub(super) fn fail(&mut self) -> u32 {
        self.issued.as_mut().map_or(1, |issued| {
            issued.is_open = false;
            issued.failures = issued.failures.saturating_add(1);
            issued.failures
        })
    }

    /// Something on the way failed: the server may have taken the number.
    pub(super) const fn doubt(&mut self) {
        if let Some(issued) = &mut self.issued {
            issued.is_in_doubt = true;
            issued.is_open = false;
        }
    }

    fn is_spent(&self) -> bool {
        self.spent == Some(self.next)
    }

    /// Whether what is on its way only fills a number.
    fn is_filling(&self) -> bool {
        self.issued.as_ref().is_some_and(|issued| issued.post.is_none())
    }

    /// Whether the server may have taken the post at an earlier try.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.issued.as_ref().is_some_and(|issued| issued.post.is_some() && issued.is_in_doubt)
    }

    /// The server says that it last took `actual`.
    pub(super) fn put_in_step(&mut self, actual: u64) -> Step {
        let Some(issued) = &mut self.issued else { return Step::Lost };
        if issued.is_in_doubt && actual >= issued.number {
            return Step::Taken;
        }
        issued.failures = issued.failures.saturating_add(1);
        if issued.failures > MOST_FAILURES {
            return Step::Lost;
        }
        issued.is_open = false;
        issued.is_in_doubt = false;
        issued.number = actual + 1;
        Step::Renumbered
    }

    /// Other content is next. The number is given back, unless the server may have taken it.
    fn withdraw(&mut self) {
        if let Some(issued) = self.issued.take() {
            self.next = issued.number;
            if issued.is_open || issued.is_in_doubt {
                self.spent = Some(issued.number);
            }
        }
    }
}

/// What the server's word about the numbering means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The post was taken at an earlier try.
    Taken,
    /// The post has another number now.
    Renumbered,
    /// It leads nowhere.
    Lost,
}

impl LiveAgent {
    pub(super) fn begin_post(&mut self, post: PostId, parcel: &Parcel<'_>) -> Option<Request> {
        self.credentials.as_ref()?;
        let (noun, body) = noun_of(parcel)?;
        if matches!(parcel, Parcel::Signal(_)) {
            let number = self.sequence.number_for_signal(post);
            return Some(self.post(noun, &Headers::Numbered(number), &body));
        }
        if let Some(number) = self.sequence.number_to_fill(post) {
            return Some(self.post(FILLER, &Headers::Numbered(number), &Value::Object(Vec::new())));
        }
        let number = self.sequence.number(post);
        Some(self.post(noun, &Headers::Numbered(number), &body))
    }

    pub(super) fn receive_post(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        match response.status {
            200..=299 => self.taken(),
            403 => Err(self.lost(EndReason::Expired)),
            409 => self.receive_out_of_step(response),
            503 => Err(self.moved()),
            // One more try, with a pause (§8). Where it was that the server failed, before or after it took the post, it
            // does not say.
            500 => {
                let failures = self.sequence.fail();
                self.sequence.doubt();
                Err(if failures <= 1 { unavailable(response) } else { self.refused(500) })
            }
            // Something on the way gave up; the server may have taken the post.
            408 | 425 => {
                self.sequence.doubt();
                Err(unavailable(response))
            }
            status @ 400..=428 => {
                self.sequence.fail();
                Err(self.refused(status))
            }
            _ => {
                self.sequence.doubt();
                Err(unavailable(response))
            }
        }
    }

    /// The server took what was posted. Where that only filled a number, the post itself is next.
    fn taken(&mut self) -> Result<Progress, ProtocolError> {
        let was_filler = self.sequence.is_filling();
        self.sequence.confirm();
        if was_filler { Err(ProtocolError::OutOfStep) } else { Ok(Progress::default()) }
    }

    fn receive_out_of_step(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        let step = actual(&response.body).map_or(Step::Lost, |actual| self.sequence.put_in_step(actual));
        match step {
            Step::Taken => self.taken(),
            Step::Renumbered => Err(ProtocolError::OutOfStep),
            Step::Lost => {
                let error = self.refused(409);
                self.sequence.doubt();
                Err(error)
            }
        }
    }

    /// A refusal, unless an earlier try got no answer and may have been taken.
    fn refused(&self, status: u16) -> ProtocolError {
        if self.sequence.is_in_doubt() {
            ProtocolError::Unconfirmed { noun: "post" }
        } else {
            ProtocolError::Refused { noun: "post", status }
        }
    }
}

/// The last number that the server took, from its words `Out of sync Ack. Expected 12. Actual 9` (§6). One that nobody
/// counts to is none.
pub(super) fn actual(body: &str) -> Option<u64> {
    let (_, after) = body.split_once("Actual")?;
    let digits: String = after.trim_start_matches([' ', ':']).chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|actual| *actual < MOST_POSTS)
}

/// The noun of a parcel and its body; none for what is never asked for here.
fn noun_of(parcel: &Parcel<'_>) -> Option<(&'static str, Value)> {
    Some(match parcel {
        Parcel::Entries(entries) => match entries.as_slice() {
            [Outgoing { text, note: None, .. }] => ("Chasitor/ChatMessage", object! { "text": *text }),
            several => ("System/MultiNoun", object! { "nouns": several.iter().flat_map(nouns).collect::<Vec<_>>() }),
        },
        Parcel::Signal(Signal::Typing) => ("Chasitor/ChasitorTyping", Value::Object(Vec::new())),
        Parcel::Signal(Signal::NotTyping) => ("Chasitor/ChasitorNotTyping", Value::Object(Vec::new())),
        Parcel::Signal(Signal::Peek(text)) => {
            ("Chasitor/ChasitorSneakPeek", object! { "position": 0_u64, "text": &**text })
        }
        Parcel::Signal(Signal::IdleWarned) => (IDLE_WARNING, object! { "idleTimeoutWarningEvent": "triggered" }),
        Parcel::Signal(Signal::IdleCleared) => (IDLE_WARNING, object! { "idleTimeoutWarningEvent": "cleared" }),
        Parcel::Custom { kind, data } => ("Chasitor/CustomEvent", object! { "data": *data, "type": *kind }),
        // There is nothing like it (§4.2).
        Parcel::Signal(Signal::Read | Signal::Unshare(_) | Signal::Renamed(_))
        | Parcel::Answers(_)
        | Parcel::Person => return None,
    })
}

/// One message as nouns of a MultiNoun (§3.6); rules that changed it are told first (§5.9).
fn nouns(outgoing: &Outgoing<'_>) -> Vec<Value> {
    let noun = |noun: &str, object: Value| object! { "prefix": "Chasitor", "noun": noun, "object": object };
    let rules = outgoing.note.and_then(Value::parse);
    let told = rules.map(|rules| noun("SensitiveDataRuleTriggered", object! { "rules": rules }));
    told.into_iter().chain([noun("ChatMessage", object! { "text": outgoing.text })]).collect()
}

/// Says nothing that is not so: words follow.
const FILLER: &str = "Chasitor/ChasitorNotTyping";
const IDLE_WARNING: &str = "Chasitor/ChasitorIdleTimeoutWarningEvent";
/// More posts than a visitor can make.
const MOST_POSTS: u64 = 1 << 53;
/// A numbering that cannot be put right by then cannot be put right.
const MOST_FAILURES: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_keeps_its_number_and_the_next_content_has_another() {
        let mut sequence = Sequence::default();

        assert_eq!(sequence.number(PostId(1)), 1);
        assert_eq!(sequence.number(PostId(1)), 1);
        assert_eq!(sequence.number(PostId(2)), 2);
    }

    #[test]
    fn other_content_never_takes_a_number_that_the_server_may_have_taken() {
        let mut unanswered = Sequence::default();
        assert_eq!(unanswered.number(PostId(1)), 1);
        assert_eq!(unanswered.number(PostId(2)), 2);

        let mut doubtful = Sequence::default();
        assert_eq!(doubtful.number(PostId(1)), 1);
        doubtful.doubt();
        assert_eq!(doubtful.number(PostId(2)), 2);
    }

    #[test]
    fn a_numbering_that_three_times_could_not_be_put_right_is_given_up() {
        let mut sequence = Sequence::default();
        for actual in [10, 20, 30] {
            let _ = sequence.number(PostId(1));
            assert_eq!(sequence.put_in_step(actual), Step::Renumbered);
        }
        let _ = sequence.number(PostId(1));

        assert_eq!(sequence.put_in_step(40), Step::Lost);
    }

    #[test]
    fn a_number_that_was_given_up_is_filled_before_other_content_has_the_next() {
        let mut sequence = Sequence::default();
        assert_eq!(sequence.number(PostId(1)), 1);

        assert_eq!(sequence.number_to_fill(PostId(2)), Some(1));
        assert_eq!(sequence.number_to_fill(PostId(2)), Some(1), "a filler without an answer may be lost");
        sequence.confirm();

        assert_eq!(sequence.number_to_fill(PostId(2)), None);
        assert_eq!(sequence.number(PostId(2)), 2);
    }

    #[test]
    fn a_signal_fills_a_number_that_was_given_up() {
        let mut sequence = Sequence::default();
        assert_eq!(sequence.number(PostId(1)), 1);

        assert_eq!(sequence.number_for_signal(PostId(2)), 1);
        assert_eq!(sequence.put_in_step(1), Step::Taken);
        sequence.confirm();

        assert_eq!(sequence.number_to_fill(PostId(3)), None);
    }

    #[test]
    fn an_answered_failure_gives_its_number_back() {
        let mut sequence = Sequence::default();
        assert_eq!(sequence.number(PostId(1)), 1);

        sequence.fail();

        assert_eq!(sequence.number(PostId(2)), 1);
    }

    #[test]
    fn a_failure_after_an_unanswered_try_does_not_give_its_number_back() {
        let mut sequence = Sequence::default();
        assert_eq!(sequence.number(PostId(1)), 1);
        assert_eq!(sequence.number(PostId(1)), 1);

        sequence.fail();

        assert_eq!(sequence.number(PostId(2)), 2);
    }

    #[test]
    fn a_repeat_that_is_out_of_step_because_it_was_taken_counts_as_taken() {
        let mut sequence = Sequence::default();
        let _ = sequence.number(PostId(1));
        let _ = sequence.number(PostId(1));

        assert_eq!(sequence.put_in_step(1), Step::Taken);
    }

    #[test]
    fn content_that_is_out_of_step_at_its_first_try_is_renumbered() {
        let mut sequence = Sequence::default();
        let _ = sequence.number(PostId(1));

        assert_eq!(sequence.put_in_step(9), Step::Renumbered);
        assert_eq!(sequence.number(PostId(1)), 10);
    }

    #[test]
    fn the_actual_number_is_read_from_the_servers_words() {
        assert_eq!(actual("Out of sync Ack. Expected 12. Actual 9"), Some(9));
        assert_eq!(actual("Out of sync"), None);
        assert_eq!(actual("Actual: 9007199254740991"), Some(9_007_199_254_740_991));
        assert_eq!(actual("Actual: 9007199254740992"), None);
    }
}
