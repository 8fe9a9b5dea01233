//! What the page says about the homeserver, parsed into something that cannot be wrong.

use crate::protocol::attributes::{Attributes, ConfigError};
use crate::protocol::http::is_address;

/// Where to ask, as whom, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where the client-server API is, without a slash at its end.
    pub(super) base: String,
    pub(super) identity: Identity,
    /// Whom the visitor invites.
    pub(super) support: Vec<String>,
    /// A room that is there already, by its id or alias.
    pub(super) room: Option<String>,
    pub(super) room_version: String,
}

/// Who the visitor is to the homeserver (§3).
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Identity {
    /// An account of their own, made by this page.
    Register {
        /// What admits them, where the server wants something (§3.1).
        token: Option<String>,
    },
    /// Whoever the site says.
    Site,
    /// Somebody without an account, invited by somebody else (§3.3).
    Guest,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Register { .. } => "Register",
            Self::Site => "Site",
            Self::Guest => "Guest",
        })
    }
}

impl Config {
    /// Reads the attributes `endpoint`, `identity`, `registration-token`, `support`, `room` and `room-version`;
    /// `attribute` returns the value of a name.
    ///
    /// # Errors
    /// When a required attribute is missing, or one cannot be meant.
    pub fn parse(attribute: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let attributes = Attributes(attribute);
        let endpoint = attributes.required("endpoint")?;
        if !is_address(&endpoint) || endpoint.contains('?') {
            return Err(ConfigError::Invalid("endpoint"));
        }
        let identity = match attributes.given("identity").as_deref() {
            None | Some("register") => Identity::Register { token: attributes.given("registration-token") },
            Some("site-token") => Identity::Site,
            Some("guest") => Identity::Guest,
            Some(_) => return Err(ConfigError::Invalid("identity")),
        };
        let support = support(&attributes.given("support").unwrap_or_default())?;
        let room = attributes.given("room");
        if room.as_ref().is_some_and(|room| !room.starts_with(['!', '#']) || room.len() < 2) {
            return Err(ConfigError::Invalid("room"));
        }
        // Others may be invited by the site.
        if matches!(identity, Identity::Register { .. }) && support.is_empty() && room.is_none() {
            return Err(ConfigError::Missing("support"));
        }
        let room_version = attributes.given("room-version").unwrap_or_else(|| ROOM_VERSION.to_owned());
        Ok(Self { base: base(&endpoint), identity, support, room, room_version })
    }

    /// An address beside the client-server API (§7).
    pub(super) fn media(&self, path: &str) -> String {
        format!("{}{path}", self.base.trim_end_matches("/client"))
    }

    /// Whether whoever makes a room of this version stands above everybody, and may not be listed (§4).
    pub(super) fn has_almighty_creators(&self) -> bool {
        self.room_version.parse().map_or(true, |version: u32| version >= 12)
    }
}

/// Names of users, parted by blanks or commas.
fn support(written: &str) -> Result<Vec<String>, ConfigError> {
    let names = written.split(|sign: char| sign == ',' || sign.is_whitespace()).filter(|name| !name.is_empty());
    let names: Vec<String> = names.map(str::to_owned).collect();
    let is_user = |name: &String| name.starts_with('@') && name.find(':').is_some_and(|at| at > 1);
    if names.iter().all(is_user) { Ok(names) } else { Err(ConfigError::Invalid("support")) }
}

/// §1. It may be pasted with the path that every installation has.
fn base(endpoint: &str) -> String {
    let trimmed = endpoint.trim_end_matches('/');
    let root = trimmed.strip_suffix("/_matrix/client").unwrap_or(trimmed);
    format!("{root}/_matrix/client")
}

/// Agents can remove the visitor there, and nobody can switch encryption on (§4).
const ROOM_VERSION: &str = "11";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_is_below_the_endpoint() {
        for (endpoint, base) in [
            ("https://chat.example", "https://chat.example/_matrix/client"),
            ("https://chat.example/", "https://chat.example/_matrix/client"),
            ("https://chat.example/_matrix/client", "https://chat.example/_matrix/client"),
            ("https://site.example/hs/", "https://site.example/hs/_matrix/client"),
            ("/", "/_matrix/client"),
        ] {
            let config = parsed(&[("endpoint", endpoint), SUPPORT]);
            assert_eq!(config.map(|config| config.base), Ok(base.to_owned()), "{endpoint}");
        }
    }

    #[test]
    fn several_may_be_invited() {
        let config = parsed(&[ENDPOINT, ("support", "@a:s.example, @b:s.example\n@c:s.example")]);

        assert_eq!(
            config.map(|config| config.support),
            Ok(["@a:s.example", "@b:s.example", "@c:s.example"].map(str::to_owned).to_vec())
        );
    }

    #[test]
    fn what_is_missing_or_cannot_be_meant_is_named() {
        use ConfigError::{Invalid, Missing};

        assert_eq!(parsed(&[]), Err(Missing("endpoint")));
        assert_eq!(parsed(&[ENDPOINT]), Err(Missing("support")));
        assert_eq!(parsed(&[ENDPOINT, SUPPORT, ("identity", "oauth")]), Err(Invalid("identity")));
        for support in ["support", "@support", "@:s.example", "@a:s.example, b:s.example"] {
            assert_eq!(parsed(&[ENDPOINT, ("support", support)]), Err(Invalid("support")), "{support}");
        }
        for room in ["lobby", "!", "@a:s.example"] {
            assert_eq!(parsed(&[ENDPOINT, ("room", room)]), Err(Invalid("room")), "{room}");
        }
        for endpoint in ["https://", "chat.example", "https://chat.example?x=1"] {
            assert_eq!(parsed(&[("endpoint", endpoint), SUPPORT]), Err(Invalid("endpoint")), "{endpoint}");
        }
    }

    #[test]
    fn a_visitor_of_the_sites_own_and_a_guest_may_be_invited_by_the_site() {
        for identity in ["site-token", "guest"] {
            assert!(parsed(&[ENDPOINT, ("identity", identity)]).is_ok(), "{identity}");
        }
        for room in ["#lobby:s.example", "!a"] {
            assert!(parsed(&[ENDPOINT, ("room", room)]).is_ok(), "{room}");
        }
    }

    #[test]
    fn what_admits_visitors_is_not_shown() {
        let config = parsed(&[ENDPOINT, SUPPORT, ("registration-token", "c0ffee")]).expect("it is right");

        assert!(!format!("{config:?}").contains("c0ffee"));
    }

    #[test]
    fn creators_stand_above_everybody_from_the_twelfth_version_on() {
        for (version, are_almighty) in [("10", false), ("11", false), ("12", true), ("org.example.next", true)] {
            let config = parsed(&[ENDPOINT, SUPPORT, ("room-version", version)]);
            assert_eq!(config.map(|config| config.has_almighty_creators()), Ok(are_almighty), "{version}");
        }
    }

    fn parsed(attributes: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let attribute =
            |name: &str| attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Config::parse(&attribute)
    }

    const ENDPOINT: (&str, &str) = ("endpoint", "https://chat.example");
    const SUPPORT: (&str, &str) = ("support", "@support:s.example");
}
