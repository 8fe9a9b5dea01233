//! Hostile answers to the adapter of Matrix itself.

use holdfast_chat::protocol::Protocol;
use holdfast_chat::protocol::matrix::{Chance, Config, Matrix};

use super::script::Script;
use super::twins::{Backend, play};

/// Plays bytes against an adapter.
pub fn run(bytes: &[u8]) {
    play(bytes, &BACKEND);
}

fn adapter(script: &Script) -> Option<Box<dyn Protocol>> {
    let config = Config::parse(&|name| script.attribute_or(name, &ATTRIBUTES)).ok()?;
    Some(Box::new(Matrix::new(config, Box::new(Fixed))))
}

/// Draws the same before and after a reload.
#[derive(Debug)]
struct Fixed;

impl Chance for Fixed {
    fn token(&mut self) -> String {
        "drawn".to_owned()
    }
}

const BACKEND: Backend = Backend {
    adapter,
    secret: "c0ffee5eed1234",
    opening: r#"open
< 200 {"user_id":"@v-drawn:s.example","access_token":"c0ffee5eed1234","device_id":"drawn"}
< 200 {"room_id":"!room:s.example"}"#,
    is_same_after_reload: |_| true,
};
const ATTRIBUTES: [(&str, &str); 2] = [("endpoint", "https://chat.example.com"), ("support", "@support:s.example")];
