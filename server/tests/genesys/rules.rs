//! What a client must not do, and what it may.

use serde_json::{Value, json};

use crate::common::Server;
use crate::visitor::{
    FORM, JSON, MOBILE, Variant::Mobile, Variant::Web, Visitor, fine, form, gone, object, outcome, switch,
};

#[tokio::test]
async fn credentials_belong_into_every_request() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    let path = format!("{MOBILE}/{}/refresh", visitor.chat);
    let only_key = server.ask("POST", &path, &[FORM], &form(&[("secureKey", &visitor.key)])).await.expect("an answer");
    assert_eq!(outcome(&only_key), fine());
    let without = server.ask("POST", &path, &[FORM], &form(&[("alias", &visitor.alias)])).await.expect("an answer");
    assert_eq!(without.status, 400);
    let nobody = Visitor { user: "0".to_owned(), ..visitor.clone() };
    assert_eq!(outcome(&nobody.poll(&server, 1).await), (json!(2), json!(false)));
    let rules = ["missingIdentity", "missingIdentity", "wrongUser"];
    assert_eq!(server.rules().await, rules);
    let copied = Visitor { alias: "0".to_owned(), ..Visitor::queue(&server, Web).await };
    assert_eq!(outcome(&copied.poll(&server, 1).await), fine());
    let body = json!({"userId": copied.user, "secureKey": copied.key, "alias": "311"}).to_string();
    let path = format!("{}{}/messages", crate::visitor::WEB, copied.chat);
    server.ask("POST", &path, &[JSON], &body).await;
    let record = server.record().await;
    assert_eq!(record["violations"][0]["rule"], "wrongAlias");
    assert_eq!(record["violations"][1]["detail"], "GetMessages without tenantId");
    let body = json!({"userId": copied.user, "secureKey": copied.key, "alias": "311", "tenantId": "102"}).to_string();
    server.ask("POST", &path, &[JSON], &body).await;
    assert_eq!(server.rules().await, ["wrongAlias", "missingIdentity", "wrongTenant"]);
}

#[tokio::test]
async fn a_wrong_secret_costs_the_visitor_the_session() {
    let server = Server::quick().await;
    let one = Visitor::talk(&server, Mobile).await;
    let other = Visitor::talk(&server, Mobile).await;
    let mixed = Visitor { key: one.key.clone(), ..other.clone() };
    assert_eq!(outcome(&mixed.poll(&server, 1).await), gone());
    assert_eq!(outcome(&other.say(&server, "still here?").await), gone());
    let record = server.record().await;
    assert_eq!((&record["phase"], &record["session"]["removed"]), (&json!("ended"), &json!(8210)));
    assert_eq!(record["violations"][0]["rule"], "foreignKey");
    let unescaped = Visitor { key: one.key.replace('+', " "), ..one.clone() };
    assert_eq!(outcome(&unescaped.poll(&server, 1).await), gone());
    let path = format!("/control/conversations/{}", one.chat);
    let record = server.ask("GET", &path, &[], "").await.expect("an answer").json();
    assert_eq!(record["violations"][0]["rule"], "wrongKey");
}

#[tokio::test]
async fn the_mobile_services_take_no_json() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    let fields =
        [("userId", visitor.user.as_str()), ("secureKey", &visitor.key), ("alias", &visitor.alias), ("message", "x")];
    let body = object(&fields).to_string();
    let path = format!("{MOBILE}/{}/send", visitor.chat);
    for (kind, status) in [(JSON, 415), (FORM, 400), (("Accept", "*/*"), 415)] {
        assert_eq!(
            server.ask("POST", &path, &[kind], &body).await.map(|answer| answer.status),
            Some(status),
            "{kind:?}"
        );
    }
    let get = server.ask("GET", &path, &[], "").await.expect("an answer");
    assert_eq!(get.status, 405);
    let rules = server.rules().await;
    assert_eq!(rules, ["jsonOnForm", "jsonOnForm", "missingIdentity", "notForm", "wrongMethod"]);
    assert!(server.delivered().await.is_empty());
}

