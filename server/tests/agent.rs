//! The scripted agent, at a pace that tests can bear.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod common;

use common::{Server, Visitor};
use holdfast_server::settings::Settings;
use serde_json::{Value, json};

fn hurried() -> Settings {
    Settings { pace: 0.01, poll_hold_ms: 200, ..Settings::demo() }
}

fn has(record: &Value, kind: &str, content: &str) -> bool {
    let sent = record["sent"].as_array().expect("a list");
    sent.iter().any(|one| one["type"] == kind && one["message"].to_string().contains(content))
}

/// Fetches until an agent accepted, so that the visitor may speak.
async fn accepted(server: &Server, visitor: &Visitor) {
    server.until(|record| record["phase"] == "talking").await;
    visitor.poll(server, -1).await;
}

#[tokio::test]
async fn the_agent_accepts_greets_and_quotes() {
    let server = Server::with(hurried()).await;
    let mut visitor = Visitor::queue(&server).await;
    accepted(&server, &visitor).await;
    server.until(|record| has(record, "ChatMessage", "Hello Rana K.!")).await;
    visitor.say(&server, "where is my parcel").await;
    server.until(|record| has(record, "ChatMessage", "“where is my parcel”")).await;
    assert!(server.rules().await.is_empty());
}

#[tokio::test]
async fn words_make_scenes() {
    let scenes = [
        ("please transfer me", "ChatTransferred", "Ilse V."),
        ("conference?", "AgentLeftConference", "Sam K."),
        ("disconnect", "ChatTransferred", "name"),
        ("file", "FileTransfer", "Requested"),
        ("sneak", "ChatTransferred", "\"sneakPeekEnabled\":true"),
        ("idle", "ChatTransferred", "warningTime"),
        ("html", "ChatMessage", "<script>"),
        ("long", "ChatMessage", "https://example.com/"),
        ("end", "ChatEnded", "agent"),
    ];
    for (words, kind, content) in scenes {
        let server = Server::with(hurried()).await;
        let mut visitor = Visitor::queue(&server).await;
        accepted(&server, &visitor).await;
        visitor.say(&server, words).await;
        server.until(|record| has(record, kind, content)).await;
    }
}

#[tokio::test]
async fn a_visitor_called_queue_waits() {
    let server = Server::with(hurried()).await;
    let mut visitor = Visitor::arrive(&server).await;
    let mut init = common::init();
    init["visitorName"] = json!("Queue fan");
    visitor.post(&server, "ChasitorInit", init).await;
    server.until(|record| record["phase"] == "talking").await;
    let record = server.record().await;
    let positions: Vec<&Value> = record["sent"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|one| one["type"] == "QueueUpdate")
        .map(|one| &one["message"]["position"])
        .collect();
    assert_eq!(positions, [3, 2, 1, 0]);
}
