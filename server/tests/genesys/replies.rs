//! How answers are bent by switches.

use serde_json::{Value, json};

use crate::common::Server;
use crate::visitor::{Variant, Variant::Mobile, Variant::Web, Visitor, each, fine, outcome, start, switch};

/// A visitor with four events to fetch: two joins, a typing and a message.
async fn told(variant: Variant, switches: Value) -> (Server, Visitor) {
    let server = Server::quick().await;
    switch(&server, switches).await;
    let visitor = Visitor::talk(&server, variant).await;
    server.agent(json!({"typing": true})).await;
    server.agent(json!({"say": "Hello"})).await;
    (server, visitor)
}

#[tokio::test]
async fn trouble_is_told_for_as_many_requests_as_ordered() {
    for variant in [Web, Mobile] {
        let (server, visitor) = told(variant, json!({})).await;
        switch(&server, json!({"verdicts": [{"times": 2}]})).await;
        assert_eq!(outcome(&visitor.poll(&server, 1).await), (json!(1), json!(false)));
        let answer = visitor.say(&server, "x").await;
        assert_eq!((outcome(&answer), &answer.json()["alias"]), ((json!(1), json!(false)), &json!("0")));
        assert_eq!(outcome(&visitor.poll(&server, 1).await), fine());
        assert!(server.delivered().await.is_empty());
        assert!(server.rules().await.is_empty());
    }
}

#[tokio::test]
async fn a_verdict_may_be_impossible_final_or_silent_and_may_be_carried_out() {
    let (server, visitor) = told(Mobile, json!({"untrusted": "absent"})).await;
    switch(
        &server,
        json!({"verdicts": [
            {"noun": "refresh", "statusCode": 1, "chatEnded": true},
            {"noun": "send", "statusCode": 1, "chatEnded": "missing", "processed": true},
            {"noun": "startTyping", "statusCode": 2, "chatEnded": false},
            {"noun": "refresh", "statusCode": 0, "chatEnded": "missing"},
            {"noun": "refresh", "statusCode": 2, "chatEnded": false, "code": 240, "skip": 1},
        ]}),
    )
    .await;
    let impossible = visitor.poll(&server, 1).await;
    assert_eq!((outcome(&impossible), impossible.json().get("alias")), ((json!(1), json!(true)), None));
    assert_eq!(outcome(&visitor.say(&server, "twice?").await), (json!(1), Value::Null));
    assert_eq!(server.delivered().await, ["twice?"]);
    let typed = visitor.ask(&server, "startTyping", &[]).await;
    assert_eq!((outcome(&typed), &typed.json()["errors"][0]["code"]), ((json!(2), json!(false)), &json!(249)));
    let silent = visitor.poll(&server, 1).await;
    assert_eq!((outcome(&silent), silent.kinds().len()), ((json!(0), Value::Null), 5));
    assert_eq!(outcome(&visitor.poll(&server, 1).await), fine());
    let last = visitor.poll(&server, 1).await;
    assert_eq!((outcome(&last), &last.json()["errors"][0]["code"]), ((json!(2), json!(false)), &json!(240)));
    assert!(server.rules().await.is_empty());
    visitor.poll(&server, 1).await;
    assert_eq!(server.rules().await, ["afterEnd"]);
}

#[tokio::test]
async fn a_chat_request_may_meet_trouble() {
    let server = Server::quick().await;
    switch(&server, json!({"verdicts": [{"noun": "requestChat"}, {"noun": "RequestChat", "processed": true}]})).await;
    assert_eq!(outcome(&start(&server, Mobile, &[("nickname", "R")]).await), (json!(1), json!(false)));
    assert_eq!(outcome(&start(&server, Web, &[("nickname", "R")]).await), (json!(1), json!(false)));
    let list = server.ask("GET", "/control/conversations", &[], "").await.expect("an answer").json();
    assert_eq!((list.as_array().map(Vec::len), &list[0]["dialect"]), (Some(1), &json!("genesys")));
}

#[tokio::test]
async fn the_answer_to_a_chat_request_may_leave_things_out() {
    let server = Server::quick().await;
    let ask = async |reply: &str| {
        switch(&server, json!({"startReply": reply})).await;
        start(&server, Mobile, &[("nickname", "R")]).await
    };
    let documented = ask("documented").await.json();
    assert_eq!((documented.get("chatEnded"), documented.get("nextPosition")), (None, None));
    assert_eq!(documented["messages"].as_array().map(Vec::len), Some(1));
    let quiet = ask("noMessages").await;
    assert_eq!((quiet.kinds().len(), &quiet.json()["nextPosition"]), (0, &json!(2)));
}

