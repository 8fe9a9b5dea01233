//! Below the log: how it ended and how to begin, what the visitor must know while writing, and the composer.

use crate::session::{Download, Stage};

use super::Intent;
use super::common::tag::Tag;
use super::composer::composer;
use super::desk::Desk;
use super::files::files;
use super::form::is_given;
use super::notices::is_under_way;

/// The panel's footer.
pub(super) fn footer(desk: Desk) -> Tag {
    Tag::new("div", "footer")
        .slot(move || (desk.stage(), desk.see(is_given)), move |(stage, is_given)| start(desk, stage, *is_given))
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
fn start(desk: Desk, stage: &Stage, is_given: bool) -> Option<Tag> {
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
    let button = || Tag::button("button primary start", press).set("part", "start").text(words.start_chat);
    Some(if is_given { shown } else { shown.child(button()) })
}
