//! Where a chat is: its own address and those it links to (§3.4), without what every call adds.

use std::fmt::{Debug, Formatter};

use super::document::{field, link};
use super::{Config, LivePerson, guesses};
use crate::model::json::Value;
use crate::model::keep::keep_fields;
use crate::protocol::Request;
use crate::protocol::http::is_address;

/// Addresses of a chat. Whoever has them can speak in it, so they are not shown.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Chat {
    /// Without a query.
    pub(super) uri: String,
    /// Where the next news are (§4); `None` where the last answer did not say.
    next: Option<String>,
    events: Option<String>,
    visitor_name: Option<String>,
    visitor_typing: Option<String>,
    exit_survey: Option<String>,
    transcript: Option<String>,
}

keep_fields!(Chat { uri, next, events, visitor_name, visitor_typing, exit_survey, transcript });

impl Debug for Chat {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Chat").finish_non_exhaustive()
    }
}

impl Chat {
    /// A chat of which only the address is known.
    pub(super) fn at(address: &str) -> Option<Self> {
        let uri = address.split('?').next().unwrap_or_default().trim_end_matches('/').to_owned();
        is_address(&uri).then_some(Self {
            uri,
            next: None,
            events: None,
            visitor_name: None,
            visitor_typing: None,
            exit_survey: None,
            transcript: None,
        })
    }

    /// Takes over where things are. What is not said again stays where it was, but for `next` (§4).
    pub(super) fn read_links(&mut self, chat: &Value) {
        let nothing = Value::Null;
        let info = field(chat, "info").unwrap_or(&nothing);
        self.next = link(chat, "next", &self.uri);
        self.events = link(chat, "events", &self.uri).or_else(|| self.events.take());
        self.exit_survey = link(chat, "exit-survey", &self.uri).or_else(|| self.exit_survey.take());
        self.transcript = link(chat, "transcript-request", &self.uri).or_else(|| self.transcript.take());
        self.visitor_name = link(info, "visitor-name", &self.uri).or_else(|| self.visitor_name.take());
        self.visitor_typing = link(info, "visitor-typing", &self.uri).or_else(|| self.visitor_typing.take());
    }

    /// Nothing of what was read so far counts: the next news are everything there is.
    pub(super) fn rewind(&mut self) {
        self.next = None;
    }

    /// Where the visitor's lines go.
    pub(super) fn events(&self) -> String {
        self.events.clone().unwrap_or_else(|| self.below(guesses::EVENTS))
    }

    /// Where the visitor's name is.
    pub(super) fn visitor_name(&self) -> String {
        self.visitor_name.clone().unwrap_or_else(|| self.below(guesses::VISITOR_NAME))
    }

    /// Where it is told that the visitor is typing.
    pub(super) fn visitor_typing(&self) -> String {
        self.visitor_typing.clone().unwrap_or_else(|| self.below(guesses::VISITOR_TYPING))
    }

    /// Where it is asked how the chat was.
    pub(super) fn exit_survey(&self) -> String {
        self.exit_survey.clone().unwrap_or_else(|| self.below(guesses::EXIT_SURVEY))
    }

    /// Where a copy of the chat is asked for.
    pub(super) fn transcript(&self) -> String {
        self.transcript.clone().unwrap_or_else(|| self.below(guesses::TRANSCRIPT))
    }

    /// Whether all its addresses can be asked at: storage may hold anything.
    pub(super) fn is_sound(&self, config: &Config) -> bool {
        let own = [&self.next, &self.events, &self.exit_survey, &self.transcript];
        let links = own.into_iter().chain([&self.visitor_name, &self.visitor_typing]);
        let mut all = links.flatten().chain([&self.uri]);
        all.all(|url| config.is_as_safe(url)) && !self.uri.contains('?')
    }

    fn below(&self, path: &str) -> String {
        format!("{}/{path}", self.uri)
    }
}

impl LivePerson {
    /// Asks for the next news (§4): where the chat says, and else behind what was read, which is inclusive. Whoever has
    /// read nothing asks for everything (§5).
    pub(super) fn poll_request(&self) -> Option<Request> {
        let chat = self.chat.as_ref()?;
        let url = match &chat.next {
            Some(next) => next.clone(),
            None if self.story.seen < 0 => chat.uri.clone(),
            None => format!("{}?from={}", chat.uri, self.story.seen.saturating_add(1)),
        };
        Some(self.get(&url))
    }
}
