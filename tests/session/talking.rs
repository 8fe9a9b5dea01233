//! A conversation without trouble: opening, type-ahead, words both ways, typing, files.

use std::time::Duration;

use holdfast_chat::model::{FileId, RequestId};
use holdfast_chat::protocol::{Response, TransportError};
use holdfast_chat::session::{Command, Environment, Input, Panel, Upload};
use serde_json::json;

use super::chat::Chat;

#[test]
fn a_conversation_goes_from_the_first_click_to_the_end() {
    let mut chat = Chat::new();
    chat.start();
    chat.settle();
    chat.server.establish();
    chat.settle();
    chat.server.say("Hello");
    chat.settle();
    chat.send("Hi");
    chat.settle();
    chat.server.tell("ChatEnded", json!({ "reason": "agent" }));
    chat.settle();

    assert_eq!(chat.stage(), "ended, agent");
    assert_eq!(chat.transcript(), ["Noor B. joined", "agent: Hello", "visitor: Hi"]);
    assert_eq!(chat.server.heard, ["Hi"]);
    assert_eq!(
        chat.server.asked,
        [
            "GET Availability",
            "GET SessionId",
            "POST ChasitorInit #1",
            "GET Messages?ack=-1",
            "GET Messages?ack=0",
            "GET Messages?ack=1",
            "GET Messages?ack=2",
            "POST ChatMessage #2 {\"text\":\"Hi\"}",
            "GET Messages?ack=2",
            "DELETE SessionId",
        ]
    );
}

#[test]
fn the_first_step_stores_before_it_asks() {
    let mut chat = Chat::new();

    assert_eq!(chat.start(), ["store head", "GET Availability"]);
}

#[test]
fn a_second_start_changes_nothing() {
    let mut chat = Chat::queued();

    assert_eq!(chat.start(), [""; 0]);
    assert_eq!(chat.stage(), "queued");
}

#[test]
fn what_is_typed_ahead_goes_out_once_and_together_when_an_agent_is_there() {
    let mut chat = Chat::new();
    chat.start();
    chat.send("one");
    chat.settle();
    chat.send("two");
    chat.send("three");
    assert_eq!(chat.in_flight(), ["GET Messages?ack=0"]);
    assert_eq!(chat.outbox(), ["one, sending", "two, sending", "three, sending"]);

    chat.server.establish();
    let effects = chat.deliver("Messages");

    assert_eq!(
        effects,
        [
            "store page.0 head",
            "joined Noor B.",
            "GET Messages?ack=1",
            "POST MultiNoun #2 {\"text\":\"one\"} {\"text\":\"two\"} {\"text\":\"three\"}",
        ]
    );
    chat.settle();
    assert_eq!(chat.server.heard, ["one", "two", "three"]);
    assert_eq!(chat.outbox(), [""; 0]);
    assert_eq!(chat.transcript(), ["Noor B. joined", "visitor: one", "visitor: two", "visitor: three"]);
}

#[test]
fn more_than_a_batch_goes_out_in_several_posts_in_order() {
    let mut chat = Chat::queued();
    let texts: Vec<String> = (0..120).map(|n| format!("line {n}")).collect();
    for text in &texts {
        chat.send(text);
    }

    chat.server.establish();
    chat.settle();

    assert_eq!(chat.server.heard, texts);
    assert_eq!(chat.server.asked.iter().filter(|asked| asked.contains("MultiNoun")).count(), 3);
}

#[test]
fn a_message_waits_for_the_post_before_it_and_for_the_pace() {
    let mut chat = Chat::talking();
    assert_eq!(chat.send("one"), ["store head", "POST ChatMessage #2 {\"text\":\"one\"}"]);
    assert_eq!(chat.send("two"), ["store head"]);

    let effects = chat.deliver("ChatMessage");

    assert_eq!(effects, ["store page.0 head", "sent one"]);
    assert_eq!(chat.wait(Duration::from_millis(299)), [""; 0]);
    assert_eq!(chat.wait(Duration::from_millis(1)), ["store head", "POST ChatMessage #3 {\"text\":\"two\"}"]);
}

#[test]
fn blank_messages_are_not_sent() {
    let mut chat = Chat::talking();

    assert_eq!(chat.send(" \n "), [""; 0]);
    assert_eq!(chat.outbox(), [""; 0]);
}

#[test]
fn the_agents_words_count_as_unread_while_the_panel_is_shut() {
    let mut chat = Chat::talking();
    chat.server.say("one");
    chat.server.say("two");
    chat.settle();
    assert_eq!(chat.session.view().unread, 2);

    chat.command(Command::Open);
    chat.server.say("three");
    chat.settle();

    assert_eq!((chat.session.view().unread, chat.session.view().panel), (0, Panel::Open));
    chat.command(Command::Shut);
    assert_eq!(chat.session.view().panel, Panel::Shut);
}

