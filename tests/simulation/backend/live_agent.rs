//! What a Live Agent server does, in as few words as tell it: a second reading of `live-agent.md`, made for counting.
//!
//! It knows what arrived. It knows nothing of the client.

use holdfast_chat::protocol::http::Content;
use holdfast_chat::protocol::live_agent::{Config, LiveAgent, Redactor, Surroundings};
use holdfast_chat::protocol::{Protocol, Request, Response};
use serde_json::{Value, json};

use super::super::schedule::{Habits, Speech};
use super::{Backend, Chat, Stage, response};

/// All chats of a company.
pub struct LiveAgentServer {
    habits: Habits,
    chats: Vec<Talk>,
    answers: Vec<(u64, Response)>,
    says: u64,
    moves_at_post: bool,
    fails_in_move: bool,
}

/// One chat, and what is needed to hold it.
struct Talk {
    chat: Chat,
    key: String,
    token: u64,
    moves: Moves,
    /// The last number that was taken (§6).
    last: u64,
    /// What the visitor is to be told, with number and offset (§7.3).
    log: Vec<(i64, u64, Value)>,
    next: i64,
    offset: u64,
    record: Vec<Value>,
    polls: Vec<Poll>,
    contact: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Moves {
    Settled,
    Moving,
    /// The new token was given out and nobody has used it.
    Answered,
}

struct Poll {
    exchange: u64,
    until: u64,
    ack: i64,
}

impl LiveAgentServer {
    pub fn new(habits: Habits) -> Self {
        Self { habits, chats: Vec::new(), answers: Vec::new(), says: 0, moves_at_post: false, fails_in_move: false }
    }
}

impl Backend for LiveAgentServer {
    fn receive(&mut self, now: u64, exchange: u64, request: &Request) {
        let path = request.url.split("/chat/rest/").nth(1).unwrap_or_default();
        if path.starts_with("Visitor/Availability") {
            return self.answer(exchange, 200, &json!({ "messages": [] }));
        }
        if path == "System/SessionId" {
            let key = format!("secret{}!x/=", self.chats.len());
            let id = format!("id{}", self.chats.len());
            self.chats.push(Talk::new(key.clone(), now));
            let body = json!({ "id": id, "key": key, "affinityToken": "t1", "clientPollTimeout": 40 });
            return self.answer(exchange, 200, &body);
        }
        let key = match path.strip_prefix("System/SessionId/") {
            Some(encoded) => encoded.replace("%21", "!").replace("%2F", "/").replace("%3D", "="),
            None => header(request, "X-LIVEAGENT-SESSION-KEY").to_owned(),
        };
        let Some(place) = self.chats.iter().position(|chat| chat.key == key && chat.chat.stage != Stage::Gone) else {
            return self.answer(exchange, 403, &json!("Session required but was invalid or not found"));
        };
        self.chats[place].contact = now;
        if path.starts_with("System/ReconnectSession") {
            return self.reconnect(place, exchange, path);
        }
        let chat = &mut self.chats[place];
        if chat.moves == Moves::Moving || header(request, "X-LIVEAGENT-AFFINITY") != format!("t{}", chat.token) {
            return self.answer(exchange, 503, &Value::Null);
        }
        if chat.moves == Moves::Answered && std::mem::take(&mut self.fails_in_move) {
            // The move itself went well, so asking about it again is a mistake of the client's (405).
            chat.moves = Moves::Settled;
            return self.answer(exchange, 503, &Value::Null);
        }
        chat.moves = Moves::Settled;
        if path.starts_with("System/Messages") {
            return self.poll(now, place, exchange, path);
        }
        if request.method.name() == "DELETE" {
            self.forget(place);
            return self.answer(exchange, 200, &json!("OK"));
        }
        self.post(place, exchange, path, request);
    }

    fn close(&mut self, exchange: u64) {
        for chat in &mut self.chats {
            chat.polls.retain(|poll| poll.exchange != exchange);
        }
    }

