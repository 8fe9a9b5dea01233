//! What LivePerson's visitor API does, in as few words as tell it (`liveperson.md`): one document for each chat, with all
//! its events, that may be read from any of them on.

use holdfast_chat::protocol::http::Content;
use holdfast_chat::protocol::liveperson::{Config, LivePerson};
use holdfast_chat::protocol::{Protocol, Request, Response};
use serde_json::{Value, json};

use super::super::schedule::Speech;
use super::{Backend, Chat, Stage, response};

pub struct LivePersonServer {
    chats: Vec<Talk>,
    answers: Vec<(u64, Response)>,
    says: u64,
    fails_at_post: bool,
    fails_once: bool,
}

/// One chat, and what is needed to hold it.
struct Talk {
    chat: Chat,
    /// Event n stands at n (§3.6).
    events: Vec<Value>,
    agent: Option<&'static str>,
    is_typing: bool,
    contact: u64,
    /// So many requests more are answered with 503.
    away: u64,
}

impl LivePersonServer {
    pub const fn new() -> Self {
        Self { chats: Vec::new(), answers: Vec::new(), says: 0, fails_at_post: false, fails_once: false }
    }

    fn begin(&mut self, now: u64, exchange: u64) {
        let number = self.chats.len();
        let mut talk = Talk {
            chat: Chat { stage: Stage::Queued, ..Chat::default() },
            events: Vec::new(),
            agent: None,
            is_typing: false,
            contact: now,
            away: 0,
        };
        talk.tell(json!({ "@type": "state", "state": "waiting" }));
        talk.line("system", "info", "Somebody will join shortly.");
        self.chats.push(talk);
        let location = Some(format!("{BASE}/chat/H-{number}"));
        self.answers.push((exchange, Response { location, ..response(201, "") }));
    }

    fn answer(&mut self, exchange: u64, status: u16, body: &Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.answers.push((exchange, response(status, &body)));
    }

    fn event(&mut self, exchange: u64, place: usize, body: &Value) {
        let event = &body["event"];
        let talk = &mut self.chats[place];
        if talk.chat.stage == Stage::Over {
            return self.answer(exchange, 400, &Value::Null);
        }
        if event["@type"] == "state" {
            talk.end(7);
            return self.answer(exchange, 201, &Value::Null);
        }
        let text = event["text"].as_str().unwrap_or_default();
        if text.trim().is_empty() {
            talk.chat.violations.push("an empty line".to_owned());
        }
        talk.line("visitor", "you", text);
        talk.chat.heard.push(text.to_owned());
        let status = if std::mem::take(&mut self.fails_at_post) { 500 } else { 201 };
        self.answer(exchange, status, &Value::Null);
    }
}

impl Backend for LivePersonServer {
    fn receive(&mut self, now: u64, exchange: u64, request: &Request) {
        let (path, query) = parts(&request.url);
        let is_marked = query.contains("v=1") && query.contains("NC=true");
        if let Some(talk) = self.chats.last_mut().filter(|_| !is_marked) {
            talk.chat.violations.push(format!("{} without v or NC", request.url));
        }
        match path {
            "chat/availability" => return self.answer(exchange, 200, &json!({ "availability": true })),
            "chat/estimatedWaitTime" => return self.answer(exchange, 200, &json!({ "estimatedWaitTime": 5 })),
            "chat/preSurvey" | "chat/offlineSurvey" => return self.answer(exchange, 200, &json!({})),
            "chat/request" => return self.begin(now, exchange),
            _ => {}
        }
        let rest = path.strip_prefix("chat/H-").unwrap_or_default();
        let (number, tail) = rest.split_once('/').unwrap_or((rest, ""));
        let place = number.parse::<usize>().ok().filter(|place| *place < self.chats.len());
        let Some(place) = place.filter(|place| self.chats[*place].chat.stage != Stage::Gone) else {
            return self.answer(exchange, 404, &Value::Null);
        };
        let talk = &mut self.chats[place];
        talk.contact = now;
        if talk.away > 0 || std::mem::take(&mut self.fails_once) {
            talk.away = talk.away.saturating_sub(1);
            return self.answer(exchange, 503, &Value::Null);
        }
        let is_question = request.method.name() == "GET";
        let body = body(request);
        match (tail, is_question) {
            ("", true) => {
                let from = query.split("from=").nth(1).and_then(|from| from.split('&').next());
                let document = talk.document(place, from.and_then(|from| from.parse().ok()).unwrap_or(0));
                self.answer(exchange, 200, &document);
            }
            ("events", false) => self.event(exchange, place, &body),
            ("exitSurvey", true) => self.answer(exchange, 200, &json!({})),
            _ => self.answer(exchange, 200, &Value::Null),
        }
    }

