//! What a gateway to SuperOffice does, in as few words as tell it (`superoffice.md` §9): sessions with a key, read in two
//! halves, and a bot that hands over to people.

use holdfast_chat::protocol::http::Content;
use holdfast_chat::protocol::superoffice::{Config, SuperOffice};
use holdfast_chat::protocol::{Protocol, Request, Response};
use serde_json::{Value, json};

use super::super::schedule::{Habits, Speech};
use super::{Backend, Chat, Stage, response};

pub struct SuperOfficeServer {
    sessions: Vec<Session>,
    answers: Vec<(u64, Response)>,
    /// Ids grow over all sessions (§4.2).
    messages: u64,
    says: u64,
    has_bot: bool,
    has_form: bool,
    now: u64,
    fails_at_post: bool,
    fails_once: bool,
}

/// One session, and what is needed to hold it.
struct Session {
    chat: Chat,
    status: &'static str,
    user: Option<(u64, &'static str)>,
    bot: bool,
    is_typing: bool,
    messages: Vec<Value>,
    /// Nothing is posted for a time before this.
    posted: u64,
    contact: u64,
    /// So many requests more are answered with 503.
    away: u64,
}

impl SuperOfficeServer {
    /// Whether there is a bot, and a form behind it, two habits decide that mean nothing here otherwise.
    pub const fn new(habits: &Habits) -> Self {
        Self {
            sessions: Vec::new(),
            answers: Vec::new(),
            messages: 90_000,
            says: 0,
            has_bot: habits.tells_record,
            has_form: habits.sneak_peek,
            now: 0,
            fails_at_post: false,
            fails_once: false,
        }
    }

    fn answer(&mut self, exchange: u64, status: u16, body: &Value) {
        self.answers.push((exchange, response(status, &body.to_string())));
    }

    fn refuse(&mut self, exchange: u64, status: u16, word: &str) {
        self.answer(exchange, status, &json!({ "Error": word }));
    }

    fn begin(&mut self, exchange: u64, fields: &Value) {
        let place = self.sessions.len();
        let is_filled = fields["CustomerName"].is_string();
        let status = match (self.has_bot, self.has_form && !is_filled) {
            (true, _) => "UserLast",
            (false, true) => "PreChatForm",
            (false, false) => "InQueue",
        };
        let stage = if self.has_bot { Stage::Talking } else { Stage::Queued };
        self.sessions.push(Session {
            chat: Chat { stage, ..Chat::default() },
            status,
            user: None,
            bot: self.has_bot,
            is_typing: false,
            messages: Vec::new(),
            posted: 0,
            contact: self.now,
            away: 0,
        });
        if self.has_bot {
            self.say(place, "BotMessage", "", 0);
            self.says += 1;
            let options = json!([format!("opt{}", self.says), "ok"]).to_string();
            self.say(place, "Options", &options, 0);
        }
        let mut session = self.session(place);
        session["SessionKey"] = key(place).into();
        self.answer(exchange, 200, &session);
    }

