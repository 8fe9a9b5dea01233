//! What an agent does, as the visitor hears of it.

use serde_json::{Value, json};

use crate::common::Server;
use crate::visitor::{Variant::Mobile, Variant::Web, Visitor, each, gone, outcome, switch};

#[tokio::test]
async fn a_transfer_is_one_who_leaves_and_one_who_joins() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Web).await;
    server.agent(json!({"transfer": {"name": "Ilse V."}})).await;
    server.agent(json!({"transferToQueue": {}})).await;
    server.agent(json!({"transfer": {"name": "Sam K."}})).await;
    let news = visitor.poll(&server, 3).await;
    let (left, joined) = ("ParticipantLeft", "ParticipantJoined");
    assert_eq!(news.kinds(), [left, joined, left, joined]);
    let names: Vec<_> = each(&news, "from").iter().map(|from| from["nickname"].clone()).collect();
    assert_eq!(names, ["Noor B.", "Ilse V.", "Ilse V.", "Sam K."]);
    assert_eq!(server.record().await["phase"], "talking");
}

#[tokio::test]
async fn a_bot_hands_over_to_an_agent_and_a_supervisor_barges_in() {
    let server = Server::quick().await;
    let visitor = Visitor::queue(&server, Mobile).await;
    server.agent(json!({"accept": {"name": "Robo", "bot": true}})).await;
    server.agent(json!({"say": "Beep"})).await;
    server.agent(json!({"transfer": {"name": "Ilse V."}})).await;
    server.agent(json!({"join": {"name": "Chief", "supervisor": true}})).await;
    server.agent(json!({"leave": {"name": "Chief"}})).await;
    let news = visitor.poll(&server, 2).await;
    let types: Vec<_> = each(&news, "from").iter().map(|from| from["type"].clone()).collect();
    assert_eq!(types, ["External", "External", "External", "Agent", "Supervisor", "Supervisor"]);
    let attributes = each(&news, "eventAttributes");
    assert_eq!(attributes[0]["GCTI_SYSTEM"]["party-info"]["style"], "BOT");
    assert_eq!((&attributes[1], &attributes[3]), (&attributes[0], &Value::Null));
    switch(&server, json!({"botType": "Agent"})).await;
    assert_eq!(each(&visitor.poll(&server, 2).await, "from")[0]["type"], "Agent");
}

#[tokio::test]
async fn each_act_has_its_event() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    for action in [
        json!({"sayHtml": "<b>hi</b>"}),
        json!({"notice": "The shop closes soon."}),
        json!({"typing": true}),
        json!({"typing": false}),
        json!({"pushUrl": "https://example.com/"}),
        json!({"customEvent": {"type": "survey", "data": "{}"}}),
        json!({"raw": {"type": "Odd", "text": "x", "from": {"nickname": "?", "participantId": "7", "type": "Robot"}}}),
        json!({"queue": {"position": 2}}),
        json!({"requestFile": {}}),
    ] {
        server.agent(action).await;
    }
    let news = visitor.poll(&server, 3).await;
    assert_eq!(news.kinds(), ["Message", "Notice", "TypingStarted", "TypingStopped", "PushUrl", "CustomNotice", "Odd"]);
    assert_eq!(each(&news, "text")[0], "<b>hi</b>");
    assert_eq!(each(&news, "from")[1], json!({"nickname": "System", "participantId": 0, "type": "External"}));
    assert_eq!(
        (&each(&news, "text")[4], &each(&news, "eventAttributes")[5]),
        (&json!("https://example.com/"), &json!({"purpose": "survey"}))
    );
    assert_eq!((&each(&news, "from")[6]["type"], &each(&news, "index")[6]), (&json!("Robot"), &json!(9)));
}

#[tokio::test]
async fn a_notice_of_the_agents_page_says_what_it_is_where_a_switch_wants_it() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    server.agent(json!({"transfer": {"name": "Holdfast bot", "bot": true}})).await;
    let event = json!({"customEvent": {"type": "survey", "data": "{}"}});
    server.agent(event.clone()).await;
    switch(&server, json!({"noticeKind": "userData"})).await;
    server.agent(event).await;
    let news = visitor.poll(&server, 5).await;
    let style = json!({"style": "BOT"});
    let named = json!({"GCTI_SYSTEM": {"party-info": style}, "purpose": "survey"});
    let unnamed = json!({"GCTI_SYSTEM": {"party-info": style}});
    assert_eq!(each(&news, "eventAttributes"), [named, unnamed]);
    assert_eq!(each(&news, "userData"), [Value::Null, json!({"event": "survey"})]);
}

