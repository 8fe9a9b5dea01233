//! The gateway's configuration: one TOML file. Everything that can be wrong in it is told at once, by its name there.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::gateway::address::Network;
use crate::gateway::proxy::Dialect;

/// The whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where it listens for browsers, or for the proxy in front.
    pub listen: SocketAddr,
    /// Where `/health` and `/metrics` lie; without it both lie where browsers ask.
    #[serde(default)]
    pub admin_listen: Option<SocketAddr>,
    /// What it does for SuperOffice.
    #[serde(default)]
    pub superoffice: Option<SuperOffice>,
    /// Other backends that it stands in front of.
    #[serde(default, rename = "upstream")]
    pub upstreams: Vec<Upstream>,
    /// How much anybody may ask.
    #[serde(default)]
    pub limits: Limits,
    /// Which pages may ask from another origin; none by default.
    #[serde(default)]
    pub cors_origins: Vec<String>,
    /// Proxies in front, whose `X-Forwarded-For` is believed: addresses, or networks such as `10.0.0.0/8`.
    #[serde(default)]
    pub trusted_proxies: Vec<Network>,
    /// A PEM file with authorities that upstreams' certificates may come from, besides those that everybody trusts.
    #[serde(default)]
    pub authorities_file: Option<PathBuf>,
    /// What is logged, and how.
    #[serde(default)]
    pub log: Log,
}

/// What the gateway does for SuperOffice.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuperOffice {
    /// The tenant's address, without `/api/v1`.
    pub url: String,
    /// Where browsers find it.
    #[serde(default = "prefix")]
    pub prefix: String,
    /// The file with the credential.
    #[serde(default)]
    pub credential_file: Option<PathBuf>,
    /// The environment variable with the credential.
    #[serde(default)]
    pub credential_env: Option<String>,
    /// How the credential is presented.
    #[serde(default)]
    pub scheme: Scheme,
    /// The file with the partner's `SO-AppToken`.
    #[serde(default)]
    pub app_token_file: Option<PathBuf>,
    /// The environment variable with the partner's `SO-AppToken`.
    #[serde(default)]
    pub app_token_env: Option<String>,
    /// The topics that visitors may use.
    pub topics: Vec<u64>,
    /// What visitors are called who told no name.
    #[serde(default = "author")]
    pub author: String,
    /// Whether visitors' typing is passed on (§5.6).
    #[serde(default)]
    pub typing: bool,
    /// Whether an unknown session is answered like a wrong key, so that nobody learns which numbers exist.
    #[serde(default)]
    pub hide_unknown: bool,
    /// How the limits of the offline form in the queue combine (§4.3).
    #[serde(default)]
    pub queue_form: Combine,
    /// How it reads.
    #[serde(default)]
    pub pace: Pace,
    /// The file with the secret that signs webhooks; without a secret none are taken.
    #[serde(default)]
    pub webhook_secret_file: Option<PathBuf>,
    /// The environment variable with that secret.
    #[serde(default)]
    pub webhook_secret_env: Option<String>,
    /// The addresses of the other gateway processes, to which webhooks are passed on.
    #[serde(default)]
    pub peers: Vec<String>,
}

/// How the credential is presented (§2.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Scheme {
    /// An access token.
    #[default]
    Bearer,
    /// A ticket.
    SOTicket,
    /// User and password, onsite only.
    Basic,
}

/// How two limits combine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Combine {
    /// Either is enough.
    #[default]
    Any,
    /// Both are wanted.
    All,
}

/// How often and how patiently SuperOffice is asked. Times in milliseconds.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pace {
    /// The shortest time between two reads of a session in which something happens.
    pub busy_ms: u64,
    /// The same where nothing happened for `idle_after_ms`.
    pub idle_ms: u64,
    /// When a session counts as idle.
    pub idle_after_ms: u64,
    /// The same for every session, once webhooks are taken.
    pub webhook_ms: u64,
    /// The shortest time between two counts of a queue.
    pub queue_ms: u64,
    /// How long a topic is remembered.
    pub topic_ms: u64,
    /// How long it is remembered whether a topic is open.
    pub open_ms: u64,
    /// How often a visitor's presence is written (§8.1).
    pub fetched_ms: u64,
    /// How long an answer may take, repeats included.
    pub deadline_ms: u64,
    /// How long the knowledge base may be silent on a question before people are asked.
    pub faq_ms: u64,
    /// How many requests may be on their way.
    pub in_flight: usize,
    /// How many bytes of an answer are read.
    pub answer_bytes: usize,
}

