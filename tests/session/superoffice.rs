//! A session with SuperOffice's adapter: a bot with its pauses and ready answers, the way to a person, forms in the middle
//! of a conversation, and the way back after its end.

use std::time::Duration;

use holdfast_chat::model::{EndReason, Label, Purpose, Timestamp, Visitor, WedgeReason};
use holdfast_chat::protocol::TransportError;
use holdfast_chat::session::{Command, Connection, Input, InquiryState, PendingState, Person, Stage};
use serde_json::json;

use super::gateway::{Talk, bot, later, noor, option, own, said, standing};

#[test]
fn a_bot_hands_over_and_nothing_of_the_transcript_is_lost() {
    let mut talk = Talk::with_bot();
    talk.send("I need a human");
    talk.answer("/Messages", own(3, "I need a human"));
    talk.poll(bot(), &[own(3, "I need a human"), said(4, "One moment")]);
    talk.poll(standing("PreChatForm", &[]), &[]);
    assert_eq!(talk.asked_how(), Some((Purpose::Within, InquiryState::Open)));
    assert!(matches!(talk.stage(), Stage::Queued { .. }));

    talk.give(&[("name", "Ines"), ("email", "ines@example.net")]);
    talk.answer("PATCH", standing("InQueue", &[("QueuePos", json!(2)), ("EstimatedWaitSeconds", json!(180))]));
    assert_eq!(talk.asked_how(), None);
    assert_eq!(talk.stage(), Stage::Queued { position: Some(1), wait: Some(Duration::from_secs(180)) });
    assert_eq!(talk.session.view().queue_text.as_deref(), Some("Number 2, 00:03 to go"));

    talk.poll(standing("UserLast", &[("User", noor())]), &[said(9, "Hello Ines")]);
    assert_eq!(talk.stage(), Stage::Talking { agent: Some("Noor B.".into()) });
    let shown = [
        "bot",
        "agent: Hello",
        "agent: Which?",
        "visitor: I need a human",
        "agent: One moment",
        "transferring",
        "joined",
        "agent: Hello Ines",
    ];
    assert_eq!(talk.shown(), shown);
}

#[test]
fn a_reload_at_any_point_of_the_hand_over_changes_nothing() {
    let plain = handed_over(|_| {});
    let reloaded = handed_over(Talk::reload);

    assert_eq!(plain, reloaded);
}

fn handed_over(between: fn(&mut Talk)) -> Vec<String> {
    let mut talk = Talk::with_bot();
    between(&mut talk);
    assert_eq!(talk.replies(), ["Kettle", "Toaster"]);
    talk.command(Command::Person);
    between(&mut talk);
    talk.wake_until("/Reset");
    talk.answer("/Reset", standing("PreChatForm", &[]));
    between(&mut talk);
    talk.fill(&[("name", "Ines")]);
    between(&mut talk);
    talk.give(&[("name", "Ines"), ("email", "ines@example.net")]);
    between(&mut talk);
    talk.wake_until("PATCH");
    talk.answer("PATCH", standing("InQueue", &[]));
    between(&mut talk);
    talk.poll(standing("UserLast", &[("User", noor())]), &[said(9, "Hello")]);
    between(&mut talk);
    assert_eq!(talk.session.view().person, Person::Unasked);
    talk.shown()
}

#[test]
fn what_a_bot_posts_ahead_is_shown_when_it_is_due_and_keeps_its_place() {
    let mut talk = Talk::begun();
    talk.poll(bot(), &[said(1, "now"), later(2, "later", 3), later(3, "even later", 5)]);
    assert_eq!(talk.shown(), ["bot", "agent: now"]);
    assert!(talk.session.view().agent_typing, "somebody is at it");

    talk.reload();
    talk.pass(Duration::from_millis(2_900));
    assert_eq!(talk.shown().len(), 2);
    talk.pass(Duration::from_millis(200));
    assert_eq!(talk.shown(), ["bot", "agent: now", "agent: later"]);
    talk.poll(bot(), &[said(4, "and now")]);
    assert_eq!(talk.shown()[3..], ["agent: even later", "agent: and now"], "nothing overtakes it");
}

