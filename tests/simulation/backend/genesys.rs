//! What Web API Server and GMS do, in as few words as tell it (`genesys.md`): one numbered record of events for each chat,
//! which any request may read from any place, and a front end that may fail to reach what is behind it.

use std::collections::BTreeMap;

use holdfast_chat::protocol::genesys::{Config, Genesys, Surroundings};
use holdfast_chat::protocol::http::Content;
use holdfast_chat::protocol::{Protocol, Request, Response};
use serde_json::{Value, json};

use super::super::schedule::{Habits, Speech};
use super::{Backend, Chat, Stage, response};

pub struct GenesysServer {
    habits: Habits,
    chats: Vec<Talk>,
    answers: Vec<(u64, Response)>,
    says: u64,
    fails_at_post: bool,
    fails_once: bool,
}

/// One chat, and what is needed to hold it.
struct Talk {
    chat: Chat,
    key: String,
    alias: u64,
    /// Event n stands at n - 1 (§1.8).
    events: Vec<Value>,
    polls: Vec<Poll>,
    contact: u64,
    /// So many requests more do not reach the server behind (§1.3).
    out_of_reach: u64,
}

struct Poll {
    exchange: u64,
    until: u64,
    position: usize,
}

impl GenesysServer {
    pub fn new(habits: Habits) -> Self {
        Self { habits, chats: Vec::new(), answers: Vec::new(), says: 0, fails_at_post: false, fails_once: false }
    }

    fn begin(&mut self, now: u64, exchange: u64) {
        let number = self.chats.len();
        let mut talk = Talk {
            chat: Chat { stage: Stage::Queued, ..Chat::default() },
            key: format!("secret{number}+/="),
            alias: 1,
            events: Vec::new(),
            polls: Vec::new(),
            contact: now,
            out_of_reach: 0,
        };
        talk.tell("ParticipantJoined", &CLIENT, None);
        let answer = talk.envelope(number, None);
        self.chats.push(talk);
        self.answers.push((exchange, answer));
    }

    fn deed(&mut self, now: u64, exchange: u64, place: usize, deed: &str, fields: &BTreeMap<String, String>) {
        let hold = if self.habits.hold == 5_000 { 5_000 } else { 0 };
        let fails_at_post = self.fails_at_post;
        let talk = &mut self.chats[place];
        let text = fields.get("text").or_else(|| fields.get("message")).cloned().unwrap_or_default();
        match deed {
            "GetMessages" | "refresh" => {
                let position = fields.get("transcriptPosition").and_then(|text| text.parse().ok()).unwrap_or(1);
                if position == 0 {
                    talk.chat.violations.push("a poll that asks for nothing".to_owned());
                }
                talk.polls.push(Poll { exchange, until: now + hold, position });
                self.deliver(now, place);
                return;
            }
            "SendMessage" | "send" => {
                if text.trim().is_empty() {
                    talk.chat.violations.push("an empty message".to_owned());
                }
                if talk.chat.stage == Stage::Over {
                    self.answers.push((exchange, talk.failed(2, Some(true))));
                    return;
                }
                talk.tell("Message", &CLIENT, Some(&text));
                talk.chat.heard.push(text);
                if fails_at_post {
                    self.fails_at_post = false;
                    let answer = talk.failed(1, Some(false));
                    self.answers.push((exchange, answer));
                    return self.deliver(now, place);
                }
            }
            "SendStartTypingNotification" | "startTyping" => talk.tell("TypingStarted", &CLIENT, None),
            "SendStopTypingNotification" | "stopTyping" => talk.tell("TypingStopped", &CLIENT, None),
            "Complete" | "disconnect" => {
                talk.chat.stage = Stage::Over;
                talk.tell("ParticipantLeft", &CLIENT, None);
            }
            "customNotice" => {}
            "readReceipt" => {
                let read: Option<usize> = fields.get("transcriptPosition").and_then(|text| text.parse().ok());
                if !read.is_some_and(|read| (1..=talk.events.len()).contains(&read)) {
                    talk.chat.violations.push(format!("{read:?} is read, of {}", talk.events.len()));
                }
            }
            other => talk.chat.violations.push(format!("{other} is no operation")),
        }
        let answer = talk.envelope(place, None);
        self.answers.push((exchange, answer));
        self.deliver(now, place);
    }

