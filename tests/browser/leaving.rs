//! Leaving the page and coming back: what the browser's events of the back-forward cache do. The cache itself needs two
//! pages, and is `tests/e2e`.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::chat::Chat;
use crate::page::{Page, Somebody, all_unlocked, eventually, fates, locks, settled, silence, transition};

#[wasm_bindgen_test]
async fn a_page_that_is_left_lets_go_of_everything_cached_or_not() {
    for persisted in [true, false] {
        let _page = Page::seized().await;
        silence();
        let other = Somebody::in_a("frame").await;
        let chat = Chat::begun("left");
        assert!(eventually(|| fates() == ["open"]).await);
        let lock = chat.lock().expect("it is stored");
        settled().await;
        assert!(!other.takes(&lock).await);
        chat.draft("unfinished");

        transition("pagehide", persisted);

        assert_eq!(fates(), ["aborted"], "persisted: {persisted}");
        assert!(chat.is_stored(), "persisted: {persisted}");
        assert!(all_unlocked().await, "persisted: {persisted}");
        assert!(other.takes(&lock).await, "persisted: {persisted}");
    }
}

#[wasm_bindgen_test]
async fn a_page_that_goes_into_the_back_forward_cache_asks_for_nothing_until_it_is_back() {
    let _page = Page::seized().await;
    silence();
    let _chat = Chat::begun("cached");
    assert!(eventually(|| fates() == ["open"]).await);

    transition("pagehide", true);
    settled().await;
    assert_eq!(fates(), ["aborted"]);

    transition("pageshow", true);
    assert!(eventually(|| fates() == ["aborted", "open"]).await);
    settled().await;
    assert_eq!(locks().await, ["held"]);
}

#[wasm_bindgen_test]
async fn a_page_that_goes_and_comes_back_many_times_has_one_request_and_one_lock() {
    let _page = Page::seized().await;
    silence();
    let _chat = Chat::begun("to and fro");
    for _ in 0..3 {
        transition("pagehide", true);
        transition("pageshow", true);
    }
    settled().await;

    let open = fates().iter().filter(|fate| *fate == "open").count();
    assert_eq!((open, locks().await), (1, vec!["held".to_owned()]));
}

#[wasm_bindgen_test]
async fn a_page_that_is_shown_for_the_first_time_is_not_back_from_anywhere() {
    let _page = Page::seized().await;
    silence();
    let _chat = Chat::begun("shown");
    assert!(eventually(|| fates() == ["open"]).await);
    transition("pagehide", true);

    transition("pageshow", false);

    settled().await;
    assert_eq!(fates(), ["aborted"]);
    assert!(all_unlocked().await);
}
