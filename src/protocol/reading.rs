//! Lenient reading of foreign JSON: a field that is missing or of the wrong type is simply not there.

use std::sync::Arc;
use std::time::Duration;

use crate::model::json::Value;

/// A text that is there and not blank.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str().filter(|text| !text.trim().is_empty())
}

/// The same, to be shared.
pub(super) fn shared(value: &Value, name: &str) -> Option<Arc<str>> {
    text(value, name).map(Arc::from)
}

/// A text that can stand in a header: visible ASCII without blanks. Browsers send nothing else, or change it.
pub(super) fn token<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    text(value, name).filter(|text| is_token(text))
}

/// Whether a text can stand in a header.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A whole number of a size that JavaScript can count; also one in quotes. A fraction is cut off.
///
/// Numbers are read as texts: the tables for reading fractions exactly weigh a tenth of what a page downloads.
pub(super) fn integer(value: &Value, name: &str) -> Option<i64> {
    const MOST: u64 = 9_007_199_254_740_991;
    let text = match value.get(name)? {
        Value::Number(text) => text,
        Value::String(text) => text.trim(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_decimal = !fraction.is_empty() && fraction.bytes().all(|digit| digit.is_ascii_digit());
    let number: i64 = whole.parse().ok()?;
    (is_decimal && number.unsigned_abs() <= MOST).then_some(number)
}

/// A span given in whole seconds; negative means unknown.
pub(super) fn seconds(value: &Value, name: &str) -> Option<Duration> {
    let seconds = u64::try_from(integer(value, name)?).ok()?;
    (seconds < LONGEST_SECONDS).then_some(Duration::from_secs(seconds))
}

/// Whether a flag is there and set.
pub(super) fn is_set(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// The items of an array; none where there is no array.
pub(super) fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).unwrap_or_default()
}

/// The name of something unknown, short enough for a log and without anything but its name.
pub(super) fn label(text: &str) -> String {
    text.chars().filter(|letter| letter.is_ascii_alphanumeric()).take(40).collect()
}

/// A year: whoever says more does not mean it.
const LONGEST_SECONDS: u64 = 31_536_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_read_as_a_number_or_in_quotes_and_a_fraction_is_cut_off() {
        for (written, read) in [
            ("7", Some(7)),
            ("-7", Some(-7)),
            ("7.9", Some(7)),
            ("\" 7 \"", Some(7)),
            ("9007199254740991", Some(9_007_199_254_740_991)),
            ("9007199254740992", None),
            ("-9007199254740992", None),
            ("\"7.\"", None),
            ("\"7.x\"", None),
            ("\".5\"", None),
            ("\"\"", None),
            ("true", None),
            ("null", None),
            ("[7]", None),
        ] {
            assert_eq!(integer(&field(written), "it"), read, "{written}");
        }
    }

    #[test]
    fn a_span_is_neither_negative_nor_longer_than_anybody_waits() {
        for (written, read) in [("0", Some(0)), ("31535999", Some(31_535_999)), ("31536000", None), ("-1", None)] {
            assert_eq!(seconds(&field(written), "it"), read.map(Duration::from_secs), "{written}");
        }
    }

    #[test]
    fn a_token_is_what_can_stand_in_a_header() {
        for (written, read) in [
            ("\"7d2f!17672:/+=\"", Some("7d2f!17672:/+=")),
            ("\"two words\"", None),
            ("\"a\\r\\nb\"", None),
            ("\"ключ\"", None),
            ("\"\"", None),
            ("7", None),
        ] {
            assert_eq!(token(&field(written), "it"), read, "{written}");
        }
        assert!(is_token("~") && !is_token("") && !is_token("\u{7f}"));
    }

    #[test]
    fn a_label_is_short_and_nothing_but_a_name() {
        assert_eq!(label("Chat<b>Message</b> 7"), "ChatbMessageb7");
        assert_eq!(label(&"x".repeat(99)).len(), 40);
    }

    fn field(written: &str) -> Value {
        Value::parse(&format!("{{\"it\":{written}}}")).expect("it is JSON")
    }
}
