//! What one message of a session is (§4.2), read leniently.

use std::sync::Arc;
use std::time::Duration;

use super::guess::{LONGEST_PAUSE, SHOW_AT};
use crate::model::json::Value;
use crate::model::{Label, Piece, Prose, Reply, Timestamp, instant, is_link};
use crate::protocol::reading::{integer, label, shared, text};

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Message {
    /// Grows over all sessions, so that there are gaps.
    pub(super) id: u64,
    pub(super) kind: Kind,
    pub(super) author: Option<Arc<str>>,
    /// When it is to be shown, where that may lie ahead.
    at: Option<Timestamp>,
}

/// What it says, by `Type` and `SpecialType` (§3.2, §3.3).
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// The visitor's own words, or the option that they chose.
    Own(Arc<str>),
    /// Somebody's words.
    Words {
        text: Arc<str>,
        /// The same, where it leads somewhere.
        prose: Option<Prose>,
        /// What may be answered with one press.
        replies: Vec<Reply>,
    },
    /// An agent's greeting.
    Welcome(Arc<str>),
    /// The backend itself says something.
    Notice(Arc<str>),
    /// Why it is about to end.
    Parting(Parting),
    /// The visitor is back.
    Reopened,
    /// The session is gone.
    Gone,
    /// Nothing for the visitor.
    Silent,
    /// Not known here.
    Unknown(String),
}

/// Who ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parting {
    User,
    Customer,
    Idle,
}

impl Message {
    /// Reads a message; `None` where it has no place.
    pub(super) fn read(message: &Value) -> Option<Self> {
        let id = integer(message, "ChatMessageId").and_then(|id| u64::try_from(id).ok()).filter(|id| *id > 0)?;
        let param = text(message, "SpecialParam").unwrap_or_default();
        let show_at = param.strip_prefix(SHOW_AT).and_then(instant::parse);
        Some(Self {
            id,
            kind: Kind::read(message, param),
            author: shared(message, "Author").map(|author| Arc::from(author.trim())),
            at: show_at.or_else(|| instant::parse(text(message, "WhenPosted")?)),
        })
    }

    /// How long it is to be kept back, by the gateway's clock (§5.4).
    pub(super) fn pause(&self, now: Option<Timestamp>) -> Duration {
        let ahead = self.at.zip(now).map_or(Duration::ZERO, |(at, now)| at.since(now));
        ahead.min(LONGEST_PAUSE)
    }
}

impl Kind {
    fn read(message: &Value, param: &str) -> Self {
        let words = shared(message, "Message");
        let special = text(message, "SpecialType").unwrap_or("None");
        let is_own = text(message, "Type") == Some("ToUser");
        let said = |kind: fn(Arc<str>) -> Self| words.clone().map_or(Self::Silent, kind);
        match special {
            "ClickedOption" => said(Self::Own),
            _ if is_own => said(Self::Own),
            "None" | "BotMessage" => said(Self::plain),
            "Welcome" => said(Self::Welcome),
            "Url" => Self::link(words, param),
            "Options" => match words {
                Some(text) => Self::Words { text, prose: None, replies: options(param) },
                None => Self::Silent,
            },
            "FaqSuccessQuestion" => match words {
                Some(text) => Self::Words { text, prose: None, replies: vec![yes(), no()] },
                None => Self::Silent,
            },
            // Who is there by now is told by the session; a refusal changes nothing for the visitor (§5.9).
            "TransferedSession" | "TransferRejected" | "Block" => Self::Silent,
            "NewSession" | "Error" | "IllegalFileType" => said(Self::Notice),
            "SessionDeleted" | "Deleted" => Self::Gone,
            "ClosedByUser" => Self::Parting(Parting::User),
            "ClosedByCustomer" => Self::Parting(Parting::Customer),
            "ClosedByIdle" => Self::Parting(Parting::Idle),
            "ReopenedByCustomer" => Self::Reopened,
            // Whoever speaks to the visitor is to be heard, in whatever way.
            _ if text(message, "Type") == Some("ToCustomer") => said(Self::plain),
            unknown => Self::Unknown(label(unknown)),
        }
    }

    const fn plain(text: Arc<str>) -> Self {
        Self::Words { text, prose: None, replies: Vec::new() }
    }

