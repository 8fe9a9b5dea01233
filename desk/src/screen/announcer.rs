//! Says what is new to who cannot see it: the words in the conversations that are shown, and whose they are; of others
//! only whose they are; who comes to the queue, and whether the server answers. Never what is being typed.

use std::collections::BTreeMap;

use holdfast_chat::ui::common::tag::Tag;

use super::bench::Bench;
use super::words::fill;
use crate::core::{ChatId, Connection, Speaker, View};

/// A live region that only assistive technology meets.
pub(super) fn announcer(bench: Bench) -> Tag {
    let region = Tag::new("div", "unseen").set("role", "status");
    let element = region.element();
    let mut heard: Option<Heard> = None;
    region.effect(move || {
        bench.see(|view| {
            let now = Heard::of(view);
            let news = heard.as_ref().map(|heard| news(bench, view, heard, &now)).unwrap_or_default();
            if !news.is_empty() {
                // Words that equal the last ones would not be heard: they get a silent difference.
                let is_same = element.text_content().is_some_and(|said| said == news);
                element.set_text_content(Some(&if is_same { news + "\u{a0}" } else { news }));
            }
            heard = Some(now);
        });
    })
}

/// What has been said already.
struct Heard {
    lines: BTreeMap<ChatId, Option<i64>>,
    waiting: usize,
    connection: Connection,
}

impl Heard {
    fn of(view: &View) -> Self {
        let lines = view.chats.iter().map(|chat| (chat.id, chat.lines.last().map(|line| line.id)));
        Self { lines: lines.collect(), waiting: view.waiting().count(), connection: view.connection }
    }
}

fn news(bench: Bench, view: &View, heard: &Heard, now: &Heard) -> String {
    let words = bench.words;
    let mut sentences = Vec::new();
    for chat in &view.chats {
        // A conversation that has just come is not read out from its beginning.
        let Some(Some(known)) = heard.lines.get(&chat.id) else { continue };
        let mut fresh = chat.lines.iter().filter(|line| line.id > *known && line.speaker != Speaker::Own);
        let name = bench.visitor(chat);
        if !view.panes.contains(&chat.id) {
            if fresh.any(|line| line.speaker == Speaker::Visitor) {
                sentences.push(fill(words.new_message_from, &name));
            }
            continue;
        }
        // What is not the visitor's own is said with whom it was said, where that is not who is attended to.
        let beside = if view.chosen == Some(chat.id) { String::new() } else { fill(words.with, &name) };
        sentences.extend(fresh.map(|line| match line.speaker {
            Speaker::Visitor => fill(words.says, &name) + &line.text,
            Speaker::Own | Speaker::Colleague { .. } | Speaker::System => [&beside, &*line.text].concat(),
        }));
    }
    if now.waiting > heard.waiting {
        sentences.push(fill(words.new_caller, &now.waiting.to_string()));
    }
    match (heard.connection, now.connection) {
        (Connection::Steady, Connection::Lost) => sentences.push(words.lost.to_owned()),
        (Connection::Lost, Connection::Steady) => sentences.push(words.back_again.to_owned()),
        (Connection::Steady, Connection::Steady) | (Connection::Lost, Connection::Lost) => {}
    }
    sentences.join(". ")
}