#[test]
fn a_clock_that_is_set_back_between_two_pages_does_not_keep_back_what_is_due() {
    let mut talk = Talk::with_bot();
    talk.poll(bot(), &[later(8, "One moment", 4)]);
    assert!(!talk.shown().contains(&"agent: One moment".to_owned()));

    talk.now = Timestamp::from_millis(talk.now.as_millis() - 600_000);
    talk.reload();
    talk.pass(Duration::from_secs(30));

    assert!(talk.shown().contains(&"agent: One moment".to_owned()), "{:?}", talk.shown());
}

#[test]
fn an_end_shows_at_once_what_was_to_be_shown_later() {
    let mut talk = Talk::begun();
    talk.poll(bot(), &[said(1, "now"), later(2, "later", 5)]);
    talk.poll(standing("Finished", &[]), &[]);

    assert_eq!(talk.shown(), ["bot", "agent: now", "agent: later"]);
}

#[test]
fn a_ready_answer_is_said_once_and_takes_the_others_away() {
    let mut talk = Talk::with_bot();
    talk.choose("Kettle");
    assert_eq!(talk.replies(), [""; 0]);
    assert_eq!(
        talk.body_of("/Messages"),
        json!({ "Type": "Special", "SpecialType": "ClickedOption", "Message": "Kettle" })
    );
    talk.reload();
    talk.poll(bot(), &[option(5, "Kettle")]);

    assert_eq!(talk.shown().last().map(String::as_str), Some("visitor: Kettle"));
    assert_eq!(talk.asked("POST /Messages"), 1);
    assert!(talk.session.view().outbox.is_empty());
}

#[test]
fn words_of_ones_own_take_the_ready_answers_away_and_one_that_is_gone_is_said_in_words() {
    let mut talk = Talk::with_bot();
    let reply = talk.session.view().replies[0].clone();
    talk.send("A pot");
    assert_eq!(talk.replies(), [""; 0]);
    talk.answer("/Messages", own(5, "A pot"));
    talk.command(Command::Reply { reply, text: "Kettle".to_owned() });

    assert_eq!(talk.body_of("/Messages"), json!({ "Type": "ToUser", "Message": "Kettle" }));
}

#[test]
fn whether_it_helped_is_said_in_the_visitors_language() {
    let mut talk = Talk::begun();
    let question = json!({ "ChatMessageId": 2, "Type": "ToCustomer", "Message": "Did this help?", "SpecialType": "FaqSuccessQuestion" });
    talk.poll(standing("Faq", &[]), &[question]);
    let reply = talk.session.view().replies[1].clone();
    assert_eq!(reply.label, Label::No);
    talk.command(Command::Reply { reply, text: "Nein".to_owned() });

    let body = json!({ "Type": "Special", "SpecialType": "ClickedOption", "Message": "Nein", "Value": "no" });
    assert_eq!(talk.body_of("/Messages"), body);
}

#[test]
fn the_wish_for_a_person_is_repeated_until_it_is_heard() {
    let mut talk = Talk::with_bot();
    assert_eq!(talk.session.view().person, Person::Offered);
    talk.command(Command::Person);
    talk.fail("/Reset");
    assert_eq!(talk.session.view().person, Person::Wanted);
    talk.wake_until("/Reset");
    talk.answer("/Reset", standing("InQueue", &[]));

    assert_eq!((talk.session.view().person, talk.asked("POST /Reset")), (Person::Unasked, 2));
    assert!(matches!(talk.stage(), Stage::Queued { .. }));
    talk.command(Command::Person);
    assert_eq!(talk.asked("POST /Reset"), 2, "there is nobody to be asked for");
}

