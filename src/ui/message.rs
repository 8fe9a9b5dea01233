//! One line of the transcript.

use crate::model::{Author, Body, Message, Prose, Reach, SharedFile, Speech, Timestamp};

use super::common::hour::{days_ago, is_same_day};
use super::common::prose::{formatted, worded};
use super::common::tag::Tag;
use super::desk::Desk;
use super::files::shared;
use super::words::fill;

/// Whether a line comes in before the visitor's eyes or was there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entrance {
    /// It was there when the panel was.
    Still,
    /// It has just come.
    Moving,
}

/// A line, after the line before it: who goes on talking is not named again.
pub(super) fn line(desk: Desk, message: &Message, before: Option<&Message>, entrance: Entrance) -> Tag {
    let is_new_day = before.map_or_else(|| days_ago(message.at) > 0, |before| !is_same_day(before.at, message.at));
    let goes_on = !is_new_day && before.is_some_and(|before| goes_on(before, message));
    let entrance = if message.edition == 0 { entrance } else { Entrance::Still };
    let line = match &message.body {
        Body::Visitor { text, reach } => {
            let state = Tag::new("span", "state").text(match reach {
                Reach::Arrived => desk.words.sent,
                Reach::Read => desk.words.read,
            });
            own(desk, message.at, text, state, if goes_on { "line own same" } else { "line own" })
        }
        Body::Agent(Speech { name, text, prose, .. }) => {
            let words = prose.as_ref().map_or_else(|| bubble(text), formatted_bubble);
            let line = theirs(desk, message.at, name.as_deref(), words, their_class(goes_on, entrance));
            match message.edition {
                0 => line,
                _ => line.child(Tag::new("div", "meta").text(desk.words.edited)),
            }
        }
        Body::Withdrawn { name } => {
            let words = bubble(desk.words.withdrawn).set("class", "bubble gone");
            theirs(desk, message.at, name.as_deref(), words, their_class(goes_on, Entrance::Still))
        }
        Body::File { author, file } => self::file(desk, message.at, author, file, goes_on),
        Body::Event(happening) => Tag::new("p", "event").text(&desk.words.happening(happening)),
    };
    if is_new_day {
        Tag::new("div", "new-day").children([Tag::new("p", "day").text(&day(desk, message.at)), line])
    } else {
        line
    }
}

const fn their_class(goes_on: bool, entrance: Entrance) -> &'static str {
    match (goes_on, entrance) {
        (false, Entrance::Still) => "line theirs",
        (false, Entrance::Moving) => "line theirs fresh",
        (true, Entrance::Still) => "line theirs same",
        (true, Entrance::Moving) => "line theirs same fresh",
    }
}

/// A line of the visitor's, with how it stands with it.
pub(super) fn own(desk: Desk, at: Timestamp, text: &str, state: Tag, class: &str) -> Tag {
    owned(desk, at, bubble(text), state, class)
}

fn owned(desk: Desk, at: Timestamp, bubble: Tag, state: Tag, class: &str) -> Tag {
    Tag::new("div", class).children([
        Tag::new("span", "unseen").text(&fill(desk.words.says, desk.words.you)),
        bubble,
        Tag::new("div", "meta").children([hour(desk, at), state]),
    ])
}

/// A file that somebody handed over.
fn file(desk: Desk, at: Timestamp, author: &Author, file: &SharedFile, goes_on: bool) -> Tag {
    let bubble = shared(desk, author, file);
    match author {
        Author::Visitor => {
            let state = Tag::new("span", "state").text(desk.words.sent);
            owned(desk, at, bubble, state, if goes_on { "line own same" } else { "line own" })
        }
        Author::Agent { name } => theirs(desk, at, name.as_deref(), bubble, their_class(goes_on, Entrance::Still)),
    }
}

/// Author and hour are hidden from the eye where the group's first line says them, never from a screen reader.
fn theirs(desk: Desk, at: Timestamp, name: Option<&str>, words: Tag, class: &str) -> Tag {
    let by = Tag::new("div", "by").children([
        Tag::new("span", "name").set("dir", "auto").text(name.unwrap_or(desk.words.agent)),
        Tag::new("span", "unseen").text(": "),
        hour(desk, at),
    ]);
    Tag::new("div", class).children([by, words])
}

fn hour(desk: Desk, at: Timestamp) -> Tag {
    Tag::new("time", "").text(&desk.hours(|hours| hours.hour(at)))
}

fn bubble(text: &str) -> Tag {
    worded(empty_bubble(), text)
}

fn formatted_bubble(prose: &Prose) -> Tag {
    formatted(empty_bubble(), prose)
}

fn empty_bubble() -> Tag {
    Tag::new("div", "bubble").set("part", "bubble").set("dir", "auto")
}

/// Whether a line is said by the same author soon after the one before.
fn goes_on(before: &Message, message: &Message) -> bool {
    let is_same_author = matches!((speaker(before), speaker(message)), (Some(one), Some(other)) if one == other);
    is_same_author && message.at.since(before.at).as_secs() < GROUP_SECONDS
}

/// Who said a line, by name: the visitor has none.
fn speaker(message: &Message) -> Option<(bool, Option<&str>)> {
    match &message.body {
        Body::Visitor { .. } | Body::File { author: Author::Visitor, .. } => Some((true, None)),
        Body::Agent(Speech { name, .. })
        | Body::Withdrawn { name }
        | Body::File { author: Author::Agent { name }, .. } => Some((false, name.as_deref())),
        Body::Event(_) => None,
    }
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
