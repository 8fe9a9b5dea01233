//! What the hub needs of a dialect. Each façade implements it for its own session, so the hub names no dialect.

use std::any::Any;
use std::fmt::Debug;

use serde_json::Value;

use crate::hub::{Action, Fact, Kind, Outcome, Rotation};
use crate::settings::Settings;

/// A message for the visitor: its type and its content, which some have not.
pub type Message = (String, Option<Value>);

/// A dialect's own state of one conversation.
pub trait Dialect: Any + Debug + Send {
    /// What the dialect is called in lists and records.
    fn name(&self) -> &'static str;

    /// Spells what the agent's side does, and keeps what the session must know of it. What the dialect has no word for
    /// is no message. `agent` is the name of whoever talks, `at` is now in milliseconds since the epoch. The messages
    /// come back one by one through [`Dialect::queue`].
    fn express(&mut self, action: &Action, agent: &str, settings: &Settings, at: u64) -> Vec<Message>;

    /// Queues one message for the visitor and gives the number under which the dialect tells of it.
    fn queue(&mut self, kind: &str, content: Option<Value>) -> u64;

    /// Whether nothing was heard of the visitor for too long. Not asked while a poll is open.
    fn is_overdue(&self, settings: &Settings) -> bool;

    /// Gives the session up. Whether it was alive until now.
    fn expire(&mut self) -> bool;

    /// Moves to another server, in a dialect where a chat can.
    fn rotate(&mut self, _rotation: Rotation) {}

    /// A request of the client ended in one way or other.
    fn on_request_closed(&mut self, _kind: Kind, _status: Option<u16>, _outcome: Outcome) {}

    /// The client knows something from now on.
    fn learn(&mut self, _fact: Fact) {}

    /// What the record shows of the session, beyond what every dialect has.
    fn report(&self) -> Value {
        Value::Null
    }
}
