//! A tiny Live Agent server: a function from requests to answers, with just enough memory to count what arrived.

use holdfast_chat::protocol::http::Content;
use holdfast_chat::protocol::{Request, Response};
use serde_json::{Value, json};

/// What a chat looks like from the other side.
pub struct Server {
    /// The visitor's messages, in the order in which they arrived.
    pub heard: Vec<String>,
    /// Everything that was asked, shortened, in order.
    pub asked: Vec<String>,
    /// How it describes itself in `ReconnectSession`; `None` leaves `resetSequence` out.
    pub resets: Option<bool>,
    /// Whether the first poll after a handover brings the session's data.
    pub tells_session_data: bool,
    token: u32,
    moves: Moves,
    is_gone: bool,
    last: u64,
    /// What waits to be polled, with its number and offset.
    news: Vec<(i64, u64, Value)>,
    sequence: i64,
    offset: u64,
    record: Vec<Value>,
}

#[derive(PartialEq, Eq)]
enum Moves {
    Settled,
    Moving,
    /// The new token was given out and nobody has used it: asking again is no mistake.
    Answered,
}

impl Server {
    /// A server that nobody asked anything.
    pub fn new() -> Self {
        Self {
            heard: Vec::new(),
            asked: Vec::new(),
            resets: Some(true),
            tells_session_data: true,
            token: 1,
            moves: Moves::Settled,
            is_gone: false,
            last: 0,
            news: Vec::new(),
            sequence: -1,
            offset: 700_000,
            record: Vec::new(),
        }
    }

    /// Says something in the next poll.
    pub fn tell(&mut self, kind: &str, message: Value) {
        self.sequence += 1;
        self.offset += 7;
        self.news.push((self.sequence, self.offset, json!({ "type": kind, "message": message })));
    }

    /// An agent accepts the chat.
    pub fn establish(&mut self) {
        self.tell("ChatEstablished", json!({ "name": "Noor B." }));
    }

    /// The agent says something.
    pub fn say(&mut self, text: &str) {
        self.record.push(json!({ "type": "Agent", "name": "Noor B.", "content": text, "timestamp": 1, "sequence": 1 }));
        self.tell("ChatMessage", json!({ "name": "Noor B.", "text": text }));
    }

    /// The chat moves to another server: every request with the old token is answered with a 503.
    pub fn rotate(&mut self) {
        self.moves = Moves::Moving;
    }

    /// The session is forgotten: every request is answered with a 403.
    pub fn expire(&mut self) {
        self.is_gone = true;
    }

    /// The answer, or `None` while a poll is held.
    pub fn answer(&mut self, request: &Request) -> Option<Response> {
        let short = short(request);
        let is_poll = request.url.contains("/System/Messages?");
        if !is_poll || self.asked.last() != Some(&short) {
            self.asked.push(short);
        }
        let answer =
            |status, body: Value| Some(Response { status, body: body.to_string(), retry_after: None, location: None });
        let path = request.url.split("/chat/rest/").nth(1).expect("a path");
        if path.starts_with("Visitor/Availability") {
            return answer(200, json!({ "messages": [] }));
        }
        if path == "System/SessionId" {
            return answer(200, json!({ "id": "i", "key": "k", "affinityToken": "t1", "clientPollTimeout": 40 }));
        }
        if self.is_gone {
            return answer(403, json!("Session required but was invalid or not found"));
        }
        if path.starts_with("System/ReconnectSession") {
            return self.reconnect(path);
        }
        if self.moves == Moves::Moving || header(request, "X-LIVEAGENT-AFFINITY") != format!("t{}", self.token) {
            return answer(503, Value::Null);
        }
        self.moves = Moves::Settled;
        if is_poll {
            return self.poll(path);
        }
        if request.method.name() == "DELETE" {
            self.is_gone = true;
            return answer(200, json!("OK"));
        }
        self.post(path, request)
    }

