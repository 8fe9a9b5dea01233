//! The log: pages of lines, then what is still on its way, then who is writing.
//!
//! Sealed pages are looked at again only where an agent changed a line; a step touches the last page only. The log stays at its end
//! for who is at the end, and where they are for everybody else.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::{Get, GetUntracked, RwSignal, Set, request_animation_frame};

use crate::model::EntryId;
use crate::session::{Stage, Transcript, View};

use super::common::dots::dots;
use super::common::icon::{DOWN, icon};
use super::common::log::{Place, stay_at_end};
use super::common::tag::{Key, Tag};
use super::desk::Desk;
use super::message::{Entrance, line};
use super::offers::{given, replies};
use super::outbox::outbox;
use super::panel::COMPOSER;
use super::waiting::{is_held_up, waiting};
use super::words::fill;

/// The log **Conversation** and the way back to its end.
pub(super) fn transcript(desk: Desk) -> Tag {
    let words = desk.words;
    let lines = Tag::new("div", "lines")
        .children([pages(desk), outbox(desk)])
        .slot(
            move || desk.see(|view| (view.stage.clone(), view.queue_text.clone(), is_held_up(view))),
            move |(stage, text, is_held_up)| if *is_held_up { None } else { waiting(desk, stage, text.as_deref()) },
        )
        .slot(move || is_typing(desk), move |is_typing| is_typing.then(|| typing(desk)))
        .slot(move || desk.see(given), replies(desk));
    let content = lines.element();
    let log = Tag::new("div", "log")
        .set("part", "log")
        .set("role", "log")
        .set("aria-live", "off")
        .set("tabindex", "0")
        .set("aria-label", words.conversation)
        .child(lines);

    let scroller = log.element();
    let place = Place::default();
    let log = stay_at_end(log, &content, place.clone());
    let to_end = move || {
        scroller.set_scroll_top(scroller.scroll_height());
        desk.focus_soon(COMPOSER);
    };
    let newer = move |is_missing: &bool| {
        let to_end = to_end.clone();
        is_missing.then(|| Tag::button("newer", to_end).child(icon(DOWN)).text(words.new_messages))
    };
    let is_missing = place.is_missing.clone();
    let is_blank = |view: &View| view.stage == Stage::Form && view.transcript.is_empty() && view.outbox.is_empty();
    Tag::new("div", "history")
        .live("class", move || Some(if desk.see(is_blank) { "history away" } else { "history" }))
        .child(count_missed(log, desk, place))
        .slot(move || is_missing.get(), newer)
}

fn pages(desk: Desk) -> Tag {
    let entrance = Rc::new(Cell::new(Entrance::Still));
    let settled = Rc::clone(&entrance);
    request_animation_frame(move || settled.set(Entrance::Moving));
    // Turns over whenever a line was changed.
    let revised = RwSignal::new(false);
    let edition = Cell::new(0);
    Tag::new("div", "pages")
        .effect(move || {
            let now = desk.see(|view| view.transcript.edition());
            if edition.replace(now) != now {
                revised.set(!revised.get_untracked());
            }
        })
        .list(
            move || desk.see(|view| sections(&view.transcript)),
            move |key| page(desk, key, revised, Rc::clone(&entrance)),
        )
}

/// One key per page: the id of its first line, which no other page of any conversation has, and its number.
fn sections(transcript: &Transcript) -> Vec<Key> {
    let numbered = transcript.pages().enumerate();
    numbered.filter_map(|(number, page)| Some((page.first()?.id.0, number))).collect()
}

fn page(desk: Desk, key: Key, revised: RwSignal<bool>, entrance: Rc<Cell<Entrance>>) -> Tag {
    let make = move |(id, _): Key| desk.glance(|view| row(desk, &view.transcript, key, id, entrance.get()));
    let rows = move |transcript: &Transcript| rows(transcript, key);
    let is_last = desk.glance(|view| view.transcript.pages().nth(key.1 + 1).is_none());
    let keys = move || {
        revised.get();
        desk.glance(|view| rows(&view.transcript))
    };
    let page = Tag::new("div", "page");
    if is_last { page.list(move || desk.see(|view| rows(&view.transcript)), make) } else { page.list(keys, make) }
}

fn rows(transcript: &Transcript, (first, number): Key) -> Vec<Key> {
    // While another conversation takes this one's place, the number may point to a page of the other.
    let page = transcript.pages().nth(number).filter(|page| page.first().is_some_and(|line| line.id.0 == first));
    page.into_iter().flat_map(|page| page.iter()).map(|line| (line.id.0, line.edition as usize)).collect()
}

fn row(desk: Desk, transcript: &Transcript, (first, number): Key, id: u64, entrance: Entrance) -> Tag {
    let page = |number: usize| transcript.pages().nth(number);
    let place = usize::try_from(id - first).unwrap_or_default();
    let before = match place.checked_sub(1) {
        Some(place) => page(number).and_then(|page| page.get(place)),
        None => number.checked_sub(1).and_then(page).and_then(|page| page.last()),
    };
    match page(number).and_then(|page| page.get(place)) {
        Some(message) => line(desk, message, before, entrance),
        None => Tag::new("div", ""),
    }
}

fn is_typing(desk: Desk) -> bool {
    desk.see(|view| view.agent_typing && matches!(view.stage, Stage::Talking { .. }))
}

fn typing(desk: Desk) -> Tag {
    let sentence = desk.glance(|view| match &view.stage {
        Stage::Talking { agent: Some(name) } => fill(desk.words.typing, name),
        _ => fill(desk.words.typing, desk.words.agent),
    });
    let bubble = Tag::new("div", "bubble typing").children([dots(), Tag::new("span", "unseen").text(&sentence)]);
    Tag::new("div", "line theirs").child(bubble)
}

fn count_missed(log: Tag, desk: Desk, place: Place) -> Tag {
    let mut before = usize::MAX;
    let mut own_before = desk.glance(newest_own);
    log.effect(move || {
        let (now, own) = desk.see(|view| (view.transcript.len() + view.outbox.len(), newest_own(view)));
        // Whoever sends something wants to see it.
        if own > own_before {
            own_before = own;
            place.is_end.set(true);
            place.is_missing.set(false);
        }
        if now > before && !place.is_end.get() {
            place.is_missing.set(true);
        }
        before = now;
    })
}

fn newest_own(view: &View) -> Option<EntryId> {
    view.outbox.last().map(|entry| entry.id)
}
