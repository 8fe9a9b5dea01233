//! Every request of the agents' interface. A PUT is a POST that says so, as the interface wants it.

use std::sync::Arc;
use std::time::Duration;

use holdfast_chat::model::json::Value;
use holdfast_chat::protocol::http::{Content, Method, percent_encoded};
use holdfast_chat::protocol::liveperson::desk::{AgentSession, ChatKey};
use holdfast_chat::protocol::{Activity, Request};

use super::told::Credentials;

/// Where agents come in: the account's own address, on the host that the desk came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door(Arc<str>);

/// A seat at the desk: what its requests carry and where they go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// What was given at the door.
    pub credentials: Credentials,
    /// The number of the session.
    pub session: Arc<str>,
}

/// Whether somebody takes chats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Presence {
    /// New ones too.
    Online,
    /// Only those that are there.
    Occupied,
    /// None.
    #[default]
    Away,
}

/// To whom a chat is handed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Another agent.
    Agent {
        /// The agent's number.
        id: Arc<str>,
        /// A word that only that agent sees.
        note: Arc<str>,
    },
    /// Everybody: back to the queue.
    Queue,
}

impl Door {
    /// The door of an account.
    #[must_use]
    pub fn of(account: &str) -> Self {
        Self(["/liveperson/api/account/", &percent_encoded(account)].concat().into())
    }

    /// Asks to be let in.
    #[must_use]
    pub fn login(&self, name: &str) -> Request {
        let body = object([("username", text(name)), ("password", text(""))]);
        Request {
            method: Method::Post,
            url: [&*self.0, "/login?v=1.3"].concat(),
            headers: vec![("Accept", "application/json".to_owned())],
            content: Content::Json(body.text()),
            deadline: DEADLINE,
        }
    }

    /// Asks for a session.
    #[must_use]
    pub fn begin(&self, credentials: &Credentials) -> Request {
        self.post(credentials, "/agentSession", object([("loginData", text(""))]))
    }

    /// Gives the session up.
    #[must_use]
    pub fn leave(&self, seat: &Seat) -> Request {
        self.overridden("DELETE", seat, "", object([]))
    }

    /// Asks whether the agent counts as there.
    #[must_use]
    pub fn presence(&self, seat: &Seat) -> Request {
        self.get(seat, "/availability")
    }

    /// Says whether the agent is there.
    #[must_use]
    pub fn be(&self, seat: &Seat, presence: Presence) -> Request {
        let body = object([("availability", object([("chat", text(presence.name()))]))]);
        self.put(seat, "/availability", body)
    }

    /// Asks who is waiting.
    #[must_use]
    pub fn incoming(&self, seat: &Seat) -> Request {
        self.get(seat, "/incomingRequests")
    }

    /// Takes the chat that waits longest.
    #[must_use]
    pub fn accept(&self, seat: &Seat) -> Request {
        self.post_at(seat, "/incomingRequests", object([]))
    }

    /// Asks which chats are the agent's.
    #[must_use]
    pub fn sessions(&self, seat: &Seat) -> Request {
        self.get(seat, "/chatSessions")
    }

    /// Asks which agents a chat could go to.
    #[must_use]
    pub fn colleagues(&self, seat: &Seat) -> Request {
        self.get(seat, "/chat/availableAgents")
    }

    /// Who asks for the news of many chats.
    #[must_use]
    pub fn asker(&self, seat: &Seat) -> Option<AgentSession> {
        let address = [&*self.0, "/agentSession/", &percent_encoded(&seat.session)].concat();
        AgentSession::parse(&address, &seat.credentials.bearer)
    }

    /// Says something.
    #[must_use]
    pub fn line(&self, seat: &Seat, chat: &ChatKey, words: &str) -> Request {
        let event = object([("@type", text("line")), ("text", text(words)), ("textType", text("plain"))]);
        self.post_at(seat, &of_chat(chat, "/events"), object([("event", event)]))
    }

    /// Ends a chat.
    #[must_use]
    pub fn end(&self, seat: &Seat, chat: &ChatKey) -> Request {
        let event = object([("@type", text("state")), ("state", text("ended"))]);
        self.post_at(seat, &of_chat(chat, "/events"), object([("event", event)]))
    }

    /// Says whether the agent types.
    #[must_use]
    pub fn typing(&self, seat: &Seat, chat: &ChatKey, activity: Activity) -> Request {
        let name = if activity == Activity::Typing { "typing" } else { "not-typing" };
        let body = object([("agentTyping", text(name))]);
        self.put(seat, &of_chat(chat, "/info/agentTyping"), body)
    }

    /// Takes this chat, whoever answers it now.
    #[must_use]
    pub fn take(&self, seat: &Seat, chat: &ChatKey, name: &str) -> Request {
        self.act(seat, chat, "accept", object([("name", text(name))]))
    }

