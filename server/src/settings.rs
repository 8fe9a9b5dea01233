//! Every switch of the server, with its defaults.
//! Knows nothing of conversations; a façade reads what concerns its dialect.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{genesys, live_person, superoffice};

/// What the server does where a protocol leaves room, or where a test wants it otherwise.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// How long a poll with nothing to say is held.
    pub poll_hold_ms: u64,
    /// How long a request waits for an older one whose client may be leaving just now.
    pub grace_ms: u64,
    /// How long a visitor may go without a poll.
    pub expiry_ms: u64,
    /// What `SessionId` tells: a number, a string, or nothing with `null`.
    pub client_poll_timeout: Value,
    /// What `ChatRequestSuccess` tells, in milliseconds.
    pub connection_timeout: u64,
    /// The answer to a POST that was processed.
    pub post_answer: PostAnswer,
    /// A second poll: 409 and the end of the chat, or the older one makes room.
    pub second_poll: Stance,
    /// A sequence number that leaves some out.
    pub sequence_gap: Stance,
    /// A sequence number that was processed before.
    pub duplicate_sequence: Stance,
    /// A POST without a sequence number; recorded either way.
    pub missing_sequence: Stance,
    /// A POST whose content type is not JSON.
    pub content_type: Stance,
    /// A chat POST before an agent accepted.
    pub early_post: Stance,
    /// `ChatEnd` while nobody has accepted.
    pub chat_end_while_queued: Stance,
    /// An acknowledgement of something never delivered.
    pub ack_ahead: Stance,
    /// `ReconnectSession` though nothing moved.
    pub reconnect_outside_handover: Stance,
    /// A POST after a reconnect and before the visitor's state was delivered.
    pub post_before_session_data: Stance,
    /// What the `sequence` of a poll answer counts.
    pub numbering: Numbering,
    /// Whether poll answers carry an offset.
    pub offset: Offset,
    /// Which optional fields messages carry.
    pub optional_fields: OptionalFields,
    /// Who may read the answers from another origin.
    pub cors: Cors,
    /// Whether a scripted agent answers by itself.
    pub script: Script,
    /// Factor on every pause of the scripted agent.
    pub pace: f64,
    /// Whether anybody is there for a new chat.
    pub available: bool,
    /// Whether a chat request is answered at all.
    pub chat_request: ChatRequest,
    /// The queue position a new chat begins with.
    pub queue_position: u32,
    /// A fixed estimate in seconds, or `null` for one computed from past waits.
    pub estimated_wait: Option<f64>,
    /// Where visitor resources send the client instead of answering.
    pub switch_server: Option<String>,
    /// What only Genesys reads.
    #[serde(default)]
    pub genesys: genesys::Switches,
    /// What only LivePerson reads.
    #[serde(default)]
    pub liveperson: live_person::Switches,
    /// What only SuperOffice reads.
    #[serde(default)]
    pub superoffice: superoffice::Switches,
}

/// Whether something doubtful is let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stance {
    /// Answered with the protocol's error, and recorded as a violation.
    Refuse,
    /// Let through.
    Accept,
}

/// The answer to a POST that was processed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PostAnswer {
    /// `200` and the text `OK`.
    Ok,
    /// `202` and the text `OK`.
    Accepted,
    /// `200` without a body.
    Empty,
}

/// What the `sequence` of a poll answer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Numbering {
    /// Messages, the first one 0.
    Message,
    /// Messages, the first one 1.
    MessageFromOne,
    /// Answers, the first one 0.
    Batch,
    /// Answers, the first one 1.
    BatchFromOne,
}

/// Whether poll answers carry an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Offset {
    /// Strictly increasing and large.
    Large,
    /// Left out.
    Omitted,
}

/// Which optional fields messages carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OptionalFields {
    /// Those that recordings show.
    Recorded,
    /// Those and everything documented besides.
    Documented,
    /// As little as possible.
    Minimum,
}

/// Who may read the answers from another origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Cors {
    /// Everybody.
    Any,
    /// Nobody: no headers, preflights are refused.
    Off,
    /// These origins.
    #[serde(untagged)]
    Only(Vec<String>),
}

/// Whether a scripted agent answers by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Script {
    /// The demonstration agent.
    Demo,
    /// A queue in which everybody declines after a while.
    Decline,
    /// Nothing happens unless told.
    None,
}

