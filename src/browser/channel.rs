//! How the tabs with one widget hear each other. Where there is no `BroadcastChannel`, nobody hears anybody.

use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::BroadcastChannel;

use crate::tab::TabInput;

use super::Driver;
use super::environment::{Listener, property};

/// Listens until it is dropped.
pub(super) struct Channel {
    channel: BroadcastChannel,
    /// Kept for as long as it is to listen.
    _listener: Listener,
}

impl Channel {
    /// Listens for `driver` to what is said under this name.
    pub(super) fn open(name: &str, driver: &Rc<Driver>) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let listener = Listener::attach(&channel, "message", driver, |driver, event| {
            if let Some(text) = property(event, "data").as_string() {
                driver.handle(TabInput::Heard(text));
            }
        });
        Some(Self { channel, _listener: listener })
    }

    /// Says something to all others.
    pub(super) fn say(&self, text: &str) {
        // A text can always be copied.
        let _ = self.channel.post_message(&JsValue::from(text));
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.close();
    }
}
