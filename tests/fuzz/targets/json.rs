//! Any text to the reader of JSON, beside another reader that is known to be right.
//!
//! Both have to agree on what is JSON and on what it says. They differ on purpose in three things: half of a surrogate
//! pair, numbers that are too large for a fraction, and how deep is too deep.

use holdfast_chat::model::json::Value;

/// Reads bytes as JSON.
pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let ours = Value::parse(&text);
    let theirs = serde_json::from_str::<serde_json::Value>(&text);
    match (&ours, &theirs) {
        (Some(ours), theirs) => check(&text, ours, theirs.as_ref().ok()),
        (None, Ok(_)) => panic!("this is JSON, and is not read: {text:?}"),
        (None, Err(_)) => {}
    }
}

fn check(text: &str, ours: &Value, theirs: Option<&serde_json::Value>) {
    let written = ours.text();
    assert_eq!(Value::parse(&written).as_ref(), Some(ours), "what was written is read as something else: {written:?}");
    let again = serde_json::from_str::<serde_json::Value>(&written);
    match theirs {
        Some(theirs) => assert_eq!(again.ok().as_ref(), Some(theirs), "read as something else: {text:?}"),
        None => assert!(differs_on_purpose(text), "this is no JSON, and is read: {text:?}"),
    }
}

/// Whether a text may be JSON for the one and not for the other.
fn differs_on_purpose(text: &str) -> bool {
    let is_half_of_pair = ["\\ud", "\\uD"].iter().any(|half| text.contains(half));
    let may_be_large = text.contains(['e', 'E']) || text.split(|sign: char| !sign.is_ascii_digit()).any(is_long);
    is_half_of_pair || may_be_large || text.matches(['[', '{']).count() >= 127
}

/// Whether a whole number may be larger than any fraction.
const fn is_long(digits: &str) -> bool {
    digits.len() > 300
}
