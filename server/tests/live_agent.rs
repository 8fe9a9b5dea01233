//! The Live Agent façade as a client meets it: headers, polls, numbers, the end.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod common;

use common::{REST, Server, Visitor, init, path, read_answer};
use serde_json::json;

#[tokio::test]
async fn a_visitor_and_an_agent_talk_and_part() {
    let server = Server::quick().await;
    let mut visitor = Visitor::talk(&server).await;
    assert_eq!(visitor.say(&server, "hello").await.map(|answer| answer.status), Some(200));
    server.agent(json!({"typing": true})).await;
    server.agent(json!({"say": "hi"})).await;
    let answer = visitor.poll(&server, 1).await.expect("an answer");
    assert_eq!(answer.kinds(), ["AgentTyping", "ChatMessage"]);
    assert_eq!(visitor.poll(&server, 3).await.map(|answer| answer.status), Some(204));
    visitor.post(&server, "ChatEnd", json!({"reason": "client"})).await;
    assert_eq!(visitor.poll(&server, 3).await.expect("an answer").kinds(), ["ChatEnded"]);
    let key = visitor.key.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let deleted = server.ask("DELETE", &format!("{REST}/System/SessionId/{key}"), &visitor.headers(), "").await;
    assert_eq!(deleted.map(|answer| answer.status), Some(200));
    assert_eq!(server.delivered().await, ["hello"]);
    assert!(server.rules().await.is_empty());
    assert_eq!(server.record().await["phase"], "ended");
    assert_eq!(visitor.poll(&server, 4).await.map(|answer| answer.status), Some(403));
    assert_eq!(server.rules().await, ["afterEnd"]);
}

#[tokio::test]
async fn what_is_not_acknowledged_comes_again() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server).await;
    let again = visitor.poll(&server, -1).await.expect("an answer");
    assert_eq!(again.kinds().len(), 2);
    let rest = visitor.poll(&server, 0).await.expect("an answer");
    assert_eq!((rest.kinds(), rest.sequence()), (vec!["ChatEstablished".to_owned()], 1));
    assert_eq!(visitor.poll(&server, 9).await.map(|answer| answer.status), Some(409));
    assert_eq!(server.rules().await, ["ackAhead"]);
    server.agent(json!({"say": "one"})).await;
    let without = visitor.get(&server, "Messages").await.expect("an answer");
    assert_eq!(without.kinds(), ["ChatMessage"]);
    assert_eq!(visitor.get(&server, "Messages?pc=3").await.map(|answer| answer.status), Some(204));
}

#[tokio::test]
async fn a_second_poll_ends_the_chat() {
    let server = Server::quick().await;
    server.settings(json!({"pollHoldMs": 5000})).await;
    let visitor = Visitor::talk(&server).await;
    let mut older = visitor.hang_on(&server, 1).await;
    let newer = visitor.poll(&server, 1).await.expect("an answer");
    assert_eq!(newer.status, 409);
    assert_eq!(read_answer(&mut older).await.map(|answer| answer.status), Some(204));
    assert_eq!(server.rules().await, ["secondPoll"]);
    let record = server.record().await;
    assert_eq!((&record["phase"], &record["maxOpenPolls"]), (&json!("ended"), &json!(2)));
    assert_eq!(visitor.poll(&server, 1).await.map(|answer| answer.status), Some(403));
}

#[tokio::test]
async fn a_second_poll_may_be_tolerated() {
    let server = Server::quick().await;
    server.settings(json!({"pollHoldMs": 5000, "secondPoll": "accept"})).await;
    let visitor = Visitor::talk(&server).await;
    let mut older = visitor.hang_on(&server, 1).await;
    let newer = async {
        let poll = visitor.poll(&server, 1);
        let say = async {
            assert_eq!(read_answer(&mut older).await.map(|answer| answer.status), Some(204));
            server.agent(json!({"say": "hi"})).await;
        };
        tokio::join!(poll, say).0
    };
    assert_eq!(newer.await.expect("an answer").kinds(), ["ChatMessage"]);
    assert!(server.rules().await.is_empty());
}

#[tokio::test]
async fn a_poll_whose_client_leaves_makes_room_at_once() {
    let server = Server::quick().await;
    server.settings(json!({"pollHoldMs": 5000})).await;
    let visitor = Visitor::talk(&server).await;
    drop(visitor.hang_on(&server, 1).await);
    server.agent(json!({"say": "still there?"})).await;
    let answer = visitor.poll(&server, 1).await.expect("an answer");
    assert_eq!(answer.kinds(), ["ChatMessage"]);
    assert!(server.rules().await.is_empty());
    let record = server.record().await;
    assert_eq!((&record["maxOpenPolls"], &record["openPolls"]), (&json!(1), &json!(0)));
    assert_eq!(record["requests"][3]["outcome"], "clientLeft");
}

