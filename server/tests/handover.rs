//! The move of a chat to another server.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod common;

use common::{REST, Server, Visitor, read_answer};
use serde_json::{Value, json};

fn lines(answer: &Value) -> Vec<String> {
    let list = answer["messages"][0]["message"]["chatMessages"].as_array().expect("a transcript");
    list.iter().map(|line| format!("{}: {}", line["type"], line["content"]).replace('"', "")).collect()
}

#[tokio::test]
async fn the_visitors_state_comes_back_first_and_then_what_was_missed() {
    let server = Server::quick().await;
    server.settings(json!({"pollHoldMs": 5000})).await;
    let mut visitor = Visitor::talk(&server).await;
    visitor.say(&server, "before").await;
    server.agent(json!({"say": "seen"})).await;
    let offset = visitor.poll(&server, 1).await.expect("an answer").offset();
    let mut held = visitor.hang_on(&server, 2).await;
    server.control("conversations/latest/rotate", json!({})).await;
    assert_eq!(read_answer(&mut held).await.map(|answer| answer.status), Some(503));
    server.agent(json!({"say": "missed"})).await;
    assert_eq!(
        visitor.post_as(&server, "ChatMessage", json!({"text": "lost"}), "3").await.map(|it| it.status),
        Some(503)
    );
    let answer = visitor.reconnect(&server, offset).await.json();
    assert_eq!(answer["messages"][0]["message"]["resetSequence"], true);
    let back = visitor.poll(&server, -1).await.expect("an answer");
    assert_eq!((back.kinds(), back.sequence()), (vec!["ChasitorSessionData".into(), "ChatMessage".into()], 1));
    assert_eq!(lines(&back.json()), ["Chasitor: before", "Agent: seen"]);
    let resync = server
        .ask(
            "POST",
            &format!("{REST}/Chasitor/ChasitorResyncState"),
            &with_type(&visitor),
            r#"{"organizationId":"00D"}"#,
        )
        .await;
    assert_eq!(resync.map(|answer| answer.status), Some(200));
    assert_eq!(visitor.say(&server, "lost").await.map(|answer| answer.status), Some(200));
    assert_eq!(server.delivered().await, ["before", "lost"]);
    assert!(server.rules().await.is_empty(), "{:?}", server.rules().await);
    assert_eq!(server.record().await["handovers"], 1);
}

#[tokio::test]
async fn a_message_that_was_processed_shows_in_the_transcript() {
    let server = Server::quick().await;
    let mut visitor = Visitor::talk(&server).await;
    server.control("conversations/latest/rotate", json!({"processInFlight": true})).await;
    assert_eq!(visitor.say(&server, "arrived").await.map(|answer| answer.status), Some(503));
    visitor.reconnect(&server, 0).await;
    let back = visitor.poll(&server, -1).await.expect("an answer");
    assert_eq!(lines(&back.json()), ["Chasitor: arrived"]);
    assert_eq!(back.kinds(), ["ChasitorSessionData", "ChatRequestSuccess", "ChatEstablished"]);
    assert_eq!(server.delivered().await, ["arrived"]);
}

#[tokio::test]
async fn the_transcript_has_what_live_agent_tells_of() {
    let server = Server::quick().await;
    let mut visitor = Visitor::talk(&server).await;
    server.agent(json!({"notice": "The shop closes soon."})).await;
    server.agent(json!({"sayHtml": "<b>hi</b>"})).await;
    let offset = visitor.poll(&server, 1).await.expect("an answer").offset();
    server.control("conversations/latest/rotate", json!({})).await;
    visitor.reconnect(&server, offset).await;
    let back = visitor.poll(&server, -1).await.expect("an answer");
    assert_eq!(lines(&back.json()), ["Agent: <b>hi</b>"]);
}

#[tokio::test]
async fn numbers_go_on_when_the_server_says_so() {
    let server = Server::quick().await;
    let mut visitor = Visitor::talk(&server).await;
    server.control("conversations/latest/rotate", json!({"resetSequence": false})).await;
    visitor.reconnect(&server, 700_113).await;
    visitor.poll(&server, -1).await;
    visitor.next = 2;
    assert_eq!(visitor.say(&server, "on").await.map(|answer| answer.status), Some(200));
    server.control("conversations/latest/rotate", json!({"resetSequence": "missing"})).await;
    let answer = visitor.reconnect(&server, 700_113).await.json();
    assert_eq!(answer["messages"][0]["message"].as_object().map(serde_json::Map::len), Some(1));
}

