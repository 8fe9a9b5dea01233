//! What belongs to the visitor's side of each protocol: methods and paths. What agents do is none of it.

use axum::http::Method;
use serde::Deserialize;

use crate::gateway::refusal::Refusal;

/// A protocol that is passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// LivePerson's legacy chat.
    #[serde(rename = "liveperson")]
    LivePerson,
    /// Live Agent.
    LiveAgent,
    /// Genesys' Web API Server.
    GenesysWebApi,
    /// Genesys' Mobile Services.
    GenesysGms,
}

impl Dialect {
    /// Whether a request belongs to the protocol.
    ///
    /// # Errors
    /// When it does not, or not with this method.
    pub fn check(self, method: &Method, path: &str) -> Result<(), Refusal> {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        if path.starts_with("//") || !parts.iter().enumerate().all(|(at, part)| is_plain(part, at + 1 == parts.len())) {
            return Err(Refusal::Missing);
        }
        let mut fitting = self.rules().iter().filter(|(_, pattern)| fits(pattern, &parts)).peekable();
        if fitting.peek().is_none() {
            return Err(Refusal::Missing);
        }
        let is_allowed = fitting.any(|(methods, _)| methods.split(' ').any(|allowed| allowed == method.as_str()));
        if is_allowed { Ok(()) } else { Err(Refusal::Method) }
    }

    /// Whether a request may carry a file.
    pub fn takes_files(self, path: &str) -> bool {
        match self {
            Self::GenesysGms => path.ends_with("/file") || path.ends_with("/fileUpload"),
            Self::LivePerson | Self::LiveAgent | Self::GenesysWebApi => false,
        }
    }

    fn rules(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::LivePerson => LIVE_PERSON,
            Self::LiveAgent => LIVE_AGENT,
            Self::GenesysWebApi => GENESYS_WEB_API,
            Self::GenesysGms => GENESYS_GMS,
        }
    }
}

/// Whether a pattern describes a path. `*` stands for one part; `.json` at the end changes nothing.
fn fits(pattern: &str, parts: &[&str]) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let fits = |(wanted, part): (&&str, &&str)| {
        let is_named = *wanted == *part || part.strip_suffix(".json") == Some(*wanted);
        is_named || (*wanted == "*" && !part.is_empty())
    };
    pattern.len() == parts.len() && pattern.iter().zip(parts).all(fits)
}

/// Whether a part of a path is a name and no trick. Only the last may be empty.
fn is_plain(part: &str, is_last: bool) -> bool {
    let mut bytes = part.bytes();
    while let Some(byte) = bytes.next() {
        let is_good = match byte {
            b'%' => {
                let (Some(high), Some(low)) = (bytes.next(), bytes.next()) else {
                    return false;
                };
                let digits = [high, low].map(|digit| char::from(digit).to_digit(16));
                // Nothing that would be a path, its end, or a blank once it is decoded.
                matches!(digits, [Some(high), Some(low)]
                    if !matches!(high * 16 + low, 0..=0x20 | 0x25 | 0x2e | 0x2f | 0x3b | 0x3f | 0x5c | 0x7f))
            }
            byte => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,=:@".contains(&byte),
        };
        if !is_good {
            return false;
        }
    }
    (is_last || !part.is_empty()) && part != "." && part != ".."
}

type Rules = &'static [(&'static str, &'static str)];

const LIVE_PERSON: Rules = &[
    ("GET", "csdr/account/*/service/baseURI"),
    ("GET", "api/account/*/service/*/baseURI"),
    ("GET", "api/account/*"),
    ("GET", "api/account/*/chat/availability"),
    ("GET", "api/account/*/chat/availableSlots"),
    ("GET", "api/account/*/chat/estimatedWaitTime"),
    ("GET", "api/account/*/chat/preSurvey"),
    ("GET POST", "api/account/*/chat/offlineSurvey"),
    ("POST", "api/account/*/chat/request"),
    ("GET", "api/account/*/chat/*"),
    ("GET POST", "api/account/*/chat/*/events"),
    ("GET", "api/account/*/chat/*/info"),
    ("GET POST PUT", "api/account/*/chat/*/info/visitorName"),
    ("GET POST PUT", "api/account/*/chat/*/info/visitorTyping"),
    ("GET", "api/account/*/chat/*/info/agentTyping"),
    ("GET POST PUT", "api/account/*/chat/*/exitSurvey"),
    ("POST PUT", "api/account/*/chat/*/transcriptRequest"),
    ("POST PUT", "api/account/*/chat/*/transcriptWithSubjectRequest"),
    ("POST PUT", "api/account/*/chat/*/customVariables"),
];

const LIVE_AGENT: Rules = &[
    ("GET", "chat/rest/System/SessionId"),
    ("DELETE", "chat/rest/System/SessionId/*"),
    ("GET", "chat/rest/System/Messages"),
    ("GET", "chat/rest/System/ReconnectSession"),
    ("GET", "chat/rest/System/ResyncSession"),
    ("POST", "chat/rest/System/MultiNoun"),
    ("POST", "chat/rest/Chasitor/*"),
    ("GET", "chat/rest/Visitor/*"),
];

const GENESYS_WEB_API: Rules = &[
    ("POST", "eservices/api/v2/chats"),
    ("POST", "eservices/api/v2/chats/"),
    ("GET POST", "eservices/api/v2/chats/*"),
    ("POST", "eservices/api/v2/chats/*/messages"),
];

const GENESYS_GMS: Rules = &[
    ("POST", "genesys/2/chat/*"),
    ("POST", "genesys/2/chat/*/"),
    ("POST", "genesys/2/chat/*/*/*"),
    ("POST", "genesys/2/chat/*/*/file/limits"),
    ("GET POST", "genesys/2/chat/*/*/file/*/download"),
    ("POST", "genesys/2/chat/*/*/file/*/delete"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_visitors_side_gets_through() {
        for (dialect, method, path) in [
            (Dialect::LivePerson, Method::POST, "/api/account/55510001/chat/request"),
            (Dialect::LivePerson, Method::GET, "/api/account/55510001/chat/H5,a%3D/events.json"),
            (Dialect::LiveAgent, Method::POST, "/chat/rest/Chasitor/ChatMessage"),
            (Dialect::GenesysWebApi, Method::POST, "/eservices/api/v2/chats/"),
            (Dialect::GenesysGms, Method::POST, "/genesys/2/chat/customer-support/0001/send"),
        ] {
            assert_eq!(dialect.check(&method, path), Ok(()), "{path}");
        }
    }

    #[test]
    fn everything_else_stays_outside() {
        for path in [
            "/api/account/55510001/login",
            "/api/account/55510001/agentSession/1/chat",
            "/api/account/../login",
            "/api/account/%2e%2e/login",
            "/api/account/1/chat/%2Fevents",
            "/api/account/1/chat/a%5cb/events",
            "/api/account/1/chat//events",
            "//api/account/1",
            "/api/account/1/chat/7/events/",
            "/api/account/1;x=y",
            "/api/account/1%3Bx",
            "/api/account/1%",
            "/api/account/1%zz",
            "/",
            "/.json",
        ] {
            assert_eq!(Dialect::LivePerson.check(&Method::GET, path), Err(Refusal::Missing), "{path}");
        }
    }

    #[test]
    fn methods_are_the_protocols_own() {
        for method in [Method::DELETE, Method::PATCH, Method::TRACE, Method::CONNECT] {
            let path = "/api/account/55510001/chat/7/events";
            assert_eq!(Dialect::LivePerson.check(&method, path), Err(Refusal::Method), "{method}");
        }
    }
}
