//! The looseness of the backend's documents (§2.1): they are made from XML, and nothing in them has one shape only.

use crate::model::json::Value;
use crate::protocol::http::{is_absolute, is_address};
use crate::protocol::reading::integer;

/// A field, which may be written as an attribute (§2.1, 1).
pub(super) fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name).or_else(|| value.get(&format!("@{name}")))
}

/// The items of a list: one alone stands without its list, and none is no field at all (§2.1, 2 and 3).
pub(super) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    match field(value, name) {
        Some(Value::Array(items)) => items,
        None | Some(Value::Null) => &[],
        // An empty element.
        Some(Value::String(text)) if text.trim().is_empty() => &[],
        Some(item) => std::slice::from_ref(item),
    }
}

/// A text that is not blank. What looks like a number may have become one (§2.1, 4).
pub(super) fn words(value: &Value, name: &str) -> Option<String> {
    text(field(value, name)?)
}

/// The same of what stands without a name, in a list.
pub(super) fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) | Value::Number(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    Some(text).filter(|text| !text.trim().is_empty())
}

/// A whole number, also one in quotes (§2.1, 4).
pub(super) fn number(value: &Value, name: &str) -> Option<i64> {
    integer(value, name).or_else(|| integer(value, &format!("@{name}")))
}

/// A flag, also one in quotes.
pub(super) fn flag(value: &Value, name: &str) -> Option<bool> {
    words(value, name)?.trim().to_ascii_lowercase().parse().ok()
}

/// Where a link leads, found by its `rel` (§2.1, 6) and made whole beside `base`.
pub(super) fn link(value: &Value, rel: &str, base: &str) -> Option<String> {
    let found = list(value, "link").iter().find(|link| words(link, "rel").as_deref() == Some(rel))?;
    resolved(base, &words(found, "href")?)
}

/// An address as the backend writes it, made whole (§2.1, 7). `None` where nothing can be asked there, or less safely
/// than at `base`.
pub(super) fn resolved(base: &str, href: &str) -> Option<String> {
    let href = href.trim().split('#').next().unwrap_or_default();
    let (scheme, _) = base.split_once("//").unwrap_or_default();
    let path = base.split('?').next().unwrap_or_default();
    let first = href.split(['/', '?']).next().unwrap_or_default();
    let whole = if href.is_empty() {
        return None;
    } else if is_absolute(href) {
        href.to_owned()
    } else if href.starts_with("//") {
        format!("{scheme}{href}")
    } else if href.starts_with(API) {
        // A gateway may have a path of its own before it.
        format!("{}{href}", path.split(API).next().unwrap_or_default())
    } else if href.starts_with('/') {
        format!("{}{href}", origin(base))
    } else if href.starts_with('?') {
        format!("{path}{href}")
    } else if Some(first) == host(base) || (first.contains('.') && href.contains(API)) {
        format!("{scheme}//{href}")
    } else {
        let folder = path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or("/");
        format!("{folder}{href}")
    };
    (is_address(&whole) && is_as_safe(base, &whole)).then_some(whole)
}

/// `url` with what every call has (§2), after what it has already: nothing is replaced, and nothing said twice.
pub(super) fn versioned(url: &str) -> String {
    let mut whole = url.to_owned();
    for (name, value) in [("v", "1"), ("NC", "true")] {
        let query = whole.split_once('?').map_or("", |(_, query)| query);
        if query.split('&').any(|parameter| parameter.split('=').next() == Some(name)) {
            continue;
        }
        let sign = if whole.contains('?') { '&' } else { '?' };
        whole.push(sign);
        whole.push_str(&format!("{name}={value}"));
    }
    whole
}

/// Host and port of a whole address.
pub(super) fn host(url: &str) -> Option<&str> {
    if !is_absolute(url) || !is_address(url) {
        return None;
    }
    url.split(['/', '?']).nth(2)
}

/// Whether a second address is no less safe than the first.
pub(super) fn is_as_safe(base: &str, url: &str) -> bool {
    url.starts_with("https://") || !base.starts_with("https://")
}

/// Scheme and host of an address; nothing where it begins at the page's own root.
fn origin(url: &str) -> &str {
    let Some(length) = host(url).and_then(|host| Some(url.find(host)? + host.len())) else { return "" };
    url.get(..length).unwrap_or_default()
}

