//! Below the log: how it ended and how to begin, what the visitor must know while writing, and the composer.

use leptos::html;
use leptos::prelude::*;

use crate::session::Stage;

use super::Intent;
use super::common::button::button;
use super::composer::composer;
use super::desk::Desk;
use super::files::files;
use super::panel::Places;

/// The panel's footer.
pub(super) fn footer(desk: Desk, places: Places) -> AnyView {
    html::div()
        .class("footer")
        .child((start(desk, places), files(desk), sneak_peek(desk), composer(desk, places)))
        .into_any()
}

fn start(desk: Desk, places: Places) -> AnyView {
    let words = desk.words;
    let shown = move || {
        let sentence = match desk.stage.get() {
            Stage::Idle => words.idle,
            Stage::Ended { reason } => words.end(reason),
            _ => return None,
        };
        let start = button("button primary", Box::new(move || desk.intend(Intent::Start)))
            .node_ref(places.start)
            .attr("part", "start")
            .child(words.start_chat);
        Some(html::div().class("ended").child((html::p().child(sentence), start)))
    };
    shown.into_any()
}

fn sneak_peek(desk: Desk) -> AnyView {
    let is_seen = Memo::new(move |_| {
        desk.view.with(|view| view.sneak_peek && !matches!(view.stage, Stage::Ended { .. } | Stage::Idle))
    });
    let shown = move || is_seen.get().then(|| html::p().class("fine").child(desk.words.sneak_peek));
    shown.into_any()
}
