//! A clock that goes on ticking while the page is hidden.
//!
//! Browsers wake the timers of a hidden page once a minute, and some backends give a visitor up after 40 seconds. The
//! timers of a worker are left alone. Where a page's policy forbids one, the page's own alarm is all there is.

use std::rc::Rc;
use std::time::Duration;

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{Blob, Url, Worker};

use crate::session::Input;

use super::Driver;
use super::environment::Listener;

/// Ticks until it is dropped.
pub(super) struct Clock {
    worker: Worker,
    /// Kept for as long as it is to be heard.
    _listener: Listener,
}

impl Clock {
    /// Starts a clock that wakes `driver`.
    pub(super) fn start(driver: &Rc<Driver>) -> Option<Self> {
        let script = Blob::new_with_str_sequence(&Array::of1(&SCRIPT.into())).ok()?;
        let address = Url::create_object_url_with_blob(&script).ok()?;
        let worker = Worker::new(&address);
        // What the worker runs is settled by now.
        let _ = Url::revoke_object_url(&address);
        let worker = worker.ok()?;
        let listener = Listener::attach(&worker, "message", driver, |driver, _| driver.step(Input::Woke));
        Some(Self { worker, _listener: listener })
    }

    /// Wakes the driver after so long, in place of what was set before.
    pub(super) fn set(&self, wait: Duration) {
        #[expect(clippy::cast_precision_loss, reason = "a wait is short")]
        let millis = wait.as_millis() as f64;
        // A number can always be copied.
        let _ = self.worker.post_message(&JsValue::from(millis));
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

const SCRIPT: &str = "let t;onmessage=e=>{clearTimeout(t);t=setTimeout(()=>postMessage(0),e.data)}";
