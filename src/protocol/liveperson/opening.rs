//! How a chat begins: where is the backend, is anybody there, how long may it take, what is asked first, the wish for a
//! chat, its address (§1, §3.1, §3.3, §3.9). Where nobody is there, a message may be left.
//!
//! The opening looks at the chat only to learn where its things are. What happened in it is left to the first poll, which
//! asks for everything: news that came before the conversation is there would be told to nobody.

use std::fmt::{Debug, Formatter};

use super::document::{field, flag, link, list, resolved, words};
use super::event::has_error;
use super::request::{DEADLINE, is_refusal, unavailable};
use super::survey::Survey;
use super::{Chat, Closing, Config, LivePerson, Story, guesses};
use crate::model::json::{Value, object};
use crate::model::keep::{is_keepable, keep_fields, keep_words};
use crate::model::{Answer, EndReason, Purpose, Visitor};
use crate::protocol::http::{Content, Method, is_address, percent_encoded};
use crate::protocol::reading::seconds;
use crate::protocol::{Progress, ProtocolError, Request, Response, Update};

/// How far the opening is. A repeat goes on where it stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Opening {
    /// Nothing was asked yet.
    #[default]
    Fresh,
    /// The backend's host is looked up.
    Directory,
    /// Whether somebody is there was asked.
    Availability,
    /// How long it may take was asked.
    Wait,
    /// The survey before a chat was asked for.
    Survey,
    /// The survey before a chat stands before the visitor.
    Surveyed,
    /// Nobody is there, and the survey instead of a chat was asked for.
    Absent,
    /// The survey instead of a chat stands before the visitor, or its answers are on their way.
    Leaving,
    /// The chat is asked for.
    Starting,
    /// The chat is there, and is looked at.
    Looking,
    /// The visitor's name is told.
    Naming,
    /// The chat is there.
    Done,
    /// The chat was taken, and nobody knows where it is.
    Lost,
}

keep_words!(Opening {
    Fresh => "Fresh",
    Directory => "Directory",
    Availability => "Availability",
    Wait => "Wait",
    Survey => "Survey",
    Surveyed => "Surveyed",
    Absent => "Absent",
    Leaving => "Leaving",
    Starting => "Starting",
    Looking => "Looking",
    Naming => "Naming",
    Done => "Done",
    Lost => "Lost",
});

/// What the visitor wants.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Wish {
    /// The body of the start; nothing once the chat is there.
    pub(super) start: Value,
    /// Shown to the agent.
    pub(super) name: Option<String>,
    /// Where a copy of the chat goes, once it is over.
    pub(super) copy_to: Option<String>,
}

keep_fields!(Wish { start, name, copy_to });

/// Without what the page told about its visitor.
impl Debug for Wish {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Wish")
    }
}

impl Wish {
    /// The fields of §3.3 that a page can fill.
    fn of(config: &Config, visitor: &Visitor) -> Self {
        let mut request = Vec::new();
        let mut add = |name: &str, value: Value| request.push((name.to_owned(), value));
        if let Some(skill) = &config.skill {
            add("skill", skill.into());
        }
        if let Some(language) = &config.language {
            add("language", language.into());
        }
        if let Some(seconds) = config.interaction_timeout {
            add("interactionTimeout", seconds.into());
        }
        let lines = lines_for_agent(visitor);
        if !lines.is_empty() {
            add("preChatLines", Value::Object(vec![(guesses::LINE.to_owned(), Value::from(&lines))]));
        }
        let name = visitor.name.clone().filter(|name| !name.trim().is_empty());
        Self { start: object! { "request": Value::Object(request) }, name, copy_to: None }
    }

    /// Lets the answers to a survey ride along, in place of those before. None are nothing to be told.
    fn answer(&mut self, survey: Vec<(String, Value)>, answers: &[Answer]) {
        let Value::Object(start) = &mut self.start else { return };
        let Some((_, Value::Object(request))) = start.iter_mut().find(|(name, _)| name == "request") else { return };
        request.retain(|(name, _)| name != "survey");
        if !answers.is_empty() {
            request.push(("survey".to_owned(), Value::Object(survey)));
        }
    }

    /// Whether answers to a survey ride along.
    fn has_answers(&self) -> bool {
        self.start.get("request").is_some_and(|request| request.get("survey").is_some())
    }

