//! The words that every layer shares: ids, instants, messages, forms, reasons.
//!
//! Plain data without behaviour of its own. It knows no backend, no browser and no clock.

mod check;
mod file;
mod form;
mod id;
pub mod instant;
pub mod json;
pub(crate) mod keep;
pub mod known;
mod message;
mod prose;
mod reason;
mod reply;
mod time;
mod visitor;

pub use check::Check;
pub use file::{Author, FileRefusal, SharedFile};
pub use form::{Answer, Choice, Form, Kind, Picker, Problem, Purpose, Question};
pub use id::{EntryId, FileId, MessageId, PostId, RequestId, TabId};
pub use message::{Body, Happening, Message, Origin, Reach, Speech};
pub use prose::{Order, Piece, Prose, is_link};
pub use reason::{EndReason, WedgeReason};
pub use reply::{Label, Reply};
pub use time::Timestamp;
pub use visitor::{Detail, Visitor};
