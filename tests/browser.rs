//! What the shell does in a real engine: does an abort abort, does a claim exclude, does storage hold, does a drop leave
//! nothing behind? Whole conversations are `tests/e2e`.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::expect_used, reason = "a test that cannot go on should say where")]

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use holdfast_chat::browser::{Audience, Claim, Driver, Storage, elsewhere, now};
use holdfast_chat::model::{TabId, Visitor};
use holdfast_chat::protocol::http::{Content, Method};
use holdfast_chat::protocol::{
    Call, CallKind, Profile, Progress, Protocol, ProtocolError, Request, Response, UnknownSave,
};
use holdfast_chat::session::{Command, Input, Keeping, Notice, Stage, View};
use holdfast_chat::tab::{Elsewhere, Tab};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn a_conversation_belongs_to_one_claim_at_a_time() {
    let (first, is_first) = claim("one");
    assert!(eventually(|| is_first.get()).await);

    let (second, is_second) = claim("one");
    // Locks are given in the order of asking.
    let (_other, is_other) = claim("two");
    assert!(eventually(|| is_other.get()).await);
    assert!(!is_second.get());

    drop(first);
    assert!(eventually(|| is_second.get()).await);
    drop(second);
}

#[wasm_bindgen_test]
async fn a_claim_that_was_given_up_is_never_granted() {
    let (first, is_first) = claim("given up");
    assert!(eventually(|| is_first.get()).await);
    let (second, is_second) = claim("given up");
    let (_third, is_third) = claim("given up");

    drop(second);
    drop(first);

    assert!(eventually(|| is_third.get()).await);
    assert!(!is_second.get());
}

#[wasm_bindgen_test]
async fn a_conversation_that_is_stored_many_times_at_once_stays_claimed() {
    let _network = Network::that_never_answers();
    let (driver, _) = driver("claimed");
    start(&driver);
    for text in ["a", "b", "c"] {
        driver.step(Input::Command(Command::Draft { text: text.to_owned() }));
    }
    let head = Storage::of("claimed").read("head").expect("it is stored");
    let head: serde_json::Value = serde_json::from_str(&head).expect("it is JSON");
    let conversation = head.get("conversation").and_then(serde_json::Value::as_str).expect("it has a name");

    let (_claim, is_granted) = claim(&format!("holdfast:claimed:{conversation}"));
    let (_other, is_other) = claim("nobody's");

    assert!(eventually(|| is_other.get()).await);
    assert!(!is_granted.get());
    Storage::of("claimed").clear_for_test();
}

#[wasm_bindgen_test]
async fn a_tab_with_nothing_stored_learns_that_another_leads() {
    let _network = Network::that_never_answers();
    let storage = Storage::of("elsewhere");
    assert_eq!(elsewhere(&storage).await, Elsewhere::Nobody);
    let (driver, _) = driver("elsewhere");
    start(&driver);

    assert_eq!(elsewhere(&storage).await, Elsewhere::Somebody);
    assert_eq!(elsewhere(&Storage::of("else")).await, Elsewhere::Nobody);
    storage.clear_for_test();
}

#[wasm_bindgen_test]
async fn a_request_in_flight_is_aborted_when_the_driver_goes() {
    let network = Network::that_never_answers();
    let (driver, _) = driver("aborted");
    start(&driver);
    assert!(eventually(|| network.aborted() == [false]).await);

    drop(driver);

    assert_eq!(network.aborted(), [true]);
}

#[wasm_bindgen_test]
async fn a_page_that_goes_into_the_back_forward_cache_asks_for_nothing_until_it_is_back() {
    let network = Network::that_never_answers();
    let (driver, _) = driver("cached");
    start(&driver);
    assert!(eventually(|| network.aborted() == [false]).await);

    dispatch("new PageTransitionEvent('pagehide', { persisted: true })");
    assert_eq!(network.aborted(), [true]);

    dispatch("new PageTransitionEvent('pageshow', { persisted: true })");
    assert!(eventually(|| network.aborted() == [true, false]).await);
    Storage::of("cached").clear_for_test();
}

