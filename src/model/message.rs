//! What stands in a transcript: what people said and what happened between.

use std::sync::Arc;

use super::{Author, MessageId, Prose, SharedFile, Timestamp};

/// One line of the transcript. Its place never changes; its words may, where an agent changes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its place in the transcript.
    pub id: MessageId,
    /// When it was taken over here; few backends send an instant of their own.
    pub at: Timestamp,
    /// How often it was changed since.
    pub edition: u32,
    /// What it says.
    pub body: Body,
}

/// Who said what, or what happened. Every text is plain text: data, never markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The visitor's words, known to have arrived.
    Visitor {
        /// As delivered, after masking.
        text: Arc<str>,
        /// What became of them.
        reach: Reach,
    },
    /// An agent's or a bot's words.
    Agent(Speech),
    /// Words that an agent took back. Nothing of them is kept.
    Withdrawn {
        /// Display name, where the backend gave one.
        name: Option<Arc<str>>,
    },
    /// A file that somebody handed over.
    File {
        /// Whose it is.
        author: Author,
        /// Which.
        file: SharedFile,
    },
    /// Something that happened to the conversation.
    Event(Happening),
}

impl Body {
    /// The visitor's words that nobody is known to have read.
    #[must_use]
    pub const fn arrived(text: Arc<str>) -> Self {
        Self::Visitor { text, reach: Reach::Arrived }
    }

    /// Whether an agent or a bot said it or handed it over.
    #[must_use]
    pub const fn is_agents(&self) -> bool {
        match self {
            Self::Agent(_) | Self::Withdrawn { .. } | Self::File { author: Author::Agent { .. }, .. } => true,
            Self::Visitor { .. } | Self::File { author: Author::Visitor, .. } | Self::Event(_) => false,
        }
    }
}

/// How far the visitor's words came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// They arrived.
    Arrived,
    /// Somebody read them, as far as a backend tells.
    Read,
}

/// What an agent or a bot said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speech {
    /// Display name, where the backend gives one.
    pub name: Option<Arc<str>>,
    /// As received, without markup.
    pub text: Arc<str>,
    /// The same with its formatting, where it has any.
    pub prose: Option<Prose>,
    /// Where it came from, where it can be changed later.
    pub origin: Option<Origin>,
}

impl Speech {
    /// Words without formatting that nobody will change.
    #[must_use]
    pub const fn plain(name: Option<Arc<str>>, text: Arc<str>) -> Self {
        Self { name, text, prose: None, origin: None }
    }
}

/// What a backend calls something that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Its id.
    pub id: Arc<str>,
    /// The id of who said it, and who alone may change it.
    pub by: Arc<str>,
}

/// What can happen between two messages that a later reader must know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// An agent accepted the conversation, or came to it.
    Joined {
        /// Display name of the agent, where known.
        name: Option<Arc<str>>,
    },
    /// A bot answers from here on, until an agent joins.
    BotJoined {
        /// Display name of the bot, where known.
        name: Option<Arc<str>>,
    },
    /// The backend itself has something to say.
    Notice {
        /// Plain text.
        text: Arc<str>,
    },
    /// A file can no longer be had.
    FileRemoved {
        /// Which.
        file: SharedFile,
    },
    /// An agent left; the conversation goes on.
    Left {
        /// Display name of the agent, where known.
        name: Option<Arc<str>>,
    },
    /// The conversation is on its way to another queue; nobody is there for the moment.
    Transferring,
    /// Another agent took over.
    Transferred {
        /// Display name of the new agent, where known.
        name: Option<Arc<str>>,
    },
}