    fn tick(&mut self, now: u64) {
        for chat in &mut self.chats {
            let (due, open): (Vec<Poll>, Vec<Poll>) =
                std::mem::take(&mut chat.polls).into_iter().partition(|poll| poll.until <= now);
            chat.polls = open;
            for poll in due {
                chat.contact = now;
                self.answers.push((poll.exchange, response(204, "")));
            }
            let is_silent = chat.polls.is_empty() && now.saturating_sub(chat.contact) > PATIENCE;
            if is_silent && chat.chat.stage != Stage::Gone {
                chat.chat.stage = Stage::Gone;
            }
        }
    }

    fn next(&self) -> Option<u64> {
        let polls = self.chats.iter().flat_map(|chat| chat.polls.iter().map(|poll| poll.until));
        let silences = self
            .chats
            .iter()
            .filter(|chat| chat.chat.stage != Stage::Gone && chat.polls.is_empty())
            .map(|chat| chat.contact + PATIENCE + 1);
        polls.chain(silences).min()
    }

    fn rotate(&mut self) {
        for chat in self.chats.iter_mut().filter(|chat| chat.chat.stage != Stage::Gone) {
            chat.moves = Moves::Moving;
            for poll in std::mem::take(&mut chat.polls) {
                self.answers.push((poll.exchange, response(503, "")));
            }
        }
    }

    fn forget_all(&mut self) {
        for place in 0..self.chats.len() {
            self.forget(place);
        }
    }

    fn break_connections(&mut self) {
        for chat in &mut self.chats {
            chat.polls.clear();
        }
    }

    fn speak(&mut self, speech: Speech) {
        for place in 0..self.chats.len() {
            let stage = self.chats[place].chat.stage;
            match (speech, stage) {
                (Speech::Accept, Stage::Queued) => {
                    let flags = self.flags();
                    let chat = &mut self.chats[place];
                    chat.chat.stage = Stage::Talking;
                    chat.tell("ChatEstablished", &flags);
                }
                (Speech::Say(count), Stage::Talking) => {
                    for _ in 0..count {
                        self.says += 1;
                        let text = format!("a{}", self.says);
                        let chat = &mut self.chats[place];
                        chat.record.push(json!({ "type": "Agent", "name": "Noor B.", "content": text }));
                        chat.tell("ChatMessage", &json!({ "name": "Noor B.", "text": text }));
                        chat.chat.said.push(text);
                    }
                }
                (Speech::Type, Stage::Talking) => self.chats[place].tell("AgentTyping", &json!({})),
                (Speech::Transfer, Stage::Talking) => {
                    let flags = self.flags();
                    self.chats[place].tell("ChatTransferred", &flags);
                }
                (Speech::Requeue, Stage::Talking) => self.chats[place].tell("TransferToButtonInitiated", &json!({})),
                (Speech::Leave, Stage::Talking) => self.chats[place].tell("AgentDisconnect", &json!({})),
                (Speech::End, Stage::Talking) => {
                    self.chats[place].chat.stage = Stage::Over;
                    self.chats[place].tell("ChatEnded", &json!({ "reason": "agent" }));
                }
                (Speech::Fail, Stage::Queued) => {
                    self.chats[place].chat.stage = Stage::Over;
                    self.chats[place].tell("ChatRequestFail", &json!({ "reason": "Unavailable" }));
                }
                _ => {}
            }
            self.deliver(place);
        }
    }

    fn move_at_post(&mut self) {
        self.moves_at_post = true;
    }

    fn fail_in_move(&mut self) {
        self.fails_in_move = true;
    }

    fn take_answers(&mut self) -> Vec<(u64, Response)> {
        std::mem::take(&mut self.answers)
    }

    fn chat(&self, place: usize) -> Option<&Chat> {
        self.chats.get(place).map(|talk| &talk.chat)
    }
}

impl LiveAgentServer {
    fn flags(&self) -> Value {
        let idle = match self.habits.idle {
            Some((warning, end)) => json!({ "isEnabled": true, "warningTime": warning, "timeout": end }),
            None => json!({ "isEnabled": false }),
        };
        json!({ "name": "Noor B.", "sneakPeekEnabled": self.habits.sneak_peek, "chasitorIdleTimeout": idle })
    }

