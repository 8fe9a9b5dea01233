//! The session's life, through its public door: inputs go in, effects come out, a real adapter words them, and a tiny
//! server in the test answers. `chat.rs` watches after every step over what must always hold: one request for news and
//! one post at most, none without a conversation, and never a live conversation that waits for nothing.

#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod chat;
mod clerk;
mod clock;
mod echo;
mod ending;
mod files;
mod forms;
mod forms_in_tabs;
mod gateway;
mod handover;
mod idling;
mod keeping;
mod liveperson;
mod pacing;
mod pages;
mod reloading;
mod revising;
mod server;
mod snapshot;
mod superoffice;
mod tabs;
mod talking;
mod trouble;
