//! What is stored: how much, in which pieces, and what becomes of it when it comes back broken, cut off or foreign.

use std::sync::Arc;

use holdfast_chat::model::MessageId;
use holdfast_chat::protocol::{Response, TransportError};
use holdfast_chat::session::{Command, Effect, Environment, Input, Keeping, Page, Session, SnapshotError};
use serde_json::{Value, json};

use super::chat::{Chat, adapter, transcript};

#[test]
fn a_step_writes_the_head_and_the_last_page_alone() {
    let mut chat = Chat::talking();
    chat.says(0..70);

    chat.server.say("one more");

    assert_eq!(chat.deliver("Messages")[0], "store page.2 head");
    assert_eq!(chat.draft("x")[0], "store head");
    assert_eq!(chat.environment(Environment::Visible), [""; 0]);
}

#[test]
fn a_step_costs_the_same_with_ten_messages_as_with_ten_thousand() {
    let cost = |messages: usize| {
        let mut chat = Chat::talking();
        for n in (0..messages).step_by(64) {
            (n..messages.min(n + 64)).for_each(|n| chat.server.say(&format!("line {n}")));
            chat.deliver("Messages");
        }
        let before: Vec<Page> = chat.session.view().transcript.pages().cloned().collect();
        chat.server.say("one more");
        let request = chat.flying.values().next().expect("a poll").clone();
        let response = chat.server.answer(&request).expect("an answer");
        let id = *chat.flying.keys().next().expect("a poll");
        let effects = chat.session.handle(chat.now, Input::Replied { id, outcome: Ok(response) });
        let stored: Vec<usize> = effects.iter().filter_map(stored_bytes).collect();
        let after: Vec<Page> = chat.session.view().transcript.pages().cloned().collect();
        let copied = before.iter().zip(&after).filter(|(a, b)| !Arc::ptr_eq(a, b)).count();
        (stored, effects.len(), copied)
    };
    let (few_bytes, few_effects, few_copied) = cost(10);
    // The same place within a page.
    let (many_bytes, many_effects, many_copied) = cost(10 + 32 * 312);

    assert_eq!((few_effects, few_copied), (many_effects, many_copied));
    assert_eq!((few_bytes.len(), few_copied), (1, 1));
    // Longer numbers are all that is added.
    assert!(many_bytes[0] < few_bytes[0] + 100, "{few_bytes:?} {many_bytes:?}");
}

#[test]
fn a_view_shares_the_transcript() {
    let mut chat = Chat::talking();
    chat.says(0..100);

    let (one, other) = (chat.session.view(), chat.session.view());

    assert!(one.transcript.pages().zip(other.transcript.pages()).all(|(a, b)| Arc::ptr_eq(a, b)));
}

#[test]
fn storage_that_fails_is_told_and_everything_is_written_again_smaller() {
    let mut chat = Chat::talking();
    let long = "x".repeat(4_000);
    for n in 0..230 {
        chat.server.say(&format!("{n} {long}"));
        chat.settle();
    }
    // What could not be written in one piece was removed by the shell.
    chat.records.clear();

    assert_eq!(chat.environment(Environment::StorageFailed), [""; 0]);
    assert_eq!(chat.session.view().keeping, Keeping::MemoryOnly);
    chat.draft("x");

    let size: usize = chat.records.values().map(String::len).sum();
    assert!((300_000..520_000).contains(&size), "{size}");
    let kept = transcript(&chat.restored().expect("it can go on"));
    assert_eq!(kept[..], chat.transcript()[231 - kept.len()..]);
    chat.environment(Environment::Stored);
    assert_eq!(chat.session.view().keeping, Keeping::Stored);
}

#[test]
fn storage_that_always_fails_never_stops_a_conversation() {
    let mut chat = Chat::new();
    chat.start();
    for text in ["one", "two", "three"] {
        chat.environment(Environment::StorageFailed);
        chat.send(text);
        chat.settle();
    }
    for _ in 0..40 {
        chat.environment(Environment::StorageFailed);
        chat.records.clear();
        chat.server.say("x");
        chat.settle();
    }
    chat.server.establish();
    chat.settle();

    assert_eq!(chat.server.heard, ["one", "two", "three"]);
}

#[test]
fn nothing_is_left_of_a_conversation_that_is_over_and_out_of_sight() {
    let mut chat = Chat::talking();
    chat.command(Command::Open);
    chat.server.tell("ChatEnded", json!({ "reason": "agent" }));
    chat.settle();
    assert!(chat.records.contains_key("head"));
    chat.reload();
    assert_eq!((&*chat.stage(), chat.transcript()), ("ended, agent", vec!["Noor B. joined".to_owned()]));

    assert_eq!(chat.command(Command::Shut), ["forget"]);
}