    fn answer(&mut self, exchange: u64, status: u16, body: &Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.answers.push((exchange, response(status, &body)));
    }

    fn forget(&mut self, place: usize) {
        let chat = &mut self.chats[place];
        chat.chat.stage = Stage::Gone;
        for poll in std::mem::take(&mut chat.polls) {
            self.answers.push((poll.exchange, response(403, "")));
        }
    }

    fn reconnect(&mut self, place: usize, exchange: u64, path: &str) {
        let resets = self.habits.resets;
        let tells_record = self.habits.tells_record;
        let chat = &mut self.chats[place];
        if chat.moves == Moves::Settled {
            return self.answer(exchange, 405, &Value::Null);
        }
        if chat.moves == Moves::Moving {
            chat.token += 1;
            chat.chat.handovers += 1;
        }
        chat.moves = Moves::Answered;
        let mut message = json!({ "affinityToken": format!("t{}", chat.token) });
        if let Some(resets) = resets {
            message["resetSequence"] = resets.into();
        }
        if resets != Some(false) {
            chat.last = 0;
        }
        let seen: u64 = path.split("offset=").nth(1).and_then(|offset| offset.parse().ok()).unwrap_or(0);
        let log = std::mem::take(&mut chat.log);
        chat.next = 0;
        if tells_record {
            let record = json!({ "queuePosition": 0, "chatMessages": chat.record });
            chat.tell("ChasitorSessionData", &record);
        }
        for (_, offset, message) in log {
            if offset > seen && message["type"] != "ChasitorSessionData" {
                chat.log.push((chat.next, offset, message));
                chat.next += 1;
            }
        }
        let body = json!({ "messages": [{ "type": "ReconnectSession", "message": message }] });
        self.answer(exchange, 200, &body);
    }

    fn poll(&mut self, now: u64, place: usize, exchange: u64, path: &str) {
        let ack: i64 = path.split("ack=").nth(1).and_then(|ack| ack.parse().ok()).unwrap_or(-1);
        let chat = &mut self.chats[place];
        if let Some(older) = chat.polls.pop() {
            // Two polls end a chat (§7.1).
            chat.chat.violations.push("two polls at a time".to_owned());
            chat.chat.stage = Stage::Gone;
            self.answers.push((older.exchange, response(204, "")));
            return self.answer(exchange, 409, &Value::Null);
        }
        chat.polls.push(Poll { exchange, until: now + self.habits.hold, ack });
        self.deliver(place);
    }

    /// Whoever waits is told what is new.
    fn deliver(&mut self, place: usize) {
        let chat = &mut self.chats[place];
        let Some(poll) = chat.polls.last() else { return };
        let ack = poll.ack;
        chat.log.retain(|(number, ..)| *number > ack);
        let Some((sequence, offset, _)) = chat.log.last() else {
            if chat.chat.stage == Stage::Over {
                self.forget(place);
            }
            return;
        };
        // After a handover an older message may stand behind the record, so the highest offset counts.
        let offset = chat.log.iter().map(|(_, offset, _)| *offset).max().unwrap_or(*offset);
        let messages: Vec<&Value> = chat.log.iter().map(|(_, _, message)| message).collect();
        let body = json!({ "messages": messages, "sequence": sequence, "offset": offset });
        let exchange = poll.exchange;
        chat.polls.clear();
        self.answer(exchange, 200, &body);
    }

