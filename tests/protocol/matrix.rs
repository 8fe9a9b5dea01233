//! What the conversations with Matrix must have, and what its adapter must never take over, show or go down by.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_chat::protocol::{CallKind, Early, Response, UnknownSave, Uploads};
use serde_json::Value;

use super::{adapter, conversations_of, shown_by_debug, stages, strings_under, told};

#[test]
fn every_kind_of_event_has_a_conversation() {
    let told = told(FOLDER, "type");

    let untold: Vec<&str> = EVENTS.into_iter().filter(|kind| !told.contains(*kind)).collect();
    assert!(untold.is_empty(), "no conversation has {untold:?}");
}

#[test]
fn every_error_that_is_known_has_a_conversation() {
    let told = told(FOLDER, "errcode");

    let untold: Vec<&str> = ERRORS.into_iter().filter(|code| !told.contains(*code)).collect();
    assert!(untold.is_empty(), "no conversation has {untold:?}");
}

#[test]
fn words_wait_until_there_is_a_room() {
    let mut agent = adapter::of(FOLDER, &Value::Null);
    assert_eq!(agent.profile().early, Early::Held);

    agent.restore(&stage_of_a_chat().to_string()).expect("it can go on");
    assert_eq!(agent.profile().early, Early::Welcome);
}

#[test]
fn a_guest_sends_files_only_where_somebody_asks_for_one() {
    let uploads = |identity: &str| adapter::of(FOLDER, &serde_json::json!({ "identity": identity })).profile().uploads;

    assert_eq!(uploads("guest"), Uploads::WhenAsked);
    assert_eq!(uploads("register"), Uploads::Anytime);
}

#[test]
fn a_token_and_a_password_are_never_shown_by_debug_formatting() {
    for secret in ["c0ffee", "drawn3"] {
        assert_eq!(shown_by_debug(FOLDER, secret), [""; 0]);
    }
}

#[test]
fn a_token_stands_in_no_address() {
    let conversations = conversations_of(FOLDER);
    let asked: BTreeSet<String> = conversations.iter().flat_map(|one| strings_under(&one.written, "url")).collect();

    assert!(asked.len() > 20, "{asked:?}");
    assert_eq!(asked.iter().find(|url| url.contains("c0ffee") || url.contains("drawn3")), None);
}

#[test]
fn what_was_saved_and_cannot_be_asked_with_is_not_taken_over() {
    let sound = stage_of_a_chat();
    let restored = |path: &str, value: Value| {
        let mut saved = sound.clone();
        *saved.pointer_mut(path).expect("it is saved") = value;
        adapter::of(FOLDER, &Value::Null).restore(&saved.to_string())
    };

    for (path, value) in
        [("/who", Value::Null), ("/since", Value::Null), ("/room", "!a/b?c".into()), ("/silence", u64::MAX.into())]
    {
        assert_eq!(restored(path, value.clone()), Ok(()), "{path} {value}");
    }
    for (path, value) in [
        ("/who", "".into()),
        ("/who/token", "two words".into()),
        ("/who/token", "".into()),
        ("/who/user", " ".into()),
        ("/room", "..".into()),
        ("/room", "!".into()),
        ("/entry/stage", "arriving".into()),
        ("/parties", Value::Null),
        ("/errand", "".into()),
        ("/name", Value::Null),
    ] {
        assert_eq!(restored(path, value.clone()), Err(UnknownSave), "{path} {value}");
    }
}

