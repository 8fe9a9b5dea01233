//! The Mobile Services' chat (v2).

use serde_json::{Value, json};

use crate::common::Server;
use crate::visitor::{FORM, MOBILE, Variant::Mobile, Visitor, each, fine, form, gone, outcome, start, switch};

#[tokio::test]
async fn a_visitor_and_an_agent_talk() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    for odd in ["+", "/", "="] {
        assert!(visitor.key.contains(odd), "{} has no {odd}", visitor.key);
    }
    server.agent(json!({"typing": true})).await;
    server.agent(json!({"say": "Hello"})).await;
    let sent = visitor.say(&server, "a&b=c+d €").await;
    assert_eq!((outcome(&sent), sent.kinds().len(), &sent.json()["nextPosition"]), (fine(), 0, &json!(6)));
    let news = visitor.poll(&server, 1).await;
    assert_eq!(news.kinds(), ["ParticipantJoined", "ParticipantJoined", "TypingStarted", "Message", "Message"]);
    assert_eq!(
        (each(&news, "text")[4].clone(), each(&news, "messageType")[4].clone()),
        (json!("a&b=c+d €"), json!("text"))
    );
    let body = news.json();
    assert_eq!(
        (&body["chatId"], &body["userId"], &body["secureKey"]),
        (&json!(visitor.chat), &json!(visitor.user), &json!(visitor.key))
    );
    assert!(each(&news, "utcTime").iter().all(Value::is_u64));
    assert_eq!(outcome(&visitor.leave(&server).await), (json!(0), json!(true)));
    assert_eq!(server.record().await["events"][1], json!({"type": "end", "reason": "client"}));
    assert_eq!((server.delivered().await, server.rules().await.len()), (vec!["a&b=c+d €".to_owned()], 0));
}

#[tokio::test]
async fn a_chat_request_is_checked() {
    let server = Server::quick().await;
    let cases: [(&[(&str, &str)], u64); 4] = [
        (&[], 161),
        (&[("lastName", "K.")], 102),
        (&[("firstName", "Rana")], 103),
        (&[("nickname", "Rana"), ("emailAddress", "rana")], 364),
    ];
    for (fields, code) in cases {
        let answer = start(&server, Mobile, fields).await;
        assert_eq!((answer.status, &answer.json()["errors"][0]["code"]), (400, &json!(code)));
    }
    let fields = form(&[("firstName", "Rana"), ("lastName", "K."), ("userData[TimeZone]", "60"), ("text", "hi")]);
    let answer = server.ask("POST", &format!("{MOBILE}/"), &[FORM], &fields).await.expect("an answer");
    assert_eq!((outcome(&answer), &each(&answer, "from")[0]["nickname"]), (fine(), &json!("Rana K.")));
    let record = server.record().await;
    assert_eq!(
        (&record["events"][0]["userData"]["TimeZone"], &record["visitorName"]),
        (&json!("60"), &json!("Rana K."))
    );
    assert!(server.delivered().await.is_empty());
    let parts = "--x\r\nContent-Disposition: form-data; name=\"nickname\"\r\n\r\nNoor\r\n--x--\r\n";
    let kind = ("Content-Type", "multipart/form-data; boundary=x");
    let answer = server.ask("POST", MOBILE, &[kind], parts).await.expect("an answer");
    assert_eq!(each(&answer, "from")[0]["nickname"], "Noor");
}

#[tokio::test]
async fn a_position_asks_for_some_of_the_events() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    server.agent(json!({"say": "Hello"})).await;
    for (position, count) in [(0, 0), (1, 3), (2, 2), (3, 1), (4, 0), (-1, 1)] {
        assert_eq!(visitor.poll(&server, position).await.kinds().len(), count, "{position}");
    }
    assert_eq!(visitor.ask(&server, "refresh", &[]).await.kinds().len(), 3);
    let sent = visitor.ask(&server, "send", &[("message", "Hi"), ("transcriptPosition", "3")]).await;
    assert_eq!(each(&sent, "text"), ["Hello", "Hi"]);
    assert_eq!(visitor.ask(&server, "startTyping", &[("transcriptPosition", "0")]).await.kinds().len(), 0);
    assert!(server.rules().await.is_empty());
}

#[tokio::test]
async fn a_message_keeps_its_type_and_attributes() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    let attributes = r#"{"general-properties":{"related-event-id":"17"}}"#;
    let fields =
        [("message", "x"), ("messageType", "odd"), ("eventAttributes", attributes), ("transcriptPosition", "3")];
    let sent = visitor.ask(&server, "send", &fields).await.json();
    assert_eq!(sent["messages"][0]["messageType"], "odd");
    assert_eq!(sent["messages"][0]["eventAttributes"]["general-properties"]["related-event-id"], "17");
}

