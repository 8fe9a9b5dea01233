//! The move of a conversation to another server, in words that suit every dialect that can move.

use serde::Deserialize;
use serde_json::Value;

/// How a chat moves.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Rotation {
    /// Which requests notice.
    pub on: Notices,
    /// Whether the next POST is processed although it is answered with 503.
    pub process_in_flight: bool,
    /// What the reconnect says about sequence numbers.
    pub reset_sequence: Reset,
    /// How the visitor's state comes back.
    pub replay: Replay,
}

/// Which requests notice a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Notices {
    /// Only polls, until the client reconnects.
    Poll,
    /// Only POSTs, until the client reconnects.
    Post,
    /// All.
    Both,
}

/// What the reconnect says about sequence numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub enum Reset {
    /// They begin anew.
    True,
    /// Nothing, which means the same.
    Missing,
    /// They go on.
    False,
}

/// How the visitor's state comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Replay {
    /// The transcript up to the offset, then the events after it.
    AfterOffset,
    /// The whole transcript, then the events after the offset that are not messages.
    Transcript,
    /// The whole transcript, and all events after the offset as well.
    Overlap,
    /// No state at all, only the events after the offset.
    None,
}

impl Default for Rotation {
    fn default() -> Self {
        Self { on: Notices::Both, process_in_flight: false, reset_sequence: Reset::True, replay: Replay::AfterOffset }
    }
}

impl TryFrom<Value> for Reset {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        match (value.as_bool(), value.as_str()) {
            (Some(true), _) => Ok(Self::True),
            (Some(false), _) => Ok(Self::False),
            (None, Some("missing")) => Ok(Self::Missing),
            _ => Err("resetSequence is true, false or \"missing\""),
        }
    }
}
