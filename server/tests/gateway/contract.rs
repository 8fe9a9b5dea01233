//! The browser's calls, each as §9 of the protocol page has it.

use serde_json::{Value, json};

use crate::kit::Front;

#[tokio::test]
async fn a_topic_shows_what_a_widget_needs_and_no_more() {
    let front = Front::new().await;
    let answer = front.ask("GET", "/so/api/v1/ChatTopic/1", &[], "").await;
    let topic = answer.json();
    assert_eq!(
        (&topic["BotSettings"], &topic["Widget"]["RequiredFields"]),
        (&json!({"BotName": "Robo"}), &json!("Email, Name"))
    );
    for inside in ["Script", "Category", "Alert", "colleagues", "Priority", "TableRight", "LogoBlobId"] {
        assert!(!answer.body.contains(inside), "{inside}: {}", answer.body);
    }
    assert_eq!(front.ask("GET", "/so/api/v1/ChatTopic/9", &[], "").await.status, 404);
}

#[tokio::test]
async fn a_topic_is_open_while_hours_and_somebody_or_a_bot_are_there() {
    let front = Front::new().await;
    let is_open =
        async |topic: u64| front.ask("GET", &format!("/so/api/v1/ChatTopic/{topic}/IsOpen"), &[], "").await.body;
    assert_eq!((is_open(1).await, is_open(2).await, is_open(4).await), ("true".into(), "true".into(), "false".into()));
    front.server.settings(json!({"available": false})).await;
    tokio::time::sleep(std::time::Duration::from_millis(40)).await;
    assert_eq!((is_open(1).await, is_open(2).await), ("true".into(), "false".into()));
}

#[tokio::test]
async fn a_visitor_talks_with_an_agent_and_reads_everything_once() {
    let front = Front::new().await;
    let guest = front.talk().await;
    let sent = front
        .done(
            &guest,
            "POST",
            "/Messages",
            json!({"Message": "My kettle leaks", "Author": "Noor Berg", "Type": "ToUser"}),
        )
        .await;
    assert_eq!((&sent["Author"], &sent["Type"]), (&json!("Visitor"), &json!("ToUser")));
    assert_eq!(front.session(&guest).await["Status"], "CustomerLast");
    front.server.agent(json!({"say": "Since when?"})).await;
    let after = format!("/Messages?after={}", sent["ChatMessageId"]);
    let mut news = Value::Null;
    for _ in 0..50 {
        news = front.done(&guest, "GET", &after, Value::Null).await;
        if news.as_array().is_some_and(|news| !news.is_empty()) {
            break;
        }
    }
    assert_eq!(
        (&news[0]["Message"], &news[0]["Author"], &news[1]),
        (&json!("Since when?"), &json!("Noor Berg"), &Value::Null)
    );
    assert_eq!(front.said(&guest).await, ["Welcome! How can we help?", "My kettle leaks", "Since when?"]);
    assert_eq!(front.server.delivered().await, ["My kettle leaks"]);
}

