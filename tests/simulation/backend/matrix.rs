//! What a Matrix homeserver does, in as few words as tell it (`matrix.md`): accounts, rooms that are lists of events, and
//! positions in them that nobody uses up.

mod client;
mod room;

use std::collections::BTreeMap;

use holdfast_chat::protocol::http::Content;
use holdfast_chat::protocol::{Request, Response};
use serde_json::{Value, json};

use super::super::schedule::{Habits, Speech};
use super::{Backend, Chat, Stage, response};

use room::Room;

pub use client::{echoes, hands_over, noun, protocol};

pub struct MatrixServer {
    habits: Habits,
    accounts: Vec<Account>,
    rooms: Vec<Room>,
    polls: Vec<Poll>,
    answers: Vec<(u64, Response)>,
    says: u64,
    tokens: u64,
    now: u64,
    /// So many requests more are answered with 503.
    away: u64,
    /// Positions of another age are not understood.
    age: usize,
    fails_at_post: bool,
    fails_once: bool,
}

struct Account {
    name: String,
    password: String,
    /// Without one nobody is signed in.
    token: Option<String>,
}
/// A poll that is held.
struct Poll {
    exchange: u64,
    until: u64,
    user: String,
    since: Option<(usize, usize)>,
}

impl MatrixServer {
    pub const fn new(habits: Habits) -> Self {
        Self {
            habits,
            accounts: Vec::new(),
            rooms: Vec::new(),
            polls: Vec::new(),
            answers: Vec::new(),
            says: 0,
            tokens: 0,
            now: 0,
            away: 0,
            age: 0,
            fails_at_post: false,
            fails_once: false,
        }
    }

    fn answer(&mut self, exchange: u64, status: u16, body: &Value) {
        self.answers.push((exchange, response(status, &body.to_string())));
    }

    fn refuse(&mut self, exchange: u64, status: u16, code: &str) {
        self.answer(exchange, status, &json!({ "errcode": code, "error": "no" }));
    }

    /// Signs somebody in (§3.1).
    fn sign_in(&mut self, exchange: u64, place: usize) {
        self.tokens += 1;
        let token = format!("secret{}", self.tokens);
        self.accounts[place].token = Some(token.clone());
        let user = format!("@{}:s.example", self.accounts[place].name);
        self.answer(exchange, 200, &json!({ "user_id": user, "access_token": token, "device_id": "D" }));
    }

    fn register(&mut self, exchange: u64, body: &Value) {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let (name, password) = (text("username"), text("password"));
        if body["auth"]["type"] != "m.login.dummy" {
            let flows = json!({ "session": "u", "flows": [{ "stages": ["m.login.dummy"] }] });
            return self.answer(exchange, 401, &flows);
        }
        if self.accounts.iter().any(|account| account.name == name) {
            return self.refuse(exchange, 400, "M_USER_IN_USE");
        }
        self.accounts.push(Account { name, password, token: None });
        self.sign_in(exchange, self.accounts.len() - 1);
    }

    fn login(&mut self, exchange: u64, body: &Value) {
        let is_right =
            |account: &Account| body["identifier"]["user"] == *account.name && body["password"] == *account.password;
        match self.accounts.iter().position(is_right) {
            Some(place) => self.sign_in(exchange, place),
            None => self.refuse(exchange, 403, "M_FORBIDDEN"),
        }
    }

    /// §4. The same alias is the same room.
    fn create(&mut self, exchange: u64, user: &str, body: &Value) {
        let alias = body["room_alias_name"].as_str().unwrap_or_default().to_owned();
        // A room that is purged gives its alias back.
        if self.rooms.iter().any(|room| room.alias == alias && room.chat.stage != Stage::Gone) {
            return self.refuse(exchange, 400, "M_ROOM_IN_USE");
        }
        let mut room = Room {
            chat: Chat { stage: Stage::Queued, ..Chat::default() },
            alias,
            visitor: user.to_owned(),
            is_visitor_in: true,
            events: Vec::new(),
            taken: Vec::new(),
            is_typing: false,
            said: Vec::new(),
            read: None,
            typed: 0,
        };
        room.member(user, user, "join");
        for agent in body["invite"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            room.member(agent, user, "invite");
        }
        self.rooms.push(room);
        let id = id_of(self.rooms.len() - 1);
        self.answer(exchange, 200, &json!({ "room_id": id }));
    }

