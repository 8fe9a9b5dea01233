//! How the visitor's words and signs go out (§2.4, §3.6, §3.8), and how the visitor leaves.

use super::envelope::Answer;
use super::verdict::{Asked, Standing, Verdict, verdict};
use super::wire::Operation;
use super::{Genesys, unavailable};
use crate::model::is_link;
use crate::protocol::{Cause, Outgoing, Parcel, Progress, ProtocolError, Request, Response, Signal};

impl Genesys {
    pub(super) fn begin_post(&self, parcel: &Parcel<'_>) -> Option<Request> {
        let said: String;
        let operation = match parcel {
            Parcel::Entries(entries) => {
                // One, as `PROFILE` asks for.
                said = entries.iter().map(|Outgoing { text, .. }| *text).collect::<Vec<_>>().join("\n");
                Operation::Say(&said)
            }
            Parcel::Signal(Signal::Typing) => Operation::TypingStarted(None),
            Parcel::Signal(Signal::NotTyping) => Operation::TypingStopped,
            Parcel::Signal(Signal::Peek(text)) if text.trim().is_empty() => Operation::TypingStopped,
            Parcel::Signal(Signal::Peek(text)) => Operation::TypingStarted(Some(text)),
            // The backend runs that clock itself, and has warned (§1.5). It asks for nothing that is to be answered.
            Parcel::Signal(Signal::IdleWarned) | Parcel::Answers(_) | Parcel::Person => return None,
            Parcel::Signal(Signal::Read) => Operation::Read(self.position.saturating_sub(1)),
            Parcel::Signal(Signal::Unshare(key)) => Operation::Delete(key),
            Parcel::Signal(Signal::Renamed(name)) => Operation::Rename(name),
            Parcel::Signal(Signal::IdleCleared) => Operation::Notice { purpose: "cancel-idle-timer", text: None },
            // Whoever shows it leads people there, so that it is an address of the web or nothing (§1.7).
            Parcel::Custom { kind: PUSH_URL, data } => {
                Operation::PushUrl(Some(data.trim()).filter(|url| is_link(url))?)
            }
            Parcel::Custom { kind, data } => Operation::Notice { purpose: kind, text: Some(data) },
        };
        self.request(&operation)
    }

    /// Takes over the answer to anything but a poll. Its events and its next position are left to the polls: what lies
    /// between was not seen yet (§3.6, §6.7).
    pub(super) fn receive_post(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        let envelope = match Answer::read(response) {
            Answer::Envelope(envelope) => envelope,
            Answer::Failure(failure) => return Err(failure.of_post(response)),
        };
        self.recognise(&envelope);
        let refused = ProtocolError::Refused { noun: "post", status: response.status };
        match verdict(envelope.code, envelope.flag, Asked::Aside) {
            Verdict::GoOn | Verdict::GoOnToTheEnd | Verdict::GoOnAndConfirm => Ok(Progress::default()),
            // It may have arrived (§1.1: the front end may not have heard of it), so that its echo is waited for.
            Verdict::Again | Verdict::Confirm => Err(unavailable(response)),
            Verdict::Fails => Err(refused),
            Verdict::FailsForGood | Verdict::Over => {
                self.standing = Standing::Condemned;
                Err(refused)
            }
        }
    }

    /// Where the chat is over nothing is left to be said (§1.4).
    pub(super) fn begin_close(&self, cause: Cause) -> Option<Request> {
        match cause {
            Cause::Visitor | Cause::Idle => self.request(&Operation::Leave),
            Cause::Over => None,
        }
    }
}

/// What a page calls the event that shows the agent an address, as it is called here (§3.8).
const PUSH_URL: &str = "pushUrl";
