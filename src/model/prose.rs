//! Formatted words, reduced to what is safe on any page: data, never markup.

use std::sync::Arc;

use super::json::Value;
use super::keep::{Keep, read_variant, variant};

/// Words with emphasis, links, lists and breaks. A backend's own markup is read into this and goes no further.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prose(pub Arc<[Piece]>);

/// A stretch of formatted words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Plain words.
    Text(Arc<str>),
    /// A new line.
    Break,
    /// What matters.
    Strong(Prose),
    /// What is stressed.
    Emphasis(Prose),
    /// Words that lead somewhere.
    Link {
        /// Begins with `http://` or `https://`.
        href: Arc<str>,
        /// What stands there.
        words: Prose,
    },
    /// A list.
    List {
        /// Whether it is counted.
        order: Order,
        /// Its items.
        items: Vec<Prose>,
    },
}

/// Whether the items of a list are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// They are.
    Counted,
    /// They are not.
    Loose,
}

impl Prose {
    /// The words alone, as they are said aloud or found by their text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.say(&mut text);
        text.trim().to_owned()
    }

    fn say(&self, text: &mut String) {
        for piece in self.0.iter() {
            match piece {
                Piece::Text(words) => text.push_str(words),
                Piece::Break => text.push('\n'),
                Piece::Strong(words) | Piece::Emphasis(words) | Piece::Link { words, .. } => words.say(text),
                Piece::List { items, .. } => {
                    for item in items {
                        text.push_str("\n• ");
                        item.say(text);
                    }
                    text.push('\n');
                }
            }
        }
    }
}

impl FromIterator<Piece> for Prose {
    fn from_iter<T: IntoIterator<Item = Piece>>(pieces: T) -> Self {
        Self(pieces.into_iter().collect())
    }
}

impl Keep for Prose {
    fn keep(&self) -> Value {
        Value::Array(self.0.iter().map(Keep::keep).collect())
    }

    fn kept(value: &Value) -> Option<Self> {
        value.as_array()?.iter().map(Piece::kept).collect()
    }
}

impl Keep for Piece {
    fn keep(&self) -> Value {
        match self {
            Self::Text(words) => words.keep(),
            Self::Break => variant("break", Value::Null),
            Self::Strong(words) => variant("strong", words.keep()),
            Self::Emphasis(words) => variant("emphasis", words.keep()),
            Self::Link { href, words } => variant("link", (href.clone(), words.clone()).keep()),
            Self::List { order: Order::Counted, items } => variant("counted", items.keep()),
            Self::List { order: Order::Loose, items } => variant("loose", items.keep()),
        }
    }

    fn kept(value: &Value) -> Option<Self> {
        if let Value::String(words) = value {
            return Some(Self::Text(Arc::from(&**words)));
        }
        Some(match read_variant(value)? {
            ("break", _) => Self::Break,
            ("strong", words) => Self::Strong(Keep::kept(words)?),
            ("emphasis", words) => Self::Emphasis(Keep::kept(words)?),
            ("link", data) => {
                let (href, words): (Arc<str>, Prose) = Keep::kept(data)?;
                is_link(&href).then_some(Self::Link { href, words })?
            }
            ("counted", items) => Self::List { order: Order::Counted, items: Keep::kept(items)? },
            ("loose", items) => Self::List { order: Order::Loose, items: Keep::kept(items)? },
            _ => return None,
        })
    }
}

/// Whether an address may be led to from somebody's page.
#[must_use]
pub fn is_link(address: &str) -> bool {
    let lower: String = address.chars().take(8).collect::<String>().to_ascii_lowercase();
    lower.starts_with("https://") || lower.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use crate::model::keep::{from_text, to_text};

    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_reads_as_it_did() {
        let words = |text: &str| Prose::from_iter([Piece::Text(text.into())]);
        let prose = Prose::from_iter([
            Piece::Text("See ".into()),
            Piece::Link { href: "https://d.example".into(), words: words("here") },
            Piece::Break,
            Piece::Strong(words("now")),
            Piece::Emphasis(words(" really")),
            Piece::List { order: Order::Counted, items: vec![words("one"), words("two")] },
        ]);

        assert_eq!(from_text::<Prose>(&to_text(&prose)), Some(prose.clone()));
        assert_eq!(prose.text(), "See here\nnow really\n• one\n• two");
    }

    #[test]
    fn a_link_to_anything_but_the_web_does_not_come_back() {
        let stored = r#"[{"link":["javascript:alert(1)",["x"]]}]"#;

        assert_eq!(from_text::<Prose>(stored), None);
    }
}
