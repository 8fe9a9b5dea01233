//! What an agent does about a chat as a whole, once: it is never repeated by itself, because the next news tell whether it
//! was done.

use std::sync::Arc;

use holdfast_chat::protocol::Request;
use holdfast_chat::protocol::liveperson::desk::ChatKey;

use crate::api::{Door, Seat, Target};

/// Something done about a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// End it.
    End,
    /// Hand it on.
    Transfer {
        /// To whom.
        to: Target,
        /// That one's name, where it is one.
        name: Option<Arc<str>>,
    },
    /// Ask for a file.
    RequestFile,
    /// Want the file no longer.
    CancelFile,
}

impl Deed {
    /// What is asked for it.
    pub(super) fn request(&self, door: &Door, seat: &Seat, chat: &ChatKey) -> Request {
        match self {
            Self::End => door.end(seat, chat),
            Self::Transfer { to, .. } => door.transfer(seat, chat, to),
            Self::RequestFile => door.request_file(seat, chat),
            Self::CancelFile => door.cancel_file(seat, chat),
        }
    }
}

/// Why something was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The server said no.
    Refused,
    /// No answer came; it may have been done.
    Unanswered,
    /// Somebody else was quicker.
    Taken,
    /// The seat is lost: the agent has to come in again.
    SeatLost,
    /// The door is out of reach.
    NoDoor,
    /// The door let nobody in.
    DoorShut,
}
