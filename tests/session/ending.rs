//! How a conversation ends, and what is possible afterwards.

use std::time::Duration;

use holdfast_chat::model::RequestId;
use holdfast_chat::protocol::{Response, TransportError};
use holdfast_chat::session::{Command, Environment, Input};
use serde_json::json;

use super::chat::Chat;

#[test]
fn the_end_in_the_queue_is_at_once() {
    let mut chat = Chat::queued();
    chat.send("one");
    let poll = chat.flying.first_key_value().map(|(id, _)| id.0).expect("a poll");

    let effects = chat.command(Command::End);

    assert_eq!(effects, ["store head", &*format!("abort {poll}"), "POST ChatEnd #2 {\"reason\":\"client\"}"]);
    assert_eq!(chat.stage(), "closing");
    chat.deliver("ChatEnd");
    assert_eq!(chat.in_flight(), ["DELETE SessionId"]);
    assert_eq!(chat.deliver("DELETE"), ["store head", "ended visitor"]);
    assert_eq!((&*chat.stage(), chat.outbox()), ("ended, visitor", vec!["one, ended".to_owned()]));
}

#[test]
fn the_end_before_there_is_a_session_asks_for_nothing() {
    let mut chat = Chat::new();
    chat.start();
    let id = chat.flying.first_key_value().map(|(id, _)| id.0).expect("a request");

    assert_eq!(chat.command(Command::End), ["forget", &*format!("abort {id}"), "ended visitor"]);
    assert_eq!(chat.stage(), "ended, visitor");
}

#[test]
fn words_that_are_still_to_be_sent_go_before_the_end() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.send("two");

    assert_eq!(chat.command(Command::End), ["store head"]);
    assert_eq!(chat.stage(), "closing");
    chat.settle();

    assert_eq!(chat.server.heard, ["one", "two"]);
    assert_eq!(chat.stage(), "ended, visitor");
    let asked = &chat.server.asked;
    assert_eq!(asked[asked.len() - 2..], ["POST ChatEnd #4 {\"reason\":\"client\"}", "DELETE SessionId"]);
}

#[test]
fn words_that_cannot_be_sent_hold_the_end_up_for_eight_seconds_and_stay_visible() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.send("two");
    chat.command(Command::End);

    chat.wait(Duration::from_millis(7_999));
    assert_eq!(chat.in_flight().len(), 2);
    chat.wait(Duration::from_millis(1));
    assert_eq!(chat.in_flight(), ["POST ChatEnd #3 {\"reason\":\"client\"}"]);

    assert_eq!(chat.outbox(), ["one, unconfirmed", "two, ended"]);
}

#[test]
fn a_set_aside_message_does_not_hold_the_end_up() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.reply("ChatMessage", 400, "");

    let effects = chat.command(Command::End);

    assert_eq!(effects.last().map(String::as_str), Some("POST ChatEnd #2 {\"reason\":\"client\"}"));
    assert_eq!(chat.outbox(), ["one, refused"]);
}

#[test]
fn a_second_end_changes_nothing() {
    let mut chat = Chat::talking();
    chat.command(Command::End);

    assert_eq!(chat.command(Command::End), [""; 0]);
    chat.settle();
    assert_eq!(chat.command(Command::End), [""; 0]);
}

#[test]
fn an_end_that_nobody_answers_is_tried_four_times_and_taken_as_done() {
    let mut chat = Chat::talking();
    chat.command(Command::End);
    for _ in 0..3 {
        chat.lose("ChatEnd");
        assert_eq!(chat.stage(), "closing");
        chat.wake();
    }
    chat.lose("ChatEnd");

    assert_eq!((&*chat.stage(), chat.in_flight().len()), ("ended, visitor", 0));
}

#[test]
fn an_end_that_takes_too_long_is_taken_as_done() {
    let mut chat = Chat::talking();
    chat.command(Command::End);

    chat.wait(Duration::from_secs(20));

    assert_eq!((&*chat.stage(), chat.in_flight().len()), ("ended, visitor", 0));
}

#[test]
fn an_end_while_the_chat_moves_follows_it() {
    let mut chat = Chat::talking();
    chat.command(Command::End);
    chat.server.rotate();
    chat.settle();

    assert_eq!(chat.stage(), "ended, visitor");
    assert!(
        chat.server.asked.contains(&"POST ChatEnd #1 {\"reason\":\"client\"}".to_owned()),
        "{:?}",
        chat.server.asked
    );
}