    /// Somebody says something to the visitor, so many milliseconds from now.
    fn say(&mut self, place: usize, special: &str, param: &str, pause: u64) {
        self.says += 1;
        let text = format!("a{}", self.says);
        let session = &mut self.sessions[place];
        session.posted = session.posted.max(self.now + pause);
        let (author, posted) = (session.user.map_or("Robo", |(_, name)| name), session.posted);
        session.chat.said.push(text.clone());
        session.status = "UserLast";
        self.tell(place, "ToCustomer", &text, author, special, param, posted);
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of a message")]
    fn tell(&mut self, place: usize, kind: &str, text: &str, author: &str, special: &str, param: &str, posted: u64) {
        // Other sessions take ids too.
        self.messages += 1 + self.messages % 3;
        self.sessions[place].messages.push(json!({
            "ChatMessageId": self.messages, "ChatSessionId": place + 1, "Type": kind, "Message": text, "Author": author,
            "ReadByCustomer": 0, "SpecialType": special, "SpecialParam": param, "WhenPosted": instant(posted),
        }));
    }

    fn session(&self, place: usize) -> Value {
        let session = &self.sessions[place];
        let position = (session.status == "InQueue").then_some(place + 1);
        json!({
            "ChatSessionId": place + 1, "TopicId": 1,
            "User": session.user.map(|(id, name)| json!({ "AssociateId": id, "FullName": name })),
            "CustomerName": "", "CustomerEmail": "", "Status": session.status, "InitialQueuePos": 3,
            "Flags": if session.is_typing { "UserIsTyping" } else { "" },
            "ChatbotIsActive": session.bot, "QueuePos": position, "EstimatedWaitSeconds": position.map(|place| place * 90),
            "OfflineFormOffered": false, "Now": instant(self.now), "Rating": 0,
        })
    }

    fn message(&mut self, exchange: u64, place: usize, body: &Value) {
        let (has_ended, has_form) = match self.sessions[place].status {
            "Closed" | "ClosedFromQueue" => (true, false),
            "PreChatForm" => (false, true),
            _ => (false, false),
        };
        if has_ended || has_form {
            return self.refuse(exchange, 409, if has_ended { "ended" } else { "not-now" });
        }
        let text = body["Message"].as_str().unwrap_or_default();
        let is_option = body["SpecialType"] == "ClickedOption" && body["Type"] == "Special";
        if text.trim().is_empty() || (!is_option && body["Type"] != "ToUser") {
            self.sessions[place].chat.violations.push(format!("a message {body}"));
        }
        let now = self.now;
        match self.sessions[place].status {
            "Finished" => {
                self.sessions[place].chat.stage = Stage::Talking;
                self.sessions[place].status = "CustomerLast";
                self.tell(place, "Special", "", "", "ReopenedByCustomer", "", now);
            }
            "InQueue" => {}
            _ => self.sessions[place].status = "CustomerLast",
        }
        let (kind, special) = if is_option { ("Special", "ClickedOption") } else { ("ToUser", "None") };
        let param = if is_option { json!([text]).to_string() } else { String::new() };
        self.tell(place, kind, text, "Visitor", special, &param, now);
        self.sessions[place].chat.heard.push(text.to_owned());
        let stored = self.sessions[place].messages.last().cloned().unwrap_or_default();
        let status = if std::mem::take(&mut self.fails_at_post) { 502 } else { 200 };
        self.answer(exchange, status, &stored);
    }

    fn patch(&mut self, exchange: u64, place: usize, body: &Value) {
        let names: Vec<&str> = body.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let session = &mut self.sessions[place];
        match (names.as_slice(), session.status) {
            (["Flags"], "CustomerLast" | "UserLast") => {}
            (["Flags"] | ["Rating"], _) if !matches!(session.status, "Finished" | "Closed") => {
                return self.refuse(exchange, 409, "not-now");
            }
            (["Rating"], _) => {}
            (["Flags"], _) => return self.refuse(exchange, 409, "ended"),
            (["Status"], "InQueue" | "PreChatForm") => self.end(place, "ClosedFromQueue", "ClosedByCustomer"),
            (["Status"], "Finished" | "Closed" | "ClosedFromQueue") => {}
            (["Status"], _) => self.end(place, "Finished", "ClosedByCustomer"),
            (names, "PreChatForm") if names.iter().all(|name| name.starts_with("Customer")) => {
                if !body["CustomerName"].is_string() {
                    return self.refuse(exchange, 400, "required");
                }
                session.status = "InQueue";
            }
            (names, _) if names.iter().all(|name| name.starts_with("Customer")) => {
                return self.refuse(exchange, 409, "not-now");
            }
            (names, _) => {
                session.chat.violations.push(format!("a change of {names:?}"));
                return self.refuse(exchange, 400, "bad-request");
            }
        }
        let session = self.session(place);
        self.answer(exchange, 200, &session);
    }

    /// The bot hands over to people.
    fn reset(&mut self, place: usize) {
        let status = if self.has_form { "PreChatForm" } else { "InQueue" };
        let session = &mut self.sessions[place];
        session.bot = false;
        session.user = None;
        session.status = status;
        session.chat.stage = Stage::Queued;
    }

    fn end(&mut self, place: usize, status: &'static str, special: &str) {
        let now = self.now;
        self.tell(place, "Special", "", "", special, "", now);
        self.sessions[place].status = status;
        self.sessions[place].chat.stage = Stage::Over;
        self.sessions[place].is_typing = false;
    }

    fn receive_for(&mut self, exchange: u64, place: usize, below: &str, query: &str, request: &Request) {
        let session = &mut self.sessions[place];
        let is_signed =
            request.headers.iter().any(|(name, value)| *name == "X-Chat-Session-Key" && *value == key(place));
        if !is_signed {
            session.chat.violations.push(format!("{} without its key", request.url));
        }
        if session.away > 0 || std::mem::take(&mut self.fails_once) {
            session.away = session.away.saturating_sub(1);
            return self.refuse(exchange, 503, "unavailable");
        }
        let body = body(request);
        match (request.method.name(), below) {
            ("GET", "") => {
                session.contact = self.now;
                let session = self.session(place);
                self.answer(exchange, 200, &session);
            }
            ("GET", "Messages") => {
                session.contact = self.now;
                let after = query.strip_prefix("after=").map_or(0, |after| after.parse().expect("a number"));
                let is_new = |message: &&Value| message["ChatMessageId"].as_u64() > Some(after);
                let news: Vec<Value> = session.messages.iter().filter(is_new).cloned().collect();
                self.answer(exchange, 200, &news.into());
            }
            ("POST", "Messages") => self.message(exchange, place, &body),
            ("PATCH", "") => self.patch(exchange, place, &body),
            ("POST", "Reset") => {
                if session.bot && matches!(session.status, "CustomerLast" | "UserLast") {
                    self.reset(place);
                } else if !matches!(session.status, "PreChatForm" | "InQueue") {
                    return self.refuse(exchange, 409, "not-now");
                }
                let session = self.session(place);
                self.answer(exchange, 200, &session);
            }
            (method, below) => {
                session.chat.violations.push(format!("{method} {below}"));
                self.refuse(exchange, 404, "not-found");
            }
        }
    }
}

impl Backend for SuperOfficeServer {
    fn receive(&mut self, now: u64, exchange: u64, request: &Request) {
        self.now = now;
        let (path, query) = parts(&request.url);
        match (request.method.name(), path) {
            ("GET", "ChatTopic/1") => {
                let topic = json!({
                    "ChatTopicId": 1, "BotEnabled": self.has_bot, "BotSettings": { "BotName": "Robo" },
                    "WidgetEnableRating": self.has_form, "CustomQueueTextEnabled": self.has_form,
                    "CustomQueueText": "You are number {cque}.",
                    "Widget": { "PreFormEnabled": self.has_form, "RequiredFields": "Name", "OfflineFields": "None" },
                });
                return self.answer(exchange, 200, &topic);
            }
            ("GET", "ChatTopic/1/IsOpen") => return self.answer(exchange, 200, &true.into()),
            ("POST", "ChatTopic/1/Sessions") => return self.begin(exchange, &body(request)),
            _ => {}
        }
        let rest = path.strip_prefix("ChatSession/").unwrap_or_default();
        let (number, below) = rest.split_once('/').unwrap_or((rest, ""));
        let place = number.parse::<usize>().ok().and_then(|id| id.checked_sub(1));
        let is_there = |place: &usize| self.sessions.get(*place).is_some_and(|one| one.chat.stage != Stage::Gone);
        match place.filter(is_there) {
            Some(place) => self.receive_for(exchange, place, below, query, request),
            None => self.refuse(exchange, 404, "not-found"),
        }
    }

