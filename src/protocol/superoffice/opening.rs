//! How a session begins (§5.1): what the channel is set up to do, whether anybody is there, what is asked first, and the
//! session with its key. Where nobody is there, a message may be left.
//!
//! The form stands before the session where it can: a session that nobody asks for ends by itself. A bot may speak before
//! any form, so that a channel with one is begun at once; what it wants filled in is asked within.

use std::fmt::{Debug, Formatter};

use super::SuperOffice;
use super::closing::Closing;
use super::news::Story;
use super::request::{Place, is_refusal, json, unavailable};
use super::standing::{Customer, Standing, Status};
use super::topic::{Topic, customer_fields, given, visitor_fields};
use crate::model::json::Value;
use crate::model::keep::{keep_fields, keep_words};
use crate::model::{Answer, EndReason, Purpose, Visitor, known};
use crate::protocol::http::{Content, Method};
use crate::protocol::{Progress, ProtocolError, Request, Response};

/// How far the opening is. A repeat goes on where it stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Opening {
    /// Nothing was asked yet.
    #[default]
    Fresh,
    /// The channel is asked for.
    Topic,
    /// Whether it is open is asked for.
    Hours,
    /// The form before people answer stands before the visitor.
    Asking,
    /// The session is asked for.
    Starting,
    /// The form while nobody answers stands before the visitor.
    Absent,
    /// A session is asked for, for a message to be left with it.
    Calling,
    /// The message is on its way.
    Leaving,
    /// The session is there.
    Done,
}

keep_words!(Opening {
    Fresh => "Fresh",
    Topic => "Topic",
    Hours => "Hours",
    Asking => "Asking",
    Starting => "Starting",
    Absent => "Absent",
    Calling => "Calling",
    Leaving => "Leaving",
    Done => "Done",
});

/// What the session is told about its visitor.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Wish {
    /// Fields of the session (§4.1).
    fields: Vec<(String, Value)>,
    /// What is to be left where nobody answers.
    message: Option<String>,
    /// What stands in a form at first.
    customer: Customer,
}

keep_fields!(Wish { fields, message, customer });

/// Without what it says about the visitor.
impl Debug for Wish {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Wish")
    }
}

impl Wish {
    /// Whether what was stored comes back from storage as it went.
    pub(super) fn is_sound(&self) -> bool {
        self.fields.iter().all(|(_, value)| matches!(value, Value::String(_) | Value::Bool(_)))
    }
}

impl SuperOffice {
    pub(super) fn begin_open(&mut self, visitor: &Visitor, answers: Option<&[Answer]>) -> Option<Request> {
        match (self.opening, answers) {
            (Opening::Asking | Opening::Starting, Some(answers)) => Some(self.start(Opening::Starting, answers)),
            (Opening::Absent | Opening::Calling | Opening::Leaving, Some(answers)) => {
                let start = self.start(Opening::Calling, answers);
                Some(self.leave_message().unwrap_or(start))
            }
            (Opening::Starting, None) => Some(self.ask_session_for_wish()),
            (Opening::Hours, _) => Some(self.ask_hours()),
            _ => Some(self.ask_topic_anew(visitor)),
        }
    }

    pub(super) fn receive_open(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        match self.opening {
            Opening::Topic => self.receive_topic(response),
            Opening::Hours => self.receive_hours(response),
            Opening::Starting | Opening::Calling => self.receive_session(response),
            Opening::Leaving => self.receive_left(response),
            Opening::Fresh | Opening::Asking | Opening::Absent | Opening::Done => Ok(Progress::default()),
        }
    }

    fn ask_topic_anew(&mut self, visitor: &Visitor) -> Request {
        self.place = None;
        self.story = Story::default();
        self.closing = Closing::default();
        let customer = Customer { name: visitor.name.clone(), email: visitor.email.clone(), ..Customer::default() };
        self.wish = Wish { fields: visitor_fields(visitor), message: None, customer };
        self.opening = Opening::Topic;
        self.ask_topic(Method::Get, "", Content::Empty)
    }

