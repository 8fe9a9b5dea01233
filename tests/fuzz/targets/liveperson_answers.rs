//! Hostile answers to the adapter of LivePerson itself.

use holdfast_chat::protocol::Protocol;
use holdfast_chat::protocol::liveperson::{Config, LivePerson};

use super::script::Script;
use super::twins::{Backend, play};

/// Plays bytes against an adapter.
pub fn run(bytes: &[u8]) {
    play(bytes, &BACKEND);
}

fn adapter(script: &Script) -> Option<Box<dyn Protocol>> {
    let config = Config::parse(&|name| script.attribute_or(name, &ATTRIBUTES)).ok()?;
    Some(Box::new(LivePerson::new(config)))
}

/// The address of a chat is its only key, and stands in every address by its nature: what is looked for is in none.
const BACKEND: Backend = Backend {
    adapter,
    secret: "nothing like it",
    opening: r#"open
< 200 {"availability":true}
< 200 {"estimatedWaitTime":45}
< 404
< 201@https://chat.example.com/api/account/1/chat/H42
< 200 {"chat":{"link":[],"info":{"state":"waiting"}}}"#,
    is_same_after_reload: |_| true,
};
const ATTRIBUTES: [(&str, &str); 4] = [
    ("endpoint", "https://chat.example.com"),
    ("account-id", "1"),
    ("app-key", "demo-app-key"),
    ("transfer-hosts", "other.example.com"),
];
