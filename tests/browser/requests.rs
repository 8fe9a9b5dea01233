//! Requests: what is given up is aborted, with the real `fetch` too, and whatever else becomes of one is borne.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_test::wasm_bindgen_test;

use holdfast_chat::session::Stage;

use crate::chat::{Chat, Plain};
use crate::page::{self, Page, eventually, fates, microtasks, settled};

#[wasm_bindgen_test]
async fn a_request_in_flight_is_aborted_when_the_driver_goes() {
    let _page = Page::seized().await;
    page::silence();
    let chat = Chat::begun("aborted");
    assert!(eventually(|| fates() == ["open"]).await);

    drop(chat);

    assert_eq!(fates(), ["aborted"]);
}

/// Not a single task goes by between the request and its end, so that no answer can be there first.
#[wasm_bindgen_test]
async fn a_request_on_the_real_network_rejects_when_it_is_aborted() {
    let _page = Page::seized().await;
    page::overhear();
    let chat = Chat::begun("really aborted");
    microtasks().await;
    assert_eq!(fates(), ["open"]);

    drop(chat);

    assert!(eventually(|| fates() == ["AbortError"]).await, "{:?}", fates());
}

#[wasm_bindgen_test]
async fn a_request_on_the_real_network_that_nobody_aborts_is_answered() {
    let _page = Page::seized().await;
    page::overhear();
    let chat = Chat::begun("really answered");

    assert!(eventually(|| fates().first().is_some_and(|fate| fate == "answered")).await, "{:?}", fates());
    drop(chat);
}

#[wasm_bindgen_test]
async fn an_answer_of_which_half_is_there_is_aborted() {
    let _page = Page::seized().await;
    page::overhear();
    let chat = Chat::begun_with("half", Plain { url: page::something_large(), ..Plain::default() });
    let chat = Rc::new(RefCell::new(Some(chat)));
    // The head of the answer is there, and its body about to be.
    let stop = Closure::<dyn FnMut()>::new(move || drop(chat.borrow_mut().take()));
    page::when_reading(stop.as_ref());

    assert!(eventually(|| fates() == ["AbortError"]).await, "{:?}", fates());
}

#[wasm_bindgen_test]
async fn a_request_that_takes_too_long_is_aborted_and_its_answer_is_not_heard() {
    let _page = Page::seized().await;
    page::without_locks("missing");
    page::stop_clock();
    page::silence();
    let chat = Chat::begun("late");
    microtasks().await;
    let asked = chat.stage();

    page::sleep(60_000.0);
    page::ring();
    assert_eq!(fates(), ["aborted"]);
    page::answer(0, "too late");
    settled().await;

    assert_eq!(chat.stage(), asked);
    assert_eq!(fates(), ["aborted"]);
}

#[wasm_bindgen_test]
async fn an_answer_reaches_the_session() {
    let _page = Page::seized().await;
    page::silence();
    let chat = Chat::begun("answered");
    assert!(eventually(|| fates() == ["open"]).await);

    page::answer(0, "hello");

    assert!(eventually(|| matches!(chat.stage(), Stage::Queued { .. })).await);
    assert_eq!(fates(), ["answered", "open"]);
}

#[wasm_bindgen_test]
async fn a_request_that_is_refused_is_made_again() {
    assert_eq!(fates_after_refusal(&js_sys::TypeError::new("no network").into()).await, ["refused", "open"]);
}

/// A page may have wrapped `fetch` into something of its own.
#[wasm_bindgen_test]
async fn a_request_that_is_refused_with_anything_at_all_is_made_again() {
    for error in [JsValue::UNDEFINED, JsValue::NULL, JsValue::from("no")] {
        assert_eq!(fates_after_refusal(&error).await, ["refused", "open"], "{error:?}");
    }
}

async fn fates_after_refusal(error: &JsValue) -> Vec<String> {
    let _page = Page::seized().await;
    page::without_locks("missing");
    page::stop_clock();
    page::silence();
    let _chat = Chat::begun("refused");
    microtasks().await;

    page::refuse(0, error);
    settled().await;
    page::sleep(10_000.0);
    page::ring();
    settled().await;
    fates()
}
