//! The agent's conversations: a list by arrow keys, with what is unread, each to be opened instead of another one or
//! beside the others.

use holdfast_chat::ui::common::icon::icon;
use holdfast_chat::ui::common::initials::initials;
use holdfast_chat::ui::common::tag::Tag;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, MouseEvent};

use super::bench::Bench;
use super::words::{backend, fill};
use crate::core::{Chat, ChatId, Command, Speaker, View};

/// The list **Your conversations**.
pub(super) fn tabs(bench: Bench) -> Tag {
    let words = bench.words;
    let keys = move || bench.see(|view| view.chats.iter().map(|chat| (chat.id.0, 0)).collect());
    let list = Tag::new("ul", "tabs")
        .set("aria-labelledby", "yours")
        .on("keydown", |event| on_key(event.unchecked_ref()))
        .list(keys, move |(id, _)| row(bench, ChatId(id)));
    Tag::new("section", "own-chats")
        .set("aria-labelledby", "yours")
        .children([Tag::new("h2", "").set("id", "yours").text(words.yours), list])
        .slot(
            move || bench.see(|view| view.chats.is_empty()),
            move |is_empty| is_empty.then(|| Tag::new("p", "hint").text(words.none_yours)),
        )
}

/// The conversation so many places from the one that is attended to, around the list's ends.
pub(super) fn next(view: &View, step: isize) -> Option<ChatId> {
    let chats: Vec<ChatId> = view.chats.iter().map(|chat| chat.id).collect();
    neighbour(&chats, view.chosen, step)
}

/// Which of these stands so many places from that one, around the ends.
pub(super) fn neighbour(chats: &[ChatId], of: Option<ChatId>, step: isize) -> Option<ChatId> {
    let last = chats.len().checked_sub(1)?;
    let place = chats.iter().position(|chat| Some(*chat) == of);
    let next = match place {
        Some(place) => place.checked_add_signed(step).unwrap_or(last),
        None if step < 0 => last,
        None => 0,
    };
    chats.get(next).or_else(|| chats.first()).copied()
}

/// What a conversation is called in the list.
pub(super) fn tab_id(id: ChatId) -> String {
    format!("tab-{}", id.0)
}

fn row(bench: Bench, id: ChatId) -> Tag {
    let class = move || {
        Some(bench.see(|view| match (view.chosen == Some(id), view.panes.contains(&id)) {
            (true, _) => "row chosen",
            (false, true) => "row shown",
            (false, false) => "row",
        }))
    };
    Tag::new("li", "").live("class", class).child(tab(bench, id)).slot(
        move || bench.see(|view| view.can_open_beside(id).then(|| view.chat(id).map(|chat| bench.visitor(chat)))),
        move |visitor| Some(beside(bench, id, visitor.as_ref()?.as_deref()?)),
    )
}

/// By keyboard it is reached from its row, so that a long list is not twice as long for who tabs through.
fn beside(bench: Bench, id: ChatId, visitor: &str) -> Tag {
    let name = fill(bench.words.open_beside, visitor);
    Tag::button("button round quiet beside", move || bench.dispatch(Command::ChooseBeside(id)))
        .set("aria-label", &name)
        .set("title", &name)
        .set("tabindex", "-1")
        .child(icon(BESIDE))
}

fn tab(bench: Bench, id: ChatId) -> Tag {
    let words = bench.words;
    let visitor = move || bench.see_chat(id, |chat| bench.visitor(chat));
    let who = Tag::new("span", "who").children([
        Tag::new("span", "name").set("dir", "auto").live_text(visitor),
        Tag::new("span", "beneath")
            .set("dir", "auto")
            .live_text(move || bench.see_chat(id, |chat| beneath(bench, chat))),
    ]);
    Tag::new("button", "tab")
        .set("type", "button")
        .set("id", &tab_id(id))
        .set("aria-keyshortcuts", "Control+Enter")
        .on("click", move |event| press(bench, id, event.unchecked_ref()))
        .on("keydown", move |event| {
            let key: &KeyboardEvent = event.unchecked_ref();
            // Browsers do not agree whether this presses a button.
            if key.key() == "Enter" && (key.ctrl_key() || key.meta_key()) {
                event.prevent_default();
                bench.dispatch(Command::ChooseBeside(id));
            }
        })
        .live("aria-current", move || bench.see(|view| view.chosen == Some(id)).then_some("true"))
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
        .slot(
            move || bench.see(|view| view.chosen != Some(id) && view.panes.contains(&id)),
            move |is_shown| is_shown.then(|| Tag::new("span", "unseen").text(words.shown)),
        )
}

/// Like a link: with Ctrl (or the Mac's Command) beside what is there.
fn press(bench: Bench, id: ChatId, event: &MouseEvent) {
    let is_beside = event.ctrl_key() || event.meta_key();
    bench.dispatch(if is_beside { Command::ChooseBeside(id) } else { Command::Choose(id) });
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

/// Arrow keys move from row to row, and within a row, where Home and End jump; Enter and Space choose, as they press any
/// button.
fn on_key(event: &KeyboardEvent) {
    if event.alt_key() || event.ctrl_key() || event.meta_key() {
        return;
    }
    let Some(target) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return };
    let Some(row) = target.parent_element() else { return };
    let Some(list) = row.parent_element() else { return };
    let tab = |row: Option<Element>| row.and_then(|row| row.first_element_child());
    let next = match &*event.key() {
        "ArrowDown" => tab(row.next_element_sibling().or_else(|| list.first_element_child())),
        "ArrowUp" => tab(row.previous_element_sibling().or_else(|| list.last_element_child())),
        "Home" => tab(list.first_element_child()),
        "End" => tab(list.last_element_child()),
        // There are two at most, so that both arrows lead to the other one.
        "ArrowLeft" | "ArrowRight" => target.next_element_sibling().or_else(|| target.previous_element_sibling()),
        _ => return,
    };
    event.prevent_default();
    if let Some(next) = next {
        // A button can always take the focus.
        let _ = next.unchecked_ref::<HtmlElement>().focus();
    }
}

/// A window with a pane beside.
const BESIDE: &str = "M4.8 4h10.4c1 0 1.8.8 1.8 1.8v8.4c0 1-.8 1.8-1.8 1.8H4.8c-1 0-1.8-.8-1.8-1.8V5.8C3 4.8 3.8 4 4.8 4zM10 4v12M13.5 8v4M11.9 10h3.2";
