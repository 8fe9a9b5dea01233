//! Faults do on the wire what they are called.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod common;

use std::time::Duration;

use common::{Server, Visitor, read_answer};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

async fn struck(action: Value) -> (Server, Visitor, Option<common::Answer>) {
    let server = Server::quick().await;
    let mut visitor = Visitor::talk(&server).await;
    server.fault("ChatMessage", action).await;
    let answer = visitor.say(&server, "hello").await;
    (server, visitor, answer)
}

#[tokio::test]
async fn a_status_answers_without_processing() {
    let (server, visitor, answer) = struck(json!({"kind": "status", "code": 502, "body": "down"})).await;
    let answer = answer.expect("an answer");
    assert_eq!((answer.status, answer.body.as_str()), (502, "down"));
    assert!(server.delivered().await.is_empty());
    let again = visitor.post_as(&server, "ChatMessage", json!({"text": "hello"}), "2").await;
    assert_eq!(again.map(|answer| answer.status), Some(200));
    assert_eq!(server.delivered().await, ["hello"]);
}

#[tokio::test]
async fn a_dropped_request_is_not_processed() {
    let (server, _, answer) = struck(json!({"kind": "dropRequest"})).await;
    assert!(answer.is_none());
    assert!(server.delivered().await.is_empty());
}

#[tokio::test]
async fn a_dropped_answer_is_processed_and_a_repeat_is_not_delivered_twice() {
    let (server, visitor, answer) = struck(json!({"kind": "dropAnswer"})).await;
    assert!(answer.is_none());
    let again = visitor.post_as(&server, "ChatMessage", json!({"text": "hello"}), "2").await;
    assert_eq!(again.map(|answer| answer.status), Some(200));
    assert_eq!(server.delivered().await, ["hello"]);
    assert_eq!(server.record().await["requests"][3]["outcome"], "answerLost");
}

#[tokio::test]
async fn a_cut_answer_breaks_off_in_its_body() {
    let server = Server::quick().await;
    let visitor = Visitor::queue(&server).await;
    server.fault("Messages", json!({"kind": "cut"})).await;
    let answer = visitor.poll(&server, -1).await.expect("a beginning");
    assert_eq!(answer.status, 200);
    assert!(!answer.whole && answer.body.starts_with("{\"messages\""), "{answer:?}");
    assert_eq!(visitor.poll(&server, -1).await.expect("all of it").kinds(), ["ChatRequestSuccess"]);
}

#[tokio::test]
async fn delays_come_before_or_after_processing() {
    let start = Instant::now();
    let (_, _, answer) = struck(json!({"kind": "delay", "ms": 150})).await;
    assert_eq!(answer.map(|answer| answer.status), Some(200));
    assert!(start.elapsed() >= Duration::from_millis(150));
    let start = Instant::now();
    let (server, _, answer) = struck(json!({"kind": "delayAnswer", "ms": 150})).await;
    assert_eq!(answer.map(|answer| answer.status), Some(200));
    assert!(start.elapsed() >= Duration::from_millis(150));
    assert_eq!(server.delivered().await, ["hello"]);
}

#[tokio::test]
async fn hanging_lasts_until_the_client_leaves_or_the_faults_are_cleared() {
    for (kind, delivered) in [("hang", 0), ("hangAnswer", 1)] {
        let server = Server::quick().await;
        let mut visitor = Visitor::talk(&server).await;
        server.fault("ChatMessage", json!({"kind": kind})).await;
        assert!(timeout(Duration::from_millis(150), visitor.say(&server, "hello")).await.is_err());
        server.until(|record| record["openPosts"] == 0).await;
        let record = server.record().await;
        assert_eq!(record["delivered"].as_array().map(Vec::len), Some(delivered), "{kind}");
        assert_eq!(record["requests"][3]["outcome"], "clientLeft");
    }
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server).await;
    server.fault("Messages", json!({"kind": "hang"})).await;
    let mut poll = visitor.hang_on(&server, 1).await;
    server.ask("DELETE", "/control/faults", &[], "").await;
    assert!(read_answer(&mut poll).await.is_none());
}

#[tokio::test]
async fn a_held_request_is_processed_when_released() {
    let server = Server::quick().await;
    let mut visitor = Visitor::talk(&server).await;
    let fault = server.fault("ChatMessage", json!({"kind": "hold"})).await;
    let release = async {
        server.until(|record| record["openPosts"] == 1).await;
        assert!(server.delivered().await.is_empty());
        server.control(&format!("faults/{}/release", fault["id"]), json!({})).await;
    };
    let (answer, ()) = tokio::join!(visitor.say(&server, "hello"), release);
    assert_eq!(answer.map(|answer| answer.status), Some(200));
    assert_eq!(server.delivered().await, ["hello"]);
}

#[tokio::test]
async fn another_body_may_come_instead() {
    let action = json!({"kind": "body", "body": "<html>", "contentType": "text/html"});
    let (server, _, answer) = struck(action).await;
    let answer = answer.expect("an answer");
    assert_eq!((answer.status, answer.body.as_str(), answer.whole), (200, "<html>", true));
    assert!(answer.head.contains("content-type: text/html"));
    assert_eq!(server.delivered().await, ["hello"]);
}

#[tokio::test]
async fn a_restart_closes_polls_and_may_forget() {
    let server = Server::quick().await;
    server.settings(json!({"pollHoldMs": 5000})).await;
    let visitor = Visitor::talk(&server).await;
    let mut poll = visitor.hang_on(&server, 1).await;
    server.control("restart", json!({})).await;
    assert!(read_answer(&mut poll).await.is_none());
    server.settings(json!({"pollHoldMs": 50})).await;
    assert_eq!(visitor.poll(&server, 1).await.map(|answer| answer.status), Some(204));
    server.control("restart", json!({"forget": true})).await;
    assert_eq!(visitor.poll(&server, 1).await.map(|answer| answer.status), Some(403));
    let list = server.ask("GET", "/control/conversations", &[], "").await.expect("an answer").json();
    assert_eq!(list, json!([]));
}