#[wasm_bindgen_test]
async fn a_page_that_is_shown_for_the_first_time_is_not_back_from_anywhere() {
    let network = Network::that_never_answers();
    let (driver, _) = driver("shown");
    start(&driver);
    dispatch("new PageTransitionEvent('pagehide', { persisted: true })");

    dispatch("new PageTransitionEvent('pageshow', { persisted: false })");

    assert!(!eventually(|| network.aborted().len() > 1).await);
    Storage::of("shown").clear_for_test();
}

#[wasm_bindgen_test]
async fn an_answer_reaches_the_session() {
    let _network = Network::that_answers("hello");
    let (driver, _) = driver("answered");

    start(&driver);

    assert!(eventually(|| matches!(driver.view().stage, Stage::Queued { .. })).await);
    Storage::of("answered").clear_for_test();
}

#[wasm_bindgen_test]
fn what_is_stored_stands_under_the_widgets_own_name() {
    let _network = Network::that_never_answers();
    let (driver, _) = driver("mine");
    start(&driver);

    assert!(Storage::of("mine").read("head").is_some());
    assert!(Storage::of("other").read("head").is_none());
    Storage::of("mine").clear_for_test();
}

#[wasm_bindgen_test]
fn a_full_storage_is_told_and_leaves_nothing_stale_behind() {
    let _network = Network::that_never_answers();
    let (driver, shown) = driver("full");
    start(&driver);
    let full = Replaced::method("Storage", "setItem", "throw new DOMException('full', 'QuotaExceededError')");

    driver.step(Input::Command(Command::Draft { text: "a word".to_owned() }));

    drop(full);
    assert_eq!(shown.borrow().as_ref().map(|view| view.keeping), Some(Keeping::MemoryOnly));
    assert!(Storage::of("full").read("head").is_none());
}

#[wasm_bindgen_test]
fn listeners_are_taken_away_with_the_driver() {
    let counted = Replaced::counting_listeners();
    let (driver, _) = driver("listeners");
    assert!(counted.count() > 0);

    drop(driver);

    assert_eq!(counted.count(), 0);
}

/// Gives the page its turn until the condition holds, or has had more turns than it can need.
async fn eventually(condition: impl Fn() -> bool) -> bool {
    for _ in 0..1_000 {
        if condition() {
            return true;
        }
        TimeoutFuture::new(0).await;
    }
    false
}

/// Lets the window hear an event.
fn dispatch(event: &str) {
    let _ = js_sys::eval(&format!("dispatchEvent({event})")).expect("the event can be made");
}

type Shown = Rc<RefCell<Option<View>>>;

fn driver(identity: &str) -> (Rc<Driver>, Shown) {
    let shown = Shown::default();
    let (tab, _) = Tab::load(Box::new(|| Box::new(Plain)), TabId(7), now(), &|_| None, Elsewhere::Nobody);
    let driver = Driver::run(tab, Storage::of(identity), Box::new(Mirror(Rc::clone(&shown))));
    (driver, shown)
}

/// Asks for a lock, and tells when it is granted.
fn claim(name: &str) -> (Option<Claim>, Rc<Cell<bool>>) {
    let is_granted = Rc::new(Cell::new(false));
    let granted = Rc::clone(&is_granted);
    (Claim::ask(name, move || granted.set(true)), is_granted)
}

fn start(driver: &Driver) {
    driver.step(Input::Command(Command::Start { visitor: Box::new(Visitor::default()) }));
}

/// Remembers what was shown last.
struct Mirror(Shown);

impl Audience for Mirror {
    fn show(&self, view: View) {
        *self.0.borrow_mut() = Some(view);
    }

    fn hear(&self, _notice: Notice) {}
}

/// The simplest backend there can be: it takes the wish for a conversation and then has no news.
#[derive(Debug)]
struct Plain;

impl Protocol for Plain {
    fn profile(&self) -> Profile {
        Profile {
            batch: 1,
            pace: Duration::ZERO,
            rest: Duration::from_secs(60),
            settle: Duration::ZERO,
            patience: Duration::from_secs(60),
            typing: Duration::from_secs(5),
            pause: Duration::from_secs(5),
        }
    }

