//! The chat moves to another server: every way in which a 503 can come, and what becomes of the visitor's words.

use std::time::Duration;

use holdfast_chat::session::{Connection, Environment};
use serde_json::json;

use super::chat::Chat;

#[test]
fn a_503_on_a_poll_gives_everything_up_and_finds_the_chat_again() {
    let mut chat = Chat::talking();
    chat.server.rotate();

    let effects = chat.deliver("Messages");

    assert_eq!(
        effects,
        [
            "store head",
            "trouble: the conversation moved to another server",
            "GET ReconnectSession?offset=700014",
            "connection resuming",
        ]
    );
    chat.settle();
    assert_eq!(chat.session.view().connection, Connection::Steady);
    assert_eq!(
        chat.server.asked[chat.server.asked.len() - 4..],
        [
            "GET ReconnectSession?offset=700014",
            "GET Messages?ack=-1",
            "POST ChasitorResyncState {\"organizationId\":\"00D5x000001AbCd\"}",
            "GET Messages?ack=0",
        ]
    );
}

#[test]
fn a_message_that_was_in_flight_and_arrived_is_not_said_twice() {
    let mut chat = Chat::talking();
    chat.send("one");
    let _ = chat.server.answer(&chat.flying.last_key_value().expect("a post").1.clone());
    chat.server.rotate();

    chat.deliver("Messages");
    assert_eq!(chat.in_flight(), ["GET ReconnectSession?offset=700014"]);
    chat.settle();

    assert_eq!(chat.server.heard, ["one"]);
    assert_eq!(chat.outbox(), [""; 0]);
    assert_eq!(chat.transcript(), ["Noor B. joined", "visitor: one"]);
}

#[test]
fn a_message_that_was_in_flight_and_did_not_arrive_is_said_afterwards() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.server.rotate();

    chat.deliver("Messages");
    chat.settle();

    assert_eq!(chat.server.heard, ["one"]);
    assert_eq!(chat.server.asked.last().map(String::as_str), Some("GET Messages?ack=0"));
    assert!(
        chat.server.asked.contains(&"POST ChatMessage #1 {\"text\":\"one\"}".to_owned()),
        "{:?}",
        chat.server.asked
    );
}

#[test]
fn of_a_batch_that_was_in_flight_only_what_did_not_arrive_is_said_afterwards() {
    let mut chat = Chat::queued();
    for text in ["one", "two", "three"] {
        chat.send(text);
    }
    chat.server.establish();
    chat.deliver("Messages");
    chat.server.rotate();
    chat.deliver("Messages");
    chat.deliver("ReconnectSession");
    let record = json!({ "messages": [{ "type": "ChasitorSessionData", "message": { "chatMessages": [
        { "type": "Chasitor", "content": "one" }, { "type": "Chasitor", "content": "two" } ] } }], "sequence": 0 });
    chat.reply("Messages", 200, &record.to_string());
    chat.settle();

    assert_eq!(chat.server.heard, ["three"]);
    assert_eq!(chat.transcript(), ["Noor B. joined", "visitor: one", "visitor: two", "visitor: three"]);
}

#[test]
fn a_503_on_a_post_gives_the_poll_up_too() {
    let mut chat = Chat::talking();
    chat.send("one");
    let poll = chat.flying.first_key_value().map(|(id, _)| id.0).expect("a poll");
    chat.server.rotate();

    let effects = chat.deliver("ChatMessage");

    assert_eq!(
        effects,
        [
            "store head",
            "trouble: the conversation moved to another server",
            &*format!("abort {poll}"),
            "GET ReconnectSession?offset=700014",
            "connection resuming",
        ]
    );
    chat.settle();
    assert_eq!(chat.server.heard, ["one"]);
}

#[test]
fn words_written_while_the_chat_moves_go_out_afterwards_in_order() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.server.rotate();
    chat.deliver("Messages");
    assert_eq!(chat.send("two"), ["store head"]);
    chat.deliver("ReconnectSession");
    assert_eq!(chat.send("three"), ["store head"]);
    chat.deliver("Messages");
    assert_eq!(chat.in_flight(), ["POST ChasitorResyncState {\"organizationId\":\"00D5x000001AbCd\"}"]);
    chat.settle();

    assert_eq!(chat.server.heard, ["one", "two", "three"]);
}

#[test]
fn a_second_503_while_reconnecting_is_waited_out() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.server.rotate();
    chat.deliver("Messages");

    for _ in 0..3 {
        let effects = chat.reply("ReconnectSession", 503, "");
        assert_eq!(effects, ["trouble: the backend is not available (status 503)"]);
        assert_eq!(chat.session.view().connection, Connection::Resuming);
        assert_eq!(chat.wake(), ["GET ReconnectSession?offset=700014"]);
    }
    chat.settle();

    assert_eq!(chat.server.heard, ["one"]);
}

#[test]
fn a_503_in_place_of_the_session_data_begins_the_handover_anew() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.server.rotate();
    chat.deliver("Messages");
    chat.deliver("ReconnectSession");
    chat.server.rotate();

    chat.deliver("Messages");
    chat.settle();

    assert_eq!(chat.server.heard, ["one"]);
    assert_eq!(chat.transcript(), ["Noor B. joined", "visitor: one"]);
}

