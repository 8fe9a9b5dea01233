//! The scripted agent speaks this dialect too.

use holdfast_server::settings::Settings;
use serde_json::{Value, json};

use crate::common::Server;
use crate::visitor::{Variant::Mobile, Variant::Web, Visitor, outcome, start};

fn hurried() -> Settings {
    Settings { pace: 0.01, ..Settings::demo() }
}

fn has(record: &Value, kind: &str, content: &str) -> bool {
    let sent = record["sent"].as_array().expect("a list");
    sent.iter().any(|one| one["type"] == kind && one["message"].to_string().contains(content))
}

#[tokio::test]
async fn words_make_scenes() {
    let scenes = [
        ("where is my parcel", "Message", "“where is my parcel”"),
        ("please transfer me", "ParticipantJoined", "Ilse V."),
        ("conference?", "ParticipantLeft", "Sam K."),
        ("disconnect", "ParticipantLeft", "Noor B."),
        ("file", "Message", "send me a file"),
        ("sneak", "ParticipantJoined", "Ilse V."),
        ("idle", "Message", "silent for 40 seconds"),
        ("html", "Message", "<script>"),
        ("long", "Message", "https://example.com/"),
        ("end", "ParticipantLeft", "Client"),
    ];
    for (words, kind, content) in scenes {
        let server = Server::with(hurried()).await;
        let visitor = Visitor::queue(&server, Web).await;
        server.until(|record| has(record, "Message", "Hello Rana K.!")).await;
        visitor.say(&server, words).await;
        server.until(|record| has(record, kind, content)).await;
        assert!(server.rules().await.is_empty());
    }
}

#[tokio::test]
async fn the_word_handover_moves_the_chat() {
    let server = Server::with(hurried()).await;
    let visitor = Visitor::queue(&server, Mobile).await;
    server.until(|record| record["phase"] == "talking").await;
    visitor.say(&server, "handover").await;
    server.until(|record| record["handovers"] == 1).await;
    let codes = [visitor.poll(&server, 1).await, visitor.poll(&server, 1).await, visitor.poll(&server, 1).await];
    assert_eq!(codes.each_ref().map(|answer| outcome(answer).0), [json!(1), json!(1), json!(0)]);
    assert_ne!(codes[2].json()["alias"], json!(visitor.alias));
}

#[tokio::test]
async fn a_visitor_whose_data_say_queue_waits_and_one_may_be_declined() {
    let server = Server::with(hurried()).await;
    start(&server, Mobile, &[("nickname", "R"), ("userData[topic]", "queue please")]).await;
    server.until(|record| record["phase"] == "talking").await;
    server.settings(json!({"script": "decline"})).await;
    let visitor = Visitor::queue(&server, Web).await;
    server.until(|record| record["phase"] == "ended").await;
    let last = visitor.poll(&server, 1).await;
    assert_eq!(outcome(&last), (json!(0), json!(true)));
    assert!(last.body.contains(r#""quit-reason-code":"5""#));
}
