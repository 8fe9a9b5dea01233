//! The stored shapes, held fast: `snapshot-v3.json` is what a page of this release leaves behind at every kind of moment,
//! and the files beside it are what earlier ones left.
//!
//! Where this fails, a page that was loaded before an update would lose its conversation after it, or misread it. So a
//! shape is never changed under its version: count `VERSION` in `src/session/stored.rs` up, run this once with
//! `HOLDFAST_BLESS=1`, and keep the file that appears beside the old ones.

use std::collections::BTreeMap;
use std::path::PathBuf;

use holdfast_chat::model::{Detail, Visitor};
use holdfast_chat::session::{Command, Session};
use serde_json::{Value, json};

use super::chat::{Chat, adapter, stage, transcript};
use super::clerk::Clerk;
use super::forms;
use super::keeping::busy_chat;

#[test]
fn what_is_stored_has_the_shape_of_its_version() {
    let chats = moments().into_iter().map(|(name, chat)| (name.to_owned(), records(&chat.records)));
    let asked = forms::moments().into_iter().map(|(name, desk)| (format!("form, {name}"), records(&desk.records)));
    let snapshots: BTreeMap<String, Value> = chats.chain(asked).collect();
    let version = snapshots["talking"]["head"]["version"].clone();
    let path = folder().join(format!("snapshot-v{version}.json"));
    let text = format!("{}\n", serde_json::to_string_pretty(&snapshots).expect("it is JSON"));
    if std::env::var_os("HOLDFAST_BLESS").is_some() && !path.exists() {
        std::fs::write(&path, &text).expect("the file can be written");
    }

    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    for (line, (ours, theirs)) in text.lines().zip(golden.lines()).enumerate() {
        assert_eq!(ours, theirs, "line {} of {}", line + 1, path.display());
    }
    assert_eq!(text.lines().count(), golden.lines().count(), "{}", path.display());
}

#[test]
fn an_old_snapshot_goes_on() {
    for version in [1, 2, 3] {
        goes_on(&golden(version));
    }
}

#[test]
fn an_old_form_goes_on() {
    let golden = golden(3);
    for (name, desk) in forms::moments() {
        let read = |key: &str| found(&golden[format!("form, {name}")], key);
        let session = Session::restore(Box::new(Clerk::default()), 1, desk.now, &read).expect("it goes on");
        let (ours, theirs) = (session.view(), desk.session.view());
        assert_eq!((ours.form, ours.stage), (theirs.form, theirs.stage), "{name}");
    }
}

fn goes_on(golden: &Value) {
    let restored = |name: &str| {
        let read = |key: &str| found(&golden[name], key);
        Session::restore(adapter(), 1, Chat::new().now, &read).expect("it goes on")
    };

    for (name, expected) in [
        ("opening", "opening"),
        ("queued", "queued"),
        ("talking", "talking to Noor B."),
        ("moving", "talking to Noor B."),
        ("typing", "talking to Noor B."),
        ("peeking", "talking to Noor B."),
        ("warned", "talking to Noor B."),
        ("event", "talking to Noor B."),
        ("ending", "closing"),
        ("closing", "closing"),
        ("ended", "ended, agent"),
    ] {
        let session = restored(name);
        assert_eq!(stage(&session), expected, "{name}");
        let goes_on = session.next_wake().is_some();
        assert_eq!(goes_on, name != "ended", "{name}");
    }
    let talking = restored("talking");
    let view = talking.view();
    let outbox: Vec<String> = view.outbox.iter().map(|entry| format!("{} {:?}", entry.text, entry.state)).collect();
    assert_eq!(outbox, ["refused NotSent(Refused)", "my card is * Sending", "behind Sending"]);
    assert_eq!((transcript(&talking).len(), &*view.draft), (41, "half a thou"));
    assert_eq!(
        transcript(&restored("ended")),
        [
            "Noor B. joined",
            "agent: Hello",
            "visitor: Hi",
            "transferring",
            "transferred to Ines",
            "Ines left",
            "somebody joined",
        ]
    );
}

