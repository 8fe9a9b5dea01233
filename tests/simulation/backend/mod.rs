//! The servers of the world, each in as few words as tell it: a second reading of its protocol page, made for counting.
//!
//! They know what arrived. They know nothing of the client.

mod genesys;
mod live_agent;
mod liveperson;
mod matrix;
mod superoffice;

use holdfast_chat::protocol::{Protocol, Request, Response};

use super::schedule::{Habits, Speech};

/// All chats of a company.
pub trait Backend {
    /// A request arrives.
    fn receive(&mut self, now: u64, exchange: u64, request: &Request);
    /// The connection of an exchange is closed at the other end.
    fn close(&mut self, exchange: u64);
    /// Time goes by.
    fn tick(&mut self, now: u64);
    /// When it has something to do by itself.
    fn next(&self) -> Option<u64>;
    /// All chats move to another server.
    fn rotate(&mut self);
    /// The next post is taken and answered with a move.
    fn move_at_post(&mut self);
    /// The next move fails once in its middle.
    fn fail_in_move(&mut self);
    /// All chats are forgotten.
    fn forget_all(&mut self);
    /// Every connection breaks.
    fn break_connections(&mut self);
    /// The agent does something, in every chat where it makes sense.
    fn speak(&mut self, speech: Speech);
    /// Answers that go out now, by exchange.
    fn take_answers(&mut self) -> Vec<(u64, Response)>;
    /// The chats, in the order in which they began.
    fn chat(&self, place: usize) -> Option<&Chat>;
}

/// What is known of one chat.
#[derive(Debug, Default)]
pub struct Chat {
    pub stage: Stage,
    /// The visitor's words, in the order in which they arrived.
    pub heard: Vec<String>,
    /// How much of it the agent read.
    pub read: usize,
    /// The agent's words.
    pub said: Vec<String>,
    /// How often it moved.
    pub handovers: u64,
    /// What a client must not do.
    pub violations: Vec<String>,
}

/// Where a chat stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    #[default]
    Fresh,
    Queued,
    Talking,
    /// Over: what is in the log can still be read.
    Over,
    /// Forgotten.
    Gone,
}

/// Which backend a world has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    LiveAgent,
    /// Genesys Web API Server.
    WebApi,
    /// Genesys Mobile Services.
    Gms,
    LivePerson,
    SuperOffice,
    Matrix,
}

impl Dialect {
    /// How often each is simulated. What a handover asks of a client is Live Agent's alone.
    pub const SHARES: [(u64, Self); 6] = [
        (2, Self::LiveAgent),
        (1, Self::WebApi),
        (1, Self::Gms),
        (2, Self::LivePerson),
        (2, Self::SuperOffice),
        (2, Self::Matrix),
    ];

    /// The only one that is to be simulated, where the environment names one in `HOLDFAST_BACKEND`.
    pub fn wanted() -> Option<Self> {
        match std::env::var("HOLDFAST_BACKEND").ok()?.as_str() {
            "live-agent" => Some(Self::LiveAgent),
            "web-api" => Some(Self::WebApi),
            "gms" => Some(Self::Gms),
            "liveperson" => Some(Self::LivePerson),
            "superoffice" => Some(Self::SuperOffice),
            "matrix" => Some(Self::Matrix),
            _ => None,
        }
    }

    /// Its server.
    pub fn server(self, habits: Habits) -> Box<dyn Backend> {
        match self {
            Self::LiveAgent => Box::new(live_agent::LiveAgentServer::new(habits)),
            Self::WebApi | Self::Gms => Box::new(genesys::GenesysServer::new(habits)),
            Self::LivePerson => Box::new(liveperson::LivePersonServer::new()),
            Self::SuperOffice => Box::new(superoffice::SuperOfficeServer::new(&habits)),
            Self::Matrix => Box::new(matrix::MatrixServer::new(habits)),
        }
    }

    /// The real adapter.
    pub fn protocol(self) -> Box<dyn Protocol> {
        match self {
            Self::LiveAgent => live_agent::protocol(),
            Self::WebApi => genesys::protocol("web-api"),
            Self::Gms => genesys::protocol("gms"),
            Self::LivePerson => liveperson::protocol(),
            Self::SuperOffice => superoffice::protocol(),
            Self::Matrix => matrix::protocol(),
        }
    }

    /// Whether a request hands over what the visitor said or did, and is no part of opening or closing.
    pub fn hands_over(self, request: &Request) -> bool {
        match self {
            Self::LiveAgent => live_agent::hands_over(request),
            Self::WebApi | Self::Gms => genesys::hands_over(request),
            Self::LivePerson => liveperson::hands_over(request),
            Self::SuperOffice => superoffice::hands_over(request),
            Self::Matrix => matrix::hands_over(request),
        }
    }

    /// What a request asks for, without what differs from one to the next.
    pub fn noun(self, request: &Request) -> String {
        match self {
            Self::LiveAgent => live_agent::noun(request),
            Self::WebApi | Self::Gms => genesys::noun(request),
            Self::LivePerson => liveperson::noun(request),
            Self::SuperOffice => superoffice::noun(request),
            Self::Matrix => matrix::noun(request),
        }
    }

    /// The message that a request hands over, where a repeat of it would be taken for a new one.
    pub fn message(self, request: &Request) -> Option<String> {
        match self {
            Self::LiveAgent | Self::Matrix => None,
            Self::WebApi | Self::Gms => genesys::message(request),
            Self::LivePerson => liveperson::message(request),
            Self::SuperOffice => superoffice::message(request),
        }
    }

    /// The visitor's own words in an answer, each with its place in the chat.
    pub fn echoes(self, response: &Response) -> Vec<(u64, String)> {
        match self {
            Self::LiveAgent => Vec::new(),
            Self::WebApi | Self::Gms => genesys::echoes(response),
            Self::LivePerson => liveperson::echoes(response),
            Self::SuperOffice => superoffice::echoes(response),
            Self::Matrix => matrix::echoes(response),
        }
    }

    /// Whether a repeat is recognised.
    pub const fn recognises_repeats(self) -> bool {
        match self {
            Self::LiveAgent | Self::Matrix => true,
            Self::WebApi | Self::Gms | Self::LivePerson | Self::SuperOffice => false,
        }
    }
}

pub fn response(status: u16, body: &str) -> Response {
    Response { status, body: body.to_owned(), retry_after: None, location: None }
}