    /// Hands a chat to another agent.
    #[must_use]
    pub fn transfer(&self, seat: &Seat, chat: &ChatKey, to: &Target) -> Request {
        match to {
            Target::Agent { id, note } => {
                let to = object([("id", text(id))]);
                let transfer = object([("agent", to), ("text", text(note))]);
                self.post_at(seat, &of_chat(chat, "/transfer"), object([("transfer", transfer)]))
            }
            Target::Queue => self.act(seat, chat, "transferToQueue", object([])),
        }
    }

    /// Asks the visitor for a file.
    #[must_use]
    pub fn request_file(&self, seat: &Seat, chat: &ChatKey) -> Request {
        self.act(seat, chat, "requestFile", object([]))
    }

    /// Wants the file no longer.
    #[must_use]
    pub fn cancel_file(&self, seat: &Seat, chat: &ChatKey) -> Request {
        self.act(seat, chat, "cancelFile", object([]))
    }

    /// What only the local server knows, in the words of its hub.
    fn act(&self, seat: &Seat, chat: &ChatKey, action: &'static str, details: Value) -> Request {
        self.post_at(seat, &of_chat(chat, "/action"), object([(action, details)]))
    }

    fn get(&self, seat: &Seat, path: &str) -> Request {
        let mut request = self.at(seat, path, Content::Empty);
        request.method = Method::Get;
        request
    }

    fn put(&self, seat: &Seat, path: &str, body: Value) -> Request {
        self.overridden("PUT", seat, path, body)
    }

    fn overridden(&self, method: &str, seat: &Seat, path: &str, body: Value) -> Request {
        let mut request = self.post_at(seat, path, body);
        request.headers.push(("X-HTTP-Method-Override", method.to_owned()));
        request
    }

    fn post_at(&self, seat: &Seat, path: &str, body: Value) -> Request {
        self.at(seat, path, Content::Json(body.text()))
    }

    fn at(&self, seat: &Seat, path: &str, content: Content) -> Request {
        let path = ["/agentSession/", &percent_encoded(&seat.session), path].concat();
        self.request(&seat.credentials, &path, content)
    }

    fn post(&self, credentials: &Credentials, path: &str, body: Value) -> Request {
        self.request(credentials, path, Content::Json(body.text()))
    }

    fn request(&self, credentials: &Credentials, path: &str, content: Content) -> Request {
        Request {
            method: Method::Post,
            url: [&*self.0, path, "?v=1&NC=true"].concat(),
            headers: vec![
                ("Accept", "application/json".to_owned()),
                ("Authorization", ["Bearer ", &*credentials.bearer].concat()),
            ],
            content,
            deadline: DEADLINE,
        }
    }
}

impl Presence {
    /// All of them, the most willing first.
    pub const ALL: [Self; 3] = [Self::Online, Self::Occupied, Self::Away];

    /// The interface's word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Online => "Online",
            Self::Occupied => "Occupied",
            Self::Away => "Away",
        }
    }

    /// Reads the interface's word.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|presence| presence.name().eq_ignore_ascii_case(name))
    }
}

fn of_chat(chat: &ChatKey, path: &str) -> String {
    ["/chat/", &percent_encoded(chat.as_str()), path].concat()
}

/// An object of these fields.
pub(crate) fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A text.
pub(crate) fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// A local server answers at once; whatever takes longer than this is lost.
const DEADLINE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_put_is_a_post_that_says_so_and_signed() {
        let seat = Seat { credentials: Credentials::of("b1"), session: "7".into() };
        let request = Door::of("a b").be(&seat, Presence::Online);

        assert_eq!(request.url, "/liveperson/api/account/a%20b/agentSession/7/availability?v=1&NC=true");
        assert_eq!(request.method, Method::Post);
        assert!(request.headers.contains(&("X-HTTP-Method-Override", "PUT".to_owned())));
        assert!(request.headers.contains(&("Authorization", "Bearer b1".to_owned())));
        assert_eq!(request.content, Content::Json(r#"{"availability":{"chat":"Online"}}"#.to_owned()));
    }

    #[test]
    fn a_key_stays_one_part_of_the_path() {
        let seat = Seat { credentials: Credentials::of("b1"), session: "7".into() };
        let request = Door::of("a").line(&seat, &ChatKey::parse("x/../y").expect("it is one"), "\"hi\"");

        assert_eq!(request.url, "/liveperson/api/account/a/agentSession/7/chat/x%2F..%2Fy/events?v=1&NC=true");
        let words = r#"{"event":{"@type":"line","text":"\"hi\"","textType":"plain"}}"#;
        assert_eq!(request.content, Content::Json(words.to_owned()));
    }
}