#[test]
fn a_poll_that_was_under_way_does_not_bring_back_what_was_answered() {
    let mut talk = Talk::with_bot();
    talk.wake_until("GET /1");
    talk.command(Command::Person);
    talk.answer("/Reset", standing("PreChatForm", &[]));
    talk.give(&[("name", "Ines"), ("email", "ines@example.net")]);
    talk.answer("PATCH", standing("InQueue", &[]));
    talk.answer("GET /1", standing("PreChatForm", &[]));
    talk.answer("/Messages", json!([]));

    assert_eq!(talk.asked_how(), None);
    assert_eq!(talk.shown().iter().filter(|line| *line == "transferring").count(), 1);
}

#[test]
fn words_wait_behind_a_form_and_go_out_when_it_is_given() {
    let mut talk = Talk::with_bot();
    talk.wake_until("GET /1");
    talk.send("Hello?");
    talk.refuse("/Messages", 409, r#"{"Error":"not-now"}"#);
    talk.poll(standing("PreChatForm", &[]), &[]);
    let asked = talk.asked("POST /Messages");
    talk.pass(Duration::from_secs(30));
    assert_eq!(talk.asked("POST /Messages"), asked, "it is not asked again before the form is given");
    assert_eq!(talk.session.view().outbox.len(), 1);

    talk.give(&[("name", "Ines"), ("email", "ines@example.net")]);
    talk.answer("PATCH", standing("InQueue", &[]));
    talk.wake_until("POST /1/Messages");
    talk.answer("POST /1/Messages", own(7, "Hello?"));
    assert_eq!(talk.shown().last().map(String::as_str), Some("visitor: Hello?"));
}

#[test]
fn a_place_in_a_queue_that_was_left_is_not_shown_again() {
    let mut talk = Talk::begun();
    talk.poll(standing("InQueue", &[("QueuePos", json!(2))]), &[]);
    assert!(talk.session.view().queue_text.is_some());
    talk.poll(standing("UserLast", &[("User", noor())]), &[]);
    talk.poll(standing("PreChatForm", &[]), &[]);

    assert_eq!((talk.stage(), talk.session.view().queue_text), (Stage::Queued { position: None, wait: None }, None));
}

#[test]
fn answers_that_do_not_get_through_do_not_keep_a_chat_that_is_out_of_reach() {
    let mut talk = Talk::with_bot();
    talk.poll(standing("PreChatForm", &[]), &[]);
    talk.give(&[("name", "Ines"), ("email", "ines@example.net")]);
    for _ in 0..200 {
        if let Some((id, _)) = talk.flying.pop() {
            talk.input(Input::Replied { id, outcome: Err(TransportError::Network) });
        } else if let Some(at) = talk.session.next_wake() {
            talk.now = at.max(talk.now);
            talk.input(Input::Woke);
        }
    }

    assert_eq!(talk.ended(), Some(EndReason::ConnectionLost));
}

#[test]
fn an_answer_does_not_wait_for_words_whose_fate_is_not_known() {
    let mut talk = Talk::with_bot();
    talk.send("Hello?");
    talk.fail("/Messages");
    for _ in 0..3 {
        talk.poll(standing("PreChatForm", &[]), &[]);
    }
    talk.give(&[("name", "Ines"), ("email", "ines@example.net")]);
    talk.refuse("POST /1/Messages", 409, r#"{"Error":"not-now"}"#);
    talk.answer("PATCH", standing("InQueue", &[]));

    assert_eq!(talk.asked_how(), None);
    talk.wake_until("POST /1/Messages");
}

#[test]
fn both_halves_of_a_poll_are_one_and_words_go_out_between_them() {
    let mut talk = Talk::with_bot();
    talk.wake_until("GET /1");
    talk.answer("GET /1", bot());
    assert_eq!(talk.session.view().connection, Connection::Steady);
    talk.send("between");
    assert_eq!(talk.flying(), ["GET /1/Messages?after=2", "POST /1/Messages"]);
}

#[test]
fn a_second_half_that_fails_again_and_again_is_trouble() {
    let mut talk = Talk::with_bot();
    for _ in 0..3 {
        talk.wake_until("GET /1");
        talk.answer("GET /1", bot());
        talk.fail("/Messages");
    }
    assert_eq!(talk.session.view().connection, Connection::Retrying);
    for _ in 0..60 {
        if talk.ended().is_none() {
            talk.wake_until("GET /1");
            talk.answer("GET /1", bot());
            talk.fail("/Messages");
        }
    }
    assert_eq!(talk.ended(), Some(EndReason::ConnectionLost));
}

#[test]
fn a_finished_chat_is_rated_and_gone_back_to() {
    let mut talk = Talk::with_bot();
    talk.command(Command::Open);
    talk.poll(
        standing("Finished", &[]),
        &[json!({ "ChatMessageId": 8, "Type": "Special", "SpecialType": "ClosedByUser" })],
    );
    talk.answer("GET /1", standing("Finished", &[]));
    assert_eq!(talk.asked_how(), Some((Purpose::After, InquiryState::Open)));
    talk.give(&[("rating", "4")]);
    talk.answer("PATCH", standing("Finished", &[]));
    assert_eq!((talk.ended(), talk.asked_how()), (Some(EndReason::Agent), None));

    talk.reload();
    assert!(talk.session.view().can_return);
    talk.command(Command::Return);
    talk.answer("GET /1", standing("Finished", &[]));
    talk.poll(standing("Finished", &[]), &[]);
    assert_eq!(talk.ended(), None, "it is over before the visitor says something");
    talk.send("One more thing");
    talk.answer("POST /1/Messages", own(9, "One more thing"));
    let reopened = json!({ "ChatMessageId": 10, "Type": "Special", "SpecialType": "ReopenedByCustomer" });
    talk.poll(standing("CustomerLast", &[("User", noor())]), &[own(9, "One more thing"), reopened]);
    assert_eq!(talk.stage(), Stage::Talking { agent: Some("Noor B.".into()) });
    assert_eq!(talk.shown()[..3], ["bot", "agent: Hello", "agent: Which?"], "the transcript is whole");
}

#[test]
fn what_nobody_could_tell_the_fate_of_is_delivered_by_the_history_of_the_chat_that_is_gone_back_to() {
    let mut talk = Talk::with_bot();
    talk.command(Command::Open);
    talk.send("Still there?");
    talk.fail("POST /1/Messages");
    talk.poll(
        standing("Finished", &[]),
        &[json!({ "ChatMessageId": 8, "Type": "Special", "SpecialType": "ClosedByUser" })],
    );
    talk.answer("GET /1", standing("Finished", &[]));
    talk.command(Command::Skip);
    assert_eq!(talk.session.view().outbox[0].state, PendingState::NotSent(WedgeReason::Unconfirmed));

    talk.command(Command::Return);
    talk.answer("GET /1", standing("Finished", &[]));
    talk.poll(standing("Finished", &[]), &[own(9, "Still there?")]);

    assert!(talk.session.view().outbox.is_empty());
    assert_eq!(talk.shown().iter().filter(|line| *line == "visitor: Still there?").count(), 1);
    assert_eq!(talk.asked("POST /1/Messages"), 1);
}

#[test]
fn a_chat_that_was_left_in_the_queue_or_is_gone_cannot_be_gone_back_to() {
    let mut talk = Talk::begun();
    talk.poll(standing("InQueue", &[]), &[]);
    talk.command(Command::End);
    talk.answer("PATCH", standing("ClosedFromQueue", &[]));
    assert_eq!((talk.ended(), talk.session.view().can_return), (Some(EndReason::Visitor), false));
    talk.command(Command::Return);
    assert!(talk.flying().is_empty());

    let mut talk = Talk::with_bot();
    talk.wake_until("GET /1");
    talk.refuse("GET /1", 404, "");
    assert_eq!((talk.ended(), talk.session.view().can_return), (Some(EndReason::Expired), false));
}

#[test]
fn the_next_chat_forgets_the_one_that_could_be_gone_back_to() {
    let mut talk = Talk::with_bot();
    talk.poll(standing("Finished", &[]), &[]);
    talk.answer("GET /1", standing("Finished", &[]));
    talk.command(Command::Start { visitor: Box::new(Visitor::default()) });

    assert_eq!(talk.flying(), ["GET Topic/12"]);
    assert!(!talk.session.view().can_return);
}
