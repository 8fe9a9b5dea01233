//! The switches that only SuperOffice reads; `superoffice` in the settings. Each stands for something that the protocol
//! page marks as inferred or open (§13), or for what an administrator configures.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::superoffice::topics;

/// What this façade does where its protocol leaves room, or where a test wants it otherwise.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Switches {
    /// The bearer token that is good.
    pub credential: String,
    /// Topics by number, as `ChatTopicEntity`; merged field by field.
    pub topics: BTreeMap<String, Value>,
    /// Topics that are outside their opening hours.
    pub closed: Vec<u64>,
    /// Whether a new session looks at opening hours and presence (§13.9).
    pub start_looks: bool,
    /// Whether bots talk in sessions that began through the WebAPI (§13.9).
    pub bot_runs: bool,
    /// `Flags` while nobody types (§3.4); `null` is JSON's.
    pub idle_flags: Option<String>,
    /// `Flags` while both type (§13.5).
    pub both_flags: String,
    /// Whether filled fields end the pre-chat form by themselves.
    pub form_advances: bool,
    /// Whether a patched status writes the line of its event (§13.11).
    pub patch_triggers: bool,
    /// Whether reading counts as the visitor's client (§13.3).
    pub read_moves_fetched: bool,
    /// Whether a visitor's line counts as the visitor's client (§13.3).
    pub post_moves_fetched: bool,
    /// How long nothing may be heard of a visitor (§8.1).
    pub dead_after_ms: u64,
    /// Whether a Reset asks for the form again though it is filled (§13.10).
    pub reset_asks_again: bool,
    /// Whether a Reset computes the first place in the queue anew (§13.10).
    pub reset_moves_place: bool,
    /// Whether the knowledge base is asked by the server itself.
    pub faq_looks_up: bool,
    /// Whether a clicked yes or no in FAQ changes the status by itself (§13.7).
    pub faq_click_acts: bool,
    /// What the knowledge base holds.
    pub articles: Vec<Article>,
    /// How the list of sessions names its columns (§13.12).
    pub columns: Columns,
    /// How many rows a page of the list has.
    pub list_page: usize,
    /// How long `SpecialParam` may be before it is cut; `null` is any length.
    pub longest_param: Option<usize>,
    /// How many numbers are left out before each message.
    pub id_gap: u64,
    /// The status of a line for a session that is over for good.
    pub ended_status: u16,
    /// Whether an error has a body (§13.13).
    pub error_body: bool,
    /// Where events are told; `null` is nowhere.
    pub webhook: Option<Webhook>,
}

/// An article of the knowledge base.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Article {
    /// Its title.
    pub title: String,
    /// Where it lies.
    pub url: String,
    /// Words of a question that lead to it.
    pub words: Vec<String>,
}

/// How the list of sessions names its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Columns {
    /// `chatSessionId`.
    Camel,
    /// `ChatSessionId`.
    Pascal,
}

/// Somebody who is told of events.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// The address.
    pub url: String,
    /// The secret that signs.
    pub secret: String,
}

impl Switches {
    /// A topic by number.
    pub fn topic(&self, id: u64) -> Option<&Value> {
        self.topics.get(&id.to_string())
    }
}

impl Default for Switches {
    fn default() -> Self {
        let article = |title: &str, url: &str, words: &[&str]| Article {
            title: title.to_owned(),
            url: url.to_owned(),
            words: words.iter().map(|word| (*word).to_owned()).collect(),
        };
        Self {
            credential: "8A:local-demo".to_owned(),
            topics: topics::usual(),
            closed: vec![topics::CLOSED],
            start_looks: true,
            bot_runs: true,
            idle_flags: Some(String::new()),
            both_flags: "CustomerIsTyping, UserIsTyping".to_owned(),
            form_advances: false,
            patch_triggers: true,
            read_moves_fetched: false,
            post_moves_fetched: false,
            dead_after_ms: 60_000,
            reset_asks_again: true,
            reset_moves_place: true,
            faq_looks_up: true,
            faq_click_acts: false,
            articles: vec![
                article("Why a kettle leaks", "https://example.com/help/leaks", &["kettle", "leak", "leaks"]),
                article("Descaling your kettle", "https://example.com/help/descale", &["kettle", "lime"]),
                article("Sending something back", "https://example.com/help/returns", &["return", "refund"]),
            ],
            columns: Columns::Camel,
            list_page: 50,
            longest_param: Some(255),
            id_gap: 2,
            ended_status: 400,
            error_body: true,
            webhook: None,
        }
    }
}
