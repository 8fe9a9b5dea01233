//! What does not go as it should: deadlines, backoff, refusals, lost answers, no network, a page that goes away.

use std::time::Duration;

use holdfast_chat::model::RequestId;
use holdfast_chat::protocol::{Response, TransportError};
use holdfast_chat::session::{Command, Connection, Environment, Input};
use serde_json::json;

use super::chat::Chat;

#[test]
fn a_poll_that_is_open_for_too_long_is_given_up_and_tried_again() {
    let mut chat = Chat::talking();
    let (poll, _) = chat.flying.first_key_value().map(|(id, request)| (id.0, request.clone())).expect("a poll");

    assert_eq!(chat.wait(Duration::from_millis(39_999)), [""; 0]);
    assert_eq!(chat.wait(Duration::from_millis(1)), [&*format!("abort {poll}"), "connection retrying"]);
    assert_eq!(chat.in_flight(), [""; 0]);
    assert_eq!(chat.wait(Duration::from_millis(800)), ["GET Messages?ack=1"]);
}

#[test]
fn failures_are_tried_again_ever_more_slowly_until_the_backend_has_lost_patience() {
    let mut chat = Chat::talking();
    let began = chat.now;
    let mut waits = Vec::new();
    while chat.stage() == "talking to Noor B." {
        chat.lose("Messages");
        if chat.session.view().connection == Connection::Retrying {
            waits.push(chat.session.next_wake().expect("the next try is due").since(chat.now));
            chat.wake();
        }
    }

    assert_eq!(chat.stage(), "ended, connection-lost");
    assert!(waits.len() > 10, "{waits:?}");
    assert!(waits[0] >= Duration::from_millis(400) && waits[0] <= Duration::from_millis(800), "{waits:?}");
    assert!(waits.iter().skip(4).all(|wait| (5..=10).contains(&wait.as_secs())), "{waits:?}");
    let lasted = chat.now.since(began);
    assert!((110..=121).contains(&lasted.as_secs()), "{lasted:?}");
}

#[test]
fn the_servers_own_patience_counts_once_it_is_known() {
    let mut chat = Chat::queued();
    chat.server.tell("ChatRequestSuccess", json!({ "connectionTimeout": 20_000 }));
    chat.settle();
    let began = chat.now;
    while chat.stage() == "queued" {
        chat.lose("Messages");
        if chat.stage() == "queued" {
            chat.wake();
        }
    }

    let lasted = chat.now.since(began);
    assert!((20..=31).contains(&lasted.as_secs()), "{lasted:?}");
}

#[test]
fn a_success_makes_the_next_failure_short_again() {
    let mut chat = Chat::talking();
    for _ in 0..5 {
        chat.lose("Messages");
        chat.wake();
    }
    chat.reply("Messages", 204, "");

    chat.lose("Messages");

    assert_eq!(chat.session.view().connection, Connection::Retrying);
    assert!(chat.session.next_wake().expect("the next try is due").since(chat.now) <= Duration::from_millis(800));
}

#[test]
fn words_that_arrive_show_that_news_can_be_asked_for_again() {
    let mut chat = Chat::talking();
    for _ in 0..6 {
        chat.lose("Messages");
        chat.wake();
    }
    chat.lose("Messages");
    let wait = chat.session.next_wake().expect("the next try is due").since(chat.now);
    assert!(wait >= Duration::from_secs(5), "{wait:?}");

    chat.send("is anybody there?");
    chat.reply("ChatMessage", 200, "OK");

    assert_eq!(chat.wait(Duration::from_millis(700)), ["GET Messages?ack=1"]);
}

#[test]
fn a_server_that_asks_to_wait_is_left_alone_for_so_long_but_not_for_ever() {
    for (asked, waited) in [(7, 7), (3_600, 60)] {
        let mut chat = Chat::talking();
        let (id, _) = chat.flying.pop_first().expect("a poll");
        let retry_after = Some(Duration::from_secs(asked));
        let response = Response { status: 429, body: String::new(), retry_after, location: None };

        chat.input(Input::Replied { id, outcome: Ok(response) });

        assert_eq!(chat.session.next_wake(), Some(chat.now + Duration::from_secs(waited)));
    }
}

#[test]
fn a_server_that_asks_to_wait_is_left_alone_also_when_words_arrive() {
    let mut chat = Chat::talking();
    let (id, _) = chat.flying.pop_first().expect("a poll");
    let retry_after = Some(Duration::from_secs(7));
    let response = Response { status: 429, body: String::new(), retry_after, location: None };
    chat.input(Input::Replied { id, outcome: Ok(response) });

    chat.send("is anybody there?");
    chat.reply("ChatMessage", 200, "OK");

    assert_eq!(chat.wait(Duration::from_millis(6_999)), [""; 0]);
    assert_eq!(chat.wait(Duration::from_millis(1)), ["GET Messages?ack=1"]);
}

