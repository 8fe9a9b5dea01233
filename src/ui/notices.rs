//! What the visitor must know before they read on: a question, a coming end, the connection, what is not kept.

use leptos::prelude::{Get, Set};

use crate::session::{Command, Connection, Keeping, Stage, View};

use super::Intent;
use super::common::tag::Tag;
use super::desk::Desk;
use super::panel::COMPOSER;
use super::words::fill;

/// Asks whether the chat shall end, and puts the keyboard on the answer that changes nothing.
pub(super) fn ask(desk: Desk) {
    desk.is_asking.set(true);
    desk.focus_soon(".keep");
}

/// Takes the question back.
pub(super) fn withdraw(desk: Desk) {
    desk.is_asking.set(false);
    desk.focus_soon(".end");
}

/// All notices, most urgent first.
pub(super) fn notices(desk: Desk) -> Tag {
    let words = desk.words;
    Tag::new("div", "notices")
        .slot(move || desk.is_asking.get(), move |is_asking| is_asking.then(|| question(desk)))
        .slot(
            move || desk.see(|view| view.idle_end),
            move |end| end.map(|end| idle(desk, &fill(words.still_there, &desk.hours(|hours| hours.hour(end))))),
        )
        .slot(
            move || desk.see(|view| connection(desk, view)),
            |sentence| Some(Tag::new("p", "notice urgent slim").text((*sentence)?)),
        )
        .slot(
            move || desk.see(is_lost_on_reload),
            move |is_lost| is_lost.then(|| Tag::new("p", "notice slim").text(words.memory_only)),
        )
}

fn question(desk: Desk) -> Tag {
    let words = desk.words;
    let end = move || {
        desk.is_asking.set(false);
        desk.intend(Intent::End);
    };
    Tag::new("div", "notice").set("role", "group").set("aria-label", words.ask_end).children([
        Tag::new("p", "").text(words.ask_end),
        Tag::new("div", "choices").children([
            Tag::button("button danger", end).text(words.end_now),
            Tag::button("button quiet keep", move || withdraw(desk)).text(words.keep_chatting),
        ]),
    ])
}

fn idle(desk: Desk, sentence: &str) -> Tag {
    let stay = move || {
        desk.dispatch(Command::Stay);
        desk.focus_soon(COMPOSER);
    };
    Tag::new("div", "notice urgent")
        .children([Tag::new("p", "").text(sentence), Tag::button("button primary", stay).text(desk.words.stay)])
}

const fn connection(desk: Desk, view: &View) -> Option<&'static str> {
    let words = desk.words;
    if !is_under_way(view) {
        return None;
    }
    match view.connection {
        Connection::Steady => None,
        Connection::Resuming => Some(words.resuming),
        Connection::Retrying => Some(words.retrying),
        Connection::Offline => Some(words.offline),
    }
}

fn is_lost_on_reload(view: &View) -> bool {
    view.keeping == Keeping::MemoryOnly && is_under_way(view)
}

/// Whether there is a conversation to speak of.
pub(super) const fn is_under_way(view: &View) -> bool {
    !matches!(view.stage, Stage::Idle | Stage::Ended { .. })
}
