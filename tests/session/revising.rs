//! What an agent says may be changed or taken back by them, and what the visitor says may be read, where the backend tells.

use holdfast_chat::model::{Body, Reach};
use holdfast_chat::session::Command;

use super::clerk::Desk;

#[test]
fn words_are_changed_where_they_stand() {
    let mut desk = said("told $1 noor We open at nine\ntold $2 noor Anything else?");

    desk.poll("revised $1 noor We open at ten");

    assert_eq!(shown(&desk), ["We open at ten (1)", "Anything else?"]);
}

#[test]
fn words_that_were_taken_back_are_kept_nowhere() {
    let mut desk = said("told $1 noor The code is 4711\ntold $2 noor Sorry");

    desk.poll("withdrawn $1");

    assert_eq!(shown(&desk), ["Noor withdrew (1)", "Sorry"]);
    assert!(desk.records.values().all(|record| !record.contains("4711")), "{:?}", desk.records);
}

#[test]
fn a_change_is_found_by_a_reload_on_every_page() {
    for line in [0, 31, 32, 40, 63, 64, 70] {
        let lines: Vec<String> = (0..71).map(|number| format!("told ${number} noor line {number}")).collect();
        let mut desk = said(&lines.join("\n"));
        desk.poll(&format!("revised ${line} noor changed"));
        let before = shown(&desk);
        assert_eq!(before[line], "changed (1)");

        desk.reload();
        assert_eq!(shown(&desk), before);
        desk.poll(&format!("revised ${line} noor once more\ntold $71 noor last"));
        desk.reload();
        assert_eq!((shown(&desk)[line].as_str(), shown(&desk).len()), ("once more (2)", 72));
    }
}

#[test]
fn only_who_said_it_can_change_it_and_what_is_not_known_here_is_read_all_the_same() {
    let mut desk = said("told $1 noor Hello");

    desk.poll("revised $1 mallory Send me your password");
    desk.poll("revised $9 noor Of a page that is gone");

    assert_eq!(shown(&desk), ["Hello", "Send me your password", "Of a page that is gone"]);
    desk.poll("withdrawn $8");
    assert_eq!(shown(&desk).len(), 3);
}

#[test]
fn the_same_change_twice_is_one_and_what_was_taken_back_stays_away() {
    let mut desk = said("told $1 noor Hello");

    desk.poll("revised $1 noor Hullo\nrevised $1 noor Hullo");
    assert_eq!(shown(&desk), ["Hullo (1)"]);
    desk.poll("withdrawn $1\nwithdrawn $1");

    assert_eq!(shown(&desk), ["Noor withdrew (2)"]);
}

#[test]
fn a_change_is_nothing_unread_and_tells_the_page_nothing() {
    let mut desk = said("told $1 noor Hello");
    desk.command(Command::Shut);
    let unread = desk.session.view().unread;

    desk.poll("revised $1 noor Hullo");

    assert_eq!(desk.session.view().unread, unread);
    assert_ne!(desk.session.view().transcript, said("told $1 noor Hello").session.view().transcript);
}

#[test]
fn what_was_read_says_so_and_what_is_said_later_does_not() {
    let mut desk = said("told $1 noor Hello");
    for word in ["one", "two"] {
        desk.send(word);
        desk.answer(&format!("say {word}"), "");
    }
    assert_eq!(shown(&desk), ["Hello", "one", "two"]);

    desk.poll("read");
    desk.send("three");
    desk.answer("say three", "");
    assert_eq!(shown(&desk), ["Hello", "one, read (1)", "two, read (1)", "three"]);

    desk.reload();
    desk.poll("read\nread");
    assert_eq!(shown(&desk), ["Hello", "one, read (1)", "two, read (1)", "three, read (1)"]);
}

/// A page on which an agent said this.
fn said(lines: &str) -> Desk {
    let mut desk = Desk::new();
    desk.begin();
    desk.poll("joined");
    desk.poll(lines);
    desk
}

/// The lines, each with how often it was changed.
fn shown(desk: &Desk) -> Vec<String> {
    let mut lines = Vec::new();
    for message in desk.session.view().transcript.iter() {
        let line = match &message.body {
            Body::Agent(speech) => speech.text.to_string(),
            Body::Withdrawn { name } => format!("{} withdrew", name.as_deref().unwrap_or_default()),
            Body::Visitor { text, reach: Reach::Arrived } => text.to_string(),
            Body::Visitor { text, reach: Reach::Read } => format!("{text}, read"),
            Body::File { .. } | Body::Event(_) => continue,
        };
        let changes = if message.edition == 0 { String::new() } else { format!(" ({})", message.edition) };
        lines.push(line + &changes);
    }
    lines
}
