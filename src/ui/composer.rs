//! Where the visitor writes.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use crate::session::{Command, Stage};

use super::common::button::button;
use super::common::focus::focus;
use super::common::icon::{SEND, icon};
use super::desk::Desk;
use super::panel::Places;

/// The text field **Message** with **Send**.
pub(super) fn composer(desk: Desk, places: Places) -> AnyView {
    let words = desk.words;
    let text = RwSignal::new(desk.view.with_untracked(|view| view.draft.to_string()));
    let is_blank = Memo::new(move |_| text.with(|text| text.trim().is_empty()));
    let is_shut = Memo::new(move |_| matches!(desk.stage.get(), Stage::Idle | Stage::Closing | Stage::Ended { .. }));
    follow_draft(desk, places, text);

    let send = move || {
        if is_shut.get_untracked() || is_blank.get_untracked() {
            return;
        }
        let typed = text.get_untracked();
        write(places, text, "");
        desk.dispatch(Command::Send { text: typed });
        if let Some(field) = places.composer.get_untracked() {
            focus(&field);
        }
    };
    let field = html::textarea()
        .node_ref(places.composer)
        .attr("part", "input")
        .attr("rows", "1")
        .attr("enterkeyhint", "send")
        .attr("autocomplete", "off")
        .attr("dir", "auto")
        .aria_label(words.message)
        .attr("placeholder", move || if is_shut.get() { words.over } else { words.placeholder })
        .disabled(move || is_shut.get())
        .on(leptos::ev::keydown, move |event: KeyboardEvent| {
            // While an input method composes, Enter picks a candidate (229 is how Safari says so).
            let is_composing = event.is_composing() || event.key_code() == 229;
            if event.key() == "Enter" && !event.shift_key() && !is_composing {
                event.prevent_default();
                send();
            }
        })
        .on(leptos::ev::input, move |_| {
            if let Some(field) = places.composer.get_untracked() {
                let typed = field.value();
                text.set(typed.clone());
                desk.dispatch(Command::Draft { text: typed });
            }
        });
    places.composer.on_load(move |field| field.set_value(&text.get_untracked()));
    let press = button("button round send", Box::new(send))
        .attr("part", "send")
        .aria_label(words.send)
        .disabled(move || is_shut.get() || is_blank.get())
        .child(icon(SEND));
    // The mirror holds the same text and so gives the field its height.
    let mirror = html::div().class("mirror").attr("aria-hidden", "true").child(move || text.get() + "\n");
    html::div()
        .class("composer")
        .attr("part", "composer")
        .child((html::div().class("field").child((mirror, field)), press))
        .into_any()
}

/// Takes over a draft that changed elsewhere (another tab, another conversation), unless the visitor is writing.
fn follow_draft(desk: Desk, places: Places, text: RwSignal<String>) {
    let draft = Memo::new(move |_| desk.view.with(|view| view.draft.clone()));
    Effect::new(move |before: Option<()>| {
        let draft = draft.get();
        let is_writing = super::common::focus::is_inside(places.composer);
        if before.is_some() && !is_writing && text.with_untracked(|text| *text != *draft) {
            write(places, text, &draft);
        }
    });
}

fn write(places: Places, text: RwSignal<String>, words: &str) {
    text.set(words.to_owned());
    if let Some(field) = places.composer.get_untracked() {
        field.set_value(words);
    }
}