    fn receive_topic(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        if is_refusal(response.status) {
            return Err(FAILED);
        }
        let unreadable = ProtocolError::Unreadable { noun: "ChatTopic", detail: "it has no id" };
        self.topic = Topic::read(&json(response, "ChatTopic")?).ok_or(unreadable)?;
        Ok(Progress::going_on(Vec::new(), self.ask_hours()))
    }

    fn ask_hours(&mut self) -> Request {
        self.opening = Opening::Hours;
        self.ask_topic(Method::Get, "/IsOpen", Content::Empty)
    }

    /// Whatever is not a plain no is only advice that was not understood.
    fn receive_hours(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        if !(200..=299).contains(&response.status) && !is_refusal(response.status) {
            return Err(unavailable(response));
        }
        if Value::parse(&response.body) == Some(Value::Bool(false)) {
            return Ok(self.ask_instead());
        }
        if self.asks_first() {
            self.opening = Opening::Asking;
            return Ok(Progress::asking(Vec::new(), self.topic.form(Purpose::Before, &self.wish.customer)));
        }
        self.opening = Opening::Starting;
        Ok(Progress::going_on(Vec::new(), self.ask_session_for_wish()))
    }

    fn ask_instead(&mut self) -> Progress {
        self.opening = Opening::Absent;
        Progress::asking(Vec::new(), self.topic.offline_form(Purpose::Instead, &self.wish.customer))
    }

    fn start(&mut self, opening: Opening, answers: &[Answer]) -> Request {
        self.opening = opening;
        self.wish.fields = customer_fields(answers);
        self.wish.message = given(answers, known::MESSAGE).map(str::to_owned);
        self.ask_session_for_wish()
    }

    /// Asked for again after a lost answer, there is one session more, which ends by itself.
    fn ask_session_for_wish(&self) -> Request {
        self.ask_topic(Method::Post, "/Sessions", Content::Json(Value::Object(self.wish.fields.clone()).text()))
    }

    fn receive_session(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        let is_answered = self.opening == Opening::Calling || self.asks_first();
        match response.status {
            400 if is_answered => return Err(refused_answers(response)),
            400 if !self.wish.fields.is_empty() => {
                // What the page says about its visitor is not liked. The visitor may still be heard.
                self.wish.fields.clear();
                return Ok(Progress::going_on(Vec::new(), self.ask_session_for_wish()));
            }
            refused if is_refusal(refused) => return Err(FAILED),
            _ => {}
        }
        let session = json(response, "Sessions")?;
        let unreadable = ProtocolError::Unreadable { noun: "Sessions", detail: "no session with a key" };
        self.place = Some(Place::read(&session).ok_or(unreadable)?);
        if self.opening == Opening::Calling {
            let next = self.leave_message();
            return Ok(next.map_or_else(Progress::default, |request| Progress::going_on(Vec::new(), request)));
        }
        if Standing::read(&session).is_some_and(|standing| standing.status == Status::OfflineForm) {
            // Everybody left meanwhile.
            return Ok(self.ask_instead());
        }
        self.opening = Opening::Done;
        Ok(Progress::default())
    }

    /// Leaves the message with the session that is there; `None` without one.
    fn leave_message(&mut self) -> Option<Request> {
        let mut fields = self.wish.fields.clone();
        fields.extend(self.wish.message.iter().map(|message| ("Message".to_owned(), Value::from(message))));
        let request = self.post_offline_form(fields)?;
        self.opening = Opening::Leaving;
        Some(request)
    }

    fn receive_left(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        match response.status {
            200..=299 => Ok(Progress::default()),
            403 | 404 | 410 => {
                // The form stood there for longer than the session is kept: it is left with another.
                self.place = None;
                self.opening = Opening::Calling;
                Ok(Progress::going_on(Vec::new(), self.ask_session_for_wish()))
            }
            refused if is_refusal(refused) => Err(refused_answers(response)),
            _ => Err(unavailable(response)),
        }
    }

    /// Whether the form stands before the session.
    const fn asks_first(&self) -> bool {
        self.topic.has_form && !self.topic.has_bot
    }
}

/// The answers to a form are not liked.
pub(super) const fn refused_answers(response: &Response) -> ProtocolError {
    ProtocolError::Refused { noun: "form", status: response.status }
}

/// Asked again, it would be refused again.
const FAILED: ProtocolError = ProtocolError::Over { reason: EndReason::Failed };