    fn close(&mut self, _exchange: u64) {}

    fn tick(&mut self, now: u64) {
        self.now = now;
        for place in 0..self.sessions.len() {
            let session = &self.sessions[place];
            let is_live = matches!(session.chat.stage, Stage::Queued | Stage::Talking);
            if is_live && now.saturating_sub(session.contact) > PATIENCE {
                let is_active = matches!(session.status, "CustomerLast" | "UserLast");
                self.end(place, if is_active { "Finished" } else { "ClosedFromQueue" }, "ClosedByIdle");
            }
        }
    }

    fn next(&self) -> Option<u64> {
        let is_live = |session: &&Session| matches!(session.chat.stage, Stage::Queued | Stage::Talking);
        self.sessions.iter().filter(is_live).map(|session| session.contact + PATIENCE + 1).min()
    }

    fn rotate(&mut self) {
        for session in &mut self.sessions {
            session.away = 2;
            session.chat.handovers += 1;
        }
    }

    fn move_at_post(&mut self) {
        self.fails_at_post = true;
    }

    fn fail_in_move(&mut self) {
        self.fails_once = true;
    }

    fn forget_all(&mut self) {
        for session in &mut self.sessions {
            session.chat.stage = Stage::Gone;
        }
    }

    fn break_connections(&mut self) {}

