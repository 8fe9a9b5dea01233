//! Several chats at once: which are shown, which is attended to, and what is read by that.

use super::stage::{Stage, line};
use crate::core::*;

#[test]
fn what_is_shown_is_read_whether_it_is_attended_to_or_not() {
    let mut stage = beside(2);

    stage.hear("K1", &[line(2, "visitor", "one")]);
    stage.hear("K2", &[line(2, "visitor", "two")]);
    stage.hear("K3", &[line(2, "visitor", "three")]);

    assert_eq!(shown(&stage), (vec!["K1", "K2"], Some("K2")));
    assert_eq!(unread(&stage), [0, 0, 1]);
}

#[test]
fn what_is_shown_is_unread_while_nobody_looks_at_the_window() {
    let mut stage = beside(2);
    stage.step(Input::Environment(Environment::Unseen));
    stage.hear("K1", &[line(2, "visitor", "one")]);
    stage.hear("K2", &[line(2, "visitor", "two")]);
    assert_eq!(unread(&stage), [1, 1, 0]);

    stage.step(Input::Environment(Environment::Seen));

    assert_eq!(unread(&stage), [0, 0, 0]);
}

#[test]
fn a_narrow_window_shows_one_and_reads_one_until_it_is_wide_again() {
    let mut stage = beside(2);

    stage.step(Input::Environment(Environment::Room(1)));
    stage.hear("K1", &[line(2, "visitor", "one")]);
    assert_eq!((shown(&stage), unread(&stage)), ((vec!["K2"], Some("K2")), vec![1, 0, 0]));

    stage.command(Command::Unchoose);
    stage.hear("K2", &[line(2, "visitor", "two")]);
    assert_eq!((shown(&stage), unread(&stage)), ((vec![], None), vec![1, 1, 0]));

    stage.step(Input::Environment(Environment::Room(2)));
    assert_eq!((shown(&stage), unread(&stage)), ((vec!["K1", "K2"], None), vec![0, 0, 0]));
}

#[test]
fn a_page_that_is_loaded_anew_shows_the_same_chats_in_the_same_order() {
    let mut stage = beside(3);
    stage.command(Command::ChooseBeside(stage.chat_of("K3").id));
    stage.command(Command::Choose(stage.chat_of("K1").id));
    for (key, text) in [("K1", "to one"), ("K3", "to three")] {
        let chat = stage.chat_of(key).id;
        stage.command(Command::Draft { chat, text: text.into() });
    }

    let mut stage = stage.reloaded();
    stage.step(Input::Environment(Environment::Room(2)));
    assert_eq!(shown(&stage), (vec!["K1", "K3"], Some("K1")));
    stage.step(Input::Environment(Environment::Room(3)));
    assert_eq!(shown(&stage), (vec!["K1", "K2", "K3"], Some("K1")));

    let drafts = ["K1", "K2", "K3"].map(|key| stage.chat_of(key).draft.to_string());
    assert_eq!(drafts, ["to one", "", "to three"]);
}

#[test]
fn what_is_set_aside_goes_on_unread_and_comes_back_where_there_is_room() {
    let mut stage = beside(2);

    stage.command(Command::SetAside(stage.chat_of("K2").id));
    stage.hear("K2", &[line(2, "visitor", "two")]);
    assert_eq!((shown(&stage), unread(&stage)), ((vec!["K1"], None), vec![0, 1, 0]));
    assert!(stage.chat_of("K2").is_open());

    stage.command(Command::Choose(stage.chat_of("K2").id));
    assert_eq!((shown(&stage), unread(&stage)), ((vec!["K1", "K2"], Some("K2")), vec![0, 0, 0]));
}

#[test]
fn what_is_over_leaves_its_place_when_it_is_put_away() {
    let mut stage = beside(2);
    stage.hear("K1", &[line(2, "visitor", "bye"), r#"{"id":3,"type":"state","state":"ended"}"#.to_owned()]);
    assert_eq!(shown(&stage), (vec!["K1", "K2"], Some("K2")));

    stage.command(Command::Close(stage.chat_of("K1").id));

    assert_eq!(shown(&stage), (vec!["K2"], Some("K2")));
}

#[test]
fn who_is_accepted_takes_the_place_of_the_one_that_is_attended_to() {
    let mut stage = beside(2);
    stage.command(Command::Choose(stage.chat_of("K1").id));

    stage.accept("K4");

    assert_eq!(shown(&stage), (vec!["K4", "K2"], Some("K4")));
}

#[test]
fn what_is_not_there_is_not_opened() {
    let mut stage = beside(2);
    let before = stage.view();

    stage.command(Command::ChooseBeside(ChatId(77)));
    stage.command(Command::SetAside(ChatId(77)));

    assert_eq!(stage.view(), before);
}

/// Three chats, of which two are open, K2 beside K1, in a window with so much room.
fn beside(room: usize) -> Stage {
    let mut stage = Stage::having(&["K1", "K2", "K3"]);
    stage.step(Input::Environment(Environment::Room(room)));
    stage.command(Command::Choose(stage.chat_of("K1").id));
    stage.command(Command::ChooseBeside(stage.chat_of("K2").id));
    stage
}

fn shown(stage: &Stage) -> (Vec<&'static str>, Option<&'static str>) {
    let view = stage.view();
    let name = |id: &ChatId| {
        let key = view.chat(*id).map(|chat| chat.key.as_str().to_owned());
        ["K1", "K2", "K3", "K4"].into_iter().find(|name| Some(*name) == key.as_deref()).expect("it is one of them")
    };
    (view.panes.iter().map(name).collect(), view.chosen.as_ref().map(name))
}

/// How much is unread, chat by chat.
fn unread(stage: &Stage) -> Vec<usize> {
    stage.view().chats.iter().map(|chat| chat.unread).collect()
}
