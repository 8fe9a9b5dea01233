//! An agent's view of many chats (§7): their news in one request, or in a few.
//!
//! A machine without I/O. [`ManyChats::inquiries`] says what is to be asked now, [`ManyChats::receive`] takes an answer
//! over and tells what is new. Whoever asks keeps the time, one round at a time and each [`REST`] after the one before;
//! an inquiry that got no answer is simply left out, and the next round asks for the same.
//!
//! ```
//! use holdfast_chat::protocol::Response;
//! use holdfast_chat::protocol::liveperson::desk::{AgentSession, ChatKey, Fact, ManyChats};
//!
//! let session = AgentSession::parse("https://agent.example.test/api/account/55510001/agentSession/881", "b3ar3r")
//!     .expect("it can be asked at");
//! let mut chats = ManyChats::new(session);
//! let key = ChatKey::parse("H42-9f1cK7001").expect("it is one");
//! // Events up to 4 are known already; a chat of which nothing is known is watched with `None`.
//! chats.watch(key.clone(), Some(4));
//!
//! let [inquiry] = chats.inquiries().try_into().expect("one is enough for a few chats");
//! assert_eq!(
//!     inquiry.request().url,
//!     "https://agent.example.test/api/account/55510001/agentSession/881/chat\
//!      ?chatSessionKeys=H42-9f1cK7001&fromEventIds=4&v=1&NC=true"
//! );
//!
//! let body = r#"{ "chats": { "chat": {
//!     "events": { "event": { "id": 5, "type": "line", "text": "Still there?", "by": "Ines", "source": "visitor" } },
//!     "info": { "state": "chatting", "chatSessionKey": "H42-9f1cK7001" } } } }"#;
//! let response = Response { status: 200, body: body.to_owned(), ..Response::default() };
//! let news = chats.receive(&inquiry, &response).expect("it is understood");
//!
//! assert!(matches!(&news[1].fact, Fact::Said { id: 5, line } if &*line.text == "Still there?"));
//! assert_eq!(chats.position(&key), Some(5));
//! ```

use std::collections::BTreeMap;
use std::fmt::{Debug, Formatter};
use std::sync::Arc;
use std::time::Duration;

use super::document::{field, list, versioned, words};
use super::event::{BEFORE_FIRST, Event, events_after, has_error, last_state};
use super::request::{is_refusal, signed, unavailable};
use crate::model::EndReason;
use crate::model::json::Value;
use crate::protocol::http::{Content, Method, Request, Response, is_address, percent_encoded};
use crate::protocol::reading::is_token;
use crate::protocol::{Activity, ProtocolError};

pub use super::event::{ChatState, Line, Speaker};

/// Where an agent asks, and with what (§6). The token is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct AgentSession {
    address: String,
    bearer: String,
}

impl AgentSession {
    /// The session at this address (`S` of §6) with the token of the agent's login. `None` where nothing can be asked
    /// with them.
    #[must_use]
    pub fn parse(address: &str, bearer: &str) -> Option<Self> {
        let address = address.trim().trim_end_matches('/');
        let is_sound = is_address(address) && !address.contains('?') && is_token(bearer);
        is_sound.then(|| Self { address: address.to_owned(), bearer: bearer.to_owned() })
    }
}

impl Debug for AgentSession {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("AgentSession").field("address", &self.address).finish_non_exhaustive()
    }
}

/// The name of a chat: `chatSessionKey` (§3.5).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChatKey(Arc<str>);

impl ChatKey {
    /// A name as the backend writes it. One with a comma could not stand in a list of them.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        let key = key.trim();
        (is_token(key) && !key.contains(',') && key.len() <= LONGEST_KEY).then(|| Self(key.into()))
    }

    /// As the backend writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Something that an answer told about a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Which chat.
    pub key: ChatKey,
    /// What.
    pub fact: Fact,
}

/// What an answer told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The chat stands otherwise than before. Its end is [`Fact::Ended`].
    State(ChatState),
    /// Somebody said something.
    Said {
        /// The event's id.
        id: i64,
        /// What, and who.
        line: Line,
    },
    /// The visitor began or stopped typing.
    VisitorTyping(Activity),
    /// An agent began or stopped typing.
    AgentTyping(Activity),
    /// An event that is not known here.
    Ignored {
        /// The name of its type, shortened.
        kind: String,
    },
    /// The chat is over, and is not watched any more.
    Ended,
    /// The backend does not know the chat, asked for it alone, and it is not watched any more.
    Gone,
}

