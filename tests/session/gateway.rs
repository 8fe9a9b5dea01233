//! A conversation with SuperOffice's adapter, and the gateway's answers by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use holdfast_chat::model::{Answer, Body, EndReason, Happening, Label, Purpose, RequestId, Timestamp, Visitor};
use holdfast_chat::protocol::superoffice::{Config, SuperOffice};
use holdfast_chat::protocol::{Request, Response, TransportError};
use holdfast_chat::session::{Command, Effect, Input, InquiryState, Session, Stage};
use serde_json::{Value, json};

/// A conversation, and the gateway's answers by hand.
pub struct Talk {
    pub session: Session,
    pub now: Timestamp,
    pub flying: Vec<(RequestId, Request)>,
    asked: Vec<String>,
    records: BTreeMap<String, String>,
}

impl Talk {
    /// A session that is there, and was not asked for news so far.
    pub fn begun() -> Self {
        let session = Session::new(Box::new(adapter()), 1);
        let now = Timestamp::from_millis(1_000_000);
        let mut talk = Self { session, now, flying: Vec::new(), asked: Vec::new(), records: BTreeMap::new() };
        talk.command(Command::Start { visitor: Box::new(Visitor::default()) });
        let topic = json!({
            "ChatTopicId": 12,
            "BotEnabled": true, "WidgetEnableRating": true, "CustomQueueTextEnabled": true,
            "CustomQueueText": "Number {cque}, {cavw} to go",
            "Widget": { "PreFormEnabled": true, "RequiredFields": "Name, Email" },
        });
        talk.answer("Topic/12", topic);
        talk.answer("IsOpen", json!(true));
        let mut session = standing("UserLast", &[]);
        session["SessionKey"] = "key".into();
        talk.answer("Sessions", session);
        talk
    }

    /// A bot is there, and offers two answers.
    pub fn with_bot() -> Self {
        let mut talk = Self::begun();
        let options = json!({
            "ChatMessageId": 2, "Type": "ToCustomer", "Message": "Which?", "Author": "Robo", "SpecialType": "Options",
            "SpecialParam": "[\"Kettle\",\"Toaster\"]",
        });
        talk.poll(bot(), &[said(1, "Hello"), options]);
        talk
    }

    pub fn input(&mut self, input: Input) {
        for effect in self.session.handle(self.now, input) {
            match effect {
                Effect::Fetch { id, request } => {
                    self.asked.push(named(&request));
                    self.flying.push((id, request));
                }
                Effect::Abort { id } => self.flying.retain(|(flying, _)| *flying != id),
                Effect::Store(snapshot) => {
                    for record in snapshot.records {
                        match record.value {
                            Some(value) => self.records.insert(record.key, value),
                            None => self.records.remove(&record.key),
                        };
                    }
                }
                Effect::Forget => self.records.clear(),
                Effect::Announce(_) | Effect::Download { .. } | Effect::Save { .. } => {}
            }
        }
    }

    pub fn command(&mut self, command: Command) {
        self.input(Input::Command(command));
    }

    pub fn send(&mut self, text: &str) {
        self.command(Command::Send { text: text.to_owned() });
    }

    pub fn choose(&mut self, text: &str) {
        let reply = self.session.view().replies.iter().find(|reply| reply.label == Label::Text(text.into())).cloned();
        self.command(Command::Reply { reply: reply.expect("it is offered"), text: text.to_owned() });
    }

    pub fn give(&mut self, answers: &[(&str, &str)]) {
        self.command(Command::Answer { answers: answered(answers) });
    }

    pub fn fill(&mut self, answers: &[(&str, &str)]) {
        self.command(Command::Fill { answers: answered(answers) });
    }

    /// The page is loaded anew, and what was in flight is gone.
    pub fn reload(&mut self) {
        self.flying.clear();
        let read = |key: &str| self.records.get(key).cloned();
        self.session = Session::restore(Box::new(adapter()), 2, self.now, &read).expect("it goes on");
    }

    /// Lets time go by.
    pub fn pass(&mut self, span: Duration) {
        let until = self.now + span;
        while let Some(at) = self.session.next_wake().filter(|at| *at <= until) {
            self.now = at.max(self.now);
            self.input(Input::Woke);
        }
        self.now = until;
    }

    /// Lets time go by until this is asked.
    pub fn wake_until(&mut self, part: &str) {
        for _ in 0..100 {
            if self.place(part).is_some() {
                return;
            }
            let at = self.session.next_wake().expect("something is to come");
            self.now = at.max(self.now);
            self.input(Input::Woke);
        }
        panic!("{part} is never asked: {:?}", self.flying());
    }

    /// Answers both halves of the poll in flight, or of the next one.
    pub fn poll(&mut self, standing: Value, messages: &[Value]) {
        self.wake_until("GET /1");
        self.answer("GET /1", standing);
        self.answer("GET /1/Messages", messages.into());
    }

    fn place(&self, part: &str) -> Option<usize> {
        let exact = |(_, request): &(RequestId, Request)| named(request) == part;
        let close = |(_, request): &(RequestId, Request)| named(request).contains(part);
        self.flying.iter().position(exact).or_else(|| self.flying.iter().position(close).filter(|_| part != "GET /1"))
    }

