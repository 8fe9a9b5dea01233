//! What the LivePerson façade does otherwise when told, and what it notes about a client that breaks a rule.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod common;
mod live_person_kit;

use common::Server;
use live_person_kit::{ACCOUNT, Guest, ask, gist, location, start, versioned};
use serde_json::{Value, json};

async fn switched(switches: Value) -> Server {
    let server = Server::quick().await;
    server.settings(json!({"liveperson": switches})).await;
    server
}

#[tokio::test]
async fn documents_can_be_spelt_in_other_ways() {
    let server = switched(json!({"attributes": "plain", "ids": "text", "systemIdAsText": true, "numericText": true,
        "milliseconds": "absent", "hrefs": "relative", "lists": "arrays", "agentLines": "html"}))
    .await;
    let answer = start(&server, json!({})).await;
    let href = location(&answer).expect("a location");
    assert!(href.starts_with("/liveperson/"), "{href}");
    let guest = Guest::at(&format!("http://any{href}"));
    guest.say(&server, "42").await;
    server.agent(json!({"accept": {}})).await;
    server.agent(json!({"say": "a < b"})).await;
    let chat = guest.get(&server, "").await.json()["chat"].clone();
    assert_eq!((&chat["link"][0]["rel"], &chat["link"][0]["href"]), (&json!("self"), &json!(href)));
    let events = &chat["events"]["event"];
    assert_eq!((&events[2]["id"], &events[2]["text"]), (&json!("2"), &json!(42)));
    assert_eq!((&events[1]["systemMessageId"], &events[5]["textType"]), (&json!("4"), &json!("html")));
    assert!(events[5]["text"].as_str().expect("a text").contains("a &lt; b"));
    assert_eq!(events[0]["time"].as_str().map(str::len), Some(25));
    assert_eq!(guest.get(&server, "/events?from=9").await.json()["events"]["event"], json!([]));
}

#[tokio::test]
async fn a_list_of_one_is_an_object_and_ids_follow_their_form() {
    let server = Server::quick().await;
    let guest = Guest::begin(&server).await;
    let one = guest.get(&server, "?from=1").await.json()["chat"]["events"]["event"].clone();
    assert_eq!((&one["@id"], &one["systemMessageId"]), (&json!("1"), &json!(4)));
    let info = guest.get(&server, "/info").await.json()["info"].clone();
    assert_eq!(info["link"][0]["rel"], "self");
    server.settings(json!({"liveperson": {"attributes": "at", "ids": "number"}})).await;
    assert_eq!(guest.get(&server, "/info").await.json()["info"]["link"][0]["@rel"], "self");
    assert_eq!(guest.get(&server, "?from=1").await.json()["chat"]["events"]["event"]["@id"], 1);
    server.settings(json!({"liveperson": {"nextLink": false}})).await;
    let events = guest.get(&server, "/events").await.json()["events"].clone();
    assert_eq!(events["link"]["@rel"], "self");
}

#[tokio::test]
async fn states_and_statuses_can_differ() {
    let server = switched(json!({"startStatus": 200, "eventStatus": 200, "putStatus": 201, "first": "line",
        "waitingRecurs": false, "endedStatus": 410, "unknownStatus": 403, "errorBody": false, "timeoutLine": false,
        "customVariables": "accept", "earlyLine": "refuse", "longestLine": 5, "put": "both", "textType": false,
        "toldTimeout": "usual"}))
    .await;
    let answer = start(&server, json!({"interactionTimeout": 90})).await;
    assert_eq!(answer.status, 200);
    let guest = Guest::at(&location(&answer).expect("a location"));
    assert_eq!(guest.say(&server, "early").await.status, 400);
    server.agent(json!({"accept": {}})).await;
    server.agent(json!({"transferToQueue": {}})).await;
    let events = guest.events(&server, 0).await;
    assert_eq!(gist(&events), ["#4", "waiting", "#3", "chatting", "#23"]);
    assert_eq!(events[0]["textType"], Value::Null);
    let info = guest.info(&server).await;
    assert_eq!((&info["state"], &info["chatTimeout"]), (&json!("chatting"), &json!(40)));
    assert_eq!(guest.say(&server, "short").await.status, 200);
    assert_eq!(guest.say(&server, "longer").await.status, 400);
    let headers = [
        ("Authorization", "LivePerson appKey=a"),
        ("Accept", "application/json"),
        ("Content-Type", "application/json"),
    ];
    let path = versioned(&format!("{}/info/visitorName", guest.path));
    let real = server.ask("PUT", &path, &headers, "{\"visitorName\": \"Ines\"}").await.expect("an answer");
    assert_eq!(real.status, 201);
    assert_eq!(guest.put(&server, "/customVariables", json!({"customVariables": {}})).await.status, 201);
    server.control("conversations/latest/expire", json!({})).await;
    assert_eq!(gist(&guest.events(&server, 6).await), ["ended"]);
    assert_eq!(guest.say(&server, "late").await.status, 410);
    let nobody = Guest::at("http://any/liveperson/api/account/55510001/chat/H0").get(&server, "").await;
    assert_eq!((nobody.status, nobody.body.as_str()), (403, "no such chat"));
}

#[tokio::test]
async fn location_is_exposed_or_not() {
    let server = Server::quick().await;
    let exposed = start(&server, json!({})).await;
    assert!(exposed.head.contains("access-control-expose-headers: Location"));
    server.settings(json!({"liveperson": {"exposeLocation": false}})).await;
    assert!(!start(&server, json!({})).await.head.contains("access-control-expose-headers"));
    let preflight = ask(&server, "OPTIONS", &versioned(&format!("{ACCOUNT}/chat/request")), "").await;
    assert!(preflight.head.contains("X-HTTP-Method-Override") && preflight.head.contains("Authorization"));
}

