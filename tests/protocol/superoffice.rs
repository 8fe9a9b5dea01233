//! What the conversations with SuperOffice must have, and what its adapter must never take over, show or go down by.

use std::collections::BTreeSet;

use holdfast_chat::protocol::{CallKind, Response, UnknownSave};
use serde_json::Value;

use super::{adapter, conversations_of, shown_by_debug, stages, strings_under, told};

#[test]
fn every_status_and_every_special_type_of_the_protocol_has_a_conversation() {
    let (statuses, kinds) = (told(FOLDER, "Status"), told(FOLDER, "SpecialType"));

    let untold: Vec<&str> = STATUSES.into_iter().filter(|status| !statuses.contains(*status)).collect();
    assert!(untold.is_empty(), "no conversation has {untold:?}");
    let untold: Vec<&str> = SPECIAL_TYPES.into_iter().filter(|kind| !kinds.contains(*kind)).collect();
    assert!(untold.is_empty(), "no conversation has {untold:?}");
}

#[test]
fn the_key_is_never_shown_by_debug_formatting_and_stands_in_no_address() {
    for secret in [KEY, "Ines Roth", "ines@example.net"] {
        assert_eq!(shown_by_debug(FOLDER, secret), [""; 0]);
    }
    let asked: BTreeSet<String> =
        conversations_of(FOLDER).iter().flat_map(|one| strings_under(&one.written, "url")).collect();
    assert!(asked.len() > 10, "{asked:?}");
    assert_eq!(asked.iter().find(|url| url.contains(KEY)), None);
}

#[test]
fn every_question_about_a_session_proves_whose_it_is() {
    let requests: Vec<Value> = conversations_of(FOLDER).iter().flat_map(|one| requests(&one.written)).collect();
    assert!(requests.len() > 100);
    for request in requests {
        let is_about_session = request["url"].as_str().is_some_and(|url| url.contains("/ChatSession/"));
        assert_eq!(request["headers"]["X-Chat-Session-Key"] == KEY, is_about_session, "{request}");
    }
}

#[test]
fn what_was_saved_and_cannot_be_asked_with_is_not_taken_over() {
    let talking = conversations_of(FOLDER).into_iter().find(|one| one.name == "talking").expect("there is one");
    let last = talking.stages().pop().expect("something is saved");
    let sound: Value = serde_json::from_str(&last).expect("it is JSON");
    let restored = |path: &str, value: Value| {
        let mut saved = sound.clone();
        *saved.pointer_mut(path).unwrap_or_else(|| panic!("{path} is not saved")) = value;
        adapter::of(FOLDER, &Value::Null).restore(&saved.to_string())
    };

    for (path, value) in [("/place", Value::Null), ("/story/seen", Value::Null), ("/story/company", "Nobody".into())] {
        assert_eq!(restored(path, value.clone()), Ok(()), "{path} {value}");
    }
    for (path, value) in [
        ("/place/key", "".into()),
        ("/place/key", "a\r\nb: c".into()),
        ("/place/key", "ключ".into()),
        ("/place/id", 0.into()),
        ("/place/id", "3107/../1".into()),
        ("/story/seen", "5".into()),
        ("/story/company", "Somebody".into()),
        ("/opening", "Half".into()),
        ("/round", "Square".into()),
        ("/wish/fields", serde_json::json!([["CustomerName", { "deep": [] }]])),
    ] {
        assert_eq!(restored(path, value.clone()), Err(UnknownSave), "{path} {value}");
    }
}

#[test]
fn a_chat_in_which_somebody_talks_is_read_more_often_than_a_queue() {
    let rest = |name: &str| {
        let conversation = conversations_of(FOLDER).into_iter().find(|one| one.name == name).expect("there is one");
        let mut agent = adapter::of(FOLDER, &Value::Null);
        agent.restore(&conversation.stages().pop().expect("something is saved")).expect("it can go on");
        agent.profile().rest
    };

    assert!(rest("talking") < rest("signals-in-the-queue"), "{:?}", rest("talking"));
}

#[test]
fn no_answer_of_any_shape_brings_the_adapter_down() {
    let kinds = [CallKind::Open, CallKind::Poll, CallKind::Post, CallKind::Resume, CallKind::Close];
    let stages: BTreeSet<(&str, String, String)> = conversations_of(FOLDER).iter().flat_map(stages).collect();
    for (folder, attributes, stage) in stages {
        let attributes = serde_json::from_str(&attributes).expect("attributes are JSON");
        for kind in kinds {
            for body in BODIES {
                let mut agent = adapter::of(folder, &attributes);
                assert_eq!(agent.restore(&stage), Ok(()), "{stage}");
                let response = Response { status: 200, body: body.to_owned(), ..Response::default() };
                let _ = agent.receive(kind, &response);
                assert_eq!(adapter::of(folder, &attributes).restore(&agent.save()), Ok(()), "{kind:?} {body}");
            }
        }
    }
}

/// Every request in a conversation.
fn requests(written: &Value) -> Vec<Value> {
    match written {
        Value::Array(items) => items.iter().flat_map(requests).collect(),
        Value::Object(fields) if fields.contains_key("deadline") => vec![written.clone()],
        Value::Object(fields) => fields.values().flat_map(requests).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

const FOLDER: &str = "superoffice";
const KEY: &str = "k3y-7f0c9d2b5e";
const STATUSES: [&str; 12] = [
    "Invalid",
    "PreChatForm",
    "Faq",
    "OfflineForm",
    "InQueue",
    "CustomerLast",
    "UserLast",
    "Finished",
    "Deleted",
    "Closed",
    "RequestPosted",
    "ClosedFromQueue",
];
const SPECIAL_TYPES: [&str; 19] = [
    "None",
    "Invalid",
    "Welcome",
    "Url",
    "Block",
    "NewSession",
    "TransferedSession",
    "Error",
    "SessionDeleted",
    "FaqSuccessQuestion",
    "ClosedByUser",
    "ClosedByCustomer",
    "ClosedByIdle",
    "TransferRejected",
    "ReopenedByCustomer",
    "ClickedOption",
    "BotMessage",
    "Options",
    "IllegalFileType",
];
const BODIES: [&str; 12] = [
    r#"{"Status":7}"#,
    r#"{"Status":"InQueue","User":[],"QueuePos":-1,"EstimatedWaitSeconds":1e308,"Now":"x"}"#,
    r#"{"Status":"UserLast","User":{"AssociateId":"x","FullName":7},"Flags":{},"ChatbotIsActive":"yes"}"#,
    r#"{"Status":"PreChatForm","CustomerName":[],"CustomerEmail":{"a":1}}"#,
    r#"{"ChatSessionId":1.5,"SessionKey":"a b","Status":"Finished"}"#,
    r#"{"ChatSessionId":99999999999999999999,"SessionKey":"k","Status":"Finished"}"#,
    r#"[null,7,"x",[],{}]"#,
    r#"[{"ChatMessageId":9007199254740991,"Type":"ToUser","Message":"x"},{"ChatMessageId":1,"Type":7}]"#,
    r#"[{"ChatMessageId":7,"Type":"ToCustomer","SpecialType":"Options","Message":"x","SpecialParam":"[[[[["}]"#,
    r#"[{"ChatMessageId":7,"Type":"ToCustomer","Message":"x","WhenPosted":"9999-99-99T99:99:99"}]"#,
    r#"{"ChatTopicId":1,"Widget":{"RequiredFields":["Name"],"PreFormEnabled":1},"CustomQueueText":"{cque}{cque}"}"#,
    "true",
];