#[tokio::test]
async fn a_repeated_number_is_answered_but_not_delivered_and_a_gap_is_refused() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server).await;
    let body = json!({"text": "once"});
    for _ in 0..2 {
        let answer = visitor.post_as(&server, "ChatMessage", body.clone(), "2").await.expect("an answer");
        assert_eq!(answer.status, 200);
    }
    let gap = visitor.post_as(&server, "ChatMessage", body.clone(), "4").await.expect("an answer");
    assert_eq!((gap.status, gap.body.as_str()), (409, "Out of sync Ack. Expected 4. Actual 2"));
    assert_eq!(server.delivered().await, ["once"]);
    assert_eq!(server.rules().await, ["sequenceGap"]);
    server.settings(json!({"duplicateSequence": "refuse", "sequenceGap": "accept"})).await;
    let answers = [
        visitor.post_as(&server, "ChatMessage", body.clone(), "2").await,
        visitor.post_as(&server, "ChatMessage", body, "4").await,
    ];
    assert_eq!(answers.map(|answer| answer.map(|answer| answer.status)), [Some(409), Some(200)]);
}

#[tokio::test]
async fn one_request_may_carry_several_nouns() {
    let server = Server::quick().await;
    let mut visitor = Visitor::talk(&server).await;
    let nouns = json!({"nouns": [
        {"prefix": "Chasitor", "noun": "ChatMessage", "object": {"text": "one"}},
        {"prefix": "Chasitor", "noun": "ChatMessage", "data": "{\"text\":\"two\"}"},
        {"prefix": "Chasitor", "noun": "ChatEnd", "object": {"reason": "client"}}]});
    assert_eq!(visitor.post(&server, "MultiNoun", nouns).await.map(|answer| answer.status), Some(200));
    let record = server.record().await;
    let expected =
        json!([{"text": "one", "sequence": 2, "nounIndex": 0}, {"text": "two", "sequence": 2, "nounIndex": 1}]);
    assert_eq!((&record["delivered"], &record["phase"]), (&expected, &json!("ended")));
    assert!(server.rules().await.is_empty());
}

#[tokio::test]
async fn one_bad_noun_refuses_them_all() {
    let server = Server::quick().await;
    let mut visitor = Visitor::talk(&server).await;
    let nouns = json!({"nouns": [
        {"prefix": "Chasitor", "noun": "ChatMessage", "object": {"text": "one"}},
        {"prefix": "Chasitor", "noun": "ChatMessage", "object": {}}]});
    assert_eq!(visitor.post(&server, "MultiNoun", nouns).await.map(|answer| answer.status), Some(400));
    assert!(server.delivered().await.is_empty());
    assert_eq!(visitor.post_as(&server, "ChatMessage", json!({"text": "x"}), "2").await.map(|it| it.status), Some(200));
}

