//! Upstreams that are slow, gone, broken or talking nonsense, and what visitors are told of it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::kit::{self, Front, scratch, usual};

/// As often as anybody asks.
async fn fault(front: &Front, noun: &str, times: u32, action: Value) {
    front.server.control("faults", json!({"noun": noun, "times": times, "action": action})).await;
}

async fn asked(front: &Front, method: &str, noun: &str) -> usize {
    let record = front.server.record().await;
    let all = record["requests"].as_array().expect("a list").clone();
    all.iter().filter(|request| request["method"] == method && request["noun"] == noun).count()
}

#[tokio::test]
async fn a_read_is_repeated_once_and_a_line_never() {
    let front = Front::new().await;
    let guest = front.talk().await;
    fault(&front, "Messages", 1, json!({"kind": "status", "code": 500})).await;
    front.done(&guest, "GET", "/Messages", Value::Null).await;
    fault(&front, "Messages", 1, json!({"kind": "dropAnswer"})).await;
    let before = asked(&front, "POST", "Messages").await;
    let answer = front.tell(&guest, "POST", "/Messages", json!({"Message": "lost answer"})).await;
    assert_eq!((answer.status, answer.body.as_str()), (502, r#"{"Error":"upstream"}"#));
    assert_eq!(asked(&front, "POST", "Messages").await, before + 1);
    // Whoever looks finds it.
    assert_eq!(front.said(&guest).await.last().map(String::as_str), Some("lost answer"));
}

#[tokio::test]
async fn an_upstream_that_fails_is_told_as_such_and_its_words_stay_inside() {
    let front = Front::new().await;
    let guest = front.talk().await;
    let secret = "Stack trace: SuperOffice.CRM at C:\\secret";
    for action in [
        json!({"kind": "status", "code": 500, "body": secret}),
        json!({"kind": "status", "code": 302, "body": secret}),
        json!({"kind": "body", "body": secret}),
        json!({"kind": "body", "body": "{\"ChatSessionId\":\"x\"}"}),
        json!({"kind": "body", "body": "[]"}),
        json!({"kind": "cut"}),
        json!({"kind": "dropRequest"}),
    ] {
        front.server.ask("DELETE", "/control/faults", &[], "").await;
        fault(&front, "*", 99, action.clone()).await;
        tokio::time::sleep(Duration::from_millis(40)).await;
        for (method, tail, body) in [
            ("GET", "", Value::Null),
            ("GET", "/Messages", Value::Null),
            ("POST", "/Messages", json!({"Message": "x"})),
        ] {
            let answer = front.tell(&guest, method, tail, body).await;
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (502, r#"{"Error":"upstream"}"#),
                "{action} {method}{tail}"
            );
        }
    }
    front.server.ask("DELETE", "/control/faults", &[], "").await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(front.session(&guest).await["Status"], "UserLast");
}

#[tokio::test]
async fn a_slow_upstream_costs_its_deadline_and_others_share_the_wait() {
    let front = Front::with(|text| text.replace("deadline_ms = 2000", "deadline_ms = 400")).await;
    let guest = front.talk().await;
    tokio::time::sleep(Duration::from_millis(40)).await;
    let before = asked(&front, "GET", "ChatSession").await;
    fault(&front, "ChatSession", 99, json!({"kind": "hang"})).await;
    let begun = Instant::now();
    let ask = || front.tell(&guest, "GET", "", Value::Null);
    let answers = tokio::join!(ask(), ask(), ask(), ask());
    assert_eq!([answers.0.status, answers.1.status, answers.2.status, answers.3.status], [502; 4]);
    assert!(begun.elapsed() < Duration::from_millis(1_500), "{:?}", begun.elapsed());
    assert_eq!(asked(&front, "GET", "ChatSession").await, before + 1);
}

#[tokio::test]
async fn many_browsers_of_a_session_cost_one_read() {
    let front =
        Front::with(|text| text.replace("busy_ms = 30, idle_ms = 30", "busy_ms = 60000, idle_ms = 60000")).await;
    let guest = front.begin(2).await;
    let (sessions, messages) = (asked(&front, "GET", "ChatSession").await, asked(&front, "GET", "Messages").await);
    for _ in 0..20 {
        let ask = |tail| front.tell(&guest, "GET", tail, Value::Null);
        let answers = tokio::join!(ask(""), ask("/Messages"), ask("/Messages?after=5"), ask(""));
        assert_eq!([answers.0.status, answers.1.status, answers.2.status, answers.3.status], [200; 4]);
    }
    assert_eq!(asked(&front, "GET", "ChatSession").await, sessions + 1);
    assert_eq!(asked(&front, "GET", "Messages").await, messages + 1);
    // What a visitor writes is seen at once all the same.
    front.done(&guest, "POST", "/Messages", json!({"Message": "hi"})).await;
    assert_eq!(front.said(&guest).await, ["hi"]);
}

#[tokio::test]
async fn an_upstream_that_is_not_there_has_done_nothing() {
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let credential = scratch("8A:local-demo");
    let running = kit::start(&usual(closed, &credential)).await;
    for number in 1..12 {
        let path = format!("/so/api/v1/ChatSession/{number}");
        let answer = kit::ask(running.address, "GET", &path, &[("X-Chat-Session-Key", "key")], "").await;
        assert_eq!((answer.status, answer.body.as_str()), (503, r#"{"Error":"unavailable"}"#));
        assert!(answer.head.to_lowercase().contains("retry-after: 2"), "{}", answer.head);
    }
    // After some vain tries nobody is asked any more.
    let counts = kit::ask(running.address, "GET", "/metrics", &[], "").await.body;
    assert!(counts.contains("outcome=\"spared\""), "{counts}");
}

#[tokio::test]
async fn a_credential_that_is_worn_is_read_again_where_it_lies() {
    let front = Front::new().await;
    let guest = front.begin(2).await;
    front.server.settings(json!({"superoffice": {"credential": "8A:fresh"}})).await;
    tokio::time::sleep(Duration::from_millis(40)).await;
    let answer = front.tell(&guest, "GET", "", Value::Null).await;
    assert_eq!((answer.status, answer.body.as_str()), (503, r#"{"Error":"unavailable"}"#));
    std::fs::write(&front.credential, "8A:fresh\n").expect("a file that can be written");
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(front.session(&guest).await["Status"], "InQueue");
}

#[tokio::test]
async fn a_session_that_is_gone_upstream_is_not_found() {
    let front = Front::new().await;
    let guest = front.begin(2).await;
    front.server.control("restart", json!({"forget": true})).await;
    tokio::time::sleep(Duration::from_millis(40)).await;
    assert_eq!(front.tell(&guest, "GET", "", Value::Null).await.body, r#"{"Error":"not-found"}"#);
}

#[tokio::test]
async fn an_upstream_over_tls_is_trusted_by_its_authority_only() {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let authority = scratch(&certified.cert.pem());
    let key = rustls_key(&certified.signing_key.serialize_der());
    let config = rustls::ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .expect("a server's identity");
    let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut socket) = acceptor.accept(socket).await else {
                    return;
                };
                let mut head = [0; 2048];
                let _read = socket.read(&mut head).await;
                let body = r#"{"ChatTopicId":1,"BadgeHeader":"over TLS","Widget":{}}"#;
                let answer =
                    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
                let _written = socket.write_all(answer.as_bytes()).await;
                let _closed = socket.shutdown().await;
            });
        }
    });
    let credential = scratch("8A:local-demo");
    let text = usual("127.0.0.1:9".parse().expect("an address"), &credential);
    let text = text.replace("http://127.0.0.1:9/superoffice", &format!("https://localhost:{port}"));
    let stranger = kit::start(&text).await;
    assert_eq!(kit::ask(stranger.address, "GET", "/so/api/v1/ChatTopic/1", &[], "").await.status, 503);
    let friend = kit::start(&format!("authorities_file = \"{}\"\n{text}", authority.display())).await;
    let topic = kit::ask(friend.address, "GET", "/so/api/v1/ChatTopic/1", &[], "").await;
    assert_eq!((topic.status, &topic.json()["BadgeHeader"]), (200, &json!("over TLS")));
    for file in [authority, credential] {
        let _gone = std::fs::remove_file(file);
    }
}

fn rustls_key(der: &[u8]) -> rustls::pki_types::PrivateKeyDer<'static> {
    rustls::pki_types::PrivatePkcs8KeyDer::from(der.to_vec()).into()
}
