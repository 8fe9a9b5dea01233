//! What the page tells about its visitor.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The visitor as the page describes them. Everything is optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Visitor {
    /// Shown to the agent.
    pub name: Option<String>,
    /// Handed to the agent with the details.
    pub email: Option<String>,
    /// Further details, in order.
    pub details: Vec<Detail>,
    /// Records that the backend should find or create, in the backend's own words.
    pub entities: Vec<Value>,
}

/// One detail about the visitor, handed to the agent or the backend before the conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Detail {
    /// Its name.
    pub label: String,
    /// Its value.
    #[serde(default)]
    pub value: String,
    /// Whether the agent sees it.
    #[serde(default = "shown")]
    pub display_to_agent: bool,
    /// Names of transcript fields that receive the value.
    #[serde(default)]
    pub transcript_fields: Vec<String>,
    /// Fields of records that the value belongs to, in the backend's own words.
    #[serde(default)]
    pub entity_maps: Vec<Value>,
}

const fn shown() -> bool {
    true
}
