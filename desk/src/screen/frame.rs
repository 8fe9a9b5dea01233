//! The page as a whole: the door, or the bar above the visitors and the conversations that are shown; and the keys that
//! work everywhere.

use holdfast_chat::ui::common::initials::initials;
use holdfast_chat::ui::common::tag::Tag;
use holdfast_chat::ui::common::viewport::follow_viewport;
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
            Some(match bench.see(|view| (view.door, !view.panes.is_empty())) {
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
    let main = Tag::new("main", "main").child(pane::panes(bench)).slot(
        move || bench.see(|view| view.panes.is_empty()),
        move |is_empty| is_empty.then(|| Tag::new("p", "nothing").text(words.none_chosen)),
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
            .live("aria-expanded", move || bench.expanded(Sheet::Shortcuts))
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
        .slot(move || bench.is_unfolded(Sheet::Shortcuts), move |is_open| is_open.then(|| shortcuts::shortcuts(bench)))
}

/// Keys that work wherever the keyboard is. Each has a modifier, so that none takes away a letter.
fn on_key(bench: Bench, event: &KeyboardEvent) {
    if event.is_composing() || bench.glance(|view| view.door) != Door::Inside {
        return;
    }
    match (&*event.key(), event.alt_key(), event.shift_key()) {
        ("ArrowDown", true, true) => go(bench, unread),
        ("ArrowDown", true, false) => go(bench, |view| tabs::next(view, 1)),
        ("ArrowUp", true, false) => go(bench, |view| tabs::next(view, -1)),
        ("Enter", true, _) => bench.dispatch(Command::Accept),
        ("F6", false, is_back) if !event.ctrl_key() && !event.meta_key() => {
            if !go_on(bench, if is_back { -1 } else { 1 }) {
                return;
            }
        }
        ("Escape", false, false) => {
            let chosen = bench.glance(|view| view.chosen);
            if !bench.fold_last(chosen) {
                return;
            }
            bench.focus_soon(chosen, if chosen.is_some() { COMPOSER } else { ".keys" });
        }
        _ => return,
    }
    event.prevent_default();
}

/// Into the pane that has the attention, and from there into the next one; `false` where there is nowhere to go.
fn go_on(bench: Bench, step: isize) -> bool {
    match bench.glance(|view| (view.chosen, pane::next(view, step))) {
        (Some(chosen), _) if !bench.has_keyboard(chosen) => bench.enter_soon(chosen),
        (chosen, Some(next)) if chosen != Some(next) => bench.dispatch(Command::Choose(next)),
        _ => return false,
    }
    true
}

fn go(bench: Bench, to: fn(&View) -> Option<ChatId>) {
    if let Some(id) = bench.glance(to) {
        bench.dispatch(Command::Choose(id));
    }
}

/// The next one with unread lines, behind the one that is attended to.
fn unread(view: &View) -> Option<ChatId> {
    let place = view.chats.iter().position(|chat| Some(chat.id) == view.chosen).map_or(0, |place| place + 1);
    let behind = view.chats.iter().skip(place).chain(view.chats.iter().take(place));
    behind.filter(|chat| chat.unread > 0).map(|chat| chat.id).next()
}

/// Follows the agent: into what was chosen, and back to the list from what was put away. What was chosen before the page
/// was loaded leaves the keyboard alone.
fn guide_focus(frame: Tag, bench: Bench) -> Tag {
    let mut before = bench.glance(|view| (view.door, view.chosen));
    let mut shown = bench.glance(|view| view.panes.clone());
    frame.effect(move || {
        let panes = bench.see(|view| view.panes.clone());
        let now = bench.see(|view| (view.door, view.chosen));
        if now != before || panes != shown {
            bench.fold_outside(&panes);
            shown = panes;
        }
        if now == before {
            return;
        }
        match (now, before.1) {
            ((Door::Inside, Some(chosen)), _) => bench.enter_soon(chosen),
            ((Door::Inside, None), Some(left)) if bench.glance(|view| view.chat(left).is_some()) => {
                bench.focus_soon(None, &["#", &tabs::tab_id(left)].concat());
            }
            ((Door::Inside, None), _) if before.0 == Door::Inside => bench.focus_soon(None, ".tab, .callers button"),
            ((Door::Inside, None), _) => bench.focus_soon(None, ".callers button, .presence input"),
            ((Door::Outside, _), _) if before.0 == Door::Inside => bench.focus_soon(None, ".door input"),
            _ => {}
        }
        before = now;
    })
}
