//! Pieces that know nothing of chat.

pub(super) mod hour;
pub(super) mod icon;
pub(super) mod links;
pub(super) mod listener;
pub(super) mod sheet;
pub(super) mod tag;
pub(super) mod viewport;
