//! Paths below `/liveperson/`, taken apart: which operation is asked for, in which account, about which chat.

/// What a request asks for, and about what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The operation.
    pub operation: Operation,
    /// The account.
    pub account: String,
    /// The agent's session, or nothing.
    pub seat: String,
    /// The chat, the service, or nothing.
    pub subject: String,
    /// Whether the path itself asks for JSON.
    pub wants_json: bool,
}

/// What can be asked for: each is one row of the protocol's tables, by its name there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Service,
    Services,
    Base,
    Availability,
    AvailableSlots,
    EstimatedWaitTime,
    PreSurvey,
    OfflineSurvey,
    Start,
    Chat,
    Events,
    Info,
    VisitorName,
    VisitorTyping,
    AgentTyping,
    ExitSurvey,
    Transcript,
    TranscriptWithSubject,
    CustomVariables,
    Login,
    Refresh,
    Seats,
    Seat,
    Presence,
    Incoming,
    Sessions,
    DeskChats,
    DeskSlots,
    DeskAgents,
    DeskSkills,
    DeskChat,
    DeskEvents,
    DeskInfo,
    DeskVisitorName,
    DeskVisitorTyping,
    DeskAgentTyping,
    Transfer,
    TransferAccount,
    DeskSurvey,
    Action,
}

/// Which part of the façade answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The directory of hosts, which asks for no credentials.
    Directory,
    /// The visitor's side, around a chat.
    Around,
    /// The visitor's side, in a chat.
    InChat,
    /// The agents' door, which gives credentials.
    Door,
    /// The agents' side.
    Desk,
}

impl Route {
    /// Takes a path apart; `None` when there is nothing at it.
    pub fn parse(path: &str) -> Option<Self> {
        let (path, wants_json) = path.strip_suffix(".json").map_or((path, false), |path| (path, true));
        let parts: Vec<&str> = path.split('/').collect();
        let (operation, account, seat, subject) = match parts.as_slice() {
            ["csdr", "account", account, "service", "baseURI"] => (Operation::Services, account, "", ""),
            ["api", "account", account, rest @ ..] => {
                let (operation, seat, subject) = within(rest)?;
                (operation, account, seat, subject)
            }
            _ => return None,
        };
        let is_whole = !account.is_empty();
        is_whole.then(|| Self {
            operation,
            account: (*account).to_owned(),
            seat: seat.to_owned(),
            subject: subject.to_owned(),
            wants_json,
        })
    }
}

fn within<'a>(parts: &[&'a str]) -> Option<(Operation, &'a str, &'a str)> {
    let found = match parts {
        [] => (Operation::Base, "", ""),
        ["service", service, "baseURI"] => (Operation::Service, "", *service),
        ["login"] => (Operation::Login, "", ""),
        ["refresh"] => (Operation::Refresh, "", ""),
        ["chat", "availability"] => (Operation::Availability, "", ""),
        ["chat", "availableSlots"] => (Operation::AvailableSlots, "", ""),
        ["chat", "estimatedWaitTime"] => (Operation::EstimatedWaitTime, "", ""),
        ["chat", "preSurvey"] => (Operation::PreSurvey, "", ""),
        ["chat", "offlineSurvey"] => (Operation::OfflineSurvey, "", ""),
        ["chat", "request"] => (Operation::Start, "", ""),
        ["chat", chat, rest @ ..] => (in_chat(rest)?, "", *chat),
        ["agentSession"] => (Operation::Seats, "", ""),
        ["agentSession", seat] => (Operation::Seat, *seat, ""),
        ["agentSession", seat, "availability"] => (Operation::Presence, *seat, ""),
        ["agentSession", seat, "incomingRequests"] => (Operation::Incoming, *seat, ""),
        ["agentSession", seat, "chatSessions"] => (Operation::Sessions, *seat, ""),
        ["agentSession", seat, "chat"] => (Operation::DeskChats, *seat, ""),
        ["agentSession", seat, "chat", "availableSlots"] => (Operation::DeskSlots, *seat, ""),
        ["agentSession", seat, "chat", "availableAgents"] => (Operation::DeskAgents, *seat, ""),
        ["agentSession", seat, "chat", "availableSkills"] => (Operation::DeskSkills, *seat, ""),
        ["agentSession", seat, "chat", chat, rest @ ..] => (at_desk(rest)?, *seat, *chat),
        _ => return None,
    };
    Some(found)
}

fn in_chat(parts: &[&str]) -> Option<Operation> {
    let operation = match parts {
        [] => Operation::Chat,
        ["events"] => Operation::Events,
        ["info"] => Operation::Info,
        ["info", "visitorName"] => Operation::VisitorName,
        ["info", "visitorTyping"] => Operation::VisitorTyping,
        ["info", "agentTyping"] => Operation::AgentTyping,
        ["exitSurvey"] => Operation::ExitSurvey,
        ["transcriptRequest"] => Operation::Transcript,
        ["transcriptWithSubjectRequest"] => Operation::TranscriptWithSubject,
        ["customVariables"] => Operation::CustomVariables,
        _ => return None,
    };
    Some(operation)
}

