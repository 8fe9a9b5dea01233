//! Conversations side by side. Each has: who it is, what can be done about it, what was said, and where to say more.

use holdfast_chat::ui::common::dots::dots;
use holdfast_chat::ui::common::icon::{CLOSE, icon};
use holdfast_chat::ui::common::initials::initials;
use holdfast_chat::ui::common::tag::Tag;

use super::actions::{actions, sheets};
use super::bench::{Bench, pane_id};
use super::composer::composer;
use super::lines::lines;
use super::tabs::neighbour;
use super::words::{backend, fill};
use crate::core::{ChatId, Command, View};

/// Those that are shown, in order.
pub(super) fn panes(bench: Bench) -> Tag {
    let keys = move || bench.see(|view| view.panes.iter().map(|id| (id.0, 0)).collect());
    Tag::new("div", "panes").list(keys, move |(id, _)| pane(bench, ChatId(id)))
}

/// The one so many places from the one that is attended to, around the ends.
pub(super) fn next(view: &View, step: isize) -> Option<ChatId> {
    neighbour(&view.panes, view.chosen, step)
}

fn pane(bench: Bench, id: ChatId) -> Tag {
    let class = move || {
        let is_chosen = bench.see(|view| view.chosen == Some(id) && view.panes.len() > 1);
        Some(if is_chosen { "pane chosen" } else { "pane" })
    };
    Tag::new("section", "")
        .set("id", &pane_id(id))
        .set("aria-labelledby", &title_id(id))
        // Wherever it is pressed, it gets the attention.
        .set("tabindex", "-1")
        .live("class", class)
        .on("focusin", move |_| attend(bench, id))
        .children([head(bench, id), sheets(bench, id), told(bench, id), lines(bench, id), doing(bench, id)])
        .slot(
            move || bench.see_chat(id, |chat| chat.ending.clone()),
            move |ending| {
                Some(match ending {
                    None => composer(bench, id),
                    Some(ending) => over(bench, id, &bench.words.ending(ending)),
                })
            },
        )
}

fn head(bench: Bench, id: ChatId) -> Tag {
    let visitor = move || bench.see_chat(id, |chat| bench.visitor(chat));
    let back = Tag::button("button round quiet back", move || bench.dispatch(Command::Unchoose))
        .set("aria-label", bench.words.back)
        .child(icon(BACK));
    let title = Tag::new("h2", "title").set("id", &title_id(id)).set("dir", "auto").live_text(visitor);
    let who = Tag::new("div", "who").child(title).slot(
        move || bench.see_chat(id, |chat| chat.backend.clone()),
        |name| {
            let badge = Tag::new("span", "badge").text(backend(name.as_deref()?));
            Some(Tag::new("p", "status").child(badge))
        },
    );
    let avatar = Tag::new("span", "avatar").set("aria-hidden", "true").live_text(move || initials(&visitor()));
    Tag::new("div", "header").children([back, avatar, who, actions(bench, id)]).slot(
        move || (bench.see(|view| view.panes.len() > 1), visitor()),
        move |(are_many, visitor)| are_many.then(|| set_aside(bench, id, visitor)),
    )
}

fn set_aside(bench: Bench, id: ChatId, visitor: &str) -> Tag {
    let name = fill(bench.words.set_aside, visitor);
    Tag::button("button round quiet aside", move || bench.dispatch(Command::SetAside(id)))
        .set("aria-label", &name)
        .set("title", &name)
        // A press must not take the keyboard from the conversation that has it.
        .on("mousedown", |event| event.prevent_default())
        .child(icon(CLOSE))
}

fn attend(bench: Bench, id: ChatId) {
    if bench.glance(|view| view.chosen != Some(id)) {
        bench.dispatch(Command::Choose(id));
    }
}

fn title_id(id: ChatId) -> String {
    format!("visitor-{}", id.0)
}

/// What is known before a word is said: from a colleague, and from the visitor.
fn told(bench: Bench, id: ChatId) -> Tag {
    let words = bench.words;
    Tag::new("div", "told")
        .slot(
            move || bench.see_chat(id, |chat| chat.note.clone()),
            move |note| {
                Some(Tag::new("p", "notice slim note").children([
                    Tag::new("strong", "").text(words.note),
                    Tag::new("span", "").set("dir", "auto").text(note.as_deref()?),
                ]))
            },
        )
        .slot(
            move || bench.see_chat(id, |chat| chat.details.clone()),
            move |details| {
                (!details.is_empty()).then(|| {
                    let list = Tag::new("dl", "details");
                    details.iter().fold(list, |list, detail| {
                        list.child(
                            Tag::new("div", "").children([
                                Tag::new("dt", "")
                                    .set("dir", "auto")
                                    .text(detail.label.as_deref().unwrap_or(words.details)),
                                Tag::new("dd", "").set("dir", "auto").text(&detail.value),
                            ]),
                        )
                    })
                })
            },
        )
}

/// What the visitor is doing: their unsent words where they may be seen, otherwise that they type. It changes with every
/// letter, and is not announced.
fn doing(bench: Bench, id: ChatId) -> Tag {
    Tag::new("div", "doing").slot(
        move || bench.see_chat(id, |chat| chat.is_typing || chat.peek.is_some()),
        move |is_doing| is_doing.then(|| peek(bench, id)),
    )
}

fn peek(bench: Bench, id: ChatId) -> Tag {
    let words = bench.words;
    let sentence = move || {
        bench.see_chat(id, |chat| {
            let sentence = if chat.peek.is_some() { words.writing } else { words.typing };
            fill(sentence, &bench.visitor(chat))
        })
    };
    let unsent = move || bench.see_chat(id, |chat| chat.peek.as_deref().unwrap_or_default().to_owned());
    Tag::new("p", "peek").children([
        dots(),
        Tag::new("span", "").live_text(sentence),
        Tag::new("span", "unsent").set("dir", "auto").live_text(unsent),
    ])
}

fn over(bench: Bench, id: ChatId, sentence: &str) -> Tag {
    let words = bench.words;
    let close = move || bench.dispatch(Command::Close(id));
    let ended = Tag::new("div", "ended")
        .child(Tag::new("p", "").text(sentence))
        .slot(
            move || bench.see_chat(id, |chat| !chat.outbox.is_empty()),
            move |is_left| is_left.then(|| Tag::new("p", "").text(words.drop_all)),
        )
        .child(Tag::button("button primary shut-away", close).text(words.close));
    Tag::new("div", "footer").child(ended)
}

/// An arrow to where reading begins.
const BACK: &str = "M15.5 10H4.5M9.8 4.8 4.3 10l5.5 5.2";
