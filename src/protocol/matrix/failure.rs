//! What an answer says that is no success (§8).

use std::time::Duration;

use crate::model::EndReason;
use crate::model::json::Value;
use crate::protocol::reading::{integer, text};
use crate::protocol::{ProtocolError, Response};

/// A refusal, or trouble on the way.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) status: u16,
    /// What it is called; blank where a gateway answered in the server's place.
    pub(super) code: String,
    /// How long to wait.
    after: Option<Duration>,
    /// All of it: some refusals say what to do next (§3.1).
    pub(super) body: Value,
}

/// Reads an answer.
pub(super) fn read(response: &Response) -> Result<Value, Failure> {
    let body = Value::parse(&response.body).unwrap_or_default();
    if response.status == 200 && matches!(body, Value::Object(_)) {
        return Ok(body);
    }
    let code = text(&body, "errcode").unwrap_or_default().to_owned();
    // The header is not readable from another origin (§2).
    let asked = integer(&body, "retry_after_ms").and_then(|millis| u64::try_from(millis).ok());
    let after = asked.map(Duration::from_millis).or(response.retry_after);
    Err(Failure { status: response.status, code, after, body })
}

/// The list that an answer is; without it, it is somebody else's.
pub(super) fn list<'a>(body: &'a Value, name: &str, noun: &'static str) -> Result<&'a [Value], ProtocolError> {
    let missing = ProtocolError::Unreadable { noun, detail: "no list" };
    body.get(name).and_then(Value::as_array).ok_or(missing)
}

impl Failure {
    /// Whether it is the server's own word, and about what was asked.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self.error("it"), ProtocolError::Refused { .. })
    }

    /// Whether nothing was done of what was asked, by the server's own word.
    pub(super) fn is_certain(&self) -> bool {
        !self.code.is_empty() && self.status < 500
    }

    /// What it means wherever it comes from.
    pub(super) fn error(&self, noun: &'static str) -> ProtocolError {
        let unavailable = ProtocolError::Unavailable { status: self.status, after: self.after };
        match &*self.code {
            "" if self.status == 200 => ProtocolError::Unreadable { noun, detail: "no object" },
            "" | "M_LIMIT_EXCEEDED" => unavailable,
            // §3.4.
            "M_UNKNOWN_TOKEN" => ProtocolError::Moved,
            "M_MISSING_TOKEN" => ProtocolError::Over { reason: EndReason::Failed },
            "M_USER_DEACTIVATED" | "M_USER_LOCKED" | "M_USER_SUSPENDED" => {
                ProtocolError::Over { reason: EndReason::Blocked }
            }
            "M_RESOURCE_LIMIT_EXCEEDED" => ProtocolError::Over { reason: EndReason::Unavailable },
            _ if self.status >= 500 || matches!(self.status, 408 | 429) => unavailable,
            _ => ProtocolError::Refused { noun, status: self.status },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_did_not_say_is_tried_again() {
        for (status, body) in [
            (404, "<html>"),
            (403, "{}"),
            (401, r#"{"errcode":""}"#),
            (502, r#"{"errcode":"M_UNKNOWN"}"#),
            (429, r#"{"errcode":"M_OTHER"}"#),
            (204, ""),
        ] {
            assert_eq!(error(status, body), ProtocolError::Unavailable { status, after: None }, "{status} {body}");
        }
        assert_eq!(error(200, "<html>"), ProtocolError::Unreadable { noun: "it", detail: "no object" });
    }

    #[test]
    fn a_limit_says_how_long_to_wait() {
        let body = r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":3900}"#;
        let after = Some(Duration::from_millis(3_900));
        assert_eq!(error(429, body), ProtocolError::Unavailable { status: 429, after });
    }

    #[test]
    fn what_the_server_said_counts() {
        assert_eq!(error(401, r#"{"errcode":"M_UNKNOWN_TOKEN","soft_logout":true}"#), ProtocolError::Moved);
        for (status, code, reason) in [
            (401, "M_MISSING_TOKEN", EndReason::Failed),
            (403, "M_USER_DEACTIVATED", EndReason::Blocked),
            (403, "M_RESOURCE_LIMIT_EXCEEDED", EndReason::Unavailable),
        ] {
            let body = format!("{{\"errcode\":\"{code}\"}}");
            assert_eq!(error(status, &body), ProtocolError::Over { reason }, "{code}");
        }
        let refused = ProtocolError::Refused { noun: "it", status: 413 };
        assert_eq!(error(413, r#"{"errcode":"M_TOO_LARGE"}"#), refused);
    }

    fn error(status: u16, body: &str) -> ProtocolError {
        let response = Response { status, body: body.to_owned(), ..Response::default() };
        read(&response).expect_err("it is no success").error("it")
    }
}
