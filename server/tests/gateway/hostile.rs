//! More than a hundred ways to ask for what is not one's own, or to be a nuisance. Each is refused with a 4xx (or, where
//! the bytes are no HTTP at all, by closing), and none learns anything.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::common::{Answer, read_answer};
use crate::kit::{self, Front, Guest};

/// Somebody's session with something in it that is nobody else's, and an attacker's own.
async fn scene() -> (Front, Guest, Guest) {
    let front = Front::new().await;
    let victim = front.begin_with(2, json!({"CustomerName": "Vera Victim", "CustomerEmail": "vera@example.net"})).await;
    front.server.agent(json!({"accept": {"name": "Noor Berg"}})).await;
    front.done(&victim, "POST", "/Messages", json!({"Message": "my card is 4111"})).await;
    let attacker = front.begin(2).await;
    (front, victim, attacker)
}

/// Refused, and nothing told.
fn assert_refused(answer: &Answer, victim: &Guest, what: &str) {
    assert!((400..500).contains(&answer.status), "{what}: {} {}", answer.status, answer.body);
    let is_word = answer.body.is_empty() || answer.body.starts_with("{\"Error\":\"");
    assert!(is_word && answer.body.len() < 120, "{what}: {}", answer.body);
    let whole = format!("{}{}", answer.head, answer.body).to_lowercase();
    for inside in
        ["vera", "4111", "noor", "8a:", "cust0", "superoffice", "panic", "hyper", "axum", "serde", "127.0.0.1", ".rs"]
    {
        assert!(!whole.contains(inside), "{what} tells {inside}: {whole}");
    }
    assert!(!whole.contains(&victim.key), "{what} tells the key");
}

async fn nothing_happened(front: &Front, victim: &Guest) {
    assert_eq!(
        front.server.ask("GET", "/control/conversations", &[], "").await.expect("an answer").json()[0]["delivered"],
        1
    );
    let session = front.session(victim).await;
    assert_eq!((&session["CustomerName"], &session["Rating"]), (&json!("Vera Victim"), &json!(0)));
    assert!(matches!(session["Status"].as_str(), Some("CustomerLast" | "UserLast")), "{session}");
}