fn at_desk(parts: &[&str]) -> Option<Operation> {
    let operation = match parts {
        [] => Operation::DeskChat,
        ["events"] => Operation::DeskEvents,
        ["info"] => Operation::DeskInfo,
        ["info", "visitorName"] => Operation::DeskVisitorName,
        ["info", "visitorTyping"] => Operation::DeskVisitorTyping,
        ["info", "agentTyping"] => Operation::DeskAgentTyping,
        ["transfer"] => Operation::Transfer,
        ["transferAccount"] => Operation::TransferAccount,
        ["survey"] => Operation::DeskSurvey,
        ["action"] => Operation::Action,
        _ => return None,
    };
    Some(operation)
}

impl Operation {
    /// The name by which faults and records go; those of the agents' side begin with `agent`.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Service | Self::Services => "baseURI",
            Self::Base => "account",
            Self::Availability => "availability",
            Self::AvailableSlots => "availableSlots",
            Self::EstimatedWaitTime => "estimatedWaitTime",
            Self::PreSurvey => "preSurvey",
            Self::OfflineSurvey => "offlineSurvey",
            Self::Start => "request",
            Self::Chat => "chat",
            Self::Events => "events",
            Self::Info => "info",
            Self::VisitorName => "visitorName",
            Self::VisitorTyping => "visitorTyping",
            Self::AgentTyping => "agentTyping",
            Self::ExitSurvey => "exitSurvey",
            Self::Transcript => "transcriptRequest",
            Self::TranscriptWithSubject => "transcriptWithSubjectRequest",
            Self::CustomVariables => "customVariables",
            Self::Login => "agentLogin",
            Self::Refresh => "agentRefresh",
            Self::Seats | Self::Seat => "agentSession",
            Self::Presence => "agentAvailability",
            Self::Incoming => "agentIncomingRequests",
            Self::Sessions => "agentChatSessions",
            Self::DeskChats => "agentChats",
            Self::DeskSlots => "agentAvailableSlots",
            Self::DeskAgents => "agentAvailableAgents",
            Self::DeskSkills => "agentAvailableSkills",
            Self::DeskChat => "agentChat",
            Self::DeskEvents => "agentEvents",
            Self::DeskInfo => "agentInfo",
            Self::DeskVisitorName => "agentVisitorName",
            Self::DeskVisitorTyping => "agentVisitorTyping",
            Self::DeskAgentTyping => "agentOwnTyping",
            Self::Transfer | Self::TransferAccount => "agentTransfer",
            Self::DeskSurvey => "agentSurvey",
            Self::Action => "agentAction",
        }
    }

    /// Which part of the façade answers.
    pub fn side(self) -> Side {
        match self {
            Self::Service | Self::Services => Side::Directory,
            Self::Base
            | Self::Availability
            | Self::AvailableSlots
            | Self::EstimatedWaitTime
            | Self::PreSurvey
            | Self::OfflineSurvey
            | Self::Start => Side::Around,
            Self::Chat
            | Self::Events
            | Self::Info
            | Self::VisitorName
            | Self::VisitorTyping
            | Self::AgentTyping
            | Self::ExitSurvey
            | Self::Transcript
            | Self::TranscriptWithSubject
            | Self::CustomVariables => Side::InChat,
            Self::Login | Self::Refresh => Side::Door,
            Self::Seats
            | Self::Seat
            | Self::Presence
            | Self::Incoming
            | Self::Sessions
            | Self::DeskChats
            | Self::DeskSlots
            | Self::DeskAgents
            | Self::DeskSkills
            | Self::DeskChat
            | Self::DeskEvents
            | Self::DeskInfo
            | Self::DeskVisitorName
            | Self::DeskVisitorTyping
            | Self::DeskAgentTyping
            | Self::Transfer
            | Self::TransferAccount
            | Self::DeskSurvey
            | Self::Action => Side::Desk,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart() {
        let events = Route::parse("api/account/55/chat/H1-aK1/events.json");
        let parts = events.map(|route| (route.operation, route.account, route.subject, route.wants_json));
        assert_eq!(parts, Some((Operation::Events, "55".to_owned(), "H1-aK1".to_owned(), true)));
        let agents = Route::parse("api/account/55/agentSession/7/chat/one/info/agentTyping");
        assert_eq!(
            agents.map(|route| (route.operation, route.seat)),
            Some((Operation::DeskAgentTyping, "7".to_owned()))
        );
        assert_eq!(Route::parse("api/account/55/chat//preSurvey"), None);
        assert_eq!(Route::parse("api/account//chat/request"), None);
    }
}
