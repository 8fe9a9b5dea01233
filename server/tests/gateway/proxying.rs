//! In front of a backend that a browser cannot ask itself: LivePerson, whose `Location` it may not read.

use serde_json::{Value, json};

use crate::common::{Answer, Server};
use crate::kit;
use holdfast_server::gateway::Running;

const KEY: (&str, &str) = ("Authorization", "LivePerson appKey=demo");
const JSON: (&str, &str) = ("Content-Type", "application/json");
const ACCEPT: (&str, &str) = ("Accept", "application/json");

async fn front(server: &Server) -> Running {
    let text = format!(
        "listen = \"127.0.0.1:0\"\ncors_origins = [\"https://www.example.com\"]\n\
         [[upstream]]\nprefix = \"/lp\"\nurl = \"http://{}/liveperson\"\nprotocol = \"liveperson\"\n\
         [[upstream]]\nprefix = \"/la\"\nurl = \"http://{}/live-agent\"\nprotocol = \"live-agent\"\n",
        server.address(),
        server.address()
    );
    kit::start(&text).await
}

async fn ask(running: &Running, method: &str, path: &str, body: Value) -> Answer {
    let origin = ("Origin", "https://www.example.com");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    kit::ask(running.address, method, path, &[KEY, JSON, ACCEPT, origin], &body).await
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let mut lines = answer.head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

#[tokio::test]
async fn a_chat_is_found_through_a_location_that_can_be_read() {
    let server = Server::quick().await;
    let running = front(&server).await;
    let begun =
        ask(&running, "POST", "/lp/api/account/55510001/chat/request?v=1&NC=true", json!({"request": {}})).await;
    assert_eq!(begun.status, 201, "{}", begun.body);
    let location = header(&begun, "location").expect("a location").to_owned();
    assert!(location.starts_with("/lp/api/account/55510001/chat/"), "{location}");
    assert!(
        header(&begun, "access-control-expose-headers").is_some_and(|names| names.contains("location")),
        "{}",
        begun.head
    );
    let chat = ask(&running, "GET", &format!("{location}?v=1&NC=true"), Value::Null).await;
    assert_eq!(chat.status, 200, "{}", chat.body);
    assert!(!chat.body.contains(&server.address().to_string()), "{}", chat.body);
    assert!(chat.body.contains("\"/lp/api/account/55510001/chat/"), "{}", chat.body);
    let line = json!({"event": {"@type": "line", "text": "hello"}});
    assert_eq!(ask(&running, "POST", &format!("{location}/events?v=1&NC=true"), line).await.status, 201);
    assert_eq!(server.delivered().await, ["hello"]);
}

#[tokio::test]
async fn what_agents_do_stays_outside() {
    let server = Server::quick().await;
    let running = front(&server).await;
    for path in ["login?v=1.3", "agentSession", "agentSession/1/incomingRequests", "chat/7/../../login"] {
        let answer = ask(&running, "POST", &format!("/lp/api/account/55510001/{path}"), json!({})).await;
        assert_eq!((answer.status, answer.body.as_str()), (404, r#"{"Error":"not-found"}"#), "{path}");
    }
    for path in ["/lp/control/settings", "/control/settings", "/lp/../control/settings", "/la/control/settings"] {
        assert_eq!(ask(&running, "GET", path, Value::Null).await.status, 404, "{path}");
    }
    assert_eq!(server.record().await["error"], "no such thing");
}

#[tokio::test]
async fn a_protocols_own_headers_pass_in_both_directions() {
    let server = Server::quick().await;
    let running = front(&server).await;
    let headers = [("X-LIVEAGENT-API-VERSION", "48"), ("X-LIVEAGENT-AFFINITY", "null")];
    let opened = kit::ask(running.address, "GET", "/la/chat/rest/System/SessionId", &headers, "").await;
    assert!(opened.json()["key"].is_string(), "{}", opened.body);
    assert_eq!(server.rules().await, [""; 0]);
}

#[tokio::test]
async fn an_upstream_that_is_not_there_is_no_handover() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let text = format!(
        "listen = \"127.0.0.1:0\"\n[[upstream]]\nprefix = \"/la\"\nurl = \"http://{closed}\"\nprotocol = \"live-agent\"\n"
    );
    let running = kit::start(&text).await;
    let answer = kit::ask(running.address, "GET", "/la/chat/rest/System/Messages", &[], "").await;
    assert_eq!((answer.status, answer.body.as_str()), (502, r#"{"Error":"upstream"}"#));
}
