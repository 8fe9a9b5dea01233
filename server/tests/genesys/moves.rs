//! A chat that moves to another server: trouble for a while, then another alias.

use serde_json::{Value, json};

use crate::common::Server;
use crate::visitor::{Variant::Mobile, Variant::Web, Visitor, each, fine, outcome, switch};

async fn rotate(server: &Server, rotation: Value) {
    server.control("conversations/latest/rotate", rotation).await;
}

#[tokio::test]
async fn a_move_is_trouble_and_then_another_alias() {
    for variant in [Web, Mobile] {
        let server = Server::quick().await;
        let mut visitor = Visitor::talk(&server, variant).await;
        rotate(&server, json!({})).await;
        assert_eq!(outcome(&visitor.poll(&server, 1).await), (json!(1), json!(false)));
        assert_eq!(outcome(&visitor.say(&server, "lost").await), (json!(1), json!(false)));
        let news = visitor.poll(&server, 1).await;
        assert_eq!((outcome(&news), news.kinds().len()), (fine(), 2));
        let alias = news.json()["alias"].as_str().expect("an alias").to_owned();
        assert_ne!(alias, visitor.alias);
        // What was on its way with the old name is no breach.
        assert_eq!(outcome(&visitor.say(&server, "kept").await), fine());
        visitor.alias = alias;
        assert_eq!(outcome(&visitor.poll(&server, 3).await), fine());
        assert_eq!((server.delivered().await, server.rules().await.len()), (vec!["kept".to_owned()], 0));
        assert_eq!(server.record().await["handovers"], 1);
    }
}

#[tokio::test]
async fn words_in_flight_may_be_processed_though_trouble_is_told() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    switch(&server, json!({"handoverStatus1": 1, "replyIdentity": "bare"})).await;
    rotate(&server, json!({"on": "poll", "processInFlight": true})).await;
    assert_eq!(outcome(&visitor.say(&server, "once").await).0, 1);
    assert_eq!(outcome(&visitor.say(&server, "more").await).0, 0);
    assert_eq!(outcome(&visitor.poll(&server, 1).await).0, 1);
    let news = visitor.poll(&server, 1).await;
    assert_eq!((outcome(&news), each(&news, "text")[2].clone()), (fine(), json!("once")));
    assert_eq!(server.delivered().await, ["once", "more"]);
}

#[tokio::test]
async fn an_alias_of_before_is_a_breach_once_the_new_one_is_known() {
    let server = Server::quick().await;
    switch(&server, json!({"handoverStatus1": 0})).await;
    let visitor = Visitor::talk(&server, Mobile).await;
    rotate(&server, json!({})).await;
    assert_eq!(outcome(&visitor.poll(&server, 1).await), fine());
    tokio::time::sleep(std::time::Duration::from_millis(550)).await;
    assert_eq!(outcome(&visitor.poll(&server, 1).await), fine());
    assert_eq!(server.rules().await, ["staleAlias"]);
}

#[tokio::test]
async fn a_move_may_change_the_numbers() {
    for (indexes, expected, next) in [("gap", vec![1, 2, 3, 9], 10), ("renumbered", vec![1, 2, 3], 4)] {
        let server = Server::quick().await;
        switch(&server, json!({"handoverStatus1": 0, "handoverIndexes": indexes})).await;
        let visitor = Visitor::talk(&server, Mobile).await;
        server.agent(json!({"typing": true})).await;
        assert_eq!(each(&visitor.poll(&server, 1).await, "index"), [1, 2, 3]);
        rotate(&server, json!({})).await;
        visitor.poll(&server, 4).await;
        server.agent(json!({"say": "x"})).await;
        let news = visitor.poll(&server, 1).await;
        assert_eq!(
            (each(&news, "index"), news.json()["nextPosition"].clone()),
            (expected.iter().map(|it| json!(it)).collect(), json!(next))
        );
        assert!(server.rules().await.is_empty(), "{indexes}");
    }
}
