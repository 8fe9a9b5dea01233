//! Paths below `/superoffice/`, taken apart: `{tenant}/api/v1/…`, the operations of the protocol page's §5.

use axum::http::Method;

/// What a request asks for, and about which entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The operation.
    pub operation: Operation,
    /// The topic or the session; 0 where there is none.
    pub id: u64,
    /// The user that a transfer goes to, or nothing.
    pub user: String,
}

/// What can be asked for: each is a row of §5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Topic,
    IsOpen,
    Start,
    TopicSessions,
    Default,
    Save,
    Sessions,
    Show,
    Replace,
    Patch,
    Delete,
    Read,
    Post,
    Reset,
    TransferTo,
    AcceptTransfer,
    RejectTransfer,
    Pickup,
    PickupFirst,
    Transcript,
    OwnSessions,
    Presence,
    Ticket,
    TicketMessage,
}

/// Why a path leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// There is no such resource.
    Nowhere,
    /// There is, but not with this method.
    Method,
}

impl Route {
    /// Takes a path apart that begins with the tenant.
    pub fn parse(method: &Method, path: &str) -> Result<Self, Lost> {
        let parts: Vec<&str> = path.split('/').collect();
        let [_tenant, "api", "v1", rest @ ..] = parts.as_slice() else {
            return Err(Lost::Nowhere);
        };
        let number = |text: &str| text.parse::<u64>().map_err(|_| Lost::Nowhere);
        let (id, user, allowed): (u64, &str, &[(&str, Operation)]) = match rest {
            ["ChatTopic", id] => (number(id)?, "", &[("GET", Operation::Topic)]),
            ["ChatTopic", id, "IsOpen"] => (number(id)?, "", &[("GET", Operation::IsOpen)]),
            ["ChatTopic", id, "Sessions"] => {
                (number(id)?, "", &[("POST", Operation::Start), ("GET", Operation::TopicSessions)])
            }
            ["ChatSession"] => (0, "", &[("GET", Operation::Sessions), ("POST", Operation::Save)]),
            ["ChatSession", "default"] => (0, "", &[("GET", Operation::Default)]),
            ["ChatSession", "ForCurrentUser"] => (0, "", &[("GET", Operation::OwnSessions)]),
            ["ChatSession", "Pickup"] => (0, "", &[("POST", Operation::PickupFirst)]),
            ["ChatSession", id] => (number(id)?, "", SESSION),
            ["ChatSession", id, "Messages"] => {
                (number(id)?, "", &[("GET", Operation::Read), ("POST", Operation::Post)])
            }
            ["ChatSession", id, "Reset"] => (number(id)?, "", &[("POST", Operation::Reset)]),
            ["ChatSession", id, "TransferTo", user] => (number(id)?, user, &[("POST", Operation::TransferTo)]),
            ["ChatSession", id, "AcceptTransfer"] => (number(id)?, "", &[("POST", Operation::AcceptTransfer)]),
            ["ChatSession", id, "RejectTransfer"] => (number(id)?, "", &[("POST", Operation::RejectTransfer)]),
            ["ChatSession", id, "Pickup"] => (number(id)?, "", &[("POST", Operation::Pickup)]),
            ["ChatSession", id, "Transcript"] => (number(id)?, "", &[("POST", Operation::Transcript)]),
            ["Agents", "Chat", "GetChatPresence"] => (0, "", &[("POST", Operation::Presence)]),
            ["Ticket"] => (0, "", &[("POST", Operation::Ticket)]),
            ["TicketMessage"] => (0, "", &[("POST", Operation::TicketMessage)]),
            _ => return Err(Lost::Nowhere),
        };
        let found = allowed.iter().find(|(fits, _)| *fits == method.as_str());
        found.map(|(_, operation)| Self { operation: *operation, id, user: user.to_owned() }).ok_or(Lost::Method)
    }
}

impl Operation {
    /// What faults and records call it.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Topic => "ChatTopic",
            Self::IsOpen => "IsOpen",
            Self::Start | Self::TopicSessions => "Sessions",
            Self::Default | Self::Save | Self::Sessions | Self::OwnSessions => "ChatSessions",
            Self::Show | Self::Replace | Self::Patch | Self::Delete => "ChatSession",
            Self::Read | Self::Post => "Messages",
            Self::Reset => "Reset",
            Self::TransferTo | Self::AcceptTransfer | Self::RejectTransfer => "Transfer",
            Self::Pickup | Self::PickupFirst => "Pickup",
            Self::Transcript => "Transcript",
            Self::Presence => "Presence",
            Self::Ticket | Self::TicketMessage => "Ticket",
        }
    }

    /// Whether it is about one session.
    pub fn is_in_session(self) -> bool {
        matches!(
            self,
            Self::Show
                | Self::Replace
                | Self::Patch
                | Self::Delete
                | Self::Read
                | Self::Post
                | Self::Reset
                | Self::TransferTo
                | Self::AcceptTransfer
                | Self::RejectTransfer
                | Self::Pickup
                | Self::Transcript
        )
    }
}

const SESSION: &[(&str, Operation)] = &[
    ("GET", Operation::Show),
    ("PUT", Operation::Replace),
    ("PATCH", Operation::Patch),
    ("DELETE", Operation::Delete),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_operations() {
        for (method, path, operation, id) in [
            (Method::GET, "Cust1/api/v1/ChatTopic/12", Operation::Topic, 12),
            (Method::POST, "Cust1/api/v1/ChatTopic/12/Sessions", Operation::Start, 12),
            (Method::PATCH, "Cust1/api/v1/ChatSession/3107", Operation::Patch, 3107),
            (Method::GET, "Cust1/api/v1/ChatSession/3107/Messages", Operation::Read, 3107),
            (Method::POST, "Cust1/api/v1/Agents/Chat/GetChatPresence", Operation::Presence, 0),
        ] {
            let route = Route::parse(&method, path).map(|route| (route.operation, route.id));
            assert_eq!(route, Ok((operation, id)), "{path}");
        }
    }

    #[test]
    fn what_is_not_there_is_told_from_what_is_not_allowed() {
        let lost = |method: Method, path| Route::parse(&method, path).err();
        assert_eq!(lost(Method::GET, "Cust1/api/v1/ChatMessage/1"), Some(Lost::Nowhere));
        assert_eq!(lost(Method::GET, "Cust1/api/v1/ChatSession/one"), Some(Lost::Nowhere));
        assert_eq!(lost(Method::GET, "Cust1/api/v1/ChatSession/1/Reset"), Some(Lost::Method));
        assert_eq!(lost(Method::POST, "Cust1/api/v1/ChatSession/1"), Some(Lost::Method));
    }
}
