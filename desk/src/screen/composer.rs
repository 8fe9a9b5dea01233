//! Where the agent writes. The text lives in the field itself; each conversation has its own draft.

use std::rc::Rc;

use holdfast_chat::ui::common::icon::{SEND, icon};
use holdfast_chat::ui::common::tag::Tag;
use leptos::prelude::{ArcRwSignal, Get, GetUntracked, Set};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlTextAreaElement, KeyboardEvent};

use super::bench::Bench;
use super::canned::{self, Choice};
use crate::core::{ChatId, Command};

/// The text field **Message** with **Send** and the canned answers.
pub(super) fn composer(bench: Bench, id: ChatId) -> Tag {
    let words = bench.words;
    let field = Tag::new("textarea", "");
    let mirror = Tag::new("div", "mirror").set("aria-hidden", "true");
    let send = Tag::new("button", "button round send");
    // It lives as long as whoever holds it: what comes and goes within a slot owns nothing.
    let choice = ArcRwSignal::new(None);
    let paper = Rc::new(Paper {
        bench,
        id,
        field: field.element().unchecked_into(),
        mirror: mirror.element(),
        send: send.element(),
        choice: choice.clone(),
    });
    paper.write(&bench.glance_chat(id, |chat| chat.draft.to_string()));

    let (on_key, on_input, on_send, on_open) =
        (Rc::clone(&paper), Rc::clone(&paper), Rc::clone(&paper), Rc::clone(&paper));
    let (active, left, expanded, element) = (choice.clone(), choice.clone(), choice.clone(), field.element());
    let field = field
        .set("rows", "1")
        .set("enterkeyhint", "send")
        .set("autocomplete", "off")
        .set("dir", "auto")
        .set("aria-label", words.message)
        .set("aria-autocomplete", "list")
        .set("placeholder", words.placeholder)
        .effect(move || {
            // Cannot fail: the names are ours.
            let _ = match active.get() {
                Some(choice) => element.set_attribute("aria-controls", &canned::list_id(id)).and_then(|()| {
                    element.set_attribute("aria-activedescendant", &canned::option_id(id, choice.active))
                }),
                None => element
                    .remove_attribute("aria-controls")
                    .and_then(|()| element.remove_attribute("aria-activedescendant")),
            };
        })
        .on("keydown", move |event| on_key.on_key(event.unchecked_ref()))
        .on("blur", move |_| left.set(None))
        .on("input", move |_| on_input.on_input());
    let send =
        send.set("type", "button").set("aria-label", words.send).child(icon(SEND)).on("click", move |_| on_send.send());
    let open = Tag::button("button round quiet slash", move || on_open.open())
        .set("aria-label", words.canned)
        .set("aria-haspopup", "listbox")
        .live("aria-expanded", move || Some(if expanded.get().is_some() { "true" } else { "false" }))
        // A press must not take the keyboard from the field, and with it the list.
        .on("mousedown", |event| event.prevent_default())
        .text("/");
    Tag::new("div", "footer")
        .slot(
            move || choice.get(),
            move |choice| {
                let paper = Rc::clone(&paper);
                Some(canned::list(bench, id, choice.as_ref()?, Rc::new(move |name| paper.insert(name))))
            },
        )
        .child(Tag::new("div", "composer").children([open, Tag::new("div", "field").children([mirror, field]), send]))
}

struct Paper {
    bench: Bench,
    id: ChatId,
    field: HtmlTextAreaElement,
    /// Holds the same text, and so gives the field its height.
    mirror: Element,
    send: Element,
    /// The canned answers that are offered.
    choice: ArcRwSignal<Option<Choice>>,
}

impl Paper {
    fn on_key(&self, event: &KeyboardEvent) {
        // While an input method composes, Enter picks a candidate (229 is how Safari says so).
        if event.is_composing() || event.key_code() == COMPOSING || event.alt_key() {
            return;
        }
        let key = event.key();
        if let Some(choice) = self.choice.get_untracked() {
            match &*key {
                "ArrowDown" => self.choice.set(Some(choice.moved(1))),
                "ArrowUp" => self.choice.set(Some(choice.moved(-1))),
                "Enter" | "Tab" if !event.shift_key() => self.insert(choice.active_name()),
                "Escape" => self.choice.set(None),
                _ => return,
            }
            event.prevent_default();
            event.stop_propagation();
        } else if key == "Enter" && !event.shift_key() {
            event.prevent_default();
            self.send();
        }
    }

    fn on_input(&self) {
        self.choice.set(canned::wanted(&self.before_caret()).and_then(|word| Choice::of(self.bench, &word)));
        self.tell();
    }

    fn send(&self) {
        let text = self.field.value();
        if text.trim().is_empty() {
            return;
        }
        self.write("");
        self.choice.set(None);
        self.bench.dispatch(Command::Send { chat: self.id, text: text.into() });
        self.bench.focus_soon(Some(self.id), COMPOSER);
    }

    /// Offers all canned answers, or none.
    fn open(&self) {
        let is_open = self.choice.get_untracked().is_some();
        let choice = if is_open { None } else { Choice::of(self.bench, "") };
        // Cannot fail: the field is on the page.
        let _ = self.field.focus();
        self.choice.set(choice);
    }

    /// Puts a canned answer where it was asked for by name, or where the caret is.
    fn insert(&self, name: &str) {
        let Some(answer) = canned::answer(self.bench, self.id, name) else { return };
        let before = self.before_caret();
        let text = self.field.value();
        let after = text.get(before.len()..).unwrap_or_default();
        let kept = match canned::wanted(&before) {
            Some(word) => before.get(..before.len() - word.len() - 1).unwrap_or_default(),
            None => &before,
        };
        let start = [kept, &answer].concat();
        self.write(&[&start, after].concat());
        let caret = u32::try_from(start.encode_utf16().count()).unwrap_or_default();
        // Cannot fail: the field is on the page.
        let _ = self.field.set_selection_range(caret, caret);
        let _ = self.field.focus();
        self.choice.set(None);
        self.tell();
    }

    fn tell(&self) {
        self.refresh();
        self.bench.dispatch(Command::Draft { chat: self.id, text: self.field.value().into() });
    }

    fn write(&self, text: &str) {
        self.field.set_value(text);
        self.refresh();
    }

    fn refresh(&self) {
        let text = self.field.value();
        // Cannot fail: the name is ours.
        let _ = self.send.toggle_attribute_with_force("disabled", text.trim().is_empty());
        self.mirror.set_text_content(Some(&(text + "\n")));
    }

    /// The text before the caret. The browser counts in UTF-16.
    fn before_caret(&self) -> String {
        let caret = self.field.selection_start().ok().flatten().unwrap_or(u32::MAX);
        let caret = usize::try_from(caret).unwrap_or(usize::MAX);
        let units: Vec<u16> = self.field.value().encode_utf16().take(caret).collect();
        String::from_utf16_lossy(&units)
    }
}

/// Finds the field.
pub(super) const COMPOSER: &str = "textarea";
const COMPOSING: u32 = 229;
