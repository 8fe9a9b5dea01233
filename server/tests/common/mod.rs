//! A server in this process and a bare client, so that tests see what really happens on the wire.
#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use holdfast_server::settings::Settings;
use holdfast_server::{Options, Running, start};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// A running server.
pub struct Server {
    running: Running,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
    /// Whether the body is as long as promised.
    pub whole: bool,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }

    /// The types of the messages in a poll's answer.
    pub fn kinds(&self) -> Vec<String> {
        let body = self.json();
        let messages = body.get("messages").and_then(Value::as_array).expect("messages");
        messages.iter().map(|message| message["type"].as_str().expect("a type").to_owned()).collect()
    }

    pub fn sequence(&self) -> i64 {
        self.json()["sequence"].as_i64().expect("a sequence")
    }

    pub fn offset(&self) -> u64 {
        self.json()["offset"].as_u64().expect("an offset")
    }
}

impl Server {
    pub async fn quick() -> Self {
        Self::with(Settings::quick()).await
    }

    pub async fn with(settings: Settings) -> Self {
        Self::start(PathBuf::from(env!("CARGO_MANIFEST_DIR")), settings).await
    }

    /// Serves the files of another folder.
    pub async fn at(root: PathBuf) -> Self {
        Self::start(root, Settings::quick()).await
    }

    async fn start(root: PathBuf, settings: Settings) -> Self {
        Self { running: start(Options { port: 0, root, settings }).await.expect("a free port") }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.running.address
    }

    pub async fn open_socket(&self) -> TcpStream {
        TcpStream::connect(self.running.address).await.expect("a listening server")
    }

    /// One exchange; `None` when the connection closed without an answer.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
        let mut socket = self.open_socket().await;
        socket.write_all(request(method, path, headers, body).as_bytes()).await.expect("a socket that takes words");
        read_answer(&mut socket).await
    }

    pub async fn control(&self, path: &str, body: Value) -> Value {
        let answer = self.ask("POST", &format!("/control/{path}"), &[], &body.to_string()).await.expect("an answer");
        assert_eq!(answer.status, 200, "{path} {body}: {}", answer.body);
        answer.json()
    }

    pub async fn agent(&self, action: Value) {
        self.control("conversations/latest/agent", action).await;
    }

    pub async fn settings(&self, changes: Value) {
        self.control("settings", changes).await;
    }

    pub async fn fault(&self, noun: &str, action: Value) -> Value {
        self.control("faults", json!({"noun": noun, "action": action})).await
    }

    pub async fn record(&self) -> Value {
        self.ask("GET", "/control/conversations/latest", &[], "").await.expect("an answer").json()
    }

    /// The texts that were delivered.
    pub async fn delivered(&self) -> Vec<String> {
        let record = self.record().await;
        let list = record["delivered"].as_array().expect("a list");
        list.iter().map(|one| one["text"].as_str().expect("a text").to_owned()).collect()
    }

    /// The rules that were broken.
    pub async fn rules(&self) -> Vec<String> {
        let record = self.record().await;
        let list = record["violations"].as_array().expect("a list");
        list.iter().map(|one| one["rule"].as_str().expect("a rule").to_owned()).collect()
    }

    /// Waits until the record satisfies.
    pub async fn until(&self, satisfies: impl Fn(&Value) -> bool) {
        for _ in 0..200 {
            if satisfies(&self.record().await) {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("it never came to that: {}", self.record().await);
    }
}

/// A visitor who follows the rules unless told otherwise.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub id: String,
    pub key: String,
    pub token: String,
    pub next: u64,
}

impl Visitor {
    /// Opens a session.
    pub async fn arrive(server: &Server) -> Self {
        let headers = [("X-LIVEAGENT-API-VERSION", "48"), ("X-LIVEAGENT-AFFINITY", "null")];
        let answer = server.ask("GET", &format!("{REST}/System/SessionId"), &headers, "").await.expect("an answer");
        let body = answer.json();
        let text = |name: &str| body[name].as_str().expect("a text").to_owned();
        Self { id: text("id"), key: text("key"), token: text("affinityToken"), next: 1 }
    }

    /// Opens a session and asks for a chat.
    pub async fn queue(server: &Server) -> Self {
        let mut visitor = Self::arrive(server).await;
        let answer = visitor.post(server, "ChasitorInit", init()).await.expect("an answer");
        assert_eq!((answer.status, answer.body.as_str()), (200, "OK"));
        visitor
    }