#[tokio::test]
async fn the_key_is_told_once_and_nothing_of_the_crm_ever() {
    let front = Front::new().await;
    let guest = front.begin_with(2, json!({"CustomerName": "Ines Roth", "CustomerEmail": "ines@example.net"})).await;
    front.server.agent(json!({"accept": {"name": "Noor Berg"}})).await;
    for (method, tail, body) in [
        ("GET", "", Value::Null),
        ("GET", "/Messages", Value::Null),
        ("POST", "/Messages", json!({"Message": "hi"})),
        ("PATCH", "", json!({"Flags": "CustomerIsTyping"})),
        ("POST", "/Transcript?html=false", Value::Null),
        ("PATCH", "", json!({"Status": "Finished"})),
    ] {
        let answer = front.tell(&guest, method, tail, body).await;
        assert_eq!(answer.status, 200, "{method} {tail}: {}", answer.body);
        for inside in [
            "SessionKey",
            &guest.key,
            "CustomerHost",
            "Person",
            "AlertLevel",
            "Rank",
            "_Links",
            "TableRight",
            "UserName",
        ] {
            assert!(!answer.body.contains(inside), "{method} {tail} tells {inside}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_place_in_the_queue_and_a_wait_are_computed() {
    let front = Front::new().await;
    let (first, second) = (front.begin(2).await, front.begin(2).await);
    let place = async |guest| {
        let session = front.session(guest).await;
        (session["QueuePos"].clone(), session["EstimatedWaitSeconds"].clone())
    };
    // One whom the hub does not know is ahead of both.
    tokio::time::sleep(std::time::Duration::from_millis(40)).await;
    assert_eq!(place(&first).await, (json!(2), json!(90)));
    assert_eq!(place(&second).await, (json!(3), json!(135)));
    front.done(&first, "PATCH", "", json!({"Status": "Finished"})).await;
    assert_eq!(front.session(&first).await["Status"], "ClosedFromQueue");
    tokio::time::sleep(std::time::Duration::from_millis(40)).await;
    assert_eq!(place(&second).await, (json!(2), json!(90)));
    assert_eq!(place(&first).await, (Value::Null, Value::Null));
}

#[tokio::test]
async fn a_queue_is_counted_over_its_pages_and_a_list_with_other_columns_counts_nobody() {
    let front = Front::new().await;
    front.server.settings(json!({"queuePosition": 0, "superoffice": {"listPage": 2}})).await;
    let mut guests = Vec::new();
    for _ in 0..5 {
        guests.push(front.begin(2).await);
    }
    tokio::time::sleep(std::time::Duration::from_millis(40)).await;
    for (place, guest) in (1..).zip(&guests) {
        assert_eq!(front.session(guest).await["QueuePos"], json!(place));
    }
    front.server.settings(json!({"superoffice": {"columns": "pascal"}})).await;
    tokio::time::sleep(std::time::Duration::from_millis(40)).await;
    let session = front.session(&guests[0]).await;
    assert_eq!((&session["Status"], &session["QueuePos"]), (&json!("InQueue"), &Value::Null));
}

#[tokio::test]
async fn typing_of_both_sides_lives_in_one_field() {
    let front = Front::new().await;
    let guest = front.talk().await;
    front.server.agent(json!({"typing": true})).await;
    let told = front.done(&guest, "PATCH", "", json!({"Flags": "CustomerIsTyping"})).await;
    assert_eq!(told["Flags"], "UserIsTyping");
    assert_eq!(front.server.record().await["session"]["typing"], true);
    let told = front.done(&guest, "PATCH", "", json!({"Flags": ""})).await;
    assert_eq!(
        (&told["Flags"], &front.server.record().await["session"]["typing"]),
        (&json!("UserIsTyping"), &json!(false))
    );
    front.server.settings(json!({"superoffice": {"idleFlags": "CustomerIsTyping"}})).await;
    front.server.agent(json!({"typing": false})).await;
    tokio::time::sleep(std::time::Duration::from_millis(40)).await;
    assert_eq!(front.session(&guest).await["Flags"], "");
}

#[tokio::test]
async fn an_end_is_rated_and_taken_back_by_writing() {
    let front = Front::new().await;
    let guest = front.talk().await;
    assert_eq!(front.tell(&guest, "PATCH", "", json!({"Rating": 4})).await.status, 409);
    for _ in 0..2 {
        assert_eq!(front.done(&guest, "PATCH", "", json!({"Status": "Finished"})).await["Status"], "Finished");
    }
    assert_eq!(front.done(&guest, "PATCH", "", json!({"Rating": 4})).await["Rating"], 4);
    assert_eq!(front.tell(&guest, "PATCH", "", json!({"Flags": ""})).await.status, 409);
    front.done(&guest, "POST", "/Messages", json!({"Message": "one more thing"})).await;
    assert_eq!(front.session(&guest).await["Status"], "CustomerLast");
    front.server.agent(json!({"fail": {}})).await;
    let mut refused = front.tell(&guest, "POST", "/Messages", json!({"Message": "hello?"})).await;
    for _ in 0..50 {
        if refused.status == 409 {
            break;
        }
        refused = front.tell(&guest, "POST", "/Messages", json!({"Message": "hello?"})).await;
    }
    assert_eq!((refused.status, refused.body.as_str()), (409, r#"{"Error":"ended"}"#));
}

#[tokio::test]
async fn a_transcript_is_one_text() {
    let front = Front::new().await;
    let guest = front.talk().await;
    front.done(&guest, "POST", "/Messages", json!({"Message": "hi"})).await;
    let text = front.done(&guest, "POST", "/Transcript?html=false", Value::Null).await;
    assert!(text.as_str().is_some_and(|text| text.contains("Visitor: hi")), "{text}");
    assert_eq!(front.tell(&guest, "POST", "/Transcript?html=maybe", Value::Null).await.status, 400);
}

#[tokio::test]
async fn presence_is_written_when_it_is_old_and_not_by_every_poll() {
    let front = Front::with(|text| text.replace("fetched_ms = 12000", "fetched_ms = 600000")).await;
    let guest = front.begin(2).await;
    let touched = async || {
        let record = front.server.record().await;
        let requests = record["requests"].as_array().expect("a list").clone();
        requests.iter().filter(|request| request["method"] == "PATCH").count()
    };
    let poll = async || {
        for _ in 0..10 {
            front.session(&guest).await;
        }
    };
    poll().await;
    assert_eq!(touched().await, 0);
    let path = format!("/superoffice/Cust00001/api/v1/ChatSession/{}", guest.id);
    let headers = [("Authorization", "Bearer 8A:local-demo"), ("Content-Type", "application/json")];
    let old = r#"{"WhenFetched":"2020-01-01T00:00:00+00:00"}"#;
    front.server.ask("PATCH", &path, &headers, old).await.expect("an answer");
    tokio::time::sleep(std::time::Duration::from_millis(40)).await;
    poll().await;
    front.server.until(|record| record["session"]["whenFetched"].as_u64() > Some(1_600_000_000_000)).await;
    poll().await;
    assert_eq!(touched().await, 2);
}
