//! Hostile answers to the adapter of SuperOffice itself: a reload must change nothing. `twins` says what the lines are.

use holdfast_chat::protocol::superoffice::{Config, SuperOffice};

use super::script::Script;
use super::twins::{Kin, play};

/// Plays bytes against an adapter.
pub fn run(bytes: &[u8]) {
    let script = Script::new(bytes);
    let Ok(config) = Config::parse(&|name| script.given(&ATTRIBUTES, name)) else { return };
    let kin = Kin { make: &|| Box::new(SuperOffice::new(config.clone())), key: KEY, opening: OPEN, is_plain: |_| true };
    play(&script, &kin);
}

const ATTRIBUTES: [(&str, &str); 2] = [("endpoint", "https://chat.example.com/so"), ("topic-id", "12")];
/// The key that the usual opening gives.
const KEY: &str = "c0ffee5eed1234";
/// A session is there, and nothing is known of it yet.
const OPEN: &str = r#"open
< 200 {"ChatTopicId":12,"WidgetEnableRating":true,"CustomQueueTextEnabled":true,"CustomQueueText":"{cque}, {cavw}","BotEnabled":true,"Widget":{"PreFormEnabled":true,"RequiredFields":"Name, Email"}}
< 200 true
< 200 {"ChatSessionId":3107,"Status":"UserLast","ChatbotIsActive":true,"SessionKey":"c0ffee5eed1234"}"#;
