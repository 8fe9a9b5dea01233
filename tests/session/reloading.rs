//! The page is loaded anew, or lost, at every moment of a conversation; it goes on as if nothing had been.

use std::time::Duration;

use holdfast_chat::model::Visitor;
use holdfast_chat::session::{Command, Connection, Keeping, Session, Stage, Upload, View};
use serde_json::json;

use super::chat::Chat;

#[test]
fn a_post_of_the_page_before_is_repeated_when_the_server_can_have_let_go_of_it() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.reload();

    chat.wait(Duration::from_millis(999));
    assert_eq!(chat.in_flight(), [""; 0]);

    chat.wait(Duration::from_millis(1));
    assert_eq!(chat.in_flight(), ["GET Messages?ack=1", "POST ChatMessage #2 {\"text\":\"one\"}"]);
}

#[test]
fn a_reload_after_every_step_shows_the_same_and_goes_on() {
    let mut chat = Chat::new();
    for (place, step) in CONVERSATION.iter().enumerate() {
        step(&mut chat);
        assert_eq!(lasting(&chat), lasting_of(&chat.restored_or_new()), "after step {place}");
        chat.settle();
        assert_eq!(lasting(&chat), lasting_of(&chat.restored_or_new()), "after step {place}, settled");
        chat.reload();
        chat.settle();
    }

    came_to_its_end(&chat, "with a reload after every step");
}

#[test]
fn a_page_that_is_lost_between_any_two_effects_loses_and_repeats_nothing() {
    let steps = {
        let mut chat = Chat::new();
        run(&mut chat);
        came_to_its_end(&chat, "undisturbed");
        chat.steps
    };
    for step in 1..=steps {
        for performed in 0..6 {
            let mut chat = Chat::new();
            chat.crash = Some((step, performed));
            run(&mut chat);

            came_to_its_end(&chat, &format!("lost in step {step} after {performed} effects"));
        }
    }
}

#[test]
fn a_page_that_is_lost_after_the_server_took_its_requests_repeats_nothing() {
    let steps = {
        let mut chat = Chat::new();
        run(&mut chat);
        chat.steps
    };
    for step in 1..=steps {
        let mut chat = Chat::new();
        chat.crash = Some((step, usize::MAX));
        chat.serves_the_lost_page = true;
        run(&mut chat);

        came_to_its_end(&chat, &format!("lost in step {step} behind its requests"));
    }
}

#[test]
fn a_reload_waits_a_moment_before_it_polls_so_that_the_old_poll_is_gone() {
    let mut chat = Chat::talking();
    chat.reload();

    assert_eq!(chat.wait(Duration::from_millis(999)), [""; 0]);
    assert_eq!(chat.wait(Duration::from_millis(1)), ["GET Messages?ack=1"]);
}

#[test]
fn a_reload_in_an_opening_goes_on_with_it() {
    let mut chat = Chat::new();
    let visitor = Visitor { name: Some("Rana".to_owned()), ..Visitor::default() };
    chat.command(Command::Start { visitor: Box::new(visitor) });
    chat.deliver("Availability");
    chat.send("one");
    chat.deliver("SessionId");
    chat.reload();

    chat.settle();
    assert_eq!((&*chat.stage(), chat.outbox()), ("queued", vec!["one, sending".to_owned()]));
    assert_eq!(chat.server.asked.iter().filter(|asked| asked.contains("SessionId")).count(), 1);
}

#[test]
fn a_reload_while_an_end_waits_for_words_sends_them_and_ends() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.send("two");
    chat.command(Command::End);
    chat.reload();
    assert_eq!(chat.stage(), "closing");

    chat.settle();

    assert_eq!((&*chat.stage(), &chat.server.heard[..]), ("ended, visitor", &["one".to_owned(), "two".to_owned()][..]));
}

#[test]
fn a_reload_gives_words_that_hold_the_end_up_eight_more_seconds() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.command(Command::End);
    chat.reload();

    chat.wait(Duration::from_millis(7_999));
    assert!(!chat.in_flight().iter().any(|request| request.contains("ChatEnd")), "{:?}", chat.in_flight());
    chat.wait(Duration::from_millis(1));

    assert_eq!(chat.in_flight(), ["POST ChatEnd #3 {\"reason\":\"client\"}"]);
    assert_eq!(chat.outbox(), ["one, unconfirmed"]);
}

#[test]
fn a_reload_gives_the_backend_twenty_more_seconds_to_take_note_of_the_end() {
    let mut chat = Chat::talking();
    chat.command(Command::End);
    chat.reload();

    assert_eq!(chat.wait(Duration::ZERO), ["store head", "POST ChatEnd #2 {\"reason\":\"client\"}"]);
    chat.wait(Duration::from_millis(19_999));
    assert_eq!(chat.stage(), "closing");
    chat.wait(Duration::from_millis(1));

    assert_eq!((&*chat.stage(), chat.in_flight().len()), ("ended, visitor", 0));
}

#[test]
fn a_reload_after_the_server_forgot_the_chat_gives_a_clean_end() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.server.expire();
    chat.reload();
    chat.settle();

    assert_eq!((&*chat.stage(), chat.outbox()), ("ended, expired", vec!["one, unconfirmed".to_owned()]));
}

#[test]
fn typing_that_was_announced_before_a_reload_is_taken_back() {
    let mut chat = Chat::talking();
    chat.draft("Hi");
    chat.deliver("ChasitorTyping");
    chat.reload();
    assert_eq!(&*chat.session.view().draft, "Hi");

    chat.settle();

    assert!(chat.server.asked.contains(&"POST ChasitorNotTyping #3 {}".to_owned()), "{:?}", chat.server.asked);
}