    fn speak(&mut self, speech: Speech) {
        for place in 0..self.sessions.len() {
            let session = &mut self.sessions[place];
            match (speech, session.chat.stage) {
                (Speech::Accept, Stage::Queued) if session.status == "InQueue" => {
                    session.chat.stage = Stage::Talking;
                    session.user = Some(NOOR);
                    self.say(place, "Welcome", "", 0);
                }
                (Speech::Say(count), Stage::Talking) => {
                    session.is_typing = false;
                    for number in 0..count {
                        // Every third line of a bot is paced, and due about when the news after it come.
                        let pause = if self.sessions[place].bot && number % 3 == 1 { 4_500 } else { 0 };
                        self.say(place, "None", "", pause);
                    }
                }
                (Speech::Type, Stage::Talking) => session.is_typing = session.user.is_some(),
                // Nothing is changed here once it was said.
                (Speech::Amend(_) | Speech::Withdraw(_), _) => {}
                (_, Stage::Talking) if session.bot && speech != Speech::End => {
                    self.say(place, "BotMessage", "", 0);
                    self.reset(place);
                }
                (Speech::Transfer, Stage::Talking) => session.user = Some(ILSE),
                (Speech::Requeue | Speech::Leave, Stage::Talking) => {
                    session.user = None;
                    session.status = "InQueue";
                    session.chat.stage = Stage::Queued;
                }
                (Speech::End, Stage::Talking) => self.end(place, "Finished", "ClosedByUser"),
                (Speech::Fail, Stage::Queued) => self.end(place, "ClosedFromQueue", "ClosedByUser"),
                _ => {}
            }
        }
    }

    fn take_answers(&mut self) -> Vec<(u64, Response)> {
        std::mem::take(&mut self.answers)
    }

    fn chat(&self, place: usize) -> Option<&Chat> {
        self.sessions.get(place).map(|session| &session.chat)
    }
}

fn key(place: usize) -> String {
    format!("secret-{place}")
}

fn parts(url: &str) -> (&str, &str) {
    let path = url.split_once("/so/api/v1/").map_or("", |(_, path)| path);
    path.split_once('?').unwrap_or((path, ""))
}

fn body(request: &Request) -> Value {
    match &request.content {
        Content::Json(text) => serde_json::from_str(text).unwrap_or_default(),
        Content::Empty | Content::Form(_) | Content::Bytes { .. } | Content::File { .. } => Value::Null,
    }
}

/// An instant in the first days of a year.
fn instant(millis: u64) -> String {
    let (day, hour) = (1 + millis / 86_400_000, millis / 3_600_000 % 24);
    let (minute, second) = (millis / 60_000 % 60, millis / 1_000 % 60);
    format!("2026-01-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}0000+00:00", millis % 1_000)
}

/// The real adapter.
pub fn protocol() -> Box<dyn Protocol> {
    let attribute = |name: &str| Some(if name == "endpoint" { "https://chat.example.com/so" } else { "1" }.to_owned());
    Box::new(SuperOffice::new(Config::parse(&attribute).expect("the attributes are right")))
}

/// Whether a request hands over what the visitor said or did, and is no part of opening or closing.
pub fn hands_over(request: &Request) -> bool {
    let (path, _) = parts(&request.url);
    let changed = body(request);
    let is_change =
        request.method.name() == "PATCH" && changed.get("Status").is_none() && changed.get("Rating").is_none();
    is_change || (request.method.name() == "POST" && path.starts_with("ChatSession/"))
}

/// What a request asks for.
pub fn noun(request: &Request) -> String {
    let changed = body(request).as_object().and_then(|fields| fields.keys().next().cloned()).unwrap_or_default();
    let what = if request.method.name() == "PATCH" { changed } else { String::new() };
    format!("{} {} {what}", request.method.name(), parts(&request.url).0)
}

/// The message that a request hands over.
pub fn message(request: &Request) -> Option<String> {
    let is_message = request.method.name() == "POST" && parts(&request.url).0.ends_with("/Messages");
    is_message.then(|| body(request)["Message"].as_str().unwrap_or_default().to_owned())
}

/// The visitor's own words in an answer, each with its place.
pub fn echoes(response: &Response) -> Vec<(u64, String)> {
    let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
    let is_own = |message: &&Value| message["Type"] == "ToUser" || message["SpecialType"] == "ClickedOption";
    let echo = |message: &Value| Some((message["ChatMessageId"].as_u64()?, message["Message"].as_str()?.to_owned()));
    body.as_array().into_iter().flatten().filter(is_own).filter_map(echo).collect()
}

const NOOR: (u64, &str) = (7, "Noor B.");
const ILSE: (u64, &str) = (9, "Ilse V.");
/// How long a session is kept that nobody asks for, in milliseconds (§8.1).
const PATIENCE: u64 = 60_000;
