//! Mounting and unmounting, by the handle and by the element: nothing is left behind, whenever it happens.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::future_to_promise;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

use holdfast_chat::embed::mount;

use crate::chat::Chat;
use crate::page::{self, Page, all_unlocked, eventually, fates, locks, settled};

#[wasm_bindgen_test]
async fn a_driver_that_goes_leaves_nothing_behind() {
    let _page = Page::seized().await;
    page::silence();
    let chat = Chat::begun("gone");
    assert!(eventually(|| fates() == ["open"]).await);
    let there = left();
    for kind in ["online", "offline", "pagehide", "pageshow", "visibilitychange"] {
        assert!(there.iter().any(|what| what.contains(kind)), "{there:?}");
    }
    for what in ["a timer of ", "a request for /never"] {
        assert!(there.iter().any(|one| one.starts_with(what)), "{there:?}");
    }

    drop(chat);
    settled().await;

    assert_eq!(left(), [""; 0]);
    assert!(all_unlocked().await);
}

#[wasm_bindgen_test]
async fn what_is_mounted_again_and_again_leaves_nothing_behind() {
    let _page = Page::seized().await;
    page::silence();
    let root = page::root();
    for turn in 1..=3 {
        let handle = mount(root.clone(), attributes().into(), Function::default()).await.expect("it mounts");
        handle.open();
        assert!(eventually(|| fates().len() == turn).await);
        settled().await;
        assert_eq!(locks().await, ["held"]);
        assert!(root.child_element_count() > 0);

        drop(handle);
        settled().await;

        assert_eq!(root.child_element_count(), 0);
        assert_eq!(page::sheets(&root), 0);
        assert_eq!(left(), [""; 0]);
        assert!(all_unlocked().await);
        assert_eq!(fates().last().map(String::as_str), Some("aborted"));
        page::empty_storage();
    }
}

#[wasm_bindgen_test]
async fn two_on_one_page_leave_nothing_behind_and_one_does_not_take_the_others_along() {
    let _page = Page::seized().await;
    page::silence();
    let (one, other) = (page::root(), page::root());
    let second = attributes();
    let _ = Reflect::set(&second, &"button-id".into(), &"another".into());
    let first = mount(one, attributes().into(), Function::default()).await.expect("it mounts");
    let second = mount(other, second.into(), Function::default()).await.expect("it mounts");
    first.open();
    second.open();
    assert!(eventually(|| fates() == ["open", "open"]).await);
    settled().await;

    drop(first);
    settled().await;
    assert_eq!(fates(), ["aborted", "open"]);
    assert_eq!(locks().await, ["held"]);

    drop(second);
    settled().await;
    assert_eq!(left(), [""; 0]);
    assert!(all_unlocked().await);
}

#[wasm_bindgen_test]
async fn attributes_that_say_nothing_leave_nothing_behind() {
    let _page = Page::seized().await;
    page::silence();

    let mounted = mount(page::root(), Object::new().into(), Function::default()).await;

    assert!(mounted.is_err());
    settled().await;
    assert_eq!(left(), [""; 0]);
    assert!(all_unlocked().await);
}

#[wasm_bindgen_test]
async fn an_element_that_is_taken_out_leaves_nothing_behind() {
    let _page = Page::seized().await;
    page::silence();
    let chat = element().await;
    for turn in 1..=2 {
        page::put_in(&chat);
        page::open(&chat);
        assert!(eventually(|| fates().len() == turn && page::has_panel(&chat)).await, "{turn}: {:?}", fates());
        settled().await;
        assert_eq!(locks().await, ["held"]);

        page::take_out(&chat);
        settled().await;

        assert_eq!(left(), [""; 0]);
        assert!(all_unlocked().await);
        page::empty_storage();
    }
}

/// The element loads and mounts in several turns, and may be taken out after any of them.
#[wasm_bindgen_test]
async fn an_element_that_is_taken_out_at_any_moment_of_its_mounting_leaves_nothing_behind() {
    let _page = Page::seized().await;
    page::silence();
    let chat = element().await;
    for moment in 0..12 {
        page::put_in(&chat);
        page::open(&chat);
        if moment > 0 {
            after_microtasks(moment).await;
        }
        page::take_out(&chat);
        settled().await;

        assert_eq!(left(), [""; 0], "after {moment}: {:?} {:?}", page::left(), fates());
        assert!(all_unlocked().await, "after {moment}");
        page::empty_storage();
    }
}

/// It looks around for a conversation of another tab before it mounts, and that may take a while.
#[wasm_bindgen_test]
async fn an_element_that_is_taken_out_before_the_browser_has_told_about_locks_leaves_nothing_behind() {
    let _page = Page::seized().await;
    page::silence();
    page::without_locks("hanging");
    page::stop_clock();
    let chat = element().await;
    page::put_in(&chat);
    page::open(&chat);
    settled().await;
    assert!(!page::has_panel(&chat));
    page::take_out(&chat);
    settled().await;

    page::ring();
    settled().await;

    assert_eq!(left(), [""; 0]);
    assert_eq!(fates(), [""; 0]);
}

/// What is left behind, but for two things that go by themselves and do nothing: the patience with
/// which other tabs are looked for runs out also when the answer is there, and a frame that the screen has asked for comes when there is one.
fn left() -> Vec<String> {
    page::left().into_iter().filter(|what| !["a timer of 500", "a frame"].contains(&what.as_str())).collect()
}

/// What the element calls.
async fn element() -> JsValue {
    let mount = Closure::<dyn Fn(HtmlElement, JsValue, Function) -> Promise>::new(|root, options, notify| {
        future_to_promise(async move { mount(root, options, notify).await.map(JsValue::from) })
    });
    // The element's script keeps what it has loaded for as long as the page lives.
    page::element(&mount.into_js_value(), &attributes()).await
}

fn attributes() -> Object {
    let attributes = Object::new();
    for (name, value) in [
        ("protocol", "live-agent"),
        ("endpoint", "/nobody"),
        ("organization-id", "00D"),
        ("deployment-id", "572"),
        ("button-id", "573"),
    ] {
        // A plain object takes every property.
        let _ = Reflect::set(&attributes, &name.into(), &value.into());
    }
    attributes
}

async fn after_microtasks(count: usize) {
    for _ in 0..count {
        // A promise that is resolved already does not fail.
        let _ = wasm_bindgen_futures::JsFuture::from(Promise::resolve(&JsValue::UNDEFINED)).await;
    }
}
