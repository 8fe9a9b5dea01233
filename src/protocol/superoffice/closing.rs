//! How a session ends, how the visitor is asked how it was, and how they go back to it (§5.7).

use super::SuperOffice;
use super::news::Asked;
use super::opening::refused_answers;
use super::request::{is_refusal, json, unavailable};
use super::standing::{Standing, Status};
use super::topic::given;
use crate::model::json::object;
use crate::model::keep::keep_words;
use crate::model::{Answer, EndReason, known};
use crate::protocol::http::{Content, Method};
use crate::protocol::{Cause, Progress, ProtocolError, Request, Response};

/// How far the end is. A repeat goes on where it stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Closing {
    /// Nothing was said about an end.
    #[default]
    Open,
    /// The session is told, or looked at once more.
    Ending,
    /// The visitor is asked how it was, or their answer is on its way.
    Asked,
}

keep_words!(Closing { Open => "Open", Ending => "Ending", Asked => "Asked" });

impl SuperOffice {
    pub(super) fn begin_close(&mut self, cause: Cause, answers: Option<&[Answer]>) -> Option<Request> {
        if self.closing == Closing::Asked {
            let rating: u64 = given(answers?, known::RATING)?.parse().ok()?;
            return self.patch(&object! { "Rating": rating });
        }
        let request = match cause {
            Cause::Visitor | Cause::Idle => self.patch(&object! { "Status": "Finished" }),
            Cause::Over if self.asks_how_it_was() => self.look(),
            // Nothing is left to be let go of.
            Cause::Over => None,
        };
        self.closing = Closing::Ending;
        request
    }

    pub(super) fn receive_close(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        match self.closing {
            Closing::Open => Ok(Progress::default()),
            Closing::Ending if is_refusal(response.status) => Ok(Progress::default()),
            Closing::Ending => {
                let session = json(response, "ChatSession")?;
                self.story.status = Standing::read(&session).map(|standing| standing.status).unwrap_or_default();
                Ok(if self.asks_how_it_was() {
                    self.closing = Closing::Asked;
                    Progress::asking(Vec::new(), self.topic.rating_form())
                } else {
                    Progress::default()
                })
            }
            Closing::Asked => match response.status {
                200..=299 => Ok(Progress::default()),
                403 | 404 | 410 => Err(ProtocolError::Over { reason: EndReason::Expired }),
                refused if is_refusal(refused) => Err(refused_answers(response)),
                _ => Err(unavailable(response)),
            },
        }
    }

    /// Looks at a session that is over, to go back to it, or at one that may be.
    pub(super) fn look(&self) -> Option<Request> {
        self.ask_session(Method::Get, "", Content::Empty)
    }

    /// A session that is finished goes on with the visitor's next words; nothing is to be done before.
    pub(super) fn receive_look(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        let standing = self.read_session(response)?;
        match standing.status {
            Status::Deleted | Status::Closed | Status::RequestPosted | Status::ClosedFromQueue => {
                self.story.status = standing.status;
                return Err(ProtocolError::Over { reason: EndReason::Expired });
            }
            Status::Unknown
            | Status::PreChatForm
            | Status::Faq
            | Status::OfflineForm
            | Status::InQueue
            | Status::Active
            | Status::Finished => self.story.begin_again(standing.status),
        }
        self.closing = Closing::Open;
        Ok(Progress::default())
    }

    /// Who waited in vain is not asked how it was.
    const fn asks_how_it_was(&self) -> bool {
        let is_over = matches!(self.story.status, Status::Finished | Status::Closed);
        self.topic.has_rating && self.story.was_met && is_over && matches!(self.story.asked(), Asked::Nothing)
    }
}