#[test]
fn a_post_whose_answer_is_lost_is_repeated_under_its_number_and_counts_once() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.send("two");

    chat.lose_answer("ChatMessage");
    assert_eq!(chat.outbox(), ["one, sending", "two, sending"]);
    chat.settle();

    assert_eq!(chat.server.heard, ["one", "two"]);
    let posts: Vec<&String> = chat.server.asked.iter().filter(|asked| asked.contains("ChatMessage")).collect();
    assert_eq!(
        posts,
        [
            "POST ChatMessage #2 {\"text\":\"one\"}",
            "POST ChatMessage #2 {\"text\":\"one\"}",
            "POST ChatMessage #3 {\"text\":\"two\"}",
        ]
    );
}

#[test]
fn a_post_that_never_arrived_is_repeated_under_its_number() {
    let mut chat = Chat::talking();
    chat.send("one");

    assert_eq!(chat.lose("ChatMessage"), [""; 0]);
    chat.settle();

    assert_eq!(chat.server.heard, ["one"]);
}

#[test]
fn a_post_without_an_answer_is_given_up_at_its_deadline_and_repeated() {
    let mut chat = Chat::talking();
    chat.send("one");
    let post = chat.flying.last_key_value().map(|(id, _)| id.0).expect("a post");

    assert_eq!(chat.wait(Duration::from_secs(20)), [format!("abort {post}")]);
    chat.settle();

    assert_eq!(chat.server.heard, ["one"]);
}

#[test]
fn what_is_written_while_a_post_is_in_doubt_does_not_overtake_it() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.lose("ChatMessage");

    chat.send("two");

    assert_eq!(chat.in_flight(), ["GET Messages?ack=1"]);
    chat.settle();
    assert_eq!(chat.server.heard, ["one", "two"]);
}

#[test]
fn a_refused_message_is_set_aside_and_those_behind_it_go_out() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.send("two");

    chat.reply("ChatMessage", 400, "");
    chat.settle();

    assert_eq!(chat.outbox(), ["one, refused"]);
    assert_eq!(chat.server.heard, ["two"]);
}

#[test]
fn a_refused_message_can_be_tried_again_or_dropped() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.send("two");
    chat.reply("ChatMessage", 400, "");
    chat.wait(Duration::from_millis(300));
    chat.reply("ChatMessage", 400, "");
    assert_eq!(chat.outbox(), ["one, refused", "two, refused"]);
    let [one, two] = [0, 1].map(|place| chat.session.view().outbox[place].id);

    chat.command(Command::Discard { entry: one });
    chat.command(Command::Retry { entry: two });
    chat.command(Command::Discard { entry: two });
    chat.settle();

    assert_eq!(chat.outbox(), [""; 0]);
    assert_eq!(chat.server.heard, ["two"]);
    assert_eq!(chat.command(Command::Retry { entry: two }), [""; 0]);
}

#[test]
fn a_retry_tries_one_message_and_no_other() {
    let mut chat = Chat::talking();
    for text in ["one", "two", "three"] {
        chat.send(text);
        chat.reply("ChatMessage", 400, "");
        chat.wait(Duration::from_millis(300));
    }
    let [one, two] = [0, 1].map(|place| chat.session.view().outbox[place].id);

    chat.command(Command::Retry { entry: two });
    assert_eq!(chat.outbox(), ["one, refused", "two, sending", "three, refused"]);
    // What is on its way can be neither retried nor dropped.
    assert_eq!(chat.command(Command::Retry { entry: two }), [""; 0]);
    assert_eq!(chat.command(Command::Discard { entry: two }), [""; 0]);
    chat.command(Command::Discard { entry: one });
    chat.settle();

    assert_eq!((chat.outbox(), &chat.server.heard[..]), (vec!["three, refused".into()], &["two".to_owned()][..]));
}

#[test]
fn a_post_that_is_out_of_step_is_renumbered_at_once() {
    let mut chat = Chat::talking();
    chat.send("one");

    let effects = chat.reply("ChatMessage", 409, "Out of sync Ack. Expected 2. Actual 9");
    assert_eq!(effects, ["store head", "trouble: the numbering was out of step"]);

    assert_eq!(chat.wake(), ["store head", "POST ChatMessage #10 {\"text\":\"one\"}"]);
}

