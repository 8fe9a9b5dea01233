//! The real adapter, with the attributes that a script gives.

use holdfast_chat::protocol::live_agent::{Config, ConfigError, LiveAgent, Redactor, Surroundings};

use super::script::Script;

/// The attributes of the examples, but for those that the script gives.
pub fn config(script: &Script) -> Result<Config, ConfigError> {
    Config::parse(&|name| attribute(script, name), surroundings())
}

/// An adapter with these attributes.
pub fn live_agent(config: &Config) -> LiveAgent {
    LiveAgent::new(config.clone(), Box::new(Literal))
}

/// The value of an attribute, as the script or the examples have it; an empty one is taken away.
pub fn attribute(script: &Script, name: &str) -> Option<String> {
    let usual = || ATTRIBUTES.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    script.attribute(name).or_else(usual).map(str::to_owned).filter(|value| !value.is_empty())
}

fn surroundings() -> Surroundings {
    Surroundings {
        user_agent: "Example/1.0".to_owned(),
        language: "en-GB".to_owned(),
        screen_resolution: "1920x1080".to_owned(),
    }
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
    ("deployment-id", "5725x000000KlMn"),
    ("button-id", "5735x000000AbCd"),
];