#[test]
fn an_end_right_after_storage_failed_is_told_as_well() {
    let mut chat = Chat::talking();
    chat.command(Command::Shut);
    chat.server.tell("ChatEnded", json!({ "reason": "agent" }));
    assert_eq!(chat.deliver("Messages")[0], "store head");
    chat.environment(Environment::StorageFailed);

    assert_eq!(chat.deliver("SessionId"), ["forget"]);
    assert_eq!(chat.environment(Environment::Visible), [""; 0]);
}

#[test]
fn words_that_were_not_sent_are_kept_even_when_the_panel_is_shut() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.server.expire();
    chat.settle();
    chat.reload();
    assert_eq!(chat.outbox(), ["one, unconfirmed"]);
    let entry = chat.session.view().outbox[0].id;

    assert_eq!(chat.command(Command::Discard { entry }), ["forget"]);
}

#[test]
fn nothing_stored_is_missing() {
    let restored = Session::restore(adapter(), 1, Chat::new().now, &|_| None);

    assert_eq!(restored.err(), Some(SnapshotError::Missing));
}

#[test]
fn a_head_of_another_version_is_not_touched() {
    let mut chat = Chat::talking();
    for found in [0, 5, 99] {
        chat.edit("head", |head| head["version"] = found.into());
        assert_eq!(chat.restored().err(), Some(SnapshotError::Version { found }));
    }
}

#[test]
fn a_head_that_is_cut_off_anywhere_is_not_read() {
    let chat = busy_chat();
    let head = chat.records["head"].clone();
    let places = (0..head.len()).filter(|place| head.is_char_boundary(*place));
    for place in places {
        let cut = Session::restore(adapter(), 1, chat.now, &|key| match key {
            "head" => Some(head[..place].to_owned()),
            _ => chat.records.get(key).cloned(),
        });
        assert_eq!(cut.err(), Some(SnapshotError::Unreadable), "cut off at {place}");
    }
}

#[test]
fn a_head_that_is_none_is_not_read() {
    for text in ["", " ", "null", "[]", "7", "\"head\"", "{}", "{\"version\":null}", "{\"version\":1}", "\u{0}"] {
        let read = |key: &str| (key == "head").then(|| text.to_owned());
        let restored = Session::restore(adapter(), 1, Chat::new().now, &read);
        assert_eq!(restored.err(), Some(SnapshotError::Unreadable), "{text}");
    }
}

#[test]
fn a_head_with_the_state_of_another_protocol_is_not_read() {
    let mut chat = Chat::talking();
    for foreign in ["", "{}", "null", r#"{"token":"s123"}"#] {
        chat.edit("head", |head| head["protocol"] = foreign.into());
        assert_eq!(chat.restored().err(), Some(SnapshotError::Unreadable), "{foreign}");
    }
}

#[test]
fn a_message_whose_post_nobody_knows_of_is_set_aside_for_the_visitor() {
    for post in [Value::Null, json!({ "post": 99, "cargo": "entries" })] {
        let mut chat = Chat::talking();
        chat.send("in flight");
        chat.send("behind");
        assert_eq!(chat.in_flight(), ["GET Messages?ack=1", "POST ChatMessage #2 {\"text\":\"in flight\"}"]);
        chat.edit("head", |head| head["post"] = post.clone());

        chat.reload();

        assert_eq!(chat.outbox(), ["in flight, unconfirmed", "behind, sending"], "{post}");
    }
}

#[test]
fn a_conversation_without_a_session_to_go_on_in_ends_instead_of_waiting_for_ever() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.edit("head", |head| {
        let mut state: Value = serde_json::from_str(head["protocol"].as_str().expect("a text")).expect("it is JSON");
        state["credentials"] = Value::Null;
        head["protocol"] = state.to_string().into();
    });

    chat.reload();
    chat.wait(std::time::Duration::from_secs(1));

    assert_eq!((&*chat.stage(), chat.outbox()), ("ended, failed", vec!["one, unconfirmed".to_owned()]));
}

#[test]
fn no_value_in_any_place_of_a_head_brings_a_session_down() {
    let chat = busy_chat();
    let head: Value = serde_json::from_str(&chat.records["head"]).expect("a head is JSON");
    for path in paths(&head) {
        for value in hostile_values() {
            let mut changed = head.clone();
            *changed.pointer_mut(&path).expect("the path was found") = value.clone();
            goes_on_or_not(&chat, &changed.to_string());
        }
    }
}