#[test]
fn typing_is_told_once_when_it_begins_and_once_when_it_pauses() {
    let mut chat = Chat::talking();

    assert_eq!(chat.draft("H"), ["store head", "POST ChasitorTyping #2 {}"]);
    chat.deliver("ChasitorTyping");
    assert_eq!(chat.draft("He"), ["store head"]);
    assert_eq!(chat.draft("Hel"), ["store head"]);
    assert_eq!(chat.wait(Duration::from_millis(3_999)), [""; 0]);
    assert_eq!(chat.wait(Duration::from_millis(1)), ["store head", "POST ChasitorNotTyping #3 {}"]);
}

#[test]
fn typing_ends_when_the_composer_is_emptied() {
    let mut chat = Chat::talking();
    chat.draft("H");
    chat.deliver("ChasitorTyping");

    assert_eq!(chat.draft(""), ["store head", "POST ChasitorNotTyping #3 {}"]);
}

#[test]
fn typing_ends_after_the_words_that_were_typed() {
    let mut chat = Chat::talking();
    chat.draft("Hi");
    chat.deliver("ChasitorTyping");
    chat.send("Hi");
    assert_eq!(chat.in_flight(), ["GET Messages?ack=1", "POST ChatMessage #3 {\"text\":\"Hi\"}"]);

    let effects = chat.deliver("ChatMessage");

    assert_eq!(effects, ["store page.0 head", "sent Hi", "POST ChasitorNotTyping #4 {}"]);
    assert_eq!(&*chat.session.view().draft, "");
}

#[test]
fn nobody_is_told_of_typing_before_an_agent_is_there() {
    let mut chat = Chat::queued();

    assert_eq!(chat.draft("Hi"), ["store head"]);
    assert_eq!(chat.in_flight(), ["GET Messages?ack=0"]);
}

#[test]
fn an_agent_who_may_look_into_the_composer_sees_it_throttled_and_gets_no_typing() {
    let mut chat = Chat::queued();
    chat.server.tell("ChatEstablished", json!({ "name": "Noor B.", "sneakPeekEnabled": true }));
    chat.settle();
    assert!(chat.session.view().sneak_peek);

    assert_eq!(chat.draft("H"), ["store head", "POST ChasitorSneakPeek #2 {\"position\":0,\"text\":\"H\"}"]);
    chat.deliver("SneakPeek");
    assert_eq!(chat.draft("He"), ["store head"]);
    assert_eq!(chat.draft("Hel"), ["store head"]);
    assert_eq!(
        chat.wait(Duration::from_millis(1_200)),
        ["store head", "POST ChasitorSneakPeek #3 {\"position\":0,\"text\":\"Hel\"}"]
    );
    chat.deliver("SneakPeek");
    chat.wait(Duration::from_secs(10));
    assert_eq!(chat.in_flight(), ["GET Messages?ack=1"]);
    assert_eq!(chat.draft(""), ["store head", "POST ChasitorSneakPeek #4 {\"position\":0,\"text\":\"\"}"]);
}

#[test]
fn the_agent_counts_as_typing_until_they_speak_stop_or_five_seconds_pass() {
    let mut chat = Chat::talking();
    for end in ["say", "stop", "time"] {
        chat.server.tell("AgentTyping", json!({}));
        chat.settle();
        assert!(chat.session.view().agent_typing, "{end}");

        match end {
            "say" => chat.server.say("x"),
            "stop" => chat.server.tell("AgentNotTyping", json!({})),
            _ => {
                chat.wait(Duration::from_millis(4_999));
                assert!(chat.session.view().agent_typing, "{end}");
                chat.wait(Duration::from_millis(1));
            }
        }
        chat.settle();

        assert!(!chat.session.view().agent_typing, "{end}");
    }
}

#[test]
fn agents_come_go_and_hand_over() {
    let mut chat = Chat::talking();
    chat.server.tell("AgentJoinedConference", json!({ "name": "Ines" }));
    chat.server.tell("AgentLeftConference", json!({ "name": "Ines" }));
    chat.server.tell("TransferToButtonInitiated", json!({}));
    chat.settle();
    assert_eq!(chat.stage(), "talking to nobody");
    chat.server.tell("ChatTransferred", json!({ "name": "Ines" }));
    chat.settle();
    assert_eq!(chat.stage(), "talking to Ines");
    chat.server.tell("AgentDisconnect", json!({}));
    chat.settle();

    assert_eq!(chat.stage(), "talking to nobody");
    assert_eq!(
        chat.transcript(),
        ["Noor B. joined", "Ines joined", "Ines left", "transferring", "transferred to Ines", "Ines left"]
    );
}

#[test]
fn custom_events_go_both_ways_in_order() {
    let mut chat = Chat::queued();
    for kind in ["a", "b"] {
        chat.command(Command::Custom { kind: kind.to_owned(), data: "1".to_owned() });
    }
    chat.server.establish();
    chat.server.tell("CustomEvent", json!({ "type": "cart", "data": "2" }));
    chat.settle();
    chat.wait(Duration::from_secs(1));
    chat.settle();

    let custom: Vec<&String> = chat.server.asked.iter().filter(|asked| asked.contains("CustomEvent")).collect();
    assert_eq!(
        custom,
        ["POST CustomEvent #2 {\"data\":\"1\",\"type\":\"a\"}", "POST CustomEvent #3 {\"data\":\"1\",\"type\":\"b\"}"]
    );
    assert!(chat.notices.iter().any(|notice| format!("{notice:?}").contains("cart")));
}

