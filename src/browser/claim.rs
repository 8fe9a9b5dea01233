//! The lock of a conversation: who has it speaks for it, and two polls would end a chat.

use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

use crate::tab::Elsewhere;

use super::environment::property;
use super::storage::{Storage, is_within};

/// A lock, or the wish for it. Dropping it gives both up.
pub struct Claim {
    controller: AbortController,
    release: Function,
}

impl Claim {
    /// Asks for the lock of this name, for as long as it takes. `granted` is called at once where the browser has no locks:
    /// a chat without this protection is better than none.
    pub fn ask(name: &str, granted: impl Fn() + 'static) -> Option<Self> {
        let granted = Rc::new(granted);
        let Some((controller, request)) = AbortController::new().ok().zip(method("request")) else {
            granted();
            return None;
        };
        let signal = controller.signal();
        let (held, release) = gate();
        let release = release?;
        let hold = {
            let (granted, signal) = (Rc::clone(&granted), signal.clone());
            Closure::<dyn FnMut() -> Promise>::new(move || {
                // A wish that was given up may be fulfilled all the same.
                if !signal.aborted() {
                    granted();
                }
                // The lock is held until this is resolved.
                held.clone()
            })
        };
        let options = Object::new();
        Reflect::set(&options, &"signal".into(), &signal).ok()?;
        let asked = request.call3(&locks(), &name.into(), &options, hold.as_ref());
        spawn_local(async move {
            let is_refused = match asked.ok().and_then(|asked| asked.dyn_into::<Promise>().ok()) {
                Some(asked) => JsFuture::from(asked).await.is_err(),
                None => true,
            };
            drop(hold);
            // Refused outright, as in a document that may not have locks.
            if is_refused && !signal.aborted() {
                granted();
            }
        });
        Some(Self { controller, release })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.controller.abort();
        // It is the resolver of a promise, which does not throw.
        let _ = self.release.call0(&JsValue::UNDEFINED);
    }
}

/// Whether another tab with this widget leads a conversation, as far as that can be learned quickly.
pub async fn elsewhere(storage: &Storage) -> Elsewhere {
    let asked = method("query").and_then(|query| query.call0(&locks()).ok());
    let Some(asked) = asked.and_then(|asked| asked.dyn_into::<Promise>().ok()) else { return Elsewhere::Nobody };
    let patience = Promise::new(&mut |resolve, _reject| {
        if let Some(window) = web_sys::window() {
            // Without an alarm the browser's own answer is waited for.
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, PATIENCE);
        }
    });
    let answer = JsFuture::from(Promise::race(&Array::of2(&asked, &patience))).await.unwrap_or_default();
    let held = property(&answer, "held").dyn_into::<Array>().unwrap_or_default();
    let is_ours =
        |lock: JsValue| property(&lock, "name").as_string().is_some_and(|name| is_within(storage.name(), &name));
    if held.iter().any(is_ours) { Elsewhere::Somebody } else { Elsewhere::Nobody }
}

/// `navigator.locks`, where there is such a thing.
fn locks() -> JsValue {
    property(&property(&js_sys::global(), "navigator"), "locks")
}

fn method(name: &str) -> Option<Function> {
    property(&locks(), name).dyn_into().ok()
}

/// A promise and what resolves it.
fn gate() -> (Promise, Option<Function>) {
    let mut open = None;
    let promise = Promise::new(&mut |resolve, _reject| open = Some(resolve));
    (promise, open)
}

/// How long the visitor waits for the answer, in milliseconds. It takes about one.
const PATIENCE: i32 = 500;
