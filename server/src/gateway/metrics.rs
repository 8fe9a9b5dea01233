//! What the gateway counts, and how Prometheus reads it. No label has anything of a visitor's.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Everything that is counted.
#[derive(Debug, Default)]
pub struct Metrics {
    families: Mutex<Families>,
    /// Reads that were answered without asking upstream.
    pub shared: AtomicU64,
    /// Visitors' presence that was written.
    pub touches: AtomicU64,
    /// Webhooks that were taken.
    pub webhooks: AtomicU64,
    /// Webhooks that were refused.
    pub webhooks_refused: AtomicU64,
    /// Connections that were closed because there were too many.
    pub turned_away: AtomicU64,
    /// Connections that are open.
    pub connections: AtomicI64,
    /// Sessions that are remembered.
    pub sessions: AtomicI64,
}

#[derive(Debug, Default)]
struct Families {
    browser: BTreeMap<(&'static str, u16), Tally>,
    upstream: BTreeMap<(&'static str, &'static str), Tally>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    count: u64,
    seconds: f64,
    within: [u64; EDGES.len()],
}

impl Metrics {
    /// A browser's request was answered.
    pub fn answered(&self, route: &'static str, status: u16, took: Duration) {
        self.lock().browser.entry((route, status)).or_default().add(took);
    }

    /// An upstream answered, or did not.
    pub fn asked(&self, operation: &'static str, outcome: &'static str, took: Duration) {
        self.lock().upstream.entry((operation, outcome)).or_default().add(took);
    }

    /// Everything in Prometheus' text format.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let families = self.lock();
        let browser = families
            .browser
            .iter()
            .map(|((route, status), tally)| (format!("route=\"{route}\",status=\"{status}\""), *tally));
        histogram(&mut text, "gateway_requests", "Requests of browsers.", browser);
        let upstream = families
            .upstream
            .iter()
            .map(|((operation, outcome), tally)| (format!("operation=\"{operation}\",outcome=\"{outcome}\""), *tally));
        histogram(&mut text, "gateway_upstream_requests", "Requests to upstreams.", upstream);
        drop(families);
        for (name, help, value) in [
            ("gateway_reads_shared_total", "Reads that were answered without asking upstream.", &self.shared),
            ("gateway_touches_total", "Times that a visitor's presence was written.", &self.touches),
            ("gateway_webhooks_total", "Webhooks that were taken.", &self.webhooks),
            ("gateway_webhooks_refused_total", "Webhooks that were refused.", &self.webhooks_refused),
            ("gateway_turned_away_total", "Connections beyond the limits.", &self.turned_away),
        ] {
            let value = value.load(Ordering::Relaxed);
            let _fits = write!(text, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}\n");
        }
        for (name, help, value) in [
            ("gateway_connections", "Connections that are open.", &self.connections),
            ("gateway_sessions", "Sessions that are remembered.", &self.sessions),
        ] {
            let value = value.load(Ordering::Relaxed);
            let _fits = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n");
        }
        text
    }

    fn lock(&self) -> MutexGuard<'_, Families> {
        self.families.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tally {
    fn add(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        self.count += 1;
        self.seconds += seconds;
        for (edge, count) in EDGES.iter().zip(&mut self.within) {
            *count += u64::from(seconds <= *edge);
        }
    }
}

fn histogram(text: &mut String, name: &str, help: &str, series: impl Iterator<Item = (String, Tally)>) {
    let _fits = write!(text, "# HELP {name}_seconds {help}\n# TYPE {name}_seconds histogram\n");
    for (labels, tally) in series {
        for (edge, count) in EDGES.iter().zip(tally.within) {
            let _fits = writeln!(text, "{name}_seconds_bucket{{{labels},le=\"{edge}\"}} {count}");
        }
        let _fits = writeln!(text, "{name}_seconds_bucket{{{labels},le=\"+Inf\"}} {}", tally.count);
        let _fits = writeln!(text, "{name}_seconds_sum{{{labels}}} {}", tally.seconds);
        let _fits = writeln!(text, "{name}_seconds_count{{{labels}}} {}", tally.count);
    }
}

/// Seconds at which one wants to know how many were quicker.
const EDGES: [f64; 6] = [0.005, 0.025, 0.1, 0.5, 2.0, 10.0];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_told() {
        let metrics = Metrics::default();
        metrics.answered("session", 200, Duration::from_millis(20));
        metrics.answered("session", 200, Duration::from_secs(1));
        let text = metrics.text();
        for line in [
            "gateway_requests_seconds_bucket{route=\"session\",status=\"200\",le=\"0.025\"} 1",
            "gateway_requests_seconds_bucket{route=\"session\",status=\"200\",le=\"+Inf\"} 2",
            "gateway_requests_seconds_count{route=\"session\",status=\"200\"} 2",
            "gateway_sessions 0",
        ] {
            assert!(text.lines().any(|told| told == line), "{line}\n{text}");
        }
    }
}
