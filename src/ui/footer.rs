//! Below the log: how it ended and how to begin, what the visitor must know while writing, and the composer.

use crate::session::{Command, Download, Stage, View};

use super::Intent;
use super::common::tag::Tag;
use super::composer::composer;
use super::desk::Desk;
use super::files::files;
use super::form::is_given;
use super::notices::is_under_way;
use super::offers::person;

/// The panel's footer.
pub(super) fn footer(desk: Desk) -> Tag {
    Tag::new("div", "footer")
        .slot(move || (desk.stage(), desk.see(way_back)), move |(stage, way)| start(desk, stage, *way))
        .slot(move || desk.see(|view| view.person), move |asked| person(desk, *asked))
        .slot(move || desk.see(|view| view.files.upload.clone()), move |upload| files(desk, upload))
        .slot(
            move || desk.see(|view| matches!(view.files.download, Download::Failed(_))),
            move |has_failed| has_failed.then(|| Tag::new("p", "fine").text(desk.words.file_not_fetched)),
        )
        .slot(
            move || desk.see(|view| view.sneak_peek && is_under_way(view)),
            move |is_seen| is_seen.then(|| Tag::new("p", "fine").text(desk.words.sneak_peek)),
        )
        .child(composer(desk))
}

/// How it ended, and how to begin; what is still on its way from the end comes first.
fn start(desk: Desk, stage: &Stage, way: Way) -> Option<Tag> {
    let words = desk.words;
    let sentence = match stage {
        Stage::Idle => words.idle,
        Stage::Ended { reason } => words.end(*reason),
        _ => return None,
    };
    let press = move || {
        desk.intend(Intent::Start);
        desk.focus_soon(super::panel::COMPOSER);
    };
    let shown = Tag::new("div", "ended").child(Tag::new("p", "").text(sentence));
    let begin = |class: &str| Tag::button(class, press).set("part", "start").text(words.start_chat);
    let go_back = move || {
        desk.dispatch(Command::Return);
        desk.focus_soon(super::panel::COMPOSER);
    };
    Some(match way {
        Way::Nowhere => shown,
        Way::Anew => shown.child(begin("button primary start")),
        Way::Back => shown.child(Tag::new("div", "choices").children([
            begin("button primary start"),
            Tag::button("button quiet return", go_back).text(words.offers.return_to_chat),
        ])),
    })
}

/// Where a visitor can go from here when nothing is under way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Answers are still on their way.
    Nowhere,
    /// To a new conversation.
    Anew,
    /// To a new one, or back to the one that is over.
    Back,
}

fn way_back(view: &View) -> Way {
    match (is_given(view), view.can_return) {
        (true, _) => Way::Nowhere,
        (false, true) => Way::Back,
        (false, false) => Way::Anew,
    }
}
