//! What was said in a conversation, and what the scripted agent hears of it.

/// One line of what was said.
#[derive(Debug, Clone)]
pub struct Line {
    /// Who said it.
    pub speaker: Speaker,
    /// The speaker's name.
    pub name: String,
    /// The words.
    pub text: String,
    /// How to read the words.
    pub markup: Markup,
    /// When, in milliseconds since the epoch.
    pub at: u64,
    /// The event offset under which the visitor was told, if they were.
    pub offset: Option<u64>,
}

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The agent.
    Agent,
    /// The visitor.
    Visitor,
    /// The system, about a transfer.
    Transfer,
    /// The system, about anything else.
    System,
}

/// How to read a line's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markup {
    /// As they are.
    Plain,
    /// As HTML.
    Html,
}

/// What the scripted agent hears.
#[derive(Debug, Clone)]
pub enum Heard {
    /// A message.
    Message(String),
    /// Words not sent yet.
    Peek(String),
    /// A file arrived.
    File(String),
    /// The visitor goes by another name.
    Rename(String),
}