/// One request for the news of some chats.
#[derive(Clone, PartialEq, Eq)]
pub struct Inquiry {
    request: Request,
    keys: Vec<ChatKey>,
    is_alone: bool,
}

impl Inquiry {
    /// What is to be asked.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// For which chats.
    #[must_use]
    pub fn keys(&self) -> &[ChatKey] {
        &self.keys
    }
}

/// Without the request, which has the token.
impl Debug for Inquiry {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Inquiry").field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// The chats that are watched.
#[derive(Clone, Debug)]
pub struct ManyChats {
    session: AgentSession,
    chats: BTreeMap<ChatKey, Watched>,
}

impl ManyChats {
    /// Watches nothing yet.
    #[must_use]
    pub const fn new(session: AgentSession) -> Self {
        Self { session, chats: BTreeMap::new() }
    }

    /// Watches a chat from behind the event with this id; from its beginning where there is none. One that is watched
    /// already stays as it is.
    pub fn watch(&mut self, key: ChatKey, position: Option<i64>) {
        let seen = position.filter(|position| *position >= 0).unwrap_or(BEFORE_FIRST);
        self.chats.entry(key).or_insert_with(|| Watched::from(seen));
    }

    /// Lets go of a chat.
    pub fn unwatch(&mut self, key: &ChatKey) {
        self.chats.remove(key);
    }

    /// Goes on with another session or token, as after a new login.
    pub fn sign_in(&mut self, session: AgentSession) {
        self.session = session;
    }

    /// Takes over the answer to an inquiry. Chats are told apart by their keys and never by their place (§7, 1); one that
    /// was not asked for counts for nothing.
    ///
    /// # Errors
    /// When the answer as a whole cannot be used. Nothing changed then but the way in which the same chats are asked for
    /// next, and other inquiries of the round count all the same. `Over` stands for a login that is over.
    pub fn receive(&mut self, inquiry: &Inquiry, response: &Response) -> Result<Vec<News>, ProtocolError> {
        match response.status {
            200..=299 => {}
            401 | 403 => return Err(ProtocolError::Over { reason: EndReason::Expired }),
            refused if is_refusal(refused) => return self.refused(inquiry, refused),
            _ => return Err(unavailable(response)),
        }
        let unreadable = |detail| ProtocolError::Unreadable { noun: "chats", detail };
        let body: Value = Value::parse(&response.body).ok_or(unreadable("not JSON"))?;
        if has_error(&body) {
            return Err(unreadable("it carries an error"));
        }
        if inquiry.is_alone {
            return self.receive_alone(inquiry, field(&body, "chat").ok_or(unreadable("chat is missing"))?);
        }
        let chats = field(&body, "chats").ok_or(unreadable("chats is missing"))?;
        let mut news = Vec::new();
        let mut found = Vec::new();
        for chat in list(chats, "chat") {
            // An error of its own leaves a chat to be asked for alone.
            let Some(key) = key_of(chat).filter(|key| inquiry.keys.contains(key) && !has_error(chat)) else { continue };
            self.read(&key, chat, &mut news);
            found.push(key);
        }
        for key in &inquiry.keys {
            let Some(watched) = self.chats.get_mut(key) else { continue };
            watched.way = if found.contains(key) { watched.way.wider() } else { Way::Alone { rest: ALONE } };
        }
        Ok(news)
    }

    /// What is to be asked now: as few requests as there can be (§7, 2 and 6). Those that have no position go without the
    /// list of positions, apart from the others.
    #[must_use]
    pub fn inquiries(&self) -> Vec<Inquiry> {
        let mut inquiries = Vec::new();
        for is_new in [true, false] {
            let mut together: Vec<(usize, &ChatKey, &Watched)> = self
                .chats
                .iter()
                .filter(|(_, watched)| watched.is_new() == is_new)
                .filter_map(|(key, watched)| Some((watched.way.most()?, key, watched)))
                .collect();
            together.sort_by_key(|(most, key, _)| (std::cmp::Reverse(*most), *key));
            let mut group = Group::default();
            for (most, key, watched) in together {
                if !group.has_room(&self.session, key, watched, most) {
                    inquiries.extend(std::mem::take(&mut group).inquiry(&self.session));
                }
                group.push(key, watched);
            }
            inquiries.extend(group.inquiry(&self.session));
        }
        let alone = self.chats.iter().filter(|(_, watched)| watched.way.most().is_none());
        inquiries.extend(alone.map(|(key, watched)| self.inquiry_alone(key, watched)));
        inquiries
    }

