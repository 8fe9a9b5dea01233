//! The register of backends: the only place in the shell that names an adapter. Each is a line, and a feature.

use crate::protocol::Protocol;
#[cfg(feature = "genesys")]
use crate::protocol::genesys;
#[cfg(feature = "live-agent")]
use crate::protocol::live_agent;
#[cfg(feature = "liveperson")]
use crate::protocol::liveperson;
#[cfg(feature = "matrix")]
use crate::protocol::matrix;
#[cfg(feature = "superoffice")]
use crate::protocol::superoffice;

#[cfg(feature = "live-agent")]
use super::redactor::RegularExpressions;
#[cfg(feature = "matrix")]
use super::secrets::Secrets;

/// A backend that the attributes name.
pub(super) struct Backend {
    /// Tells apart what is stored for one backend from what is stored for another.
    pub(super) identity: String,
    /// Makes its dialect, as often as a conversation begins or goes on.
    pub(super) protocol: Box<dyn Fn() -> Box<dyn Protocol>>,
}

/// Reads the attributes of one backend.
type Parse = fn(&dyn Fn(&str) -> Option<String>) -> Result<Backend, String>;

const BACKENDS: &[(&str, Parse)] = &[
    #[cfg(feature = "live-agent")]
    ("live-agent", live_agent),
    #[cfg(feature = "genesys")]
    ("genesys", genesys),
    #[cfg(feature = "liveperson")]
    ("liveperson", liveperson),
    #[cfg(feature = "superoffice")]
    ("superoffice", superoffice),
    #[cfg(feature = "matrix")]
    ("matrix", matrix),
];

impl Backend {
    /// Reads the attributes; an error says what is wrong with them.
    pub(super) fn parse(attribute: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let Some(name) = attribute("protocol") else { return Err("the attribute protocol is missing".to_owned()) };
        match BACKENDS.iter().find(|(known, _)| *known == name) {
            Some((_, parse)) => parse(attribute),
            None => Err(format!("the protocol {name} is not known")),
        }
    }
}

/// What is stored belongs to the backend that these attributes name.
fn identity(name: &str, attribute: &dyn Fn(&str) -> Option<String>, parts: &[&str]) -> String {
    let parts: Vec<String> = parts.iter().filter_map(|part| attribute(part)).collect();
    format!("{name}:{}", parts.join(":"))
}

#[cfg(feature = "live-agent")]
fn live_agent(attribute: &dyn Fn(&str) -> Option<String>) -> Result<Backend, String> {
    let config = live_agent::Config::parse(attribute, surroundings()).map_err(|error| error.to_string())?;
    let parts = ["endpoint", "organization-id", "deployment-id", "button-id", "agent-id", "button-overrides"];
    Ok(Backend {
        identity: identity("live-agent", attribute, &parts),
        protocol: Box::new(move || Box::new(live_agent::LiveAgent::new(config.clone(), Box::new(RegularExpressions)))),
    })
}

#[cfg(feature = "live-agent")]
fn surroundings() -> live_agent::Surroundings {
    let Some(window) = web_sys::window() else { return live_agent::Surroundings::default() };
    let navigator = window.navigator();
    let screen_resolution =
        window.screen().ok().and_then(|screen| Some(format!("{}x{}", screen.width().ok()?, screen.height().ok()?)));
    live_agent::Surroundings {
        user_agent: navigator.user_agent().unwrap_or_default(),
        language: navigator.language().unwrap_or_default(),
        screen_resolution: screen_resolution.unwrap_or_default(),
    }
}

#[cfg(feature = "genesys")]
fn genesys(attribute: &dyn Fn(&str) -> Option<String>) -> Result<Backend, String> {
    #[expect(clippy::cast_possible_truncation, reason = "minutes of a day")]
    let surroundings = genesys::Surroundings {
        language: web_sys::window().and_then(|window| window.navigator().language()).unwrap_or_default(),
        time_zone: Some(-js_sys::Date::new_0().get_timezone_offset() as i32),
    };
    let config = genesys::Config::parse(attribute, surroundings).map_err(|error| error.to_string())?;
    Ok(Backend {
        identity: identity("genesys", attribute, &["variant", "endpoint", "tenant", "service"]),
        protocol: Box::new(move || Box::new(genesys::Genesys::new(config.clone()))),
    })
}

#[cfg(feature = "liveperson")]
fn liveperson(attribute: &dyn Fn(&str) -> Option<String>) -> Result<Backend, String> {
    let config = liveperson::Config::parse(attribute).map_err(|error| error.to_string())?;
    Ok(Backend {
        identity: identity("liveperson", attribute, &["endpoint", "account-id", "skill"]),
        protocol: Box::new(move || Box::new(liveperson::LivePerson::new(config.clone()))),
    })
}

#[cfg(feature = "superoffice")]
fn superoffice(attribute: &dyn Fn(&str) -> Option<String>) -> Result<Backend, String> {
    let config = superoffice::Config::parse(attribute).map_err(|error| error.to_string())?;
    Ok(Backend {
        identity: identity("superoffice", attribute, &["endpoint", "topic-id"]),
        protocol: Box::new(move || Box::new(superoffice::SuperOffice::new(config.clone()))),
    })
}

#[cfg(feature = "matrix")]
fn matrix(attribute: &dyn Fn(&str) -> Option<String>) -> Result<Backend, String> {
    let config = matrix::Config::parse(attribute).map_err(|error| error.to_string())?;
    Ok(Backend {
        identity: identity("matrix", attribute, &["endpoint", "identity", "support", "room"]),
        protocol: Box::new(move || Box::new(matrix::Matrix::new(config.clone(), Box::new(Secrets)))),
    })
}
