//! Hostile answers to the adapter of Genesys itself, played as `twins` says.
//!
//! An answer that does not say whether the chat is over is asked for once more after a reload.

use holdfast_chat::model::json::Value;
use holdfast_chat::protocol::genesys::{Config, Genesys, Surroundings};
use holdfast_chat::protocol::{Protocol, Response};

use super::script::Script;
use super::twins::Play;

/// Plays bytes against an adapter.
pub fn run(bytes: &[u8]) {
    let script = Script::new(bytes);
    let attribute = |name: &str| {
        let usual = || ATTRIBUTES.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        script.attribute(name).or_else(usual).map(str::to_owned)
    };
    let surroundings = Surroundings { language: "en-GB".to_owned(), time_zone: Some(60) };
    let Ok(config) = Config::parse(&attribute, surroundings) else { return };
    let make = || -> Box<dyn Protocol> { Box::new(Genesys::new(config.clone())) };
    Play { script: &script, make: &make, secret: KEY, opening: OPEN, is_clear: says_whether_it_is_over }.run();
}

fn says_whether_it_is_over(response: &Response) -> bool {
    let Some(body) = Value::parse(&response.body) else { return true };
    match body.get("chatEnded") {
        Some(Value::Bool(_)) => true,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"),
        Some(_) | None => body.get("statusCode").is_none(),
    }
}

const ATTRIBUTES: [(&str, &str); 2] = [("endpoint", "https://chat.example.com"), ("service", "customer-support")];
/// The key that the usual opening gives.
const KEY: &str = "c0ffee5eed1234";
/// A chat is there, and nothing is known of it yet.
const OPEN: &str = r#"open
< 200 {"statusCode":0,"chatEnded":false,"chatId":"0009qqTEST000042","alias":"311","userId":"03AA","secureKey":"c0ffee5eed1234"}"#;
