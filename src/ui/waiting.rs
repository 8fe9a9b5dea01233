//! The wait for somebody: being connected, and the queue.

use std::time::Duration;

use leptos::html;
use leptos::prelude::*;

use crate::session::Stage;

use super::desk::Desk;

/// Where the visitor stands while nobody is there; nothing otherwise.
pub(super) fn waiting(desk: Desk) -> AnyView {
    let words = desk.words;
    let shown = move || match desk.stage.get() {
        Stage::Opening { wait } => Some(card(desk, words.connecting.to_owned(), wait, words.connecting_hint)),
        Stage::Queued { position, wait } => {
            let title = position.map_or_else(|| words.waiting.to_owned(), |position| words.ahead(position));
            Some(card(desk, title, wait, words.wait_hint))
        }
        _ => None,
    };
    shown.into_any()
}

fn card(desk: Desk, title: String, wait: Option<Duration>, hint: &'static str) -> AnyView {
    html::div()
        .class("waiting")
        .attr("part", "waiting")
        .child((
            dots("dots"),
            html::p().class("waiting-title").child(title),
            wait.map(|wait| html::p().class("waiting-time").child(desk.words.wait(wait))),
            html::p().class("waiting-hint").child(hint),
        ))
        .into_any()
}

/// Three dots that breathe, where motion is welcome.
pub(super) fn dots(class: &'static str) -> AnyView {
    html::span().class(class).attr("aria-hidden", "true").child((html::i(), html::i(), html::i())).into_any()
}
