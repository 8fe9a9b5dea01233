//! Storage: missing, forbidden, broken or full, it never stands in the way of the conversation.

use wasm_bindgen_test::wasm_bindgen_test;

use holdfast_chat::browser::Storage;
use holdfast_chat::session::Keeping;

use crate::chat::Chat;
use crate::page::{self, Page, eventually, fates};

#[wasm_bindgen_test]
async fn what_is_stored_stands_under_the_widgets_own_name() {
    let _page = Page::seized().await;
    page::silence();
    let _chat = Chat::begun("mine");

    assert!(Storage::of("mine").read("head").is_some());
    assert!(Storage::of("other").read("head").is_none());
}

#[wasm_bindgen_test]
async fn a_storage_that_refuses_a_record_keeps_none_until_it_takes_them_again() {
    let _page = Page::seized().await;
    page::silence();
    let chat = Chat::begun("refusing");
    assert!(chat.is_stored());

    page::break_storage("unwritable");
    chat.draft("a word");
    assert_eq!(chat.keeping(), Some(Keeping::MemoryOnly));
    assert!(!chat.is_stored());

    page::mend_storage();
    chat.draft("a word and another");
    assert_eq!(chat.keeping(), Some(Keeping::Stored));
    assert!(chat.is_stored());
}

/// Nothing is replaced here: the page itself takes all the room that the engine gives it.
#[wasm_bindgen_test]
async fn a_storage_that_is_really_full_keeps_nothing_stale_and_leaves_the_pages_records_alone() {
    let _page = Page::seized().await;
    page::silence();
    let chat = Chat::begun("full");
    assert!(chat.is_stored());

    let (taken, error) = page::fill();
    let foreign = page::foreign_records();
    chat.draft(&"a long word ".repeat(100));

    assert_eq!(error, "QuotaExceededError", "after {taken} letters");
    assert_eq!(chat.keeping(), Some(Keeping::MemoryOnly));
    assert!(!chat.is_stored());
    assert_eq!(page::foreign_records(), foreign);

    page::empty_storage();
    chat.draft("a word");
    assert_eq!(chat.keeping(), Some(Keeping::Stored));
    assert!(chat.is_stored());
}

#[wasm_bindgen_test]
async fn without_a_storage_the_conversation_goes_on() {
    for how in ["forbidden", "missing", "null", "unwritable"] {
        let _page = Page::seized().await;
        page::silence();
        page::break_storage(how);

        let chat = Chat::begun(how);

        assert_eq!(chat.keeping(), Some(Keeping::MemoryOnly), "{how}");
        assert!(eventually(|| fates() == ["open"]).await, "{how}");
    }
}

#[wasm_bindgen_test]
async fn what_cannot_be_read_is_not_there() {
    let _page = Page::seized().await;
    page::silence();
    let _chat = Chat::begun("unreadable");
    for how in ["unreadable", "forbidden", "missing", "null"] {
        page::break_storage(how);
        let read = Storage::of("unreadable").read("head");
        Storage::of("unreadable").clear();
        page::mend_storage();

        assert_eq!(read, None, "{how}");
    }
    assert!(Storage::of("unreadable").read("head").is_some());
}
