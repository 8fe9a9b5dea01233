//! Claims: a conversation is one tab's at a time, whoever else of the same origin asks, and only for as long as it is
//! wanted.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::wasm_bindgen_test;

use holdfast_chat::browser::{Claim, Storage, elsewhere};
use holdfast_chat::tab::Elsewhere;

use crate::chat::Chat;
use crate::page::{self, Page, Somebody, all_unlocked, eventually, locks, settled};

#[wasm_bindgen_test]
async fn a_conversation_belongs_to_one_claim_at_a_time() {
    let _page = Page::seized().await;
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
    let _page = Page::seized().await;
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
async fn a_claim_shuts_out_everybody_of_the_same_origin_until_it_is_dropped() {
    for kind in OTHERS {
        let _page = Page::seized().await;
        let other = Somebody::in_a(kind).await;
        let (claimed, is_granted) = claim("holdfast:ours");
        assert!(eventually(|| is_granted.get()).await, "{kind}");

        assert!(!other.takes("holdfast:ours").await, "{kind}");
        assert!(other.takes("theirs").await, "{kind}");

        drop(claimed);
        assert!(all_unlocked().await, "{kind}");
        assert!(other.takes("holdfast:ours").await, "{kind}");
    }
}

/// As the page before a reload does, or another tab that is closed.
#[wasm_bindgen_test]
async fn a_claim_is_granted_when_whoever_has_it_lets_go_or_goes() {
    for kind in OTHERS {
        let _page = Page::seized().await;
        let other = Somebody::in_a(kind).await;
        assert!(other.takes("holdfast:passed on").await, "{kind}");
        let (_claimed, is_granted) = claim("holdfast:passed on");
        settled().await;
        assert!(!is_granted.get(), "{kind}");
        let giver = other.clone();
        spawn_local(async move { giver.lets_go().await });
        assert!(eventually(|| is_granted.get()).await, "{kind}");

        assert!(other.takes("holdfast:left behind").await, "{kind}");
        let (_claimed, is_granted) = claim("holdfast:left behind");
        settled().await;
        assert!(!is_granted.get(), "{kind}");
        other.goes();
        assert!(eventually(|| is_granted.get()).await, "{kind}");
    }
}

#[wasm_bindgen_test]
async fn a_claim_that_is_dropped_stands_in_no_line() {
    let _page = Page::seized().await;
    let other = Somebody::in_a("worker").await;
    assert!(other.takes("holdfast:theirs").await);
    let (wish, _) = claim("holdfast:theirs");
    settled().await;
    assert_eq!(locks().await, ["held", "wanted"]);

    drop(wish);
    settled().await;

    assert_eq!(locks().await, ["held"]);
}

#[wasm_bindgen_test]
async fn where_there_are_no_locks_or_none_are_allowed_a_claim_is_granted() {
    for how in ["missing", "refused"] {
        let _page = Page::seized().await;
        page::without_locks(how);

        let (_first, is_first) = claim("unguarded");
        let (_second, is_second) = claim("unguarded");

        assert!(eventually(|| is_first.get() && is_second.get()).await, "{how}");
        assert_eq!(elsewhere(&Storage::of("unguarded")).await, Elsewhere::Nobody, "{how}");
    }
}

#[wasm_bindgen_test]
async fn a_browser_that_never_tells_about_locks_is_not_waited_for() {
    let _page = Page::seized().await;
    page::without_locks("hanging");

    assert_eq!(elsewhere(&Storage::of("hanging")).await, Elsewhere::Nobody);
}

#[wasm_bindgen_test]
async fn a_conversation_that_is_stored_many_times_at_once_stays_claimed_once() {
    let _page = Page::seized().await;
    page::silence();
    let other = Somebody::in_a("frame").await;
    let chat = Chat::begun("claimed");
    for text in ["a", "b", "c"] {
        chat.draft(text);
    }
    let lock = chat.lock().expect("it is stored");
    settled().await;

    assert!(!other.takes(&lock).await);
    assert_eq!(locks().await, ["held"]);
}

#[wasm_bindgen_test]
async fn a_tab_with_nothing_stored_learns_that_another_leads() {
    let _page = Page::seized().await;
    page::silence();
    let storage = Storage::of("elsewhere");
    assert_eq!(elsewhere(&storage).await, Elsewhere::Nobody);
    let _chat = Chat::begun("elsewhere");

    assert_eq!(elsewhere(&storage).await, Elsewhere::Somebody);
    assert_eq!(elsewhere(&Storage::of("else")).await, Elsewhere::Nobody);
}

#[wasm_bindgen_test]
async fn the_claim_goes_with_the_driver_granted_or_not() {
    let _page = Page::seized().await;
    page::silence();
    let granted = Chat::begun("granted");
    settled().await;
    assert_eq!(locks().await, ["held"]);
    drop(granted);
    assert!(all_unlocked().await);

    let asked = Chat::begun("asked");
    drop(asked);
    settled().await;
    assert!(all_unlocked().await);
}

/// Asks for a lock, and tells when it is granted.
fn claim(name: &str) -> (Option<Claim>, Rc<Cell<bool>>) {
    let is_granted = Rc::new(Cell::new(false));
    let granted = Rc::clone(&is_granted);
    (Claim::ask(name, move || granted.set(true)), is_granted)
}

/// As frames of one page are, and as tabs are.
const OTHERS: [&str; 2] = ["frame", "worker"];
