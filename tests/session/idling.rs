//! A visitor who does not answer is warned, and then the chat ends.

use std::time::Duration;

use holdfast_chat::session::Command;
use serde_json::json;

use super::chat::Chat;

#[test]
fn a_silent_visitor_is_warned_and_then_the_chat_ends() {
    let mut chat = idle_chat();

    chat.polled(59_999);
    assert_eq!(chat.session.view().idle_end, None);
    chat.polled(1);
    assert_eq!(chat.session.view().idle_end, Some(chat.now + Duration::from_secs(30)));
    let told = "POST ChasitorIdleTimeoutWarningEvent #2 {\"idleTimeoutWarningEvent\":\"triggered\"}";
    assert!(chat.in_flight().contains(&told.to_owned()), "{:?}", chat.in_flight());
    chat.deliver("Warning");
    chat.polled(29_999);
    assert_eq!(chat.stage(), "talking to Noor B.");
    chat.wait(Duration::from_millis(1));

    assert_eq!(chat.in_flight(), ["POST ChatEnd #3 {\"reason\":\"client\"}"]);
    chat.settle();
    assert_eq!(chat.stage(), "ended, idle");
}

#[test]
fn a_visitor_who_stays_is_asked_again_later() {
    let mut chat = idle_chat();
    chat.polled(60_000);
    chat.deliver("Warning");

    chat.command(Command::Stay);

    assert_eq!(chat.session.view().idle_end, None);
    let told = "POST ChasitorIdleTimeoutWarningEvent #3 {\"idleTimeoutWarningEvent\":\"cleared\"}";
    assert!(chat.in_flight().contains(&told.to_owned()), "{:?}", chat.in_flight());
    chat.deliver("Warning");
    chat.polled(59_999);
    assert_eq!(chat.session.view().idle_end, None);
    chat.polled(1);
    assert_eq!(chat.session.view().idle_end, Some(chat.now + Duration::from_secs(30)));
}

#[test]
fn typing_puts_the_warning_off_and_takes_it_back() {
    let mut chat = idle_chat();
    chat.polled(50_000);
    chat.draft("H");
    chat.settle();
    chat.polled(59_000);
    assert_eq!(chat.session.view().idle_end, None);
    chat.polled(1_000);
    assert!(chat.session.view().idle_end.is_some());

    chat.draft("He");

    assert_eq!(chat.session.view().idle_end, None);
}

#[test]
fn an_answer_stops_the_clock_until_the_agent_speaks_again() {
    let mut chat = idle_chat();
    chat.send("Hi");
    chat.settle();
    chat.polled(600_000);
    assert_eq!((chat.session.view().idle_end, &*chat.stage()), (None, "talking to Noor B."));

    chat.server.say("And?");
    chat.settle();
    chat.polled(60_000);

    assert!(chat.session.view().idle_end.is_some());
}

#[test]
fn further_words_of_the_agent_do_not_put_the_warning_off() {
    let mut chat = idle_chat();
    chat.polled(30_000);
    chat.server.say("Hello?");
    chat.settle();
    chat.polled(30_000);

    assert!(chat.session.view().idle_end.is_some());
}

#[test]
fn a_word_of_the_agents_after_the_warning_does_not_put_the_end_off() {
    let mut chat = idle_chat();
    chat.polled(60_000);
    let end = chat.session.view().idle_end.expect("the visitor is warned");
    chat.deliver("Warning");
    chat.polled(10_000);
    chat.server.say("Hello?");
    chat.settle();

    assert_eq!(chat.session.view().idle_end, Some(end));
    chat.polled(20_000);
    assert_eq!(chat.stage(), "closing");
}

#[test]
fn an_answer_takes_the_warning_back() {
    let mut chat = idle_chat();
    chat.polled(60_000);
    chat.deliver("Warning");

    chat.send("I am here");
    assert_eq!(chat.session.view().idle_end, None);
    chat.deliver("ChatMessage");
    chat.deliver("Warning");
    chat.polled(600_000);

    assert_eq!(chat.stage(), "talking to Noor B.");
    let told = "POST ChasitorIdleTimeoutWarningEvent #4 {\"idleTimeoutWarningEvent\":\"cleared\"}";
    assert!(chat.server.asked.contains(&told.to_owned()), "{:?}", chat.server.asked);
}

#[test]
fn a_reload_does_not_stop_the_clock() {
    let mut chat = idle_chat();
    chat.polled(30_000);
    chat.reload();
    chat.polled(29_999);
    assert_eq!(chat.session.view().idle_end, None);
    chat.polled(1);
    let end = chat.session.view().idle_end.expect("the visitor is warned");
    chat.reload();
    assert_eq!(chat.session.view().idle_end, Some(end));
    chat.polled(29_999);
    assert_eq!(chat.stage(), "talking to Noor B.");
    chat.polled(1);

    assert_eq!(chat.stage(), "closing");
}

#[test]
fn another_agent_brings_another_clock() {
    let mut chat = idle_chat();
    chat.server.tell("ChatTransferred", json!({ "name": "Ines" }));
    chat.settle();
    chat.polled(600_000);

    assert_eq!((chat.session.view().idle_end, &*chat.stage()), (None, "talking to Ines"));
}

#[test]
fn nobody_is_warned_in_the_queue() {
    let mut chat = Chat::queued();
    chat.polled(600_000);

    assert_eq!((chat.session.view().idle_end, &*chat.stage()), (None, "queued"));
}

fn idle_chat() -> Chat {
    let mut chat = Chat::queued();
    let idle = json!({ "isEnabled": true, "warningTime": 60, "timeout": 90 });
    chat.server.tell("ChatEstablished", json!({ "name": "Noor B.", "chasitorIdleTimeout": idle }));
    chat.settle();
    chat
}

impl Chat {
    /// Time goes by while the server answers polls with nothing.
    pub fn polled(&mut self, millis: u64) {
        let until = self.now + Duration::from_millis(millis);
        while self.now < until {
            let rest = until.since(self.now).min(Duration::from_secs(20));
            self.wait(rest);
            if self.in_flight().iter().any(|request| request.contains("Messages")) {
                self.reply("Messages", 204, "");
            }
        }
    }
}
