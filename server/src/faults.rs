//! Faults that wait for the next request they fit, in any dialect.
//! Decides only what shall go wrong; the intake does it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;

/// The faults that were ordered.
#[derive(Debug, Default)]
pub struct Faults {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    next: u64,
    faults: Vec<Fault>,
}

#[derive(Debug)]
struct Fault {
    id: u64,
    order: Order,
    skipped: u32,
    hits: u32,
    released: watch::Sender<bool>,
}

/// What shall go wrong, and when.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Order {
    /// The resource's name, or `*` for every one.
    #[serde(default = "any")]
    pub noun: String,
    /// The method, or every one but `OPTIONS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// How many requests shall suffer.
    #[serde(default = "once")]
    pub times: u32,
    /// How many fitting requests pass unharmed before.
    #[serde(default)]
    pub skip: u32,
    /// What happens to them.
    pub action: Damage,
}

/// What happens to a request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Damage {
    /// Not processed; answered with this status.
    Status {
        /// The status code.
        code: u16,
        /// The body.
        #[serde(default)]
        body: String,
        /// A `Retry-After` header.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<String>,
    },
    /// Not processed; the connection closes.
    DropRequest,
    /// Processed; the connection closes instead of an answer.
    DropAnswer,
    /// Processed; the connection closes in the middle of the body.
    Cut,
    /// Processed after a while.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// Processed at once, answered after a while.
    DelayAnswer {
        /// Milliseconds.
        ms: u64,
    },
    /// Neither processed nor answered.
    Hang,
    /// Processed, never answered.
    HangAnswer,
    /// Processed; answered with another body.
    Body {
        /// The body.
        body: String,
        /// Its type; else as before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content_type: Option<String>,
    },
    /// Processed when released.
    Hold,
}

/// A fault that has found its request.
#[derive(Debug)]
pub struct Strike {
    /// What happens.
    pub damage: Damage,
    released: watch::Receiver<bool>,
}

impl Strike {
    /// Waits until somebody releases the fault.
    pub async fn released(&mut self) {
        // A fault that was cleared counts as released.
        let _cleared = self.released.wait_for(|released| *released).await;
    }
}

impl Faults {
    /// Adds a fault and gives its number.
    pub fn add(&self, order: Order) -> u64 {
        let mut inner = self.lock();
        inner.next += 1;
        let id = inner.next;
        inner.faults.push(Fault { id, order, skipped: 0, hits: 0, released: watch::Sender::new(false) });
        id
    }

    /// The fault that strikes this request, if any.
    pub fn strike(&self, noun: &str, method: &Method) -> Option<Strike> {
        let mut inner = self.lock();
        inner.faults.iter_mut().find_map(|fault| fault.strike(noun, method))
    }

    /// All faults with the number of requests each has struck.
    pub fn list(&self) -> Vec<Value> {
        let inner = self.lock();
        let lines = inner.faults.iter().map(|fault| {
            let mut line = serde_json::to_value(&fault.order).unwrap_or_default();
            if let Some(fields) = line.as_object_mut() {
                fields.insert("id".to_owned(), json!(fault.id));
                fields.insert("hits".to_owned(), json!(fault.hits));
            }
            line
        });
        lines.collect()
    }

    /// Lets go what a fault keeps; whether there is such a fault.
    pub fn release(&self, id: u64) -> bool {
        let inner = self.lock();
        let found = inner.faults.iter().find(|fault| fault.id == id);
        if let Some(fault) = found {
            fault.released.send_replace(true);
        }
        found.is_some()
    }

    /// Forgets all faults and lets go what they keep.
    pub fn clear(&self) {
        self.lock().faults.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fault {
    fn strike(&mut self, noun: &str, method: &Method) -> Option<Strike> {
        if !self.order.fits(noun, method) || self.hits >= self.order.times {
            return None;
        }
        if self.skipped < self.order.skip {
            self.skipped += 1;
            return None;
        }
        self.hits += 1;
        Some(Strike { damage: self.order.action.clone(), released: self.released.subscribe() })
    }
}

impl Order {
    fn fits(&self, noun: &str, method: &Method) -> bool {
        let noun_fits = self.noun == "*" || self.noun == noun;
        let method_fits = match &self.method {
            Some(wanted) => wanted.eq_ignore_ascii_case(method.as_str()),
            None => method != Method::OPTIONS,
        };
        noun_fits && method_fits
    }
}

fn any() -> String {
    "*".to_owned()
}

fn once() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn a_fault_skips_then_strikes_as_often_as_ordered() {
        let faults = Faults::default();
        let order = json!({"noun": "Messages", "skip": 1, "times": 1, "action": {"kind": "dropAnswer"}});
        faults.add(serde_json::from_value(order).expect("a valid order"));
        assert!(faults.strike("ChatMessage", &Method::GET).is_none());
        assert!(faults.strike("Messages", &Method::OPTIONS).is_none());
        assert!(faults.strike("Messages", &Method::GET).is_none());
        assert!(faults.strike("Messages", &Method::GET).is_some());
        assert!(faults.strike("Messages", &Method::GET).is_none());
        assert_eq!(faults.list().first().and_then(|line| line.get("hits").cloned()), Some(json!(1)));
    }
}
