//! What time does to a session.

use serde_json::{Value, json};
use tokio::time::{Duration, Instant, sleep};

use crate::common::Server;
use crate::visitor::{Variant::Mobile, Variant::Web, Visitor, each, fine, gone, outcome, switch};

fn has(record: &Value, kind: &str) -> bool {
    record["sent"].as_array().expect("a list").iter().any(|one| one["type"] == kind)
}

#[tokio::test]
async fn a_visitor_of_whom_nothing_is_heard_is_removed() {
    let server = Server::quick().await;
    switch(&server, json!({"flexDisconnectMs": 200})).await;
    let visitor = Visitor::talk(&server, Mobile).await;
    for _ in 0..4 {
        sleep(Duration::from_millis(80)).await;
        assert_eq!(outcome(&visitor.ask(&server, "startTyping", &[]).await), fine());
    }
    server.until(|record| record["phase"] == "ended").await;
    let record = server.record().await;
    assert_eq!((&record["session"]["removed"], &record["session"]["variant"]), (&json!(8209), &json!("v2")));
    let answer = visitor.poll(&server, 1).await;
    assert_eq!((outcome(&answer), &answer.json()["errors"][0]["code"]), (gone(), &json!(249)));
    assert!(server.rules().await.is_empty());
    assert_eq!(outcome(&visitor.say(&server, "x").await), gone());
}

#[tokio::test]
async fn trouble_is_no_sign_of_life_and_a_test_may_remove_a_visitor() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Web).await;
    switch(&server, json!({"flexDisconnectMs": 150, "verdicts": [{"times": 1000}], "pollFloorMs": 0})).await;
    let begin = Instant::now();
    while server.record().await["phase"] == "talking" && begin.elapsed() < Duration::from_secs(5) {
        visitor.poll(&server, 1).await;
    }
    assert_eq!(server.record().await["phase"], "ended");
    switch(&server, json!({"flexDisconnectMs": 45_000, "verdicts": []})).await;
    let other = Visitor::queue(&server, Web).await;
    server.control("conversations/latest/expire", json!({})).await;
    assert_eq!(outcome(&other.poll(&server, 1).await), gone());
}

#[tokio::test]
async fn silence_is_warned_of_twice_and_then_ends_the_chat() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    let timers = json!({"idleAlertMs": 100, "idleAlert2Ms": 100, "idleCloseMs": 100, "idleTimerExpire": "number"});
    switch(&server, timers).await;
    server.until(|record| record["phase"] == "ended").await;
    let news = visitor.poll(&server, 3).await;
    let left = "ParticipantLeft";
    assert_eq!(news.kinds(), ["IdleAlert", "IdleAlert", "IdleClose", left, left]);
    let data = each(&news, "userData");
    assert_eq!(data[0], json!({"next-idle-timer-type": "ALERT", "next-idle-timer-secs": "1"}));
    assert_eq!(data[1]["next-idle-timer-type"], "CLOSE");
    assert_eq!(each(&news, "eventAttributes")[4]["GCTI_SYSTEM"]["quit-reason-code"], "7");
    assert_eq!(outcome(&news), (json!(0), json!(true)));
}

#[tokio::test]
async fn a_warning_by_hand_is_undone_by_a_word_or_a_notice() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    switch(&server, json!({"idleTimerExpire": "text"})).await;
    let purpose = r#"{"purpose":"cancel-idle-timer"}"#;
    let undoings: [(&str, [(&str, &str); 2]); 2] = [
        ("send", [("message", "here"), ("messageType", "text")]),
        ("customNotice", [("message", ""), ("eventAttributes", purpose)]),
    ];
    for (operation, fields) in undoings {
        server.agent(json!({"idleAlert": {"secs": 60}})).await;
        let told = visitor.poll(&server, 1).await.json();
        assert_eq!(told["idleTimerExpire"], "60");
        visitor.ask(&server, operation, &fields).await;
        assert_eq!(visitor.poll(&server, 1).await.json().get("idleTimerExpire"), None, "{operation}");
    }
    // Asking for news, or typing, is no sign that anybody is there.
    server.agent(json!({"idleAlert": {"secs": 0}})).await;
    visitor.ask(&server, "startTyping", &[]).await;
    server.until(|record| has(record, "IdleClose")).await;
}

#[tokio::test]
async fn an_agent_may_be_impatient_and_a_queue_may_not() {
    let server = Server::quick().await;
    switch(&server, json!({"idleAlertMs": 1, "idleCloseMs": 1})).await;
    Visitor::queue(&server, Web).await;
    sleep(Duration::from_millis(150)).await;
    assert!(!has(&server.record().await, "IdleAlert"));
    server.agent(json!({"accept": {"idle": {"warning": 0, "timeout": 0}}})).await;
    sleep(Duration::from_millis(150)).await;
    assert!(!has(&server.record().await, "IdleAlert"));
    server.agent(json!({"transfer": {"idle": {"warning": 1, "timeout": 2}}})).await;
    server.until(|record| has(record, "IdleAlert")).await;
    server.until(|record| has(record, "IdleClose")).await;
}

#[tokio::test]
async fn a_poll_may_be_held_until_there_is_news() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    switch(&server, json!({"pollHoldMs": 300, "flexDisconnectMs": 200})).await;
    let begin = Instant::now();
    assert!(visitor.poll(&server, 3).await.kinds().is_empty());
    assert!(begin.elapsed() >= Duration::from_millis(300));
    switch(&server, json!({"pollHoldMs": 20_000})).await;
    let (news, ()) = tokio::join!(visitor.poll(&server, 3), async {
        server.until(|record| record["openPolls"] == 1).await;
        server.agent(json!({"say": "Hello"})).await;
    });
    assert_eq!(news.kinds(), ["Message"]);
    let (last, ()) = tokio::join!(visitor.poll(&server, 4), async {
        server.until(|record| record["openPolls"] == 1).await;
        server.agent(json!({"end": {}})).await;
    });
    assert_eq!(outcome(&last), (json!(0), json!(true)));
    assert!(server.rules().await.is_empty());
}
