//! The transcript in its pages: how it is cut, what of it goes first, and what a page that is not there costs.

use holdfast_chat::session::{Command, Environment, Input, Session};
use serde_json::json;

use super::chat::{Chat, adapter, transcript};
use super::keeping::last_id;

#[test]
fn a_long_transcript_is_stored_in_pages_and_comes_back_whole() {
    for lines in [31, 32, 33, 64, 65, 100] {
        let mut chat = Chat::talking();
        chat.says(0..lines - 1);

        let pages: Vec<String> = chat.records.keys().filter(|key| key.starts_with("page.")).cloned().collect();
        assert!(pages.len() >= lines.div_ceil(32), "{lines}: {pages:?}");
        let restored = chat.restored().expect("it can go on");
        assert_eq!(restored.view().transcript.len(), lines);
        assert_eq!(transcript(&restored), chat.transcript());
        chat.reload();
        chat.settle();
        chat.says(1_000..1_040);
        assert_eq!(transcript(&chat.restored().expect("it can go on")), chat.transcript());
    }
}

#[test]
fn the_oldest_pages_go_when_there_is_no_more_room() {
    let mut chat = Chat::talking();
    let long = "x".repeat(4_000);
    for n in 0..400 {
        chat.server.say(&format!("{n} {long}"));
        chat.settle();
    }

    let size: usize = chat.records.iter().filter(|(key, _)| key.starts_with("page.")).map(|(_, text)| text.len()).sum();
    assert!(size <= 1_000_000, "{size}");
    assert!(!chat.records.contains_key("page.0"));
    assert_eq!(chat.transcript().len(), 401);
    let restored = chat.restored().expect("it can go on");
    let kept = transcript(&restored);
    assert!(kept.len() > 200, "{}", kept.len());
    assert_eq!(kept[..], chat.transcript()[401 - kept.len()..]);
    assert_eq!(last_id(&restored), last_id(&chat.session));

    chat.reload();
    chat.settle();
    chat.says(0..40);
    assert_eq!(transcript(&chat.restored().expect("it can go on")), chat.transcript());
}

#[test]
fn what_is_left_of_a_long_transcript_is_whole_in_a_copy_and_keeps_its_ids() {
    let mut chat = Chat::talking();
    let long = "x".repeat(4_000);
    for n in 0..400 {
        chat.server.say(&format!("{n} {long}"));
        chat.settle();
    }
    let kept = transcript(&chat.restored().expect("it can go on"));

    let copy = chat.session.snapshot().records;
    let written: Vec<_> = copy.iter().filter_map(|record| Some((&record.key, record.value.clone()?))).collect();
    let forgotten: Vec<_> = copy.iter().filter(|record| record.value.is_none()).map(|record| &record.key).collect();
    let read = |key: &str| {
        let (_, value) = written.iter().find(|(written, _)| *written == key)?;
        Some(value.clone()).filter(|_| !forgotten.iter().any(|forgotten| *forgotten == key))
    };
    let copied = Session::restore(adapter(), 9, chat.now, &read).expect("it can go on");
    assert_eq!(transcript(&copied), kept);

    let pages = chat.records.keys().filter_map(|key| key.strip_prefix("page.")?.parse().ok());
    let middle: usize = pages.max().map(|last: usize| last - 2).expect("pages");
    chat.records.remove(&format!("page.{middle}"));
    let cut = chat.restored().expect("it can go on");
    assert!(!transcript(&cut).is_empty());
    assert_eq!(last_id(&cut), last_id(&chat.session));
}

#[test]
fn however_little_room_there_is_the_last_page_is_kept() {
    let mut chat = Chat::talking();
    chat.says(0..40);
    for _ in 0..30 {
        chat.environment(Environment::StorageFailed);
    }
    chat.records.clear();
    chat.says(40..45);

    assert_eq!(chat.records.keys().cloned().collect::<Vec<_>>(), ["head", "page.1"]);
    assert_eq!(transcript(&chat.restored().expect("it can go on"))[..], chat.transcript()[32..]);
}

#[test]
fn a_page_that_is_missing_cuts_the_transcript_off_before_it() {
    let mut chat = Chat::talking();
    chat.says(0..100);
    let whole = chat.transcript();
    for (page, left) in [(0, 101 - 32), (1, 101 - 64), (2, 101 - 96), (3, 0)] {
        let removed = chat.records.remove(&format!("page.{page}")).expect("a page");
        let restored = chat.restored().expect("it can go on");
        assert_eq!(transcript(&restored)[..], whole[101 - left..], "without page {page}");
        assert_eq!(last_id(&restored), last_id(&chat.session).filter(|_| left > 0), "without page {page}");
        chat.records.insert(format!("page.{page}"), removed);
    }
}

#[test]
fn a_page_that_is_broken_counts_as_missing() {
    let mut chat = Chat::talking();
    chat.says(0..40);
    let whole = chat.transcript();
    for broken in ["", "null", "{}", "[", "[{}]", "[1,2]", "[{\"at\":1}]", "[{\"at\":-1,\"visitor\":\"x\"}]", "[]"] {
        let page = chat.records.insert("page.0".to_owned(), broken.to_owned()).expect("a page");
        let mut restored = chat.restored().expect("it can go on");
        assert_eq!(transcript(&restored)[..], whole[32..], "{broken}");
        assert_eq!(last_id(&restored), last_id(&chat.session), "{broken}");
        let _ = restored.handle(chat.now, Input::Woke);
        chat.records.insert("page.0".to_owned(), page);
    }
}

#[test]
fn a_page_that_is_newer_than_the_head_is_cut_to_what_the_head_knows() {
    let mut chat = Chat::talking();
    chat.says(0..3);
    let head = chat.records["head"].clone();
    let whole = chat.transcript();
    chat.says(3..50);
    chat.records.insert("head".to_owned(), head);

    assert_eq!(transcript(&chat.restored().expect("it can go on")), whole);
}

#[test]
fn pages_of_an_earlier_conversation_are_not_taken_for_this_ones() {
    let mut chat = Chat::talking();
    chat.command(Command::Open);
    chat.says(0..100);
    chat.server.tell("ChatEnded", json!({ "reason": "agent" }));
    chat.settle();
    chat.server = super::server::Server::new();
    chat.start();
    chat.settle();
    chat.server.establish();
    chat.settle();
    chat.says(200..205);

    let restored = chat.restored().expect("it can go on");

    assert_eq!(transcript(&restored), chat.transcript());
    assert_eq!(restored.view().transcript.len(), 6);
}
