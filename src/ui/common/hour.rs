//! Hours and days as the visitor's language writes them, by the browser's own formatter.

use js_sys::{Array, Date, Function, Object, Reflect, global};
use wasm_bindgen::{JsCast, JsValue};

use crate::model::Timestamp;

/// Writes hours and days in one language.
#[derive(Clone)]
pub struct Hours {
    hour: Option<Function>,
    day: Option<Function>,
}

impl Hours {
    /// For a language tag; the browser's own language where it does not know the tag.
    pub fn in_language(tag: &str) -> Self {
        let formatter = |options: &[(&str, &str)]| {
            formatter(&JsValue::from_str(tag), options).or_else(|| formatter(&JsValue::UNDEFINED, options))
        };
        Self {
            hour: formatter(&[("hour", "numeric"), ("minute", "2-digit")]),
            day: formatter(&[("weekday", "long"), ("day", "numeric"), ("month", "long")]),
        }
    }

    /// The time of day.
    pub fn hour(&self, at: Timestamp) -> String {
        written(self.hour.as_ref(), at)
    }

    /// The day, without the year.
    pub fn day(&self, at: Timestamp) -> String {
        written(self.day.as_ref(), at)
    }
}

/// How many local midnights ago an instant was; negative for the future.
pub fn days_ago(at: Timestamp) -> i64 {
    day_number(Date::now()) - day_number(millis(at))
}

/// Whether two instants lie in the same local day.
pub fn is_same_day(one: Timestamp, other: Timestamp) -> bool {
    day_number(millis(one)) == day_number(millis(other))
}

#[expect(clippy::cast_possible_truncation, reason = "days since 1970 are few")]
fn day_number(millis: f64) -> i64 {
    let offset = Date::new(&millis.into()).get_timezone_offset() * MINUTE;
    ((millis - offset) / DAY).floor() as i64
}

#[expect(clippy::cast_precision_loss, reason = "JavaScript's instants are such numbers")]
fn millis(at: Timestamp) -> f64 {
    at.as_millis() as f64
}

/// `format` of an `Intl.DateTimeFormat`. Made through `Reflect`, because the constructor throws at tags it does not like.
fn formatter(tag: &JsValue, options: &[(&str, &str)]) -> Option<Function> {
    let chosen = Object::new();
    for (name, value) in options {
        Reflect::set(&chosen, &(*name).into(), &(*value).into()).ok()?;
    }
    let intl = Reflect::get(&global(), &"Intl".into()).ok()?;
    let constructor = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.dyn_into::<Function>().ok()?;
    let formatter = Reflect::construct(&constructor, &Array::of2(tag, &chosen)).ok()?;
    Reflect::get(&formatter, &"format".into()).ok()?.dyn_into().ok()
}

fn written(format: Option<&Function>, at: Timestamp) -> String {
    format
        .and_then(|format| format.call1(&JsValue::UNDEFINED, &millis(at).into()).ok())
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

const MINUTE: f64 = 60_000.0;
const DAY: f64 = 86_400_000.0;