#[tokio::test]
async fn every_call_needs_key_version_and_nc() {
    let server = Server::quick().await;
    let guest = Guest::begin(&server).await;
    let accept = ("Accept", "application/json");
    let key = ("Authorization", "LivePerson appKey=demo");
    let get = async |query: &str, headers: &[(&str, &str)]| {
        let path = format!("{}{query}", guest.path);
        server.ask("GET", &path, headers, "").await.expect("an answer").status
    };
    assert_eq!(get("?from=0", &[accept, key]).await, 400);
    assert_eq!(get("?from=0&v=1&NC=true", &[accept]).await, 401);
    assert_eq!(get("?from=0&v=1", &[accept, key]).await, 200);
    assert_eq!(get("?from=0&v=2&NC=true", &[accept, key]).await, 400);
    assert_eq!(get("?v=1&NC=true", &[key]).await, 200);
    assert_eq!(get("?v=1&NC=true", &[key, ("Accept", "text/xml")]).await, 406);
    let rules =
        ["missingNc", "missingVersion", "missingKey", "missingNc", "badVersion", "missingAccept", "missingAccept"];
    assert_eq!(server.rules().await, rules);
    assert_eq!(get("?v=1&appKey=demo", &[accept]).await, 200);
    assert_eq!(get(".json?v=1&appKey=demo", &[]).await, 200);
    server.settings(json!({"liveperson": {"appKey": "good", "missingNc": "refuse"}})).await;
    assert_eq!(get("?v=1&NC=true", &[accept, key]).await, 401);
    assert_eq!(get("?v=1", &[accept, ("Authorization", "LivePerson appKey=good")]).await, 401);
    assert_eq!(server.rules().await[rules.len()..], ["wrongKey", "missingNc"]);
}

#[tokio::test]
async fn what_a_client_must_not_do_is_noted() {
    let server = Server::quick().await;
    let guest = Guest::begin(&server).await;
    let headers = [
        ("Authorization", "LivePerson appKey=a"),
        ("Accept", "application/json"),
        ("Content-Type", "application/json"),
    ];
    let path = versioned(&format!("{}/info/visitorName", guest.path));
    let real = server.ask("PUT", &path, &headers, "{\"visitorName\": \"Ines\"}").await.expect("an answer");
    assert_eq!(real.status, 405);
    assert_eq!(guest.say(&server, " \n").await.status, 400);
    for word in ["typing", "typing", "typing", "not-typing"] {
        guest.put(&server, "/info/visitorTyping", json!({"visitorTyping": word})).await;
    }
    assert_eq!(guest.get(&server, "?from=soon").await.status, 400);
    assert_eq!(guest.post(&server, "/events", json!({"event": [{"@type": "line"}]})).await.status, 400);
    assert_eq!(guest.get(&server, "/nothing").await.status, 404);
    server.agent(json!({"end": {}})).await;
    assert_eq!(guest.say(&server, "crossing").await.status, 400);
    let rules = ["realPut", "blankLine", "typingRepeated", "badFrom", "badBody"];
    assert_eq!(server.rules().await, rules);
    guest.events(&server, 0).await;
    tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    assert_eq!(guest.say(&server, "late").await.status, 400);
    assert_eq!(server.rules().await[rules.len()..], ["afterEnd"]);
    assert_eq!(server.delivered().await, [""; 0]);
}

#[tokio::test]
async fn a_repeat_after_a_lost_answer_is_no_breach_for_typing_but_arrives_twice_as_a_line() {
    let server = Server::quick().await;
    let guest = Guest::begin(&server).await;
    server.fault("visitorTyping", json!({"kind": "dropAnswer"})).await;
    let headers = [
        ("Authorization", "LivePerson appKey=a"),
        ("Accept", "application/json"),
        ("Content-Type", "application/json"),
        ("X-HTTP-Method-Override", "PUT"),
    ];
    let path = versioned(&format!("{}/info/visitorTyping", guest.path));
    assert!(server.ask("POST", &path, &headers, "{\"visitorTyping\": \"typing\"}").await.is_none());
    guest.put(&server, "/info/visitorTyping", json!({"visitorTyping": "typing"})).await;
    server.fault("events", json!({"kind": "dropAnswer"})).await;
    let path = versioned(&format!("{}/events", guest.path));
    let line = json!({"event": {"@type": "line", "text": "once"}}).to_string();
    assert!(server.ask("POST", &path, &headers[..3], &line).await.is_none());
    guest.say(&server, "once").await;
    assert_eq!(server.delivered().await, ["once", "once"]);
    assert_eq!(server.rules().await, [""; 0]);
}

#[tokio::test]
async fn two_polls_at_once_and_too_many_polls_are_noted() {
    let server = Server::quick().await;
    let guest = Guest::begin(&server).await;
    server.fault("chat", json!({"kind": "delayAnswer", "ms": 300})).await;
    let (first, second) = tokio::join!(guest.get(&server, ""), async {
        server.until(|record| record["openPolls"] == 1).await;
        guest.get(&server, "/events").await
    });
    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(server.rules().await, ["secondPoll"]);
    for _ in 0..9 {
        guest.events(&server, 0).await;
    }
    assert_eq!(server.rules().await, ["secondPoll", "pollingTooOften"]);
    server.settings(json!({"liveperson": {"pollsPerTenSeconds": null}})).await;
    for _ in 0..12 {
        guest.events(&server, 0).await;
    }
    assert_eq!(server.rules().await.len(), 2);
    assert_eq!(server.record().await["maxOpenPolls"], 2);
}
