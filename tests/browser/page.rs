//! The page in the hands of a test, as far as `page.js` can take it, and what a test waits for.
//!
//! Knows nothing of the widget.

use js_sys::{Array, Object, Promise};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlElement;

#[wasm_bindgen(module = "/tests/browser/page.js")]
extern "C" {
    async fn seize();
    fn release();
    /// What is still there and outlives the widget: listeners, timers, observers, channels, open requests.
    pub fn left() -> Vec<String>;
    #[wasm_bindgen(js_name = locks)]
    async fn locks_of_the_widget() -> JsValue;
    /// Lets timers, answers and events have their turn.
    pub async fn turn();

    /// A network that takes every request and answers none, until [`answer`] or [`refuse`].
    pub fn silence();
    /// The real network, watched.
    pub fn overhear();
    /// What became of each request.
    pub fn fates() -> Vec<String>;
    pub fn answer(place: usize, body: &str);
    pub fn refuse(place: usize, error: &JsValue);
    pub fn when_reading(callback: &JsValue);
    pub fn something_large() -> String;

    /// From now on time passes by [`sleep`] only, and timers go off by [`ring`] only.
    pub fn stop_clock();
    pub fn sleep(millis: f64);
    /// The page is hidden from now on, and its timers wait for ever.
    pub fn hide();
    /// How long each timer that is set was to wait.
    pub fn waits() -> Vec<f64>;
    /// How many timers were set since the clock was stopped.
    pub fn alarms_set() -> u32;
    /// Lets every timer go off, due or not.
    pub fn ring();

    /// `forbidden`, `missing` or `null` as a whole; `unreadable` or `unwritable` in what it does.
    pub fn break_storage(how: &str);
    pub fn mend_storage();
    fn fill_storage() -> Array;
    pub fn foreign_records() -> u32;
    pub fn empty_storage();

    async fn somebody(kind: &str) -> JsValue;
    async fn takes(one: &JsValue, name: &str) -> JsValue;
    async fn lets_go(one: &JsValue) -> JsValue;
    fn goes(one: &JsValue);
    /// `missing`, `refused` as in a document that may not have any, or `hanging`.
    pub fn without_locks(how: &str);

    /// `pagehide` or `pageshow`, as the browser makes them.
    pub fn transition(kind: &str, persisted: bool);

    /// A root in a shadow root, as the element has it.
    pub fn root() -> HtmlElement;
    pub fn sheets(root: &HtmlElement) -> u32;
    /// The element, whose WebAssembly is this; not in the page yet.
    pub async fn element(mount: &JsValue, attributes: &Object) -> JsValue;
    pub fn put_in(chat: &JsValue);
    pub fn take_out(chat: &JsValue);
    pub fn open(chat: &JsValue);
    pub fn has_panel(chat: &JsValue) -> bool;
}

/// The page, from the beginning of a test to its end. Dropping it puts everything back.
pub struct Page(());

impl Page {
    /// A page with an empty storage, in which everything is written down that could be left behind.
    pub async fn seized() -> Self {
        // What the test before has begun without waiting for it ends in its page, not in this one.
        microtasks().await;
        seize().await;
        Self(())
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        release();
    }
}

/// The widget's locks of all pages: `held` or `wanted`.
pub async fn locks() -> Vec<String> {
    strings(&locks_of_the_widget().await)
}

/// How many letters the storage took, and by which error it refused another one.
pub fn fill() -> (f64, String) {
    let [taken, error] = [0, 1].map({
        let filled = fill_storage();
        move |place| filled.get(place)
    });
    (taken.as_f64().unwrap_or_default(), error.as_string().unwrap_or_default())
}

/// Somebody else of the same origin, as another tab is. Goes with the test.
#[derive(Clone)]
pub struct Somebody(JsValue);

impl Somebody {
    /// A `frame`, which shares this page's thread, or a `worker`, which does not.
    pub async fn in_a(kind: &str) -> Self {
        Self(somebody(kind).await)
    }

    /// Takes a lock if it is free at this moment; says whether.
    pub async fn takes(&self, lock: &str) -> bool {
        takes(&self.0, lock).await.is_truthy()
    }

    pub async fn lets_go(&self) {
        lets_go(&self.0).await;
    }

    pub fn goes(&self) {
        goes(&self.0);
    }
}

/// Gives the page its turn until the condition holds, or has had more turns than it can need.
pub async fn eventually(condition: impl Fn() -> bool) -> bool {
    for _ in 0..PATIENCE {
        if condition() {
            return true;
        }
        turn().await;
    }
    condition()
}

/// Whether the widget holds and wants no lock any more; an engine may need a while to give one back.
pub async fn all_unlocked() -> bool {
    for _ in 0..PATIENCE {
        if locks().await.is_empty() {
            return true;
        }
        turn().await;
    }
    false
}

/// Gives the page as many turns as anything takes that is on its way and asks nobody else.
pub async fn settled() {
    for _ in 0..REST {
        turn().await;
    }
}

/// Lets only what was begun in this very task go on: no timer, no answer, no event.
pub async fn microtasks() {
    for _ in 0..REST {
        // A promise that is resolved already does not fail.
        let _ = JsFuture::from(Promise::resolve(&JsValue::UNDEFINED)).await;
    }
}

fn strings(list: &JsValue) -> Vec<String> {
    list.unchecked_ref::<Array>().iter().filter_map(|item| item.as_string()).collect()
}

/// Turns take four milliseconds, so this is some seconds.
const PATIENCE: usize = 1_000;

/// Several times of what any test needed.
const REST: usize = 20;
