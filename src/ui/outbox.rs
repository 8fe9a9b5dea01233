//! The visitor's messages that are not known to have arrived, below everything that is.

use crate::model::WedgeReason;
use crate::session::{Command, Pending, PendingState};

use super::common::tag::{Key, Tag};
use super::desk::Desk;
use super::message::own;
use super::panel::COMPOSER;

/// One line per pending message, in order.
pub(super) fn outbox(desk: Desk) -> Tag {
    let make = move |key: Key| {
        let pending = desk.glance(|view| view.outbox.iter().find(|pending| self::key(pending) == key).cloned());
        pending.map_or_else(|| Tag::new("div", ""), |pending| line(desk, &pending))
    };
    Tag::new("div", "outbox").list(move || desk.see(|view| view.outbox.iter().map(key).collect()), make)
}

/// The state is part of the key: a line whose state changes is made anew.
const fn key(pending: &Pending) -> Key {
    let state = match pending.state {
        PendingState::Sending => 0,
        PendingState::NotSent(reason) => 1 + reason as usize,
    };
    (pending.id.0, state)
}

fn line(desk: Desk, pending: &Pending) -> Tag {
    let (state, class) = match pending.state {
        PendingState::Sending => (Tag::new("span", "state").text(desk.words.sending), "line own pending fresh"),
        PendingState::NotSent(reason) => (wedged(desk, pending, reason), "line own wedged"),
    };
    own(desk, pending.at, &pending.text, state, class)
}

fn wedged(desk: Desk, pending: &Pending, reason: WedgeReason) -> Tag {
    let words = desk.words;
    let entry = pending.id;
    let give = move |command: Command| {
        desk.dispatch(command);
        // The buttons go; the keyboard should not go with them.
        desk.focus_soon(COMPOSER);
    };
    Tag::new("div", "trouble").children([
        Tag::new("p", "").children([
            Tag::new("strong", "state").text(words.not_sent),
            Tag::new("span", "").text(" ").text(words.wedge(reason)),
        ]),
        Tag::new("div", "choices").children([
            Tag::button("button small", move || give(Command::Retry { entry })).text(words.retry),
            Tag::button("button small quiet", move || give(Command::Discard { entry })).text(words.discard),
        ]),
    ])
}