    fn reply(&mut self, part: &str, outcome: Result<Response, TransportError>) {
        let place = self.place(part).unwrap_or_else(|| panic!("{part} is not among {:?}", self.flying()));
        let (id, _) = self.flying.remove(place);
        self.input(Input::Replied { id, outcome });
    }

    pub fn answer(&mut self, part: &str, body: Value) {
        self.reply(part, Ok(Response { status: 200, body: body.to_string(), ..Response::default() }));
    }

    pub fn refuse(&mut self, part: &str, status: u16, body: &str) {
        self.reply(part, Ok(Response { status, body: body.to_owned(), ..Response::default() }));
    }

    pub fn fail(&mut self, part: &str) {
        self.reply(part, Err(TransportError::Network));
    }

    pub fn body_of(&self, part: &str) -> Value {
        let place = self.place(part).unwrap_or_else(|| panic!("{part} is not among {:?}", self.flying()));
        match &self.flying[place].1.content {
            holdfast_chat::protocol::http::Content::Json(text) => serde_json::from_str(text).expect("it is JSON"),
            other => panic!("{other:?}"),
        }
    }

    pub fn flying(&self) -> Vec<String> {
        self.flying.iter().map(|(_, request)| named(request)).collect()
    }

    /// How often this was asked: a verb, and the end of an address.
    pub fn asked(&self, what: &str) -> usize {
        let (verb, end) = what.split_once(' ').expect("a verb and an end");
        self.asked.iter().filter(|asked| asked.starts_with(verb) && asked.ends_with(end)).count()
    }

    pub fn stage(&self) -> Stage {
        self.session.view().stage
    }

    pub fn ended(&self) -> Option<EndReason> {
        match self.stage() {
            Stage::Ended { reason } => Some(reason),
            _ => None,
        }
    }

    pub fn asked_how(&self) -> Option<(Purpose, InquiryState)> {
        self.session.view().form.map(|inquiry| (inquiry.form.purpose, inquiry.state))
    }

    pub fn replies(&self) -> Vec<String> {
        let label = |reply: &holdfast_chat::model::Reply| match &reply.label {
            Label::Text(text) => text.to_string(),
            other => format!("{other:?}"),
        };
        self.session.view().replies.iter().map(label).collect()
    }

    pub fn shown(&self) -> Vec<String> {
        let line = |body: &Body| match body {
            Body::Visitor { text, .. } => format!("visitor: {text}"),
            Body::Agent(speech) => format!("agent: {}", speech.text),
            Body::Event(Happening::BotJoined { .. }) => "bot".to_owned(),
            Body::Event(Happening::Transferring) => "transferring".to_owned(),
            Body::Event(Happening::Joined { .. }) => "joined".to_owned(),
            Body::Event(_) | Body::Withdrawn { .. } | Body::File { .. } => format!("{body:?}"),
        };
        self.session.view().transcript.iter().map(|message| line(&message.body)).collect()
    }
}

/// Verb and address, without what is the same for all.
fn named(request: &Request) -> String {
    let path = request.url.replace("/so/api/v1/ChatSession", "").replace("/so/api/v1/Chat", "");
    format!("{} {path}", request.method.name())
}

fn answered(answers: &[(&str, &str)]) -> Vec<Answer> {
    let answer = |(id, value): &(&str, &str)| Answer { question: (*id).into(), values: vec![(*value).to_owned()] };
    answers.iter().map(answer).collect()
}

pub fn standing(status: &str, fields: &[(&str, Value)]) -> Value {
    let mut session = json!({ "ChatSessionId": 1, "Status": status, "Now": "2026-01-01T10:00:00.0000000+00:00" });
    for (name, value) in fields {
        session[*name] = value.clone();
    }
    session
}

pub fn bot() -> Value {
    standing("UserLast", &[("ChatbotIsActive", json!(true))])
}

pub fn noor() -> Value {
    json!({ "AssociateId": 7, "FullName": "Noor B." })
}

pub fn said(id: u64, text: &str) -> Value {
    json!({ "ChatMessageId": id, "Type": "ToCustomer", "Message": text, "Author": "Robo" })
}

/// Posted so many seconds ahead.
pub fn later(id: u64, text: &str, seconds: u64) -> Value {
    let mut message = said(id, text);
    message["WhenPosted"] = format!("2026-01-01T10:00:{seconds:02}.0000000+00:00").into();
    message
}

pub fn own(id: u64, text: &str) -> Value {
    json!({ "ChatMessageId": id, "Type": "ToUser", "Message": text, "Author": "Ines" })
}

pub fn option(id: u64, text: &str) -> Value {
    json!({ "ChatMessageId": id, "Type": "Special", "SpecialType": "ClickedOption", "Message": text })
}

fn adapter() -> SuperOffice {
    let attribute = |name: &str| Some(if name == "endpoint" { "/so" } else { "12" }.to_owned());
    SuperOffice::new(Config::parse(&attribute).expect("the attributes are right"))
}