    /// Talks with an agent; everything so far is acknowledged up to 1.
    pub async fn talk(server: &Server) -> Self {
        let visitor = Self::queue(server).await;
        server.agent(json!({"accept": {}})).await;
        let answer = visitor.poll(server, -1).await.expect("an answer");
        assert_eq!(answer.kinds(), ["ChatRequestSuccess", "ChatEstablished"]);
        assert_eq!(answer.sequence(), 1);
        visitor
    }

    /// The next POST.
    pub async fn post(&mut self, server: &Server, noun: &str, body: Value) -> Option<Answer> {
        let answer = self.post_as(server, noun, body, &self.next.to_string()).await;
        self.next += 1;
        answer
    }

    /// A POST under a number.
    pub async fn post_as(&self, server: &Server, noun: &str, body: Value, number: &str) -> Option<Answer> {
        let mut headers = self.headers();
        headers.push(("X-LIVEAGENT-SEQUENCE", number));
        headers.push(("Content-Type", "application/json"));
        server.ask("POST", &path(noun), &headers, &body.to_string()).await
    }

    /// Says something.
    pub async fn say(&mut self, server: &Server, text: &str) -> Option<Answer> {
        self.post(server, "ChatMessage", json!({"text": text})).await
    }

    /// One poll.
    pub async fn poll(&self, server: &Server, ack: i64) -> Option<Answer> {
        self.get(server, &format!("Messages?ack={ack}")).await
    }

    /// Any GET with all headers.
    pub async fn get(&self, server: &Server, resource: &str) -> Option<Answer> {
        server.ask("GET", &format!("{REST}/System/{resource}"), &self.headers(), "").await
    }

    /// Reconnects after a handover and keeps the new token.
    pub async fn reconnect(&mut self, server: &Server, offset: u64) -> Answer {
        let path = format!("{REST}/System/ReconnectSession?ReconnectSession.offset={offset}");
        let away = Self { token: "null".to_owned(), ..self.clone() };
        let answer = server.ask("GET", &path, &away.headers(), "").await.expect("an answer");
        if answer.status == 200 {
            let token = answer.json()["messages"][0]["message"]["affinityToken"].as_str().map(str::to_owned);
            self.token = token.expect("a token");
            self.next = 1;
        }
        answer
    }

    /// Begins a poll and leaves it open.
    pub async fn hang_on(&self, server: &Server, ack: i64) -> TcpStream {
        let mut socket = server.open_socket().await;
        let poll = request("GET", &format!("{REST}/System/Messages?ack={ack}"), &self.headers(), "");
        socket.write_all(poll.as_bytes()).await.expect("a socket that takes words");
        server.until(|record| record["openPolls"] == 1).await;
        socket
    }

    pub fn headers(&self) -> Vec<(&str, &str)> {
        vec![
            ("x-liveagent-api-version", "48"),
            ("X-Liveagent-Affinity", self.token.as_str()),
            ("X-LIVEAGENT-SESSION-KEY", self.key.as_str()),
        ]
    }
}

/// Where the façade is.
pub const REST: &str = "/live-agent/chat/rest";

/// A chat request.
pub fn init() -> Value {
    json!({"organizationId": "00D", "deploymentId": "572", "buttonId": "573", "visitorName": "Rana K.",
           "prechatDetails": [], "prechatEntities": [], "receiveQueueUpdates": true, "isPost": true})
}

/// The path of a POST.
pub fn path(noun: &str) -> String {
    let prefix = if noun == "MultiNoun" { "System" } else { "Chasitor" };
    format!("{REST}/{prefix}/{noun}")
}

/// Reads an answer to its end.
pub async fn read_answer(socket: &mut TcpStream) -> Option<Answer> {
    let mut bytes = Vec::new();
    let read = timeout(Duration::from_secs(10), socket.read_to_end(&mut bytes)).await.expect("an answer in time");
    if bytes.is_empty() {
        return None;
    }
    // A connection that was reset after some bytes still has these bytes.
    let _reset = read;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let promised =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let whole = promised.unwrap_or(0) == body.len();
    Some(Answer { status, head: head.to_owned(), body: body.to_owned(), whole })
}

/// A request as it goes over the wire.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{lines}\r\n{body}")
}
