//! The desk's life: who sits there, which chats are theirs, what was said and what is on its way.
//!
//! `Desk::handle` takes everything that can happen and gives back everything that is wanted. It performs nothing, reads
//! no clock, and is total: an answer that nobody waits for changes nothing.

mod chat;
mod command;
mod deed;
mod desk;
mod ear;
mod kept;
mod outbox;
mod panes;
mod shift;
mod view;

#[cfg(test)]
mod tests;

pub use chat::{Chat, ChatId, Ending, Line, Speaker};
pub use command::{Command, Effect, Environment, Input};
pub use deed::{Deed, Trouble};
pub use desk::Desk;
pub use outbox::{Entry, EntryState};
pub use view::{Caller, Connection, Door, View};