#[test]
fn two_handovers_in_a_row_lose_and_repeat_nothing() {
    let mut chat = Chat::talking();
    for text in ["one", "two", "three"] {
        chat.send(text);
        chat.server.say(&format!("about {text}"));
        chat.server.rotate();
        chat.settle();
    }

    assert_eq!(chat.server.heard, ["one", "two", "three"]);
    let agents: Vec<String> = chat.transcript().into_iter().filter(|line| line.starts_with("agent")).collect();
    assert_eq!(agents, ["agent: about one", "agent: about two", "agent: about three"]);
}

#[test]
fn what_the_agent_said_meanwhile_is_shown_once() {
    let mut chat = Chat::talking();
    chat.server.say("Hello");
    chat.settle();
    chat.server.say("Are you there?");
    chat.server.rotate();

    chat.settle();

    assert_eq!(chat.transcript(), ["Noor B. joined", "agent: Hello", "agent: Are you there?"]);
}

#[test]
fn without_session_data_a_message_that_was_in_flight_is_set_aside_for_the_visitor() {
    let mut chat = Chat::talking();
    chat.server.tells_session_data = false;
    chat.send("one");
    chat.send("two");
    let _ = chat.server.answer(&chat.flying.last_key_value().expect("a post").1.clone());
    chat.server.rotate();
    chat.deliver("Messages");
    chat.deliver("ReconnectSession");

    let effects = chat.reply("Messages", 204, "");

    assert_eq!(
        effects,
        ["store head", "GET Messages?ack=-1", "POST ChatMessage #1 {\"text\":\"two\"}", "connection steady"]
    );
    chat.settle();
    assert_eq!(chat.outbox(), ["one, unconfirmed"]);
    assert_eq!(chat.server.heard, ["one", "two"]);
}

#[test]
fn numbers_that_are_kept_make_a_repeat_safe_without_session_data() {
    let mut chat = Chat::talking();
    chat.server.tells_session_data = false;
    chat.server.resets = Some(false);
    chat.send("one");
    let _ = chat.server.answer(&chat.flying.last_key_value().expect("a post").1.clone());
    chat.server.rotate();
    chat.deliver("Messages");
    chat.deliver("ReconnectSession");
    chat.reply("Messages", 204, "");
    chat.settle();

    assert_eq!(chat.outbox(), [""; 0]);
    assert_eq!(chat.server.heard, ["one"]);
}

#[test]
fn a_server_that_knows_of_no_handover_is_polled_once_more() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.reply("Messages", 503, "");
    chat.deliver("ReconnectSession");
    assert_eq!(chat.in_flight(), ["GET Messages?ack=1"]);
    chat.reply("Messages", 204, "");
    chat.settle();

    assert_eq!(chat.server.heard, ["one"]);
}

#[test]
fn a_handover_in_the_queue_keeps_the_place() {
    let mut chat = Chat::queued();
    chat.send("one");
    chat.server.rotate();
    chat.settle();
    assert_eq!(chat.stage(), "queued");
    chat.server.establish();
    chat.settle();

    assert_eq!(chat.server.heard, ["one"]);
}

#[test]
fn a_chat_that_ended_while_it_moved_is_over() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.server.rotate();
    chat.deliver("Messages");
    chat.deliver("ReconnectSession");

    let end = r#"{"messages":[{"type":"ChatEnded","message":{"reason":"agent"}}],"sequence":0}"#;
    let effects = chat.reply("Messages", 200, end);

    assert_eq!(effects, ["store head", "ended agent", "DELETE SessionId", "connection steady"]);
    assert_eq!(chat.outbox(), ["one, unconfirmed"]);
}

#[test]
fn a_handover_goes_on_after_the_network_was_away() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.server.rotate();
    chat.deliver("Messages");
    chat.environment(Environment::Offline);
    assert_eq!(chat.session.view().connection, Connection::Offline);
    chat.environment(Environment::Online);
    assert_eq!(chat.in_flight(), ["GET ReconnectSession?offset=700014"]);
    chat.settle();

    assert_eq!(chat.server.heard, ["one"]);
}

#[test]
fn signs_of_typing_are_dropped_by_a_handover_and_words_are_not() {
    let mut chat = Chat::talking();
    chat.draft("o");
    chat.server.rotate();
    chat.deliver("Messages");
    chat.settle();

    let typing = chat.server.asked.iter().filter(|asked| asked.contains("Typing #")).count();
    assert_eq!(typing, 0, "{:?}", chat.server.asked);
    chat.send("one");
    chat.settle();
    assert_eq!(chat.server.heard, ["one"]);
}

#[test]
fn a_gateway_that_gives_up_in_the_middle_of_a_handover_ends_nothing() {
    for status in [408, 425] {
        let mut chat = Chat::talking();
        chat.reply("Messages", 503, "");

        chat.reply("ReconnectSession", status, "");
        let asked = chat.wait(Duration::from_secs(1));

        assert!(asked.iter().any(|request| request.contains("ReconnectSession")), "{status}: {asked:?}");
    }
}
