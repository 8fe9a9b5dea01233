//! Canned answers: asked for by `/name` or by the button, chosen by arrow keys or by a press.

use std::rc::Rc;

use holdfast_chat::ui::common::tag::Tag;
use leptos::prelude::request_animation_frame;

use super::bench::Bench;
use super::words::fill;
use crate::core::ChatId;

/// The answers that are offered, and the one that Enter would take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    names: Vec<&'static str>,
    pub(super) active: usize,
}

impl Choice {
    /// The answers whose name begins so; `None` where there is none.
    pub(super) fn of(bench: Bench, word: &str) -> Option<Self> {
        let word = word.to_lowercase();
        let names = bench.words.canned_answers.iter().map(|(name, _)| *name);
        let names: Vec<&str> = names.filter(|name| name.starts_with(&word)).collect();
        (!names.is_empty()).then_some(Self { names, active: 0 })
    }

    /// With the next one active, around the ends.
    pub(super) fn moved(mut self, step: isize) -> Self {
        let last = self.names.len().saturating_sub(1);
        self.active = self.active.checked_add_signed(step).unwrap_or(last);
        if self.active > last {
            self.active = 0;
        }
        self
    }

    pub(super) fn active_name(&self) -> &'static str {
        self.names.get(self.active).copied().unwrap_or_default()
    }
}

/// The name that is being written: what stands behind a slash at the beginning of a word, right before the caret.
pub(super) fn wanted(before: &str) -> Option<String> {
    let word = before.rsplit(char::is_whitespace).next()?;
    word.strip_prefix('/').filter(|name| !name.contains('/')).map(str::to_owned)
}

/// The words of an answer, with the visitor's name where there is one.
pub(super) fn answer(bench: Bench, id: ChatId, name: &str) -> Option<String> {
    let (_, words) = bench.words.canned_answers.iter().find(|(other, _)| *other == name)?;
    Some(match bench.glance_chat(id, |chat| chat.visitor.clone()) {
        Some(visitor) => fill(words, &visitor),
        // Nobody is called by no name.
        None => words.replace(", {}", "").replace(" {}", ""),
    })
}

/// The list above the field.
pub(super) fn list(bench: Bench, id: ChatId, choice: &Choice, choose: Rc<dyn Fn(&'static str)>) -> Tag {
    let list =
        Tag::new("ul", "canned").set("id", &list_id(id)).set("role", "listbox").set("aria-label", bench.words.canned);
    choice.names.iter().enumerate().fold(list, |list, (place, name)| {
        let (name, choose) = (*name, Rc::clone(&choose));
        let words = bench.words.canned_answers.iter().find(|(other, _)| *other == name).map_or("", |(_, words)| words);
        let option = Tag::new("li", "option")
            .set("role", "option")
            .set("id", &option_id(id, place))
            .set("aria-selected", if place == choice.active { "true" } else { "false" })
            // The press comes before the field would lose the keyboard, and with it the list.
            .on("mousedown", move |event| {
                event.prevent_default();
                choose(name);
            })
            .children([
                Tag::new("span", "slash").text("/").text(name),
                Tag::new("span", "words").text(&words.replace("{}", "…")),
            ]);
        if place == choice.active {
            let element = option.element();
            // The list is drawn anew with each step, from its top.
            request_animation_frame(move || element.scroll_into_view_with_bool(false));
        }
        list.child(option)
    })
}

/// What the list of a conversation is called on the page.
pub(super) fn list_id(id: ChatId) -> String {
    format!("canned-{}", id.0)
}

/// What one of its options is called there.
pub(super) fn option_id(id: ChatId, place: usize) -> String {
    format!("{}-{place}", list_id(id))
}
