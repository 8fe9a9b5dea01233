//! The agents' interface in words: which request asks for what, and what the answers say. It keeps no time, repeats
//! nothing and remembers nothing but who it speaks for. The news of many chats at once are the library's.

mod document;
mod requests;
mod standing;
mod told;

pub use holdfast_chat::model::instant::parse as parse_instant;
pub use requests::{Door, Presence, Seat, Target};
pub(crate) use requests::{object, text};
pub use standing::{Detail, Standing, standings};
pub use told::{Calling, Colleague, Credentials, Waiting, colleagues, last_part, presence, sessions};
