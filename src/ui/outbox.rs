//! The visitor's messages that are not known to have arrived, below everything that is.

use leptos::html;
use leptos::prelude::*;

use crate::model::WedgeReason;
use crate::session::{Command, Pending, PendingState};

use super::common::button::button;
use super::common::focus::focus_soon;
use super::desk::Desk;
use super::message::own;
use super::panel::Places;

/// One line per pending message, in order.
pub(super) fn outbox(desk: Desk, places: Places) -> AnyView {
    let entries = Memo::new(move |_| desk.view.with(|view| view.outbox.clone()));
    // The state is part of the key: a line whose state changes is made anew.
    let key = move |pending: &Pending| match pending.state {
        PendingState::Sending => (pending.id, desk.words.sending),
        PendingState::NotSent(reason) => (pending.id, desk.words.wedge(reason)),
    };
    For(ForProps::builder()
        .each(move || entries.get())
        .key(key)
        .children(move |pending: Pending| line(desk, places, &pending))
        .build())
    .into_any()
}

fn line(desk: Desk, places: Places, pending: &Pending) -> AnyView {
    let (state, class) = match pending.state {
        PendingState::Sending => {
            (html::span().class("state").child(desk.words.sending).into_any(), "line own pending fresh")
        }
        PendingState::NotSent(reason) => (wedged(desk, places, pending, reason), "line own wedged"),
    };
    own(desk, pending.at, &pending.text, state, class)
}

fn wedged(desk: Desk, places: Places, pending: &Pending, reason: WedgeReason) -> AnyView {
    let words = desk.words;
    let entry = pending.id;
    let give = move |command: Command| {
        desk.dispatch(command);
        // The buttons go; the keyboard should not go with them.
        focus_soon(places.composer);
    };
    html::div()
        .class("trouble")
        .child((
            html::p().child((html::strong().class("state").child(words.not_sent), " ", words.wedge(reason))),
            html::div().class("choices").child((
                button("button small", Box::new(move || give(Command::Retry { entry }))).child(words.retry),
                button("button small quiet", Box::new(move || give(Command::Discard { entry }))).child(words.discard),
            )),
        ))
        .into_any()
}