    fn close(&mut self, _exchange: u64) {}

    fn tick(&mut self, now: u64) {
        for talk in &mut self.chats {
            if matches!(talk.chat.stage, Stage::Queued | Stage::Talking) && now.saturating_sub(talk.contact) > PATIENCE
            {
                talk.end(6);
            }
        }
    }

    fn next(&self) -> Option<u64> {
        let is_live = |talk: &&Talk| matches!(talk.chat.stage, Stage::Queued | Stage::Talking);
        self.chats.iter().filter(is_live).map(|talk| talk.contact + PATIENCE + 1).min()
    }

    fn rotate(&mut self) {
        for talk in &mut self.chats {
            talk.away = 2;
            talk.chat.handovers += 1;
        }
    }

    fn move_at_post(&mut self) {
        self.fails_at_post = true;
    }

    fn fail_in_move(&mut self) {
        self.fails_once = true;
    }

    fn forget_all(&mut self) {
        for talk in &mut self.chats {
            talk.chat.stage = Stage::Gone;
        }
    }

    fn break_connections(&mut self) {}

    fn speak(&mut self, speech: Speech) {
        for talk in &mut self.chats {
            match (speech, talk.chat.stage) {
                (Speech::Accept, Stage::Queued) => {
                    talk.chat.stage = Stage::Talking;
                    talk.agent = Some("Noor B.");
                    talk.tell(json!({ "@type": "state", "state": "chatting" }));
                }
                (Speech::Say(count), Stage::Talking) => {
                    for _ in 0..count {
                        self.says += 1;
                        let text = format!("a{}", self.says);
                        talk.line("agent", "Noor B.", &text);
                        talk.chat.said.push(text);
                    }
                    talk.is_typing = false;
                }
                (Speech::Type, Stage::Talking) => talk.is_typing = true,
                (Speech::Transfer, Stage::Talking) => talk.agent = Some("Ilse V."),
                (Speech::Requeue | Speech::Leave, Stage::Talking) => {
                    talk.agent = None;
                    talk.tell(json!({ "@type": "state", "state": "waiting" }));
                    talk.agent = Some("Noor B.");
                    talk.tell(json!({ "@type": "state", "state": "chatting" }));
                }
                (Speech::End, Stage::Talking) => talk.end(5),
                (Speech::Fail, Stage::Queued) => talk.end(2),
                _ => {}
            }
        }
    }

    fn take_answers(&mut self) -> Vec<(u64, Response)> {
        std::mem::take(&mut self.answers)
    }

    fn chat(&self, place: usize) -> Option<&Chat> {
        self.chats.get(place).map(|talk| &talk.chat)
    }
}

impl Talk {
    fn tell(&mut self, mut event: Value) {
        event["@id"] = self.events.len().to_string().into();
        event["time"] = "2026-01-01T00:00:00.000+00:00".into();
        self.events.push(event);
    }

    fn line(&mut self, source: &str, by: &str, text: &str) {
        self.tell(json!({ "@type": "line", "textType": "plain", "text": text, "by": by, "source": source }));
    }