#[test]
fn no_value_in_any_place_of_a_protocols_state_brings_a_session_down() {
    let chat = busy_chat();
    let head: Value = serde_json::from_str(&chat.records["head"]).expect("a head is JSON");
    let state: Value = serde_json::from_str(head["protocol"].as_str().expect("a text")).expect("it is JSON");
    for path in paths(&state) {
        for value in hostile_values() {
            let mut changed = state.clone();
            *changed.pointer_mut(&path).expect("the path was found") = value.clone();
            let mut head = head.clone();
            head["protocol"] = changed.to_string().into();
            goes_on_or_not(&chat, &head.to_string());
        }
    }
}

/// A chat with as much in its head as there can be.
pub fn busy_chat() -> Chat {
    let mut chat = Chat::queued();
    let idle = json!({ "isEnabled": true, "warningTime": 60, "timeout": 90 });
    chat.server.tell("ChatEstablished", json!({ "name": "Noor B.", "chasitorIdleTimeout": idle }));
    let rule = json!({ "id": "1", "name": "Card", "pattern": "4111", "replacement": "*", "actionType": "Replace" });
    chat.server.tell("SensitiveDataRules", json!({ "sensitiveDataRules": [rule] }));
    let file = json!({ "type": "Requested", "uploadServletUrl": "https://files.example.com", "fileToken": "t" });
    chat.server.tell("FileTransfer", file);
    chat.settle();
    chat.says(0..40);
    chat.send("refused");
    chat.reply("ChatMessage", 400, "");
    chat.wait(std::time::Duration::from_secs(1));
    chat.send("my card is 4111");
    chat.send("behind");
    chat.command(Command::Custom { kind: "cart".to_owned(), data: "2".to_owned() });
    chat.draft("half a thou");
    chat
}

/// A session from this head goes on for a while, or there is none; it never panics.
fn goes_on_or_not(chat: &Chat, head: &str) {
    let read = |key: &str| if key == "head" { Some(head.to_owned()) } else { chat.records.get(key).cloned() };
    let Ok(mut session) = Session::restore(adapter(), 1, chat.now, &read) else { return };
    let mut now = chat.now;
    let mut flying = Vec::new();
    let commands = [
        Input::Woke,
        Input::Command(Command::Send { text: "one".to_owned() }),
        Input::Environment(Environment::Visible),
        Input::Command(Command::Draft { text: "two".to_owned() }),
        Input::Woke,
        Input::Command(Command::End),
        Input::Woke,
    ];
    let bodies = [r#"{"messages":[{"type":"ChatMessage","message":{"text":"x"}}],"sequence":3,"offset":9}"#, "OK"];
    for (place, command) in commands.into_iter().enumerate() {
        let effects = session.handle(now, command);
        flying.extend(effects.iter().filter_map(|effect| match effect {
            Effect::Fetch { id, .. } => Some(*id),
            _ => None,
        }));
        for id in std::mem::take(&mut flying) {
            let response =
                Response { status: 200, body: bodies[place % 2].to_owned(), retry_after: None, location: None };
            let outcome = if place % 3 == 2 { Err(TransportError::Network) } else { Ok(response) };
            let effects = session.handle(now, Input::Replied { id, outcome });
            flying.extend(effects.iter().filter_map(|effect| match effect {
                Effect::Fetch { id, .. } => Some(*id),
                _ => None,
            }));
        }
        let _ = session.view();
        now = session.next_wake().unwrap_or(now);
    }
}

/// The way to every value in a tree.
fn paths(value: &Value) -> Vec<String> {
    let below = |name: &str, value: &Value| -> Vec<String> {
        std::iter::once(String::new()).chain(paths(value)).map(|path| format!("/{name}{path}")).collect()
    };
    match value {
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(place, item)| below(&place.to_string(), item)).collect()
        }
        Value::Object(fields) => fields.iter().flat_map(|(name, field)| below(name, field)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn hostile_values() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(33),
        json!(u32::MAX),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e300),
        json!(""),
        json!("x"),
        json!([]),
        json!({}),
        json!([[0, 1]]),
    ]
}

/// The id of the last line: the page was told of lines by their ids, so a line keeps its own.
pub fn last_id(session: &Session) -> Option<MessageId> {
    session.view().transcript.iter().next_back().map(|line| line.id)
}

fn stored_bytes(effect: &Effect) -> Option<usize> {
    let Effect::Store(snapshot) = effect else { return None };
    Some(snapshot.records.iter().filter_map(|record| record.value.as_ref()).map(String::len).sum())
}

impl Chat {
    /// The agent says as many lines, one in each poll.
    pub fn says(&mut self, lines: std::ops::Range<usize>) {
        for n in lines {
            self.server.say(&format!("line {n}"));
            self.deliver("Messages");
        }
    }

    fn edit(&mut self, record: &str, change: impl Fn(&mut Value)) {
        let mut value: Value = serde_json::from_str(&self.records[record]).expect("a record is JSON");
        change(&mut value);
        self.records.insert(record.to_owned(), value.to_string());
    }
}
