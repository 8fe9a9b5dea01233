//! A desk with a clock, whose questions wait for answers written by hand.

use std::collections::VecDeque;
use std::time::Duration;

use holdfast_chat::model::{RequestId, Timestamp};
use holdfast_chat::protocol::http::Content;
use holdfast_chat::protocol::{Request, Response, TransportError};

use super::super::*;
use crate::api::Door as Entrance;

/// A desk, its clock, and what it has asked.
pub(super) struct Stage {
    desk: Desk,
    now: Timestamp,
    pub(super) flying: VecDeque<(RequestId, Request)>,
    kept: String,
    pub(super) aborted: usize,
}

impl Stage {
    pub(super) fn new() -> Self {
        Self::of(Timestamp::from_millis(1_000_000), None)
    }

    pub(super) fn of(now: Timestamp, kept: Option<&str>) -> Self {
        let desk = Desk::new(Entrance::of("a"), now, kept);
        let mut stage = Self { desk, now, flying: VecDeque::new(), kept: String::new(), aborted: 0 };
        stage.step(Input::Woke);
        stage
    }

    /// Ilse sits there.
    pub(super) fn sit(&mut self) {
        self.command(Command::Enter { name: "Ilse".into() });
        self.answer("/login", ok(r#"{"bearer":"b"}"#));
        self.answer("/agentSession?", ok(r#"{"agentSessionLocation":{"link":{"@href":"/x/agentSession/7"}}}"#));
        self.answer_all("/availability", &ok(r#"{"availability":{"chat":"Online"}}"#));
    }

    /// Ilse talks to somebody.
    pub(super) fn talking() -> Self {
        let mut stage = Self::new();
        stage.sit();
        stage.accept("K1");
        stage.news(&[]);
        stage
    }

    /// Ilse has these chats, and looks at none of them.
    pub(super) fn having(keys: &[&str]) -> Self {
        let mut stage = Self::new();
        stage.sit();
        stage.sessions(keys);
        stage.hear("", &[]);
        stage
    }

    /// The same tab on a new page.
    pub(super) fn reloaded(self) -> Self {
        Self::of(self.now + Duration::from_secs(1), Some(&self.kept))
    }

    pub(super) fn step(&mut self, input: Input) {
        for effect in self.desk.handle(self.now, input) {
            match effect {
                Effect::Fetch { id, request } => self.flying.push_back((id, request)),
                Effect::Abort { id } => {
                    self.aborted += 1;
                    self.flying.retain(|(flying, _)| *flying != id);
                }
                Effect::Keep(text) => self.kept = text,
            }
        }
    }

    pub(super) fn command(&mut self, command: Command) {
        self.step(Input::Command(command));
    }

    pub(super) fn say(&mut self, text: &str) {
        let chat = self.chat().id;
        self.command(Command::Send { chat, text: text.into() });
    }

    pub(super) fn pass(&mut self, span: Duration) {
        self.now = self.now + span;
        self.step(Input::Woke);
    }

    pub(super) fn answer_if(&mut self, is_it: impl Fn(&Request) -> bool, outcome: Result<Response, TransportError>) {
        let place = self.flying.iter().position(|(_, request)| is_it(request)).expect("it is asked");
        let (id, _) = self.flying.remove(place).expect("it is there");
        self.step(Input::Replied { id, outcome });
    }

    pub(super) fn answer(&mut self, part: &str, outcome: Result<Response, TransportError>) {
        self.answer_if(|request| request.url.contains(part), outcome);
    }

    pub(super) fn answer_all(&mut self, part: &str, outcome: &Result<Response, TransportError>) {
        while self.is_asked(part) {
            self.answer(part, outcome.clone());
        }
    }

    /// Whoever waits longest is accepted, and has this chat.
    pub(super) fn accept(&mut self, key: &str) {
        self.command(Command::Accept);
        let accepts = |request: &Request| request.url.contains("/incomingRequests") && body(request) == "{}";
        self.answer_if(accepts, ok(&format!(r#"{{"chatLocation":{{"link":{{"@href":"/x/chat/{key}"}}}}}}"#)));
    }

    /// Lets the next round of news bring this of the chat K1.
    pub(super) fn news(&mut self, events: &[String]) {
        self.hear("K1", events);
    }

    /// Lets the next round of news bring this of a chat, and nothing of the others.
    pub(super) fn hear(&mut self, key: &str, events: &[String]) {
        if !self.is_asked("chatSessionKeys") {
            self.pass(Duration::from_millis(1_600));
        }
        while let Some(request) = self.asked("chatSessionKeys").pop() {
            let asked = request.url.split("chatSessionKeys=").nth(1).and_then(|rest| rest.split('&').next());
            let told = asked.unwrap_or_default().split(',');
            let told: Vec<String> = told.map(|one| chat(one, if one == key { events } else { &[] }, "")).collect();
            self.answer("chatSessionKeys", ok(&chats(&told)));
        }
    }

    pub(super) fn incoming(&mut self, ringing: &str, others: &str) {
        let holdfast = format!(r#"{{"ringing":{ringing},"others":{others}}}"#);
        let body = format!(r#"{{"incomingRequests":{{"ringingCount":"1","holdfast":{holdfast}}}}}"#);
        self.answer("/incomingRequests", ok(&body));
    }

    pub(super) fn sessions(&mut self, keys: &[&str]) {
        self.answer_all("/chatSessions", &status(500));
        self.pass(Duration::from_secs(9));
        let chats: Vec<String> = keys.iter().map(|key| format!(r#"{{"chatSessionKey":"{key}"}}"#)).collect();
        let body = format!(r#"{{"chatSessions":{{"chatSession":[{}]}}}}"#, chats.join(","));
        self.answer("/chatSessions", ok(&body));
    }

    pub(super) fn view(&self) -> View {
        self.desk.view(self.now)
    }

    /// The first one.
    pub(super) fn chat(&self) -> Chat {
        let view = self.view();
        Chat::clone(view.chats.first().expect("there is one"))
    }

    /// The one of this name.
    pub(super) fn chat_of(&self, key: &str) -> Chat {
        let view = self.view();
        Chat::clone(view.chats.iter().find(|chat| chat.key.as_str() == key).expect("it is there"))
    }

    pub(super) fn asked(&self, part: &str) -> Vec<Request> {
        let fitting = self.flying.iter().filter(|(_, request)| request.url.contains(part));
        fitting.map(|(_, request)| request.clone()).collect()
    }

    pub(super) fn is_asked(&self, part: &str) -> bool {
        !self.asked(part).is_empty()
    }

    /// The words that are being posted.
    pub(super) fn posted(&self) -> Vec<String> {
        let word = |request: &Request| Some(body(request).split("\"text\":\"").nth(1)?.split('"').next()?.to_owned());
        self.asked("/events").iter().filter_map(word).collect()
    }
}

pub(super) fn ok(body: &str) -> Result<Response, TransportError> {
    Ok(Response { status: 200, body: body.to_owned(), ..Response::default() })
}

pub(super) fn status(status: u16) -> Result<Response, TransportError> {
    Ok(Response { status, ..Response::default() })
}

pub(super) fn body(request: &Request) -> String {
    match &request.content {
        Content::Json(text) => text.clone(),
        _ => String::new(),
    }
}

pub(super) fn chats(chats: &[String]) -> String {
    format!(r#"{{"chats":{{"chat":[{}]}}}}"#, chats.join(","))
}

pub(super) fn chat(key: &str, events: &[String], more: &str) -> String {
    let events = events.join(",");
    let info = format!(r#"{{"chatSessionKey":"{key}","state":"chatting"{more}}}"#);
    format!(r#"{{"events":{{"event":[{events}]}},"info":{info}}}"#)
}

pub(super) fn line(id: u64, source: &str, text: &str) -> String {
    format!(r#"{{"id":{id},"type":"line","source":"{source}","by":"Ines","text":"{text}"}}"#)
}

pub(super) fn own(id: u64, text: &str) -> String {
    format!(r#"{{"id":{id},"type":"line","source":"agent","by":"Ilse","text":"{text}"}}"#)
}

pub(super) fn texts(chat: &Chat) -> Vec<String> {
    chat.lines.iter().map(|line| line.text.to_string()).collect()
}

/// What is on the screen: what was said, then what is on its way.
pub(super) fn shown(chat: &Chat) -> Vec<String> {
    texts(chat).into_iter().chain(chat.outbox.iter().map(|entry| entry.text.to_string())).collect()
}