    fn sync(&mut self, exchange: u64, user: &str, query: &str) {
        let is_modest = query.contains("set_presence=offline") && query.contains("filter=");
        if let Some(room) = self.rooms.last_mut().filter(|_| !is_modest) {
            room.chat.violations.push("a poll for everything".to_owned());
        }
        let hold: u64 = parameter(query, "timeout").parse().unwrap_or(0);
        let since = parameter(query, "since");
        let position = since.strip_prefix('s').and_then(|since| self.position(since));
        if !since.is_empty() && position.is_none() {
            return self.refuse(exchange, 400, "M_UNKNOWN");
        }
        let hold = hold.min(self.habits.hold);
        let until = if position.is_none() { self.now } else { self.now + hold };
        self.polls.push(Poll { exchange, until, user: user.to_owned(), since: position });
        self.deliver();
    }

    /// How much of the room, and of who types, was read (§5).
    fn position(&self, written: &str) -> Option<(usize, usize)> {
        let numbers: Vec<usize> = written.split('_').filter_map(|number| number.parse().ok()).collect();
        match *numbers {
            [read, typed, age] if age == self.age => Some((read, typed)),
            _ => None,
        }
    }

    /// Whoever waits is told what is new (§5), or that nothing is.
    fn deliver(&mut self) {
        for poll in std::mem::take(&mut self.polls) {
            let news = self.news(&poll);
            if news.get("rooms").is_none() && poll.until > self.now {
                self.polls.push(poll);
            } else {
                self.answer(poll.exchange, 200, &news);
            }
        }
    }

    fn news(&self, poll: &Poll) -> Value {
        let mine = |room: &&Room| room.visitor == poll.user && room.chat.stage != Stage::Gone;
        let place = self.rooms.iter().rposition(|room| mine(&room));
        let (read, typed) = poll.since.unwrap_or((0, 0));
        let Some(room) = place.map(|place| &self.rooms[place]) else {
            return json!({ "next_batch": format!("s{read}_{typed}_{}", self.age) });
        };
        let next = format!("s{}_{}_{}", room.events.len(), room.typed, self.age);
        let new = room.events.get(read..).unwrap_or_default();
        if poll.since.is_some() && new.is_empty() && typed == room.typed {
            return json!({ "next_batch": next });
        }
        let is_limited = new.len() > PAGE;
        let mut section = json!({
            "timeline": {
                "events": new.get(new.len().saturating_sub(PAGE)..).unwrap_or_default(),
                "limited": is_limited,
                "prev_batch": "p",
            },
            "state": { "events": [] },
        });
        if typed != room.typed {
            let users: &[&str] = if room.is_typing { &[AGENTS[0]] } else { &[] };
            let read = room.read.map(|place| &room.events[place]["event_id"]);
            let receipts = read.and_then(Value::as_str).map(|id| (id, json!({ "m.read": { AGENTS[0]: { "ts": 1 } } })));
            let receipts: BTreeMap<&str, Value> = receipts.into_iter().collect();
            section["ephemeral"] = json!({ "events": [
                { "type": "m.typing", "content": { "user_ids": users } },
                { "type": "m.receipt", "content": receipts },
            ] });
        }
        let kind = if room.is_visitor_in { "join" } else { "leave" };
        let id = id_of(place.unwrap_or_default());
        json!({ "next_batch": next, "rooms": { kind: { id: section } } })
    }

    fn room(&mut self, exchange: u64, user: &str, place: usize, request: &Request, below: &str) {
        let (path, query) = below.split_once('?').unwrap_or((below, ""));
        let body = body(request);
        let is_member = self.rooms.get(place).is_some_and(|room| room.is_visitor_in && room.visitor == user);
        let is_there = self.rooms.get(place).is_some_and(|room| room.chat.stage != Stage::Gone);
        if !is_there || (!is_member && request.method.name() == "PUT") {
            return self.refuse(exchange, 403, "M_FORBIDDEN");
        }
        if let Some(id) = path.strip_prefix("/send/m.room.message/") {
            return self.send(exchange, place, id, &body);
        }
        let now = self.now;
        let room = &mut self.rooms[place];
        match path {
            "/messages" => {
                let page = room.messages(query, user);
                self.answer(exchange, 200, &page);
            }
            "/members" => {
                let members: Vec<&Value> =
                    room.events.iter().filter(|event| event["type"] == "m.room.member").collect();
                let page = json!({ "chunk": members });
                self.answer(exchange, 200, &page);
            }
            "/leave" => {
                if room.is_visitor_in {
                    room.is_visitor_in = false;
                    room.chat.stage = Stage::Over;
                    room.member(user, user, "leave");
                }
                self.answer(exchange, 200, &json!({}));
                self.deliver();
            }
            path if path.starts_with("/state/m.room.member/") => {
                let membership = if room.is_visitor_in { "join" } else { "leave" };
                self.answer(exchange, 200, &json!({ "membership": membership, "at": now }));
            }
            _ => self.answer(exchange, 200, &json!({})),
        }
    }

