//! What a visitor's POST asks for, read from its body.

use serde_json::{Value, json};

use crate::call::Refusal;
use crate::live_agent::checks::missing;

/// One thing that a visitor does.
#[derive(Debug, Clone)]
pub enum Deed {
    /// Asks for a chat.
    Init(Box<Init>),
    /// Says something.
    Message(String),
    /// Shows what is not sent yet.
    Peek(String),
    /// Ends the chat.
    End(String),
    /// Says that a new page was visited.
    Breadcrumb(String),
    /// Anything that is only noted.
    Note(Value),
}

/// What a visitor who asks for a chat tells.
#[derive(Debug, Clone)]
pub struct Init {
    /// What the visitor calls themselves.
    pub name: String,
    /// Whether the visitor wants to know about the queue.
    pub queue_updates: bool,
    /// Everything, for the record.
    pub whole: Value,
}

impl Deed {
    /// Reads a body.
    pub fn parse(noun: &str, body: &Value, session_id: &str) -> Result<Self, Refusal> {
        match noun {
            "ChasitorInit" => init(body, session_id),
            "ChatMessage" => match required(noun, body, "text")? {
                "" => Err(missing(noun, "text").blaming("emptyText", noun)),
                text => Ok(Self::Message(text.to_owned())),
            },
            "ChasitorTyping" => Ok(Self::Note(json!({"type": "typing"}))),
            "ChasitorNotTyping" => Ok(Self::Note(json!({"type": "notTyping"}))),
            "ChasitorSneakPeek" => match body.get("position").and_then(Value::as_i64) {
                Some(_) => Ok(Self::Peek(required(noun, body, "text")?.to_owned())),
                None => Err(lacks(noun, "position")),
            },
            "CustomEvent" => {
                let (kind, data) = (required(noun, body, "type")?, required(noun, body, "data")?);
                Ok(Self::Note(json!({"type": "customEvent", "event": kind, "data": data})))
            }
            "ChatEnd" => Ok(Self::End(required(noun, body, "reason")?.to_owned())),
            "ChasitorIdleTimeoutWarningEvent" => idle_warning(noun, body),
            "ChasitorResyncState" => {
                let organization = required(noun, body, "organizationId")?;
                Ok(Self::Note(json!({"type": "resyncState", "organizationId": organization})))
            }
            "SensitiveDataRuleTriggered" => match body.get("rules") {
                Some(rules @ Value::Array(_)) => Ok(Self::Note(json!({"type": "sensitiveRules", "rules": rules}))),
                _ => Err(lacks(noun, "rules")),
            },
            "RichMessage" => match body.get("actions") {
                Some(actions @ Value::Array(_)) => Ok(Self::Note(json!({"type": "richMessage", "actions": actions}))),
                _ => Err(lacks(noun, "actions")),
            },
            "Breadcrumb" => Ok(Self::Breadcrumb(required(noun, body, "location")?.to_owned())),
            _ => Err(lacks("MultiNoun", "noun")),
        }
    }
}

fn init(body: &Value, session_id: &str) -> Result<Deed, Refusal> {
    let noun = "ChasitorInit";
    for field in ["organizationId", "deploymentId"] {
        if required(noun, body, field)?.is_empty() {
            return Err(lacks(noun, field));
        }
    }
    let is_given = |field: &str| body.get(field).is_some_and(|value| !value.is_null() && *value != json!(""));
    if !["buttonId", "agentId", "buttonOverrides"].into_iter().any(is_given) {
        return Err(lacks(noun, "buttonId"));
    }
    if let Some(other) = body.get("sessionId").and_then(Value::as_str).filter(|id| *id != session_id) {
        return Err(missing(noun, "sessionId").blaming("wrongSessionId", other));
    }
    for field in ["prechatDetails", "prechatEntities"] {
        if body.get(field).is_some_and(|value| !value.is_array() && !value.is_null()) {
            return Err(lacks(noun, field));
        }
    }
    Ok(Deed::Init(Box::new(Init {
        name: body.get("visitorName").and_then(Value::as_str).unwrap_or_default().to_owned(),
        queue_updates: body.get("receiveQueueUpdates").and_then(Value::as_bool).unwrap_or(true),
        whole: body.clone(),
    })))
}

fn idle_warning(noun: &str, body: &Value) -> Result<Deed, Refusal> {
    let event = required(noun, body, "idleTimeoutWarningEvent")?;
    if !["triggered", "cleared"].contains(&event) {
        return Err(missing(noun, "idleTimeoutWarningEvent").blaming("badBody", event));
    }
    Ok(Deed::Note(json!({"type": "idleWarning", "event": event})))
}

fn required<'a>(noun: &str, body: &'a Value, field: &str) -> Result<&'a str, Refusal> {
    body.get(field).and_then(Value::as_str).ok_or_else(|| lacks(noun, field))
}

fn lacks(noun: &str, field: &str) -> Refusal {
    missing(noun, field).blaming("missingField", format!("{noun} without {field}"))
}