    /// Whether what was stored comes back from storage as it went.
    pub(super) fn is_sound(&self) -> bool {
        is_keepable(&self.start, DEEPEST)
    }
}

impl LivePerson {
    pub(super) fn begin_open(&mut self, visitor: &Visitor, answers: Option<&[Answer]>) -> Option<Request> {
        if let (Opening::Surveyed | Opening::Starting, Some(answers)) = (self.opening, answers) {
            self.wish.answer(self.survey.answered(answers), answers);
            return Some(self.ask_chat());
        }
        match self.opening {
            Opening::Fresh | Opening::Done => {
                self.wish = Wish::of(&self.config, visitor);
                self.chat = None;
                self.story = Story::default();
                self.survey = Survey::default();
                self.closing = Closing::default();
                Some(match &self.base {
                    Some(_) => self.ask_availability(),
                    None => self.ask_directory(),
                })
            }
            Opening::Directory => Some(self.ask_directory()),
            // Only advice: where the question gets no answer, the chat is asked for all the same.
            Opening::Availability | Opening::Wait | Opening::Survey => Some(self.before_chat()),
            // The visitor's answers are not there, nor is what was asked.
            Opening::Surveyed => Some(self.before_chat()),
            Opening::Absent => Some(self.ask_offline_survey()),
            Opening::Leaving => Some(match answers {
                Some(answers) => self.leave_message(answers),
                None => self.ask_offline_survey(),
            }),
            // The answer was lost, and with it the only pointer to a chat that may be there. Nobody has spoken in it, and
            // it ends by itself, because nobody asks for it (§0).
            Opening::Starting => Some(self.ask_chat()),
            Opening::Looking => self.look(),
            Opening::Naming => self.tell_name(),
            Opening::Lost => None,
        }
    }

    pub(super) fn receive_open(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        match self.opening {
            Opening::Directory => self.receive_directory(response),
            Opening::Availability => self.receive_availability(response),
            Opening::Wait => Ok(self.receive_wait(response)),
            Opening::Survey => self.receive_survey(response),
            Opening::Absent => self.receive_offline_survey(response),
            Opening::Leaving => Self::receive_message(response),
            Opening::Starting => self.receive_start(response),
            Opening::Looking => self.receive_look(response),
            Opening::Naming => Ok(self.opened()),
            Opening::Fresh | Opening::Surveyed | Opening::Done | Opening::Lost => Ok(Progress::default()),
        }
    }

    /// The service directory (§1). It asks for no key.
    fn ask_directory(&mut self) -> Request {
        self.opening = Opening::Directory;
        let account = percent_encoded(&self.config.account_id);
        Request {
            method: Method::Get,
            url: format!("{DIRECTORY}/api/account/{account}/service/{SERVICE}/baseURI.json?version=1.0"),
            headers: vec![("Accept", "application/json".to_owned())],
            content: Content::Empty,
            deadline: DEADLINE,
        }
    }

    fn receive_directory(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        match response.status {
            200..=299 => {}
            refused if is_refusal(refused) => return Err(ProtocolError::Over { reason: EndReason::Failed }),
            _ => return Err(unavailable(response)),
        }
        let unreadable = ProtocolError::Unreadable { noun: "baseURI", detail: "it names no host" };
        let body: Value = Value::parse(&response.body).unwrap_or_default();
        // One service, or all of them (§1).
        let is_meant = |entry: &&Value| words(entry, "service").is_none_or(|service| service == SERVICE);
        let found = std::iter::once(&body).chain(list(&body, "baseURIs")).filter(is_meant);
        let host = found.filter_map(|entry| words(entry, "baseURI")).next().ok_or(unreadable.clone())?;
        let base = format!("https://{}", host.trim());
        // A bare host name, and nothing else.
        if host.contains(['/', '?']) || !is_address(&base) {
            return Err(unreadable);
        }
        self.base = Some(base);
        Ok(Progress::going_on(Vec::new(), self.ask_availability()))
    }

    fn ask_availability(&mut self) -> Request {
        self.opening = Opening::Availability;
        self.get(&self.for_skill("availability"))
    }