#[test]
fn the_page_is_told_of_events_that_the_end_overtook() {
    let mut chat = Chat::queued();
    for kind in ["a", "b"] {
        chat.command(Command::Custom { kind: kind.to_owned(), data: "1".to_owned() });
    }

    let ended = chat.command(Command::End);

    let told: Vec<&String> = ended.iter().filter(|effect| effect.starts_with("unheard")).collect();
    assert_eq!(told, ["unheard a: the conversation ended first", "unheard b: the conversation ended first"]);
}

#[test]
fn an_event_without_a_conversation_changes_nothing() {
    let mut chat = Chat::new();
    let event = || Command::Custom { kind: "a".to_owned(), data: "1".to_owned() };
    assert_eq!(chat.command(event()), [""; 0]);
    chat.start();
    chat.settle();
    chat.server.establish();
    chat.settle();
    assert!(!chat.server.asked.iter().any(|asked| asked.contains("CustomEvent")), "{:?}", chat.server.asked);
}

#[test]
fn a_refused_event_is_dropped_and_the_next_goes_out() {
    let mut chat = Chat::talking();
    for kind in ["a", "b"] {
        chat.command(Command::Custom { kind: kind.to_owned(), data: "1".to_owned() });
    }

    chat.reply("CustomEvent", 400, "");

    let next = "POST CustomEvent #2 {\"data\":\"1\",\"type\":\"b\"}";
    assert_eq!(chat.in_flight(), ["GET Messages?ack=1", next]);
}

#[test]
fn a_refused_message_leaves_the_events_behind_it_alone() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.command(Command::Custom { kind: "a".to_owned(), data: "1".to_owned() });

    chat.reply("ChatMessage", 400, "");

    let next = "POST CustomEvent #2 {\"data\":\"1\",\"type\":\"a\"}";
    assert_eq!(chat.in_flight(), ["GET Messages?ack=1", next]);
}

#[test]
fn what_the_sites_rules_mask_leaves_masked_and_is_shown_masked() {
    let mut chat = Chat::talking();
    let rule = |pattern: &str, replacement: &str| json!({ "id": "1", "name": "Card", "pattern": pattern, "replacement": replacement, "actionType": "Replace" });
    chat.server.tell("SensitiveDataRules", json!({ "sensitiveDataRules": [rule("4111", "****"), rule("secret", "")] }));
    chat.settle();

    chat.send("my card is 4111");
    chat.send("secret");
    chat.settle();

    assert_eq!(chat.server.heard, ["my card is ****"]);
    assert_eq!(chat.outbox(), [", empty"]);
    assert_eq!(chat.transcript(), ["Noor B. joined", "visitor: my card is ****"]);
}

#[test]
fn a_file_goes_only_where_the_agent_asked_for_one() {
    let mut chat = Chat::talking();
    let upload = || Command::Upload { file: FileId(1), name: "a.png".to_owned(), size: 1 };
    assert_eq!(chat.command(upload()), [""; 0]);
    chat.server.tell(
        "FileTransfer",
        json!({ "type": "Requested", "uploadServletUrl": "https://f.example/chat/rest/x/Up", "fileToken": "t" }),
    );
    chat.settle();
    assert_eq!(chat.session.view().files.upload, Upload::Requested);

    let effects = chat.input(Input::Command(upload()));

    assert_eq!(effects.len(), 1, "{effects:?}");
    assert_eq!(chat.session.view().files.upload, Upload::Sending);
    chat.reply("Up?", 200, "OK");
    assert_eq!(chat.session.view().files.upload, Upload::Sending);
    chat.server.tell("FileTransfer", json!({ "type": "Success" }));
    chat.settle();
    assert_eq!(chat.session.view().files.upload, Upload::Arrived);
}

#[test]
fn replies_to_unknown_requests_change_nothing_wherever_a_conversation_stands() {
    let mut opening = Chat::new();
    opening.start();
    let mut posting = Chat::talking();
    posting.send("one");
    let mut moving = Chat::talking();
    moving.server.rotate();
    moving.deliver("Messages");
    let mut closing = Chat::talking();
    closing.command(Command::End);
    for mut chat in [opening, Chat::queued(), Chat::talking(), posting, moving, closing] {
        let (before, stage) = (chat.session.view(), chat.stage());
        for (id, status) in [(0, 200), (1, 403), (999, 503)] {
            let id = RequestId(id);
            if chat.flying.contains_key(&id) {
                continue;
            }
            for outcome in [Ok(Response { status, ..Response::default() }), Err(TransportError::Network)] {
                assert_eq!(chat.input(Input::Replied { id, outcome }), [""; 0], "{stage}");
            }
        }
        assert_eq!(chat.session.view(), before, "{stage}");
        assert_eq!(chat.environment(Environment::Stored), [""; 0], "{stage}");
    }
}