    fn end(&mut self, reason: u64) {
        self.chat.stage = Stage::Over;
        self.tell(json!({ "@type": "line", "text": "The chat is over.", "by": "info", "source": "system", "systemMessageId": reason }));
        self.tell(json!({ "@type": "state", "state": "ended" }));
    }

    /// The chat document of §3.4; one event stands there without its list (§2.1).
    fn document(&self, place: usize, from: usize) -> Value {
        let state = match self.chat.stage {
            Stage::Talking => "chatting",
            Stage::Over | Stage::Gone => "ended",
            Stage::Fresh | Stage::Queued => "waiting",
        };
        let chat = format!("{BASE}/chat/H-{place}");
        let mut events = json!({ "link": { "@rel": "self", "@href": format!("{chat}/events") } });
        match self.events.get(from..).unwrap_or_default() {
            [] => {}
            [one] => events["event"] = one.clone(),
            several => events["event"] = several.into(),
        }
        let mut info = json!({
            "state": state,
            "chatSessionKey": format!("H-{place}"),
            "chatTimeout": PATIENCE / 1_000,
            "agentTyping": if self.is_typing { "typing" } else { "not-typing" },
            "visitorName": "you",
        });
        if let Some(agent) = self.agent {
            info["agentName"] = agent.into();
        }
        json!({ "chat": {
            "link": [
                { "@rel": "self", "@href": chat },
                { "@rel": "next", "@href": format!("{chat}?from={}", self.events.len()) },
                { "@rel": "events", "@href": format!("{chat}/events") },
            ],
            "events": events,
            "info": info,
        } })
    }
}

fn parts(url: &str) -> (&str, &str) {
    let path = url.split_once("/api/account/5551/").map_or("", |(_, path)| path);
    path.split_once('?').unwrap_or((path, ""))
}

fn body(request: &Request) -> Value {
    match &request.content {
        Content::Json(text) => serde_json::from_str(text).unwrap_or_default(),
        Content::Empty | Content::Form(_) | Content::File { .. } | Content::Bytes { .. } => Value::Null,
    }
}

/// The real adapter.
pub fn protocol() -> Box<dyn Protocol> {
    let attribute = |name: &str| {
        let known = [
            ("endpoint", "https://chat.example.com"),
            ("account-id", "5551"),
            ("skill", "Billing"),
            ("app-key", "demo"),
        ];
        known.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
    };
    Box::new(LivePerson::new(Config::parse(&attribute).expect("the attributes are right")))
}

/// Whether a request hands over what the visitor said or did, and is no part of opening or closing.
pub fn hands_over(request: &Request) -> bool {
    let (path, _) = parts(&request.url);
    let is_event = path.ends_with("/events") && body(request)["event"]["@type"] == "line";
    is_event || path.ends_with("/visitorTyping")
}

/// What a request asks for.
pub fn noun(request: &Request) -> String {
    let what = if body(request)["event"]["@type"] == "state" { " end" } else { "" };
    format!("{} {}{what}", request.method.name(), parts(&request.url).0)
}

/// The message that a request hands over.
pub fn message(request: &Request) -> Option<String> {
    let body = body(request);
    let event = &body["event"];
    (event["@type"] == "line").then(|| event["text"].as_str().unwrap_or_default().to_owned())
}

/// The visitor's own words in an answer, each with its place in the chat.
pub fn echoes(response: &Response) -> Vec<(u64, String)> {
    let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
    let events = match &body["chat"]["events"]["event"] {
        Value::Array(events) => events.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let echo = |event: &Value| Some((event["@id"].as_str()?.parse().ok()?, event["text"].as_str()?.to_owned()));
    events.iter().filter(|event| event["source"] == "visitor").filter_map(echo).collect()
}

const BASE: &str = "https://chat.example.com/api/account/5551";
/// `chatTimeout`, in milliseconds (§3.5).
const PATIENCE: u64 = 40_000;
