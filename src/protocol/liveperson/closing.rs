//! How a chat ends (§5): the visitor says so, and is asked how it was (§3.9). An ended chat is not deleted, and stays
//! readable.

use super::LivePerson;
use super::event::has_error;
use super::guesses;
use super::opening::refused_answers;
use super::request::{is_refusal, unavailable};
use crate::model::json::{Value, object};
use crate::model::keep::keep_words;
use crate::model::{Answer, Check, EndReason, Form, Kind, Purpose, Question, known};
use crate::protocol::{Cause, Progress, ProtocolError, Request, Response};

/// How far the end is. A repeat goes on where it stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Closing {
    /// Nothing was said about an end.
    #[default]
    Open,
    /// The backend is told.
    Ending,
    /// The survey after a chat was asked for.
    Survey,
    /// The survey after a chat stands before the visitor, or its answers are on their way.
    Surveyed,
    /// A copy of the chat is asked for.
    Copying,
}

keep_words!(Closing { Open => "Open", Ending => "Ending", Survey => "Survey", Surveyed => "Surveyed", Copying => "Copying" });

impl LivePerson {
    pub(super) fn begin_close(&mut self, cause: Cause, answers: Option<&[Answer]>) -> Option<Request> {
        match (self.closing, answers) {
            (Closing::Surveyed | Closing::Copying, Some(answers)) => self.answer_exit_survey(answers),
            (Closing::Surveyed | Closing::Copying, None) => None,
            (Closing::Survey, _) => self.ask_exit_survey(),
            (Closing::Open | Closing::Ending, _) => match cause {
                Cause::Visitor | Cause::Idle => self.end(),
                // Nothing is left to be let go of.
                Cause::Over => self.ask_exit_survey(),
            },
        }
    }

    pub(super) fn receive_close(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        match self.closing {
            Closing::Open => Ok(Progress::default()),
            Closing::Ending => self.receive_end(response),
            Closing::Survey => {
                let survey = self.survey_in(response, Purpose::After)?;
                Ok(match self.with_copy(survey) {
                    Some(form) => {
                        self.closing = Closing::Surveyed;
                        Progress::asking(Vec::new(), form)
                    }
                    None => Progress::default(),
                })
            }
            Closing::Surveyed => {
                let progress = receive_answered(response)?;
                Ok(self.ask_copy().map_or(progress, |request| Progress::going_on(Vec::new(), request)))
            }
            Closing::Copying => receive_answered(response),
        }
    }

    fn end(&mut self) -> Option<Request> {
        let chat = self.chat.as_ref()?;
        let event = object! { "@type": "state", "state": "ended" };
        let request = self.post(&chat.events(), &object! { "event": event });
        self.closing = Closing::Ending;
        Some(request)
    }

    /// Taken or refused, it is said.
    fn receive_end(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        let next = match response.status {
            408 | 425 | 429 | 500..=599 => return Err(unavailable(response)),
            // Nothing can be asked in a chat that is not there.
            404 | 410 => None,
            _ => self.ask_exit_survey(),
        };
        Ok(next.map_or_else(Progress::default, |request| Progress::going_on(Vec::new(), request)))
    }

    /// Who waited in vain is not asked how it was.
    fn ask_exit_survey(&mut self) -> Option<Request> {
        let url = self.chat.as_ref().filter(|_| !self.story.is_lonely())?.exit_survey();
        self.closing = Closing::Survey;
        if !self.survey.may_be_tried() {
            return None;
        }
        self.survey.note_try();
        Some(self.get(&url))
    }

    /// Tells how it was, and then where a copy goes. No answers are nothing to be told.
    fn answer_exit_survey(&mut self, answers: &[Answer]) -> Option<Request> {
        let is_address = |answer: &&Answer| *answer.question == *known::COPY;
        let address = answers.iter().find(is_address).and_then(|answer| answer.values.first());
        self.wish.copy_to = address.map(|address| address.trim().to_owned()).filter(|address| !address.is_empty());
        let about_chat: Vec<Answer> = answers.iter().filter(|answer| !is_address(answer)).cloned().collect();
        if about_chat.is_empty() {
            return self.ask_copy();
        }
        let chat = self.chat.as_ref()?;
        self.closing = Closing::Surveyed;
        let survey = Value::Object(self.survey.answered(&about_chat));
        Some(self.put(&chat.exit_survey(), &object! { "survey": survey }))
    }

    /// The survey, and the question where to send a copy, where the site offers one.
    fn with_copy(&self, survey: Option<Form>) -> Option<Form> {
        if !self.config.offers_copy {
            return survey;
        }
        let mut form =
            survey.unwrap_or(Form { purpose: Purpose::After, title: None, intro: None, questions: Vec::new() });
        form.questions.push(Question {
            id: known::COPY.into(),
            label: "".into(),
            kind: Kind::Line { check: Check::Email },
            is_required: false,
            prefill: Vec::new(),
        });
        Some(form)
    }

    /// Asks for the copy that is wanted. The offset only changes the name of the time zone in it, and none is known here.
    fn ask_copy(&mut self) -> Option<Request> {
        let (chat, address) = (self.chat.as_ref()?, self.wish.copy_to.as_deref()?);
        let request = self.put(&chat.transcript(), &object! { "email": address, "timezoneOffset": 0_u64 });
        self.closing = Closing::Copying;
        Some(request)
    }
}

/// While the form stood there nothing was asked, so that the chat may be gone by now (§5): then nobody wants the answers.
fn receive_answered(response: &Response) -> Result<Progress, ProtocolError> {
    let body: Value = Value::parse(&response.body).unwrap_or_default();
    match response.status {
        200..=299 if !has_error(&body) => Ok(Progress::default()),
        200..=299 => Err(refused_answers(response)),
        refused if guesses::is_about_answers(refused) => Err(refused_answers(response)),
        refused if is_refusal(refused) => Err(ProtocolError::Over { reason: EndReason::Expired }),
        _ => Err(unavailable(response)),
    }
}
