//! How one event of the transcript looks (§3.5, §3.9), read leniently.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::identity::word;
use crate::model::json::Value;
use crate::protocol::reading::{integer, seconds, shared, text};

/// One event, as it stands in an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event<'a>(pub(super) &'a Value);

/// Whose event it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sender {
    pub(super) role: Role,
    /// Tells parties apart within a chat (§1.6); the name, where there is no number.
    pub(super) id: String,
    pub(super) name: Option<Arc<str>>,
}

/// What a party is (§1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// `Client`; `Customer` in the sibling API (§2.10).
    Visitor,
    /// `Agent`, `Supervisor`
    Agent,
    /// Whoever has the style of one (§3.9); there is no such type.
    Bot,
    /// `External`, and every type that is not known.
    System,
}

impl<'a> Event<'a> {
    /// Its place in the transcript, from 1; synthetic notices have none (§1.8).
    pub(super) fn index(self) -> Option<u64> {
        integer(self.0, "index").and_then(|index| u64::try_from(index).ok())
    }

    /// Its type as it was sent; nobody can rely on its case (§1.7).
    pub(super) fn kind(self) -> &'a str {
        text(self.0, "type").unwrap_or_default()
    }

    pub(super) fn text(self) -> Option<&'a str> {
        text(self.0, "text")
    }

    pub(super) fn shared_text(self) -> Option<Arc<str>> {
        shared(self.0, "text")
    }

    pub(super) fn sender(self) -> Sender {
        let from = self.0.get("from").unwrap_or(&Value::Null);
        let name = shared(from, "nickname");
        let id = word(from, "participantId").or_else(|| name.as_deref().map(str::to_owned)).unwrap_or_default();
        Sender { role: self.role(from), id, name }
    }

    fn role(self, from: &Value) -> Role {
        match text(from, "type").unwrap_or_default().to_ascii_lowercase().as_str() {
            "client" | "customer" => Role::Visitor,
            _ if self.has_style_of_bot() => Role::Bot,
            "agent" | "supervisor" => Role::Agent,
            _ => Role::System,
        }
    }

    fn has_style_of_bot(self) -> bool {
        let style = self.attribute(&["GCTI_SYSTEM", "party-info", "style"]);
        style.is_some_and(|style| style.as_str().is_some_and(|style| style.eq_ignore_ascii_case("BOT")))
    }

    /// Why a party left (§3.9): a number, or the text of one.
    pub(super) fn quit_reason(self) -> Option<u64> {
        let code = self.attribute(&["GCTI_SYSTEM", "quit-reason-code"])?;
        match &*code {
            Value::Number(text) | Value::String(text) => text.trim().parse().ok(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// What a notice is for (§3.9).
    pub(super) fn purpose(self) -> Option<String> {
        self.attribute(&["purpose"])?.as_str().filter(|purpose| !purpose.trim().is_empty()).map(str::to_owned)
    }

    /// A value of `userData`, where all values are texts (§3.5).
    pub(super) fn data(self, name: &str) -> Option<String> {
        word(&inner(self.0.get("userData")?), name)
    }

    /// A span of `userData`, given in seconds.
    pub(super) fn seconds(self, name: &str) -> Option<Duration> {
        seconds(&inner(self.0.get("userData")?), name)
    }

    /// A value below `eventAttributes`. Each one on the way may be an object or the text of one (§3.5).
    fn attribute(self, path: &[&str]) -> Option<Cow<'a, Value>> {
        let whole = Cow::Borrowed(self.0.get("eventAttributes")?);
        path.iter().try_fold(whole, |value, name| below(value, name))
    }
}

/// The field of an object, or of the text of one.
fn below<'a>(value: Cow<'a, Value>, name: &str) -> Option<Cow<'a, Value>> {
    match value {
        Cow::Borrowed(Value::String(text)) => Value::parse(text)?.get(name).cloned().map(Cow::Owned),
        Cow::Borrowed(value) => value.get(name).map(Cow::Borrowed),
        Cow::Owned(Value::String(text)) => Value::parse(&text)?.get(name).cloned().map(Cow::Owned),
        Cow::Owned(value) => value.get(name).cloned().map(Cow::Owned),
    }
}

/// An object, or what the text of one means.
fn inner(value: &Value) -> Cow<'_, Value> {
    match value.as_str().and_then(Value::parse) {
        Some(parsed) => Cow::Owned(parsed),
        None => Cow::Borrowed(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bot_is_whoever_has_its_style_however_that_is_nested() {
        let external = |attributes: &str| {
            let event = format!(r#"{{"from":{{"type":"External"}},"eventAttributes":{attributes}}}"#);
            Event(&Value::parse(&event).expect("it is JSON")).sender().role
        };

        for attributes in [
            r#"{"GCTI_SYSTEM":{"party-info":{"style":"BOT"}}}"#,
            r#"{"GCTI_SYSTEM":{"party-info":"{\"style\":\"bot\"}"}}"#,
            r#"{"GCTI_SYSTEM":"{\"party-info\":{\"style\":\"BOT\"}}"}"#,
            r#""{\"GCTI_SYSTEM\":\"{\\\"party-info\\\":{\\\"style\\\":\\\"BOT\\\"}}\"}""#,
        ] {
            assert_eq!(external(attributes), Role::Bot, "{attributes}");
        }
        for attributes in ["null", "{}", "[]", r#""BOT""#, r#"{"GCTI_SYSTEM":{"party-info":{"style":"AGENT"}}}"#] {
            assert_eq!(external(attributes), Role::System, "{attributes}");
        }
    }

    #[test]
    fn types_of_parties_are_known_in_any_case_and_unknown_ones_are_the_backends() {
        for (written, role) in [
            ("Client", Role::Visitor),
            ("CLIENT", Role::Visitor),
            ("Customer", Role::Visitor),
            ("agent", Role::Agent),
            ("Supervisor", Role::Agent),
            ("External", Role::System),
            ("SYSTEM", Role::System),
            ("", Role::System),
        ] {
            let event = Value::parse(&format!(r#"{{"from":{{"type":"{written}"}}}}"#)).expect("it is JSON");
            assert_eq!(Event(&event).sender().role, role, "{written}");
        }
    }

    #[test]
    fn a_party_is_the_same_by_a_number_and_by_its_text() {
        for from in [r#"{"participantId":3}"#, r#"{"participantId":"3"}"#, r#"{"nickname":"3"}"#] {
            let event = Value::parse(&format!(r#"{{"from":{from}}}"#)).expect("it is JSON");
            assert_eq!(Event(&event).sender().id, "3", "{from}");
        }
    }

    #[test]
    fn a_reason_to_leave_is_a_number_or_its_text() {
        for (code, reason) in [("7", Some(7)), (r#""7""#, Some(7)), (r#"" 5 ""#, Some(5)), ("-1", None), ("[]", None)] {
            let event = format!(r#"{{"eventAttributes":{{"GCTI_SYSTEM":{{"quit-reason-code":{code}}}}}}}"#);
            assert_eq!(Event(&Value::parse(&event).expect("it is JSON")).quit_reason(), reason, "{code}");
        }
    }
}
