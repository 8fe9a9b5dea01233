//! What can be done about a conversation as a whole, and what has to be said or asked about that.

use holdfast_chat::ui::common::tag::Tag;

use super::bench::{Bench, Sheet};
use super::transfer::transfer;
use crate::core::{ChatId, Command, Deed};

/// The buttons of a conversation that goes on.
pub(super) fn actions(bench: Bench, id: ChatId) -> Tag {
    Tag::new("div", "actions")
        .slot(move || bench.see_chat(id, |chat| chat.is_open()), move |is_open| is_open.then(|| buttons(bench, id)))
}

/// What is unfolded or told below them.
pub(super) fn sheets(bench: Bench, id: ChatId) -> Tag {
    let words = bench.words;
    Tag::new("div", "notices")
        .slot(move || bench.is_unfolded(Sheet::End(id)), move |is_asking| is_asking.then(|| question(bench, id)))
        .slot(move || bench.is_unfolded(Sheet::Transfer(id)), move |is_open| is_open.then(|| transfer(bench, id)))
        .slot(
            move || bench.see_chat(id, |chat| chat.trouble),
            move |trouble| {
                let sentence = words.trouble((*trouble)?);
                Some(Tag::new("p", "notice urgent slim").set("role", "alert").text(sentence))
            },
        )
        .slot(
            move || bench.see_chat(id, |chat| chat.awaits_file),
            move |is_waiting| is_waiting.then(|| file_wanted(bench, id)),
        )
}

fn buttons(bench: Bench, id: ChatId) -> Tag {
    let words = bench.words;
    let is_busy = move || bench.see_chat(id, |chat| chat.doing.is_some());
    let transfer = move || {
        bench.dispatch(Command::LookAround);
        bench.toggle(Sheet::Transfer(id), ".transfer select");
    };
    let file = move || bench.dispatch(Command::Do { chat: id, deed: Deed::RequestFile });
    let end = move || bench.toggle(Sheet::End(id), ".keep");
    Tag::new("div", "choices").children([
        Tag::button("button quiet", transfer)
            .live("disabled", move || is_busy().then_some(""))
            .live("aria-expanded", move || bench.expanded(Sheet::Transfer(id)))
            .text(words.transfer),
        Tag::button("button quiet", file)
            .live("disabled", move || (is_busy() || bench.see_chat(id, |chat| chat.awaits_file)).then_some(""))
            .text(words.request_file),
        Tag::button("button quiet end", end)
            .live("disabled", move || is_busy().then_some(""))
            .live("aria-expanded", move || bench.expanded(Sheet::End(id)))
            .text(words.end),
    ])
}

fn question(bench: Bench, id: ChatId) -> Tag {
    let words = bench.words;
    let end = move || {
        bench.dispatch(Command::Do { chat: id, deed: Deed::End });
        bench.fold(Some(id), ".log");
    };
    Tag::new("div", "notice").set("role", "group").set("aria-label", words.ask_end).children([
        Tag::new("p", "").text(words.ask_end),
        Tag::new("div", "choices").children([
            Tag::button("button danger", end).text(words.end_now),
            Tag::button("button quiet keep", move || bench.fold(Some(id), ".end")).text(words.keep),
        ]),
    ])
}

fn file_wanted(bench: Bench, id: ChatId) -> Tag {
    let words = bench.words;
    let take_back = move || bench.dispatch(Command::Do { chat: id, deed: Deed::CancelFile });
    Tag::new("div", "notice slim").children([
        Tag::new("p", "").text(words.file_wanted),
        Tag::button("button small", take_back).text(words.cancel_file),
    ])
}
