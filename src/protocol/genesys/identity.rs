//! Who asks: what the backend gave out for this chat, and may change with every answer (§1.2).

use crate::model::json::Value;
use crate::model::keep::keep_fields;
use crate::protocol::http::percent_encoded;

/// What names the chat and the visitor in it. The key is the only secret.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Identity {
    chat_id: String,
    /// Valid for this chat only. Whoever has it is the visitor.
    pub(super) secure_key: String,
    /// The visitor's party; deprecated, and so not always there.
    pub(super) user_id: Option<String>,
    /// Which server has the chat; a number, sent as a text.
    pub(super) alias: Option<String>,
}

keep_fields!(Identity { chat_id, secure_key, user_id, alias });

impl Identity {
    /// Reads it from the answer to the opening. The party and the alias are deprecated (§3.2), the other two are not.
    pub(super) fn read(body: &Value) -> Option<Self> {
        let identity = Self {
            chat_id: word(body, "chatId")?,
            secure_key: word(body, "secureKey")?,
            user_id: word(body, "userId"),
            alias: word(body, "alias"),
        };
        identity.is_sound().then_some(identity)
    }

    /// Takes over what an answer names, and keeps what it leaves out (§1.2). Events have none of it to give (§6.3).
    pub(super) fn take(&mut self, body: &Value) {
        if let Some(chat_id) = word(body, "chatId").filter(|id| is_segment(id)) {
            self.chat_id = chat_id;
        }
        if let Some(secure_key) = word(body, "secureKey") {
            self.secure_key = secure_key;
        }
        self.user_id = word(body, "userId").or(self.user_id.take());
        self.alias = word(body, "alias").or(self.alias.take());
    }

    /// The chat as a segment of a path.
    pub(super) fn segment(&self) -> String {
        percent_encoded(&self.chat_id)
    }

    /// Whether a request can be made with it.
    pub(super) fn is_sound(&self) -> bool {
        is_segment(&self.chat_id) && !self.secure_key.trim().is_empty()
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Identity").field("chat_id", &self.chat_id).finish_non_exhaustive()
    }
}

/// A text that is there and not blank, or a number.
pub(super) fn word(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::String(text) => Some(text).filter(|text| !text.trim().is_empty()).cloned(),
        Value::Number(text) => Some(text.clone()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether this names something below a path; a browser takes dots for steps in it.
fn is_segment(text: &str) -> bool {
    !matches!(text.trim(), "" | "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_leaves_out_stays_and_what_it_names_changes() {
        let mut identity = read(r#"{"chatId":"c","secureKey":"k","userId":"u","alias":"1"}"#).expect("it is whole");

        identity.take(&Value::parse(r#"{"alias":311,"userId":"","secureKey":null}"#).expect("it is JSON"));

        assert_eq!(Some(identity), read(r#"{"chatId":"c","secureKey":"k","userId":"u","alias":"311"}"#));
    }

    #[test]
    fn without_a_chat_or_a_key_there_is_nobody() {
        for body in [
            "{}",
            r#"{"chatId":"c"}"#,
            r#"{"secureKey":"k"}"#,
            r#"{"chatId":"..","secureKey":"k"}"#,
            r#"{"chatId":"c","secureKey":" "}"#,
            r#"{"chatId":{},"secureKey":[]}"#,
        ] {
            assert_eq!(read(body), None, "{body}");
        }
    }

    fn read(body: &str) -> Option<Identity> {
        Identity::read(&Value::parse(body).expect("it is JSON"))
    }
}
