//! Clocks that are set back, and devices that sleep: neither makes a live conversation wait, or gives it up.

use std::time::Duration;

use holdfast_chat::model::Timestamp;
use holdfast_chat::session::{Connection, Input};
use serde_json::json;

use super::chat::Chat;

#[test]
fn a_clock_that_is_set_back_makes_no_try_wait_longer() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.lose("ChatMessage");
    chat.lose("Messages");
    let wait = chat.session.next_wake().expect("the next try is due").since(chat.now);

    chat.set_back(HOUR);

    assert_eq!(chat.session.next_wake().expect("the next try is due").since(chat.now), wait);
    chat.wait(Duration::from_secs(1));
    chat.settle();
    assert_eq!(chat.server.heard, ["one"]);
}

#[test]
fn a_clock_that_is_set_back_does_not_lengthen_the_backends_patience() {
    let mut chat = Chat::talking();
    chat.fail_for(Duration::from_secs(60));
    assert_eq!(chat.session.view().connection, Connection::Retrying);

    chat.set_back(HOUR);
    let began = chat.now;
    chat.fail_for(HOUR);

    assert_eq!(chat.stage(), "ended, connection-lost");
    let lasted = chat.now.since(began).as_secs();
    assert!((40..=62).contains(&lasted), "{lasted}");
}

#[test]
fn a_clock_that_is_set_back_moves_the_end_of_a_silent_visitor_with_it() {
    let mut chat = Chat::queued();
    let idle = json!({ "isEnabled": true, "warningTime": 60, "timeout": 90 });
    chat.server.tell("ChatEstablished", json!({ "name": "Noor B.", "chasitorIdleTimeout": idle }));
    chat.settle();
    chat.polled(60_000);
    assert_eq!(chat.session.view().idle_end, Some(chat.now + Duration::from_secs(30)));

    chat.set_back(HOUR);

    assert_eq!(chat.session.view().idle_end, Some(chat.now + Duration::from_secs(30)));
    chat.polled(29_999);
    assert_eq!(chat.stage(), "talking to Noor B.");
    chat.polled(1);
    assert_eq!(chat.stage(), "closing");
}

#[test]
fn a_device_that_slept_does_not_find_its_conversation_given_up() {
    let mut chat = Chat::talking();
    chat.fail_for(Duration::from_secs(20));

    chat.now = chat.now + HOUR;
    let began = chat.now;
    chat.input(Input::Woke);
    assert_eq!((&*chat.stage(), chat.session.view().connection), ("talking to Noor B.", Connection::Retrying));

    chat.fail_for(HOUR);
    let lasted = chat.now.since(began).as_secs();
    assert!((110..=121).contains(&lasted), "the patience counts anew: {lasted}");
}

#[test]
fn a_hidden_tab_that_is_woken_once_a_minute_does_not_count_as_asleep() {
    let mut chat = Chat::talking();
    let began = chat.now;
    while chat.stage() == "talking to Noor B." {
        chat.lose("Messages");
        if chat.stage() == "talking to Noor B." {
            chat.now = chat.now + Duration::from_secs(60);
            chat.input(Input::Woke);
        }
    }

    assert_eq!(chat.stage(), "ended, connection-lost");
    assert_eq!(chat.now.since(began), Duration::from_secs(120));
}

#[test]
fn a_sleep_while_all_is_well_is_no_failure() {
    let mut chat = Chat::talking();
    chat.now = chat.now + HOUR;
    chat.input(Input::Woke);
    assert_eq!(chat.session.view().connection, Connection::Retrying);
    chat.wake();
    chat.reply("Messages", 204, "");

    assert_eq!((&*chat.stage(), chat.session.view().connection), ("talking to Noor B.", Connection::Steady));
}

impl Chat {
    /// The clock is set back, and something happens.
    fn set_back(&mut self, span: Duration) {
        self.now = self.now - span;
        self.input(Input::Woke);
    }

    /// Polls fail for so long, or until the conversation is given up.
    fn fail_for(&mut self, span: Duration) {
        let until: Timestamp = self.now + span;
        while self.now < until && self.stage() == "talking to Noor B." {
            if self.in_flight().iter().any(|request| request.contains("Messages")) {
                self.lose("Messages");
            } else {
                self.wake();
            }
        }
    }
}

const HOUR: Duration = Duration::from_secs(3_600);
