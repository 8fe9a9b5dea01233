//! The gateway as a service: several processes, webhooks, limits, other origins, health, and how it ends.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::common::{Server, read_answer, request};
use crate::kit::{self, Front, Guest, scratch, usual};

/// A gateway as it is deployed.
struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    fn start(config: &str) -> Self {
        let file = scratch(config);
        let mut child = Command::new(env!("CARGO_BIN_EXE_holdfast-server"))
            .args(["gateway", "--config"])
            .arg(&file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the gateway's own program");
        let mut line = String::new();
        let output = child.stdout.take().expect("an output");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("holdfast-server gateway listening on http://").expect("its address");
        let address = address.trim_end_matches('/').parse().expect("an address");
        let _gone = std::fs::remove_file(file);
        Self { child, address }
    }
}

impl Process {
    /// Ends it, and gives everything that it logged.
    fn log(mut self) -> String {
        let _ended = self.child.kill();
        let mut text = String::new();
        let mut errors = self.child.stderr.take().expect("a log");
        errors.read_to_string(&mut text).expect("text");
        text
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[tokio::test]
async fn two_processes_give_the_same_answers() {
    let server = Server::quick().await;
    let credential = scratch("8A:local-demo");
    let config = usual(server.address(), &credential);
    let (one, two) = (Process::start(&config), Process::start(&config));
    let guest = kit::begin(one.address, 1, Value::Null).await;
    for (to, words) in [(two.address, "over the second"), (one.address, "over the first")] {
        let sent = kit::tell(to, &guest, "POST", "/Messages", json!({"Message": words})).await;
        assert_eq!(sent.status, 200, "{}", sent.body);
    }
    tokio::time::sleep(Duration::from_millis(40)).await;
    let seen = async |to, tail| {
        let mut seen = kit::tell(to, &guest, "GET", tail, Value::Null).await.json();
        // The clock goes on.
        let now = seen.as_object_mut().and_then(|session| session.remove("Now"));
        assert_eq!(now.is_some(), tail.is_empty());
        seen
    };
    for tail in ["", "/Messages"] {
        assert_eq!(seen(one.address, tail).await, seen(two.address, tail).await, "{tail}");
    }
    let mut foreign = guest.clone();
    foreign.key.replace_range(..1, "x");
    for to in [one.address, two.address] {
        assert_eq!(kit::tell(to, &foreign, "GET", "", Value::Null).await.status, 403);
    }
    let reset = kit::tell(two.address, &guest, "POST", "/Reset", Value::Null).await.json();
    tokio::time::sleep(Duration::from_millis(40)).await;
    let seen = kit::tell(one.address, &guest, "GET", "", Value::Null).await.json();
    assert_eq!((&reset["Status"], &seen["Status"]), (&json!("PreChatForm"), &json!("PreChatForm")));
    assert_eq!(server.delivered().await, ["over the second", "over the first"]);
}

#[tokio::test]
async fn a_webhook_makes_news_seen_at_once_in_every_process() {
    let secret = scratch("Super");
    let slow = |text: String| {
        text.replace("typing = true", &format!("typing = true\nwebhook_secret_file = \"{}\"", secret.display()))
            .replace("busy_ms = 30", "webhook_ms = 60000, busy_ms = 30")
    };
    let other = Front::with(slow).await;
    let credential = other.credential.clone();
    let peers = format!("peers = [\"http://{}\"]\n", other.address);
    let config =
        slow(usual(other.server.address(), &credential)).replace("typing = true", &format!("{peers}typing = true"));
    let running = kit::start(&config).await;
    let guest = other.begin(2).await;
    let texts = async |to| {
        let lines = kit::tell(to, &guest, "GET", "/Messages", Value::Null).await.json();
        lines.as_array().map(Vec::len)
    };
    assert_eq!((texts(running.address).await, texts(other.address).await), (Some(0), Some(0)));
    other.server.agent(json!({"accept": {}})).await;
    // Without a webhook nobody looks for a minute.
    assert_eq!((texts(running.address).await, texts(other.address).await), (Some(0), Some(0)));
    let url = format!("http://{}/so/webhooks", running.address);
    other.server.settings(json!({"superoffice": {"webhook": {"url": url, "secret": "Super"}}})).await;
    other.server.agent(json!({"say": "hello"})).await;
    let mut seen = (None, None);
    for _ in 0..200 {
        seen = (texts(running.address).await, texts(other.address).await);
        if seen == (Some(2), Some(2)) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(seen, (Some(2), Some(2)));
    let forged = json!({"Event": "chatsession.message", "PrimaryKey": guest.id}).to_string();
    for headers in [vec![], vec![("X-Superoffice-Signature", "Zm9yZ2Vk")]] {
        assert_eq!(kit::ask(running.address, "POST", "/so/webhooks", &headers, &forged).await.status, 403);
    }
    let _gone = std::fs::remove_file(secret);
}

#[tokio::test]
async fn an_address_may_ask_and_begin_and_guess_only_so_much() {
    let tight = |text: String| {
        text.replace("request_burst = 5000.0", "request_burst = 30.0")
            .replace("requests_per_second = 5000.0", "requests_per_second = 0.1")
            .replace("sessions_per_address = 500", "sessions_per_address = 2")
            .replace("misses_per_minute = 5000.0", "misses_per_minute = 5.0")
    };
    let front = Front::with(tight).await;
    let guest = front.begin(2).await;
    front.begin(2).await;
    let third = front.ask("POST", "/so/api/v1/ChatTopic/2/Sessions", &[], "").await;
    assert_eq!((third.status, third.body.as_str()), (429, r#"{"Error":"too-many"}"#));
    front.done(&guest, "PATCH", "", json!({"Status": "Finished"})).await;
    front.begin(2).await;
    let mut guessing = guest.clone();
    guessing.key = "guess".to_owned();
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(front.tell(&guessing, "GET", "", Value::Null).await.status);
    }
    assert_eq!(statuses, [403, 403, 403, 403, 403, 429]);
    let busy = Front::with(tight).await;
    let mut last = 0;
    for _ in 0..31 {
        last = busy.ask("GET", "/so/api/v1/ChatTopic/2", &[], "").await.status;
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn only_listed_origins_may_ask_from_elsewhere() {
    let front = Front::with(|text| format!("cors_origins = [\"https://www.example.com\"]\n{text}")).await;
    let preflight = async |origin: &str| {
        let headers = [
            ("Origin", origin),
            ("Access-Control-Request-Method", "PATCH"),
            ("Access-Control-Request-Headers", "x-chat-session-key"),
        ];
        front.ask("OPTIONS", "/so/api/v1/ChatSession/1", &headers, "").await.head.to_lowercase()
    };
    let listed = preflight("https://www.example.com").await;
    assert!(listed.contains("access-control-allow-origin: https://www.example.com"), "{listed}");
    assert!(listed.contains("x-chat-session-key") && listed.contains("patch"), "{listed}");
    for other in ["https://evil.example", "null", "https://www.example.com.evil.example", "http://www.example.com"] {
        let told = preflight(other).await;
        assert!(!told.contains("access-control-allow-origin"), "{other}: {told}");
    }
    let closed = Front::new().await;
    let headers = [("Origin", "https://www.example.com")];
    let told = closed.ask("GET", "/so/api/v1/ChatTopic/2", &headers, "").await;
    assert!(!told.head.to_lowercase().contains("access-control"), "{}", told.head);
}

#[tokio::test]
async fn health_and_counts_may_lie_elsewhere_and_name_nobody() {
    let front = Front::with(|text| format!("admin_listen = \"127.0.0.1:0\"\n{text}")).await;
    let guest = front.begin_with(2, json!({"CustomerName": "Ines Roth"})).await;
    front.done(&guest, "POST", "/Messages", json!({"Message": "hi"})).await;
    for path in ["/health", "/metrics"] {
        assert_eq!(front.ask("GET", path, &[], "").await.status, 404, "{path}");
    }
    let admin = front.admin.expect("another address");
    assert_eq!(kit::ask(admin, "GET", "/health", &[], "").await.body, r#"{"Status":"ready"}"#);
    let counts = kit::ask(admin, "GET", "/metrics", &[], "").await.body;
    for line in [
        "gateway_requests_seconds_count{route=\"messages\",status=\"200\"} 1",
        "gateway_upstream_requests_seconds_count{operation=\"post\",outcome=\"done\"} 1",
    ] {
        assert!(counts.lines().any(|told| told == line), "{line}\n{counts}");
    }
    for inside in [guest.key.as_str(), "Ines", "8A:", &guest.id.to_string()] {
        assert!(!counts.contains(inside), "{inside}\n{counts}");
    }
}

#[tokio::test]
async fn who_is_being_answered_is_answered_before_it_ends() {
    let mut front = Front::new().await;
    let guest = front.begin(2).await;
    tokio::time::sleep(Duration::from_millis(40)).await;
    front.server.fault("ChatSession", json!({"kind": "delay", "ms": 300})).await;
    let mut socket = TcpStream::connect(front.address).await.expect("a gateway");
    let headers = [("X-Chat-Session-Key", guest.key.as_str())];
    let path = format!("/so/api/v1/ChatSession/{}", guest.id);
    socket.write_all(request("GET", &path, &headers, "").as_bytes()).await.expect("a socket that takes words");
    front
        .server
        .until(|record| record["requests"].as_array().is_some_and(|all| all.iter().any(|one| one["outcome"] == "open")))
        .await;
    let (answer, ()) = tokio::join!(read_answer(&mut socket), front.stop());
    assert_eq!(answer.expect("an answer").status, 200);
    assert!(TcpStream::connect(front.address).await.is_err());
}

#[tokio::test]
async fn the_log_has_a_line_for_each_request_and_nothing_of_anybodys() {
    let server = Server::quick().await;
    let credential = scratch("8A:local-demo");
    let config = usual(server.address(), &credential).replace("level = \"error\"", "level = \"debug\"");
    let process = Process::start(&config);
    let guest =
        kit::begin(process.address, 2, json!({"CustomerName": "Ines Roth", "CustomerEmail": "ines@example.net"})).await;
    kit::tell(process.address, &guest, "POST", "/Messages", json!({"Message": "my card is 4111"})).await;
    kit::tell(process.address, &guest, "GET", "/Messages?after=3", Value::Null).await;
    let foreign = Guest { key: "foreign-key".to_owned(), ..guest.clone() };
    kit::tell(process.address, &foreign, "GET", "", Value::Null).await;
    server.settings(json!({"superoffice": {"credential": "8A:other"}})).await;
    tokio::time::sleep(Duration::from_millis(40)).await;
    kit::tell(process.address, &guest, "GET", "", Value::Null).await;
    let log = process.log();
    for told in [
        "\"route\":\"start\"",
        "\"route\":\"messages\"",
        "\"status\":403",
        "\"operation\":\"post\"",
        "the credential is refused",
    ] {
        assert!(log.contains(told), "{told}\n{log}");
    }
    let number = guest.id.to_string();
    for inside in
        [guest.key.as_str(), "foreign-key", "Ines", "ines@", "my card", "8A:", "127.0.0.1", &format!("/{number}")]
    {
        assert!(!log.contains(inside), "{inside}\n{log}");
    }
    let _gone = std::fs::remove_file(credential);
}

#[test]
fn a_configuration_is_checked_with_its_secrets_before_anything_runs() {
    let check = |text: &str| {
        let file = scratch(text);
        let program = env!("CARGO_BIN_EXE_holdfast-server");
        let output =
            Command::new(program).args(["gateway", "--check", "--config"]).arg(&file).output().expect("a program");
        let _gone = std::fs::remove_file(file);
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let credential = scratch("8A:never-shown");
    let good = usual("127.0.0.1:9".parse().expect("an address"), &credential);
    assert_eq!(check(&good), (true, String::new()));
    let (is_good, told) = check(&good.replace("topics = [1, 2, 3, 4]", "topics = []"));
    assert!(!is_good && told.contains("superoffice.topics"), "{told}");
    let (is_good, told) = check(&good.replace(&credential.display().to_string(), "/nowhere/at/all"));
    assert!(!is_good && told.contains("/nowhere/at/all") && !told.contains("never-shown"), "{told}");
    let _gone = std::fs::remove_file(credential);
}