#[test]
fn the_agents_end_is_told_at_once_and_keeps_what_was_said() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.server.tell("ChatEnded", json!({ "reason": "agent" }));

    let effects = chat.deliver("Messages");

    assert_eq!(chat.stage(), "ended, agent");
    assert_eq!(effects.iter().filter(|effect| effect.contains("ended agent")).count(), 1);
    assert_eq!(chat.in_flight(), ["DELETE SessionId"]);
    assert_eq!(chat.outbox(), ["one, unconfirmed"]);
}

#[test]
fn after_the_end_nothing_that_happens_asks_for_anything() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.server.expire();
    chat.settle();
    assert_eq!(chat.stage(), "ended, expired");
    let custom = Command::Custom { kind: "a".to_owned(), data: "b".to_owned() };
    let response = || Ok(Response { status: 503, ..Response::default() });
    let inputs = [
        Input::Woke,
        Input::Environment(Environment::Online),
        Input::Environment(Environment::Offline),
        Input::Environment(Environment::Visible),
        Input::Environment(Environment::Leaving),
        Input::Environment(Environment::Returned),
        Input::Environment(Environment::StorageFailed),
        Input::Command(Command::Send { text: "x".to_owned() }),
        Input::Command(Command::Draft { text: "x".to_owned() }),
        Input::Command(Command::Stay),
        Input::Command(Command::End),
        Input::Command(Command::Open),
        Input::Command(Command::Shut),
        Input::Command(custom),
        Input::Replied { id: RequestId(1), outcome: response() },
        Input::Replied { id: RequestId(6), outcome: Err(TransportError::Network) },
    ];
    for input in inputs {
        chat.input(input.clone());
        chat.wait(Duration::from_secs(600));
        assert_eq!(chat.in_flight(), [""; 0], "{input:?}");
    }

    assert_eq!((&*chat.stage(), chat.outbox()), ("ended, expired", vec!["one, unconfirmed".into(), "x, ended".into()]));
}

#[test]
fn what_is_sent_behind_the_end_is_set_aside_and_goes_out_with_the_next_conversation() {
    let mut chat = Chat::talking();
    chat.command(Command::End);
    chat.draft("too late");
    chat.send("too late");
    assert_eq!((chat.outbox(), &*chat.session.view().draft), (vec!["too late, ended".to_owned()], ""));
    chat.settle();
    chat.server = super::server::Server::new();
    let entry = chat.session.view().outbox[0].id;

    chat.command(Command::Retry { entry });
    chat.settle();
    chat.server.establish();
    chat.settle();

    assert_eq!(chat.server.heard, ["too late"]);
}

#[test]
fn nothing_can_be_sent_before_the_first_conversation() {
    let mut chat = Chat::new();

    assert_eq!(chat.send("too early"), [""; 0]);
    assert_eq!((&*chat.stage(), chat.outbox()), ("idle", vec![]));
}

#[test]
fn whatever_was_waited_for_the_end_is_followed_by_silence() {
    for end in ["the agent's", "the visitor's", "nobody's"] {
        let mut chat = Chat::queued();
        let idle = json!({ "isEnabled": true, "warningTime": 60, "timeout": 90 });
        chat.server.tell("ChatEstablished", json!({ "chasitorIdleTimeout": idle }));
        chat.server.tell("AgentTyping", json!({}));
        chat.settle();
        chat.send("one");
        chat.deliver("ChatMessage");
        chat.draft("two");

        match end {
            "the agent's" => chat.server.tell("ChatEnded", json!({ "reason": "agent" })),
            "the visitor's" => drop(chat.command(Command::End)),
            _ => chat.server.expire(),
        }
        chat.settle();

        assert!(chat.stage().starts_with("ended"), "{end}");
        assert_eq!(chat.session.next_wake(), None, "{end}");
    }
}