#[test]
fn a_403_ends_the_chat_wherever_it_comes_and_keeps_the_words() {
    for request in ["Messages", "ChatMessage"] {
        let mut chat = Chat::talking();
        chat.send("one");
        chat.send("two");

        chat.reply(request, 403, "");

        assert_eq!(chat.stage(), "ended, expired", "{request}");
        assert_eq!(chat.in_flight(), [""; 0], "{request}");
        assert_eq!(chat.outbox(), ["one, unconfirmed", "two, ended"], "{request}");
    }
}

#[test]
fn a_403_ends_an_opening_a_handover_and_a_close() {
    let mut opening = Chat::new();
    opening.start();
    opening.reply("Availability", 200, "{}");
    opening.deliver("SessionId");
    opening.reply("ChasitorInit", 403, "");
    assert_eq!(opening.stage(), "ended, expired");

    let mut moving = Chat::talking();
    moving.reply("Messages", 503, "");
    moving.reply("ReconnectSession", 403, "");
    assert_eq!(moving.stage(), "ended, expired");

    let mut closing = Chat::talking();
    closing.command(Command::End);
    closing.reply("ChatEnd", 403, "");
    assert_eq!(closing.stage(), "ended, visitor");
}

#[test]
fn a_409_on_a_poll_ends_the_chat() {
    let mut chat = Chat::talking();

    let effects = chat.reply("Messages", 409, "");

    assert_eq!(effects, ["forget", "trouble: the conversation is over (elsewhere)", "ended elsewhere"]);
    assert_eq!(chat.stage(), "ended, elsewhere");
}

#[test]
fn without_a_network_nothing_is_asked_until_it_is_back() {
    let mut chat = Chat::talking();
    chat.send("one");

    chat.environment(Environment::Offline);
    assert_eq!(chat.in_flight(), [""; 0]);
    assert_eq!(chat.session.view().connection, Connection::Offline);
    assert_eq!(chat.send("two"), ["store head"]);
    chat.environment(Environment::Offline);
    chat.environment(Environment::Online);

    assert_eq!(chat.in_flight(), ["GET Messages?ack=1", "POST ChatMessage #2 {\"text\":\"one\"}"]);
    chat.settle();
    assert_eq!(chat.server.heard, ["one", "two"]);
}

#[test]
fn a_browser_that_wrongly_says_offline_is_doubted_after_a_while() {
    let mut chat = Chat::talking();
    chat.environment(Environment::Offline);

    assert_eq!(chat.wait(Duration::from_millis(14_999)), [""; 0]);
    assert_eq!(chat.wait(Duration::from_millis(1)), ["GET Messages?ack=1"]);
}

#[test]
fn a_page_that_leaves_stores_and_gives_everything_up_and_goes_on_when_it_returns() {
    let mut chat = Chat::talking();
    chat.send("one");
    let ids: Vec<u64> = chat.flying.keys().map(|id| id.0).collect();

    let effects = chat.environment(Environment::Leaving);
    assert_eq!(effects, [format!("abort {}", ids[1]), format!("abort {}", ids[0])]);

    let effects = chat.environment(Environment::Returned);
    assert_eq!(effects, ["store head", "GET Messages?ack=1", "POST ChatMessage #2 {\"text\":\"one\"}"]);
    chat.settle();
    assert_eq!(chat.server.heard, ["one"]);
}

#[test]
fn leaving_and_returning_goes_on_in_the_middle_of_everything() {
    let mut opening = Chat::new();
    opening.start();
    opening.deliver("Availability");
    let mut moving = Chat::talking();
    moving.send("one");
    moving.server.rotate();
    moving.deliver("Messages");
    let mut closing = Chat::talking();
    closing.command(Command::End);
    for (mut chat, stage) in [(opening, "queued"), (moving, "talking to Noor B."), (closing, "ended, visitor")] {
        chat.environment(Environment::Leaving);
        assert_eq!(chat.in_flight(), [""; 0]);
        chat.environment(Environment::Returned);
        chat.settle();

        assert_eq!(chat.stage(), stage);
    }
}

#[test]
fn a_tab_that_comes_to_the_front_does_not_wait_for_the_next_try() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.lose("Messages");
    chat.lose("ChatMessage");
    assert_eq!(chat.in_flight(), [""; 0]);

    chat.environment(Environment::Visible);

    assert_eq!(chat.in_flight(), ["GET Messages?ack=1", "POST ChatMessage #2 {\"text\":\"one\"}"]);
}

#[test]
fn a_tab_that_comes_to_the_front_leaves_a_poll_alone() {
    let mut chat = Chat::talking();

    assert_eq!(chat.environment(Environment::Visible), [""; 0]);
    assert_eq!(chat.in_flight(), ["GET Messages?ack=1"]);
}