#[tokio::test]
async fn headers_are_what_the_table_says() {
    let server = Server::quick().await;
    let mut visitor = Visitor::talk(&server).await;
    let say = path("ChatMessage");
    let body = r#"{"text":"x"}"#;
    let (key, token) = (visitor.key.clone(), visitor.token.clone());
    let version = ("X-LIVEAGENT-API-VERSION", "48");
    let json_type = ("Content-Type", "application/json");
    let number = ("X-LIVEAGENT-SEQUENCE", "2");
    let credentials = [("X-LIVEAGENT-AFFINITY", token.as_str()), ("X-LIVEAGENT-SESSION-KEY", key.as_str())];
    let [affinity, secret] = credentials;
    let wrong_token = ("X-LIVEAGENT-AFFINITY", "00000000");
    let cases: [Case<'_>; 6] = [
        (&[affinity, secret, number, json_type], 400, "No version header found", "missingVersion"),
        (&[version, affinity, number, json_type], 403, "Session required but was invalid or not found", "missingKey"),
        (&[version, secret, number, json_type], 503, "Invalid Affinity Token", "missingAffinity"),
        (&[version, wrong_token, secret, number, json_type], 503, "Invalid Affinity Token", "wrongAffinity"),
        (&[version, affinity, secret, number], 400, "Content-Type must be application/json", "missingContentType"),
        (&[version, affinity, secret, json_type], 200, "OK", "missingSequence"),
    ];
    for (headers, status, text, rule) in cases {
        let answer = server.ask("POST", &say, headers, body).await.expect("an answer");
        assert_eq!((answer.status, answer.body.as_str()), (status, text), "{rule}");
        assert_eq!(server.rules().await.last().map(String::as_str), Some(rule));
    }
    let numbered = server
        .ask("GET", &format!("{REST}/System/Messages?ack=1"), &[version, affinity, secret, number], "")
        .await
        .expect("an answer");
    assert_eq!(numbered.status, 400);
    let resync = visitor.post_as(&server, "ChasitorResyncState", json!({"organizationId": "00D"}), "2").await;
    assert_eq!(resync.map(|answer| answer.status), Some(400));
    assert_eq!(visitor.say(&server, "").await.map(|answer| answer.status), Some(400));
    let rules = server.rules().await;
    assert_eq!(rules.iter().skip(6).collect::<Vec<_>>(), ["sequenceNotAllowed", "sequenceNotAllowed", "emptyText"]);
    assert_eq!(server.delivered().await, ["x"]);
    assert_eq!(server.ask("GET", &say, &[version], "").await.map(|answer| answer.status), Some(405));
    let unknown = format!("{REST}/Chasitor/ChatShout");
    assert_eq!(server.ask("POST", &unknown, &[version], "").await.map(|answer| answer.status), Some(404));
    let token_at_first = [version, ("X-LIVEAGENT-AFFINITY", "5ac31fa0")];
    let opened = server.ask("GET", &format!("{REST}/System/SessionId"), &token_at_first, "").await;
    assert_eq!(opened.map(|answer| answer.status), Some(400));
    let strays = server.ask("GET", "/control/violations", &[], "").await.expect("an answer").json();
    assert_eq!(strays[2]["rule"], "affinityNotNull");
}

#[tokio::test]
async fn nothing_is_said_before_an_agent_accepted() {
    let server = Server::quick().await;
    let mut visitor = Visitor::arrive(&server).await;
    assert_eq!(visitor.post_as(&server, "ChatMessage", json!({"text": "x"}), "1").await.map(|it| it.status), Some(500));
    visitor.post(&server, "ChasitorInit", init()).await;
    assert_eq!(visitor.post_as(&server, "ChatMessage", json!({"text": "x"}), "2").await.map(|it| it.status), Some(500));
    assert_eq!(server.rules().await, ["beforeInit", "earlyPost"]);
    assert_eq!(visitor.post(&server, "ChatEnd", json!({"reason": "client"})).await.map(|it| it.status), Some(200));
    assert!(server.delivered().await.is_empty());
}

#[tokio::test]
async fn a_chat_request_names_where_it_goes() {
    let server = Server::quick().await;
    let mut visitor = Visitor::arrive(&server).await;
    let answer = visitor.post(&server, "ChasitorInit", json!({"organizationId": "00D", "buttonId": "573"})).await;
    let body = answer.expect("an answer").body;
    let wanted = "ChasitorInit requires a non-null value on the deploymentId property";
    assert_eq!(body, format!("Request is not a valid ChasitorInit - {wanted}"));
    assert_eq!(server.rules().await, ["missingField"]);
}

#[tokio::test]
async fn a_chat_nobody_can_take_fails_in_the_poll() {
    let server = Server::quick().await;
    server.settings(json!({"available": false})).await;
    let visitor = Visitor::queue(&server).await;
    assert_eq!(visitor.poll(&server, -1).await.expect("an answer").kinds(), ["ChatRequestFail"]);
    assert_eq!(visitor.poll(&server, -1).await.expect("a repeat").kinds(), ["ChatRequestFail"]);
    assert_eq!(visitor.poll(&server, 0).await.map(|answer| answer.status), Some(403));
    assert_eq!(server.rules().await, ["afterEnd"]);
}

#[tokio::test]
async fn a_post_that_crosses_the_end_is_no_breach() {
    let server = Server::quick().await;
    let mut visitor = Visitor::talk(&server).await;
    server.agent(json!({"end": {}})).await;
    assert_eq!(visitor.say(&server, "wait").await.map(|answer| answer.status), Some(403));
    assert_eq!(visitor.poll(&server, 1).await.expect("an answer").kinds(), ["ChatEnded"]);
    assert!(server.rules().await.is_empty());
}

