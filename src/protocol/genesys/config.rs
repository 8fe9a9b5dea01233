//! What the page says about the backend, parsed into something that cannot be wrong.

use super::guess::{CONTEXT, TENANT};
use crate::protocol::Uploads;
use crate::protocol::attributes::{Attributes, ConfigError};
use crate::protocol::http::{is_absolute, is_address, percent_encoded};

/// Where to ask, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where chats are, without a slash at its end: `…/api/v2/chats` (§2.1) or `…/genesys/2/chat/{service}` (§3.1).
    pub(super) base: String,
    pub(super) variant: Variant,
    pub(super) surroundings: Surroundings,
    pub(super) uploads: Uploads,
}

/// Which of the backend's dialects is spoken (§0.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variant {
    /// The REST chat of the Web API Server, "v1".
    WebApi {
        /// Stands in every body (§2.1).
        tenant: String,
    },
    /// Chat API Version 2 of the Mobile Services, "v2".
    Gms,
}

/// What the backend is told about the visitor's browser (§3.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `navigator.language`
    pub language: String,
    /// Minutes by which the visitor's clock is ahead of UTC: `-new Date().getTimezoneOffset()`.
    pub time_zone: Option<i32>,
}

impl Config {
    /// Reads the attributes of DESIGN §6: `endpoint`, `variant`, `tenant` or `service`, and `uploads`; `attribute` returns
    /// the value of a name.
    ///
    /// # Errors
    /// When a required attribute is missing, or one cannot be meant.
    pub fn parse(attribute: &dyn Fn(&str) -> Option<String>, surroundings: Surroundings) -> Result<Self, ConfigError> {
        let attributes = Attributes(attribute);
        let endpoint = attributes.required("endpoint")?;
        if !is_address(&endpoint) || endpoint.contains('?') {
            return Err(ConfigError::Invalid("endpoint"));
        }
        let (variant, base) = match attributes.given("variant").as_deref() {
            None | Some("web-api") => {
                let tenant = attributes.given("tenant").unwrap_or_else(|| TENANT.to_owned());
                (Variant::WebApi { tenant }, web_api_base(&endpoint))
            }
            Some("gms") => (Variant::Gms, gms_base(&endpoint, &attributes.required("service")?)?),
            Some(_) => return Err(ConfigError::Invalid("variant")),
        };
        let uploads = match (attributes.is_on("uploads")?, &variant) {
            (false, _) => Uploads::WhenAsked,
            (true, Variant::Gms) => Uploads::Anytime,
            // The Web API has no files (§2.8).
            (true, Variant::WebApi { .. }) => return Err(ConfigError::Invalid("uploads")),
        };
        Ok(Self { base, variant, surroundings, uploads })
    }
}

/// §2.1. A path is the context path of the deployment (§7.2); it may be pasted with what follows it.
fn web_api_base(endpoint: &str) -> String {
    let trimmed = endpoint.trim_end_matches('/');
    let context = without(trimmed, &["/api/v2/chats"]);
    let usual = if has_path(trimmed) { "" } else { CONTEXT };
    format!("{context}{usual}/api/v2/chats")
}

/// §3.1. It may be pasted with the path that every installation has.
fn gms_base(endpoint: &str, service: &str) -> Result<String, ConfigError> {
    // A browser takes them for steps in the path.
    if matches!(service, "." | "..") {
        return Err(ConfigError::Invalid("service"));
    }
    let root = without(endpoint.trim_end_matches('/'), &["/genesys/2/chat", "/genesys"]);
    Ok(format!("{root}/genesys/2/chat/{}", percent_encoded(service)))
}

/// The address without the first of these ends that it has, unless nothing that can be asked is left.
fn without<'a>(address: &'a str, ends: &[&str]) -> &'a str {
    let cut = ends.iter().find_map(|end| address.strip_suffix(end));
    let cut = cut.filter(|rest| rest.is_empty() || is_address(rest.trim_end_matches('/')));
    cut.unwrap_or(address).trim_end_matches('/')
}

/// Whether an address says more than where the host is.
fn has_path(address: &str) -> bool {
    let has_host = is_absolute(address) || address.starts_with("//");
    let (_, after) = if has_host { address.split_once("//").unwrap_or_default() } else { ("", address) };
    after.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_web_api_is_below_its_usual_path_unless_the_endpoint_has_one() {
        for (endpoint, base) in [
            ("https://chat.example", "https://chat.example/eservices/api/v2/chats"),
            ("https://chat.example/", "https://chat.example/eservices/api/v2/chats"),
            ("https://chat.example:8443", "https://chat.example:8443/eservices/api/v2/chats"),
            ("//chat.example", "//chat.example/eservices/api/v2/chats"),
            ("/", "/eservices/api/v2/chats"),
            ("/webapi", "/webapi/api/v2/chats"),
            ("https://chat.example/webapi/", "https://chat.example/webapi/api/v2/chats"),
            ("https://chat.example/eservices/api/v2/chats/", "https://chat.example/eservices/api/v2/chats"),
        ] {
            assert_eq!(parsed(&[("endpoint", endpoint)]).map(|config| config.base), Ok(base.to_owned()), "{endpoint}");
        }
    }

    #[test]
    fn the_mobile_services_are_asked_for_their_service_below_any_path() {
        for (endpoint, service, base) in [
            ("https://gms.example", "customer-support", "https://gms.example/genesys/2/chat/customer-support"),
            ("https://gms.example/genesys", "a b/c", "https://gms.example/genesys/2/chat/a%20b%2Fc"),
            ("https://gms.example/genesys/2/chat/", "s", "https://gms.example/genesys/2/chat/s"),
            ("https://gate.example/one", "s", "https://gate.example/one/genesys/2/chat/s"),
            ("/one", "s", "/one/genesys/2/chat/s"),
            // A host may be called so too.
            ("//genesys", "s", "//genesys/genesys/2/chat/s"),
        ] {
            let config = parsed(&[("endpoint", endpoint), ("variant", "gms"), ("service", service)]);
            assert_eq!(config.map(|config| config.base), Ok(base.to_owned()), "{endpoint}");
        }
    }

    #[test]
    fn what_is_missing_or_cannot_be_meant_is_named() {
        use ConfigError::{Invalid, Missing};

        let endpoint = ("endpoint", "https://chat.example");
        assert_eq!(parsed(&[]), Err(Missing("endpoint")));
        assert_eq!(parsed(&[endpoint, ("variant", "cloud")]), Err(Invalid("variant")));
        assert_eq!(parsed(&[endpoint, ("variant", "gms")]), Err(Missing("service")));
        assert_eq!(parsed(&[endpoint, ("variant", "gms"), ("service", "..")]), Err(Invalid("service")));
        for endpoint in ["https://", "https:///eservices", "chat.example", "https://chat.example?tenant=1"] {
            assert_eq!(parsed(&[("endpoint", endpoint)]), Err(Invalid("endpoint")), "{endpoint}");
        }
    }

    #[test]
    fn the_tenant_is_the_usual_one_unless_the_page_names_another() {
        let endpoint = ("endpoint", "https://chat.example");
        for (attributes, tenant) in [(vec![endpoint], "101"), (vec![endpoint, ("tenant", "7")], "7")] {
            let variant = parsed(&attributes).map(|config| config.variant);
            assert_eq!(variant, Ok(Variant::WebApi { tenant: tenant.to_owned() }));
        }
    }

    fn parsed(attributes: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let attribute =
            |name: &str| attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Config::parse(&attribute, Surroundings::default())
    }
}
