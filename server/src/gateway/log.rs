//! The log: lines with fields, on standard error. Nothing that is logged comes from a body, a key, or an address, so only
//! this program's own lines are.

use std::time::Duration;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt, registry};

use crate::gateway::config::{Format, Level, Log};

/// Prepares the log of this process. Where there is one already, that one stays.
pub fn begin(log: &Log) {
    let level = match log.level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
    };
    let lines = fmt::layer().with_target(false).with_writer(std::io::stderr);
    let lines = match log.format {
        Format::Json => lines.json().flatten_event(true).boxed(),
        Format::Text => lines.with_ansi(false).boxed(),
    };
    let own = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    let _already = registry().with(lines).with(own).try_init();
}

/// How long something took, as lines tell it.
pub fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
