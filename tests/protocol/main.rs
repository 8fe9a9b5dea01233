//! Golden conversations: given these answers, exactly these requests and facts.
//!
//! Each file in the folder of an adapter is a conversation as it stands on the wire. It is played against the real one,
//! and what comes out must be the file again, to the letter. With `HOLDFAST_BLESS=1` the files are rewritten instead; read
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
mod genesys;
mod live_agent;
mod liveperson;
mod matrix;
mod printed;
mod superoffice;
mod words;

use std::collections::BTreeSet;
use std::path::PathBuf;

use holdfast_chat::protocol::{CallKind, Response, UnknownSave};
use serde_json::Value;

use adapter::FOLDERS;
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
fn no_answer_to_any_call_at_any_stage_brings_the_adapter_down() {
    let kinds = [
        CallKind::Open,
        CallKind::Poll,
        CallKind::Post,
        CallKind::Upload,
        CallKind::Download,
        CallKind::Resume,
        CallKind::Close,
    ];
    let stages: BTreeSet<(&str, String, String)> = conversations().iter().flat_map(stages).collect();
    for (folder, attributes, stage) in stages {
        let attributes = serde_json::from_str(&attributes).expect("attributes are JSON");
        for kind in kinds {
            for response in hostile_responses() {
                let mut agent = adapter::of(folder, &attributes);
                assert_eq!(agent.restore(&stage), Ok(()), "{stage}");
                let _ = agent.receive(kind, &response);
                assert_eq!(adapter::of(folder, &attributes).restore(&agent.save()), Ok(()), "{kind:?} {response:?}");
            }
        }
    }
}

#[test]
fn what_was_not_saved_by_an_adapter_is_not_taken_over() {
    for folder in FOLDERS {
        for saved in ["", "{", "null", "[]", "{}", "17", r#"{"base":"https://chat.example.com"}"#] {
            assert_eq!(adapter::of(folder, &Value::Null).restore(saved), Err(UnknownSave), "{folder} {saved}");
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
    FOLDERS.into_iter().flat_map(conversations_of).collect()
}

/// The conversations with one adapter.
fn conversations_of(folder: &'static str) -> Vec<Conversation> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/protocol").join(folder);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(path)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    paths.sort();
    assert!(paths.iter().all(|path| path.extension().is_some_and(|extension| extension == "json")), "{paths:?}");
    paths.into_iter().map(|path| Conversation::read(folder, path)).collect()
}

/// Whether a text is shown by the debug formatting of an adapter at any stage of its conversations.
fn shown_by_debug(folder: &'static str, secret: &str) -> Vec<String> {
    let mut shown = Vec::new();
    for conversation in conversations_of(folder) {
        for stage in conversation.stages() {
            let mut agent = adapter::of(folder, &conversation.attributes());
            assert_eq!(agent.restore(&stage), Ok(()));
            let text = format!("{agent:?}");
            if text.contains(secret) {
                shown.push(format!("{}: {text}", conversation.name));
            }
        }
    }
    shown
}

/// All texts under this name in the conversations with one adapter.
fn told(folder: &'static str, name: &str) -> BTreeSet<String> {
    conversations_of(folder).iter().flat_map(|one| strings_under(&one.written, name)).collect()
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
fn stages(conversation: &Conversation) -> Vec<(&'static str, String, String)> {
    let attributes = conversation.attributes().to_string();
    conversation.stages().into_iter().map(|stage| (conversation.folder, attributes.clone(), stage)).collect()
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
