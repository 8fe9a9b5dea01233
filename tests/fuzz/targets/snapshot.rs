//! Hostile storage: records that an older page, another release or somebody else left behind.
//!
//! A line `head JSON` or `page.N JSON` is a record. What the protocol saved may stand in the head as JSON instead of as
//! a text with JSON in it, because a text in a text is hard to mutate. The other lines are played on the page that finds
//! the records, as `page.rs` says.

use std::collections::BTreeMap;

use serde_json::Value;

use super::page::Page;
use super::script::{Line, Script};

/// Restores a conversation from bytes and goes on with it.
pub fn run(bytes: &[u8]) {
    let script = Script::new(bytes);
    let (records, lines): (Vec<Line<'_>>, Vec<Line<'_>>) = script.lines().partition(|line| is_record(line.word));
    let records: BTreeMap<String, String> =
        records.into_iter().map(|line| (line.word.to_owned(), folded(line.rest))).collect();
    let Some(mut page) = Page::restored(&script, records) else { return };
    lines.into_iter().for_each(|line| page.play(line));
}

fn is_record(word: &str) -> bool {
    word == "head" || word.starts_with("page.")
}

fn folded(record: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(record) else { return record.to_owned() };
    let Some(protocol) = value.get_mut("protocol").filter(|protocol| protocol.is_object()) else {
        return record.to_owned();
    };
    *protocol = protocol.to_string().into();
    value.to_string()
}
