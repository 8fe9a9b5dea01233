//! The adapter as a page of the examples would make it.

use holdfast_chat::protocol::live_agent::{Config, LiveAgent, Redactor, Surroundings};
use serde_json::Value;

/// An adapter with the attributes of the examples, changed by `attributes`; `null` takes one away.
pub fn live_agent(attributes: &Value) -> LiveAgent {
    let attribute = |name: &str| match attributes.get(name) {
        Some(given) => given.as_str().map(str::to_owned),
        None => ATTRIBUTES.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()),
    };
    let surroundings = Surroundings {
        user_agent: "Example/1.0".to_owned(),
        language: "en-GB".to_owned(),
        screen_resolution: "1920x1080".to_owned(),
    };
    let config = Config::parse(&attribute, surroundings).expect("the attributes of a fixture are right");
    LiveAgent::new(config, Box::new(Literal))
}

/// Takes a pattern literally, except one that no engine would understand.
#[derive(Debug)]
struct Literal;

impl Redactor for Literal {
    fn replaced(&self, pattern: &str, text: &str, replacement: &str) -> Option<String> {
        (pattern != "(").then(|| text.replace(pattern, replacement))
    }
}

const ATTRIBUTES: [(&str, &str); 4] = [
    ("endpoint", "https://chat.example.com"),
    ("organization-id", "00D5x000001AbCd"),
    ("deployment-id", "5725x000000KlMnEAK"),
    ("button-id", "5735x000000AbCd"),
];
