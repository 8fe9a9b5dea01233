//! The log: lines with fields, on standard error. Nothing that is logged comes from a body, a key, or an address.

use tracing::level_filters::LevelFilter;

use crate::gateway::config::{Format, Level, Log};

/// Prepares the log of this process. Where there is one already, that one stays.
pub fn begin(log: &Log) {
    let level = match log.level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
    };
    let lines = tracing_subscriber::fmt().with_max_level(level).with_target(false).with_writer(std::io::stderr);
    let _already = match log.format {
        Format::Json => lines.json().flatten_event(true).try_init(),
        Format::Text => lines.with_ansi(false).try_init(),
    };
}