#[tokio::test]
async fn fields_may_be_missing() {
    let (server, visitor) = told(Mobile, json!({"chatEnded": "missing", "nextPosition": "missing"})).await;
    let body = visitor.poll(&server, 1).await.json();
    assert_eq!((body.get("chatEnded"), body.get("nextPosition")), (None, None));
    switch(&server, json!({"nextPosition": "zero", "emptyMessages": "null", "replyIdentity": "bare"})).await;
    let body = visitor.poll(&server, 5).await.json();
    assert_eq!((&body["nextPosition"], body.get("messages")), (&json!(0), Some(&Value::Null)));
    let identity = ["alias", "userId", "secureKey", "chatId"].map(|name| body.get(name).is_none());
    assert_eq!(identity, [true; 4]);
    switch(&server, json!({"emptyMessages": "missing"})).await;
    assert_eq!(visitor.poll(&server, 5).await.json().get("messages"), None);
}

#[tokio::test]
async fn events_may_come_twice_or_backwards() {
    let (server, visitor) = told(Web, json!({"eventOrder": "descending"})).await;
    assert_eq!(each(&visitor.poll(&server, 2).await, "index"), [4, 3, 2]);
    switch(&server, json!({"eventOrder": "ascending", "eachTwice": true})).await;
    assert_eq!(each(&visitor.poll(&server, 3).await, "index"), [3, 3, 4, 4]);
    switch(&server, json!({"eachTwice": false, "repeatEvents": 2})).await;
    assert_eq!(each(&visitor.poll(&server, 5).await, "index"), [3, 4]);
}

#[tokio::test]
async fn numbers_may_be_left_out_or_lack() {
    let (server, visitor) = told(Web, json!({"indexGap": 2, "unindexed": ["TypingStarted"]})).await;
    let news = visitor.poll(&server, 1).await;
    assert_eq!(each(&news, "index"), [json!(3), json!(6), json!(9), Value::Null]);
    assert_eq!(news.kinds().last().map(String::as_str), Some("TypingStarted"));
    assert_eq!((news.json()["nextPosition"].clone(), visitor.poll(&server, 10).await.kinds().len()), (json!(10), 0));
    server.agent(json!({"raw": {"type": "Notice", "text": "x", "index": null}})).await;
    server.agent(json!({"raw": {"type": "Notice", "text": "y", "index": 40}})).await;
    let news = visitor.poll(&server, 10).await;
    assert_eq!((each(&news, "index"), news.json()["nextPosition"].clone()), (vec![json!(40), Value::Null], json!(41)));
}

#[tokio::test]
async fn words_may_be_spelt_otherwise() {
    let spelling = json!({"participantId": "text", "typeNames": "lower", "agentType": "Robot", "utcTime": false});
    let (server, visitor) = told(Mobile, spelling).await;
    let news = visitor.poll(&server, 2).await;
    assert_eq!(news.kinds(), ["participantjoined", "typingstarted", "message"]);
    assert_eq!(each(&news, "from")[0], json!({"nickname": "Noor B.", "participantId": "2", "type": "robot"}));
    assert_eq!(each(&news, "utcTime"), [Value::Null, Value::Null, Value::Null]);
    server.agent(json!({"end": {}})).await;
    switch(&server, json!({"attributes": "innerText"})).await;
    let inner = each(&visitor.poll(&server, 1).await, "eventAttributes")[5].clone();
    assert_eq!(inner, json!({"GCTI_SYSTEM": "{\"quit-reason-code\":\"4\"}"}));
    let (server, visitor) = told(Mobile, json!({"attributes": "text"})).await;
    server.agent(json!({"end": {}})).await;
    let whole = each(&visitor.poll(&server, 1).await, "eventAttributes")[5].clone();
    assert_eq!(whole, json!("{\"GCTI_SYSTEM\":{\"quit-reason-code\":\"4\"}}"));
}

#[tokio::test]
async fn a_secret_may_be_plain() {
    let (_, visitor) = told(Mobile, json!({"keyStyle": "hex"})).await;
    assert!(visitor.key.len() == 16 && visitor.key.chars().all(|letter| letter.is_ascii_hexdigit()));
}

#[tokio::test]
async fn bodies_of_another_kind_may_be_let_through() {
    let (server, visitor) = told(Mobile, json!({"bodyType": "accept"})).await;
    let fields =
        [("userId", visitor.user.as_str()), ("secureKey", &visitor.key), ("alias", &visitor.alias), ("message", "x")];
    let body = crate::visitor::object(&fields).to_string();
    let path = format!("{}/{}/send", crate::visitor::MOBILE, visitor.chat);
    for kind in [crate::visitor::JSON, crate::visitor::FORM, ("Content-Type", "text/plain")] {
        assert_eq!(outcome(&server.ask("POST", &path, &[kind], &body).await.expect("an answer")), fine());
    }
    assert_eq!((server.delivered().await.len(), server.rules().await.len()), (3, 0));
}