#[tokio::test]
async fn an_end_is_told_once_with_all_that_was_left_and_then_refused() {
    for (reason, code) in [(json!({}), "4"), (json!({"reason": "system"}), "5"), (json!({"reason": "8"}), "8")] {
        let server = Server::quick().await;
        let visitor = Visitor::talk(&server, Mobile).await;
        server.agent(json!({"say": "Goodbye"})).await;
        server.agent(json!({"end": reason})).await;
        let last = visitor.poll(&server, 3).await;
        assert_eq!(outcome(&last), (json!(0), json!(true)));
        assert_eq!(last.kinds(), ["Message", "ParticipantLeft", "ParticipantLeft"]);
        assert_eq!(each(&last, "from")[2]["type"], "Client");
        assert_eq!(each(&last, "eventAttributes")[2], json!({"GCTI_SYSTEM": {"quit-reason-code": code}}));
        assert!(server.rules().await.is_empty());
        let after = visitor.poll(&server, 6).await;
        assert_eq!((outcome(&after), &after.json()["errors"][0]["code"]), (gone(), &json!(249)));
        assert_eq!(server.rules().await, ["afterEnd"]);
    }
}

#[tokio::test]
async fn a_last_answer_that_got_lost_is_given_again() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    server.agent(json!({"end": {}})).await;
    server.fault("refresh", json!({"kind": "dropAnswer"})).await;
    assert!(visitor.send(&server, "refresh", &[("transcriptPosition", "3")]).await.is_none());
    assert_eq!(outcome(&visitor.poll(&server, 3).await), (json!(0), json!(true)));
    assert!(server.rules().await.is_empty());
}

#[tokio::test]
async fn words_that_cross_the_end_are_refused_without_blame() {
    let server = Server::quick().await;
    let visitor = Visitor::talk(&server, Mobile).await;
    server.agent(json!({"end": {}})).await;
    assert_eq!(outcome(&visitor.say(&server, "wait").await), gone());
    assert_eq!(outcome(&visitor.poll(&server, 3).await), (json!(0), json!(true)));
    assert!(server.delivered().await.is_empty());
    assert!(server.rules().await.is_empty());
}

#[tokio::test]
async fn what_follows_the_end_can_be_switched() {
    for (stance, status, code) in [("repeated", 200, json!(0)), ("notFound", 404, Value::Null)] {
        let server = Server::quick().await;
        switch(&server, json!({"afterEnd": stance})).await;
        let visitor = Visitor::talk(&server, Web).await;
        server.agent(json!({"fail": {}})).await;
        visitor.poll(&server, 3).await;
        let after = visitor.poll(&server, 5).await;
        assert_eq!(after.status, status);
        if status == 200 {
            assert_eq!((&after.json()["statusCode"], &after.json()["chatEnded"]), (&code, &json!(true)));
        }
    }
}

#[tokio::test]
async fn nobody_may_be_there() {
    let server = Server::quick().await;
    server.settings(json!({"available": false})).await;
    let refused = crate::visitor::start(&server, Mobile, &[("nickname", "R")]).await;
    assert_eq!((outcome(&refused), &refused.json()["errors"][0]["code"]), (gone(), &json!(240)));
    switch(&server, json!({"unavailable": "status1"})).await;
    let refused = crate::visitor::start(&server, Mobile, &[("nickname", "R")]).await;
    assert_eq!(outcome(&refused), (json!(1), json!(false)));
}

#[tokio::test]
async fn the_system_may_greet_first_and_an_opening_text_may_count() {
    let server = Server::quick().await;
    let system = json!({"nickname": "Welcome", "greeting": "One moment please."});
    switch(&server, json!({"systemParty": system, "openingText": "said"})).await;
    let answer = crate::visitor::start(&server, Web, &[("nickname", "R"), ("text", "It is late.")]).await;
    assert_eq!(answer.kinds(), ["ParticipantJoined", "ParticipantJoined", "Message", "Message"]);
    assert_eq!(each(&answer, "from")[1], json!({"nickname": "Welcome", "participantId": 2, "type": "External"}));
    assert_eq!(server.delivered().await, ["It is late."]);
}
