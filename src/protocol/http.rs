//! Requests and responses as data. Nothing here performs anything.

use std::time::Duration;

use crate::model::FileId;

/// One HTTP exchange to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The verb.
    pub method: Method,
    /// Absolute, or relative to the page.
    pub url: String,
    /// In the order in which they are set.
    pub headers: Vec<(&'static str, String)>,
    /// What is sent along.
    pub content: Content,
    /// How long to wait for the whole answer before giving the exchange up.
    pub deadline: Duration,
}

/// HTTP verbs that a backend asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PATCH`
    Patch,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
}

impl Method {
    /// As it stands on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// What a request sends along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Empty,
    /// A JSON text.
    Json(String),
    /// A form, `application/x-www-form-urlencoded`.
    Form(Vec<(String, String)>),
    /// The bytes of a file, which the shell keeps, as they are.
    Bytes {
        /// Which.
        file: FileId,
    },
    /// A form with one file, `multipart/form-data`; the shell keeps the bytes.
    File {
        /// Which.
        file: FileId,
        /// Name of the form's part.
        part: &'static str,
        /// Further fields, before the file.
        fields: Vec<(&'static str, String)>,
    },
}

/// The answer of a server, whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Body as text; empty where there was none.
    pub body: String,
    /// `Retry-After`, where the server gave seconds.
    pub retry_after: Option<Duration>,
    /// `Location`, where the server lets the page read it.
    pub location: Option<String>,
}

/// Why there is no answer. In each case the server may or may not have processed the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The exchange failed on the way.
    #[error("no answer came")]
    Network,
    /// The session gave it up at its deadline.
    #[error("no answer came in time")]
    Deadline,
}

/// In place of an address: what the site alone knows of its visitor. The page answers, with JSON.
pub const PAGE_CREDENTIALS: &str = "page:credentials";
/// The same, where what it answered before is not valid any more.
pub const PAGE_CREDENTIALS_AGAIN: &str = "page:credentials?again";

/// `text` with everything but unreserved characters percent-encoded, for a path segment or a query value.
#[must_use]
pub fn percent_encoded(text: &str) -> String {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or('0');
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    encoded
}

/// Whether a request can be made at this address: one with a host, or one that begins at the page's own root.
#[must_use]
pub fn is_address(url: &str) -> bool {
    let belongs = |letter: char| letter.is_alphanumeric() || "-._~:/?[]!$&'()*+,;=%".contains(letter);
    let has_host = is_absolute(url) || url.starts_with("//");
    let leads_somewhere =
        if has_host { url.split(['/', '?']).nth(2).is_some_and(|host| !host.is_empty()) } else { url.starts_with('/') };
    leads_somewhere && url.chars().all(belongs)
}

/// Whether an address is a whole one, of a kind that can be asked.
#[must_use]
pub fn is_absolute(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_key_becomes_one_path_segment() {
        assert_eq!(percent_encoded("7d-2!17672!cGx/+="), "7d-2%2117672%21cGx%2F%2B%3D");
    }

    #[test]
    fn an_address_leads_somewhere_and_has_nothing_that_a_browser_would_take_away() {
        for url in [
            "https://d.example",
            "http://127.0.0.1:8787/live-agent",
            "https://[::1]/upload?id=1",
            "https://chat.bücher.example",
            "//d.example",
            "/live-agent",
        ] {
            assert!(is_address(url), "{url}");
        }
        for url in [
            "",
            "https://",
            "https:///chat",
            "https://?chat",
            "https:/chat",
            "//",
            "d.example",
            "javascript:alert(1)",
            "https://d.example#",
            "https://visitor@d.example",
            "https://d.example\\..",
            "https://d.exa\nmple",
            "https://d .example",
        ] {
            assert!(!is_address(url), "{url}");
        }
    }
}