#[tokio::test]
async fn what_is_not_sent_yet_is_shown_and_never_said() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    visitor.ask(&server, "startTyping", &[("message", "he")]).await;
    for draft in ["hel", "hel", ""] {
        visitor.ask(&server, "refresh", &[("transcriptPosition", "1"), ("message", draft)]).await;
    }
    let stopped = visitor.ask(&server, "stopTyping", &[("transcriptPosition", "3")]).await;
    assert_eq!(
        (stopped.kinds(), each(&stopped, "text")[0].clone()),
        (vec!["TypingStarted".to_owned(), "TypingStopped".to_owned()], json!("he"))
    );
    let events = server.record().await["events"].clone();
    let peeks: Vec<&str> =
        events.as_array().expect("a list").iter().filter_map(|event| event["text"].as_str()).collect();
    assert_eq!(peeks, ["he", "hel", ""]);
    assert!(server.delivered().await.is_empty());
    switch(&server, json!({"refreshPosts": true})).await;
    visitor.ask(&server, "refresh", &[("transcriptPosition", "5"), ("message", "hello")]).await;
    assert_eq!(server.delivered().await, ["hello"]);
}

#[tokio::test]
async fn everything_else_a_visitor_does_is_an_event_or_a_note() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    let purpose = r#"{"purpose":"cancel-idle-timer"}"#;
    let asked: [(&str, &[(&str, &str)]); 5] = [
        ("pushUrl", &[("pushUrl", "https://example.com/a")]),
        ("updateNickname", &[("nickname", "Rana")]),
        ("customNotice", &[("message", "here"), ("eventAttributes", purpose)]),
        ("updateData", &[("userData[order]", "17")]),
        ("readReceipt", &[("transcriptPosition", "2")]),
    ];
    for (operation, fields) in asked {
        assert_eq!(outcome(&visitor.ask(&server, operation, fields).await), fine(), "{operation}");
    }
    let news = visitor.poll(&server, 3).await;
    assert_eq!(news.kinds(), ["PushUrl", "NicknameUpdated", "CustomNotice"]);
    assert_eq!(each(&news, "text"), [json!("https://example.com/a"), Value::Null, json!("here")]);
    assert_eq!(each(&news, "from")[1]["nickname"], "Rana");
    assert_eq!(each(&news, "eventAttributes")[2]["purpose"], "cancel-idle-timer");
    let record = server.record().await;
    assert_eq!(record["visitorName"], "Rana");
    let notes = record["events"].as_array().expect("a list").iter().skip(1);
    let kinds: Vec<&str> = notes.filter_map(|event| event["type"].as_str()).collect();
    assert_eq!(kinds, ["pushUrl", "rename", "customNotice", "updateData", "readReceipt"]);
    for operation in ["pushUrl", "updateNickname", "updateData", "readReceipt", "send", "file"] {
        let status = if operation == "file" { 415 } else { 400 };
        assert_eq!(visitor.ask(&server, operation, &[]).await.status, status, "{operation}");
    }
    assert_eq!(
        server.rules().await,
        ["missingField", "missingField", "missingField", "missingField", "missingField", "notForm"]
    );
}

#[tokio::test]
async fn a_message_may_be_too_long() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    switch(&server, json!({"messageLimit": 4})).await;
    let answers = [
        visitor.say(&server, "five!").await,
        visitor.ask(&server, "refresh", &[("transcriptPosition", "1"), ("message", "five!")]).await,
        visitor.ask(&server, "startTyping", &[("message", "five!")]).await,
    ];
    for answer in answers {
        assert_eq!((answer.status, &answer.json()["errors"][0]), (400, &json!({"code": 204, "advice": "4"})));
    }
    assert_eq!(outcome(&visitor.say(&server, "four").await), fine());
    assert_eq!(server.delivered().await, ["four"]);
}

#[tokio::test]
async fn a_service_or_a_chat_may_be_unknown() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    let elsewhere = Visitor { chat: "0001nobody".to_owned(), ..visitor.clone() };
    let nowhere = MOBILE.replace("customer-support", "nothing");
    let ask = async || {
        let start = server.ask("POST", &nowhere, &[FORM], "nickname=R").await.expect("an answer");
        (start, elsewhere.poll(&server, 1).await)
    };
    let (start, poll) = ask().await;
    assert_eq!((start.status, poll.status), (404, 404));
    switch(&server, json!({"unknownService": "code306", "unknownChat": "ended"})).await;
    let (start, poll) = ask().await;
    assert_eq!((outcome(&start), &start.json()["errors"][0]["code"]), (gone(), &json!(306)));
    assert_eq!((outcome(&poll), &poll.json()["errors"][0]["code"]), (gone(), &json!(249)));
    switch(&server, json!({"services": ["nothing"], "unknownService": "notFound"})).await;
    let (start, _) = ask().await;
    assert_eq!((outcome(&start), visitor.poll(&server, 1).await.status), (fine(), 404));
}

#[tokio::test]
async fn another_origin_may_ask_without_cookies() {
    let server = Server::quick().await;
    let allowed = server.ask("OPTIONS", MOBILE, &[("Origin", "http://a.test")], "").await.expect("an answer");
    let head = allowed.head.to_lowercase();
    for line in ["access-control-allow-origin: *", "apikey"] {
        assert!(head.contains(line), "{line} in {head}");
    }
    assert!(!head.contains("credentials"));
}