    fn post(&mut self, place: usize, exchange: u64, path: &str, request: &Request) {
        let chat = &mut self.chats[place];
        let Ok(number) = header(request, "X-LIVEAGENT-SEQUENCE").parse::<u64>() else {
            return self.answer(exchange, 200, &json!("OK"));
        };
        if number > chat.last + 1 {
            let words = format!("Out of sync Ack. Expected {number}. Actual {}", chat.last);
            return self.answer(exchange, 409, &json!(words));
        }
        if number <= chat.last {
            return self.answer(exchange, 200, &json!("OK"));
        }
        if chat.chat.stage == Stage::Over {
            return self.answer(exchange, 403, &Value::Null);
        }
        let is_early = chat.chat.stage != Stage::Talking;
        if is_early && !path.ends_with("ChasitorInit") && !path.ends_with("ChatEnd") {
            chat.chat.violations.push(format!("{path} before an agent is there"));
            return self.answer(exchange, 500, &Value::Null);
        }
        chat.last = number;
        let Content::Json(body) = &request.content else { return };
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        chat.take(path, &body);
        if chat.chat.stage == Stage::Talking && std::mem::take(&mut self.moves_at_post) {
            self.rotate();
            return self.answer(exchange, 503, &Value::Null);
        }
        self.answer(exchange, 200, &json!("OK"));
        self.deliver(place);
    }
}

impl Talk {
    fn new(key: String, now: u64) -> Self {
        Self {
            chat: Chat::default(),
            key,
            token: 1,
            moves: Moves::Settled,
            last: 0,
            log: Vec::new(),
            next: 0,
            offset: 700_000,
            record: Vec::new(),
            polls: Vec::new(),
            contact: now,
        }
    }

    fn tell(&mut self, kind: &str, message: &Value) {
        self.offset += 7;
        self.log.push((self.next, self.offset, json!({ "type": kind, "message": message })));
        self.next += 1;
    }

    fn take(&mut self, path: &str, body: &Value) {
        match path {
            // Asked twice, as a client does that got no answer before a handover: it is asked for already.
            "Chasitor/ChasitorInit" if self.chat.stage != Stage::Fresh => {}
            "Chasitor/ChasitorInit" => {
                self.chat.stage = Stage::Queued;
                self.tell("ChatRequestSuccess", &json!({ "queuePosition": 1, "connectionTimeout": PATIENCE }));
            }
            "Chasitor/ChatMessage" => self.hear(&body["text"]),
            "System/MultiNoun" => {
                for noun in body["nouns"].as_array().into_iter().flatten() {
                    if noun["noun"] == "ChatMessage" {
                        self.hear(&noun["object"]["text"]);
                    }
                }
            }
            "Chasitor/ChatEnd" => {
                self.chat.stage = Stage::Over;
                self.tell("ChatEnded", &json!({ "reason": "client" }));
            }
            _ => {}
        }
    }

    fn hear(&mut self, text: &Value) {
        let text = text.as_str().unwrap_or_default();
        if text.trim().is_empty() {
            self.chat.violations.push("an empty message".to_owned());
        }
        self.record.push(json!({ "type": "Chasitor", "name": "", "content": text }));
        self.chat.heard.push(text.to_owned());
    }
}

fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    request.headers.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
}

/// The deployment's own, in milliseconds (§7.4).
const PATIENCE: u64 = 110_000;

/// The real adapter.
pub fn protocol() -> Box<dyn Protocol> {
    let attribute = |name: &str| {
        let known = [
            ("endpoint", "https://chat.example.com"),
            ("organization-id", "00D5x000001AbCd"),
            ("deployment-id", "5725x000000KlMn"),
            ("button-id", "5735x000000AbCd"),
        ];
        known.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
    };
    let config = Config::parse(&attribute, Surroundings::default()).expect("the attributes are right");
    Box::new(LiveAgent::new(config, Box::new(Literal)))
}

/// Whether a request hands over what the visitor said or did, and is no part of opening or closing.
pub fn hands_over(request: &Request) -> bool {
    let is_numbered = request.headers.iter().any(|(name, _)| *name == "X-LIVEAGENT-SEQUENCE");
    is_numbered && !request.url.ends_with("ChasitorInit") && !request.url.ends_with("ChatEnd")
}

/// What a request asks for, without what differs from one to the next.
pub fn noun(request: &Request) -> String {
    let path = request.url.split("/chat/rest/").nth(1).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    format!("{} {path}", request.method.name())
}

#[derive(Debug)]
struct Literal;

impl Redactor for Literal {
    fn replaced(&self, pattern: &str, text: &str, replacement: &str) -> Option<String> {
        Some(text.replace(pattern, replacement))
    }
}
