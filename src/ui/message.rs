//! One line of the transcript.

use leptos::html;
use leptos::prelude::*;

use crate::model::{Body, Message, Timestamp};

use super::common::hour::{days_ago, is_same_day};
use super::common::links::{Piece, pieces};
use super::desk::Desk;
use super::words::fill;

/// Whether a line comes in before the visitor's eyes or was there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entrance {
    /// It was there when the panel was.
    Still,
    /// It has just come.
    Moving,
}

/// A line, and the line before it: who goes on talking is not named again.
pub(super) fn line(desk: Desk, message: &Message, before: Option<&Message>, entrance: Entrance) -> AnyView {
    let is_new_day = before.map_or_else(|| days_ago(message.at) > 0, |before| !is_same_day(before.at, message.at));
    let goes_on = !is_new_day && before.is_some_and(|before| goes_on(before, message));
    let day = is_new_day.then(|| html::p().class("day").child(day(desk, message.at)));
    let line = match &message.body {
        Body::Visitor { text } => {
            let state = html::span().class("state").child(desk.words.sent).into_any();
            own(desk, message.at, text, state, if goes_on { "line own same" } else { "line own" })
        }
        Body::Agent { name, text } => {
            let class = match (goes_on, entrance) {
                (false, Entrance::Still) => "line theirs",
                (false, Entrance::Moving) => "line theirs fresh",
                (true, Entrance::Still) => "line theirs same",
                (true, Entrance::Moving) => "line theirs same fresh",
            };
            theirs(desk, message.at, name.as_deref(), text, class)
        }
        Body::Event(happening) => html::p().class("event").child(desk.words.happening(happening)).into_any(),
    };
    (day, line).into_any()
}

/// A line of the visitor's, with how it stands with it.
pub(super) fn own(desk: Desk, at: Timestamp, text: &str, state: AnyView, class: &'static str) -> AnyView {
    html::div()
        .class(class)
        .child((
            html::span().class("unseen").child(fill(desk.words.says, desk.words.you)),
            bubble(text),
            html::div().class("meta").child((hour(desk, at), state)),
        ))
        .into_any()
}

/// Author and hour are hidden from the eye where the group's first line says them, never from a screen reader.
fn theirs(desk: Desk, at: Timestamp, name: Option<&str>, text: &str, class: &'static str) -> AnyView {
    let name = name.unwrap_or(desk.words.agent).to_owned();
    html::div()
        .class(class)
        .child((
            html::div().class("by").child((
                html::span().class("name").attr("dir", "auto").child(name),
                html::span().class("unseen").child(": "),
                hour(desk, at),
            )),
            bubble(text),
        ))
        .into_any()
}

fn hour(desk: Desk, at: Timestamp) -> AnyView {
    html::time().child(desk.hours(|hours| hours.hour(at))).into_any()
}

fn bubble(text: &str) -> AnyView {
    let content: Vec<AnyView> = pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Words(words) => words.to_owned().into_any(),
            Piece::Link(address) => html::a()
                .href(address.to_owned())
                .target("_blank")
                .rel("noopener noreferrer nofollow")
                .child(address.to_owned())
                .into_any(),
        })
        .collect();
    html::div().class("bubble").attr("part", "bubble").attr("dir", "auto").child(content).into_any()
}

/// Whether a line is said by the same author soon after the one before.
fn goes_on(before: &Message, message: &Message) -> bool {
    let is_same_author = match (&before.body, &message.body) {
        (Body::Visitor { .. }, Body::Visitor { .. }) => true,
        (Body::Agent { name: one, .. }, Body::Agent { name: other, .. }) => one == other,
        _ => false,
    };
    is_same_author && message.at.since(before.at).as_secs() < GROUP_SECONDS
}

fn day(desk: Desk, at: Timestamp) -> String {
    match days_ago(at) {
        0 => desk.words.today.to_owned(),
        1 => desk.words.yesterday.to_owned(),
        _ => desk.hours(|hours| hours.day(at)),
    }
}

/// Lines that are said within this time of each other stand together.
const GROUP_SECONDS: u64 = 180;