#[tokio::test]
async fn one_poll_at_a_time() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    switch(&server, json!({"pollHoldMs": 400})).await;
    let (first, second) = tokio::join!(visitor.poll(&server, 3), async {
        server.until(|record| record["openPolls"] == 1).await;
        visitor.poll(&server, 3).await
    });
    assert_eq!((outcome(&first), outcome(&second)), (fine(), fine()));
    assert_eq!(server.rules().await, ["secondPoll"]);
    assert_eq!(server.record().await["maxOpenPolls"], 2);
}

#[tokio::test]
async fn polls_are_not_to_hail() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Web).await;
    for _ in 0..24 {
        visitor.poll(&server, 1).await;
    }
    assert!(server.rules().await.is_empty());
    visitor.poll(&server, 1).await;
    assert_eq!(server.rules().await, ["pollTooOften"]);
}

#[tokio::test]
async fn positions_go_on_or_begin_anew() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    for position in [1, 3, 3, 1, 2, 3, 0, -1, 3] {
        visitor.poll(&server, position).await;
    }
    assert!(server.rules().await.is_empty());
    visitor.poll(&server, 2).await;
    assert_eq!(server.rules().await, ["positionBackwards"]);
    // What an answer to words tells as the next position is behind events that were not fetched.
    server.agent(json!({"say": "Hello"})).await;
    let next = visitor.say(&server, "x").await.json()["nextPosition"].as_i64().expect("a position");
    visitor.poll(&server, next).await;
    visitor.ask(&server, "refresh", &[("transcriptPosition", "last")]).await;
    assert_eq!(server.rules().await, ["positionBackwards", "positionAhead", "badPosition"]);
}

#[tokio::test]
async fn nothing_blank_is_said() {
    for variant in [Web, Mobile] {
        let server = Server::quick().await;
        let visitor = Visitor::talk(&server, variant).await;
        assert_eq!(visitor.say(&server, " \n").await.status, 400);
        assert_eq!(server.rules().await, ["blankMessage"]);
        assert!(server.delivered().await.is_empty());
    }
}

#[tokio::test]
async fn a_visitor_may_repeat_what_was_answered() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    switch(&server, json!({"verdicts": [{"noun": "send"}]})).await;
    let codes =
        [visitor.say(&server, "yes").await, visitor.say(&server, "yes").await, visitor.say(&server, "yes").await];
    assert_eq!(codes.map(|answer| answer.json()["statusCode"].clone()), [1, 0, 0].map(Value::from));
    assert_eq!((server.delivered().await.len(), server.rules().await.len()), (2, 0));
}

#[tokio::test]
async fn what_may_have_arrived_is_not_repeated_blindly() {
    for (variant, noun) in [(Web, "SendMessage"), (Mobile, "send")] {
        for kind in ["dropAnswer", "dropRequest"] {
            let server = Server::quick().await;
            let visitor = Visitor::talk(&server, variant).await;
            server.fault(noun, json!({"kind": kind})).await;
            assert!(visitor.try_to_say(&server, "hello").await.is_none());
            visitor.say(&server, "hello").await;
            assert_eq!(server.rules().await, ["blindRepeat"], "{kind}");
        }
        let server = Server::quick().await;
        let visitor = Visitor::talk(&server, variant).await;
        server.fault(noun, json!({"kind": "dropRequest"})).await;
        assert!(visitor.try_to_say(&server, "hello").await.is_none());
        visitor.say(&server, "something else").await;
        visitor.poll(&server, 1).await;
        visitor.say(&server, "hello").await;
        assert!(server.rules().await.is_empty());
        assert_eq!(server.delivered().await, ["something else", "hello"]);
    }
}

#[tokio::test]
async fn nothing_is_asked_after_the_end() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Web).await;
    visitor.leave(&server).await;
    tokio::time::sleep(std::time::Duration::from_millis(80)).await;
    visitor.poll(&server, 1).await;
    visitor.say(&server, "x").await;
    assert_eq!(server.rules().await, ["afterEnd", "afterEnd"]);
    assert!(server.delivered().await.is_empty());
}
