//! The page as a whole: the door, or the bar above the visitors and the conversation that is looked at; and the keys
//! that work everywhere.

use holdfast_chat::ui::common::initials::initials;
use holdfast_chat::ui::common::tag::Tag;
use holdfast_chat::ui::common::viewport::follow_viewport;
use leptos::prelude::{Get, GetUntracked, Set};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent};

use super::bench::{Bench, Sheet};
use super::composer::COMPOSER;
use super::{Screen, announcer, callers, door, mark, pane, shortcuts, tabs};
use crate::api::Presence;
use crate::core::{ChatId, Command, Connection, Door, View};

/// Everything.
pub(super) fn frame(screen: Screen, root: HtmlElement) -> Tag {
    let bench = Bench::new(screen, root.into());
    let frame = Tag::new("div", "panel desk")
        .set("lang", bench.words.tag)
        .live("class", move || {
            Some(match bench.see(|view| (view.door, view.chosen.is_some())) {
                (Door::Outside | Door::Entering, _) => "panel desk outside",
                (Door::Inside, true) => "panel desk talking",
                (Door::Inside, false) => "panel desk",
            })
        })
        .slot(
            move || bench.see(|view| view.door == Door::Inside),
            move |is_inside| Some(if *is_inside { inside(bench) } else { door::door(bench) }),
        )
        .on("keydown", move |event| on_key(bench, event.unchecked_ref()));
    guide_focus(follow_viewport(mark::mark(frame, bench)), bench)
}

fn inside(bench: Bench) -> Tag {
    let words = bench.words;
    let side = Tag::new("aside", "side")
        .set("aria-label", words.visitors)
        .children([tabs::tabs(bench), callers::callers(bench)]);
    let main = Tag::new("main", "main").slot(
        move || bench.see(|view| view.chosen),
        move |chosen| {
            Some(match chosen {
                Some(id) => pane::pane(bench, *id),
                None => Tag::new("p", "nothing").text(words.none_chosen),
            })
        },
    );
    Tag::new("div", "inside").children([
        bar(bench),
        notices(bench),
        announcer::announcer(bench),
        Tag::new("div", "room").children([side, main]),
    ])
}

fn bar(bench: Bench) -> Tag {
    let words = bench.words;
    let name = bench.glance(|view| view.name.clone());
    Tag::new("header", "bar").children([
        Tag::new("span", "avatar").set("aria-hidden", "true").text(&initials(&name)),
        Tag::new("div", "who").children([
            Tag::new("h1", "title").set("dir", "auto").text(&name),
            Tag::new("p", "status").text(words.desk),
        ]),
        presence(bench),
        Tag::button("button quiet keys", move || bench.toggle(Sheet::Shortcuts, ".shortcuts button"))
            .set("aria-label", words.shortcuts)
            .live("aria-expanded", move || {
                Some(if bench.open.get() == Some(Sheet::Shortcuts) { "true" } else { "false" })
            })
            .text("?"),
        Tag::button("button quiet leave", move || bench.dispatch(Command::Leave)).text(words.leave),
    ])
}

/// A group of radio buttons: one of three, by arrow keys like any other.
fn presence(bench: Bench) -> Tag {
    let words = bench.words;
    let group = Tag::new("fieldset", "presence").child(Tag::new("legend", "unseen").text(words.presence));
    Presence::ALL.into_iter().fold(group, |group, presence| {
        let field = Tag::new("input", "unseen").set("type", "radio").set("name", "presence");
        let input: HtmlInputElement = field.element().unchecked_into();
        let field = field
            .on("change", move |_| bench.dispatch(Command::Be(presence)))
            .effect(move || input.set_checked(bench.see(|view| view.presence) == presence));
        let class = match presence {
            Presence::Online => "stance online-now",
            Presence::Occupied => "stance occupied-now",
            Presence::Away => "stance away-now",
        };
        group.child(Tag::new("label", class).child(field).text(words.presence(presence)))
    })
}

fn notices(bench: Bench) -> Tag {
    let words = bench.words;
    Tag::new("div", "notices")
        .slot(
            move || bench.see(|view| view.connection),
            move |connection| {
                (*connection == Connection::Lost).then(|| Tag::new("p", "notice urgent slim").text(words.lost))
            },
        )
        .slot(
            move || bench.see(|view| view.trouble),
            move |trouble| {
                let sentence = words.trouble((*trouble)?);
                Some(Tag::new("p", "notice urgent slim").set("role", "alert").text(sentence))
            },
        )
        .slot(
            move || bench.open.get() == Some(Sheet::Shortcuts),
            move |is_open| is_open.then(|| shortcuts::shortcuts(bench)),
        )
}

/// Keys that work wherever the keyboard is. Each has a modifier, so that none takes away a letter.
fn on_key(bench: Bench, event: &KeyboardEvent) {
    if event.is_composing() || bench.glance(|view| view.door) != Door::Inside {
        return;
    }
    match (&*event.key(), event.alt_key(), event.shift_key()) {
        ("ArrowDown", true, true) => go(bench, unread),
        ("ArrowDown", true, false) => go(bench, |view| tabs::beside(view, 1)),
        ("ArrowUp", true, false) => go(bench, |view| tabs::beside(view, -1)),
        ("Enter", true, _) => bench.dispatch(Command::Accept),
        ("Escape", false, false) if bench.open.get_untracked().is_some() => bench.fold(COMPOSER),
        _ => return,
    }
    event.prevent_default();
}

fn go(bench: Bench, to: fn(&View) -> Option<ChatId>) {
    if let Some(id) = bench.glance(to) {
        bench.dispatch(Command::Choose(id));
    }
}

/// The next one with unread lines, behind the one that is looked at.
fn unread(view: &View) -> Option<ChatId> {
    let place = view.chats.iter().position(|chat| Some(chat.id) == view.chosen).map_or(0, |place| place + 1);
    let behind = view.chats.iter().skip(place).chain(view.chats.iter().take(place));
    behind.filter(|chat| chat.unread > 0).map(|chat| chat.id).next()
}

/// Follows the agent: into what was chosen, and back to the list from what was put away. What was chosen before the page
/// was loaded leaves the keyboard alone.
fn guide_focus(frame: Tag, bench: Bench) -> Tag {
    let mut before = bench.glance(|view| (view.door, view.chosen));
    frame.effect(move || {
        let now = bench.see(|view| (view.door, view.chosen));
        if now == before {
            return;
        }
        bench.open.set(None);
        match now {
            (Door::Inside, Some(_)) => bench.focus_soon("textarea, .shut-away"),
            (Door::Inside, None) if before.0 == Door::Inside => bench.focus_soon("[role=tab], .callers button"),
            (Door::Inside, None) => bench.focus_soon(".callers button, .presence input"),
            (Door::Outside, _) if before.0 == Door::Inside => bench.focus_soon(".door input"),
            _ => {}
        }
        before = now;
    })
}
