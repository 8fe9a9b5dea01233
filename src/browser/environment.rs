//! What the page goes through: network, visibility, leaving and coming back.

use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, EventTarget};

use crate::session::{Environment, Input};

use super::Driver;

/// Listens for `driver` until they are dropped, and does not keep it alive.
pub(super) fn listeners(driver: &Rc<Driver>) -> Vec<Listener> {
    let Some(window) = web_sys::window() else { return Vec::new() };
    let mut all = vec![
        Listener::attach(&window, "online", driver, |driver, _| driver.tell(Environment::Online)),
        Listener::attach(&window, "offline", driver, |driver, _| driver.tell(Environment::Offline)),
        Listener::attach(&window, "pagehide", driver, |driver, _| driver.leave()),
        Listener::attach(&window, "pageshow", driver, |driver, event| {
            // A page that is shown for the first time is not back from anywhere.
            if property(event, "persisted").is_truthy() {
                driver.come_back();
            }
        }),
    ];
    if let Some(document) = window.document() {
        all.push(Listener::attach(&document, "visibilitychange", driver, |driver, _| {
            if is_hidden() {
                driver.tell(Environment::Hidden);
            } else {
                driver.tell(Environment::Visible);
            }
        }));
    }
    all
}

/// One listener. Dropping it removes it.
pub(super) struct Listener {
    target: EventTarget,
    kind: &'static str,
    callback: Closure<dyn FnMut(Event)>,
}

impl Listener {
    pub(super) fn attach(
        target: &EventTarget,
        kind: &'static str,
        driver: &Rc<Driver>,
        tell: fn(&Driver, &Event),
    ) -> Self {
        let driver = Rc::downgrade(driver);
        let callback = Closure::new(move |event: Event| {
            if let Some(driver) = driver.upgrade() {
                tell(&driver, &event);
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

impl Driver {
    fn tell(&self, environment: Environment) {
        self.step(Input::Environment(environment));
    }
}

/// Whether nobody can see the page.
pub(super) fn is_hidden() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_some_and(|document| document.hidden())
}

/// A property of anything; undefined where there is none.
pub(super) fn property(owner: &JsValue, name: &str) -> JsValue {
    Reflect::get(owner, &name.into()).unwrap_or_default()
}
