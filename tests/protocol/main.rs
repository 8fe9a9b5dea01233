//! Golden conversations: given these answers, exactly these requests and facts.
//!
//! Each file under `live_agent/` is a conversation as it stands on the wire. It is played against the real adapter, and
//! what comes out must be the file again, to the letter. With `HOLDFAST_BLESS=1` the files are rewritten instead; read
//! the difference before you keep it. `conversation.rs` says what a file looks like.

#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod adapter;
mod conversation;
mod printed;
mod words;

use std::collections::BTreeSet;
use std::path::PathBuf;

use holdfast_chat::protocol::{CallKind, Protocol, Response, UnknownSave};
use serde_json::Value;

use conversation::{Conversation, Reload};

#[test]
fn every_conversation_goes_as_written() {
    let changed: Vec<String> = conversations().iter().filter_map(|one| difference(one, Reload::Never)).collect();

    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

#[test]
fn every_conversation_goes_as_written_with_a_reload_after_every_exchange() {
    let changed: Vec<String> = conversations().iter().filter_map(|one| difference(one, Reload::Always)).collect();

    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

#[test]
fn every_message_type_of_the_protocol_has_a_conversation() {
    let told: BTreeSet<String> =
        conversations().iter().flat_map(|one| strings_under(&one.written, "type")).collect::<BTreeSet<_>>();

    let untold: Vec<&str> = MESSAGE_TYPES.into_iter().filter(|kind| !told.contains(*kind)).collect();
    assert!(untold.is_empty(), "no conversation has {untold:?}");
}

#[test]
fn every_reason_of_the_protocol_has_a_conversation() {
    let told: BTreeSet<String> =
        conversations().iter().flat_map(|one| strings_under(&one.written, "reason")).collect::<BTreeSet<_>>();

    let untold: Vec<&str> = REASONS.into_iter().filter(|reason| !told.contains(*reason)).collect();
    assert!(untold.is_empty(), "no conversation has {untold:?}");
}

#[test]
fn no_answer_to_any_call_at_any_stage_brings_the_adapter_down() {
    let kinds = [CallKind::Open, CallKind::Poll, CallKind::Post, CallKind::Upload, CallKind::Resume, CallKind::Close];
    let stages: BTreeSet<(String, String)> = conversations().iter().flat_map(stages).collect();
    for (attributes, stage) in stages {
        let attributes = serde_json::from_str(&attributes).expect("attributes are JSON");
        for kind in kinds {
            for response in hostile_responses() {
                let mut agent = adapter::live_agent(&attributes);
                assert_eq!(agent.restore(&stage), Ok(()), "{stage}");
                let _ = agent.receive(kind, &response);
                assert_eq!(adapter::live_agent(&attributes).restore(&agent.save()), Ok(()), "{kind:?} {response:?}");
            }
        }
    }
}

#[test]
fn what_was_not_saved_by_an_adapter_is_not_taken_over() {
    for saved in ["", "{", "null", "[]", "{}", "17", r#"{"base":"https://chat.example.com"}"#] {
        assert_eq!(adapter::live_agent(&Value::Null).restore(saved), Err(UnknownSave), "{saved}");
    }
}

#[test]
fn what_was_saved_and_cannot_be_asked_with_is_not_taken_over() {
    let sound = stage_with_everything();
    let restored = |path: &str, value: Value| {
        let mut saved = sound.clone();
        *saved.pointer_mut(path).expect("it is saved") = value;
        adapter::live_agent(&Value::Null).restore(&saved.to_string())
    };

    for (path, values) in [
        ("/base", ["", "/gateway", "https://chat.example.com", "https://other.example.com"].map(Value::from)),
        ("/credentials/poll_timeout", [1, 2, 599, 600].map(Value::from)),
        ("/credentials/key", ["k", "!~", "7d2f!1/+=", "\"'"].map(Value::from)),
    ] {
        for value in values {
            assert_eq!(restored(path, value.clone()), Ok(()), "{path} {value}");
        }
    }
    for (path, values) in [
        ("/base", ["gateway", "/two words", "http://chat.example.com", "javascript:x"].map(Value::from)),
        ("/grant/url", ["", "/upload", "files.example.com", "http://files.example.com"].map(Value::from)),
        ("/credentials/key", ["", "two words", "k\n", "ключ"].map(Value::from)),
        ("/credentials/affinity", ["", "two words", "a\r\nb", "\u{7f}"].map(Value::from)),
        ("/credentials/poll_timeout", [0, 601, 40_000, u64::MAX].map(Value::from)),
    ] {
        for value in values {
            assert_eq!(restored(path, value.clone()), Err(UnknownSave), "{path} {value}");
        }
    }
}

#[test]
fn a_key_is_never_shown_by_debug_formatting() {
    for conversation in conversations() {
        for stage in conversation.stages() {
            let mut agent = adapter::live_agent(&conversation.attributes());
            assert_eq!(agent.restore(&stage), Ok(()));

            let shown = format!("{agent:?}");

            assert!(!shown.contains("1767225600123"), "{}: {shown}", conversation.name);
        }
    }
}

/// What differs when the conversation is played, or nothing.
fn difference(conversation: &Conversation, reload: Reload) -> Option<String> {
    let written = printed::text(&conversation.written);
    let played = printed::text(&conversation.played(reload));
    if written == played {
        return None;
    }
    if reload == Reload::Never && std::env::var_os("HOLDFAST_BLESS").is_some() {
        std::fs::write(&conversation.path, played).expect("the fixture can be written");
        return None;
    }
    Some(format!("{}\n{}", conversation.path.display(), printed::difference(&written, &played)))
}

fn conversations() -> Vec<Conversation> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/protocol/live_agent");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    paths.sort();
    assert!(paths.iter().all(|path| path.extension().is_some_and(|extension| extension == "json")), "{paths:?}");
    paths.into_iter().map(Conversation::read).collect()
}

/// All texts that stand under this name, at any depth.
fn strings_under(value: &Value, name: &str) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(|item| strings_under(item, name)).collect(),
        Value::Object(fields) => {
            let own = fields.get(name).and_then(Value::as_str).map(str::to_owned);
            own.into_iter().chain(fields.values().flat_map(|field| strings_under(field, name))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// What the adapter saves in the course of a conversation, each time with the attributes of the page.
fn stages(conversation: &Conversation) -> Vec<(String, String)> {
    let attributes = conversation.attributes().to_string();
    conversation.stages().into_iter().map(|stage| (attributes.clone(), stage)).collect()
}

/// What is saved while a file is asked for.
fn stage_with_everything() -> Value {
    let stages = conversations().into_iter().filter(|one| one.name == "upload").flat_map(|one| one.stages());
    stages
        .map(|stage| serde_json::from_str::<Value>(&stage).expect("a stage is JSON"))
        .find(|stage| stage["grant"].is_object() && stage["credentials"].is_object())
        .expect("a file is asked for")
}

fn hostile_responses() -> Vec<Response> {
    const STATUSES: [u16; 16] = [0, 199, 202, 204, 302, 400, 403, 404, 405, 418, 429, 500, 502, 503, 599, u16::MAX];
    const BODIES: [&str; 16] = [
        "",
        "OK",
        "null",
        "[]",
        "{}",
        "\u{0}\u{fffd}",
        r#"{"messages":null}"#,
        r#"{"messages":[null,1,"x",[],{}]}"#,
        r#"{"messages":[{"type":5,"message":5}],"sequence":"x","offset":{}}"#,
        r#"{"messages":[],"sequence":9007199254740993,"offset":1e308}"#,
        r#"{"messages":[],"sequence":-9223372036854775808,"offset":-1}"#,
        r#"{"messages":[{"type":"ReconnectSession","message":{"affinityToken":"","resetSequence":"no"}}]}"#,
        r#"{"messages":[{"type":"ChatRequestSuccess","message":{"connectionTimeout":1e300,"estimatedWaitTime":1e300}}]}"#,
        "Out of sync Ack. Expected 12. Actual 18446744073709551615",
        "Out of sync Ack. Expected 12. Actual 99999999999999999999999",
        r#"{"id":1,"key":[],"affinityToken":true,"clientPollTimeout":-1}"#,
    ];
    let response = |status, body: &str| Response { status, body: body.to_owned(), retry_after: None, location: None };
    let statuses = STATUSES.map(|status| response(status, "OK"));
    let conflicts = BODIES.iter().filter(|body| body.contains("Actual")).map(|body| response(409, body));
    BODIES.map(|body| response(200, body)).into_iter().chain(conflicts).chain(statuses).collect()
}

/// `live-agent.md` §12.
const MESSAGE_TYPES: [&str; 24] = [
    "ChatRequestSuccess",
    "ChatRequestFail",
    "QueueUpdate",
    "ChatEstablished",
    "ChatMessage",
    "AgentTyping",
    "AgentNotTyping",
    "AgentDisconnect",
    "ChatTransferred",
    "TransferToButtonInitiated",
    "AgentJoinedConference",
    "AgentLeftConference",
    "ChatEnded",
    "CustomEvent",
    "NewVisitorBreadcrumb",
    "SensitiveDataRules",
    "ChasitorSessionData",
    "FileTransfer",
    "RichMessage",
    "AsyncResult",
    "SwitchServer",
    "ReconnectSession",
    "Availability",
    "Settings",
];

/// `live-agent.md` §13, of both messages.
const REASONS: [&str; 11] = [
    "Unavailable",
    "InternalFailure",
    "NoPost",
    "Blocked",
    "Unknown",
    "agent",
    "client",
    "clientIdleTimeout",
    "agentsUnavailable",
    "agentPushTimeout",
    "unknown",
];
