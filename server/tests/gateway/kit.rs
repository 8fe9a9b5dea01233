//! A gateway in front of an imitated SuperOffice, and a browser of few words.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use holdfast_server::gateway::config::Config;
use holdfast_server::gateway::{self, Running};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::common::{Answer, Server, read_answer, request};

/// A gateway, and what lies behind it.
pub struct Front {
    pub server: Server,
    /// Where the gateway listens.
    pub address: SocketAddr,
    /// Where its counts lie, if not there.
    pub admin: Option<SocketAddr>,
    /// Where the credential lies.
    pub credential: PathBuf,
    running: Option<Running>,
}

/// A visitor's browser.
#[derive(Debug, Clone)]
pub struct Guest {
    pub id: u64,
    pub key: String,
}

impl Front {
    /// Everything as usual, but quick to see what is new.
    pub async fn new() -> Self {
        Self::with(|text| text).await
    }

    /// With another configuration.
    pub async fn with(change: impl Fn(String) -> String) -> Self {
        let server = Server::quick().await;
        let credential = scratch("8A:local-demo");
        let text = change(usual(server.address(), &credential));
        let running = start(&text).await;
        Self { server, address: running.address, admin: running.admin, credential, running: Some(running) }
    }

    /// Lets the gateway end as it should.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }

    /// One exchange on a connection of its own.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        ask(self.address, method, path, headers, body).await
    }

    /// A guest's request, with JSON if there is any.
    pub async fn tell(&self, guest: &Guest, method: &str, tail: &str, body: Value) -> Answer {
        tell(self.address, guest, method, tail, body).await
    }

    /// The same, which has to go well.
    pub async fn done(&self, guest: &Guest, method: &str, tail: &str, body: Value) -> Value {
        let answer = self.tell(guest, method, tail, body.clone()).await;
        assert_eq!(answer.status, 200, "{method} {tail} {body}: {}", answer.body);
        answer.json()
    }

    /// The session as the guest sees it.
    pub async fn session(&self, guest: &Guest) -> Value {
        self.done(guest, "GET", "", Value::Null).await
    }

    /// Everything that was said.
    pub async fn said(&self, guest: &Guest) -> Vec<String> {
        let lines = self.done(guest, "GET", "/Messages", Value::Null).await;
        lines
            .as_array()
            .expect("a list")
            .iter()
            .map(|line| line["Message"].as_str().expect("words").to_owned())
            .collect()
    }

    /// A guest in a session that begins.
    pub async fn begin(&self, topic: u64) -> Guest {
        self.begin_with(topic, Value::Null).await
    }

    /// The same, with something told at once.
    pub async fn begin_with(&self, topic: u64, fields: Value) -> Guest {
        begin(self.address, topic, fields).await
    }

    /// A guest who talks with somebody.
    pub async fn talk(&self) -> Guest {
        let guest = self.begin(2).await;
        self.server.agent(json!({"accept": {"name": "Noor Berg"}})).await;
        let mut status = Value::Null;
        for _ in 0..100 {
            status = self.session(&guest).await["Status"].clone();
            if status == "UserLast" {
                return guest;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("nobody accepts: {status}");
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        let _gone = std::fs::remove_file(&self.credential);
    }
}

/// Starts a gateway.
pub async fn start(text: &str) -> Running {
    gateway::start(Config::parse(text).expect("a good configuration")).await.expect("a gateway that starts")
}

/// A configuration for an upstream.
pub fn usual(upstream: SocketAddr, credential: &std::path::Path) -> String {
    format!(
        "listen = \"127.0.0.1:0\"\n\
         [superoffice]\nurl = \"http://{upstream}/superoffice/Cust00001\"\ncredential_file = \"{}\"\n\
         topics = [1, 2, 3, 4]\ntyping = true\n\
         pace = {{ busy_ms = 30, idle_ms = 30, queue_ms = 30, topic_ms = 30, open_ms = 30, fetched_ms = 12000, deadline_ms = 2000 }}\n\
         [limits]\nrequests_per_second = 5000.0\nrequest_burst = 5000.0\nstarts_per_minute = 1000.0\n\
         sessions_per_address = 500\nmisses_per_minute = 5000.0\nhead_ms = 400\nbody_ms = 300\nshutdown_ms = 2000\n\
         [log]\nlevel = \"error\"\n",
        credential.display()
    )
}

/// A file with these words.
pub fn scratch(words: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("holdfast-gateway-{}-{number}", std::process::id()));
    std::fs::write(&path, words).expect("a file that can be written");
    path
}

/// One exchange on a connection of its own.
pub async fn ask(to: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers: Vec<(&str, &str)> = headers.iter().copied().chain([("Connection", "close")]).collect();
    raw(to, request(method, path, &headers, body).as_bytes()).await.expect("an answer")
}

/// Any bytes; `None` when the connection closes without an answer.
pub async fn raw(to: SocketAddr, bytes: &[u8]) -> Option<Answer> {
    let mut socket = TcpStream::connect(to).await.expect("a listening gateway");
    // Who is refused in the middle of a request does not read the rest.
    let _refused = socket.write_all(bytes).await;
    read_answer(&mut socket).await
}

/// A guest's request.
pub async fn tell(to: SocketAddr, guest: &Guest, method: &str, tail: &str, body: Value) -> Answer {
    let path = format!("/so/api/v1/ChatSession/{}{tail}", guest.id);
    let mut headers = vec![("X-Chat-Session-Key", guest.key.as_str())];
    let mut text = String::new();
    if !body.is_null() {
        headers.push(("Content-Type", "application/json"));
        text = body.to_string();
    }
    ask(to, method, &path, &headers, &text).await
}

/// A guest in a session that begins.
pub async fn begin(to: SocketAddr, topic: u64, fields: Value) -> Guest {
    let path = format!("/so/api/v1/ChatTopic/{topic}/Sessions");
    let (headers, text) = match &fields {
        Value::Null => (vec![], String::new()),
        fields => (vec![("Content-Type", "application/json")], fields.to_string()),
    };
    let answer = ask(to, "POST", &path, &headers, &text).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let session = answer.json();
    let key = session["SessionKey"].as_str().expect("a key").to_owned();
    Guest { id: session["ChatSessionId"].as_u64().expect("a number"), key }
}
