//! How answers look: one envelope for all of them (§3.3), or an HTTP status with error codes (§3.11).

use super::errors::Failure;
use crate::model::json::Value;
use crate::protocol::Response;
use crate::protocol::reading::{integer, items};

/// An answer, read leniently.
#[derive(Debug)]
pub(super) enum Answer {
    /// With a `statusCode`: §1.4 says what it means.
    Envelope(Envelope),
    /// Without one that counts.
    Failure(Failure),
}

/// What Chat Server says, by the front end (§3.3).
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) code: Code,
    pub(super) flag: Flag,
    pub(super) errors: Vec<i64>,
    /// All of it.
    pub(super) body: Value,
}

/// `statusCode` (§1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// 0: accepted, and everything else in the answer is true.
    Success,
    /// 1: not reached, or not now. Nothing else in the answer is to be trusted.
    Recoverable,
    /// 2: repeating is useless.
    Unrecoverable,
}

/// `chatEnded` (§1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flag {
    /// `true`
    Ended,
    /// `false`
    Open,
    /// Not there.
    Absent,
}

impl Answer {
    /// Reads an answer. Both variants may give a status code of HTTP together with a `statusCode` (§2.7, §3.11); success is
    /// believed only where both say so.
    pub(super) fn read(response: &Response) -> Self {
        let is_well = (200..=299).contains(&response.status);
        let body = Value::parse(&response.body).unwrap_or_default();
        let errors: Vec<i64> = items(&body, "errors").iter().filter_map(|error| integer(error, "code")).collect();
        match Code::read(&body) {
            Some(code) if is_well || code != Code::Success => {
                Self::Envelope(Envelope { code, flag: Flag::read(&body), errors, body })
            }
            Some(_) | None => Self::Failure(Failure { status: response.status, errors }),
        }
    }
}

impl Envelope {
    /// Whether the rest of it can be trusted (§1.2).
    pub(super) fn is_success(&self) -> bool {
        self.code == Code::Success
    }
}

impl Code {
    fn read(body: &Value) -> Option<Self> {
        match integer(body, "statusCode")? {
            0 => Some(Self::Success),
            1 => Some(Self::Recoverable),
            2 => Some(Self::Unrecoverable),
            _ => None,
        }
    }
}

impl Flag {
    fn read(body: &Value) -> Self {
        match body.get("chatEnded") {
            Some(Value::Bool(true)) => Self::Ended,
            Some(Value::Bool(false)) => Self::Open,
            // Numbers and flags come as texts elsewhere (§6.20).
            Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Self::Ended,
            Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Self::Open,
            Some(_) | None => Self::Absent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_code_of_http_takes_nothing_from_a_failure_and_spoils_a_success() {
        for (status, body, code) in [
            (200, r#"{"statusCode":0}"#, Some(Code::Success)),
            (200, r#"{"statusCode":"0"}"#, Some(Code::Success)),
            (500, r#"{"statusCode":1}"#, Some(Code::Recoverable)),
            (400, r#"{"statusCode":2}"#, Some(Code::Unrecoverable)),
            (500, r#"{"statusCode":0}"#, None),
            (200, r#"{"statusCode":3}"#, None),
            (200, r#"{"statusCode":-1}"#, None),
            (200, "{}", None),
            (200, "<html>", None),
        ] {
            let response = Response { status, body: body.to_owned(), ..Response::default() };
            let read = match Answer::read(&response) {
                Answer::Envelope(envelope) => Some(envelope.code),
                Answer::Failure(_) => None,
            };
            assert_eq!(read, code, "{status} {body}");
        }
    }

    #[test]
    fn a_flag_is_read_as_one_or_as_a_text() {
        for (body, flag) in [
            (r#"{"chatEnded":true}"#, Flag::Ended),
            (r#"{"chatEnded":"true"}"#, Flag::Ended),
            (r#"{"chatEnded":false}"#, Flag::Open),
            (r#"{"chatEnded":"False"}"#, Flag::Open),
            (r#"{"chatEnded":null}"#, Flag::Absent),
            (r#"{"chatEnded":1}"#, Flag::Absent),
            ("{}", Flag::Absent),
        ] {
            assert_eq!(Flag::read(&Value::parse(body).expect("it is JSON")), flag, "{body}");
        }
    }
}