    /// A title that leads to an address; whichever is missing, the other stands for both.
    fn link(title: Option<Arc<str>>, param: &str) -> Self {
        let address = Some(param.trim()).filter(|param| is_link(param) && !param.contains(char::is_whitespace));
        let Some(href) = address.map(Arc::from) else { return title.map_or(Self::Silent, Self::plain) };
        let text = title.unwrap_or_else(|| Arc::clone(&href));
        let words = Prose::from_iter([Piece::Text(Arc::from(text.trim()))]);
        let prose = Prose::from_iter([Piece::Link { href, words }]);
        Self::Words { text: prose.text().into(), prose: Some(prose), replies: Vec::new() }
    }
}

/// The choices of an option message. A list that was cut off leaves the text alone (§4.2).
fn options(param: &str) -> Vec<Reply> {
    let listed = Value::parse(param).unwrap_or_default();
    let option = |option: &Value| {
        let text = option.as_str().map(str::trim).filter(|text| !text.is_empty())?;
        Some(Reply { label: Label::Text(text.into()), note: Some(OPTION.into()) })
    };
    listed.as_array().unwrap_or_default().iter().filter_map(option).collect()
}

fn yes() -> Reply {
    Reply { label: Label::Yes, note: Some(YES.into()) }
}

fn no() -> Reply {
    Reply { label: Label::No, note: Some(NO.into()) }
}

/// How a reply is known when it is sent: an option, or what the knowledge base wants to know.
pub(super) const OPTION: &str = "option";
/// See [`OPTION`].
pub(super) const YES: &str = "yes";
/// See [`OPTION`].
pub(super) const NO: &str = "no";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_as_far_as_they_are_whole() {
        for (param, read) in [
            (r#"["Kettle","Toaster"]"#, &["Kettle", "Toaster"][..]),
            (r#"[" Kettle ",7,"",null]"#, &["Kettle"]),
            (r#"["Kettle","Toas"#, &[]),
            (r#"{"a":1}"#, &[]),
            ("", &[]),
        ] {
            let labels: Vec<Label> = options(param).into_iter().map(|reply| reply.label).collect();
            let expected: Vec<Label> = read.iter().map(|text| Label::Text(Arc::from(*text))).collect();
            assert_eq!(labels, expected, "{param}");
        }
    }

    #[test]
    fn a_pause_lasts_until_the_instant_that_is_given_and_no_longer_than_anybody_waits() {
        let now = instant::parse("2024-03-05T10:15:00Z");
        for (fields, pause) in [
            (r#""WhenPosted":"2024-03-05T10:15:03.5000000+00:00""#, 3_500),
            (r#""WhenPosted":"2024-03-05T11:15:03+01:00""#, 3_000),
            (r#""WhenPosted":"2024-03-05T10:14:59Z""#, 0),
            (r#""WhenPosted":"2025-03-05T10:15:00Z""#, 10_000),
            (r#""WhenPosted":"0001-01-01T00:00:00""#, 0),
            (r#""WhenPosted":"soon""#, 0),
            (r#""SpecialParam":"showAt=2024-03-05T10:15:02Z""#, 2_000),
            ("\"x\":1", 0),
        ] {
            let message = read(&format!(r#""Type":"ToCustomer","Message":"a",{fields}"#));
            assert_eq!(message.pause(now), Duration::from_millis(pause), "{fields}");
            assert_eq!(message.pause(None), Duration::ZERO, "without a clock nothing waits");
        }
    }

    #[test]
    fn a_link_is_one_only_where_it_leads_to_a_page() {
        for (fields, text, is_link) in [
            (r#""Message":"Manual","SpecialParam":"https://help.example/1""#, Some("Manual"), true),
            (r#""SpecialParam":"https://help.example/1""#, Some("https://help.example/1"), true),
            (r#""Message":"Manual","SpecialParam":"javascript:alert(1)""#, Some("Manual"), false),
            (r#""Message":"Manual""#, Some("Manual"), false),
            (r#""SpecialParam":"javascript:alert(1)""#, None, false),
        ] {
            let read = match read(&format!(r#""Type":"ToCustomer","SpecialType":"Url",{fields}"#)).kind {
                Kind::Words { text, prose, .. } => (Some(text), prose.is_some()),
                _ => (None, false),
            };
            assert_eq!((read.0.as_deref(), read.1), (text, is_link), "{fields}");
        }
    }

    fn read(fields: &str) -> Message {
        let message = Value::parse(&format!(r#"{{"ChatMessageId":7,{fields}}}"#)).expect("it is JSON");
        Message::read(&message).expect("it has a place")
    }
}
