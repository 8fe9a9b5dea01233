//! The looseness of the interface's documents: they are made from XML, so that a field may be an attribute, a list of
//! one stands without its list, and numbers and texts are interchangeable.

use std::sync::Arc;

use holdfast_chat::model::json::Value;

/// A field, which may be written as an attribute.
#[must_use]
pub fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name).or_else(|| value.get(&["@", name].concat()))
}

/// The items of a list.
#[must_use]
pub fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    match field(value, name) {
        Some(Value::Array(items)) => items,
        Some(item @ Value::Object(_)) => std::slice::from_ref(item),
        _ => &[],
    }
}

/// A text that is not blank.
#[must_use]
pub fn words(value: &Value, name: &str) -> Option<Arc<str>> {
    match field(value, name)? {
        Value::String(text) | Value::Number(text) if !text.trim().is_empty() => Some(Arc::from(&**text)),
        _ => None,
    }
}

/// A whole number, also one in quotes.
#[must_use]
pub fn number(value: &Value, name: &str) -> Option<u64> {
    match field(value, name)? {
        Value::String(text) | Value::Number(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Whether a flag is there and set.
#[must_use]
pub fn is_set(value: &Value, name: &str) -> bool {
    match field(value, name) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text == "true",
        _ => false,
    }
}

/// The last part of where a location leads, such as `{"chatLocation": {"link": {"@href": "…/chat/K1"}}}`. Whatever host
/// it names, requests go where the desk came from.
#[must_use]
pub fn place(document: &Value, name: &str) -> Option<Arc<str>> {
    let link = list(field(document, name)?, "link").first()?;
    last_of(&words(link, "href")?)
}

/// The last part of an address.
#[must_use]
pub fn last_of(href: &str) -> Option<Arc<str>> {
    let path = href.split(['?', '#']).next()?;
    path.rsplit('/').find(|part| !part.is_empty()).map(Arc::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_may_be_one_thing_or_nothing() {
        for (text, length) in
            [(r#"{"a":[{},{}]}"#, 2), (r#"{"a":{}}"#, 1), (r#"{"@a":{}}"#, 1), (r#"{"a":""}"#, 0), ("{}", 0)]
        {
            assert_eq!(list(&json(text), "a").len(), length, "{text}");
        }
    }

    #[test]
    fn texts_and_numbers_are_interchangeable() {
        let value = json(r#"{"@id":"4","text":4711,"blank":" ","on":"true"}"#);

        assert_eq!(number(&value, "id"), Some(4));
        assert_eq!(words(&value, "text").as_deref(), Some("4711"));
        assert_eq!(words(&value, "blank"), None);
        assert!(is_set(&value, "on"));
    }

    #[test]
    fn of_a_location_only_its_last_part_counts() {
        for href in ["http://elsewhere.example/api/chat/K1?v=1", "/chat/K1/", "K1#x"] {
            let document = json(&format!(r#"{{"chatLocation":{{"link":{{"@href":"{href}"}}}}}}"#));
            assert_eq!(place(&document, "chatLocation").as_deref(), Some("K1"), "{href}");
        }
    }

    fn json(text: &str) -> Value {
        Value::parse(text).expect("it is JSON")
    }
}
