//! The site's rules for sensitive data (§11.6): what must not leave the visitor's page.

use std::fmt::Debug;

use crate::model::json::{Value, object};
use crate::model::keep::keep_fields;
use crate::protocol::Masked;
use crate::protocol::reading::text;

/// Replaces what a regular expression finds. The browser has an engine for them, so none is built in here.
pub trait Redactor: Debug {
    /// `text` with every match of `pattern` replaced. `None` where the pattern is not understood.
    fn replaced(&self, pattern: &str, text: &str, replacement: &str) -> Option<String>;
}

/// Finds nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Blind;

impl Redactor for Blind {
    fn replaced(&self, _pattern: &str, _text: &str, _replacement: &str) -> Option<String> {
        None
    }
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    id: String,
    name: String,
    pattern: String,
    replacement: String,
}

keep_fields!(Rule { id, name, pattern, replacement });

impl Rule {
    /// Reads a rule; one without a pattern is none.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let owned = |name| text(value, name).unwrap_or_default().to_owned();
        // Only `Replace` is documented; whatever else there is removes.
        let replacement =
            if text(value, "actionType") == Some("Replace") { owned("replacement") } else { String::new() };
        Some(Self { id: owned("id"), name: owned("name"), pattern: text(value, "pattern")?.to_owned(), replacement })
    }
}

/// `text` as it may leave, with a note of the rules that changed it.
pub(super) fn masked(rules: &[Rule], redactor: &dyn Redactor, text: &str) -> Option<Masked> {
    let mut left = text.to_owned();
    let mut triggered = Vec::new();
    for rule in rules {
        if let Some(replaced) = redactor.replaced(&rule.pattern, &left, &rule.replacement)
            && replaced != left
        {
            left = replaced;
            triggered.push(object! { "id": &rule.id, "name": &rule.name });
        }
        // Rules that feed on each other's replacements have no end: nothing of such a text leaves.
        if left.len() > text.len() + MOST_ADDED {
            left.clear();
            break;
        }
    }
    (!triggered.is_empty()).then(|| Masked { text: left, note: Value::from(triggered).text() })
}

/// Bytes by which replacements may lengthen a text: far more than names in the place of numbers take.
const MOST_ADDED: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_feed_on_each_other_let_nothing_leave() {
        let doubling = vec![rule("x", "xx"); 20];

        let masked = masked(&doubling, &Literal, "x marks the spot").expect("the rules change it");

        assert_eq!(masked.text, "");
    }

    #[test]
    fn a_replacement_may_be_longer_than_what_it_replaces() {
        let longest = rule("x", &"y".repeat(MOST_ADDED + 1));
        let longer = rule("x", &"y".repeat(MOST_ADDED + 2));

        assert_eq!(masked(&[longest], &Literal, "x").expect("it changes the text").text.len(), MOST_ADDED + 1);
        assert_eq!(masked(&[longer], &Literal, "x").expect("it changes the text").text, "");
    }

    #[test]
    fn a_rule_that_changes_nothing_is_not_told() {
        let rules = [rule("x", "x"), rule("4111", "*"), rule("y", "z")];

        let masked = masked(&rules, &Literal, "x 4111").expect("one rule changes it");

        assert_eq!((&*masked.text, &*masked.note), ("x *", r#"[{"id":"1","name":"4111"}]"#));
        assert_eq!(super::masked(&rules, &Literal, "x"), None);
    }

    fn rule(pattern: &str, replacement: &str) -> Rule {
        let [id, name, pattern, replacement] = ["1", pattern, pattern, replacement].map(str::to_owned);
        Rule { id, name, pattern, replacement }
    }

    /// Takes a pattern literally.
    #[derive(Debug)]
    struct Literal;

    impl Redactor for Literal {
        fn replaced(&self, pattern: &str, text: &str, replacement: &str) -> Option<String> {
            Some(text.replace(pattern, replacement))
        }
    }
}