    /// The chats that are watched, in the order of their keys.
    pub fn keys(&self) -> impl Iterator<Item = &ChatKey> {
        self.chats.keys()
    }

    /// The id of the last event of a chat that was told; none where nothing was.
    #[must_use]
    pub fn position(&self, key: &ChatKey) -> Option<i64> {
        self.chats.get(key).map(|watched| watched.seen).filter(|seen| *seen >= 0)
    }

    /// Nobody says which of several keys was not liked, so they are asked for in halves, and in the end alone.
    fn refused(&mut self, inquiry: &Inquiry, status: u16) -> Result<Vec<News>, ProtocolError> {
        if let ([key], true) = (&*inquiry.keys, inquiry.is_alone) {
            let was_watched = self.chats.remove(key).is_some();
            let gone = News { key: key.clone(), fact: Fact::Gone };
            return Ok(was_watched.then_some(gone).into_iter().collect());
        }
        let half = inquiry.keys.len() / 2;
        let way = if half == 0 { Way::Alone { rest: ALONE } } else { Way::Together { most: half } };
        for key in &inquiry.keys {
            if let Some(watched) = self.chats.get_mut(key) {
                watched.way = way;
            }
        }
        Err(ProtocolError::Refused { noun: "chats", status })
    }

    fn receive_alone(&mut self, inquiry: &Inquiry, chat: &Value) -> Result<Vec<News>, ProtocolError> {
        let mut news = Vec::new();
        for key in &inquiry.keys {
            if key_of(chat).is_some_and(|found| found != *key) {
                return Err(ProtocolError::Unreadable { noun: "chat", detail: "it is another one" });
            }
            self.read(key, chat, &mut news);
            if let Some(watched) = self.chats.get_mut(key) {
                watched.way = watched.way.wider();
            }
        }
        Ok(news)
    }

    /// Takes over a chat: its events behind the position, then how it stands.
    fn read(&mut self, key: &ChatKey, chat: &Value, news: &mut Vec<News>) {
        let Some(watched) = self.chats.get_mut(key) else { return };
        let mut tell = |fact| news.push(News { key: key.clone(), fact });
        let nothing = Value::Null;
        let info = field(chat, "info").unwrap_or(&nothing);
        let events = events_after(chat, watched.seen);
        let told = last_state(&events).map(|(_, state)| state);
        let state = told.or_else(|| ChatState::parse(&words(info, "state")?));
        if let Some(state) = state.filter(|state| *state != ChatState::Ended && watched.state != Some(*state)) {
            watched.state = Some(state);
            tell(Fact::State(state));
        }
        for (id, event) in events {
            watched.seen = id;
            match Event::read(event) {
                Event::Line(line) => tell(Fact::Said { id, line }),
                Event::Unknown(kind) => tell(Fact::Ignored { kind }),
                Event::State(_) | Event::Silent => {}
                Event::Transfer(_) => tell(Fact::Ignored { kind: "a2atransfer".to_owned() }),
            }
        }
        if state == Some(ChatState::Ended) {
            tell(Fact::Ended);
            self.chats.remove(key);
            return;
        }
        if let Some(activity) = changed(info, "visitorTyping", &mut watched.visitor_typing) {
            tell(Fact::VisitorTyping(activity));
        }
        if let Some(activity) = changed(info, "agentTyping", &mut watched.agent_typing) {
            tell(Fact::AgentTyping(activity));
        }
    }

    /// One chat (§6, 8). The position is inclusive there (§4): what comes once more is dropped.
    fn inquiry_alone(&self, key: &ChatKey, watched: &Watched) -> Inquiry {
        let from = if watched.is_new() { String::new() } else { format!("?from={}", watched.seen) };
        let url = format!("{}/chat/{}{from}", self.session.address, percent_encoded(key.as_str()));
        Inquiry { request: self.session.get(&url), keys: vec![key.clone()], is_alone: true }
    }
}

impl AgentSession {
    fn get(&self, url: &str) -> Request {
        signed(Method::Get, url, format!("Bearer {}", self.bearer), Content::Empty)
    }
}

/// What is known of one chat.
#[derive(Clone, Debug)]
struct Watched {
    /// The id of the last event that was told.
    seen: i64,
    state: Option<ChatState>,
    visitor_typing: Activity,
    agent_typing: Activity,
    way: Way,
}

impl Watched {
    const fn from(seen: i64) -> Self {
        let (visitor_typing, agent_typing) = (Activity::Silent, Activity::Silent);
        Self { seen, state: None, visitor_typing, agent_typing, way: Way::Together { most: MOST_TOGETHER } }
    }

