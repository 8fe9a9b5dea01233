//! What a session owes to the other tabs of a conversation: to hear each wish once, to count what they must not miss,
//! and to hand everything over.

use std::collections::BTreeMap;

use holdfast_chat::model::TabId;
use holdfast_chat::session::{Command, Effect, Environment, Input, Record, Session, Snapshot};
use holdfast_chat::tab::{Elsewhere, Tab, TabEffect, TabInput};
use serde_json::json;

use super::chat::{Chat, adapter, transcript};
use super::keeping::{busy_chat, last_id};

#[test]
fn a_wish_from_another_tab_is_heard_once() {
    let mut chat = Chat::talking();
    for number in [1, 1, 2, 1, 2] {
        chat.relay(1, number, &format!("wish {number}"));
        chat.settle();
    }

    assert_eq!(chat.server.heard, ["wish 1", "wish 2"]);
}

#[test]
fn whoever_leads_from_now_on_tells_everything_although_nobody_asked_it() {
    let chat = Chat::talking();
    let read = |key: &str| chat.records.get(key).cloned();
    let protocols = Box::new(|| -> Box<dyn holdfast_chat::protocol::Protocol> { adapter() });
    let (mut tab, _) = Tab::load(protocols, TabId(5), chat.now, &read, Elsewhere::Nobody);
    let _ = tab.handle(chat.now, TabInput::Session(Input::Woke));

    let conversation = tab.conversation().to_owned();
    let effects = tab.handle(chat.now, TabInput::Granted { conversation, serial: None });

    let tells = |effect: &TabEffect| matches!(effect, TabEffect::Say(text) if text.contains("whole"));
    assert!(effects.iter().any(tells), "{effects:?}");
}

#[test]
fn whoever_leads_from_less_than_is_known_here_is_told_so() {
    let mut chat = Chat::talking();
    let Snapshot { conversation, records, .. } = chat.session.snapshot();
    chat.send("one");
    let read = |key: &str| chat.records.get(key).cloned();
    let protocols = Box::new(|| -> Box<dyn holdfast_chat::protocol::Protocol> { adapter() });
    let (mut tab, _) = Tab::load(protocols, TabId(5), chat.now, &read, Elsewhere::Nobody);
    let _ = tab.handle(chat.now, TabInput::Session(Input::Woke));

    let records: Vec<_> = records.iter().map(|record| json!({ "key": record.key, "value": record.value })).collect();
    let stored = json!({ "stored": { "conversation": conversation, "extent": "whole", "records": records } });
    let effects = tab.handle(chat.now, TabInput::Heard(json!({ "from": 6, "word": stored }).to_string()));

    let tells = |effect: &TabEffect| matches!(effect, TabEffect::Say(text) if text.contains("hello"));
    assert!(effects.iter().any(tells), "{effects:?}");
    assert_eq!(tab.view().outbox.len(), 1);
}

#[test]
fn each_tab_counts_its_wishes_by_itself() {
    let mut chat = Chat::talking();
    for tab in [1, 2] {
        chat.relay(tab, 1, &format!("tab {tab}"));
        chat.settle();
    }

    assert_eq!(chat.server.heard, ["tab 1", "tab 2"]);
}

#[test]
fn a_wish_that_was_heard_before_a_reload_is_not_heard_again_after_it() {
    let mut chat = Chat::talking();
    chat.relay(1, 1, "one");
    chat.settle();
    chat.reload();
    chat.settle();

    chat.relay(1, 1, "one");
    chat.settle();

    assert_eq!(chat.server.heard, ["one"]);
}

#[test]
fn of_sixteen_tabs_none_is_heard_twice_and_the_one_silent_for_longest_makes_room() {
    let mut chat = Chat::talking();
    for _ in 0..2 {
        for tab in 1..=16 {
            chat.relay(tab, 1, &format!("tab {tab}"));
            chat.settle();
        }
    }
    assert_eq!(chat.server.heard.len(), 16);

    chat.relay(1, 2, "still here");
    chat.relay(17, 1, "new");
    chat.relay(1, 2, "still here");
    chat.settle();

    assert_eq!(chat.server.heard[16..], ["still here", "new"]);
}