    fn begin(&mut self, _call: &Call<'_>) -> Option<Request> {
        let deadline = Duration::from_secs(60);
        Some(Request {
            method: Method::Get,
            url: "/never".to_owned(),
            headers: Vec::new(),
            content: Content::Empty,
            deadline,
        })
    }

    fn receive(&mut self, _kind: CallKind, _response: &Response) -> Result<Progress, ProtocolError> {
        Ok(Progress::default())
    }

    fn save(&self) -> String {
        String::new()
    }

    fn restore(&mut self, _saved: &str) -> Result<(), UnknownSave> {
        Ok(())
    }

    fn forget(&mut self) {}
}

/// A network in place of the real one, until it is dropped.
struct Network {
    _replaced: Replaced,
    signals: Array,
}

impl Network {
    fn that_never_answers() -> Self {
        Self::answering("new Promise(() => {})")
    }

    fn that_answers(body: &str) -> Self {
        Self::answering(&format!("Promise.resolve(new Response({body:?}))"))
    }

    fn answering(answer: &str) -> Self {
        let signals = Array::new();
        let fetch = Function::new_with_args(
            "signals",
            &format!(
                "return (request, options) => {{ signals.push(options?.signal ?? request.signal); return {answer}; }}"
            ),
        );
        let fetch = fetch.call1(&JsValue::UNDEFINED, &signals).expect("it makes a function");
        Self { _replaced: Replaced::property(&js_sys::global(), "fetch", &fetch), signals }
    }

    fn aborted(&self) -> Vec<bool> {
        self.signals.iter().map(|signal| signal.unchecked_into::<web_sys::AbortSignal>().aborted()).collect()
    }
}

/// A property that is put back when this is dropped.
struct Replaced {
    owner: JsValue,
    name: &'static str,
    before: JsValue,
}

impl Replaced {
    fn property(owner: &JsValue, name: &'static str, value: &JsValue) -> Self {
        let before = Reflect::get(owner, &name.into()).expect("it can be read");
        Reflect::set(owner, &name.into(), value).expect("it can be replaced");
        Self { owner: owner.clone(), name, before }
    }

    fn method(class: &str, name: &'static str, body: &str) -> Self {
        let class = Reflect::get(&js_sys::global(), &class.into()).expect("the class is there");
        let prototype = Reflect::get(&class, &"prototype".into()).expect("it has a prototype");
        Self::property(&prototype, name, &Function::new_no_args(body))
    }

    fn counting_listeners() -> Counting {
        let count = js_sys::Object::new();
        let _ = Reflect::set(&count, &"n".into(), &0.into());
        let wrap = |by: &str| {
            let body = format!("return function (...all) {{ count.n += {by}; return original.apply(this, all); }}");
            Function::new_with_args("original, count", &body)
        };
        let prototype = js_sys::eval("EventTarget.prototype").expect("it is there");
        let both = [("addEventListener", "1"), ("removeEventListener", "-1")].map(|(name, by)| {
            let original = Reflect::get(&prototype, &name.into()).expect("it is there");
            let counting = wrap(by).call2(&JsValue::UNDEFINED, &original, &count).expect("it makes a function");
            Self::property(&prototype, name, &counting)
        });
        Counting { _replaced: both, count: count.into() }
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        let _ = Reflect::set(&self.owner, &self.name.into(), &self.before);
    }
}

/// How many listeners were added and not removed.
struct Counting {
    _replaced: [Replaced; 2],
    count: JsValue,
}

impl Counting {
    fn count(&self) -> i32 {
        let count = Reflect::get(&self.count, &"n".into()).ok().and_then(|count| count.as_f64());
        #[expect(clippy::cast_possible_truncation, reason = "a handful")]
        count.map_or(-1, |count| count as i32)
    }
}

/// Leaves nothing for the next test.
trait ClearForTest {
    fn clear_for_test(&self);
}

impl ClearForTest for Storage {
    fn clear_for_test(&self) {
        if let Ok(Some(store)) = web_sys::window().expect("a window").session_storage() {
            let _ = store.clear();
        }
    }
}