    /// §6: a transaction is taken once.
    fn send(&mut self, exchange: u64, place: usize, id: &str, body: &Value) {
        let now = self.now;
        let room = &mut self.rooms[place];
        let known = room.taken.iter().find(|(taken, ..)| taken == id).map(|(_, _, body, event)| (body.clone(), *event));
        let event = match known {
            Some((before, event)) => {
                if before != *body {
                    room.chat.violations.push(format!("{id} is used for something else"));
                }
                event
            }
            None => {
                let text = body["body"].as_str().unwrap_or_default().to_owned();
                if text.trim().is_empty() || body["chat.holdfast.id"] != id {
                    room.chat.violations.push("an empty message, or one that cannot be found again".to_owned());
                }
                let visitor = room.visitor.clone();
                let event = room.tell(&visitor, "m.room.message", body.clone());
                room.taken.push((id.to_owned(), now, body.clone(), event));
                room.chat.heard.push(text);
                event
            }
        };
        if std::mem::take(&mut self.fails_at_post) {
            self.answer(exchange, 502, &Value::Null);
        } else {
            self.answer(exchange, 200, &json!({ "event_id": format!("${place}-{event}") }));
        }
        self.deliver();
    }
}

impl Backend for MatrixServer {
    fn receive(&mut self, now: u64, exchange: u64, request: &Request) {
        self.now = now;
        let path = request.url.strip_prefix(BASE).unwrap_or_default();
        if self.away > 0 || std::mem::take(&mut self.fails_once) {
            self.away = self.away.saturating_sub(1);
            self.answers.push((exchange, response(503, "<html>Bad gateway</html>")));
            return;
        }
        match path {
            "/register" => return self.register(exchange, &body(request)),
            "/login" => return self.login(exchange, &body(request)),
            _ => {}
        }
        let token = request.headers.iter().find(|(name, _)| *name == "Authorization").map(|(_, value)| value);
        let token = token.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let Some(place) = self.accounts.iter().position(|account| account.token.as_deref() == Some(token)) else {
            return self.refuse(exchange, 401, "M_UNKNOWN_TOKEN");
        };
        let user = format!("@{}:s.example", self.accounts[place].name);
        if path == "/createRoom" {
            return self.create(exchange, &user, &body(request));
        }
        if let Some(query) = path.strip_prefix("/sync?") {
            return self.sync(exchange, &user, query);
        }
        if path == "/joined_rooms" {
            let is_in = |(place, room): (usize, &Room)| {
                (room.is_visitor_in && room.visitor == user && room.chat.stage != Stage::Gone).then(|| id_of(place))
            };
            let rooms: Vec<String> = self.rooms.iter().enumerate().filter_map(is_in).collect();
            return self.answer(exchange, 200, &json!({ "joined_rooms": rooms }));
        }
        if path == "/logout" {
            self.accounts[place].token = None;
            return self.answer(exchange, 200, &json!({}));
        }
        if let Some(alias) = path.strip_prefix("/directory/room/%23") {
            let alias = alias.trim_end_matches("%3As.example");
            return match self.rooms.iter().position(|room| room.alias == alias && room.chat.stage != Stage::Gone) {
                Some(place) => self.answer(exchange, 200, &json!({ "room_id": id_of(place) })),
                None => self.refuse(exchange, 404, "M_NOT_FOUND"),
            };
        }
        let below = path.strip_prefix("/rooms/%21r").unwrap_or_default();
        let (number, below) = below.split_once("%3As.example").unwrap_or_default();
        self.room(exchange, &user, number.parse().unwrap_or(usize::MAX), request, below);
    }

    fn close(&mut self, exchange: u64) {
        self.polls.retain(|poll| poll.exchange != exchange);
    }

