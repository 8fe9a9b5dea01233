//! A visitor and an agent of LivePerson's who follow the rules unless told otherwise.
#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

use serde_json::{Value, json};

use crate::common::{Answer, Server};

/// The account of all tests.
pub const ACCOUNT: &str = "/liveperson/api/account/55510001";
const KEY: (&str, &str) = ("Authorization", "LivePerson appKey=demo");
const ACCEPT: (&str, &str) = ("Accept", "application/json");
const JSON: (&str, &str) = ("Content-Type", "application/json");
const PUT: (&str, &str) = ("X-HTTP-Method-Override", "PUT");

/// A visitor's chat.
#[derive(Debug, Clone)]
pub struct Guest {
    pub id: String,
    pub path: String,
}

impl Guest {
    /// Begins a chat.
    pub async fn begin(server: &Server) -> Self {
        Self::begin_with(server, json!({"skill": "Billing"})).await
    }

    /// Begins a chat with this request.
    pub async fn begin_with(server: &Server, request: Value) -> Self {
        let answer = start(server, request).await;
        assert_eq!((answer.status, answer.body.as_str()), (201, ""));
        Self::at(&location(&answer).expect("a location"))
    }

    /// The chat at an address.
    pub fn at(href: &str) -> Self {
        let path = path_of(href);
        let id = path.rsplit('/').next().expect("a chat").to_owned();
        Self { id, path }
    }

    pub async fn get(&self, server: &Server, tail: &str) -> Answer {
        ask(server, "GET", &versioned(&format!("{}{tail}", self.path)), "").await
    }

    pub async fn post(&self, server: &Server, tail: &str, body: Value) -> Answer {
        ask(server, "POST", &versioned(&format!("{}{tail}", self.path)), &body.to_string()).await
    }

    pub async fn put(&self, server: &Server, tail: &str, body: Value) -> Answer {
        put(server, &format!("{}{tail}", self.path), body).await
    }

    pub async fn say(&self, server: &Server, text: &str) -> Answer {
        self.post(server, "/events", json!({"event": {"@type": "line", "text": text}})).await
    }

    pub async fn leave(&self, server: &Server) -> Answer {
        self.post(server, "/events", json!({"event": {"@type": "state", "state": "ended"}})).await
    }

    /// The events from a number on, as a list.
    pub async fn events(&self, server: &Server, from: u64) -> Vec<Value> {
        let answer = self.get(server, &format!("?from={from}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        list(&answer.json()["chat"]["events"]["event"])
    }

    pub async fn info(&self, server: &Server) -> Value {
        self.get(server, "/info").await.json()["info"].clone()
    }
}

/// An agent with a seat.
#[derive(Debug, Clone)]
pub struct Clerk {
    pub bearer: String,
    pub root: String,
    pub person: u64,
}

impl Clerk {
    /// Logs in, takes a seat and is online.
    pub async fn online(server: &Server, name: &str) -> Self {
        let clerk = Self::sit(server, name).await;
        let answer = clerk.put(server, "/availability", json!({"availability": {"chat": "Online"}})).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        clerk
    }

    /// Logs in and takes a seat.
    pub async fn sit(server: &Server, name: &str) -> Self {
        let body = json!({"username": name, "password": "any"}).to_string();
        let login = server.ask("POST", &format!("{ACCOUNT}/login?v=1.3"), &[ACCEPT, JSON], &body).await;
        let login = login.expect("an answer").json();
        let bearer = login["bearer"].as_str().expect("a bearer").to_owned();
        let person = login["config"]["userId"].as_u64().expect("a number");
        let away = Self { bearer, root: ACCOUNT.to_owned(), person };
        let answer = away.post(server, "/agentSession", json!({"loginData": ""})).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let href = answer.json()["agentSessionLocation"]["link"]["@href"].clone();
        Self { root: path_of(href.as_str().expect("a link")), ..away }
    }

    pub async fn get(&self, server: &Server, tail: &str) -> Answer {
        self.ask(server, "GET", tail, &[], "").await
    }

    pub async fn post(&self, server: &Server, tail: &str, body: Value) -> Answer {
        self.ask(server, "POST", tail, &[JSON], &body.to_string()).await
    }

    pub async fn put(&self, server: &Server, tail: &str, body: Value) -> Answer {
        self.ask(server, "POST", tail, &[JSON, PUT], &body.to_string()).await
    }

    /// Takes whoever rings; gives the chat's key.
    pub async fn accept(&self, server: &Server) -> Option<String> {
        let answer = self.post(server, "/incomingRequests", json!({})).await;
        if answer.status != 201 {
            return None;
        }
        let body = answer.json();
        let href = body["chatLocation"]["link"]["@href"].as_str().expect("a link");
        href.rsplit('/').next().map(str::to_owned)
    }

    pub async fn act(&self, server: &Server, key: &str, action: Value) -> u16 {
        self.post(server, &format!("/chat/{key}/action"), action).await.status
    }

    pub async fn say(&self, server: &Server, key: &str, text: &str) -> Answer {
        let event = json!({"event": {"@type": "line", "textType": "plain", "text": text}});
        self.post(server, &format!("/chat/{key}/events"), event).await
    }

    /// Many chats, as a list.
    pub async fn many(&self, server: &Server, query: &str) -> Vec<Value> {
        let answer = self.get(server, &format!("/chat?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        list(&answer.json()["chats"]["chat"])
    }

    async fn ask(&self, server: &Server, method: &str, tail: &str, more: &[(&str, &str)], body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.bearer);
        let headers = [&[("Authorization", bearer.as_str()), ACCEPT], more].concat();
        let path = versioned(&format!("{}{tail}", self.root));
        server.ask(method, &path, &headers, body).await.expect("an answer")
    }
}

/// Asks for a chat.
pub async fn start(server: &Server, request: Value) -> Answer {
    let body = json!({"request": request}).to_string();
    ask(server, "POST", &versioned(&format!("{ACCOUNT}/chat/request")), &body).await
}

/// A visitor's request with all that belongs to it but the version.
pub async fn ask(server: &Server, method: &str, path: &str, body: &str) -> Answer {
    let with_body = [KEY, ACCEPT, JSON];
    let headers = if body.is_empty() { &with_body[..2] } else { &with_body[..] };
    server.ask(method, path, headers, body).await.expect("an answer")
}

/// A visitor's PUT.
pub async fn put(server: &Server, path: &str, body: Value) -> Answer {
    let headers = [KEY, ACCEPT, JSON, PUT];
    server.ask("POST", &versioned(path), &headers, &body.to_string()).await.expect("an answer")
}

/// Adds what every call needs.
pub fn versioned(path: &str) -> String {
    format!("{path}{}v=1&NC=true", if path.contains('?') { '&' } else { '?' })
}

/// One, several or none.
pub fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

/// The header that says where something lies.
pub fn location(answer: &Answer) -> Option<String> {
    answer.head.lines().find_map(|line| line.strip_prefix("location: ").map(str::to_owned))
}

/// What comes after scheme and host.
pub fn path_of(href: &str) -> String {
    let rest = href.split_once("://").map_or(href, |(_, rest)| rest);
    rest[rest.find('/').expect("a path")..].to_owned()
}

/// The types and states or texts of events, in short.
pub fn gist(events: &[Value]) -> Vec<String> {
    let word = |event: &Value| event["state"].as_str().or_else(|| event["text"].as_str()).map(str::to_owned);
    let number = |event: &Value| event["systemMessageId"].as_u64().map(|number| format!("#{number}"));
    events.iter().map(|event| number(event).or_else(|| word(event)).unwrap_or_default()).collect()
}
