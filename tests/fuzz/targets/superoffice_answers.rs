//! Hostile answers to the adapter of SuperOffice itself.

use holdfast_chat::protocol::Protocol;
use holdfast_chat::protocol::superoffice::{Config, SuperOffice};

use super::script::Script;
use super::twins::{Backend, play};

/// Plays bytes against an adapter.
pub fn run(bytes: &[u8]) {
    play(bytes, &BACKEND);
}

fn adapter(script: &Script) -> Option<Box<dyn Protocol>> {
    let config = Config::parse(&|name| script.attribute_or(name, &ATTRIBUTES)).ok()?;
    Some(Box::new(SuperOffice::new(config)))
}

const BACKEND: Backend = Backend {
    adapter,
    secret: "c0ffee5eed1234",
    opening: r#"open
< 200 {"ChatTopicId":12,"WidgetEnableRating":true,"CustomQueueTextEnabled":true,"CustomQueueText":"{cque}, {cavw}","BotEnabled":true,"Widget":{"PreFormEnabled":true,"RequiredFields":"Name, Email"}}
< 200 true
< 200 {"ChatSessionId":3107,"Status":"UserLast","ChatbotIsActive":true,"SessionKey":"c0ffee5eed1234"}"#,
    is_same_after_reload: |_| true,
};
const ATTRIBUTES: [(&str, &str); 2] = [("endpoint", "https://chat.example.com/so"), ("topic-id", "12")];