#[tokio::test]
async fn keys_that_are_not_the_sessions_own_open_nothing() {
    let (front, victim, attacker) = scene().await;
    let (key, longer, shorter) = (victim.key.clone(), format!("{}0", victim.key), victim.key[1..].to_owned());
    let (upper, blank, long) = (key.to_uppercase(), format!("{} x", key), "k".repeat(4_000));
    let wrong: Vec<Vec<(&str, &str)>> = vec![
        vec![],
        vec![("X-Chat-Session-Key", "")],
        vec![("X-Chat-Session-Key", "null")],
        vec![("X-Chat-Session-Key", "*")],
        vec![("X-Chat-Session-Key", "' OR 1=1 --")],
        vec![("X-Chat-Session-Key", &attacker.key)],
        vec![("X-Chat-Session-Key", &longer)],
        vec![("X-Chat-Session-Key", &shorter)],
        vec![("X-Chat-Session-Key", &upper)],
        vec![("X-Chat-Session-Key", &blank)],
        vec![("X-Chat-Session-Key", &long)],
        vec![("X-Chat-Session-Key", &attacker.key), ("X-Chat-Session-Key", &key)],
        vec![("X-Chat-Session-Key", &key), ("X-Chat-Session-Key", &key)],
        vec![("Authorization", &key)],
        vec![("Cookie", &key)],
    ];
    let calls = [
        ("GET", "", ""),
        ("GET", "/Messages", ""),
        ("POST", "/Messages", r#"{"Message":"forged"}"#),
        ("PATCH", "", r#"{"Status":"Finished"}"#),
        ("PATCH", "", r#"{"CustomerName":"Mallory"}"#),
        ("POST", "/Transcript?html=false", ""),
        ("POST", "/Reset", ""),
        ("POST", "/OfflineForm", r#"{"Message":"forged"}"#),
    ];
    let mut tried = 0;
    for headers in &wrong {
        for (method, tail, body) in calls {
            let path = format!("/so/api/v1/ChatSession/{}{tail}", victim.id);
            let mut headers = headers.clone();
            headers.push(("Content-Type", "application/json"));
            let answer = front.ask(method, &path, &headers, body).await;
            assert_refused(&answer, &victim, &format!("{method} {tail} with {headers:?}"));
            assert_eq!(answer.status, 403);
            tried += 1;
        }
    }
    for place in [format!("?key={key}"), format!("?X-Chat-Session-Key={key}"), format!("/{key}"), format!(";key={key}")]
    {
        let answer = front.ask("GET", &format!("/so/api/v1/ChatSession/{}{place}", victim.id), &[], "").await;
        assert_refused(&answer, &victim, "a key in the address");
        tried += 1;
    }
    assert!(tried >= 100, "{tried}");
    nothing_happened(&front, &victim).await;
}

#[tokio::test]
async fn sessions_of_other_topics_are_none() {
    let (front, victim, _) = scene().await;
    let credential = kit::scratch("8A:local-demo");
    let config = kit::usual(front.server.address(), &credential).replace("topics = [1, 2, 3, 4]", "topics = [3]");
    let elsewhere = kit::start(&config).await;
    for (method, tail, body) in [("GET", "", Value::Null), ("POST", "/Messages", json!({"Message": "forged"}))] {
        let answer = kit::tell(elsewhere.address, &victim, method, tail, body).await;
        assert_eq!((answer.status, answer.body.as_str()), (404, r#"{"Error":"not-found"}"#));
    }
    let _gone = std::fs::remove_file(credential);
    nothing_happened(&front, &victim).await;
}

#[tokio::test]
async fn whether_a_session_exists_may_be_hidden() {
    let front = Front::with(|text| text.replace("typing = true", "typing = true\nhide_unknown = true")).await;
    let guest = front.begin(2).await;
    for (id, key) in [(guest.id, "wrong"), (999_999, "wrong"), (999_999, guest.key.as_str())] {
        let answer = front.tell(&Guest { id, key: key.to_owned() }, "GET", "", Value::Null).await;
        assert_eq!((answer.status, answer.body.as_str()), (404, r#"{"Error":"not-found"}"#));
    }
}

#[tokio::test]
async fn tricks_in_paths_lead_nowhere() {
    let (front, victim, attacker) = scene().await;
    let id = victim.id;
    let own = attacker.id;
    let paths = [
        format!("/so/api/v1/ChatSession/{own}/../{id}"),
        format!("/so/api/v1/ChatSession/{own}/%2e%2e/{id}"),
        format!("/so/api/v1/ChatSession/{own}%2F..%2F{id}"),
        format!("/so/api/v1/ChatSession/{own}%2f{id}"),
        format!("/so/api/v1/ChatSession/{id}%00"),
        format!("/so/api/v1/ChatSession/{own}%3Fx={id}"),
        format!("/so/api/v1/ChatSession/{own}%23{id}"),
        format!("/so/api/v1/ChatSession/0{id}"),
        format!("/so/api/v1/ChatSession/+{id}"),
        format!("/so/api/v1/ChatSession/-{id}"),
        format!("/so/api/v1/ChatSession/{id}.0"),
        format!("/so/api/v1/ChatSession/{id}e0"),
        format!("/so/api/v1/ChatSession/0x{id:x}"),
        format!("/so/api/v1/ChatSession/{own},{id}"),
        format!("/so/api/v1/ChatSession/{own};{id}"),
        format!("/so/api/v1/ChatSession/%20{id}"),
        format!("/so/api/v1/ChatSession/{id}%0d%0aX-Injected:1"),
        "/so/api/v1/ChatSession/%ff%fe".to_owned(),
        "/so/api/v1/ChatSession/99999999999999999999999999".to_owned(),
        "/so/api/v1/ChatSession/18446744073709551616".to_owned(),
        "/so/api/v1/ChatSession/0".to_owned(),
        "/so/api/v1/ChatSession/".to_owned(),
        "/so/api/v1/ChatSession".to_owned(),
        "/so/api/v1/ChatSession/default".to_owned(),
        "/so/api/v1/ChatSession/ForCurrentUser".to_owned(),
        "/so/api/v1/ChatSession/Pickup".to_owned(),
        format!("/so/api/v1/ChatSession/{own}/Pickup"),
        format!("/so/api/v1/ChatSession/{own}/TransferTo/1"),
        format!("/so/api/v1/ChatSession/{own}/AcceptTransfer"),
        format!("/so/api/v1/ChatSession/{own}/Messages/1"),
        format!("/so/api/v1/ChatSession/{own}//Messages"),
        "/so/api/v1/ChatTopic".to_owned(),
        "/so/api/v1/ChatTopic/1/..%2f..%2fPerson".to_owned(),
        "/so/api/v1/ChatTopic/1%2FSessions".to_owned(),
        "/so/api/v1/ChatTopic/5".to_owned(),
        "/so/api/v1/Person/1".to_owned(),
        "/so/api/v1/Contact/1".to_owned(),
        "/so/api/v1/Ticket".to_owned(),
        "/so/api/v1/Agents/Chat/GetChatPresence".to_owned(),
        "/so/api/v1/Agents/Chat/GetChatMessages".to_owned(),
        "/so/api/v1/ChatMessage/1".to_owned(),
        "/so/api/v2/ChatSession/1".to_owned(),
        "/so/API/V1/chatsession/1".to_owned(),
        "/so".to_owned(),
        "/so/".to_owned(),
        "/so/..".to_owned(),
        "//so/api/v1/ChatTopic/1".to_owned(),
        "/so/api/v1/../../health".to_owned(),
        "/superoffice/Cust00001/api/v1/ChatTopic/1".to_owned(),
        "/so/webhooks".to_owned(),
        "/etc/passwd".to_owned(),
        "/so/%c0%ae%c0%ae/etc/passwd".to_owned(),
        format!("/so/api/v1/ChatSession/{}", "9".repeat(3_000)),
    ];
    for path in &paths {
        for method in ["GET", "POST"] {
            let headers = [("X-Chat-Session-Key", attacker.key.as_str())];
            let answer = front.ask(method, path, &headers, "").await;
            assert_refused(&answer, &victim, &format!("{method} {path}"));
        }
    }
    nothing_happened(&front, &victim).await;
}

#[tokio::test]
async fn bodies_that_are_no_good_change_nothing() {
    let (front, victim, attacker) = scene().await;
    let deep = format!("{{\"Message\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    let long = json!({"Message": "x".repeat(4_001)}).to_string();
    let huge = format!("{{\"Message\":\"{}\"}}", "x".repeat(200_000));
    let label = json!({"Type": "Special", "SpecialType": "ClickedOption", "Message": "x".repeat(201)}).to_string();
    let messages = [
        "",
        "null",
        "[]",
        "7",
        "\"text\"",
        "true",
        "{",
        "{]",
        "{\"Message\"}",
        "{\"Message\":}",
        "\u{feff}{}",
        "{}",
        "{\"Message\":null}",
        "{\"Message\":7}",
        "{\"Message\":[\"x\"]}",
        "{\"Message\":{}}",
        "{\"Message\":\"\"}",
        "{\"Message\":\" \\n\\t\"}",
        "{\"Message\":\"x\",\"Type\":\"ToCustomer\"}",
        "{\"Message\":\"x\",\"Type\":\"Special\"}",
        "{\"Message\":\"x\",\"Type\":\"Special\",\"SpecialType\":\"TransferedSession\"}",
        "{\"Message\":\"x\",\"Type\":\"Special\",\"SpecialType\":\"ClosedByUser\"}",
        "{\"Message\":\"x\",\"SpecialType\":\"BotMessage\"}",
        "{\"Message\":\"x\",\"Type\":1}",
        "{\"Message\":\"x\",\"Type\":\"Special\",\"SpecialType\":\"ClickedOption\",\"Value\":\"maybe\"}",
        "{\"Message\":\"\\ud800\"}",
        "Message=x",
        "<Message>x</Message>",
        "{\"Message\":\"x\"} trailing",
        "{'Message':'x'}",
        &deep,
        &long,
        &huge,
        &label,
    ];
    for body in messages {
        let answer = bodily(&front, &attacker, "POST", "/Messages", body).await;
        assert_refused(&answer, &victim, &format!("POST {}", body.chars().take(80).collect::<String>()));
    }
    let patches = [
        "",
        "null",
        "[]",
        "{\"Status\":\"Deleted\"}",
        "{\"Status\":\"InQueue\"}",
        "{\"Status\":\"UserLast\"}",
        "{\"Status\":7}",
        "{\"Status\":null}",
        "{\"Rating\":0}",
        "{\"Rating\":6}",
        "{\"Rating\":-1}",
        "{\"Rating\":\"5\"}",
        "{\"Rating\":4.5}",
        "{\"Rating\":1e99}",
        "{\"Flags\":\"UserIsTyping\"}",
        "{\"Flags\":1}",
        "{\"SessionKey\":\"mine\"}",
        "{\"TopicId\":1}",
        "{\"User\":null}",
        "{\"ChatbotIsActive\":true}",
        "{\"WhenFetched\":\"2099-01-01T00:00:00\"}",
        "{\"CustomerHost\":\"x\"}",
        "{\"InitialQueuePos\":1}",
        "{\"Person\":{\"PersonId\":1}}",
        "{\"customername\":\"x\"}",
        "{\"CustomerName\":{\"$ne\":1}}",
        "{\"CustomerEmail\":\"x\"}",
        "{\"CustomerConsented\":\"yes\"}",
        "{\"CustomerName\":\"a\\u0000b\"}",
        "{\"Status\":\"Finished\",\"Rating\":5}",
        "{\"CustomerName\":\"x\",\"Flags\":\"\"}",
        "[{\"op\":\"replace\",\"path\":\"/Status\",\"value\":\"Deleted\"}]",
        "[{\"op\":\"test\",\"path\":\"/SessionKey\",\"value\":\"a\"}]",
        "{\"__proto__\":{}}",
    ];
    for body in patches {
        let answer = bodily(&front, &attacker, "PATCH", "", body).await;
        assert_refused(&answer, &victim, &format!("PATCH {body}"));
    }
    let starts = ["[]", "{", "{\"CustomerEmail\":\"x\"}", "{\"CustomerName\":7}", "{\"CustomerConsented\":1}"];
    for body in starts {
        let headers = [("Content-Type", "application/json")];
        let answer = front.ask("POST", "/so/api/v1/ChatTopic/2/Sessions", &headers, body).await;
        assert_refused(&answer, &victim, &format!("start {body}"));
    }
    for after in ["-1", "x", "1.5", "1e3", "%31%30x", "99999999999999999999", "+1", "0x1", " 1"] {
        let answer =
            front.tell(&attacker, "GET", &format!("/Messages?after={}", after.replace(' ', "%20")), Value::Null).await;
        assert_refused(&answer, &victim, &format!("after={after}"));
    }
    assert_refused(
        &front.tell(&attacker, "GET", "/Messages?after=1&after=2", Value::Null).await,
        &victim,
        "after twice",
    );
    assert_eq!(front.said(&attacker).await, [""; 0]);
    nothing_happened(&front, &victim).await;
}

#[tokio::test]
async fn headers_and_methods_that_play_games_lose() {
    let (front, victim, attacker) = scene().await;
    let path = format!("/so/api/v1/ChatSession/{}/Messages", attacker.id);
    let good = r#"{"Message":"x"}"#;
    for kind in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "text/json",
        "*/*",
    ] {
        let headers = [("X-Chat-Session-Key", attacker.key.as_str()), ("Content-Type", kind)];
        let answer = front.ask("POST", &path, &headers, good).await;
        assert_refused(&answer, &victim, &format!("as {kind}"));
        assert_eq!(answer.status, 415, "{kind}");
    }
    for method in ["PUT", "DELETE", "TRACE", "CONNECT", "OPTIONS", "PROPFIND", "GETX"] {
        let headers = [("X-Chat-Session-Key", attacker.key.as_str())];
        let answer = front.ask(method, &format!("/so/api/v1/ChatSession/{}", attacker.id), &headers, "").await;
        assert_refused(&answer, &victim, method);
    }
    for (name, value) in [
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-Original-URL", "/health"),
        ("X-Forwarded-For", "10.0.0.1"),
        ("X-Forwarded-Host", "evil.example"),
        ("Forwarded", "for=127.0.0.1"),
        ("Authorization", "Bearer 8A:local-demo"),
        ("SO-AppToken", "x"),
    ] {
        let path = format!("/so/api/v1/ChatSession/{}", victim.id);
        let answer = front.ask("GET", &path, &[("X-Chat-Session-Key", &attacker.key), (name, value)], "").await;
        assert_refused(&answer, &victim, name);
    }
    nothing_happened(&front, &victim).await;
}

#[tokio::test]
async fn bytes_that_are_no_http_get_no_further() {
    let (front, victim, attacker) = scene().await;
    let (id, key) = (attacker.id, &attacker.key);
    let post = format!(
        "POST /so/api/v1/ChatSession/{id}/Messages HTTP/1.1\r\nHost: x\r\nX-Chat-Session-Key: {key}\r\nContent-Type: application/json\r\n"
    );
    let get = format!("GET /so/api/v1/ChatSession/{} HTTP/1.1\r\nHost: x\r\n", victim.id);
    let many: String = (0..200).map(|number| format!("X-{number}: y\r\n")).collect();
    let attempts: Vec<Vec<u8>> = vec![
        b"\r\n\r\n\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        b"GET\r\n\r\n".to_vec(),
        b"GET /so HTTP/9.9\r\n\r\n".to_vec(),
        b"GET /so\x00 HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        b"GET  /so  HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        format!("{get}Bad Header: x\r\n\r\n").into_bytes(),
        format!("{get}X-Chat-Session-Key : {}\r\n\r\n", victim.key).into_bytes(),
        format!("{get}X-Chat-Session-Key: a\r\n {}\r\n\r\n", victim.key).into_bytes(),
        format!("{get}X: \x00\r\n\r\n").into_bytes(),
        format!("{get}{many}\r\n").into_bytes(),
        format!("{get}X: {}\r\n\r\n", "y".repeat(100_000)).into_bytes(),
        format!("GET /so/{} HTTP/1.1\r\nHost: x\r\n\r\n", "y".repeat(100_000)).into_bytes(),
        format!("{post}Content-Length: -1\r\n\r\n").into_bytes(),
        format!("{post}Content-Length: x\r\n\r\n").into_bytes(),
        format!("{post}Content-Length: 99999999999999999999\r\n\r\n").into_bytes(),
        format!("{post}Content-Length: 15\r\nContent-Length: 16\r\n\r\n{{\"Message\":\"x\"}}").into_bytes(),
        format!("{post}Content-Length: 999999\r\n\r\n{{").into_bytes(),
        format!("{post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n").into_bytes(),
        format!("{post}Transfer-Encoding: chunked\r\n\r\nzz\r\n").into_bytes(),
        format!("{post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nx").into_bytes(),
        format!("{post}Transfer-Encoding: chunked\r\n\r\n40000\r\n{}", "x".repeat(262_144)).into_bytes(),
    ];
    let count = attempts.len();
    for (number, bytes) in attempts.into_iter().enumerate() {
        let what = format!("{number}: {}", String::from_utf8_lossy(&bytes).chars().take(90).collect::<String>());
        if let Some(answer) = kit::raw(front.address, &bytes).await {
            assert_refused(&answer, &victim, &what);
        }
    }
    assert!(count >= 20);
    assert_eq!(front.said(&attacker).await, [""; 0]);
    nothing_happened(&front, &victim).await;
}

#[tokio::test]
async fn who_says_nothing_or_says_it_slowly_is_let_go() {
    let (front, victim, attacker) = scene().await;
    let begun = Instant::now();
    let mut silent = TcpStream::connect(front.address).await.expect("a gateway");
    assert!(read_answer(&mut silent).await.is_none_or(|answer| answer.status == 408));
    let mut dripping = TcpStream::connect(front.address).await.expect("a gateway");
    dripping.write_all(b"GET /so/api/v1/ChatTopic/2 HTTP/1.1\r\nX-A: b\r\n").await.expect("a socket that takes words");
    assert!(read_answer(&mut dripping).await.is_none_or(|answer| answer.status == 408));
    let head = format!(
        "POST /so/api/v1/ChatSession/{}/Messages HTTP/1.1\r\nHost: x\r\nX-Chat-Session-Key: {}\r\n\
         Content-Type: application/json\r\nConnection: close\r\nContent-Length: 20\r\n\r\n{{\"Mess",
        attacker.id, attacker.key
    );
    let answer = kit::raw(front.address, head.as_bytes()).await.expect("an answer");
    assert_refused(&answer, &victim, "half a body");
    assert_eq!(answer.status, 408);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    nothing_happened(&front, &victim).await;
}

#[tokio::test]
async fn an_address_has_only_so_many_connections() {
    let front = Front::with(|text| text.replace("head_ms = 400", "head_ms = 5000\nconnections_per_address = 3")).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(TcpStream::connect(front.address).await.expect("a gateway"));
    }
    let mut counted = String::new();
    for _ in 0..100 {
        // The fourth is closed without a word once the first three are counted.
        match kit::raw(front.address, b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await {
            Some(answer) => counted = answer.body,
            None => return,
        }
    }
    panic!("everybody is let in: {counted}");
}

async fn bodily(front: &Front, guest: &Guest, method: &str, tail: &str, body: &str) -> Answer {
    let path = format!("/so/api/v1/ChatSession/{}{tail}", guest.id);
    let headers = [("X-Chat-Session-Key", guest.key.as_str()), ("Content-Type", "application/json")];
    front.ask(method, &path, &headers, body).await
}