#[test]
fn tabs_that_come_and_go_do_not_fill_the_storage() {
    let mut chat = Chat::talking();
    let mut head_after = |tabs: std::ops::Range<u64>| {
        for tab in tabs {
            chat.input(Input::Relayed { tab: TabId(100_000 + tab), number: 1, command: Command::Stay });
        }
        chat.records["head"].len()
    };

    let few = head_after(0..16);

    assert!(head_after(16..400) < few + 16);
}

#[test]
fn what_the_other_tabs_must_not_miss_is_counted_and_what_concerns_this_page_alone_is_not() {
    let mut chat = Chat::queued();
    let before = chat.session.serial().count();

    chat.draft("Hello");
    chat.command(Command::Open);
    chat.command(Command::Shut);
    assert_eq!(chat.session.serial().count(), before);

    chat.send("Hello");
    assert_eq!(chat.session.serial().count(), before + 1);
    chat.relay(1, 1, "and I");
    assert_eq!(chat.session.serial().count(), before + 2);
    // Nothing is stored, so there is nothing to miss.
    chat.environment(Environment::Visible);
    assert_eq!(chat.session.serial().count(), before + 2);
}

#[test]
fn typing_counts_where_the_agent_is_told_because_that_takes_a_number() {
    let mut chat = Chat::talking();
    let before = chat.session.serial().count();

    assert_eq!(chat.draft("H"), ["store head", "POST ChasitorTyping #2 {}"]);

    assert_eq!(chat.session.serial().count(), before + 1);
}

#[test]
fn the_count_stands_beside_what_is_stored_and_never_falls() {
    let mut chat = Chat::talking();
    let text = Command::Send { text: "one".to_owned() };
    let effects = chat.session.handle(chat.now, Input::Command(text));
    let Some(Effect::Store(snapshot)) = effects.first() else { panic!("it is stored: {effects:?}") };
    assert_eq!((snapshot.serial, &*snapshot.conversation), (chat.session.serial(), chat.session.conversation()));

    let mut chat = Chat::talking();
    let before = chat.session.serial().count();
    chat.reload();
    assert_eq!(chat.session.serial().count(), before);
    chat.send("one");
    assert_eq!(chat.session.serial().count(), before + 1);
}

#[test]
fn a_snapshot_is_all_that_another_page_needs() {
    is_all_that_another_page_needs(&Chat::queued());
    is_all_that_another_page_needs(&busy_chat());
    // More than there is room for: what was let go of while it grew is let go of in the snapshot, and nothing else.
    let mut grown = Chat::talking();
    let long = "x".repeat(4_000);
    for n in 0..260 {
        grown.server.say(&format!("{n} {long}"));
        grown.settle();
    }
    is_all_that_another_page_needs(&grown);
    grown.reload();
    grown.settle();
    grown.says(0..40);
    is_all_that_another_page_needs(&grown);
}

fn is_all_that_another_page_needs(chat: &Chat) {
    let snapshot = chat.session.snapshot();
    let records = kept(&snapshot);

    let restored = Session::restore(adapter(), 1, chat.now, &|key| records.get(key).cloned()).expect("it goes on");

    let theirs = transcript(&chat.restored().expect("what was stored goes on"));
    assert_eq!(transcript(&restored), theirs);
    assert!(chat.transcript().ends_with(&theirs) && theirs.len() >= chat.transcript().len() / 2, "{}", theirs.len());
    assert_eq!(last_id(&restored), last_id(&chat.session));
    assert_eq!(restored.view().outbox, chat.session.view().outbox);
    assert_eq!(snapshot.conversation, chat.session.conversation());
    assert_eq!(snapshot.serial, chat.session.serial());
    assert_eq!(kept(&restored.snapshot()), records);
}

/// What is left when the records are written in order.
fn kept(snapshot: &Snapshot) -> BTreeMap<String, String> {
    let mut kept = BTreeMap::new();
    for Record { key, value } in snapshot.records.clone() {
        match value {
            Some(value) => kept.insert(key, value),
            None => kept.remove(&key),
        };
    }
    kept
}