#[tokio::test]
async fn a_session_expires_without_polls() {
    let server = Server::quick().await;
    let mut visitor = Visitor::talk(&server).await;
    server.settings(json!({"expiryMs": 100})).await;
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    let answer = visitor.poll(&server, 1).await.expect("an answer");
    assert_eq!((answer.status, answer.body.as_str()), (403, "Session required but was invalid or not found"));
    assert_eq!(visitor.say(&server, "hello?").await.map(|answer| answer.status), Some(403));
    assert_eq!(server.record().await["phase"], "ended");
}

#[tokio::test]
async fn a_session_expires_when_told_even_under_a_poll() {
    let server = Server::quick().await;
    server.settings(json!({"pollHoldMs": 5000})).await;
    let visitor = Visitor::talk(&server).await;
    let mut poll = visitor.hang_on(&server, 1).await;
    server.control("conversations/latest/expire", json!({})).await;
    assert_eq!(read_answer(&mut poll).await.map(|answer| answer.status), Some(403));
}

#[tokio::test]
async fn availability_leaves_out_what_is_false() {
    let server = Server::quick().await;
    let path = format!(
        "{REST}/Visitor/Availability?org_id=00D&deployment_id=572&Availability.ids=[573a,005b_573a]&Availability.needEstimatedWaitTime=1"
    );
    let answer = server.ask("GET", &path, &[("X-LIVEAGENT-API-VERSION", "48")], "").await.expect("an answer");
    let results = &answer.json()["messages"][0]["message"]["results"];
    assert_eq!(*results, json!([{"id": "573a", "isAvailable": true, "estimatedWaitTime": -1.0}, {"id": "005b_573a"}]));
    server.settings(json!({"switchServer": "https://other.example/chat"})).await;
    let moved = server.ask("GET", &path, &[("X-LIVEAGENT-API-VERSION", "48")], "").await.expect("an answer");
    assert_eq!(moved.kinds(), ["SwitchServer"]);
}

#[tokio::test]
async fn a_file_goes_where_it_was_asked_for() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server).await;
    server.agent(json!({"requestFile": {}})).await;
    let asked = visitor.poll(&server, 1).await.expect("an answer").json();
    let token = asked["messages"][0]["message"]["fileToken"].as_str().expect("a token").to_owned();
    let path = format!("/live-agent/upload?orgId=00D&chatKey={}&fileToken={token}&encoding=UTF-8", visitor.id);
    let body = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x--\r\n";
    let kind = [("Content-Type", "multipart/form-data; boundary=x")];
    for expected in ["Success", "Failure"] {
        assert_eq!(server.ask("POST", &path, &kind, body).await.expect("an answer").body, expected);
    }
    let told = visitor.poll(&server, 2).await.expect("an answer").json();
    assert_eq!(told["messages"][0]["message"]["type"], "Success");
    let record = server.record().await;
    assert_eq!(record["events"][1], json!({"type": "upload", "name": "a.txt", "contentType": "text/plain", "size": 5}));
}

#[tokio::test]
async fn what_live_agent_has_no_word_for_is_not_sent() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server).await;
    server.agent(json!({"transfer": {"name": "Helper", "bot": true, "supervisor": false}})).await;
    server.agent(json!({"notice": "The shop closes soon."})).await;
    server.agent(json!({"pushUrl": "https://example.com/"})).await;
    server.agent(json!({"sendFile": {"name": "a.txt", "type": "text/plain", "text": "a"}})).await;
    server.agent(json!({"idleAlert": {"secs": 60}})).await;
    server.agent(json!({"sayHtml": "<b>hi</b>"})).await;
    let answer = visitor.poll(&server, 1).await.expect("an answer");
    assert_eq!(answer.kinds(), ["ChatTransferred", "ChatMessage"]);
    assert_eq!(answer.json()["messages"][1]["message"]["text"], "<b>hi</b>");
}

#[tokio::test]
async fn another_origin_may_ask_unless_switched_off() {
    let server = Server::quick().await;
    let path = path("ChatMessage");
    let allowed = server.ask("OPTIONS", &path, &[("Origin", "http://a.test")], "").await.expect("an answer");
    assert_eq!(allowed.status, 204);
    for line in ["access-control-allow-origin: *", "access-control-max-age: 600", "x-liveagent-sequence"] {
        assert!(allowed.head.to_lowercase().contains(line), "{line}");
    }
    server.settings(json!({"cors": "off"})).await;
    let refused = server.ask("OPTIONS", &path, &[("Origin", "http://a.test")], "").await.expect("an answer");
    assert!(!refused.head.to_lowercase().contains("access-control"));
}

/// Headers, and the status, the text and the rule that they lead to.
type Case<'a> = (&'a [(&'a str, &'a str)], u16, &'a str, &'a str);