    const fn is_new(&self) -> bool {
        self.seen < 0
    }
}

/// How a chat is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// With others.
    Together {
        /// So many at most.
        most: usize,
    },
    /// By itself, because something was wrong where it was among others.
    Alone {
        /// So many more times.
        rest: u32,
    },
}

impl Way {
    const fn most(self) -> Option<usize> {
        match self {
            Self::Together { most } => Some(most),
            Self::Alone { .. } => None,
        }
    }

    /// After an answer that was as it should be.
    const fn wider(self) -> Self {
        match self {
            Self::Together { most } if most * 2 < MOST_TOGETHER => Self::Together { most: most * 2 },
            Self::Together { .. } => Self::Together { most: MOST_TOGETHER },
            Self::Alone { rest: 0 } => Self::Together { most: 1 },
            Self::Alone { rest } => Self::Alone { rest: rest - 1 },
        }
    }
}

/// Chats that are asked for in one request.
#[derive(Default)]
struct Group {
    keys: Vec<ChatKey>,
    names: String,
    /// The ids of the last events (§7), in the order of the keys; empty for chats without one.
    positions: String,
}

impl Group {
    fn push(&mut self, key: &ChatKey, watched: &Watched) {
        let sign = if self.keys.is_empty() { "" } else { "," };
        self.names.push_str(&format!("{sign}{}", percent_encoded(key.as_str())));
        if !watched.is_new() {
            self.positions.push_str(&format!("{sign}{}", watched.seen));
        }
        self.keys.push(key.clone());
    }

    /// Whether one more fits, which wants to be among so many at most.
    fn has_room(&self, session: &AgentSession, key: &ChatKey, watched: &Watched, most: usize) -> bool {
        let mut larger = Self { keys: self.keys.clone(), names: self.names.clone(), positions: self.positions.clone() };
        larger.push(key, watched);
        self.keys.is_empty() || (larger.keys.len() <= most && versioned(&larger.url(session)).len() <= LONGEST_URL)
    }

    fn url(&self, session: &AgentSession) -> String {
        let from = if self.positions.is_empty() { String::new() } else { format!("&fromEventIds={}", self.positions) };
        format!("{}/chat?chatSessionKeys={}{from}", session.address, self.names)
    }

    fn inquiry(self, session: &AgentSession) -> Option<Inquiry> {
        let request = session.get(&self.url(session));
        (!self.keys.is_empty()).then_some(Inquiry { request, keys: self.keys, is_alone: false })
    }
}

/// Which chat this is (§7, 1): by its block of information, and else by its own address.
fn key_of(chat: &Value) -> Option<ChatKey> {
    let told = field(chat, "info").and_then(|info| words(info, "chatSessionKey"));
    let named = || {
        let own = list(chat, "link").iter().find(|link| words(link, "rel").as_deref() == Some("self"))?;
        words(own, "href")?.split('?').next()?.rsplit('/').next().map(str::to_owned)
    };
    ChatKey::parse(&told.or_else(named)?)
}

/// What somebody began or stopped, where it is told and changed.
fn changed(info: &Value, name: &str, known: &mut Activity) -> Option<Activity> {
    let activity = if words(info, name)? == "typing" { Activity::Typing } else { Activity::Silent };
    (std::mem::replace(known, activity) != activity).then_some(activity)
}

/// From the beginning of one round to the beginning of the next (§4, §7).
pub const REST: Duration = Duration::from_secs(2);
/// A request's address stays below this (§7, 6).
const LONGEST_URL: usize = 2_000;
/// The most that is asked for at once; the backend's own limit is not known (§11, 1).
const MOST_TOGETHER: usize = 100;
/// So many rounds a chat stays alone: a minute, so that one which spoils what it is among does so seldom.
const ALONE: u32 = 30;
/// Longer than any key, and so short that one always fits.
const LONGEST_KEY: usize = 200;

#[cfg(test)]
mod tests;
