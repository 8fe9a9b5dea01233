//! The alarm: however late it rings, and however far off it is set, the session is woken once and waits for the next.

use std::time::Duration;

use wasm_bindgen_test::wasm_bindgen_test;

use crate::chat::{Chat, Plain};
use crate::page::{self, Page, eventually, fates, microtasks, settled};

#[wasm_bindgen_test]
async fn an_alarm_that_rings_on_time_wakes_once_and_the_next_is_set() {
    assert_eq!(woken_after(60_000.0).await, Woken { steps: 1, alarms: 1, fates: strings(&["aborted"]) });
}

/// As in a tab in the background, or after a night with the lid shut.
#[wasm_bindgen_test]
async fn an_alarm_that_rings_hours_late_wakes_once_and_the_next_is_set() {
    assert_eq!(woken_after(10.0 * HOUR).await, Woken { steps: 1, alarms: 1, fates: strings(&["aborted"]) });
}

/// A timer may be held back for longer than a click takes.
#[wasm_bindgen_test]
async fn an_alarm_that_is_overdue_when_something_else_happens_rings_at_once() {
    let _page = Page::seized().await;
    page::without_locks("missing");
    page::stop_clock();
    page::silence();
    let chat = Chat::begun("overdue");
    microtasks().await;

    page::sleep(10.0 * HOUR);
    chat.draft("a word");

    assert_eq!(page::waits(), [0.0]);
    page::ring();
    assert_eq!(fates(), ["aborted"]);
}

#[wasm_bindgen_test]
async fn what_does_not_change_the_next_instant_sets_no_second_alarm() {
    let _page = Page::seized().await;
    page::without_locks("missing");
    page::stop_clock();
    page::silence();
    let chat = Chat::begun("unchanged");
    chat.draft("a");
    let before = page::alarms_set();

    for text in ["b", "c"] {
        chat.draft(text);
    }

    assert_eq!((page::alarms_set() - before, page::waits().len()), (0, 1));
}

#[wasm_bindgen_test]
async fn an_alarm_that_rings_too_early_is_set_again() {
    let _page = Page::seized().await;
    page::without_locks("missing");
    page::stop_clock();
    page::silence();
    let _chat = Chat::begun("early");
    microtasks().await;

    page::sleep(59_999.0);
    page::ring();
    microtasks().await;

    assert_eq!(fates(), ["open"]);
    assert_eq!(page::waits(), [1.0]);
}

/// A wait of more than 2³¹ milliseconds goes off at once in every engine.
#[wasm_bindgen_test]
async fn an_alarm_that_is_months_off_does_not_ring_now() {
    let _page = Page::seized().await;
    page::without_locks("missing");
    page::silence();
    let chat = Chat::begun_with("months", Plain { deadline: Duration::from_secs(60 * 86_400), ..Plain::default() });
    assert!(eventually(|| fates() == ["open"]).await);
    let steps = chat.steps();

    settled().await;

    assert_eq!((chat.steps() - steps, fates()), (0, strings(&["open"])));
    assert_eq!(page::waits(), [2_147_483_647.0]);
}

/// A backend that does not hold its answers forgets whoever does not ask, and browsers slow a hidden page's timers down.
#[wasm_bindgen_test]
async fn a_hidden_page_asks_on_although_its_own_timers_wait() {
    let _page = Page::seized().await;
    page::without_locks("missing");
    page::silence();
    let _chat = Chat::begun_with("hidden", Plain { rest: Duration::from_millis(20), ..Plain::default() });
    assert!(eventually(|| fates().len() == 1).await);
    page::hide();

    for place in 0..3 {
        page::answer(place, "");
        let asked = place + 2;
        assert!(eventually(|| fates().len() == asked).await, "{place}: {:?}", fates());
    }
}

/// What came of an alarm.
#[derive(Debug, PartialEq)]
struct Woken {
    steps: u32,
    alarms: usize,
    fates: Vec<String>,
}

/// Lets a request's deadline ring when so much time has passed.
async fn woken_after(millis: f64) -> Woken {
    let _page = Page::seized().await;
    page::without_locks("missing");
    page::stop_clock();
    page::silence();
    let chat = Chat::begun("woken");
    microtasks().await;
    let before = chat.steps();
    assert_eq!(page::waits(), [60_000.0]);

    page::sleep(millis);
    page::ring();
    microtasks().await;

    let next = page::waits();
    assert!(next.iter().all(|wait| *wait > 0.0), "{next:?}");
    Woken { steps: chat.steps() - before, alarms: next.len(), fates: fates() }
}

fn strings(all: &[&str]) -> Vec<String> {
    all.iter().map(|one| (*one).to_owned()).collect()
}

const HOUR: f64 = 3_600_000.0;
