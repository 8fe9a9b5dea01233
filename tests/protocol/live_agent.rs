//! What the conversations with Live Agent must have, and what its adapter must never take over or show.

use holdfast_chat::protocol::UnknownSave;
use serde_json::Value;

use super::{adapter, conversations_of, shown_by_debug, told};

#[test]
fn every_message_type_of_the_protocol_has_a_conversation() {
    let told = told(FOLDER, "type");

    let untold: Vec<&str> = MESSAGE_TYPES.into_iter().filter(|kind| !told.contains(*kind)).collect();
    assert!(untold.is_empty(), "no conversation has {untold:?}");
}

#[test]
fn every_reason_of_the_protocol_has_a_conversation() {
    let told = told(FOLDER, "reason");

    let untold: Vec<&str> = REASONS.into_iter().filter(|reason| !told.contains(*reason)).collect();
    assert!(untold.is_empty(), "no conversation has {untold:?}");
}

#[test]
fn what_was_saved_and_cannot_be_asked_with_is_not_taken_over() {
    let sound = stage_with_everything();
    let restored = |path: &str, value: Value| {
        let mut saved = sound.clone();
        *saved.pointer_mut(path).expect("it is saved") = value;
        adapter::of(FOLDER, &Value::Null).restore(&saved.to_string())
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
    assert_eq!(shown_by_debug(FOLDER, "1767225600123"), [""; 0]);
}

/// What is saved while a file is asked for.
fn stage_with_everything() -> Value {
    let stages = conversations_of(FOLDER).into_iter().filter(|one| one.name == "upload").flat_map(|one| one.stages());
    stages
        .map(|stage| serde_json::from_str::<Value>(&stage).expect("a stage is JSON"))
        .find(|stage| stage["grant"].is_object() && stage["credentials"].is_object())
        .expect("a file is asked for")
}

const FOLDER: &str = "live_agent";
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
