//! Pieces that know nothing of chat.

pub(super) mod button;
pub(super) mod focus;
pub(super) mod hour;
pub(super) mod icon;
pub(super) mod links;
pub(super) mod sheet;
pub(super) mod viewport;
