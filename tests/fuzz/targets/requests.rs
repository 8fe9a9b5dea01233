//! What must hold for every request, whatever a server, a page or storage said before it.

use holdfast_chat::model::json::Value;
use holdfast_chat::protocol::Request;
use holdfast_chat::protocol::http::{Content, Method, PAGE_CREDENTIALS, PAGE_CREDENTIALS_AGAIN, percent_encoded};

use super::adapter;
use super::script::{Lane, Script};

/// Looks at a request before it leaves the page.
pub fn check(script: &Script, request: &Request) {
    // What the page answers has no address.
    if !matches!(&*request.url, PAGE_CREDENTIALS | PAGE_CREDENTIALS_AGAIN) {
        check_url(script, &request.url);
    }
    for (name, value) in &request.headers {
        let is_plain = value.trim() == value && value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        assert!(is_plain, "the header {name} has a value that no browser sends: {value:?}");
    }
    if let Content::Json(body) = &request.content {
        assert!(Value::parse(body).is_some(), "the body of {} is not JSON", request.url);
    }
    let seconds = request.deadline.as_secs();
    assert!((1..=600).contains(&seconds), "nobody waits {seconds} s for {}", request.url);
    check_secret(script, request);
}

/// Which kind of request this is.
pub fn lane(request: &Request) -> Lane {
    if matches!(request.content, Content::File { .. } | Content::Bytes { .. }) {
        return Lane::File;
    }
    if POST_NOUNS.iter().any(|noun| request.url.contains(noun)) { Lane::Post } else { Lane::News }
}

/// The value of a header.
pub fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| &**value)
}

/// Stays where the page sent it, or where the server sent it by a word that is there for that.
fn check_url(script: &Script, url: &str) {
    let endpoint = adapter::attribute(script, "endpoint").unwrap_or_default();
    let belongs = |letter: char| letter.is_alphanumeric() || "-._~:/?[]!$&'()*+,;=%@".contains(letter);
    let is_plain = url.chars().all(belongs);
    assert!(is_plain, "an address with characters that do not belong there: {url:?}");
    let is_begun = ["?org_id=", "?ack=", "?ReconnectSession", "?orgId="].iter().any(|begin| url.contains(begin));
    assert!(!is_begun || url.matches('?').count() == 1, "a query within a query: {url:?}");
    assert!(!url.contains("Availability.ids=&"), "nobody is asked for: {url:?}");
    let endpoint = endpoint.trim();
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match host.map(|rest| rest.split(['/', '?']).next().unwrap_or_default()) {
        None => {
            let is_on_page = url.starts_with('/') && !url.starts_with("//");
            assert!(is_on_page || endpoint.starts_with("//"), "leads astray: {url:?}");
            assert!(endpoint.starts_with('/') || script.sends_elsewhere(), "nobody sent it there: {url:?}");
        }
        Some(host) => {
            assert!(!host.is_empty() && !host.contains('@'), "leads nowhere: {url:?}");
            let is_weaker = url.starts_with("http://") && endpoint.starts_with("https://");
            assert!(!is_weaker, "what was encrypted no longer is: {url:?}");
            assert!(script.sends_elsewhere() || endpoint.contains(host), "nobody sent it there: {url:?}");
        }
    }
}

/// The key stands in the path of `DELETE`, because the backend wants it so, and in no other address.
fn check_secret(script: &Script, request: &Request) {
    let key = header(request, "X-LIVEAGENT-SESSION-KEY").filter(|key| is_telling(script, key));
    let Some(key) = key else { return };
    let is_shown = request.url.contains(key) || request.url.contains(&percent_encoded(key));
    assert!(request.method == Method::Delete || !is_shown, "the key stands in {:?}", request.url);
}

/// Whether a text is found by chance nowhere else.
pub fn is_telling(script: &Script, key: &str) -> bool {
    let said = script.text().matches(key).count();
    // The answer that gave it, unless that was a usual one, which no script writes out.
    let is_said_once = said <= usize::from(key != USUAL_KEY);
    key.len() >= 12 && key.contains('!') && is_said_once && !script.text().contains(&percent_encoded(key))
}

/// The key that the usual answers give, with which a chat is begun in one line.
const USUAL_KEY: &str = "7d2f!1767225600123!cGx/+=";
const POST_NOUNS: [&str; 7] = [
    "/chat/rest/Chasitor/ChatMessage",
    "/chat/rest/Chasitor/ChasitorTyping",
    "/chat/rest/Chasitor/ChasitorNotTyping",
    "/chat/rest/Chasitor/ChasitorSneakPeek",
    "/chat/rest/Chasitor/ChasitorIdleTimeoutWarningEvent",
    "/chat/rest/Chasitor/CustomEvent",
    "/chat/rest/System/MultiNoun",
];