    /// Whoever waits is told what is new, or that nothing is.
    fn deliver(&mut self, now: u64, place: usize) {
        let talk = &mut self.chats[place];
        let polls = std::mem::take(&mut talk.polls);
        for poll in polls {
            let is_news = talk.events.len() >= poll.position || talk.chat.stage == Stage::Over;
            if is_news || poll.until <= now {
                self.answers.push((poll.exchange, talk.envelope(place, Some(poll.position))));
            } else {
                talk.polls.push(poll);
            }
        }
    }

    fn refused(&mut self, exchange: u64) {
        let body = json!({ "statusCode": 2, "chatEnded": true, "messages": [], "errors": [{ "code": 249 }] });
        self.answers.push((exchange, response(200, &body.to_string())));
    }
}

impl Backend for GenesysServer {
    fn receive(&mut self, now: u64, exchange: u64, request: &Request) {
        let fields = fields(request);
        let Some((chat, deed)) = address(request) else { return self.begin(now, exchange) };
        let place = chat.strip_prefix("chat").and_then(|number| number.parse::<usize>().ok());
        let Some(place) = place.filter(|place| *place < self.chats.len()) else { return self.refused(exchange) };
        let talk = &mut self.chats[place];
        if talk.chat.stage == Stage::Gone {
            return self.refused(exchange);
        }
        if fields.get("secureKey") != Some(&talk.key) {
            talk.chat.violations.push("a wrong key".to_owned());
            talk.chat.stage = Stage::Gone;
            return self.refused(exchange);
        }
        talk.contact = now;
        if std::mem::take(&mut self.fails_once) {
            let answer = response(500, "<html>oops</html>");
            return self.answers.push((exchange, answer));
        }
        if talk.out_of_reach > 0 {
            talk.out_of_reach -= 1;
            let answer = talk.failed(1, talk.out_of_reach.is_multiple_of(2).then_some(false));
            return self.answers.push((exchange, answer));
        }
        self.deed(now, exchange, place, &deed, &fields);
    }

    fn close(&mut self, exchange: u64) {
        for talk in &mut self.chats {
            talk.polls.retain(|poll| poll.exchange != exchange);
        }
    }

    fn tick(&mut self, now: u64) {
        for place in 0..self.chats.len() {
            self.deliver(now, place);
            let talk = &mut self.chats[place];
            if now.saturating_sub(talk.contact) > PATIENCE {
                talk.chat.stage = Stage::Gone;
            }
        }
    }

    fn next(&self) -> Option<u64> {
        let polls = self.chats.iter().flat_map(|talk| talk.polls.iter().map(|poll| poll.until));
        let silences =
            self.chats.iter().filter(|talk| talk.chat.stage != Stage::Gone).map(|talk| talk.contact + PATIENCE + 1);
        polls.chain(silences).min()
    }