#[tokio::test]
async fn only_polls_or_only_posts_may_notice() {
    let server = Server::quick().await;
    let mut visitor = Visitor::talk(&server).await;
    server.control("conversations/latest/rotate", json!({"on": "poll"})).await;
    assert_eq!(visitor.poll(&server, 1).await.map(|answer| answer.status), Some(503));
    assert_eq!(visitor.say(&server, "a").await.map(|answer| answer.status), Some(200));
    visitor.reconnect(&server, 0).await;
    visitor.poll(&server, -1).await;
    server.control("conversations/latest/rotate", json!({"on": "post"})).await;
    assert_eq!(visitor.poll(&server, 2).await.map(|answer| answer.status), Some(204));
    assert_eq!(visitor.say(&server, "b").await.map(|answer| answer.status), Some(503));
    assert_eq!(server.delivered().await, ["a"]);
}

#[tokio::test]
async fn a_post_before_the_state_was_delivered_is_a_breach() {
    let server = Server::quick().await;
    let mut visitor = Visitor::talk(&server).await;
    server.control("conversations/latest/rotate", json!({})).await;
    visitor.reconnect(&server, 0).await;
    assert_eq!(visitor.say(&server, "too soon").await.map(|answer| answer.status), Some(500));
    assert_eq!(server.rules().await, ["postBeforeSessionData"]);
    server.fault("Messages", json!({"kind": "dropAnswer"})).await;
    assert!(visitor.poll(&server, -1).await.is_none());
    assert_eq!(visitor.post_as(&server, "ChatMessage", json!({"text": "x"}), "1").await.map(|it| it.status), Some(500));
    visitor.poll(&server, -1).await;
    assert_eq!(visitor.post_as(&server, "ChatMessage", json!({"text": "x"}), "1").await.map(|it| it.status), Some(200));
}

#[tokio::test]
async fn a_reconnect_whose_answer_was_lost_may_be_repeated() {
    let server = Server::quick().await;
    let mut visitor = Visitor::talk(&server).await;
    let before = visitor.clone();
    server.control("conversations/latest/rotate", json!({})).await;
    server.fault("ReconnectSession", json!({"kind": "dropAnswer"})).await;
    let path = format!("{REST}/System/ReconnectSession?ReconnectSession.offset=0");
    let away = Visitor { token: "null".to_owned(), ..before.clone() };
    assert!(server.ask("GET", &path, &away.headers(), "").await.is_none());
    assert_eq!(before.poll(&server, 1).await.map(|answer| answer.status), Some(503));
    assert_eq!(visitor.reconnect(&server, 0).await.status, 200);
    assert!(server.rules().await.is_empty());
    // A poll may have been on its way when it was given up; a post would not have waited.
    assert_eq!(before.poll(&server, 1).await.map(|answer| answer.status), Some(503));
    assert!(server.rules().await.is_empty());
    let late = before.post_as(&server, "ChasitorTyping", json!({}), "2").await;
    assert_eq!(late.map(|answer| answer.status), Some(503));
    assert_eq!(server.rules().await, ["staleAffinity"]);
    assert_eq!(visitor.poll(&server, -1).await.map(|answer| answer.status), Some(200));
    assert_eq!(visitor.clone().reconnect(&server, 0).await.status, 405);
    assert_eq!(server.rules().await, ["staleAffinity", "reconnectOutsideHandover"]);
}

#[tokio::test]
async fn a_503_out_of_the_blue_excuses_a_reconnect() {
    let server = Server::quick().await;
    let mut visitor = Visitor::talk(&server).await;
    server.fault("Messages", json!({"kind": "status", "code": 503})).await;
    assert_eq!(visitor.poll(&server, 1).await.map(|answer| answer.status), Some(503));
    assert_eq!(visitor.reconnect(&server, 700_113).await.status, 405);
    assert_eq!(visitor.poll(&server, 1).await.map(|answer| answer.status), Some(204));
    assert!(server.rules().await.is_empty());
}

#[tokio::test]
async fn a_reconnect_carries_no_token() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server).await;
    server.control("conversations/latest/rotate", json!({})).await;
    let answer = visitor.get(&server, "ReconnectSession?ReconnectSession.offset=0").await;
    assert_eq!(answer.map(|answer| answer.status), Some(503));
    assert_eq!(server.rules().await, ["affinityNotNull"]);
}

#[tokio::test]
async fn the_older_resync_brings_the_state_back_too() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server).await;
    let answer = visitor.get(&server, &format!("ResyncSession?SessionId={}", visitor.id)).await.expect("an answer");
    assert_eq!(answer.json(), json!({"isValid": true, "key": visitor.key, "affinityToken": visitor.token}));
    assert_eq!(visitor.poll(&server, -1).await.expect("an answer").kinds(), ["ChasitorSessionData"]);
}

fn with_type(visitor: &Visitor) -> Vec<(&str, &str)> {
    let mut headers = visitor.headers();
    headers.push(("Content-Type", "application/json"));
    headers
}
