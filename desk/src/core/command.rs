//! Everything that can happen to a desk, and everything that it wants.

use std::sync::Arc;

use holdfast_chat::model::{EntryId, RequestId};
use holdfast_chat::protocol::liveperson::desk::ChatKey;
use holdfast_chat::protocol::{Request, Response, TransportError};

use super::ChatId;
use super::deed::Deed;
use crate::api::Presence;

/// What can happen.
#[derive(Clone, Debug)]
pub enum Input {
    /// The agent wants something.
    Command(Command),
    /// The surroundings changed.
    Environment(Environment),
    /// An exchange came to its end.
    Replied {
        /// Which.
        id: RequestId,
        /// How.
        outcome: Result<Response, TransportError>,
    },
    /// The time came that was asked for, or an earlier one.
    Woke,
}

/// What an agent can want.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Sit down under this name.
    Enter {
        /// The name that visitors see.
        name: Arc<str>,
    },
    /// Get up. Chats that go on go back to the queue.
    Leave,
    /// Be there, or not.
    Be(Presence),
    /// Take whoever waits longest.
    Accept,
    /// Take this one.
    Take(ChatKey),
    /// Attend to this chat.
    Choose(ChatId),
    /// Attend to this chat, in a pane beside the one that had the attention.
    ChooseBeside(ChatId),
    /// Attend to no chat.
    Unchoose,
    /// Show this chat no more. It goes on.
    SetAside(ChatId),
    /// Put a chat away that is over.
    Close(ChatId),
    /// What stands in a chat's composer.
    Draft {
        /// In which.
        chat: ChatId,
        /// The text.
        text: Arc<str>,
    },
    /// Say this.
    Send {
        /// In which chat.
        chat: ChatId,
        /// The words.
        text: Arc<str>,
    },
    /// Try a refused message again.
    Retry {
        /// In which chat.
        chat: ChatId,
        /// Which.
        entry: EntryId,
    },
    /// Drop a refused message.
    Discard {
        /// In which chat.
        chat: ChatId,
        /// Which.
        entry: EntryId,
    },
    /// Do something about a chat as a whole.
    Do {
        /// Which.
        chat: ChatId,
        /// What.
        deed: Deed,
    },
    /// Learn who else is there.
    LookAround,
}

/// What changes around a desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// The page is looked at.
    Seen,
    /// It is not.
    Unseen,
    /// The network is back, as far as the browser knows.
    Online,
    /// So many chats have room side by side.
    Room(usize),
}

/// What a desk can want.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Make this exchange.
    Fetch {
        /// Under this name.
        id: RequestId,
        /// What to ask.
        request: Request,
    },
    /// Give an exchange up.
    Abort {
        /// Which.
        id: RequestId,
    },
    /// Keep this for the next page of this tab.
    Keep(String),
}
