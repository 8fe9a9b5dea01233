//! Who is there, how it stands, and the ways out.

use std::sync::Arc;

use crate::session::{Stage, View};

use super::Intent;
use super::common::icon::{CHAT, CLOSE, icon};
use super::common::initials::initials;
use super::common::tag::Tag;
use super::desk::Desk;
use super::notices;
use super::waiting::is_held_up;

/// The panel's header.
pub(super) fn header(desk: Desk) -> Tag {
    let words = desk.words;
    let end = move |can_end: &bool| {
        let press = move || {
            if desk.has_company() {
                notices::ask(desk);
            } else {
                desk.intend(Intent::End);
            }
        };
        can_end.then(|| Tag::button("button quiet end", press).set("part", "end").text(words.end_chat))
    };
    let close = Tag::button("button round close", move || desk.intend(Intent::Shut))
        .set("part", "close")
        .set("aria-label", words.close_chat)
        .child(icon(CLOSE));

    Tag::new("header", "header")
        .set("part", "header")
        .children([
            Tag::new("span", "avatar").set("part", "avatar").set("aria-hidden", "true").slot(
                move || agent(desk),
                |agent| {
                    Some(match agent {
                        Some(name) => Tag::new("span", "").text(&initials(name)),
                        None => icon(CHAT),
                    })
                },
            ),
            Tag::new("div", "who").children([
                Tag::new("h2", "title")
                    .set("part", "heading")
                    .set("dir", "auto")
                    .live_text(move || agent(desk).map_or_else(|| desk.heading(), |name| name.to_string())),
                Tag::new("p", "status")
                    .live("class", move || Some(if agent(desk).is_some() { "status live" } else { "status" }))
                    .live_text(move || desk.see(|view| status(desk, view))),
            ]),
        ])
        .slot(move || desk.see(can_end), end)
        .child(close)
}

/// How it stands, in a few words.
pub(super) fn status(desk: Desk, view: &View) -> String {
    let words = desk.words;
    match &view.stage {
        Stage::Idle | Stage::Form => "",
        Stage::Opening { .. } => words.connecting,
        Stage::Queued { position: Some(position), .. } => return words.ahead(*position),
        Stage::Queued { .. } if is_held_up(view) => words.form_within,
        Stage::Queued { position: None, .. } => words.waiting,
        Stage::Talking { agent: Some(_) } => words.online,
        Stage::Talking { agent: None } => words.between,
        Stage::Closing => words.ending,
        Stage::Ended { .. } => words.ended,
    }
    .to_owned()
}

fn agent(desk: Desk) -> Option<Arc<str>> {
    match desk.stage() {
        Stage::Talking { agent } => agent,
        _ => None,
    }
}

const fn can_end(view: &View) -> bool {
    matches!(view.stage, Stage::Form | Stage::Opening { .. } | Stage::Queued { .. } | Stage::Talking { .. })
}
