//! What the agent's side of a conversation can do, in words of no dialect.

use serde::Deserialize;
use serde_json::Value;

/// One act of the agent, or of the system around the agent.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// The chat request was taken; the visitor stands in a queue.
    Succeed(Place),
    /// The queue moved.
    Queue(Place),
    /// The chat request failed, or the chat failed later.
    Fail(Because),
    /// An agent accepted.
    Accept(Person),
    /// The agent says something.
    Say(String),
    /// The agent says something in HTML.
    SayHtml(String),
    /// The system says something.
    Notice(String),
    /// The agent types, or stops.
    Typing(bool),
    /// Another agent took over.
    Transfer(Person),
    /// The chat goes back to a queue.
    TransferToQueue(Nothing),
    /// A second agent joined.
    Join(Person),
    /// A second agent left.
    Leave(Person),
    /// The agent's connection broke.
    Disconnect(Nothing),
    /// The chat is over.
    End(Because),
    /// The agent shows the visitor a page.
    PushUrl(String),
    /// The agent hands the visitor a file.
    SendFile(Attachment),
    /// The chat ends by itself when the visitor stays silent.
    IdleAlert {
        /// Seconds until then.
        secs: u32,
    },
    /// The agent's page sends something of its own.
    CustomEvent(Custom),
    /// The agent asks for a file.
    RequestFile(Nothing),
    /// The agent no longer wants the file.
    CancelFile(Nothing),
    /// Rules for what the visitor had better not send.
    SensitiveRules(Vec<Value>),
    /// Any message at all, also a malformed one.
    Raw(Value),
}

/// No details.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Nothing {}

/// A place in a queue.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Place {
    /// How many are ahead.
    #[serde(default)]
    pub position: u32,
    /// Estimated seconds; −1 is unknown.
    pub wait: Option<f64>,
}

/// Why something ended.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Because {
    /// The dialect's word for the reason.
    pub reason: Option<String>,
}

/// An agent, and what the visitor may or must do with them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Person {
    /// The name shown to the visitor.
    pub name: Option<String>,
    /// Whether the agent may see unsent words.
    #[serde(default)]
    pub sneak_peek: bool,
    /// How long the visitor may be silent.
    pub idle: Option<Idle>,
    /// Whether the agent is a program.
    #[serde(default)]
    pub bot: bool,
    /// Whether the agent is there to watch over another.
    #[serde(default)]
    pub supervisor: bool,
}

/// How long the visitor may be silent, in seconds.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Idle {
    /// When to warn.
    pub warning: u32,
    /// When to end.
    pub timeout: u32,
}

/// A file for the visitor.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Its content type.
    #[serde(rename = "type")]
    pub content_type: String,
    /// Its content.
    pub text: String,
}

/// An event that means something to the pages on both sides only.
#[derive(Debug, Clone, Deserialize)]
pub struct Custom {
    /// Its name.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its content.
    #[serde(default)]
    pub data: String,
}

impl Person {
    /// An agent by name only.
    pub fn named(name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..Self::default() }
    }

    /// The name, or that of the house's usual agent.
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(USUAL_AGENT)
    }
}

impl Because {
    /// A reason.
    pub fn of(reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()) }
    }
}

/// Who talks when nobody was named.
pub(crate) const USUAL_AGENT: &str = "Noor B.";
