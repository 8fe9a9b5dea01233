//! What the page says about the backend, parsed into something that cannot be wrong.

use std::fmt::{Debug, Formatter};

use super::document::host;
use crate::protocol::attributes::{Attributes, ConfigError};
use crate::protocol::http::{is_address, percent_encoded};
use crate::protocol::reading::is_token;

/// Where to ask, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// What stands before `/api/account/`; `None` where the host is to be looked up (§1).
    pub(super) base: Option<String>,
    pub(super) account_id: String,
    pub(super) app_key: AppKey,
    pub(super) skill: Option<String>,
    pub(super) language: Option<String>,
    /// Seconds that the backend is asked to keep a chat that does not poll (§3.3).
    pub(super) interaction_timeout: Option<u64>,
    /// Whether a copy of the chat is offered by mail, once it is over.
    pub(super) offers_copy: bool,
    /// Hosts that a chat may be handed over to (§3.8), in lower case.
    transfer_hosts: Vec<String>,
}

/// Identifies the application (§2). Published by the vendor, and still nothing for a log.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct AppKey(pub(super) String);

impl Debug for AppKey {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("AppKey")
    }
}

impl Config {
    /// Reads the attributes; `attribute` returns the value of a name. `account-id` and `app-key` are required; `endpoint`,
    /// `skill`, `language`, `interaction-timeout` (seconds), `transcript` (`on` or `off`) and `transfer-hosts` (separated by
    /// commas) are not.
    ///
    /// # Errors
    /// When a required attribute is missing, or one cannot be meant.
    pub fn parse(attribute: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let attributes = Attributes(attribute);
        let base = match attributes.given("endpoint") {
            Some(endpoint) => Some(base(&endpoint).ok_or(ConfigError::Invalid("endpoint"))?),
            None => None,
        };
        let app_key = attributes.required("app-key")?;
        if !is_token(&app_key) {
            return Err(ConfigError::Invalid("app-key"));
        }
        let interaction_timeout = match attributes.given("interaction-timeout") {
            Some(text) => Some(span(&text).ok_or(ConfigError::Invalid("interaction-timeout"))?),
            None => None,
        };
        Ok(Self {
            base,
            account_id: attributes.required("account-id")?,
            app_key: AppKey(app_key),
            skill: attributes.given("skill"),
            language: attributes.given("language"),
            interaction_timeout,
            offers_copy: attributes.is_on("transcript")?,
            transfer_hosts: hosts(&attributes.given("transfer-hosts").unwrap_or_default())?,
        })
    }

    /// The account's chats at this host: the prefix `P` of §3.
    pub(super) fn chats(&self, base: &str) -> String {
        format!("{base}/api/account/{}/chat", percent_encoded(&self.account_id))
    }

    /// Whether a chat may be handed over to this address (§3.8).
    pub(super) fn may_follow(&self, url: &str) -> bool {
        host(url).is_some_and(|host| self.transfer_hosts.contains(&host.to_ascii_lowercase()))
    }

    /// Whether an address is no less safe than what the page names.
    pub(super) fn is_as_safe(&self, url: &str) -> bool {
        let page_is_lax = self.base.as_deref().is_some_and(|base| !base.starts_with("https://"));
        is_address(url) && (page_is_lax || url.starts_with("https://"))
    }
}

/// What stands before `/api/account/`, where somebody pasted more.
fn base(endpoint: &str) -> Option<String> {
    let without = endpoint.split("/api/account").next().unwrap_or_default().trim_end_matches('/');
    // A gateway may stand at the page's own root.
    let is_sound = is_address(endpoint) && !endpoint.contains('?') && (without.is_empty() || is_address(without));
    is_sound.then(|| without.to_owned())
}

fn span(text: &str) -> Option<u64> {
    text.parse().ok().filter(|seconds| (1..=LONGEST_TIMEOUT).contains(seconds))
}

fn hosts(list: &str) -> Result<Vec<String>, ConfigError> {
    let hosts: Vec<String> =
        list.split(',').map(|host| host.trim().to_ascii_lowercase()).filter(|host| !host.is_empty()).collect();
    let is_host = |name: &String| host(&format!("https://{name}")) == Some(name);
    if hosts.iter().all(is_host) { Ok(hosts) } else { Err(ConfigError::Invalid("transfer-hosts")) }
}

/// A day, as the longest of the spans that the start of a chat may name (§3.3).
const LONGEST_TIMEOUT: u64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_may_be_pasted_with_its_path() {
        for endpoint in [
            "https://chat.example",
            "https://chat.example/",
            "https://chat.example/api/account/55510001",
            "https://chat.example/api/account/55510001/chat/",
        ] {
            assert_eq!(base(endpoint).as_deref(), Some("https://chat.example"), "{endpoint}");
        }
        assert_eq!(base("/gateway/").as_deref(), Some("/gateway"));
        assert_eq!(base("/api/account").as_deref(), Some(""));
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        for (name, values) in [
            ("endpoint", ["https://", "chat.example", "https://chat.example?a=1", "javascript:x"]),
            ("app-key", ["two words", "a\nb", "ключ", "a\u{7f}"]),
            ("interaction-timeout", ["0", "-1", "86401", "soon"]),
            ("transfer-hosts", ["https://b.example", "b.example/x", "b example", "user@b.example"]),
        ] {
            for value in values {
                assert_eq!(parsed(name, value), Err(ConfigError::Invalid(name)), "{name} {value}");
            }
        }
    }

    #[test]
    fn a_missing_attribute_is_named() {
        for name in ["account-id", "app-key"] {
            assert_eq!(parsed(name, " "), Err(ConfigError::Missing(name)));
        }
    }

    #[test]
    fn a_chat_goes_to_no_host_but_a_named_one() {
        let config = parsed("transfer-hosts", "B.example, c.example:8443").expect("it is right");

        for url in ["https://b.example/api", "https://B.EXAMPLE", "https://c.example:8443/x?y"] {
            assert!(config.may_follow(url), "{url}");
        }
        for url in ["https://c.example/api", "https://xb.example", "https://evil.example/b.example", "/b.example"] {
            assert!(!config.may_follow(url), "{url}");
        }
    }

    #[test]
    fn the_app_key_is_not_shown() {
        let config = parsed("app-key", "k-1767225600123").expect("it is right");
        assert!(!format!("{config:?}").contains("1767225600123"));
    }

    fn parsed(name: &str, value: &str) -> Result<Config, ConfigError> {
        Config::parse(&|asked| match asked {
            _ if asked == name => Some(value.to_owned()),
            "account-id" => Some("55510001".to_owned()),
            "app-key" => Some("demo".to_owned()),
            _ => None,
        })
    }
}