/// What all addresses of the backend have in common.
const API: &str = "/api/account/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_may_be_an_attribute() {
        for written in [r#"{"id":4}"#, r#"{"@id":"4"}"#, r#"{"id":"4"}"#, r#"{"@id":4}"#] {
            assert_eq!(number(&json(written), "id"), Some(4), "{written}");
        }
        assert_eq!(number(&json(r#"{"id":"four"}"#), "id"), None);
    }

    #[test]
    fn a_list_may_be_one_thing_or_nothing() {
        for (written, length) in [
            (r#"{"event":[{},{}]}"#, 2),
            (r#"{"event":{}}"#, 1),
            (r#"{"@event":{}}"#, 1),
            (r#"{"event":[]}"#, 0),
            (r#"{"event":null}"#, 0),
            (r#"{"event":" "}"#, 0),
            ("{}", 0),
            ("7", 0),
        ] {
            assert_eq!(list(&json(written), "event").len(), length, "{written}");
        }
    }

    #[test]
    fn words_may_have_become_something_else() {
        for (written, read) in [
            (r#"{"text":"a"}"#, Some("a")),
            (r#"{"text":4711}"#, Some("4711")),
            (r#"{"text":-0.50}"#, Some("-0.50")),
            (r#"{"text":true}"#, Some("true")),
            (r#"{"text":" "}"#, None),
            (r#"{"text":null}"#, None),
            (r#"{"text":{}}"#, None),
            (r#"{"text":[]}"#, None),
        ] {
            assert_eq!(words(&json(written), "text").as_deref(), read, "{written}");
        }
        for (written, read) in
            [("true", Some(true)), ("\"True\"", Some(true)), ("\" false \"", Some(false)), ("1", None), ("\"\"", None)]
        {
            assert_eq!(flag(&json(&format!("{{\"it\":{written}}}")), "it"), read, "{written}");
        }
    }

    #[test]
    fn a_link_is_found_by_its_name_whatever_stands_around_it() {
        let chat = json(r#"{"link":[7,{"rel":"next"},{"@rel":"self","@href":"/api/account/1/chat/H"}]}"#);
        let alone = json(r#"{"link":{"rel":"next","href":"?from=3"}}"#);

        assert_eq!(link(&chat, "self", C).as_deref(), Some("https://c.example/api/account/1/chat/H"));
        assert_eq!(link(&chat, "next", C), None);
        assert_eq!(link(&alone, "next", C).as_deref(), Some("https://c.example/api/account/1/chat/H?from=3"));
    }

    #[test]
    fn an_address_is_made_whole_beside_the_chats() {
        for (href, whole) in [
            ("https://d.example/api/account/1/chat/H?from=3", "https://d.example/api/account/1/chat/H?from=3"),
            ("//d.example/x", "https://d.example/x"),
            ("/api/account/1/chat/H/events", "https://c.example/api/account/1/chat/H/events"),
            ("/other", "https://c.example/other"),
            ("?from=3", "https://c.example/api/account/1/chat/H?from=3"),
            ("H/events", "https://c.example/api/account/1/chat/H/events"),
            ("c.example/api/account/1/chat/H", "https://c.example/api/account/1/chat/H"),
            ("d.example/api/account/1/chat/H", "https://d.example/api/account/1/chat/H"),
            (" https://d.example/x#part ", "https://d.example/x"),
        ] {
            assert_eq!(resolved(C, href).as_deref(), Some(whole), "{href}");
        }
        let gateway = "/gateway/api/account/1/chat/H?from=1";
        for (href, whole) in [
            ("/api/account/1/chat/H/events", "/gateway/api/account/1/chat/H/events"),
            ("?from=3", "/gateway/api/account/1/chat/H?from=3"),
            ("/other", "/other"),
            ("https://d.example/x", "https://d.example/x"),
        ] {
            assert_eq!(resolved(gateway, href).as_deref(), Some(whole), "{href}");
        }
    }

    #[test]
    fn an_address_at_which_nothing_can_be_asked_is_none() {
        for href in ["", " ", "#", "http://d.example/x", "https://", "//", "https://u@d.example", "a b", "a\u{0}", "\\"]
        {
            assert_eq!(resolved(C, href), None, "{href}");
        }
    }

    #[test]
    fn what_every_call_has_is_added_once() {
        for (url, whole) in [
            ("https://c.example/x", "https://c.example/x?v=1&NC=true"),
            ("https://c.example/x?from=3", "https://c.example/x?from=3&v=1&NC=true"),
            ("https://c.example/x?v=1&from=3", "https://c.example/x?v=1&from=3&NC=true"),
            ("https://c.example/x?NC=true&v=2", "https://c.example/x?NC=true&v=2"),
            ("https://c.example/x?vv=1", "https://c.example/x?vv=1&v=1&NC=true"),
        ] {
            assert_eq!(versioned(url), whole);
            assert_eq!(versioned(whole), whole);
        }
    }

    fn json(text: &str) -> Value {
        Value::parse(text).expect("it is JSON")
    }

    const C: &str = "https://c.example/api/account/1/chat/H";
}
