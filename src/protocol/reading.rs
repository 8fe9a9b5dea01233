//! Lenient reading of foreign JSON: a field that is missing or of the wrong type is simply not there.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

/// A text that is there and not blank.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str().filter(|text| !text.trim().is_empty())
}

/// The same, to be shared.
pub(super) fn shared(value: &Value, name: &str) -> Option<Arc<str>> {
    text(value, name).map(Arc::from)
}

/// A finite number; also one in quotes.
pub(super) fn number(value: &Value, name: &str) -> Option<f64> {
    let number = match value.get(name)? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    number.is_finite().then_some(number)
}

/// A whole number of a size that JavaScript can count.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
pub(super) fn integer(value: &Value, name: &str) -> Option<i64> {
    const MOST: f64 = 9_007_199_254_740_991.0;
    number(value, name).filter(|number| number.abs() <= MOST).map(|number| number as i64)
}

/// A span given in seconds; negative means unknown.
pub(super) fn seconds(value: &Value, name: &str) -> Option<Duration> {
    let number = number(value, name).filter(|number| (0.0..LONGEST_SECONDS).contains(number))?;
    Some(Duration::from_millis((number * 1000.0) as u64))
}

/// Whether a flag is there and set.
pub(super) fn is_set(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// The items of an array; none where there is no array.
pub(super) fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The name of something unknown, short enough for a log and without anything but its name.
pub(super) fn label(text: &str) -> String {
    text.chars().filter(|letter| letter.is_ascii_alphanumeric()).take(40).collect()
}

/// A year: whoever says more does not mean it.
const LONGEST_SECONDS: f64 = 31_536_000.0;
