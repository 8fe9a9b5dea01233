//! One tab per conversation: a duplicated tab copies `sessionStorage`, and two polls would end the chat.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A conversation that belongs to this tab until the claim is dropped.
pub struct Claim {
    conversation: String,
    release: Option<Function>,
}

impl Claim {
    /// The name of the conversation.
    pub fn conversation(&self) -> &str {
        &self.conversation
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            // It is the resolver of a promise, which does not throw.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Claims a conversation. `None` when another tab has it and keeps it. Where the browser has no locks the claim is granted:
/// a chat without this protection is better than none.
pub async fn claim(conversation: &str) -> Option<Claim> {
    let unguarded = || Some(Claim { conversation: conversation.to_owned(), release: None });
    let Some((locks, request)) = lock_manager() else { return unguarded() };
    let release: Rc<RefCell<Option<Function>>> = Rc::default();
    let taken = Rc::clone(&release);
    let (granted, grant) = gate();
    let hold = Closure::<dyn FnMut(JsValue) -> Promise>::new(move |_lock| {
        // The lock is held until the promise is resolved.
        let (held, open) = gate();
        *taken.borrow_mut() = open;
        if let Some(grant) = &grant {
            let _ = grant.call0(&JsValue::UNDEFINED);
        }
        held
    });
    let controller = web_sys::AbortController::new().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"signal".into(), &controller.signal()).ok()?;
    let name = JsValue::from(format!("holdfast:{conversation}"));
    let asked = request.call3(&locks, &name, &options, hold.as_ref());
    let Some(asked) = asked.ok().and_then(|value| value.dyn_into::<Promise>().ok()) else { return unguarded() };
    let patience = wasm_bindgen_futures::future_to_promise(async {
        TimeoutFuture::new(PATIENCE).await;
        Ok(JsValue::UNDEFINED)
    });
    let settled = JsFuture::from(Promise::race(&js_sys::Array::of3(&granted, &patience, &asked))).await;
    let release = release.borrow_mut().take();
    if release.is_some() {
        // The browser calls it at most once, and has.
        hold.forget();
        return Some(Claim { conversation: conversation.to_owned(), release });
    }
    controller.abort();
    // Refused outright, as in a document that may not have locks.
    if settled.is_err() { unguarded() } else { None }
}

/// `navigator.locks` and its `request`, where there are any.
fn lock_manager() -> Option<(JsValue, Function)> {
    let navigator = web_sys::window()?.navigator();
    let locks = Reflect::get(&navigator, &"locks".into()).ok().filter(JsValue::is_object)?;
    let request = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    Some((locks, request))
}

/// A promise and what resolves it.
fn gate() -> (Promise, Option<Function>) {
    let mut open = None;
    let promise = Promise::new(&mut |resolve, _reject| open = Some(resolve));
    (promise, open)
}

/// After a reload the page before may need a moment to let go, in milliseconds.
const PATIENCE: u32 = 2_000;
