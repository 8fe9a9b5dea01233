//! Who is there, how it stands, and the ways out.

use leptos::prelude::*;

use crate::session::{Stage, View};

use super::Intent;
use super::common::button::button;
use super::common::icon::{CHAT, CLOSE, icon};
use super::desk::Desk;
use super::notices::Asking;

/// The panel's header.
pub(super) fn header(desk: Desk, asking: Asking) -> AnyView {
    let words = desk.words;
    let agent = Memo::new(move |_| match desk.stage.get() {
        Stage::Talking { agent } => agent,
        _ => None,
    });
    let face = move || match agent.get() {
        Some(name) => initials(&name).into_any(),
        None => icon(CHAT),
    };
    let title = move || agent.get().map_or_else(|| desk.heading(), |name| name.to_string());
    let can_end = Memo::new(move |_| {
        matches!(desk.stage.get(), Stage::Opening { .. } | Stage::Queued { .. } | Stage::Talking { .. })
    });
    let end = move || {
        can_end.get().then(|| {
            let press = move || {
                if desk.has_company() {
                    asking.ask();
                } else {
                    desk.intend(Intent::End);
                }
            };
            button("button quiet", Box::new(press)).node_ref(asking.end).attr("part", "end").child(words.end_chat)
        })
    };
    let close = button("button round close", Box::new(move || desk.intend(Intent::Shut)))
        .attr("part", "close")
        .aria_label(words.close_chat)
        .child(icon(CLOSE));

    leptos::html::header()
        .class("header")
        .attr("part", "header")
        .child((
            leptos::html::span().class("avatar").attr("part", "avatar").attr("aria-hidden", "true").child(face),
            leptos::html::div().class("who").child((
                leptos::html::h2().class("title").attr("part", "heading").attr("dir", "auto").child(title),
                leptos::html::p()
                    .class("status")
                    .class(("live", move || agent.with(Option::is_some)))
                    .child(move || desk.view.with(|view| status(desk, view))),
            )),
            end,
            close,
        ))
        .into_any()
}

/// How it stands, in a few words.
pub(super) fn status(desk: Desk, view: &View) -> String {
    let words = desk.words;
    match &view.stage {
        Stage::Idle => words.idle,
        Stage::Opening { .. } => words.connecting,
        Stage::Queued { position: Some(position), .. } => return words.ahead(*position),
        Stage::Queued { position: None, .. } => words.waiting,
        Stage::Talking { agent: Some(_) } => words.online,
        Stage::Talking { agent: None } => words.between,
        Stage::Closing => words.ending,
        Stage::Ended { .. } => words.ended,
    }
    .to_owned()
}

/// The first letters of the first and the last word of a name.
fn initials(name: &str) -> String {
    let mut letters = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = letters.next();
    first.into_iter().chain(letters.next_back()).flat_map(char::to_uppercase).collect()
}
