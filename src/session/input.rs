//! Everything that can happen to a session, and everything it can do about it.

use crate::model::{EndReason, EntryId, MessageId, RequestId, TabId};
use crate::protocol::{ProtocolError, Request, Response, TransportError};

use super::{Command, Connection, Snapshot};

/// Everything that can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The visitor or the page wants something.
    Command(Command),
    /// The visitor wants something in another tab. A number that was heard from this tab before is not heard again.
    Relayed {
        /// In which tab.
        tab: TabId,
        /// Counts what was wanted there, from 1.
        number: u64,
        /// What.
        command: Command,
    },
    /// The world around changed.
    Environment(Environment),
    /// An exchange came to its end.
    Replied {
        /// Which.
        id: RequestId,
        /// How.
        outcome: Result<Response, TransportError>,
    },
    /// The alarm that [`super::Session::next_wake`] asked for went off.
    Woke,
}

/// What the world around reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// The browser says that there is a network again.
    Online,
    /// The browser says that there is no network.
    Offline,
    /// The tab came to the front.
    Visible,
    /// The tab went behind another.
    Hidden,
    /// The page goes away, for good or into the back-forward cache.
    Leaving,
    /// The page is back from the back-forward cache.
    Returned,
    /// Another page led the conversation further than is known here: what was numbered there is unknown, and this copy
    /// must never speak for it again.
    Outrun,
    /// The last snapshot could be stored.
    Stored,
    /// The last snapshot could not be stored.
    StorageFailed,
}

/// Everything a session can do. Effects are performed in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Make an exchange and report its end.
    Fetch {
        /// Under this id.
        id: RequestId,
        /// What to ask.
        request: Request,
    },
    /// Make an exchange, keep what it brings until [`Effect::Save`], and report its end: without a body, unless that is
    /// JSON.
    Download {
        /// Under this id.
        id: RequestId,
        /// What to ask.
        request: Request,
    },
    /// Hand the visitor what a download brought.
    Save {
        /// Which.
        id: RequestId,
        /// The name of the file: foreign words, never a path.
        name: String,
    },
    /// Give an exchange up. Its end is not reported.
    Abort {
        /// Which.
        id: RequestId,
    },
    /// Keep this for a reload.
    Store(Box<Snapshot>),
    /// Keep nothing for a reload.
    Forget,
    /// Tell the page.
    Announce(Notice),
}

/// What the page is told. A log shows nothing of what people wrote.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// The backend accepted the wish for a conversation.
    SessionStarted,
    /// An agent is there.
    AgentJoined {
        /// Display name.
        name: Option<String>,
    },
    /// A message of the visitor's is known to have arrived.
    MessageSent {
        /// Which it was in the outbox.
        entry: EntryId,
        /// Where it stands in the transcript.
        message: MessageId,
        /// As delivered.
        text: String,
    },
    /// An agent said something.
    MessageReceived {
        /// Where it stands in the transcript.
        message: MessageId,
        /// Display name.
        name: Option<String>,
        /// Plain text.
        text: String,
    },
    /// The backend can be reached again, or no longer.
    ConnectionChanged(Connection),
    /// The conversation is over.
    SessionEnded {
        /// Why.
        reason: EndReason,
    },
    /// An event from the agent's page.
    Custom {
        /// The event's name.
        kind: String,
        /// Its text.
        data: String,
    },
    /// An event for the agent's page was given up.
    Unheard {
        /// The event's name.
        kind: String,
        /// Why.
        why: Unheard,
    },
    /// Something went wrong with the backend; the session deals with it.
    Trouble(ProtocolError),
    /// Something not known here was ignored.
    Ignored {
        /// Its name.
        kind: String,
    },
}

/// Why an event for the agent's page was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unheard {
    /// The backend has no word for it.
    #[error("this backend has no way to tell it")]
    Unspeakable,
    /// No answer came, and a repeat would be something new.
    #[error("no answer came, so that it may have arrived or not")]
    Unanswered,
    /// The conversation ended first.
    #[error("the conversation ended first")]
    Over,
}
