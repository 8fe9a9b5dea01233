//! What the server saw of one conversation, for tests and for the control page.
//! Pure bookkeeping: nothing here decides anything.

use serde::Serialize;
use serde_json::Value;

/// Everything that was noted about one conversation.
#[derive(Debug, Default)]
pub struct Record {
    /// Visitor messages that were really processed, in order, repeats included.
    pub delivered: Vec<Delivered>,
    /// Everything else that the visitor did.
    pub events: Vec<Value>,
    /// Every message meant for the visitor.
    pub sent: Vec<Sent>,
    /// Every request, in order of arrival.
    pub requests: Vec<RequestLine>,
    /// What the protocol forbids and was done all the same.
    pub violations: Vec<Violation>,
    /// How often the conversation moved to another server.
    pub handovers: u32,
    /// The most polls that were open at once.
    pub max_open_polls: usize,
    /// The most POSTs that were open at once.
    pub max_open_posts: usize,
}

/// A visitor message that was processed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivered {
    /// The visitor's words.
    pub text: String,
    /// The sequence number of the request that carried it.
    pub sequence: Option<u64>,
    /// Its place in a request that carried several.
    pub noun_index: Option<usize>,
}

/// A message meant for the visitor.
#[derive(Debug, Clone, Serialize)]
pub struct Sent {
    /// The dialect's name of the message.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its content.
    pub message: Value,
    /// The event offset the dialect gave it.
    pub offset: u64,
}

/// One request.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestLine {
    /// Its place in the order of arrival, from 1.
    pub number: u64,
    /// HTTP method.
    pub method: String,
    /// The dialect's name of the resource.
    pub noun: String,
    /// The answer's status; none while open or when there was no answer.
    pub status: Option<u16>,
    /// The sequence number it carried.
    pub sequence: Option<String>,
    /// The acknowledgement it carried.
    pub ack: Option<String>,
    /// The affinity token it carried.
    pub affinity: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Not answered yet.
    Open,
    /// Answered.
    Answered,
    /// A fault answered in its place.
    Faulted,
    /// A fault closed the connection, or kept the answer.
    AnswerLost,
    /// The client went away first.
    ClientLeft,
}

/// Something that the protocol forbids.
#[derive(Debug, Clone, Serialize)]
pub struct Violation {
    /// Short name of the rule.
    pub rule: &'static str,
    /// What happened.
    pub detail: String,
}

impl Violation {
    /// A breach of a rule.
    pub fn new(rule: &'static str, detail: impl Into<String>) -> Self {
        Self { rule, detail: detail.into() }
    }
}
