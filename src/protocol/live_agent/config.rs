//! What the page says about the backend, parsed into something that cannot be wrong.

use crate::protocol::attributes::{Attributes, ConfigError};
use crate::protocol::http::is_address;

/// Where to ask, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub(super) base: String,
    pub(super) organization_id: String,
    pub(super) deployment_id: String,
    pub(super) routing: Routing,
    pub(super) api_version: u32,
    pub(super) surroundings: Surroundings,
}

/// Who the chat is for (§5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Routing {
    /// A queue.
    Button(String),
    /// One agent, and where given the queue behind them.
    Agent {
        /// The agent's user id.
        agent: String,
        /// The queue to fall back to.
        fallback: Option<String>,
    },
    /// Targets in order: `buttonId`, `agentId` or `agentId_buttonId`.
    Overrides(Vec<String>),
}

/// What the backend is told about the visitor's browser. Informative only (§17).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `navigator.userAgent`
    pub user_agent: String,
    /// `navigator.language`
    pub language: String,
    /// `WIDTHxHEIGHT`
    pub screen_resolution: String,
}

impl Config {
    /// Reads the attributes of DESIGN §6; `attribute` returns the value of a name. Beyond those: `agent-id`, and
    /// `button-overrides` as a list separated by commas.
    ///
    /// # Errors
    /// When a required attribute is missing, or one cannot be meant.
    pub fn parse(attribute: &dyn Fn(&str) -> Option<String>, surroundings: Surroundings) -> Result<Self, ConfigError> {
        let attributes = Attributes(attribute);
        let api_version = match attributes.given("api-version") {
            Some(text) => text.parse().map_err(|_| ConfigError::Invalid("api-version"))?,
            None => API_VERSION,
        };
        Ok(Self {
            base: base(&attributes.required("endpoint")?).ok_or(ConfigError::Invalid("endpoint"))?,
            organization_id: attributes.required("organization-id")?,
            // The guide asks for the 15-character form (§2.2); the other three only repeat its letter case.
            deployment_id: attributes.required("deployment-id")?.chars().take(15).collect(),
            routing: routing(
                attributes.given("button-id"),
                attributes.given("agent-id"),
                attributes.given("button-overrides"),
            )?,
            api_version,
            surroundings,
        })
    }
}

fn routing(button: Option<String>, agent: Option<String>, overrides: Option<String>) -> Result<Routing, ConfigError> {
    if let Some(list) = overrides {
        let targets = list.split(',').map(str::trim).filter(|target| !target.is_empty()).map(str::to_owned);
        let targets: Vec<String> = targets.collect();
        let is_meant = !targets.is_empty();
        return is_meant.then_some(Routing::Overrides(targets)).ok_or(ConfigError::Invalid("button-overrides"));
    }
    match (agent, button) {
        (Some(agent), fallback) => Ok(Routing::Agent { agent, fallback }),
        (None, Some(button)) => Ok(Routing::Button(button)),
        (None, None) => Err(ConfigError::Missing("button-id")),
    }
}

/// What stands before `/chat/rest/`. The admin's page shows it with that path, `SwitchServer` with `/chat` (§2.1, §4.5).
/// `None` where nothing can be asked there.
pub(super) fn base(endpoint: &str) -> Option<String> {
    if !is_base(endpoint) {
        return None;
    }
    let trimmed = endpoint.trim_end_matches('/');
    let without = trimmed.strip_suffix("/chat/rest").or_else(|| trimmed.strip_suffix("/chat"));
    // A host may be called so too.
    let without = without.filter(|rest| rest.is_empty() || is_address(rest.trim_end_matches('/')));
    Some(without.unwrap_or(trimmed).trim_end_matches('/').to_owned())
}

/// Whether a path can be added to this address.
pub(super) fn is_base(url: &str) -> bool {
    is_address(url) && !url.contains('?')
}

/// Has everything that is used here: reconnecting came with 37, the estimated wait with 47 (§2.3).
const API_VERSION: u32 = 48;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_may_be_pasted_with_its_path() {
        for endpoint in
            ["https://d.example", "https://d.example/", "https://d.example/chat/rest/", "https://d.example/chat"]
        {
            assert_eq!(base(endpoint).as_deref(), Some("https://d.example"));
        }
    }

    #[test]
    fn an_endpoint_at_which_nothing_can_be_asked_is_named() {
        for endpoint in ["https://", "https:///chat", "d.example", "https://d.example?org=1"] {
            let attribute = |name: &str| (name == "endpoint").then(|| endpoint.to_owned());

            let parsed = Config::parse(&attribute, Surroundings::default());

            assert_eq!(parsed, Err(ConfigError::Invalid("endpoint")), "{endpoint}");
        }
    }

    #[test]
    fn overrides_without_a_target_are_named() {
        assert_eq!(routing(None, None, Some(" , ".into())), Err(ConfigError::Invalid("button-overrides")));
    }

    #[test]
    fn a_host_may_be_called_as_the_path() {
        for endpoint in ["https://chat", "//chat", "https://chat/chat/rest"] {
            assert_eq!(base(endpoint).as_deref(), endpoint.strip_suffix("/chat/rest").or(Some(endpoint)));
        }
    }

    #[test]
    fn a_missing_attribute_is_named() {
        let attribute = |name: &str| (name == "endpoint").then(|| "https://d.example".to_owned());

        let parsed = Config::parse(&attribute, Surroundings::default());

        assert_eq!(parsed, Err(ConfigError::Missing("organization-id")));
    }

    #[test]
    fn overrides_replace_button_and_agent() {
        let parsed = routing(Some("573".into()), None, Some("005_573, 573".into()));

        assert_eq!(parsed, Ok(Routing::Overrides(vec!["005_573".into(), "573".into()])));
    }
}