/// A backend that the gateway stands in front of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// Where browsers find it.
    pub prefix: String,
    /// The backend's address.
    pub url: String,
    /// Its dialect: nothing else gets through.
    pub protocol: Dialect,
    /// How long an answer may take, in milliseconds.
    #[serde(default = "patience")]
    pub deadline_ms: u64,
}

/// How much anybody may ask.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Bytes of a file's body, where a proxied protocol has files.
    pub file_bytes: usize,
    /// Characters of a message.
    pub message_chars: usize,
    /// How long a request's head may take to arrive, in milliseconds.
    pub head_ms: u64,
    /// How long a request's body may take to arrive, in milliseconds.
    pub body_ms: u64,
    /// Open connections in all.
    pub connections: usize,
    /// Open connections of one address.
    pub connections_per_address: usize,
    /// Requests of one address in a second, on average.
    pub requests_per_second: f64,
    /// Requests of one address at once.
    pub request_burst: f64,
    /// Sessions that one address may begin in a minute.
    pub starts_per_minute: f64,
    /// Sessions that one address may have open.
    pub sessions_per_address: usize,
    /// Wrong keys and unknown sessions of one address in a minute.
    pub misses_per_minute: f64,
    /// Sessions that are remembered.
    pub sessions: usize,
    /// How long open requests may take once it is told to stop, in milliseconds.
    pub shutdown_ms: u64,
}

/// What is logged, and how.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// How much.
    pub level: Level,
    /// How it looks.
    pub format: Format,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// What somebody has to do something about.
    Error,
    /// What goes wrong and is dealt with.
    Warn,
    /// That and one line for each request.
    #[default]
    Info,
    /// That and one line for each request upstream.
    Debug,
}

/// How the log looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object a line.
    #[default]
    Json,
    /// For people.
    Text,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// Says what is wrong, and where.
    pub fn load(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::parse(&text).map_err(|problem| format!("{}: {problem}", path.display()))
    }

    /// Reads a text.
    ///
    /// # Errors
    /// Says what is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, String> {
        let config: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let problems = config.problems();
        if problems.is_empty() { Ok(config) } else { Err(problems.join("\n")) }
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.superoffice.is_none() && self.upstreams.is_empty() {
            problems.push("neither [superoffice] nor [[upstream]] is there, so there is nothing to do".to_owned());
        }
        if let Some(superoffice) = &self.superoffice {
            superoffice.check(&mut problems);
        }
        for (place, upstream) in self.upstreams.iter().enumerate() {
            let name = format!("upstream[{place}]");
            check_url(&format!("{name}.url"), &upstream.url, &mut problems);
            check_prefix(&format!("{name}.prefix"), &upstream.prefix, &mut problems);
        }
        let prefixes = self.superoffice.iter().map(|it| &it.prefix).chain(self.upstreams.iter().map(|it| &it.prefix));
        let mut prefixes: Vec<&String> = prefixes.collect();
        prefixes.sort();
        for pair in prefixes.windows(2) {
            if let [first, second] = pair
                && (second == first || second.strip_prefix(first.as_str()).is_some_and(|rest| rest.starts_with('/')))
            {
                problems.push(format!("prefix: {first} and {second} overlap"));
            }
        }
        for origin in &self.cors_origins {
            let is_origin = origin.split_once("://").is_some_and(|(_, host)| !host.is_empty() && !host.contains('/'));
            if !is_origin {
                problems.push(format!("cors_origins: {origin} is no origin; write https://www.example.com"));
            }
        }
        problems
    }
}

impl SuperOffice {
    fn check(&self, problems: &mut Vec<String>) {
        check_url("superoffice.url", &self.url, problems);
        check_prefix("superoffice.prefix", &self.prefix, problems);
        if self.url.trim_end_matches('/').ends_with("/api/v1") {
            problems.push("superoffice.url: leave /api/v1 out".to_owned());
        }
        if self.credential_file.is_some() == self.credential_env.is_some() {
            problems.push("superoffice: exactly one of credential_file and credential_env is wanted".to_owned());
        }
        if self.app_token_file.is_some() && self.app_token_env.is_some() {
            problems.push("superoffice: app_token_file and app_token_env exclude each other".to_owned());
        }
        if self.webhook_secret_file.is_some() && self.webhook_secret_env.is_some() {
            problems.push("superoffice: webhook_secret_file and webhook_secret_env exclude each other".to_owned());
        }
        if self.topics.is_empty() {
            problems.push("superoffice.topics: name the topics that visitors may use".to_owned());
        }
        if self.pace.in_flight == 0 || self.pace.deadline_ms == 0 {
            problems.push("superoffice.pace: in_flight and deadline_ms are at least 1".to_owned());
        }
        for peer in &self.peers {
            check_url("superoffice.peers", peer, problems);
        }
    }
}

