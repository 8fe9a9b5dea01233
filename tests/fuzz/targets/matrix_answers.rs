//! Hostile answers to the adapter of Matrix itself, played as `twins` says.

use holdfast_chat::protocol::Protocol;
use holdfast_chat::protocol::matrix::{Chance, Config, Matrix};

use super::script::Script;
use super::twins::Play;

/// Plays bytes against an adapter.
pub fn run(bytes: &[u8]) {
    let script = Script::new(bytes);
    let attribute = |name: &str| {
        let usual = || ATTRIBUTES.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        script.attribute(name).or_else(usual).map(str::to_owned)
    };
    let Ok(config) = Config::parse(&attribute) else { return };
    let make = || -> Box<dyn Protocol> { Box::new(Matrix::new(config.clone(), Box::new(Fixed))) };
    Play { script: &script, make: &make, secret: TOKEN, opening: OPEN, is_clear: |_| true }.run();
}

/// Draws the same before and after a reload.
#[derive(Debug)]
struct Fixed;

impl Chance for Fixed {
    fn token(&mut self) -> String {
        "drawn".to_owned()
    }
}

const ATTRIBUTES: [(&str, &str); 2] = [("endpoint", "https://chat.example.com"), ("support", "@support:s.example")];
/// The token that the usual opening gives.
const TOKEN: &str = "c0ffee5eed1234";
/// A room is there, and nothing is known of it yet.
const OPEN: &str = r#"open
< 200 {"user_id":"@v-drawn:s.example","access_token":"c0ffee5eed1234","device_id":"drawn"}
< 200 {"room_id":"!room:s.example"}"#;
