//! Who waits, and for how long; and whom a script answers meanwhile.

use holdfast_chat::ui::common::tag::{Key, Tag};

use super::bench::Bench;
use super::words::{backend, clock, fill};
use crate::api::Presence;
use crate::core::{Caller, Command, View};

/// Both lists.
pub(super) fn callers(bench: Bench) -> Tag {
    Tag::new("div", "callers").child(queue(bench)).slot(
        move || bench.see(|view| view.callers.iter().any(|caller| caller.agent.is_some())),
        move |are_some| are_some.then(|| answered(bench)),
    )
}

fn queue(bench: Bench) -> Tag {
    let words = bench.words;
    let title = Tag::new("h2", "").set("id", "waiting").live_text(move || {
        let count = bench.see(|view| view.waiting().count());
        if count == 0 { words.waiting.to_owned() } else { format!("{} ({count})", words.waiting) }
    });
    let caption = Tag::new("div", "caption").child(title).slot(
        move || bench.see(|view| view.waiting().count() > 1),
        move |are_many| {
            let next = move || bench.dispatch(Command::Accept);
            are_many.then(|| Tag::button("button small", next).text(words.accept_next))
        },
    );
    Tag::new("section", "queue")
        .set("aria-labelledby", "waiting")
        .children([caption, list(bench, |caller| caller.agent.is_none())])
        .slot(
            move || bench.see(|view| view.waiting().next().is_none()),
            move |is_empty| is_empty.then(|| Tag::new("p", "hint").text(words.nobody_waits)),
        )
        .slot(
            move || bench.see(|view| view.presence) != Presence::Online,
            move |is_away| is_away.then(|| Tag::new("p", "hint").text(words.away_hint)),
        )
}

fn answered(bench: Bench) -> Tag {
    Tag::new("section", "queue").set("aria-labelledby", "answered").children([
        Tag::new("h2", "").set("id", "answered").text(bench.words.answered),
        list(bench, |caller| caller.agent.is_some()),
    ])
}

fn list(bench: Bench, belongs: fn(&Caller) -> bool) -> Tag {
    let keys = move || bench.see(|view| view.callers.iter().filter(|caller| belongs(caller)).map(key).collect());
    Tag::new("ul", "cards").list(keys, move |key| {
        let caller = bench.glance(|view| find(view, key).cloned());
        caller.map_or_else(|| Tag::new("li", ""), |caller| card(bench, key, &caller))
    })
}

/// Everything about a caller but the time is part of the key: whoever changes is drawn anew.
fn key(caller: &Caller) -> Key {
    let name = caller.key.as_ref().map(|key| key.as_str());
    let parts = [name, caller.visitor.as_deref(), caller.agent.as_deref(), caller.words.as_deref()];
    let bytes = parts.into_iter().flat_map(|part| part.unwrap_or("\0").bytes().chain([0xff]));
    // FNV-1a: short, and the same on every machine.
    (bytes.fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)), 0)
}

fn find(view: &View, wanted: Key) -> Option<&Caller> {
    view.callers.iter().find(|caller| key(caller) == wanted)
}

fn card(bench: Bench, id: Key, caller: &Caller) -> Tag {
    let words = bench.words;
    let name = caller.visitor.as_deref().unwrap_or(words.visitor).to_owned();
    let chat = caller.key.clone();
    let press = move || bench.dispatch(chat.clone().map_or(Command::Accept, Command::Take));
    let (class, label, verb) = match caller.agent {
        Some(_) => ("button small", words.take_over_visitor, words.take_over),
        None => ("button small primary", words.accept_visitor, words.accept),
    };
    let action = Tag::button(class, press)
        .set("aria-label", &fill(label, &name))
        .live("disabled", move || bench.see(|view| view.is_taking).then_some(""))
        .text(verb);
    let mut beneath = Tag::new("p", "beneath");
    if let Some(name) = &caller.backend {
        beneath = beneath.child(Tag::new("span", "badge").text(backend(name)));
    }
    beneath = match &caller.agent {
        Some(agent) if agent.is_empty() => beneath,
        Some(agent) => beneath.child(Tag::new("span", "").set("dir", "auto").text(&fill(words.answered_by, agent))),
        None => beneath.child(Tag::new("span", "wait").live_text(move || {
            let waited = bench.see(|view| find(view, id).and_then(|caller| caller.waited(view.now)));
            waited.map(|waited| fill(words.waits_for, &clock(waited))).unwrap_or_default()
        })),
    };
    let card = Tag::new("li", "caller")
        .child(Tag::new("p", "name").set("dir", "auto").text(&name))
        .children([beneath, action]);
    match &caller.words {
        Some(said) => card.child(Tag::new("p", "said").set("dir", "auto").text(said)),
        None => card,
    }
}
