//! To whom a conversation goes.

use holdfast_chat::ui::common::tag::Tag;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};

use super::bench::Bench;
use super::composer::COMPOSER;
use crate::api::{Colleague, Target};
use crate::core::{ChatId, Command, Deed};

/// A list of who else is there, with the queue, and a word for whoever takes it.
pub(super) fn transfer(bench: Bench, id: ChatId) -> Tag {
    let words = bench.words;
    let select = Tag::new("select", "input").set("aria-label", words.transfer_to);
    let chosen: HtmlSelectElement = select.element().unchecked_into();
    let list = chosen.clone();
    let select = select.slot(
        move || bench.see(|view| view.colleagues.clone()),
        move |colleagues| {
            // Whoever is chosen stays chosen when somebody else comes or goes.
            let held = (list.length() > 0).then(|| list.value());
            Some(options(bench, colleagues, held.as_deref()))
        },
    );
    let note = Tag::new("input", "input")
        .set("type", "text")
        .set("dir", "auto")
        .set("autocomplete", "off")
        .set("placeholder", words.for_colleague)
        .set("aria-label", words.for_colleague);
    let word: HtmlInputElement = note.element().unchecked_into();
    let give = move || {
        let agent = chosen.value();
        let name = bench.glance(|view| {
            let found = view.colleagues.iter().find(|colleague| *colleague.id == *agent);
            found.map(|colleague| colleague.name.clone())
        });
        let to = match &name {
            Some(_) => Target::Agent { id: agent.into(), note: word.value().trim().into() },
            None => Target::Queue,
        };
        bench.dispatch(Command::Do { chat: id, deed: Deed::Transfer { to, name } });
        bench.fold(Some(id), ".log");
    };
    let buttons = Tag::new("div", "choices").children([
        Tag::new("button", "button primary").set("type", "submit").text(words.hand_on),
        Tag::button("button quiet", move || bench.fold(Some(id), COMPOSER)).text(words.cancel),
    ]);
    Tag::new("form", "notice transfer")
        .set("aria-label", words.transfer)
        .on("submit", move |event| {
            event.prevent_default();
            give();
        })
        .children([select, note, buttons])
}

/// In a group, because one element comes and goes as a whole.
fn options(bench: Bench, colleagues: &[Colleague], held: Option<&str>) -> Tag {
    let words = bench.words;
    let option = |value: &str, text: &str| {
        let option = Tag::new("option", "").set("value", value).text(text);
        if held == Some(value) { option.set("selected", "") } else { option }
    };
    let group = Tag::new("optgroup", "").set("label", words.transfer_to);
    let group = colleagues.iter().fold(group, |group, colleague| {
        let text = [&*colleague.name, " (", words.presence(colleague.presence), ")"].concat();
        group.child(option(&colleague.id, &text))
    });
    group.child(option("", words.to_queue))
}
