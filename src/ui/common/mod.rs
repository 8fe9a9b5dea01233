//! Pieces that know nothing of chat. The desk is made of them too.

pub mod dots;
pub mod hour;
pub mod icon;
pub mod initials;
pub mod links;
pub mod listener;
pub mod log;
pub mod prose;
pub mod sheet;
pub mod tag;
pub mod viewport;
