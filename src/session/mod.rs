//! The conversation's life.
mod command;
mod transcript;
mod view;
pub use command::Command;
pub use transcript::Transcript;
pub use view::{Connection, Keeping, Panel, Pending, PendingState, Stage, Upload, View};