#[test]
fn a_new_conversation_begins_with_an_empty_transcript_and_what_was_left_over() {
    let mut chat = Chat::talking();
    chat.server.say("Hello");
    chat.settle();
    chat.send("one");
    chat.server.expire();
    chat.settle();
    let (name, serial) = (chat.session.conversation().to_owned(), chat.session.serial());
    chat.server = super::server::Server::new();

    chat.start();
    chat.settle();

    assert_eq!((&*chat.stage(), chat.transcript()), ("queued", vec![]));
    assert_eq!(chat.outbox(), ["one, unconfirmed"]);
    // So that a copy of the earlier one is known to be old.
    assert_eq!(chat.session.conversation(), name);
    assert!(chat.session.serial().count() > serial.count());
}

#[test]
fn what_stands_in_the_composer_survives_the_end_and_a_new_beginning() {
    let mut chat = Chat::talking();
    chat.draft("half a thou");
    chat.server.expire();
    chat.settle();
    assert_eq!(&*chat.session.view().draft, "half a thou");

    chat.start();

    assert_eq!(&*chat.session.view().draft, "half a thou");
}

#[test]
fn a_retry_after_the_end_begins_a_new_conversation_for_it() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.server.expire();
    chat.settle();
    chat.server = super::server::Server::new();
    let entry = chat.session.view().outbox[0].id;

    chat.command(Command::Retry { entry });
    chat.settle();
    chat.server.establish();
    chat.settle();

    assert_eq!(chat.server.heard, ["one"]);
    assert_eq!(chat.transcript(), ["Noor B. joined", "visitor: one"]);
}

#[test]
fn a_retry_while_the_ended_chat_is_let_go_of_is_not_forgotten() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.server.tell("ChatEnded", json!({ "reason": "agent" }));
    chat.deliver("Messages");
    assert_eq!((&*chat.stage(), chat.in_flight()), ("ended, agent", vec!["DELETE SessionId".to_owned()]));
    let entry = chat.session.view().outbox[0].id;

    chat.command(Command::Retry { entry });
    chat.server = super::server::Server::new();
    chat.settle();
    chat.server.establish();
    chat.settle();

    assert_eq!(chat.server.heard, ["one"]);
}

#[test]
fn a_start_while_the_ended_chat_is_let_go_of_begins_a_new_one() {
    let mut chat = Chat::talking();
    chat.server.tell("ChatEnded", json!({ "reason": "agent" }));
    chat.deliver("Messages");

    let effects = chat.start();

    assert_eq!(effects.last().map(String::as_str), Some("GET Availability"));
    assert_eq!(chat.stage(), "opening");
}

#[test]
fn news_behind_the_end_is_read_and_brings_nothing_back_to_life() {
    let mut chat = Chat::talking();
    chat.server.tell("ChatEnded", json!({ "reason": "agent" }));
    chat.server.say("Goodbye");
    chat.server.tell("AgentTyping", json!({}));
    chat.server.tell("FileTransfer", json!({ "type": "Requested", "uploadServletUrl": "u", "fileToken": "t" }));
    chat.server.tell("SwitchServer", json!({ "newUrl": "https://two.example.com/chat" }));
    chat.settle();

    let view = chat.session.view();
    assert_eq!(
        (&*chat.stage(), chat.transcript()),
        ("ended, agent", vec!["Noor B. joined".into(), "agent: Goodbye".into()])
    );
    assert!(!view.agent_typing);
    assert_eq!(view.files.upload, holdfast_chat::session::Upload::None);
}

#[test]
fn a_refused_opening_ends_with_its_reason() {
    let mut chat = Chat::new();
    chat.start();
    let nobody = r#"{"messages":[{"type":"Availability","message":{"results":[{"id":"5735x000000AbCd"}]}}]}"#;

    let effects = chat.reply("Availability", 200, nobody);

    assert_eq!(effects, ["forget", "trouble: the conversation is over (unavailable)", "ended unavailable"]);
    assert_eq!(chat.stage(), "ended, unavailable");
}

#[test]
fn a_retry_while_the_end_is_on_its_way_changes_nothing() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.reply("ChatMessage", 400, "");
    chat.command(Command::End);
    let entry = chat.session.view().outbox[0].id;

    assert_eq!(chat.command(Command::Retry { entry }), [""; 0]);
    chat.settle();

    assert_eq!((&*chat.stage(), chat.outbox()), ("ended, visitor", vec!["one, refused".to_owned()]));
}
