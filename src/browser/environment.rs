//! What the page goes through: network, visibility, leaving and coming back.

use std::rc::Rc;

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, EventTarget};

use crate::session::{Environment, Input};

use super::Driver;

/// The listeners of one driver. Dropping them removes them.
pub(super) struct Listeners {
    /// Kept for as long as they are to listen.
    _all: Vec<Listener>,
}

impl Listeners {
    /// Listens for `driver`, and does not keep it alive.
    pub(super) fn attach(driver: &Rc<Driver>) -> Self {
        let Some(window) = web_sys::window() else { return Self { _all: Vec::new() } };
        let document = window.document();
        let tell = |environment| move |driver: &Driver| driver.step(Input::Environment(environment));
        let mut all = vec![
            Listener::attach(&window, "online", driver, tell(Environment::Online)),
            Listener::attach(&window, "offline", driver, tell(Environment::Offline)),
            Listener::attach(&window, "pagehide", driver, Driver::leave),
            Listener::attach(&window, "pageshow", driver, Driver::come_back),
        ];
        if let Some(document) = document {
            let tell_visible = |driver: &Driver| {
                let document = web_sys::window().and_then(|window| window.document());
                if document.is_some_and(|document| !document.hidden()) {
                    driver.step(Input::Environment(Environment::Visible));
                }
            };
            all.push(Listener::attach(&document, "visibilitychange", driver, tell_visible));
        }
        Self { _all: all }
    }
}

struct Listener {
    target: EventTarget,
    kind: &'static str,
    callback: Closure<dyn FnMut(Event)>,
}

impl Listener {
    fn attach(target: &EventTarget, kind: &'static str, driver: &Rc<Driver>, tell: impl Fn(&Driver) + 'static) -> Self {
        let driver = Rc::downgrade(driver);
        let callback = Closure::new(move |event: Event| {
            // A page that is shown for the first time is not back from anywhere.
            let is_first_show = kind == "pageshow" && !is_persisted(&event);
            if let Some(driver) = driver.upgrade().filter(|_| !is_first_show) {
                tell(&driver);
            }
        });
        // An event name that is a string constant cannot be refused.
        let _ = target.add_event_listener_with_callback(kind, callback.as_ref().unchecked_ref());
        Self { target: target.clone(), kind, callback }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.kind, self.callback.as_ref().unchecked_ref());
    }
}

fn is_persisted(event: &Event) -> bool {
    js_sys::Reflect::get(event, &JsValue::from("persisted")).is_ok_and(|value| value.is_truthy())
}