fn check_url(name: &str, url: &str, problems: &mut Vec<String>) {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let is_plain = !url.contains(['?', '#', '@', ' ']);
    if host.is_empty() || !is_plain {
        problems.push(format!("{name}: {url:?} is no address; write https://host/path"));
    }
}

fn check_prefix(name: &str, prefix: &str, problems: &mut Vec<String>) {
    let is_plain = prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_".contains(&byte));
    if !prefix.starts_with('/') || prefix.ends_with('/') || prefix.contains("//") || !is_plain {
        problems.push(format!("{name}: {prefix:?} is no path; write /so"));
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            busy_ms: 1_000,
            idle_ms: 5_000,
            idle_after_ms: 60_000,
            webhook_ms: 15_000,
            queue_ms: 3_000,
            topic_ms: 60_000,
            open_ms: 10_000,
            fetched_ms: 12_000,
            deadline_ms: 10_000,
            faq_ms: 10_000,
            in_flight: 128,
            answer_bytes: 4 * 1024 * 1024,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 32 * 1024,
            file_bytes: 5 * 1024 * 1024,
            message_chars: 4_000,
            head_ms: 10_000,
            body_ms: 10_000,
            connections: 10_000,
            connections_per_address: 100,
            requests_per_second: 50.0,
            request_burst: 200.0,
            starts_per_minute: 20.0,
            sessions_per_address: 50,
            misses_per_minute: 30.0,
            sessions: 50_000,
            shutdown_ms: 10_000,
        }
    }
}

/// So many milliseconds.
pub fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn prefix() -> String {
    "/so".to_owned()
}

fn author() -> String {
    "Visitor".to_owned()
}

fn patience() -> u64 {
    60_000
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test may fail loudly")]
    use super::*;

    const LEAST: &str = "listen = \"127.0.0.1:0\"\n[superoffice]\nurl = \"https://a.test/Cust1\"\ncredential_env = \"T\"\ntopics = [1]\n";

    #[test]
    fn little_is_needed() {
        let config = Config::parse(LEAST).expect("a good configuration");
        let superoffice = config.superoffice.expect("it is there");
        assert_eq!((superoffice.prefix.as_str(), superoffice.pace.busy_ms), ("/so", 1_000));
    }

    #[test]
    fn what_is_wrong_is_told_by_its_name() {
        for (text, told) in [
            ("listen = 7", "listen"),
            ("listen = \"127.0.0.1:0\"", "nothing to do"),
            (&format!("{LEAST}colour = 1"), "colour"),
            (&LEAST.replace("topics = [1]", "topics = []"), "superoffice.topics"),
            (&LEAST.replace("https://a.test/Cust1", "a.test"), "superoffice.url"),
            (&LEAST.replace("Cust1", "Cust1/api/v1"), "leave /api/v1 out"),
            (&LEAST.replace("credential_env = \"T\"", ""), "credential_file and credential_env"),
            (&format!("cors_origins = [\"a.test\"]\n{LEAST}"), "cors_origins"),
            (&format!("{LEAST}prefix = \"so/\""), "superoffice.prefix"),
            (
                &format!(
                    "{LEAST}[[upstream]]\nprefix = \"/so/lp\"\nurl = \"https://b.test\"\nprotocol = \"liveperson\""
                ),
                "overlap",
            ),
            (&format!("{LEAST}[[upstream]]\nprefix = \"/x\"\nurl = \"https://b.test\"\nprotocol = \"ftp\""), "ftp"),
        ] {
            let problem = Config::parse(text).expect_err("it is wrong");
            assert!(problem.contains(told), "{told}: {problem}");
        }
    }

    #[test]
    fn the_sample_tells_every_default() {
        let sample = Config::parse(include_str!("../../deploy/gateway.toml")).expect("a good configuration");
        let superoffice = sample.superoffice.expect("it is there");
        assert_eq!(format!("{:?}", superoffice.pace), format!("{:?}", Pace::default()));
        assert_eq!(format!("{:?}", sample.limits), format!("{:?}", Limits::default()));
        let text = include_str!("../../deploy/gateway.toml");
        let pace = format!("{:?}", superoffice.pace);
        let names = pace.split(['{', ',']).filter_map(|part| part.split(':').next()).map(str::trim).skip(1);
        for name in names {
            assert!(text.contains(&format!("{name} = ")), "{name}");
        }
    }

    #[test]
    fn a_credential_is_no_field() {
        let problem = Config::parse(&format!("{LEAST}credential = \"8A:secret\"")).expect_err("no such field");
        assert!(problem.contains("credential"), "{problem}");
    }
}
