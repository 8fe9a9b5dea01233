//! What the conversations with LivePerson must have, and what its adapter must never take over, show or go down by.

use std::collections::BTreeSet;

use holdfast_chat::protocol::{CallKind, Response, UnknownSave};
use serde_json::Value;

use super::{adapter, conversations_of, shown_by_debug, stages, strings_under, told};

#[test]
fn every_event_of_the_protocol_has_a_conversation() {
    let told = told(FOLDER, "@type");

    let untold: Vec<&str> = EVENTS.into_iter().filter(|kind| !told.contains(*kind)).collect();
    assert!(untold.is_empty(), "no conversation has {untold:?}");
}

#[test]
fn every_system_message_of_the_protocol_has_a_conversation() {
    let written: String = conversations_of(FOLDER).iter().map(|one| one.written.to_string()).collect();

    let untold: Vec<u16> =
        SYSTEM_MESSAGES.into_iter().filter(|id| !written.contains(&format!("\"systemMessageId\":{id},"))).collect();
    assert!(untold.is_empty(), "no conversation has {untold:?}");
}

#[test]
fn the_application_key_is_never_shown_by_debug_formatting_and_stands_in_no_address() {
    assert_eq!(shown_by_debug(FOLDER, "demo-app-key"), [""; 0]);
    assert_eq!(shown_by_debug(FOLDER, "H42-9f1c"), [""; 0], "whoever has the address of a chat can speak in it");

    let asked = addresses();
    assert!(asked.len() > 20, "{asked:?}");
    assert_eq!(asked.iter().find(|url| url.contains("demo-app-key")), None);
}

#[test]
fn every_address_has_what_every_call_has_and_has_it_once() {
    for url in addresses().iter().filter(|url| !url.contains("baseURI")) {
        assert_eq!((url.matches("v=1").count(), url.matches("NC=true").count()), (1, 1), "{url}");
        assert_eq!(url.matches('?').count(), 1, "{url}");
    }
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
        ("/chat", Value::Null),
        ("/chat/next", Value::Null),
        ("/chat/next", "https://other.example.test/x?y".into()),
        ("/story/seen", i64::MAX.into()),
        ("/story/company", "Nobody".into()),
    ] {
        assert_eq!(restored(path, value.clone()), Ok(()), "{path} {value}");
    }
    for (path, value) in [
        ("/base", Value::Null),
        ("/base", "https://other.example.test".into()),
        ("/chat/uri", "".into()),
        ("/chat/uri", "/chat".into()),
        ("/chat/uri", "https://chat.example.test/x?y".into()),
        ("/chat/uri", "http://chat.example.test/x".into()),
        ("/chat/next", "javascript:x".into()),
        ("/chat/events", "https://user@chat.example.test".into()),
        ("/chat/visitor_typing", "//chat.example.test".into()),
        ("/story/seen", "5".into()),
        ("/story/company", "Somebody".into()),
        ("/transfer", "Somewhere".into()),
        ("/transfer", serde_json::json!({ "Starting": ["https://evil.example/x", {}] })),
        ("/opening", "Half".into()),
    ] {
        assert_eq!(restored(path, value.clone()), Err(UnknownSave), "{path} {value}");
    }
}

#[test]
fn no_document_of_any_shape_brings_the_adapter_down() {
    let kinds = [CallKind::Open, CallKind::Poll, CallKind::Post, CallKind::Resume, CallKind::Close];
    let stages: BTreeSet<(&str, String, String)> = conversations_of(FOLDER).iter().flat_map(stages).collect();
    for (folder, attributes, stage) in stages {
        let attributes = serde_json::from_str(&attributes).expect("attributes are JSON");
        for kind in kinds {
            for body in BODIES {
                let mut agent = adapter::of(folder, &attributes);
                assert_eq!(agent.restore(&stage), Ok(()), "{stage}");
                let location = Some("/".to_owned());
                let response = Response { status: 200, body: body.to_owned(), location, ..Response::default() };
                let _ = agent.receive(kind, &response);
                assert_eq!(adapter::of(folder, &attributes).restore(&agent.save()), Ok(()), "{kind:?} {body}");
            }
        }
    }
}

/// Every address that is asked at.
fn addresses() -> BTreeSet<String> {
    conversations_of(FOLDER)
        .iter()
        .flat_map(|one| strings_under(&one.written, "url"))
        .filter(|url| is_ours(url))
        .collect()
}

/// The name stands in an event too.
fn is_ours(url: &str) -> bool {
    url.contains("/api/account/")
}

/// What is saved while an agent is there.
fn stage_of_a_chat() -> Value {
    let talking = conversations_of(FOLDER).into_iter().find(|one| one.name == "talking").expect("there is one");
    let last = talking.stages().pop().expect("something is saved");
    serde_json::from_str(&last).expect("a stage is JSON")
}

const FOLDER: &str = "liveperson";
/// `liveperson.md` §3.6.
const EVENTS: [&str; 5] = ["state", "line", "url", "a2a-transfer", "collaboration"];
/// `liveperson.md` §3.6.
const SYSTEM_MESSAGES: [u16; 10] = [0, 2, 3, 4, 5, 6, 13, 15, 22, 23];
const BODIES: [&str; 16] = [
    r#"{"chat":null}"#,
    r#"{"chat":[]}"#,
    r#"{"chat":"x","events":7}"#,
    r#"{"chat":{"link":7,"events":7,"info":7}}"#,
    r#"{"chat":{"link":[null,[],{"rel":[],"href":{}},{"rel":"next","href":"\u0000"},{"rel":"next","href":"//"}]}}"#,
    r#"{"chat":{"link":{"rel":"next","href":"?\\\"<>"},"info":{}}}"#,
    r#"{"chat":{"link":{"rel":"events","href":"https://"},"info":{"link":{"rel":"visitor-typing","href":"http://x"}}}}"#,
    r#"{"chat":{"events":{"event":[null,7,"x",[],{"id":1e99},{"id":-9},{"id":"9007199254740992"}]}}}"#,
    r#"{"chat":{"events":{"event":{"id":9007199254740991,"type":{},"state":[]}}}}"#,
    r#"{"chat":{"events":{"event":[{"id":91,"type":"state","state":7},{"id":92,"type":"line","text":{},"by":[],"source":7}]}}}"#,
    r#"{"chat":{"events":{"event":{"id":93,"type":"line","text":"<a href='<b><ul><li>","textType":"html","source":"agent"}}}}"#,
    r#"{"chat":{"events":{"event":{"id":94,"type":"line","text":7,"source":"system","systemMessageId":-1e400}}}}"#,
    r#"{"chat":{"events":{"event":{"id":95,"type":"a2a-transfer","link":7,"domain":{},"chatRequestParameters":[[[[[7]]]]]}}}}"#,
    r#"{"chat":{"info":{"state":{},"agentName":7,"agentTyping":[],"chatTimeout":1e300}}}"#,
    r#"{"chatLocation":{"link":[{"href":""}]}}"#,
    r#"{"availability":{},"estimatedWaitTime":1e300,"baseURI":"\u0000","baseURIs":[null,7,{"baseURI":[]}]}"#,
];
