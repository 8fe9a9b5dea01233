//! `sessionStorage`, which may be missing, full, forbidden or filled by somebody else.

use crate::session::Record;

/// The records of one widget's conversation.
#[derive(Clone, Debug)]
pub struct Storage {
    prefix: String,
}

impl Storage {
    /// The records of the widget with this identity: another backend or queue has records of its own.
    pub fn of(identity: &str) -> Self {
        Self { prefix: format!("holdfast:{identity}:") }
    }

    /// The text of a record.
    pub fn read(&self, key: &str) -> Option<String> {
        store()?.get_item(&self.key(key)).ok()?
    }

    /// Writes a batch. Where a part of it fails everything is removed: a stale conversation is worse than none.
    pub(super) fn write(&self, records: &[Record]) -> bool {
        let Some(store) = store() else { return false };
        let written = records.iter().try_for_each(|record| match &record.value {
            Some(value) => store.set_item(&self.key(&record.key), value),
            None => store.remove_item(&self.key(&record.key)),
        });
        if written.is_err() {
            self.clear();
        }
        written.is_ok()
    }

    /// Removes everything.
    pub fn clear(&self) {
        let Some(store) = store() else { return };
        let count = store.length().unwrap_or(0);
        let keys: Vec<String> = (0..count).filter_map(|place| store.key(place).ok()?).collect();
        for key in keys.iter().filter(|key| key.starts_with(&self.prefix)) {
            // Where removing fails, reading fails as well.
            let _ = store.remove_item(key);
        }
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}

fn store() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok()?
}