/// One chat for each kind of moment.
fn moments() -> Vec<(&'static str, Chat)> {
    let mut opening = Chat::new();
    let detail = Detail {
        label: "Topic".to_owned(),
        value: "Delivery".to_owned(),
        display_to_agent: true,
        transcript_fields: vec!["Topic__c".to_owned()],
        entity_maps: vec![record(r#"{"entityName":"Case","fieldName":"Subject"}"#)],
    };
    let visitor = Visitor {
        name: Some("Rana K.".to_owned()),
        email: Some("rana@example.org".to_owned()),
        details: vec![detail],
        entities: vec![record(r#"{"entityName":"Contact"}"#)],
    };
    opening.command(Command::Start { visitor: Box::new(visitor) });
    opening.deliver("Availability");
    opening.deliver("SessionId");

    let mut queued = Chat::queued();
    queued.server.tell("QueueUpdate", json!({ "position": 3, "estimatedWaitTime": 20 }));
    queued.settle();
    queued.send("typed ahead");

    let mut moving = Chat::talking();
    moving.send("in flight");
    moving.server.rotate();
    moving.deliver("Messages");
    moving.deliver("ReconnectSession");

    let mut typing = Chat::talking();
    typing.draft("H");

    let mut peeking = Chat::queued();
    peeking.server.tell("ChatEstablished", json!({ "name": "Noor B.", "sneakPeekEnabled": true }));
    peeking.settle();
    peeking.draft("H");

    let mut warned = Chat::queued();
    let idle = json!({ "isEnabled": true, "warningTime": 10, "timeout": 30 });
    warned.server.tell("ChatEstablished", json!({ "name": "Noor B.", "chasitorIdleTimeout": idle }));
    warned.settle();
    warned.wake();

    let mut event = Chat::talking();
    event.command(Command::Custom { kind: "cart".to_owned(), data: "2".to_owned() });

    let mut ending = Chat::talking();
    ending.send("last words");
    ending.command(Command::End);

    let mut closing = Chat::talking();
    closing.command(Command::End);

    let mut ended = Chat::talking();
    ended.command(Command::Open);
    ended.server.say("Hello");
    ended.settle();
    ended.send("Hi");
    ended.settle();
    ended.server.tell("TransferToButtonInitiated", json!({}));
    ended.server.tell("ChatTransferred", json!({ "name": "Ines" }));
    ended.server.tell("AgentDisconnect", json!({}));
    ended.server.tell("AgentJoinedConference", json!({}));
    ended.server.tell("ChatEnded", json!({ "reason": "agent" }));
    ended.settle();

    vec![
        ("opening", opening),
        ("queued", queued),
        ("talking", busy_chat()),
        ("moving", moving),
        ("typing", typing),
        ("peeking", peeking),
        ("warned", warned),
        ("event", event),
        ("ending", ending),
        ("closing", closing),
        ("ended", ended),
    ]
}

/// The records of a chat, with what is JSON inside as JSON, so that it can be read.
fn records(records: &BTreeMap<String, String>) -> Value {
    let folded = |text: &String| {
        let mut record: Value = serde_json::from_str(text).expect("a record is JSON");
        if let Some(protocol) = record.get_mut("protocol") {
            *protocol = serde_json::from_str(protocol.as_str().expect("a text")).expect("it is JSON");
        }
        record
    };
    records.iter().map(|(key, text)| (key.clone(), folded(text))).collect::<serde_json::Map<_, _>>().into()
}

/// The record of this name.
fn found(records: &Value, name: &str) -> Option<String> {
    let record = &records[name];
    (*record != Value::Null).then(|| unfolded(record))
}

fn unfolded(record: &Value) -> String {
    let mut record = record.clone();
    if let Some(protocol) = record.get_mut("protocol") {
        *protocol = protocol.to_string().into();
    }
    record.to_string()
}

fn golden(version: u32) -> Value {
    let path = folder().join(format!("snapshot-v{version}.json"));
    let text = std::fs::read_to_string(path).expect("the golden file is there");
    serde_json::from_str(&text).expect("the golden file is JSON")
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/session")
}

/// A record in the backend's own words.
fn record(text: &str) -> holdfast_chat::model::json::Value {
    holdfast_chat::model::json::Value::parse(text).expect("it is JSON")
}