    fn receive_availability(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        if !(200..=299).contains(&response.status) && !is_refusal(response.status) {
            return Err(unavailable(response));
        }
        let body: Value = Value::parse(&response.body).unwrap_or_default();
        // Whatever is not a plain no is only advice that was not understood.
        if flag(&body, "availability") == Some(false) {
            return Ok(Progress::going_on(Vec::new(), self.ask_offline_survey()));
        }
        self.opening = Opening::Wait;
        let request = self.get(&self.for_skill("estimatedWaitTime"));
        Ok(Progress::going_on(Vec::new(), request))
    }

    /// Nobody has to know how long it takes: with any answer, or none, the opening goes on. A negative number stands for
    /// not knowing (§3.1).
    fn receive_wait(&mut self, response: &Response) -> Progress {
        let body: Value = Value::parse(&response.body).unwrap_or_default();
        let wait = seconds(&body, "estimatedWaitTime").filter(|_| (200..=299).contains(&response.status));
        Progress::going_on(vec![Update::Expected { wait }], self.before_chat())
    }

    /// What comes before the chat is asked for: a survey (§3.9), whose answers ride in the start.
    fn before_chat(&mut self) -> Request {
        if !self.survey.may_be_tried() {
            self.survey = Survey::default();
            return self.ask_chat();
        }
        self.opening = Opening::Survey;
        self.survey.note_try();
        self.get(&self.for_skill("preSurvey"))
    }

    fn receive_survey(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        let Some(form) = self.survey_in(response, Purpose::Before)? else {
            return Ok(Progress::going_on(Vec::new(), self.ask_chat()));
        };
        self.opening = Opening::Surveyed;
        Ok(Progress::asking(Vec::new(), form))
    }

    /// Nobody is there: what may be left instead (§3.9).
    fn ask_offline_survey(&mut self) -> Request {
        self.opening = Opening::Absent;
        self.survey.note_try();
        self.get(&self.for_skill(OFFLINE_SURVEY))
    }

    fn receive_offline_survey(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        let form = match self.survey_in(response, Purpose::Instead) {
            Err(error) if self.survey.may_be_tried() => return Err(error),
            form => form.ok().flatten(),
        };
        let form = form.ok_or(ProtocolError::Over { reason: EndReason::Unavailable })?;
        self.opening = Opening::Leaving;
        Ok(Progress::asking(Vec::new(), form))
    }

    /// Leaves the answers. Repeated where nobody knows whether they arrived: nothing tells a repeat, and what is read
    /// twice is better than what nobody reads.
    fn leave_message(&self, answers: &[Answer]) -> Request {
        let mut survey = self.survey.answered(answers);
        if let Some(skill) = &self.config.skill {
            survey.push(("skill".to_owned(), skill.into()));
        }
        let url = format!("{}/{OFFLINE_SURVEY}", self.chats());
        self.put(&url, &object! { "survey": Value::Object(survey) })
    }

    fn receive_message(response: &Response) -> Result<Progress, ProtocolError> {
        let body: Value = Value::parse(&response.body).unwrap_or_default();
        match response.status {
            200..=299 if !has_error(&body) => Ok(Progress::default()),
            refused if is_refusal(refused) || has_error(&body) => Err(refused_answers(response)),
            _ => Err(unavailable(response)),
        }
    }

    fn ask_chat(&mut self) -> Request {
        self.opening = Opening::Starting;
        self.post(&self.start_address(), &self.wish.start)
    }

    fn receive_start(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        if self.wish.has_answers() && guesses::is_about_answers(response.status) {
            return Err(refused_answers(response));
        }
        let Some(chat) = started(response, &self.start_address())? else {
            // Asked for again, there would be one more chat that nobody finds.
            self.opening = Opening::Lost;
            return Err(NO_LOCATION);
        };
        self.chat = Some(chat);
        self.wish.start = Value::Null;
        Ok(self.look().map_or_else(Progress::default, |request| Progress::going_on(Vec::new(), request)))
    }

    fn look(&mut self) -> Option<Request> {
        self.opening = Opening::Looking;
        self.chat.as_mut()?.rewind();
        self.poll_request()
    }

