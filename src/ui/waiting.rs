//! The wait for somebody: being connected, and the queue.

use std::time::Duration;

use crate::session::{Stage, View};

use super::common::dots::dots;
use super::common::prose::worded;
use super::common::tag::Tag;
use super::desk::Desk;

/// Where the visitor stands while nobody is there; nothing in other stages. A site's own words come in place of ours.
pub(super) fn waiting(desk: Desk, stage: &Stage, text: Option<&str>) -> Option<Tag> {
    let words = desk.words;
    match stage {
        Stage::Opening { wait } => Some(card(desk, words.connecting, *wait)),
        Stage::Queued { .. } if text.is_some() => Some(own_card(desk, text.unwrap_or_default())),
        Stage::Queued { position: Some(position), wait } => Some(card(desk, &words.ahead(*position), *wait)),
        Stage::Queued { position: None, wait } => Some(card(desk, words.waiting, *wait)),
        _ => None,
    }
}

/// Whether a form has to be filled in before the visitor gets a place in the queue.
pub(super) const fn is_held_up(view: &View) -> bool {
    matches!(view.stage, Stage::Queued { position: None, .. }) && view.form.is_some() && view.queue_text.is_none()
}

fn own_card(desk: Desk, text: &str) -> Tag {
    let title = worded(Tag::new("p", "waiting-title").set("dir", "auto"), text);
    Tag::new("div", "waiting").set("part", "waiting").children([
        dots(),
        title,
        Tag::new("p", "waiting-hint").text(desk.words.wait_hint),
    ])
}

fn card(desk: Desk, title: &str, wait: Option<Duration>) -> Tag {
    let card = Tag::new("div", "waiting")
        .set("part", "waiting")
        .children([dots(), Tag::new("p", "waiting-title").text(title)]);
    let card = match wait {
        Some(wait) => card.child(Tag::new("p", "waiting-time").text(&desk.words.wait(wait))),
        None => card,
    };
    card.child(Tag::new("p", "waiting-hint").text(desk.words.wait_hint))
}
