//! The way in: a name, and nothing else.

use holdfast_chat::ui::common::icon::{CHAT, icon};
use holdfast_chat::ui::common::tag::Tag;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::bench::Bench;
use crate::core::{Command, Door};

/// Asks who sits down.
pub(super) fn door(bench: Bench) -> Tag {
    let words = bench.words;
    let field = Tag::new("input", "input")
        .set("id", "name")
        .set("type", "text")
        .set("autocomplete", "name")
        .set("maxlength", "60")
        .set("required", "")
        .set("dir", "auto");
    let input: HtmlInputElement = field.element().unchecked_into();
    input.set_value(&bench.glance(|view| view.name.to_string()));
    let is_entering = move || bench.see(|view| view.door) == Door::Entering;
    let card = Tag::new("form", "card")
        .on("submit", move |event| {
            event.prevent_default();
            bench.dispatch(Command::Enter { name: input.value().into() });
        })
        .children([
            Tag::new("span", "avatar").set("aria-hidden", "true").child(icon(CHAT)),
            Tag::new("h1", "heading").text(words.desk),
            Tag::new("p", "intro").text(words.intro),
        ])
        .slot(
            move || bench.see(|view| view.trouble),
            move |trouble| Some(Tag::new("p", "wrong").set("role", "alert").text(words.trouble((*trouble)?))),
        )
        .children([
            Tag::new("label", "label").set("for", "name").text(words.your_name),
            field,
            Tag::new("button", "button primary")
                .set("type", "submit")
                .live("disabled", move || is_entering().then_some(""))
                .live_text(move || if is_entering() { words.entering } else { words.enter }.to_owned()),
        ]);
    Tag::new("main", "door").child(card)
}
