//! Hostile storage: records that an older page, another release or somebody else left behind.
//!
//! A line `head JSON` or `page.N JSON` is a record. Fields that a head does not have are those of a chat with an agent, so
//! that inputs stay short; `null` takes one away. What the protocol saved stands in it as JSON and not as a text with
//! JSON in it, which would be hard to mutate. The other lines are played on the page that finds the records, as
//! `page.rs` says.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::page::Page;
use super::script::{Line, Script};

/// Restores a conversation from bytes and goes on with it.
pub fn run(bytes: &[u8]) {
    let script = Script::new(bytes);
    let (records, lines): (Vec<Line<'_>>, Vec<Line<'_>>) = script.lines().partition(|line| is_record(line.word));
    let record = |line: Line<'_>| {
        let value = if line.word == "head" { whole_head(line.rest) } else { None };
        (line.word.to_owned(), value.unwrap_or_else(|| line.rest.to_owned()))
    };
    let records: BTreeMap<String, String> = records.into_iter().map(record).collect();
    let Some(mut page) = Page::restored(&script, records) else { return };
    lines.into_iter().for_each(|line| page.play(line));
}

fn is_record(word: &str) -> bool {
    word == "head" || word.starts_with("page.")
}

/// The head with what was left out of it, where it is one.
fn whole_head(given: &str) -> Option<String> {
    let mut given: Map<String, Value> = serde_json::from_str(given).ok()?;
    let mut head: Map<String, Value> = serde_json::from_str(HEAD).ok()?;
    let mut protocol: Map<String, Value> = serde_json::from_str(PROTOCOL).ok()?;
    let saved = match given.remove("protocol") {
        Some(Value::Object(fields)) => {
            protocol.extend(fields);
            Value::Object(protocol).to_string().into()
        }
        Some(other) => other,
        None => Value::Object(protocol).to_string().into(),
    };
    head.extend(given);
    head.insert("protocol".to_owned(), saved);
    Some(Value::Object(head).to_string())
}

/// The head of a chat with an agent, in which nothing was said yet.
const HEAD: &str = r#"{
    "announced_typing":false,"conversation":"044c3cd7f43c661c","customs":[],"draft":"","entries":3,
    "first_line":0,"first_page":0,"idle":null,"lines":0,"outbox":[],"panel_open":false,
    "patience":110000,"post":null,"posts":2,"sneak_peek":false,
    "state":{"talking":{"agent":"Noor B.","ending":null,"resuming":false}},"unread":0,
    "upload_requested":false,"version":1,
    "visitor":{"details":[],"email":null,"entities":[],"name":null}
}"#;
/// What its protocol saved.
const PROTOCOL: &str = r#"{
    "ack":1,"base":"https://chat.example.com","closing":"None",
    "credentials":{"affinity":"t1","id":"i","key":"k","poll_timeout":40},"grant":null,"handover":"None",
    "offset":700014,"opening":"Done","rules":[],"sequence":{"issued":null,"next":3},"switches":0
}"#;
