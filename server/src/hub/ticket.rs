//! One request's stay: it counts as open until it is settled or dropped.
//! A dropped ticket means that the client went away, so a held poll frees its place by itself.

use std::sync::Arc;

use tokio::time::Instant;

use crate::hub::{Hub, Outcome};

/// Which kind of request is open; only one of each may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Asks for news.
    Poll,
    /// Carries something of the visitor.
    Post,
    /// Anything else.
    Other,
}

/// Something that the client knows once the answer has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// An agent accepted.
    Accepted,
    /// The conversation is over.
    Over,
    /// The conversation has new credentials.
    NewToken,
    /// The conversation's state was handed out after a move.
    State,
}

/// An open request.
#[derive(Debug)]
pub struct Ticket {
    hub: Arc<Hub>,
    /// The conversation it belongs to.
    pub conversation: String,
    /// Its number there.
    pub number: u64,
    /// When it arrived.
    pub arrival: Instant,
    kind: Kind,
    facts: Vec<Fact>,
    settled: bool,
}

impl Ticket {
    pub(crate) fn new(hub: Arc<Hub>, conversation: String, number: u64, kind: Kind) -> Self {
        Self { hub, conversation, number, arrival: Instant::now(), kind, facts: Vec::new(), settled: false }
    }

    /// Notes what the client will know when the answer arrives.
    pub fn tell(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    /// Closes the request.
    pub fn settle(mut self, status: Option<u16>, outcome: Outcome) {
        self.close(status, outcome);
    }

    fn close(&mut self, status: Option<u16>, outcome: Outcome) {
        self.settled = true;
        let told = outcome == Outcome::Answered;
        let facts = if told { std::mem::take(&mut self.facts) } else { Vec::new() };
        self.hub.with(&self.conversation, |conversation, _| {
            conversation.close_request(self.number, self.kind, status, outcome);
            for fact in facts {
                conversation.learn(fact);
            }
        });
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.settled {
            self.close(None, Outcome::ClientLeft);
        }
    }
}
