//! Hostile answers to the adapter of Genesys itself. One that does not say whether the chat is over is asked for once more
//! after a reload.

use holdfast_chat::model::json::Value;
use holdfast_chat::protocol::genesys::{Config, Genesys, Surroundings};
use holdfast_chat::protocol::{Protocol, Response};

use super::script::Script;
use super::twins::{Backend, play};

/// Plays bytes against an adapter.
pub fn run(bytes: &[u8]) {
    play(bytes, &BACKEND);
}

fn adapter(script: &Script) -> Option<Box<dyn Protocol>> {
    let surroundings = Surroundings { language: "en-GB".to_owned(), time_zone: Some(60) };
    let config = Config::parse(&|name| script.attribute_or(name, &ATTRIBUTES), surroundings).ok()?;
    Some(Box::new(Genesys::new(config)))
}

fn says_whether_it_is_over(response: &Response) -> bool {
    let Some(body) = Value::parse(&response.body) else { return true };
    match body.get("chatEnded") {
        Some(Value::Bool(_)) => true,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"),
        Some(_) | None => body.get("statusCode").is_none(),
    }
}

const BACKEND: Backend = Backend {
    adapter,
    secret: "c0ffee5eed1234",
    opening: r#"open
< 200 {"statusCode":0,"chatEnded":false,"chatId":"0009qqTEST000042","alias":"311","userId":"03AA","secureKey":"c0ffee5eed1234"}"#,
    is_same_after_reload: says_whether_it_is_over,
};
const ATTRIBUTES: [(&str, &str); 2] = [("endpoint", "https://chat.example.com"), ("service", "customer-support")];
