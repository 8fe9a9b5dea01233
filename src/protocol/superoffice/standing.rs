//! How a session stands (§4.1), read leniently.

use std::sync::Arc;

use crate::model::Timestamp;
use crate::model::instant;
use crate::model::json::Value;
use crate::model::keep::{keep_fields, keep_words};
use crate::protocol::reading::{integer, is_set, shared, text};

/// One reading of a session.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Standing {
    pub(super) status: Status,
    pub(super) user: Option<User>,
    pub(super) has_bot: bool,
    pub(super) is_typing: bool,
    /// 1 means next.
    pub(super) position: Option<u64>,
    /// In seconds.
    pub(super) wait: Option<u64>,
    pub(super) offers_form: bool,
    pub(super) customer: Customer,
    /// The gateway's clock.
    pub(super) now: Option<Timestamp>,
}

keep_fields!(Standing { status, user, has_bot, is_typing, position, wait, offers_form, customer, now });

/// `Status` (§3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Status {
    /// `Invalid`, or something that is not known here.
    #[default]
    Unknown,
    PreChatForm,
    Faq,
    OfflineForm,
    InQueue,
    /// `CustomerLast` or `UserLast`: somebody is there, be it a bot.
    Active,
    /// Over, until the visitor goes back to it.
    Finished,
    Deleted,
    Closed,
    RequestPosted,
    ClosedFromQueue,
}

keep_words!(Status {
    Unknown => "Unknown",
    PreChatForm => "PreChatForm",
    Faq => "Faq",
    OfflineForm => "OfflineForm",
    InQueue => "InQueue",
    Active => "Active",
    Finished => "Finished",
    Deleted => "Deleted",
    Closed => "Closed",
    RequestPosted => "RequestPosted",
    ClosedFromQueue => "ClosedFromQueue",
});

/// Who answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct User {
    /// `None` where only a line told of them.
    pub(super) id: Option<i64>,
    pub(super) name: Option<Arc<str>>,
}

keep_fields!(User { id, name });

/// What is known of the visitor.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Customer {
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) company: Option<String>,
    pub(super) phone: Option<String>,
}

keep_fields!(Customer { name, email, company, phone });

/// Without what it says about the visitor.
impl std::fmt::Debug for Customer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Customer")
    }
}

impl Standing {
    /// Reads a session; `None` where it is none.
    pub(super) fn read(session: &Value) -> Option<Self> {
        let status = Status::read(text(session, "Status")?);
        let count = |name: &str| integer(session, name).and_then(|number| u64::try_from(number).ok());
        let told = |name: &str| text(session, name).map(str::to_owned);
        Some(Self {
            status,
            user: session.get("User").and_then(User::read),
            has_bot: is_set(session, "ChatbotIsActive"),
            // Nothing else is evidence of anything (§3.4).
            is_typing: text(session, "Flags").is_some_and(|flags| flags.contains("UserIsTyping")),
            position: count("QueuePos").filter(|position| *position > 0),
            wait: count("EstimatedWaitSeconds").filter(|wait| *wait < LONGEST_WAIT),
            offers_form: is_set(session, "OfflineFormOffered"),
            customer: Customer {
                name: told("CustomerName"),
                email: told("CustomerEmail"),
                company: told("CustomerCompanyName"),
                phone: told("CustomerPhone"),
            },
            now: text(session, "Now").and_then(instant::parse),
        })
    }
}

impl Status {
    fn read(name: &str) -> Self {
        match name {
            "PreChatForm" => Self::PreChatForm,
            "Faq" => Self::Faq,
            "OfflineForm" => Self::OfflineForm,
            "InQueue" => Self::InQueue,
            "CustomerLast" | "UserLast" => Self::Active,
            "Finished" => Self::Finished,
            "Deleted" => Self::Deleted,
            "Closed" => Self::Closed,
            "RequestPosted" => Self::RequestPosted,
            "ClosedFromQueue" => Self::ClosedFromQueue,
            _ => Self::Unknown,
        }
    }

    /// Whether something is to be filled in before words are taken.
    pub(super) const fn is_form(self) -> bool {
        matches!(self, Self::PreChatForm | Self::OfflineForm)
    }
}

impl User {
    fn read(user: &Value) -> Option<Self> {
        let id = integer(user, "AssociateId").filter(|id| *id > 0);
        let name = shared(user, "FullName").map(|name| Arc::from(name.trim()));
        (id.is_some() || name.is_some()).then_some(Self { id, name })
    }

    /// Whether both are the same person. A line tells no id, and may tell another form of the name.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self.id, other.id) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        }
    }
}

/// A day: whoever says more does not mean it.
const LONGEST_WAIT: u64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phantom_flag_is_no_typing() {
        for (flags, is_typing) in [
            (r#""UserIsTyping""#, true),
            (r#""CustomerIsTyping, UserIsTyping""#, true),
            (r#""CustomerIsTyping""#, false),
            (r#""0""#, false),
            (r#""""#, false),
            ("null", false),
            ("1", false),
        ] {
            assert_eq!(read(&format!(r#""Flags":{flags}"#)).is_typing, is_typing, "{flags}");
        }
    }

    #[test]
    fn somebody_without_a_name_and_an_id_is_nobody() {
        for (user, read_as) in [
            (r#"{"AssociateId":7,"FullName":" Noor B. "}"#, Some((Some(7), Some("Noor B.")))),
            (r#"{"AssociateId":7}"#, Some((Some(7), None))),
            (r#"{"AssociateId":0,"FullName":""}"#, None),
            ("null", None),
            ("7", None),
        ] {
            let user = read(&format!(r#""User":{user}"#)).user;
            let user = user.as_ref().map(|user| (user.id, user.name.as_deref()));
            assert_eq!(user, read_as);
        }
    }

    #[test]
    fn what_has_no_status_is_no_session() {
        for written in ["null", "[]", "{}", r#"{"Status":""}"#, r#"{"Status":7}"#] {
            assert_eq!(Standing::read(&Value::parse(written).expect("it is JSON")), None, "{written}");
        }
    }

    fn read(field: &str) -> Standing {
        let session = Value::parse(&format!(r#"{{"Status":"InQueue",{field}}}"#)).expect("it is JSON");
        Standing::read(&session).expect("it is a session")
    }
}
