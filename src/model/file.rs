//! Files that people hand to each other in a conversation.

use std::sync::Arc;

use super::keep::keep_fields;

/// A file of the conversation, as the backend keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedFile {
    /// What the backend calls it; tells the files of one conversation apart.
    pub key: Arc<str>,
    /// Its name, as its owner gave it. Foreign words: never a path.
    pub name: Arc<str>,
    /// Its size in bytes, where the backend says.
    pub size: Option<u64>,
}

keep_fields!(SharedFile { key, name, size });

/// Whose something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    /// The visitor's.
    Visitor,
    /// An agent's or a bot's.
    Agent {
        /// Display name, where the backend gives one.
        name: Option<Arc<str>>,
    },
}

/// Why a backend does not take a file of the visitor's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileRefusal {
    /// It is larger than a file may be.
    TooLarge {
        /// How many bytes one may have, where the backend says.
        most: Option<u64>,
    },
    /// Together with those before it is more than a conversation may have.
    TooMany,
    /// Files of this kind are not taken.
    Kind {
        /// The name endings that are, as people list them; where the backend says.
        taken: Option<Arc<str>>,
    },
    /// Files are taken only while an agent is there.
    NeedsAgent,
}
