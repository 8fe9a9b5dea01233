//! What the visitor and the page can ask of a session.

use std::sync::Arc;

use crate::model::{Answer, EntryId, FileId, Reply, Visitor};

/// A wish of the visitor or of the page. One that makes no sense at the moment changes nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Begin a conversation, where none is under way. After an end this begins anew.
    Start {
        /// What the page tells about its visitor.
        visitor: Box<Visitor>,
    },
    /// Accept a message for delivery. Blank text is ignored. Takes the draft's place: the draft is emptied.
    Send {
        /// As typed.
        text: String,
    },
    /// The visitor edited the composer; this is what stands there now.
    Draft {
        /// The composer's whole text.
        text: String,
    },
    /// Try a wedged message again.
    Retry {
        /// Which.
        entry: EntryId,
    },
    /// Drop a wedged message.
    Discard {
        /// Which.
        entry: EntryId,
    },
    /// Hand an event to the agent's page.
    Custom {
        /// The event's name.
        kind: String,
        /// Its text.
        data: String,
    },
    /// Send a picked file, where one may be sent.
    Upload {
        /// Handle of the bytes in the shell.
        file: FileId,
        /// File name.
        name: String,
        /// Size in bytes.
        size: u64,
    },
    /// Fetch a file that stands in the transcript, for the visitor to keep.
    Download {
        /// Its [`SharedFile::key`](crate::model::SharedFile).
        file: Arc<str>,
    },
    /// Take a file of the visitor's back.
    Unshare {
        /// Its [`SharedFile::key`](crate::model::SharedFile).
        file: Arc<str>,
    },
    /// The page tells anew about its visitor, in mid-conversation.
    Introduce {
        /// What it tells.
        visitor: Box<Visitor>,
    },
    /// Give these answers to the form that stands there; those to another form are not heard.
    Answer {
        /// One for each question that is shown.
        answers: Vec<Answer>,
    },
    /// The visitor edited the form; this is what stands there now.
    Fill {
        /// What stands there, in questions that are hidden too.
        answers: Vec<Answer>,
    },
    /// Leave the form after the end as it is.
    Skip,
    /// Give one of the ready answers that are offered.
    Reply {
        /// Which.
        reply: Reply,
        /// What stands on it, in the visitor's language.
        text: String,
    },
    /// Ask for a person instead of a bot, where that is offered.
    Person,
    /// Go back to a conversation that is over, where that is possible.
    Return,
    /// The panel was opened: what was unread is read.
    Open,
    /// The panel was closed: the conversation goes on behind the launcher.
    Shut,
    /// The visitor is there after all; asked when the session warns that it will end.
    Stay,
    /// End the conversation.
    End,
}
