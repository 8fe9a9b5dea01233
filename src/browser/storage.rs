//! What the browser keeps. `sessionStorage` has a tab's own records; `localStorage` has, for every conversation, how far it
//! was stored, which all tabs share, and nothing else. Both may be missing, full, forbidden or filled by somebody else.

use crate::session::{Record, Serial};

use super::now;

/// What is kept for one widget.
#[derive(Clone, Debug)]
pub struct Storage {
    name: String,
}

impl Storage {
    /// The records of the widget with this identity: another backend or queue has records of its own.
    pub fn of(identity: &str) -> Self {
        Self { name: format!("{NAMESPACE}{identity}") }
    }

    /// The name under which the tabs with this widget find each other.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of something that is this widget's.
    pub(super) fn key(&self, key: &str) -> String {
        format!("{}:{key}", self.name)
    }

    /// The text of a record.
    pub fn read(&self, key: &str) -> Option<String> {
        records()?.get_item(&self.key(key)).ok()?
    }

    /// Writes a batch. Where a part of it fails everything is removed: a stale conversation is worse than none.
    pub(super) fn write(&self, batch: &[Record]) -> bool {
        let Some(store) = records() else { return false };
        let written = batch.iter().try_for_each(|record| match &record.value {
            Some(value) => store.set_item(&self.key(&record.key), value),
            None => store.remove_item(&self.key(&record.key)),
        });
        if written.is_err() {
            self.clear();
        }
        written.is_ok()
    }

    /// Removes all records.
    pub fn clear(&self) {
        if let Some(store) = records() {
            sweep(&store, &|key| is_within(&self.name, key));
        }
    }

    /// How far all tabs know a conversation to be stored.
    pub(super) fn counted(&self, conversation: &str) -> Option<Serial> {
        let text = counts()?.get_item(&self.key(conversation)).ok()??;
        text.split_once(' ')?.0.parse().ok().map(Serial)
    }

    /// Tells all tabs how far a conversation is stored.
    pub(super) fn count(&self, conversation: &str, Serial(serial): Serial) {
        if let Some(store) = counts() {
            // Where this cannot be written, no tab can be held to it.
            let _ = store.set_item(&self.key(conversation), &format!("{serial} {}", now().as_millis()));
        }
    }
}

/// Removes the counts of conversations that no backend remembers.
pub(super) fn sweep_counts() {
    if let Some(store) = counts() {
        let is_outdated = |key: &str| {
            let value = store.get_item(key).ok().flatten();
            let written = value.as_ref().and_then(|value| value.split_once(' ')?.1.parse::<u64>().ok());
            key.starts_with(NAMESPACE) && written.is_none_or(|at| at + OUTDATED < now().as_millis())
        };
        sweep(&store, &is_outdated);
    }
}

/// Whether a name is one of the widget with this name. The identity of one may begin like that of another.
pub(super) fn is_within(name: &str, key: &str) -> bool {
    key.strip_prefix(name).and_then(|rest| rest.strip_prefix(':')).is_some_and(|rest| !rest.contains(':'))
}

fn sweep(store: &web_sys::Storage, is_wanted_gone: &dyn Fn(&str) -> bool) {
    let count = store.length().unwrap_or(0);
    let keys: Vec<String> = (0..count).filter_map(|place| store.key(place).ok()?).collect();
    for key in keys.iter().filter(|key| is_wanted_gone(key)) {
        // Where removing fails, reading fails as well.
        let _ = store.remove_item(key);
    }
}

fn records() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok()?
}

fn counts() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

const NAMESPACE: &str = "holdfast:";
/// A day, in milliseconds. Backends forget a chat that nobody asks about within minutes.
const OUTDATED: u64 = 86_400_000;