#[test]
fn where_nothing_was_begun_there_is_nothing_to_take_over_and_no_harm_in_trying() {
    let chat = Chat::new();
    let records = kept(&chat.session.snapshot());

    let restored = Session::restore(adapter(), 1, chat.now, &|key| records.get(key).cloned()).expect("it goes on");

    assert_eq!((restored.view(), restored.next_wake()), (chat.session.view(), None));
}

#[test]
fn taking_a_snapshot_changes_nothing_of_what_is_stored_next() {
    let mut chat = Chat::talking();
    chat.says(0..40);

    let _ = chat.session.snapshot();

    assert_eq!(chat.draft("x")[0], "store head");
}

#[test]
fn a_page_that_was_outrun_asks_nothing_and_keeps_what_it_has_under_another_name() {
    let mut chat = Chat::talking();
    chat.send("in flight");
    chat.send("queued");
    let name = chat.session.conversation().to_owned();

    let effects = chat.environment(Environment::Outrun);

    assert_eq!(effects.last().map(String::as_str), Some("ended elsewhere"));
    assert_eq!((&*chat.stage(), chat.in_flight()), ("ended, elsewhere", vec![]));
    // Whatever waits here may have been sent there.
    assert_eq!(chat.outbox(), ["in flight, unconfirmed", "queued, unconfirmed"]);
    assert_ne!(chat.session.conversation(), name);
    let restored = chat.restored().expect("it can be read again");
    assert_eq!(restored.conversation(), chat.session.conversation());
    assert_eq!(restored.view().outbox, chat.session.view().outbox);
    assert_eq!(transcript(&restored), chat.transcript());
    assert_eq!(chat.wait(std::time::Duration::from_secs(600)), [""; 0]);
}

#[test]
fn a_page_that_was_outrun_behind_the_end_says_so_once() {
    let mut chat = Chat::talking();
    chat.command(Command::Open);
    chat.send("one");
    chat.server.tell("ChatEnded", json!({ "reason": "agent" }));
    chat.settle();

    let effects = chat.environment(Environment::Outrun);

    assert_eq!(effects, ["store page.0 head"]);
    assert_eq!((&*chat.stage(), chat.outbox()), ("ended, elsewhere", vec!["one, unconfirmed".to_owned()]));
}

#[test]
fn a_message_that_was_written_on_a_page_that_was_outrun_may_have_been_sent_elsewhere() {
    let mut chat = Chat::talking();
    chat.environment(Environment::Outrun);

    chat.relay(1, 1, "one");

    assert_eq!((chat.outbox(), chat.in_flight()), (vec!["one, unconfirmed".to_owned()], vec![]));
}

#[test]
fn what_is_sent_behind_a_page_that_was_outrun_may_have_been_heard_elsewhere() {
    let mut chat = Chat::talking();
    chat.environment(Environment::Outrun);

    chat.send("too late");

    assert_eq!((chat.outbox(), chat.in_flight()), (vec!["too late, unconfirmed".to_owned()], vec![]));
}

#[test]
fn a_page_that_never_had_a_conversation_cannot_be_outrun() {
    let mut chat = Chat::new();

    assert_eq!(chat.environment(Environment::Outrun), [""; 0]);
    assert_eq!(chat.stage(), "idle");
}

#[test]
fn a_message_that_another_tab_accepted_before_the_end_does_not_vanish_behind_it() {
    let mut chat = Chat::talking();
    chat.server.expire();
    chat.settle();
    assert_eq!(chat.stage(), "ended, expired");

    chat.relay(1, 1, " too late ");
    chat.relay(1, 1, " too late ");

    assert_eq!(chat.outbox(), ["too late, ended"]);
    assert_eq!(chat.in_flight(), [""; 0]);
}

impl Chat {
    /// The visitor sends a message in another tab.
    fn relay(&mut self, tab: u64, number: u64, text: &str) {
        let command = Command::Send { text: text.to_owned() };
        self.input(Input::Relayed { tab: TabId(tab), number, command });
    }
}
