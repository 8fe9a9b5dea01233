//! What the page says about the backend, parsed into something that cannot be wrong.

use crate::protocol::attributes::{Attributes, ConfigError};
use crate::protocol::http::is_address;

/// Where to ask, and for which channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where the gateway is, up to and with `/api/v1` (§9).
    pub(super) base: String,
    /// The channel (§1).
    pub(super) topic: u64,
}

impl Config {
    /// Reads the attributes `endpoint` and `topic-id`; `attribute` returns the value of a name.
    ///
    /// # Errors
    /// When one is missing, or cannot be meant.
    pub fn parse(attribute: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let attributes = Attributes(attribute);
        let endpoint = attributes.required("endpoint")?;
        if !is_address(&endpoint) || endpoint.contains('?') {
            return Err(ConfigError::Invalid("endpoint"));
        }
        let root = endpoint.trim_end_matches('/').trim_end_matches("/api/v1");
        let topic = attributes.required("topic-id")?;
        let topic = topic.parse().ok().filter(|id| (1..=MOST).contains(id)).ok_or(ConfigError::Invalid("topic-id"))?;
        Ok(Self { base: format!("{root}/api/v1"), topic })
    }
}

/// Ids are 32-bit numbers with a sign (§4.1).
const MOST: u64 = 2_147_483_647;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gateway_is_found_by_any_address_that_means_it() {
        for (endpoint, base) in [
            ("/so", "/so/api/v1"),
            ("/", "/api/v1"),
            ("https://chat.example/so/", "https://chat.example/so/api/v1"),
            ("https://chat.example/so/api/v1/", "https://chat.example/so/api/v1"),
            ("//chat.example", "//chat.example/api/v1"),
        ] {
            assert_eq!(parsed(endpoint, "12"), Ok(Config { base: base.to_owned(), topic: 12 }), "{endpoint}");
        }
    }

    #[test]
    fn what_is_missing_or_cannot_be_meant_is_named() {
        for endpoint in ["https://", "so", "/so?topic=1", "javascript:alert(1)"] {
            assert_eq!(parsed(endpoint, "12"), Err(ConfigError::Invalid("endpoint")), "{endpoint}");
        }
        for topic in ["0", "-1", "2147483648", "1.5", "twelve", "1/Sessions"] {
            assert_eq!(parsed("/so", topic), Err(ConfigError::Invalid("topic-id")), "{topic}");
        }
        assert_eq!(parsed(" ", "12"), Err(ConfigError::Missing("endpoint")));
        assert_eq!(parsed("/so", ""), Err(ConfigError::Missing("topic-id")));
    }

    fn parsed(endpoint: &str, topic: &str) -> Result<Config, ConfigError> {
        Config::parse(&|name| Some(if name == "endpoint" { endpoint } else { topic }.to_owned()))
    }
}
