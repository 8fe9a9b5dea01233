//! Where the visitor writes.
//!
//! The text lives in the field itself; what depends on it is told on every edit.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlTextAreaElement, KeyboardEvent};

use crate::session::{Command, Stage, View};

use super::common::icon::{SEND, icon};
use super::common::tag::Tag;
use super::desk::Desk;
use super::files::{clip, has_clip};
use super::panel::COMPOSER;

/// The text field **Message** with **Send**.
pub(super) fn composer(desk: Desk) -> Tag {
    let words = desk.words;
    let field = Tag::new("textarea", "");
    let mirror = Tag::new("div", "mirror").set("aria-hidden", "true");
    let send = Tag::new("button", "button round send");
    let paper = Rc::new(Paper {
        desk,
        field: field.element().unchecked_into(),
        mirror: mirror.element(),
        send: send.element(),
    });
    paper.write(&desk.glance(|view| view.draft.to_string()));

    let (on_key, on_input, on_send, on_view) = (Rc::clone(&paper), Rc::clone(&paper), Rc::clone(&paper), paper);
    let field = field
        .set("part", "input")
        .set("rows", "1")
        .set("enterkeyhint", "send")
        .set("autocomplete", "off")
        .set("dir", "auto")
        .set("aria-label", words.message)
        .live("placeholder", move || Some(if desk.see(is_over) { words.over } else { words.placeholder }))
        .live("disabled", move || desk.see(is_shut).then_some(""))
        .on("keydown", move |event| {
            let key: &KeyboardEvent = event.unchecked_ref();
            // While an input method composes, Enter picks a candidate (229 is how Safari says so).
            if key.key() == "Enter" && !key.shift_key() && !key.is_composing() && key.key_code() != COMPOSING {
                event.prevent_default();
                on_key.send();
            }
        })
        .on("input", move |_| {
            on_input.refresh();
            desk.dispatch(Command::Draft { text: on_input.field.value() });
        });
    let send = send
        .set("type", "button")
        .set("part", "send")
        .set("aria-label", words.send)
        .child(icon(SEND))
        .on("click", move |_| on_send.send())
        .effect(move || on_view.follow());
    Tag::new("div", "")
        .live("class", move || Some(if desk.see(is_away) { "composer away" } else { "composer" }))
        .set("part", "composer")
        .slot(move || desk.see(has_clip), move |has_clip| if *has_clip { clip(desk) } else { None })
        .children([Tag::new("div", "field").children([mirror, field]), send])
}

struct Paper {
    desk: Desk,
    field: HtmlTextAreaElement,
    /// Holds the same text, and so gives the field its height.
    mirror: Element,
    send: Element,
}

impl Paper {
    fn send(&self) {
        let text = self.field.value();
        if text.trim().is_empty() || self.desk.glance(is_shut) {
            return;
        }
        self.write("");
        self.desk.dispatch(Command::Send { text });
        self.desk.focus_soon(COMPOSER);
    }

    fn write(&self, text: &str) {
        self.field.set_value(text);
        self.refresh();
    }

    fn refresh(&self) {
        let text = self.field.value();
        let can_send = !text.trim().is_empty() && !self.desk.glance(is_shut);
        // Cannot fail: the name is ours.
        let _ = self.send.toggle_attribute_with_force("disabled", !can_send);
        self.mirror.set_text_content(Some(&(text + "\n")));
    }

    /// Takes over a draft that changed elsewhere (another tab, another conversation), unless the visitor is writing.
    fn follow(&self) {
        let draft = self.desk.see(|view| view.draft.clone());
        let text = self.field.value();
        let is_writing =
            !text.is_empty() && self.desk.focused().is_some_and(|focused| focused.is_same_node(Some(&self.field)));
        if is_writing || text == *draft {
            self.refresh();
        } else {
            self.write(&draft);
        }
    }
}

const fn is_shut(view: &View) -> bool {
    matches!(view.stage, Stage::Idle | Stage::Form | Stage::Closing | Stage::Ended { .. })
}

/// Whether a form stands where nobody can be written to.
const fn is_away(view: &View) -> bool {
    matches!(view.stage, Stage::Form) || (is_over(view) && view.form.is_some())
}

const fn is_over(view: &View) -> bool {
    matches!(view.stage, Stage::Ended { .. })
}

const COMPOSING: u32 = 229;