#[test]
fn no_answer_of_any_shape_brings_the_adapter_down() {
    let all = conversations_of(FOLDER).into_iter().flat_map(|one| stages(&one));
    // Of all that differ in nothing but what was said, one.
    let stages: BTreeMap<String, (&str, String, String)> = all.map(|stage| (standing(&stage.2), stage)).collect();
    assert!(stages.len() > 20, "{:?}", stages.keys());
    for (folder, attributes, stage) in stages.into_values() {
        let attributes = serde_json::from_str(&attributes).expect("attributes are JSON");
        for kind in [CallKind::Open, CallKind::Poll, CallKind::Post, CallKind::Resume, CallKind::Close] {
            for (status, body) in HOSTILE {
                let mut chat = adapter::of(folder, &attributes);
                assert_eq!(chat.restore(&stage), Ok(()), "{stage}");
                let response = Response { status, body: body.to_owned(), ..Response::default() };
                let _ = chat.receive(kind, &response);
                assert_eq!(adapter::of(folder, &attributes).restore(&chat.save()), Ok(()), "{kind:?} {body}");
            }
        }
    }
}

/// How far everything is that was saved.
fn standing(saved: &str) -> String {
    let saved: Value = serde_json::from_str(saved).expect("a stage is JSON");
    let far =
        ["/entry/stage", "/errand", "/posted/step", "/closing", "/standing"].map(|path| saved.pointer(path).cloned());
    let held = ["who", "room", "invited", "since", "gap", "picked"].map(|name| saved[name].is_null());
    format!("{far:?} {held:?}")
}

/// What is saved while an agent is there.
fn stage_of_a_chat() -> Value {
    let talking = conversations_of(FOLDER).into_iter().find(|one| one.name == "talking").expect("it is there");
    let last = talking.stages().pop().expect("it has steps");
    serde_json::from_str(&last).expect("a stage is JSON")
}

const FOLDER: &str = "matrix";

/// `matrix.md` §5, §7, §11.
const EVENTS: [&str; 7] = [
    "m.room.message",
    "m.room.member",
    "m.room.redaction",
    "m.room.encryption",
    "m.room.encrypted",
    "m.typing",
    "m.reaction",
];

/// `matrix.md` §8.
const ERRORS: [&str; 9] = [
    "M_LIMIT_EXCEEDED",
    "M_UNKNOWN_TOKEN",
    "M_MISSING_TOKEN",
    "M_FORBIDDEN",
    "M_RESOURCE_LIMIT_EXCEEDED",
    "M_USER_IN_USE",
    "M_ROOM_IN_USE",
    "M_UNKNOWN",
    "M_TOO_LARGE",
];

const HOSTILE: [(u16, &str); 14] = [
    (200, r#"{"next_batch":[],"rooms":7}"#),
    (200, r#"{"next_batch":"x","rooms":{"join":[],"leave":"","invite":{"!":{}}}}"#),
    (200, r#"{"next_batch":"x","rooms":{"join":{"!room:s.example":null},"leave":{"!room:s.example":[]}}}"#),
    (
        200,
        r#"{"next_batch":"x","rooms":{"join":{"!room:s.example":{"timeline":{"limited":true,"events":{}},"state":7,"ephemeral":{"events":[{"type":"m.typing","content":{"user_ids":[{}]}}]}}}}}"#,
    ),
    (
        200,
        r#"{"chunk":[null,{"event_id":{},"type":[],"content":{"body":{}}},{"event_id":"$x","type":"m.room.message","sender":1,"content":{"body":"x","m.relates_to":7,"format":[]}}],"end":{}}"#,
    ),
    (200, r#"{"user_id":[],"access_token":{},"room_id":"../..","device_id":1}"#),
    (200, r#"{"user_id":"v","access_token":"t","room_id":"!"}"#),
    (200, r#"{"room_id":{},"joined_rooms":{"a":1}}"#),
    (200, r#"{"joined_rooms":[1,null,{}],"token":"\u0000"}"#),
    (401, r#"{"flows":7,"session":[]}"#),
    (401, r#"{"flows":[{"stages":{}},7,{"stages":[1,null]}],"session":"x","completed":{}}"#),
    (401, r#"{"errcode":"M_UNKNOWN_TOKEN","soft_logout":"yes"}"#),
    (429, r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":-1e300}"#),
    (400, r#"{"errcode":{},"error":[]}"#),
];