#[test]
fn the_answer_to_a_request_that_was_given_up_is_ignored() {
    let mut chat = Chat::talking();
    let stale: Vec<RequestId> = chat.flying.keys().copied().collect();
    chat.environment(Environment::Leaving);
    chat.environment(Environment::Returned);
    let before = chat.session.view();
    for id in stale {
        let message = json!({ "messages": [{ "type": "ChatMessage", "message": { "text": "late" } }], "sequence": 2 });
        let response = Response { status: 200, body: message.to_string(), retry_after: None, location: None };
        for outcome in [Ok(response), Err(TransportError::Deadline)] {
            assert_eq!(chat.input(Input::Replied { id, outcome }), [""; 0]);
        }
    }

    assert_eq!(chat.session.view(), before);
}

#[test]
fn a_batch_that_comes_again_is_shown_once() {
    let mut chat = Chat::talking();
    let batch = r#"{"messages":[{"type":"ChatMessage","message":{"text":"once"}}],"sequence":2,"offset":800000}"#;
    chat.reply("Messages", 200, batch);
    chat.reply("Messages", 200, batch);

    assert_eq!(chat.transcript(), ["Noor B. joined", "agent: once"]);
}

#[test]
fn an_opening_that_gets_no_answers_goes_on_where_it_stopped() {
    let mut chat = Chat::new();
    chat.start();
    chat.lose("Availability");
    chat.wake();
    chat.lose("SessionId");
    chat.wake();
    chat.deliver("SessionId");
    chat.lose_answer("ChasitorInit");
    chat.settle();

    assert_eq!(chat.stage(), "queued");
    assert_eq!(
        chat.server.asked,
        ["GET SessionId", "POST ChasitorInit #1", "POST ChasitorInit #1", "GET Messages?ack=-1", "GET Messages?ack=0"]
    );
}

#[test]
fn a_clock_that_jumps_back_or_far_ahead_breaks_nothing() {
    let mut chat = Chat::talking();
    chat.now = holdfast_chat::model::Timestamp::from_millis(5);
    chat.send("one");
    chat.settle();
    chat.now = holdfast_chat::model::Timestamp::from_millis(u64::MAX);
    chat.input(Input::Woke);
    chat.send("two");
    chat.now = holdfast_chat::model::Timestamp::from_millis(1_767_225_600_000);
    chat.environment(Environment::Visible);
    chat.settle();

    assert_eq!(chat.server.heard, ["one", "two"]);
}

#[test]
fn switching_to_another_server_opens_a_new_chat_and_keeps_what_waits() {
    let mut chat = Chat::queued();
    chat.send("one");
    chat.server.tell("SwitchServer", json!({ "newUrl": "https://two.example.com/chat" }));
    let poll = chat.deliver("Messages");
    assert_eq!(poll, ["store head", "GET Availability"]);
    chat.server = super::server::Server::new();
    chat.settle();
    assert_eq!(chat.stage(), "queued");
    chat.server.establish();
    chat.settle();

    assert_eq!(chat.server.heard, ["one"]);
}

#[test]
fn a_chat_that_is_reopened_elsewhere_leaves_the_old_agents_clock_and_typing_behind() {
    let mut chat = Chat::queued();
    let idle = json!({ "isEnabled": true, "warningTime": 60, "timeout": 90 });
    chat.server.tell("ChatEstablished", json!({ "chasitorIdleTimeout": idle, "sneakPeekEnabled": true }));
    chat.server.tell("AgentTyping", json!({}));
    chat.server.tell("SwitchServer", json!({ "newUrl": "https://two.example.com/chat" }));

    chat.deliver("Messages");

    let view = chat.session.view();
    assert_eq!((&*chat.stage(), view.agent_typing, view.sneak_peek), ("opening", false, false));
    assert_eq!(chat.session.next_wake(), Some(chat.now + Duration::from_secs(15)));
}

#[test]
fn a_chat_whose_end_was_asked_for_is_not_reopened_elsewhere() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.command(Command::End);
    chat.server.tell("SwitchServer", json!({ "newUrl": "https://two.example.com/chat" }));

    chat.deliver("Messages");

    assert_eq!((&*chat.stage(), chat.in_flight()), ("ended, visitor", vec![]));
    assert_eq!(chat.outbox(), ["one, unconfirmed"]);
}

#[test]
fn a_wish_counts_as_taken_by_a_409_that_says_so_and_by_no_other() {
    for (body, expected) in
        [("", "opening"), ("<html>", "opening"), ("Out of sync Ack. Expected 1. Actual 1", "queued")]
    {
        let mut chat = Chat::new();
        chat.start();
        chat.deliver("Availability");
        chat.deliver("SessionId");

        chat.reply("ChasitorInit", 409, body);

        assert_eq!(chat.stage(), expected, "{body}");
    }
}