    fn rotate(&mut self) {
        for talk in self.chats.iter_mut().filter(|talk| talk.chat.stage != Stage::Gone) {
            talk.alias += 1;
            talk.out_of_reach = 3;
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

    fn break_connections(&mut self) {
        for talk in &mut self.chats {
            talk.polls.clear();
        }
    }

    fn speak(&mut self, speech: Speech) {
        for talk in &mut self.chats {
            match (speech, talk.chat.stage) {
                (Speech::Accept, Stage::Queued) => {
                    talk.chat.stage = Stage::Talking;
                    talk.tell("ParticipantJoined", &AGENT, None);
                }
                (Speech::Say(count), Stage::Talking) => {
                    for _ in 0..count {
                        self.says += 1;
                        let text = format!("a{}", self.says);
                        talk.tell("Message", &AGENT, Some(&text));
                        talk.chat.said.push(text);
                    }
                }
                (Speech::Type, Stage::Talking) => talk.tell("TypingStarted", &AGENT, None),
                (Speech::Transfer, Stage::Talking) => {
                    talk.tell("ParticipantLeft", &AGENT, None);
                    talk.tell("ParticipantJoined", &AGENT, None);
                }
                (Speech::Requeue | Speech::Leave, Stage::Talking) => talk.tell("ParticipantLeft", &AGENT, None),
                (Speech::End, Stage::Talking) | (Speech::Fail, Stage::Queued) => {
                    talk.chat.stage = Stage::Over;
                    talk.tell("ParticipantLeft", &CLIENT, None);
                }
                _ => {}
            }
        }
        for place in 0..self.chats.len() {
            self.deliver(0, place);
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
    fn tell(&mut self, kind: &str, from: &Party, text: Option<&str>) {
        let index = self.events.len() + 1;
        let from = json!({ "nickname": from.0, "participantId": from.1, "type": from.2 });
        let mut event = json!({ "index": index, "type": kind, "from": from });
        if let Some(text) = text {
            event["text"] = text.into();
        }
        self.events.push(event);
    }

    /// The answer of §3.3; events only where they were asked for.
    fn envelope(&self, place: usize, position: Option<usize>) -> Response {
        let messages: Vec<&Value> = match position {
            Some(position) => self.events.iter().skip(position.saturating_sub(1)).collect(),
            None => Vec::new(),
        };
        let body = json!({
            "statusCode": 0,
            "chatEnded": self.chat.stage == Stage::Over,
            "chatId": format!("chat{place}"),
            "userId": "u1",
            "secureKey": self.key,
            "alias": self.alias.to_string(),
            "nextPosition": self.events.len() + 1,
            "messages": messages,
        });
        response(200, &body.to_string())
    }

    fn failed(&self, status: u64, has_ended: Option<bool>) -> Response {
        response(200, &json!({ "statusCode": status, "chatEnded": has_ended, "messages": [] }).to_string())
    }
}

/// The chat and the operation that a request names; `None` for one that begins a chat.
fn address(request: &Request) -> Option<(String, String)> {
    let path = request.url.split_once("example.com").map_or("", |(_, path)| path);
    if let Some(rest) = path.split_once("/chats/").map(|(_, rest)| rest) {
        let (chat, tail) = rest.split_once('/').unwrap_or((rest, ""));
        let deed = match tail {
            "messages" => "GetMessages".to_owned(),
            _ => fields(request).remove("operationName").unwrap_or_default(),
        };
        return (!chat.is_empty()).then(|| (chat.to_owned(), deed));
    }
    let rest = path.split_once("/genesys/2/chat/support").map_or("", |(_, rest)| rest);
    let (chat, deed) = rest.trim_start_matches('/').split_once('/')?;
    Some((chat.to_owned(), deed.to_owned()))
}

/// What a request says, whatever it is written in.
fn fields(request: &Request) -> BTreeMap<String, String> {
    match &request.content {
        Content::Form(fields) => fields.iter().cloned().collect(),
        Content::Json(text) => {
            let body: BTreeMap<String, Value> = serde_json::from_str(text).unwrap_or_default();
            let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            body.into_iter().map(|(name, value)| (name, text(value))).collect()
        }
        Content::Empty | Content::File { .. } | Content::Bytes { .. } => BTreeMap::new(),
    }
}

/// The real adapter.
pub fn protocol(variant: &'static str) -> Box<dyn Protocol> {
    let attribute = |name: &str| {
        let known =
            [("endpoint", "https://chat.example.com"), ("variant", variant), ("service", "support"), ("tenant", "101")];
        known.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
    };
    Box::new(Genesys::new(Config::parse(&attribute, Surroundings::default()).expect("the attributes are right")))
}

/// Whether a request hands over what the visitor said or did, and is no part of opening or closing.
pub fn hands_over(request: &Request) -> bool {
    let deed = address(request).map(|(_, deed)| deed);
    deed.is_some_and(|deed| !["GetMessages", "refresh", "Complete", "disconnect"].contains(&&*deed))
}

/// What a request asks for.
pub fn noun(request: &Request) -> String {
    address(request).map_or_else(|| "RequestChat".to_owned(), |(chat, deed)| format!("{deed} {chat}"))
}

/// The message that a request hands over.
pub fn message(request: &Request) -> Option<String> {
    let (_, deed) = address(request)?;
    let mut fields = fields(request);
    match &*deed {
        "SendMessage" => fields.remove("text"),
        "send" => fields.remove("message"),
        _ => None,
    }
}

/// The visitor's own words in an answer, each with its place in the chat.
pub fn echoes(response: &Response) -> Vec<(u64, String)> {
    let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
    let is_own = |event: &&Value| event["type"] == "Message" && event["from"]["type"] == "Client";
    let echo = |event: &Value| Some((event["index"].as_u64()?, event["text"].as_str()?.to_owned()));
    body["messages"].as_array().into_iter().flatten().filter(is_own).filter_map(echo).collect()
}

/// Nickname, participant id and type (§1.6).
type Party = (&'static str, u64, &'static str);
const CLIENT: Party = ("Mira", 1, "Client");
const AGENT: Party = ("Noor B.", 2, "Agent");
/// `flex-disconnect-timeout`, in milliseconds (§1.5).
const PATIENCE: u64 = 45_000;