    fn receive_look(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        self.look_for_chat(response)?;
        let body = chat_of(&response.body)?;
        if let Some(chat) = &mut self.chat {
            chat.read_links(field(&body, "chat").unwrap_or(&body));
            chat.rewind();
        }
        Ok(match self.tell_name() {
            Some(request) => {
                self.opening = Opening::Naming;
                Progress::going_on(Vec::new(), request)
            }
            None => self.opened(),
        })
    }

    /// Tells the visitor's name, where the page gave one (§3.10).
    pub(super) fn tell_name(&self) -> Option<Request> {
        self.name_request(self.wish.name.as_deref()?)
    }

    /// The request that tells the visitor's name.
    pub(super) fn name_request(&self, name: &str) -> Option<Request> {
        let chat = self.chat.as_ref()?;
        Some(self.put(&chat.visitor_name(), &object! { "visitorName": name }))
    }

    /// Whatever became of the name: nobody's chat waits for it.
    const fn opened(&mut self) -> Progress {
        self.opening = Opening::Done;
        Progress::done(Vec::new())
    }

    fn start_address(&self) -> String {
        format!("{}/request", self.chats())
    }

    fn for_skill(&self, resource: &str) -> String {
        let skill = self.config.skill.as_ref().map(|skill| format!("?skill={}", percent_encoded(skill)));
        format!("{}/{resource}{}", self.chats(), skill.unwrap_or_default())
    }

    fn chats(&self) -> String {
        self.config.chats(self.base.as_deref().unwrap_or_default())
    }
}

/// The answers to a survey are not liked.
pub(super) const fn refused_answers(response: &Response) -> ProtocolError {
    ProtocolError::Refused { noun: "survey", status: response.status }
}

/// The chat that was asked for at `asked`: any success with a `Location` (§3.3). `None` where it was taken without
/// one that the page may read.
pub(super) fn started(response: &Response, asked: &str) -> Result<Option<Chat>, ProtocolError> {
    match response.status {
        200..=299 => {}
        refused if is_refusal(refused) => return Err(ProtocolError::Over { reason: EndReason::Failed }),
        _ => return Err(unavailable(response)),
    }
    let body: Value = Value::parse(&response.body).unwrap_or_default();
    if has_error(&body) {
        return Err(ProtocolError::Over { reason: EndReason::Failed });
    }
    let told = response.location.as_deref().and_then(|location| resolved(asked, location));
    let location = field(&body, guesses::CHAT_LOCATION);
    let written = || {
        let first = list(location?, "link").first()?;
        link(location?, "self", asked).or_else(|| resolved(asked, &words(first, "href")?))
    };
    Ok(told.or_else(written).and_then(|address| Chat::at(&address)))
}

/// The document of a chat, or why there is none. One with an error in it is a failure (§8).
pub(super) fn chat_of(body: &str) -> Result<Value, ProtocolError> {
    let unreadable = |detail| ProtocolError::Unreadable { noun: "chat", detail };
    let body: Value = Value::parse(body).ok_or(unreadable("not JSON"))?;
    if has_error(&body) {
        return Err(unreadable("it carries an error"));
    }
    // The `next` of the events alone leads to a document without the rest (§4).
    let is_chat = |value: &Value| ["link", "events", "info"].iter().any(|name| field(value, name).is_some());
    if is_chat(field(&body, "chat").unwrap_or(&body)) { Ok(body) } else { Err(unreadable("chat is missing")) }
}

/// What only the agent sees (§3.3).
fn lines_for_agent(visitor: &Visitor) -> Vec<String> {
    let email = visitor.email.iter().map(|email| format!("Email: {email}"));
    let shown = visitor.details.iter().filter(|detail| detail.display_to_agent);
    email.chain(shown.map(|detail| format!("{}: {}", detail.label, detail.value))).collect()
}

/// The chat was taken, and its address is kept from the page (§2.2).
pub(super) const NO_LOCATION: ProtocolError = ProtocolError::Unreadable {
    noun: "the request for a chat",
    detail: "the header Location is missing, or the server does not expose it to this page",
};
/// Where all accounts are found (§1).
const DIRECTORY: &str = "https://api.liveperson.net";
/// The visitor's side (§1).
const SERVICE: &str = "conversationVep";
/// The survey where nobody is there (§3).
const OFFLINE_SURVEY: &str = "offlineSurvey";
/// Deeper than what is built here.
const DEEPEST: usize = 16;
