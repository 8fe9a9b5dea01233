//! An answer that a backend offers, to be given with one press.

use std::sync::Arc;

use super::json::Value;
use super::keep::{Keep, keep_fields, read_variant, variant};

/// A ready answer. What the visitor reads is what they say with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What stands on it.
    pub label: Label,
    /// What the protocol wants to know when it is sent; opaque to everyone else.
    pub note: Option<Arc<str>>,
}

/// What stands on a ready answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    /// The backend's words: plain text, data, never markup.
    Text(Arc<str>),
    /// Yes, in the visitor's language.
    Yes,
    /// No, in the visitor's language.
    No,
}

keep_fields!(Reply { label, note });

impl Keep for Label {
    fn keep(&self) -> Value {
        match self {
            Self::Text(text) => variant("text", text.keep()),
            Self::Yes => "yes".into(),
            Self::No => "no".into(),
        }
    }

    fn kept(value: &Value) -> Option<Self> {
        match read_variant(value)? {
            ("text", text) => Keep::kept(text).map(Self::Text),
            ("yes", _) => Some(Self::Yes),
            ("no", _) => Some(Self::No),
            _ => None,
        }
    }
}