    fn reconnect(&mut self, path: &str) -> Option<Response> {
        if self.moves == Moves::Settled {
            return Some(Response { status: 405, ..Response::default() });
        }
        if self.moves == Moves::Moving {
            self.token += 1;
        }
        self.moves = Moves::Answered;
        let mut message = json!({ "affinityToken": format!("t{}", self.token) });
        if let Some(resets) = self.resets {
            message["resetSequence"] = resets.into();
        }
        if self.resets != Some(false) {
            self.last = 0;
        }
        self.sequence = -1;
        let seen: u64 = path.split("offset=").nth(1).and_then(|offset| offset.parse().ok()).expect("an offset");
        let news = std::mem::take(&mut self.news);
        if self.tells_session_data {
            self.tell("ChasitorSessionData", json!({ "queuePosition": 0, "chatMessages": self.record }));
        }
        let is_new = |message: &Value, offset: u64| offset > seen && message["type"] != "ChasitorSessionData";
        for (_, _, message) in news.into_iter().filter(|(_, offset, message)| is_new(message, *offset)) {
            let kind = message["type"].as_str().expect("a type").to_owned();
            self.tell(&kind, message["message"].clone());
        }
        let body = json!({ "messages": [{ "type": "ReconnectSession", "message": message }] }).to_string();
        Some(Response { status: 200, body, retry_after: None, location: None })
    }

    fn poll(&mut self, path: &str) -> Option<Response> {
        let ack: i64 = path.split("ack=").nth(1).and_then(|ack| ack.parse().ok()).expect("an ack");
        self.news.retain(|(number, _, _)| *number > ack);
        let (sequence, offset, _) = self.news.last()?;
        let messages: Vec<&Value> = self.news.iter().map(|(_, _, message)| message).collect();
        let body = json!({ "messages": messages, "sequence": sequence, "offset": offset }).to_string();
        Some(Response { status: 200, body, retry_after: None, location: None })
    }

    fn post(&mut self, path: &str, request: &Request) -> Option<Response> {
        let text = |status, body: String| Some(Response { status, body, retry_after: None, location: None });
        let Some(number) = header(request, "X-LIVEAGENT-SEQUENCE").parse::<u64>().ok() else {
            return text(200, "OK".to_owned());
        };
        if number > self.last + 1 {
            return text(409, format!("Out of sync Ack. Expected {number}. Actual {}", self.last));
        }
        if number == self.last + 1 {
            self.last = number;
            let Content::Json(body) = &request.content else { panic!("a post has a body") };
            self.take(path, &serde_json::from_str(body).expect("a body is JSON"));
        }
        text(200, "OK".to_owned())
    }

    fn take(&mut self, path: &str, body: &Value) {
        match path {
            "Chasitor/ChasitorInit" => self.tell("ChatRequestSuccess", json!({ "queuePosition": 1 })),
            "Chasitor/ChatMessage" => self.hear(body["text"].as_str().expect("a text")),
            "System/MultiNoun" => {
                for noun in body["nouns"].as_array().expect("nouns") {
                    if noun["noun"] == "ChatMessage" {
                        self.hear(noun["object"]["text"].as_str().expect("a text"));
                    }
                }
            }
            _ => {}
        }
    }

    fn hear(&mut self, text: &str) {
        self.record.push(json!({ "type": "Chasitor", "name": "", "content": text, "timestamp": 1, "sequence": 1 }));
        self.heard.push(text.to_owned());
    }
}

/// A request in a few words: `GET Messages?ack=0`, `POST ChatMessage #2 {"text":"Hello"}`.
pub fn short(request: &Request) -> String {
    let path = request.url.split("/chat/rest/").nth(1).expect("a path");
    let noun = path.split('/').nth(1).expect("a noun");
    let noun = noun.split("?org_id").next().expect("a noun").replace("ReconnectSession.", "");
    let number = header(request, "X-LIVEAGENT-SEQUENCE");
    let number = if number.is_empty() { String::new() } else { format!(" #{number}") };
    let body = match &request.content {
        Content::Json(_) if noun == "ChasitorInit" => String::new(),
        Content::Json(body) if noun == "MultiNoun" => {
            let body: Value = serde_json::from_str(body).expect("a body is JSON");
            let nouns = body["nouns"].as_array().expect("nouns").iter();
            format!(" {}", nouns.map(|noun| noun["object"].to_string()).collect::<Vec<_>>().join(" "))
        }
        Content::Json(body) => format!(" {body}"),
        Content::Empty | Content::Form(_) | Content::File { .. } | Content::Bytes { .. } => String::new(),
    };
    format!("{} {noun}{number}{body}", request.method.name())
}

fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    request.headers.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
}
