//! What was said in one conversation, and what is on its way, below.

use std::sync::Arc;

use holdfast_chat::model::Timestamp;
use holdfast_chat::ui::common::hour::{days_ago, is_same_day};
use holdfast_chat::ui::common::icon::{DOWN, icon};
use holdfast_chat::ui::common::log::{Place, stay_at_end};
use holdfast_chat::ui::common::prose::{formatted, worded};
use holdfast_chat::ui::common::tag::{Key, Tag};
use leptos::prelude::{Get, Set};

use super::bench::Bench;
use super::composer::COMPOSER;
use super::words::fill;
use crate::core::{Chat, ChatId, Command, Entry, EntryState, Line, Speaker};

/// The log **Conversation** and the way back to its end.
pub(super) fn lines(bench: Bench, id: ChatId) -> Tag {
    let words = bench.words;
    let empty = || Tag::new("div", "");
    let said = Tag::new("div", "pages").list(
        move || bench.see_chat(id, |chat| chat.lines.iter().map(|line| (number(line), 0)).collect()),
        move |(event, _)| bench.glance_chat(id, |chat| row(bench, chat, event)).unwrap_or_else(empty),
    );
    let waiting = Tag::new("div", "outbox").list(
        move || bench.see_chat(id, |chat| chat.outbox.iter().map(key).collect()),
        move |wanted| bench.glance_chat(id, |chat| outgoing(bench, id, chat, wanted)).unwrap_or_else(empty),
    );
    let content = Tag::new("div", "lines").children([said, waiting]);
    let inner = content.element();
    let log = Tag::new("div", "log")
        .set("role", "log")
        .set("aria-live", "off")
        .set("tabindex", "0")
        .set("aria-label", words.conversation)
        .child(content);
    let scroller = log.element();
    let place = Place::default();
    let log = stay_at_end(log, &inner, place.clone());
    let to_end = move || {
        scroller.set_scroll_top(scroller.scroll_height());
        bench.focus_soon(Some(id), COMPOSER);
    };
    let is_missing = place.is_missing.clone();
    Tag::new("div", "history").child(count_missed(log, bench, id, place)).slot(
        move || is_missing.get(),
        move |is_missing| {
            let to_end = to_end.clone();
            is_missing.then(|| Tag::button("newer", to_end).child(icon(DOWN)).text(words.new_messages))
        },
    )
}

fn count_missed(log: Tag, bench: Bench, id: ChatId, place: Place) -> Tag {
    let mut before = (usize::MAX, usize::MAX);
    log.effect(move || {
        let now = bench.see_chat(id, |chat| (chat.lines.len(), chat.outbox.iter().count()));
        if now.1 > before.1 {
            // Whoever sends something wants to see it.
            place.is_end.set(true);
            place.is_missing.set(false);
        } else if now.0 > before.0 && !place.is_end.get() {
            place.is_missing.set(true);
        }
        before = now;
    })
}

/// Events are numbered from 0.
fn number(line: &Line) -> u64 {
    u64::try_from(line.id).unwrap_or_default()
}

fn row(bench: Bench, chat: &Chat, event: u64) -> Option<Tag> {
    let place = chat.lines.iter().rposition(|line| number(line) == event)?;
    let line = chat.lines.get(place)?;
    let before = place.checked_sub(1).and_then(|place| chat.lines.get(place));
    let is_new_day = before.map_or_else(|| days_ago(line.at) > 0, |before| !is_same_day(before.at, line.at));
    let goes_on = !is_new_day && before.is_some_and(|before| goes_on(before, line));
    let words = bench.words;
    let shown = match &line.speaker {
        Speaker::Visitor => said(bench, line, "line theirs", &bench.visitor(chat), goes_on),
        Speaker::Own => said(bench, line, "line own", words.you, goes_on),
        Speaker::Colleague { name } => {
            said(bench, line, "line own colleague", name.as_deref().unwrap_or(words.agent), goes_on)
        }
        Speaker::System => worded(Tag::new("p", "event").set("dir", "auto"), &line.text),
    };
    if !is_new_day {
        return Some(shown);
    }
    Some(Tag::new("div", "new-day").children([Tag::new("p", "day").text(&day(bench, line.at)), shown]))
}

fn said(bench: Bench, line: &Line, class: &str, name: &str, goes_on: bool) -> Tag {
    let bubble = Tag::new("div", "bubble").set("dir", "auto");
    let bubble = match &line.prose {
        Some(prose) => formatted(bubble, prose),
        None => worded(bubble, &line.text),
    };
    let by = Tag::new("div", "by").children([
        Tag::new("span", "name").set("dir", "auto").text(name),
        Tag::new("span", "unseen").text(": "),
        hour(bench, line.at),
    ]);
    Tag::new("div", &[class, if goes_on { " same" } else { "" }].concat()).children([by, bubble])
}

/// Whether a line is said by the same person soon after the one before.
fn goes_on(before: &Arc<Line>, line: &Line) -> bool {
    before.speaker == line.speaker && line.at.since(before.at).as_secs() < GROUP_SECONDS
}

/// The state is part of the key: a message whose state changes is made anew.
fn key(entry: &Entry) -> Key {
    let state = match entry.state {
        EntryState::Queued | EntryState::Posting(_) => 0,
        EntryState::Doubtful { .. } => 1,
        EntryState::Arrived(_) => 2,
        EntryState::Refused => 3,
    };
    (entry.id.0, state)
}

fn outgoing(bench: Bench, id: ChatId, chat: &Chat, wanted: Key) -> Option<Tag> {
    let words = bench.words;
    let entry = chat.outbox.iter().find(|entry| key(entry) == wanted)?;
    let (state, class) = match entry.state {
        EntryState::Queued | EntryState::Posting(_) => (words.sending, "line own pending"),
        EntryState::Doubtful { .. } => (words.doubtful, "line own pending"),
        EntryState::Arrived(_) => (words.sent, "line own pending"),
        EntryState::Refused => (words.not_sent, "line own wedged"),
    };
    let mut meta = Tag::new("div", "meta").children([hour(bench, entry.at), Tag::new("span", "state").text(state)]);
    if entry.state == EntryState::Refused {
        let name = entry.id;
        let give = move |command: Command| {
            bench.dispatch(command);
            bench.focus_soon(Some(id), COMPOSER);
        };
        if chat.is_open() {
            let retry = move || give(Command::Retry { chat: id, entry: name });
            meta = meta.child(Tag::button("button small", retry).text(words.retry));
        }
        let discard = move || give(Command::Discard { chat: id, entry: name });
        meta = meta.child(Tag::button("button small quiet", discard).text(words.discard));
    }
    Some(Tag::new("div", class).children([
        Tag::new("span", "unseen").text(&fill(words.says, words.you)),
        worded(Tag::new("div", "bubble").set("dir", "auto"), &entry.text),
        meta,
    ]))
}

fn hour(bench: Bench, at: Timestamp) -> Tag {
    Tag::new("time", "").text(&bench.hours(|hours| hours.hour(at)))
}

fn day(bench: Bench, at: Timestamp) -> String {
    match days_ago(at) {
        0 => bench.words.today.to_owned(),
        1 => bench.words.yesterday.to_owned(),
        _ => bench.hours(|hours| hours.day(at)),
    }
}

/// Lines that are said within this time of each other stand together.
const GROUP_SECONDS: u64 = 180;
