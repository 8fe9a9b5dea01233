//! What the interface's other answers say: who came in, who waits, which chats are whose, who else is there.

use std::sync::Arc;
use std::time::Duration;

use holdfast_chat::model::json::Value;
use holdfast_chat::protocol::Response;
use holdfast_chat::protocol::liveperson::desk::ChatKey;

use super::Presence;
use super::document::{field, last_of, list, number, place, words};
use super::standing::is_name;

/// What the door gives.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Signs every request.
    pub bearer: Arc<str>,
}

/// Whom nobody at a desk attends to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calling {
    /// How many chats ring, for who is online.
    pub ringing: u64,
    /// Those who wait for somebody, as far as the server tells.
    pub waiting: Vec<Waiting>,
    /// Those whom a program or a script answers.
    pub answered: Vec<Waiting>,
}

/// A visitor whom nobody at a desk attends to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The chat.
    pub key: ChatKey,
    /// What the visitor is called.
    pub visitor: Option<Arc<str>>,
    /// Which backend the visitor believes to speak to.
    pub backend: Option<Arc<str>>,
    /// How long the visitor has waited, when this was told.
    pub waited: Duration,
    /// Who answers meanwhile, if somebody does.
    pub agent: Option<Arc<str>>,
    /// What the visitor said last.
    pub words: Option<Arc<str>>,
}

/// Another agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// The number by which the agent is found.
    pub id: Arc<str>,
    /// The agent's name.
    pub name: Arc<str>,
    /// Whether the agent takes chats.
    pub presence: Presence,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("Credentials")
    }
}

impl Credentials {
    /// What this bearer may.
    #[must_use]
    pub fn of(bearer: &str) -> Self {
        Self { bearer: bearer.into() }
    }

    /// Reads the answer of the door. Only what can stand in a header is taken.
    #[must_use]
    pub fn read(body: &str) -> Option<Self> {
        let bearer = words(&Value::parse(body)?, "bearer")?;
        bearer.bytes().all(|byte| byte.is_ascii_graphic()).then_some(Self { bearer })
    }
}

/// The last part of where something new came to be, as the answer's body or its `Location` says.
#[must_use]
pub fn last_part(response: &Response, name: &str) -> Option<Arc<str>> {
    let told = Value::parse(&response.body).and_then(|body| place(&body, name));
    told.or_else(|| last_of(response.location.as_deref()?))
}

/// Reads whether the agent counts as there.
#[must_use]
pub fn presence(body: &str) -> Option<Presence> {
    let document = Value::parse(body)?;
    Presence::parse(&words(field(&document, "availability")?, "chat")?)
}

impl Calling {
    /// Reads who rings.
    #[must_use]
    pub fn read(body: &str) -> Option<Self> {
        let document = Value::parse(body)?;
        let calling = field(&document, "incomingRequests")?;
        let cards = |name: &str| -> Vec<Waiting> {
            let own = field(calling, "holdfast").unwrap_or(&Value::Null);
            list(own, name).iter().filter_map(Waiting::read).collect()
        };
        Some(Self {
            ringing: number(calling, "ringingCount").unwrap_or_default(),
            waiting: cards("ringing"),
            answered: cards("others"),
        })
    }
}

impl Waiting {
    fn read(value: &Value) -> Option<Self> {
        Some(Self {
            key: ChatKey::parse(&words(value, "chatSessionKey")?)?,
            visitor: words(value, "visitorName").filter(|name| is_name(name)),
            backend: words(value, "dialect"),
            waited: Duration::from_secs(number(value, "waited").unwrap_or_default()),
            agent: words(value, "agentName"),
            words: words(value, "lastWords"),
        })
    }
}

/// Reads which chats are the agent's.
#[must_use]
pub fn sessions(body: &str) -> Option<Vec<ChatKey>> {
    let document = Value::parse(body)?;
    let sessions = list(field(&document, "chatSessions")?, "chatSession").iter();
    Some(sessions.filter_map(|chat| ChatKey::parse(&words(chat, "chatSessionKey")?)).collect())
}

/// Reads who is there, each once.
#[must_use]
pub fn colleagues(body: &str) -> Option<Vec<Colleague>> {
    let document = Value::parse(body)?;
    let mut found: Vec<Colleague> = Vec::new();
    for agent in list(field(&document, "agents")?, "agent") {
        let (Some(id), Some(name)) = (words(agent, "id"), words(agent, "name")) else { continue };
        let presence = words(agent, "chat").and_then(|name| Presence::parse(&name)).unwrap_or_default();
        match found.iter_mut().find(|other| other.id == id) {
            // Somebody may sit there twice, once without being there.
            Some(other) if other.presence == Presence::Away => other.presence = presence,
            Some(_) => {}
            None => found.push(Colleague { id, name, presence }),
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_is_told_with_whom_a_script_answers() {
        let card = r#"{"chatSessionKey":"K","visitorName":"you","dialect":"genesys","waited":42,"agentName":null}"#;
        let other = r#"{"chatSessionKey":"L","visitorName":"Ines","waited":2,"agentName":"Noor B.","lastWords":"hi"}"#;
        let body = format!(
            r#"{{"incomingRequests":{{"ringingCount":"1","holdfast":{{"ringing":[{card}],"others":[{other}]}}}}}}"#
        );

        let calling = Calling::read(&body).expect("it is one");

        assert_eq!(calling.ringing, 1);
        assert_eq!((&calling.waiting[0].visitor, calling.waiting[0].waited.as_secs()), (&None, 42));
        let agent = calling.answered[0].agent.as_deref();
        assert_eq!((agent, calling.answered[0].words.as_deref()), (Some("Noor B."), Some("hi")));
    }

    #[test]
    fn somebody_who_sits_there_twice_is_one() {
        let body =
            r#"{"agents":{"agent":[{"id":7,"name":"Ilse","chat":"Away"},{"id":"7","name":"Ilse","chat":"Online"}]}}"#;

        let found = colleagues(body).expect("it is a list");

        assert_eq!(found, [Colleague { id: "7".into(), name: "Ilse".into(), presence: Presence::Online }]);
    }

    #[test]
    fn a_key_that_no_header_could_carry_is_none() {
        assert_eq!(Credentials::read("{\"bearer\":\"a b\"}"), None);
        assert_eq!(Credentials::read(r#"{"bearer":"ab"}"#), Some(Credentials::of("ab")));
    }
}