    fn tick(&mut self, now: u64) {
        self.now = now;
        if self.polls.iter().any(|poll| poll.until <= now) {
            self.deliver();
        }
    }

    fn next(&self) -> Option<u64> {
        self.polls.iter().map(|poll| poll.until).min()
    }

    /// Another worker takes over. Old transactions are forgotten, tokens may expire: as time goes by.
    fn rotate(&mut self) {
        self.away = 2;
        for poll in std::mem::take(&mut self.polls) {
            self.answers.push((poll.exchange, response(502, "")));
        }
        for room in &mut self.rooms {
            room.chat.handovers += 1;
            let now = self.now;
            room.taken.retain(|(_, at, ..)| now.saturating_sub(*at) < REMEMBERED);
        }
        // A server that was put back from a copy.
        self.age += usize::from(self.habits.resets.is_none());
        if !self.habits.tells_record {
            for account in &mut self.accounts {
                account.token = None;
            }
        }
    }

    fn move_at_post(&mut self) {
        self.fails_at_post = true;
    }

    fn fail_in_move(&mut self) {
        self.fails_once = true;
    }

    fn forget_all(&mut self) {
        for room in &mut self.rooms {
            room.chat.stage = Stage::Gone;
        }
    }

    fn break_connections(&mut self) {
        self.polls.clear();
    }

    fn speak(&mut self, speech: Speech) {
        for room in &mut self.rooms {
            match (speech, room.chat.stage) {
                (Speech::Accept, Stage::Queued) => {
                    room.chat.stage = Stage::Talking;
                    room.member(AGENTS[0], AGENTS[0], "join");
                }
                (Speech::Say(count), Stage::Talking) => {
                    for _ in 0..count {
                        self.says += 1;
                        let text = format!("a{}", self.says);
                        room.say(AGENTS[0], text);
                    }
                    room.types(false);
                }
                (Speech::Amend(back), Stage::Talking) => room.amend(AGENTS[0], back),
                (Speech::Withdraw(back), Stage::Talking) => room.withdraw(AGENTS[0], back),
                (Speech::Type, Stage::Talking) => {
                    room.reads();
                    room.types(true);
                }
                (Speech::Transfer, Stage::Talking) => room.member(AGENTS[1], AGENTS[1], "join"),
                // Somebody goes, and comes back.
                (Speech::Requeue | Speech::Leave, Stage::Talking) => {
                    room.member(AGENTS[1], AGENTS[0], "invite");
                    room.member(AGENTS[0], AGENTS[0], "leave");
                    room.member(AGENTS[0], AGENTS[0], "join");
                }
                (Speech::End, Stage::Talking) => {
                    room.chat.stage = Stage::Over;
                    room.is_visitor_in = false;
                    let visitor = room.visitor.clone();
                    room.member(&visitor, AGENTS[0], "leave");
                }
                (Speech::Fail, Stage::Queued) => {
                    room.chat.stage = Stage::Over;
                    room.member(AGENTS[0], AGENTS[0], "leave");
                }
                _ => {}
            }
        }
        self.deliver();
    }

    fn take_answers(&mut self) -> Vec<(u64, Response)> {
        std::mem::take(&mut self.answers)
    }

    fn chat(&self, place: usize) -> Option<&Chat> {
        self.rooms.get(place).map(|room| &room.chat)
    }
}
fn id_of(place: usize) -> String {
    format!("!r{place}:s.example")
}

fn parameter<'a>(query: &'a str, name: &str) -> &'a str {
    let named = |part: &'a str| part.split_once('=').filter(|(known, _)| *known == name).map(|(_, value)| value);
    query.split('&').find_map(named).unwrap_or_default()
}

fn body(request: &Request) -> Value {
    match &request.content {
        Content::Json(text) => serde_json::from_str(text).unwrap_or_default(),
        Content::Empty | Content::Form(_) | Content::File { .. } | Content::Bytes { .. } => Value::Null,
    }
}
const BASE: &str = "https://chat.example.com/_matrix/client/v3";
const AGENTS: [&str; 2] = ["@support:s.example", "@night:s.example"];
/// What one answer has room for (§5).
const PAGE: usize = 20;
/// How long a transaction is known at least, in milliseconds; longer than anything that was given up may be on its way.
const REMEMBERED: u64 = 120_000;
