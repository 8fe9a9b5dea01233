//! How the visitor's words, answers and wishes go out (§5.2, §5.3, §5.6, §7.3). Nothing tells a repeat of words, so that
//! the answer, the echo among the news, or news without it say what arrived; everything else is safe to repeat.

use super::SuperOffice;
use super::message::{NO, OPTION, YES};
use super::news::Asked;
use super::opening::refused_answers;
use super::request::{is_refusal, json, unavailable};
use super::standing::{Standing, Status};
use super::topic::{customer_fields, given};
use crate::model::json::{Value, object};
use crate::model::keep::keep_words;
use crate::model::{Answer, known};
use crate::protocol::http::{Content, Method};
use crate::protocol::reading::text;
use crate::protocol::{Outgoing, Parcel, Progress, ProtocolError, Request, Response, Signal};

/// What was posted last, so that its answer is understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Posted {
    /// Words.
    #[default]
    Words,
    /// A sign, which is worth nothing later.
    Sign,
    /// What was answered to a form.
    Answers,
    /// The wish for a person.
    Wish,
}

keep_words!(Posted { Words => "Words", Sign => "Sign", Answers => "Answers", Wish => "Wish" });

impl SuperOffice {
    pub(super) fn begin_post(&mut self, parcel: &Parcel<'_>) -> Option<Request> {
        let (posted, request) = match parcel {
            Parcel::Entries(entries) => (Posted::Words, self.post_words(entries)),
            Parcel::Answers(answers) => (Posted::Answers, self.post_answers(answers)),
            Parcel::Person => (Posted::Wish, self.ask_session(Method::Post, "/Reset", Content::Empty)),
            Parcel::Signal(Signal::Typing) => (Posted::Sign, self.patch_typing("CustomerIsTyping")),
            Parcel::Signal(Signal::NotTyping) => (Posted::Sign, self.patch_typing("")),
            // There is nothing like it (§9).
            Parcel::Signal(_) | Parcel::Custom { .. } => (Posted::Sign, None),
        };
        self.posted = posted;
        request
    }

    pub(super) fn receive_post(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        match self.posted {
            Posted::Words => receive_words(response),
            Posted::Sign if is_refusal(response.status) => Ok(Progress::default()),
            Posted::Sign => json(response, "Flags").map(|_| Progress::default()),
            Posted::Answers if response.status == 400 => Err(refused_answers(response)),
            Posted::Answers | Posted::Wish => self.receive_change(response),
        }
    }

    /// A form as it is given within the session, or instead of one. The message goes with it.
    pub(super) fn post_offline_form(&self, fields: Vec<(String, Value)>) -> Option<Request> {
        self.ask_session(Method::Post, "/OfflineForm", Content::Json(Value::Object(fields).text()))
    }

    fn post_words(&self, entries: &[Outgoing<'_>]) -> Option<Request> {
        let lines: Vec<&str> = entries.iter().map(|entry| entry.text).collect();
        let words = lines.join("\n");
        let note = entries.first().and_then(|entry| entry.note);
        let option = |value: Option<&str>| {
            let mut fields = vec![
                ("Type".to_owned(), Value::from("Special")),
                ("SpecialType".to_owned(), Value::from("ClickedOption")),
                ("Message".to_owned(), Value::from(&words)),
            ];
            fields.extend(value.map(|value| ("Value".to_owned(), Value::from(value))));
            Value::Object(fields)
        };
        let body = match note {
            Some(OPTION) => option(None),
            Some(answer @ (YES | NO)) => option(Some(answer)),
            // Forced by the gateway anyway (§9); said, because anything else would make it an agent's line (§5.2).
            _ => object! { "Type": "ToUser", "Message": &words },
        };
        self.ask_session(Method::Post, "/Messages", Content::Json(body.text()))
    }

    fn post_answers(&self, answers: &[Answer]) -> Option<Request> {
        let mut fields = customer_fields(answers);
        match self.story.asked() {
            Asked::Nothing | Asked::Details => self.patch(&Value::Object(fields)),
            Asked::Offline => {
                let message = given(answers, known::MESSAGE);
                fields.extend(message.map(|message| ("Message".to_owned(), Value::from(message))));
                self.post_offline_form(fields)
            }
        }
    }

    /// Typing is of interest while somebody is there.
    fn patch_typing(&self, flags: &str) -> Option<Request> {
        let is_heard = self.story.status == Status::Active;
        is_heard.then(|| self.patch(&object! { "Flags": flags })).flatten()
    }

    /// The session is another one by now. What a poll that is under way has read of it is too old to count. Where it does
    /// not fit any more, nobody wants it, and the next poll says what is wanted instead.
    fn receive_change(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        let is_taken = !is_refusal(response.status);
        let session = if is_taken { json(response, "ChatSession")? } else { Value::Null };
        self.round = self.round.doubted();
        self.story.forget_asked();
        let updates = Standing::read(&session).map(|standing| self.read_answer(&standing));
        Ok(Progress::done(updates.unwrap_or_default()))
    }
}

fn receive_words(response: &Response) -> Result<Progress, ProtocolError> {
    match response.status {
        200..=299 => Ok(Progress::default()),
        // Words are not taken while a form stands there: they wait.
        409 if is_not_now(response) => Err(ProtocolError::Untimely { noun: "message" }),
        // Whether the session is gone, the polls find out.
        refused if is_refusal(refused) => Err(ProtocolError::Refused { noun: "message", status: refused }),
        _ => Err(unavailable(response)),
    }
}

fn is_not_now(response: &Response) -> bool {
    Value::parse(&response.body).is_some_and(|body| text(&body, "Error") == Some("not-now"))
}
