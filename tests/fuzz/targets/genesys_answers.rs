//! Hostile answers to the adapter of Genesys itself: a reload must change nothing, but for an answer that does not say
//! whether the chat is over, which is asked for once more after a reload. `twins` says what the lines are.

use holdfast_chat::model::json::Value;
use holdfast_chat::protocol::Response;
use holdfast_chat::protocol::genesys::{Config, Genesys, Surroundings};

use super::script::Script;
use super::twins::{Kin, play};

/// Plays bytes against an adapter.
pub fn run(bytes: &[u8]) {
    let script = Script::new(bytes);
    let surroundings = Surroundings { language: "en-GB".to_owned(), time_zone: Some(60) };
    let Ok(config) = Config::parse(&|name| script.given(&ATTRIBUTES, name), surroundings) else { return };
    let kin = Kin {
        make: &|| Box::new(Genesys::new(config.clone())),
        key: KEY,
        opening: OPEN,
        is_plain: says_whether_it_is_over,
    };
    play(&script, &kin);
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
