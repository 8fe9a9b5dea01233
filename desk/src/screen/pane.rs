//! One conversation: who it is, what can be done about it, what was said, and where to say more.

use holdfast_chat::ui::common::dots::dots;
use holdfast_chat::ui::common::icon::icon;
use holdfast_chat::ui::common::initials::initials;
use holdfast_chat::ui::common::tag::Tag;

use super::actions::{actions, sheets};
use super::bench::Bench;
use super::composer::composer;
use super::lines::lines;
use super::words::{backend, fill};
use crate::core::{ChatId, Command};

/// The conversation of this number.
pub(super) fn pane(bench: Bench, id: ChatId) -> Tag {
    Tag::new("section", "pane")
        .set("id", "pane")
        .set("role", "tabpanel")
        .set("aria-labelledby", &format!("tab-{}", id.0))
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
    let who = Tag::new("div", "who").child(Tag::new("h2", "title").set("dir", "auto").live_text(visitor)).slot(
        move || bench.see_chat(id, |chat| chat.backend.clone()),
        |name| {
            let badge = Tag::new("span", "badge").text(backend(name.as_deref()?));
            Some(Tag::new("p", "status").child(badge))
        },
    );
    Tag::new("div", "header").children([
        back,
        Tag::new("span", "avatar").set("aria-hidden", "true").live_text(move || initials(&visitor())),
        who,
        actions(bench, id),
    ])
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
