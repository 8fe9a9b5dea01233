//! The Web API Server's chat (v1).

use serde_json::json;

use crate::common::Server;
use crate::visitor::{JSON, Variant::Web, Visitor, WEB, each, fine, gone, outcome, start, switch};

#[tokio::test]
async fn a_visitor_and_an_agent_talk() {
    let server = Server::quick().await;
    let answer = start(&server, Web, &[("nickname", "Rana K."), ("subject", "Parcel")]).await;
    assert_eq!((outcome(&answer), answer.kinds()), (fine(), vec!["ParticipantJoined".to_owned()]));
    let visitor = Visitor::of(Web, &answer);
    server.agent(json!({"accept": {}})).await;
    server.agent(json!({"say": "Hello"})).await;
    assert_eq!(outcome(&visitor.say(&server, "Hello?").await), fine());
    let news = visitor.poll(&server, 2).await;
    assert_eq!(
        (outcome(&news), news.kinds()),
        (fine(), ["ParticipantJoined", "Message", "Message"].map(str::to_owned).to_vec())
    );
    assert_eq!(
        (each(&news, "index"), each(&news, "text")[1..].to_vec()),
        (vec![json!(2), json!(3), json!(4)], vec![json!("Hello"), json!("Hello?")])
    );
    let from = each(&news, "from");
    assert_eq!(from[0], json!({"nickname": "Noor B.", "participantId": 2, "type": "Agent"}));
    assert_eq!(from[2], json!({"nickname": "Rana K.", "participantId": 1, "type": "Client"}));
    let body = news.json();
    assert_eq!(
        (&body["nextPosition"], &body["alias"], body.get("secureKey")),
        (&json!(5), &json!(visitor.alias), None)
    );
    assert_eq!(outcome(&visitor.leave(&server).await), (json!(0), json!(true)));
    assert_eq!(outcome(&visitor.poll(&server, 5).await), gone());
    let record = server.record().await;
    assert_eq!((&record["dialect"], &record["phase"]), (&json!("genesys"), &json!("ended")));
    assert_eq!((server.delivered().await, server.rules().await.len()), (vec!["Hello?".to_owned()], 0));
    let nouns: Vec<_> =
        record["requests"].as_array().expect("a list").iter().map(|line| line["noun"].clone()).collect();
    assert_eq!(nouns, ["RequestChat", "SendMessage", "GetMessages", "Complete", "GetMessages"]);
    assert_eq!(
        (&record["requests"][2]["ack"], &record["requests"][2]["affinity"]),
        (&json!("2"), &json!(visitor.alias))
    );
}

#[tokio::test]
async fn typing_is_told_and_comes_back() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Web).await;
    for operation in ["SendStartTypingNotification", "SendStopTypingNotification"] {
        assert_eq!(outcome(&visitor.ask(&server, operation, &[]).await), fine());
    }
    assert_eq!(visitor.poll(&server, 3).await.kinds(), ["TypingStarted", "TypingStopped"]);
    let events = server.record().await["events"].clone();
    assert_eq!((&events[1], &events[2]), (&json!({"type": "typing"}), &json!({"type": "notTyping"})));
    switch(&server, json!({"typingEcho": false})).await;
    visitor.ask(&server, "SendStartTypingNotification", &[]).await;
    assert!(visitor.poll(&server, 5).await.kinds().is_empty());
}

#[tokio::test]
async fn a_chat_can_be_looked_at() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Web).await;
    let shown = server.ask("GET", &format!("{WEB}{}", visitor.chat), &[], "").await.expect("an answer").json();
    assert_eq!(
        (&shown["chat"]["state"], &shown["chat"]["participants"][1]["type"]),
        (&json!("Chatting"), &json!("Agent"))
    );
}

#[tokio::test]
async fn a_chat_request_is_checked() {
    let server = Server::quick().await;
    let body = r#"{"nickname":"Rana K."}"#;
    let answer = server.ask("POST", WEB.trim_end_matches('/'), &[JSON], body).await.expect("an answer");
    assert_eq!(answer.status, 400);
    let strays = server.ask("GET", "/control/violations", &[], "").await.expect("an answer").json();
    assert_eq!(strays[0]["rule"], "missingField");
    let body = r#"{"tenantId":101,"firstName":"Rana","lastName":"K.","userData":{"page":"/parcel"}}"#;
    let answer = server.ask("POST", WEB.trim_end_matches('/'), &[JSON], body).await.expect("an answer");
    assert_eq!(each(&answer, "from")[0]["nickname"], "Rana K.");
    let record = server.record().await;
    assert_eq!(
        (&record["events"][0]["userData"]["page"], &record["session"]["service"]),
        (&json!("/parcel"), &json!("101"))
    );
}

#[tokio::test]
async fn what_it_does_not_know_is_refused() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Web).await;
    assert_eq!(visitor.ask(&server, "PushUrl", &[]).await.status, 404);
    let path = format!("{WEB}{}", visitor.chat);
    assert_eq!(server.ask("DELETE", &path, &[], "").await.map(|answer| answer.status), Some(405));
    assert_eq!(server.ask("POST", &path, &[JSON], "{").await.map(|answer| answer.status), Some(404));
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let messages = format!("{path}/messages");
    assert_eq!(server.ask("POST", &messages, &[form], "a=b").await.map(|answer| answer.status), Some(415));
    assert_eq!(server.ask("POST", &messages, &[JSON], "[]").await.map(|answer| answer.status), Some(400));
    assert_eq!(server.rules().await, ["unknownResource", "wrongMethod", "unknownResource", "notJson", "badJson"]);
}

#[tokio::test]
async fn another_origin_may_bring_cookies() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Web).await;
    let path = format!("{WEB}{}/messages", visitor.chat);
    let allowed = server.ask("OPTIONS", &path, &[("Origin", "http://a.test")], "").await.expect("an answer");
    let head = allowed.head.to_lowercase();
    for line in ["access-control-allow-origin: http://a.test", "allow-credentials: true", "allow-headers: content-type"]
    {
        assert!(head.contains(line), "{line} in {head}");
    }
}
