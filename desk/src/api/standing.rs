//! What an answer about many chats says beside their news: names, and what only the local server tells (`info.holdfast`).

use std::sync::Arc;

use holdfast_chat::model::json::Value;
use holdfast_chat::protocol::liveperson::desk::ChatKey;

use super::document::{field, is_set, list, words};

/// How a chat stands, beyond its news.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What the visitor is called.
    pub visitor: Option<Arc<str>>,
    /// Who has it.
    pub agent: Option<Arc<str>>,
    /// Which backend the visitor believes to speak to.
    pub backend: Option<Arc<str>>,
    /// What the visitor has written and not sent, where that may be seen.
    pub peek: Option<Arc<str>>,
    /// Whether a file is waited for.
    pub awaits_file: bool,
    /// What was left for whoever takes it.
    pub note: Option<Arc<str>>,
    /// Whether it is the agent's, where that is told.
    pub is_own: Option<bool>,
    /// What the visitor told before the chat.
    pub details: Arc<[Detail]>,
}

/// Something that a visitor told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// What it is, where that is known.
    pub label: Option<Arc<str>>,
    /// The words.
    pub value: Arc<str>,
}

/// Reads how each chat of an answer stands, of many or of one.
#[must_use]
pub fn standings(body: &str) -> Vec<(ChatKey, Standing)> {
    let Some(document) = Value::parse(body) else { return Vec::new() };
    let many = field(&document, "chats").map(|chats| list(chats, "chat")).unwrap_or_default();
    many.iter().chain(list(&document, "chat")).filter_map(standing).collect()
}

fn standing(chat: &Value) -> Option<(ChatKey, Standing)> {
    let info = field(chat, "info")?;
    let key = ChatKey::parse(&words(info, "chatSessionKey")?)?;
    let own = field(info, "holdfast").unwrap_or(&Value::Null);
    let standing = Standing {
        visitor: words(info, "visitorName").filter(|name| is_name(name)),
        agent: words(info, "agentName"),
        backend: words(own, "dialect"),
        peek: words(own, "unsent"),
        awaits_file: is_set(own, "awaitsFile"),
        note: words(own, "note"),
        is_own: field(own, "mine").and_then(Value::as_bool),
        details: list(own, "details")
            .iter()
            .filter_map(|detail| Some(Detail { label: words(detail, "label"), value: words(detail, "value")? }))
            .collect(),
    };
    Some((key, standing))
}

/// Who gave no name is called by a role.
pub(super) fn is_name(name: &str) -> bool {
    !name.eq_ignore_ascii_case("you") && !name.eq_ignore_ascii_case("visitor")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_chats_and_one_are_read_alike() {
        let info = r#"{"chatSessionKey":"K1","visitorName":"Ines","holdfast":{"dialect":"live-agent","unsent":"hel"}}"#;
        for body in [format!(r#"{{"chats":{{"chat":{{"info":{info}}}}}}}"#), format!(r#"{{"chat":{{"info":{info}}}}}"#)]
        {
            let told = standings(&body);
            assert_eq!(told.len(), 1, "{body}");
            let (key, standing) = &told[0];
            assert_eq!((key.as_str(), standing.visitor.as_deref()), ("K1", Some("Ines")));
            assert_eq!((standing.backend.as_deref(), standing.peek.as_deref()), (Some("live-agent"), Some("hel")));
        }
    }

    #[test]
    fn a_role_is_no_name() {
        let body = r#"{"chat":{"info":{"chatSessionKey":"K1","visitorName":"You"}}}"#;

        assert_eq!(standings(body)[0].1.visitor, None);
    }
}