#[test]
fn whatever_was_on_its_way_when_the_page_went_is_repeated_under_its_number() {
    let idle = json!({ "isEnabled": true, "warningTime": 10, "timeout": 30 });
    let flags = [json!({}), json!({ "sneakPeekEnabled": true }), json!({ "chasitorIdleTimeout": idle })];
    let [plain, peeked, timed] = flags.map(|flags| {
        move || {
            let mut chat = Chat::queued();
            chat.server.tell("ChatEstablished", flags.clone());
            chat.settle();
            chat
        }
    });
    let warned = || {
        let mut chat = timed();
        chat.wait(Duration::from_secs(10));
        chat
    };
    let custom = Command::Custom { kind: "cart".to_owned(), data: "2".to_owned() };
    let cases: [(&str, Chat, Option<Command>); 7] = [
        ("ChatMessage #2", plain(), Some(Command::Send { text: "one".to_owned() })),
        ("CustomEvent #2", plain(), Some(custom)),
        ("ChasitorTyping #2", plain(), Some(Command::Draft { text: "o".to_owned() })),
        ("ChasitorNotTyping #3", typing(plain()), Some(Command::Draft { text: String::new() })),
        ("ChasitorSneakPeek #2", peeked(), Some(Command::Draft { text: "o".to_owned() })),
        ("ChasitorIdleTimeoutWarningEvent #2", warned(), None),
        ("ChasitorIdleTimeoutWarningEvent #3", heard(warned()), Some(Command::Stay)),
    ];
    for (post, mut chat, command) in cases {
        chat.command(command.unwrap_or(Command::Shut));
        let posted = |chat: &Chat| chat.in_flight().into_iter().find(|request| request.contains(post));
        let before = posted(&chat);
        assert!(before.is_some(), "{post}: {:?}", chat.in_flight());

        chat.reload();
        chat.wait(Duration::from_secs(1));

        assert_eq!(posted(&chat), before);
    }
}

#[test]
fn requests_get_new_ids_after_a_reload_and_entries_keep_theirs() {
    let mut chat = Chat::queued();
    chat.send("one");
    let before = chat.session.view().outbox[0].id;
    chat.reload();
    chat.send("two");

    let view = chat.session.view();
    assert_eq!(view.outbox[0].id, before);
    assert_ne!(view.outbox[1].id, before);
}

#[test]
fn a_conversation_keeps_its_name_over_reloads() {
    let mut chat = Chat::talking();
    let name = chat.session.conversation().to_owned();
    chat.reload();

    assert_eq!(chat.session.conversation(), name);
}

fn typing(mut chat: Chat) -> Chat {
    chat.draft("o");
    chat.deliver("ChasitorTyping");
    chat
}

fn heard(mut chat: Chat) -> Chat {
    chat.deliver("Warning");
    chat
}

const CONVERSATION: [fn(&mut Chat); 17] = [
    |chat| drop(chat.start()),
    |chat| drop(chat.command(Command::Open)),
    |chat| drop(chat.send("one")),
    |chat| drop(chat.send("two")),
    |chat| chat.server.establish(),
    |chat| chat.server.say("Hello"),
    |chat| drop(chat.send("three")),
    |chat| drop(chat.draft("fou")),
    |chat| chat.server.tell("AgentTyping", json!({})),
    |chat| drop(chat.send("four")),
    |chat| chat.server.rotate(),
    |chat| drop(chat.send("five")),
    |chat| {
        chat.server.say("Moved?");
        chat.server.rotate();
    },
    |chat| drop(chat.command(Command::Custom { kind: "cart".to_owned(), data: "2".to_owned() })),
    |chat| drop(chat.send("five")),
    |chat| drop(chat.send("six")),
    |chat| drop(chat.command(Command::End)),
];

fn run(chat: &mut Chat) {
    for step in CONVERSATION {
        step(chat);
        chat.settle();
    }
}

fn came_to_its_end(chat: &Chat, how: &str) {
    assert_eq!(chat.stage(), "ended, visitor", "{how}");
    assert_eq!(chat.server.heard, ["one", "two", "three", "four", "five", "five", "six"], "{how}");
    assert_eq!(chat.outbox(), [""; 0], "{how}");
    let lines: Vec<String> = chat.transcript();
    let mut expected = vec!["Noor B. joined", "visitor: one", "visitor: two", "agent: Hello", "visitor: three"];
    expected.extend(["visitor: four", "agent: Moved?", "visitor: five", "visitor: five", "visitor: six"]);
    let mut sorted = lines.clone();
    sorted.sort();
    expected.sort_unstable();
    assert_eq!(sorted, expected, "{how}");
    let said = |party: &str| lines.iter().filter(|line| line.starts_with(party)).cloned().collect::<Vec<_>>();
    assert_eq!(said("agent"), ["agent: Hello", "agent: Moved?"], "{how}");
    assert_eq!(
        said("visitor"),
        ["one", "two", "three", "four", "five", "five", "six"].map(|text| format!("visitor: {text}")),
        "{how}"
    );
}

/// What a reload must not change of what is shown.
fn lasting(chat: &Chat) -> View {
    lasting_of(&chat.session)
}

fn lasting_of(session: &Session) -> View {
    let mut view = session.view();
    view.connection = Connection::Steady;
    view.agent_typing = false;
    view.idle_end = None;
    view.keeping = Keeping::Stored;
    view.files.upload = Upload::None;
    view.files.can_pick = false;
    if let Stage::Opening { wait } = &mut view.stage {
        *wait = None;
    }
    view
}
