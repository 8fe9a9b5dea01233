//! The agent's conversations: a list by arrow keys, with what is unread.

use holdfast_chat::ui::common::initials::initials;
use holdfast_chat::ui::common::tag::Tag;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::bench::Bench;
use super::words::{backend, fill};
use crate::core::{Chat, ChatId, Command, Speaker, View};

/// The list **Your conversations**.
pub(super) fn tabs(bench: Bench) -> Tag {
    let words = bench.words;
    let keys = move || bench.see(|view| view.chats.iter().map(|chat| (chat.id.0, 0)).collect());
    let list = Tag::new("div", "tabs")
        // A list of tabs without a tab is none.
        .live("role", move || bench.see(|view| !view.chats.is_empty()).then_some("tablist"))
        .live("aria-labelledby", move || bench.see(|view| !view.chats.is_empty()).then_some("yours"))
        .live("aria-orientation", move || bench.see(|view| !view.chats.is_empty()).then_some("vertical"))
        .on("keydown", |event| on_key(event.unchecked_ref()))
        .list(keys, move |(id, _)| tab(bench, ChatId(id)));
    Tag::new("section", "own-chats")
        .set("aria-labelledby", "yours")
        .children([Tag::new("h2", "").set("id", "yours").text(words.yours), list])
        .slot(
            move || bench.see(|view| view.chats.is_empty()),
            move |is_empty| is_empty.then(|| Tag::new("p", "hint").text(words.none_yours)),
        )
}

/// The conversation so many places from the one that is looked at, around the list's ends.
pub(super) fn beside(view: &View, step: isize) -> Option<ChatId> {
    let last = view.chats.len().checked_sub(1)?;
    let place = view.chats.iter().position(|chat| Some(chat.id) == view.chosen);
    let next = match place {
        Some(place) => place.checked_add_signed(step).unwrap_or(last),
        None if step < 0 => last,
        None => 0,
    };
    view.chats.get(next).or_else(|| view.chats.first()).map(|chat| chat.id)
}

fn tab(bench: Bench, id: ChatId) -> Tag {
    let words = bench.words;
    let visitor = move || bench.see_chat(id, |chat| bench.visitor(chat));
    let is_chosen = move || bench.see(|view| view.chosen == Some(id));
    let who = Tag::new("span", "who").children([
        Tag::new("span", "name").set("dir", "auto").live_text(visitor),
        Tag::new("span", "beneath")
            .set("dir", "auto")
            .live_text(move || bench.see_chat(id, |chat| beneath(bench, chat))),
    ]);
    Tag::button("tab", move || bench.dispatch(Command::Choose(id)))
        .set("role", "tab")
        .set("id", &format!("tab-{}", id.0))
        .live("aria-selected", move || Some(if is_chosen() { "true" } else { "false" }))
        .live("aria-controls", move || is_chosen().then_some("pane"))
        .live("tabindex", move || Some(if bench.see(|view| is_entrance(view, id)) { "0" } else { "-1" }))
        .live("class", move || Some(if bench.see_chat(id, Chat::is_open) { "tab" } else { "tab over" }))
        .child(Tag::new("span", "avatar").set("aria-hidden", "true").live_text(move || initials(&visitor())))
        .child(who)
        .slot(
            move || bench.see_chat(id, |chat| chat.unread),
            move |unread| {
                let count = unread.to_string();
                (*unread > 0).then(|| {
                    Tag::new("span", "unread").children([
                        Tag::new("span", "").set("aria-hidden", "true").text(&count),
                        Tag::new("span", "unseen").text(&words.unread(*unread)),
                    ])
                })
            },
        )
}

/// What is said last, or that something is being said.
fn beneath(bench: Bench, chat: &Chat) -> String {
    let words = bench.words;
    if !chat.is_open() {
        return words.over.to_owned();
    }
    if chat.is_typing {
        return fill(words.typing, &bench.visitor(chat));
    }
    let last = chat.lines.iter().rev().find(|line| line.speaker != Speaker::System);
    match last {
        Some(line) if line.speaker == Speaker::Own => fill(words.says, words.you) + &line.text,
        Some(line) => line.text.to_string(),
        None => chat.backend.as_deref().map(backend).unwrap_or_default().to_owned(),
    }
}

/// The one by which the keyboard comes into the list.
fn is_entrance(view: &View, id: ChatId) -> bool {
    let chosen = view.chosen.filter(|chosen| view.chat(*chosen).is_some());
    chosen.or_else(|| Some(view.chats.first()?.id)) == Some(id)
}

/// Arrow keys move, Home and End jump; Enter and Space choose, as they press any button.
fn on_key(event: &KeyboardEvent) {
    if event.alt_key() || event.ctrl_key() || event.meta_key() {
        return;
    }
    let Some(target) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return };
    let Some(list) = target.parent_element() else { return };
    let next = match &*event.key() {
        "ArrowDown" => target.next_element_sibling().or_else(|| list.first_element_child()),
        "ArrowUp" => target.previous_element_sibling().or_else(|| list.last_element_child()),
        "Home" => list.first_element_child(),
        "End" => list.last_element_child(),
        _ => return,
    };
    event.prevent_default();
    if let Some(next) = next {
        // A tab can always take the focus.
        let _ = next.unchecked_ref::<HtmlElement>().focus();
    }
}