/// Whether a chat request is answered at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChatRequest {
    /// At once.
    Auto,
    /// Only when told.
    Silent,
}

impl Settings {
    /// What a person wants who tries the widget.
    pub fn demo() -> Self {
        Self {
            poll_hold_ms: 30_000,
            grace_ms: 50,
            expiry_ms: 150_000,
            client_poll_timeout: json!(40),
            connection_timeout: 150_000,
            post_answer: PostAnswer::Ok,
            second_poll: Stance::Refuse,
            sequence_gap: Stance::Refuse,
            duplicate_sequence: Stance::Accept,
            missing_sequence: Stance::Accept,
            content_type: Stance::Refuse,
            early_post: Stance::Refuse,
            chat_end_while_queued: Stance::Accept,
            ack_ahead: Stance::Refuse,
            reconnect_outside_handover: Stance::Refuse,
            post_before_session_data: Stance::Refuse,
            numbering: Numbering::Message,
            offset: Offset::Large,
            optional_fields: OptionalFields::Recorded,
            cors: Cors::Any,
            script: Script::Demo,
            pace: 1.0,
            available: true,
            chat_request: ChatRequest::Auto,
            queue_position: 1,
            estimated_wait: Some(20.0),
            switch_server: None,
            genesys: genesys::Switches::default(),
            liveperson: live_person::Switches::default(),
            superoffice: superoffice::Switches::default(),
        }
    }

    /// What a test wants: short holds, and an agent that acts only when told.
    pub fn quick() -> Self {
        Self { poll_hold_ms: 200, script: Script::None, estimated_wait: None, ..Self::demo() }
    }

    /// These settings with some of them replaced; an object within them is merged field by field.
    ///
    /// # Errors
    /// Names the first field that is unknown or has an unusable value.
    pub fn merged(&self, changes: &Value) -> Result<Self, String> {
        if !changes.is_object() {
            return Err("an object is wanted".to_owned());
        }
        let mut whole = serde_json::to_value(self).map_err(|error| error.to_string())?;
        merge(&mut whole, changes);
        serde_json::from_value(whole).map_err(|error| error.to_string())
    }
}

/// Replaces what `changes` names; where both sides are objects, field by field.
fn merge(whole: &mut Value, changes: &Value) {
    match (whole, changes) {
        (Value::Object(fields), Value::Object(changes)) => {
            for (name, change) in changes {
                merge(fields.entry(name.as_str()).or_insert(Value::Null), change);
            }
        }
        (whole, change) => *whole = change.clone(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn a_merge_changes_what_it_names_and_refuses_what_it_does_not_know() {
        let start = Settings::quick();
        let merged = start.merged(&json!({"cors": ["http://a.test"], "pollHoldMs": 7})).expect("known fields");
        assert_eq!(merged.cors, Cors::Only(vec!["http://a.test".to_owned()]));
        assert_eq!((merged.poll_hold_ms, merged.grace_ms), (7, start.grace_ms));
        assert!(start.merged(&json!({"pollHold": 7})).is_err());
        assert!(start.merged(&json!({"cors": "off"})).is_ok());
    }

    #[test]
    fn an_object_within_is_merged_field_by_field_and_nothing_else_is() {
        let mut whole = json!({"a": {"b": {"c": 1, "d": 2}, "e": [1, 2]}, "f": 3});
        merge(&mut whole, &json!({"a": {"b": {"c": 7}, "e": [9]}}));
        assert_eq!(whole, json!({"a": {"b": {"c": 7, "d": 2}, "e": [9]}, "f": 3}));
        merge(&mut whole, &json!({"a": null, "f": {"g": 1}}));
        assert_eq!(whole, json!({"a": null, "f": {"g": 1}}));
    }

    #[test]
    fn the_switches_of_a_dialect_are_known_by_name() {
        let start = Settings::quick();
        for dialect in ["genesys", "liveperson", "superoffice"] {
            assert!(start.merged(&json!({dialect: {}})).is_ok());
            assert!(start.merged(&json!({dialect: {"mystery": 1}})).is_err());
            assert!(start.merged(&json!({dialect: null})).is_err());
        }
    }
}
