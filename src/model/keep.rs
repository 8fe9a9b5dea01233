//! How stored shapes become JSON and come back.
//!
//! Hand-written in a few lines instead of derived, because derived code was a third of what a page downloads. A field that
//! is missing counts as `null`; a value of the wrong type makes the whole unreadable.

use std::sync::Arc;
use std::time::Duration;

use super::json::Value;

/// Something that is stored as JSON.
pub(crate) trait Keep: Sized {
    /// As it is stored.
    fn keep(&self) -> Value;

    /// As it was stored; `None` where it is not understood.
    fn kept(value: &Value) -> Option<Self>;
}

/// Keeps a struct as an object of these fields.
macro_rules! keep_fields {
    ($name:ident { $($field:ident),* $(,)? }) => {
        impl $crate::model::keep::Keep for $name {
            fn keep(&self) -> $crate::model::json::Value {
                let mut object = Vec::new();
                $($crate::model::keep::insert(&mut object, stringify!($field), &self.$field);)*
                $crate::model::json::Value::Object(object)
            }

            fn kept(value: &$crate::model::json::Value) -> Option<Self> {
                Some(Self { $($field: $crate::model::keep::field(value, stringify!($field))?,)* })
            }
        }
    };
}

/// Keeps an enum without data as one word for each variant.
macro_rules! keep_words {
    ($name:ident { $($variant:ident => $word:literal),* $(,)? }) => {
        impl $crate::model::keep::Keep for $name {
            fn keep(&self) -> $crate::model::json::Value {
                $crate::model::json::Value::from(match self {
                    $(Self::$variant => $word,)*
                })
            }

            fn kept(value: &$crate::model::json::Value) -> Option<Self> {
                match value.as_str()? {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

/// Keeps a newtype as what it holds.
macro_rules! keep_inner {
    ($name:ident) => {
        impl $crate::model::keep::Keep for $name {
            fn keep(&self) -> $crate::model::json::Value {
                $crate::model::keep::Keep::keep(&self.0)
            }

            fn kept(value: &$crate::model::json::Value) -> Option<Self> {
                $crate::model::keep::Keep::kept(value).map(Self)
            }
        }
    };
}

pub(crate) use {keep_fields, keep_inner, keep_words};

/// The text of something, to be stored.
pub(crate) fn to_text(value: &impl Keep) -> String {
    value.keep().text()
}

/// Something from its stored text.
pub(crate) fn from_text<T: Keep>(text: &str) -> Option<T> {
    T::kept(&Value::parse(text)?)
}

/// Adds a field to an object that is to be stored.
pub(crate) fn insert(object: &mut Vec<(String, Value)>, name: &str, field: &impl Keep) {
    object.push((name.to_owned(), field.keep()));
}

/// Reads a field of a stored object.
pub(crate) fn field<T: Keep>(value: &Value, name: &str) -> Option<T> {
    let Value::Object(_) = value else { return None };
    T::kept(value.get(name).unwrap_or(&Value::Null))
}

/// An object of one field that names a variant, as enums with data are kept.
pub(crate) fn variant(name: &str, data: Value) -> Value {
    Value::Object(vec![(name.to_owned(), data)])
}

/// The name and the data of a variant; one without data is just its name.
pub(crate) fn read_variant(value: &Value) -> Option<(&str, &Value)> {
    match value {
        Value::String(name) => Some((name, &Value::Null)),
        Value::Object(fields) => fields.first().map(|(name, data)| (&**name, data)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

/// Whether a value that somebody else made up comes back from storage as it went.
///
/// One that is deeper than `deepest` may not, because reading gives up sooner than writing.
pub(crate) fn is_keepable(value: &Value, deepest: usize) -> bool {
    let Some(deeper) = deepest.checked_sub(1) else { return false };
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        Value::Array(items) => items.iter().all(|item| is_keepable(item, deeper)),
        Value::Object(fields) => fields.iter().all(|(_, field)| is_keepable(field, deeper)),
    }
}

impl Keep for u64 {
    fn keep(&self) -> Value {
        (*self).into()
    }

    fn kept(value: &Value) -> Option<Self> {
        value.as_u64()
    }
}

impl Keep for i64 {
    fn keep(&self) -> Value {
        Value::Number(self.to_string())
    }

    fn kept(value: &Value) -> Option<Self> {
        if let Value::Number(text) = value { text.parse().ok() } else { None }
    }
}

impl Keep for u32 {
    fn keep(&self) -> Value {
        u64::from(*self).into()
    }

    fn kept(value: &Value) -> Option<Self> {
        value.as_u64()?.try_into().ok()
    }
}

impl Keep for usize {
    fn keep(&self) -> Value {
        (*self as u64).into()
    }

    fn kept(value: &Value) -> Option<Self> {
        value.as_u64()?.try_into().ok()
    }
}

impl Keep for bool {
    fn keep(&self) -> Value {
        (*self).into()
    }

    fn kept(value: &Value) -> Option<Self> {
        value.as_bool()
    }
}

impl Keep for String {
    fn keep(&self) -> Value {
        self.as_str().into()
    }

    fn kept(value: &Value) -> Option<Self> {
        value.as_str().map(Self::from)
    }
}

impl Keep for Arc<str> {
    fn keep(&self) -> Value {
        (&**self).into()
    }

    fn kept(value: &Value) -> Option<Self> {
        value.as_str().map(Self::from)
    }
}

/// In whole milliseconds.
impl Keep for Duration {
    fn keep(&self) -> Value {
        u64::try_from(self.as_millis()).unwrap_or(u64::MAX).into()
    }

    fn kept(value: &Value) -> Option<Self> {
        value.as_u64().map(Self::from_millis)
    }
}

impl Keep for Value {
    fn keep(&self) -> Value {
        self.clone()
    }

    fn kept(value: &Value) -> Option<Self> {
        Some(value.clone())
    }
}

impl<T: Keep> Keep for Option<T> {
    fn keep(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::keep)
    }

    fn kept(value: &Value) -> Option<Self> {
        if *value == Value::Null { Some(None) } else { T::kept(value).map(Some) }
    }
}

impl<T: Keep> Keep for Vec<T> {
    fn keep(&self) -> Value {
        Value::Array(self.iter().map(T::keep).collect())
    }

    fn kept(value: &Value) -> Option<Self> {
        value.as_array()?.iter().map(T::kept).collect()
    }
}

impl<A: Keep, B: Keep> Keep for (A, B) {
    fn keep(&self) -> Value {
        Value::Array(vec![self.0.keep(), self.1.keep()])
    }

    fn kept(value: &Value) -> Option<Self> {
        match value.as_array()? {
            [first, second] => Some((A::kept(first)?, B::kept(second)?)),
            _ => None,
        }
    }
}
