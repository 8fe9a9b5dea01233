//! What the conversations with Genesys must have, and what its adapter must never take over, show or go down by.

use std::collections::BTreeSet;

use holdfast_chat::protocol::{CallKind, Response, UnknownSave};
use serde_json::Value;

use super::{adapter, conversations_of, shown_by_debug, stages, strings_under, told};

#[test]
fn every_event_of_the_protocol_has_a_conversation() {
    let told = told(FOLDER, "type");

    let untold: Vec<&str> = EVENTS.into_iter().filter(|kind| !told.contains(*kind)).collect();
    assert!(untold.is_empty(), "no conversation has {untold:?}");
}

#[test]
fn every_error_code_that_is_known_has_a_conversation() {
    let written: String = conversations_of(FOLDER).iter().map(|one| one.written.to_string()).collect();

    let untold: Vec<u16> = ERRORS.into_iter().filter(|code| !written.contains(&format!("\"code\":{code}"))).collect();
    assert!(untold.is_empty(), "no conversation has {untold:?}");
}

#[test]
fn a_key_is_never_shown_by_debug_formatting() {
    assert_eq!(shown_by_debug(FOLDER, "c0ffee"), [""; 0]);
}

#[test]
fn a_key_stands_in_no_address() {
    let conversations = conversations_of(FOLDER);
    let asked: BTreeSet<String> = conversations.iter().flat_map(|one| strings_under(&one.written, "url")).collect();

    assert!(asked.len() > 10, "{asked:?}");
    assert_eq!(asked.iter().find(|url| url.contains("c0ffee")), None);
}

#[test]
fn what_was_saved_and_cannot_be_asked_with_is_not_taken_over() {
    let sound = stage_of_a_chat();
    let restored = |path: &str, value: Value| {
        let mut saved = sound.clone();
        *saved.pointer_mut(path).expect("it is saved") = value;
        adapter::of(FOLDER, &Value::Null).restore(&saved.to_string())
    };

    for (path, value) in [
        ("/identity", Value::Null),
        ("/identity/alias", Value::Null),
        ("/identity/chat_id", "a/b?c".into()),
        ("/position", u64::MAX.into()),
        ("/quit", u64::MAX.into()),
        ("/standing", "condemned".into()),
    ] {
        assert_eq!(restored(path, value.clone()), Ok(()), "{path} {value}");
    }
    for (path, value) in [
        ("/identity", "".into()),
        ("/identity/chat_id", "".into()),
        ("/identity/chat_id", "..".into()),
        ("/identity/secure_key", " ".into()),
        ("/position", 0.into()),
        ("/position", (-1).into()),
        ("/position", "1".into()),
        ("/standing", "".into()),
        ("/parties", Value::Null),
        ("/parties/present", "x".into()),
        ("/parties/attendance", "all".into()),
    ] {
        assert_eq!(restored(path, value.clone()), Err(UnknownSave), "{path} {value}");
    }
}

#[test]
fn no_event_of_any_shape_brings_the_adapter_down() {
    let stages: BTreeSet<(&str, String, String)> = conversations_of(FOLDER).iter().flat_map(stages).collect();
    let bodies: Vec<String> = hostile_bodies();
    for (folder, attributes, stage) in stages {
        let attributes = serde_json::from_str(&attributes).expect("attributes are JSON");
        for kind in [CallKind::Open, CallKind::Poll, CallKind::Post, CallKind::Close] {
            for body in &bodies {
                let mut chat = adapter::of(folder, &attributes);
                assert_eq!(chat.restore(&stage), Ok(()), "{stage}");
                let response = Response { status: 200, body: body.clone(), ..Response::default() };
                let _ = chat.receive(kind, &response);
                assert_eq!(adapter::of(folder, &attributes).restore(&chat.save()), Ok(()), "{kind:?} {body}");
            }
        }
    }
}

fn hostile_bodies() -> Vec<String> {
    const FIELDS: [&str; 12] = [
        r#""messages":{"index":1}"#,
        r#""messages":[[],[[]],{"type":{}},{"from":[]},{"index":9007199254740991,"type":"Message","text":"x"}]"#,
        r#""messages":[{"index":9007199254740993,"type":"Message","from":{"type":"Agent"},"text":"x"}]"#,
        r#""messages":[{"index":1e99,"type":"ParticipantJoined","from":{"type":"Agent","participantId":1e99}}]"#,
        r#""messages":[{"index":-1,"type":"ParticipantLeft","from":null,"eventAttributes":"{\"GCTI_SYSTEM\":\"[\"}"}]"#,
        r#""messages":[{"type":"IdleAlert","userData":{"next-idle-timer-type":"CLOSE","next-idle-timer-secs":"1e300"}}]"#,
        r#""messages":[{"type":"IdleAlert","userData":"[","eventAttributes":[1]}]"#,
        r#""messages":[{"type":"FileUploaded","userData":[{"file-name":1}]}]"#,
        r#""nextPosition":9007199254740991"#,
        r#""nextPosition":-9007199254740991"#,
        r#""chatId":[],"secureKey":{},"alias":true,"userId":1e300"#,
        r#""errors":[{"code":{}},null,{"code":-1},240]"#,
    ];
    let with = |code: &'static str| FIELDS.map(|field| format!("{{\"statusCode\":{code},{field}}}"));
    ["0", "1", "2", "-1", "1e9", "null", "[]"].into_iter().flat_map(with).collect()
}

/// What is saved while an agent is there.
fn stage_of_a_chat() -> Value {
    let stages =
        conversations_of(FOLDER).into_iter().filter(|one| one.name == "whole-chat").flat_map(|one| one.stages());
    stages
        .map(|stage| serde_json::from_str::<Value>(&stage).expect("a stage is JSON"))
        .find(|stage| stage["parties"]["present"][0].is_object())
        .expect("an agent is there")
}

const FOLDER: &str = "genesys";

/// `genesys.md` §1.7.
const EVENTS: [&str; 15] = [
    "ParticipantJoined",
    "ParticipantLeft",
    "ParticipantRejoined",
    "Message",
    "TypingStarted",
    "TypingStopped",
    "Notice",
    "CustomNotice",
    "PushUrl",
    "NicknameUpdated",
    "FileUploaded",
    "FileDeleted",
    "IdleAlert",
    "IdleClose",
    "TranscriptSaveDone",
];

/// `genesys.md` §3.11, but for those of files.
const ERRORS: [u16; 8] = [102, 103, 161, 204, 240, 249, 306, 364];
