//! What the visitor must know before they read on: the connection, a coming end, a question, what is not kept.

use leptos::html;
use leptos::prelude::*;

use crate::session::{Command, Connection, Keeping, Stage};

use super::Intent;
use super::common::button::button;
use super::common::focus::focus_soon;
use super::desk::Desk;
use super::panel::Places;
use super::words::fill;

/// The question whether to end a chat that somebody has joined.
#[derive(Clone, Copy)]
pub(super) struct Asking {
    /// **End chat**, which asks it.
    pub end: NodeRef<html::Button>,
    keep: NodeRef<html::Button>,
    is_open: RwSignal<bool>,
}

impl Asking {
    /// Not asked yet.
    pub fn new() -> Self {
        Self { end: NodeRef::new(), keep: NodeRef::new(), is_open: RwSignal::new(false) }
    }

    /// Asks, and puts the keyboard on the answer that changes nothing.
    pub fn ask(self) {
        self.is_open.set(true);
        focus_soon(self.keep);
    }

    /// Takes the question back. Tells whether it stood.
    pub fn withdraw(self) -> bool {
        let was_open = self.is_open.get_untracked();
        if was_open {
            self.is_open.set(false);
            focus_soon(self.end);
        }
        was_open
    }
}

/// All notices, most urgent first.
pub(super) fn notices(desk: Desk, places: Places, asking: Asking) -> AnyView {
    html::div()
        .class("notices")
        .child((question(desk, asking), idle(desk, places), connection(desk), keeping(desk)))
        .into_any()
}

fn question(desk: Desk, asking: Asking) -> AnyView {
    let words = desk.words;
    // A question about a chat that ended in the meantime answers itself.
    let is_open = Memo::new(move |_| {
        asking.is_open.get() && matches!(desk.stage.get(), Stage::Talking { .. } | Stage::Queued { .. })
    });
    let shown = move || {
        is_open.get().then(|| {
            let end = move || {
                asking.is_open.set(false);
                desk.intend(Intent::End);
            };
            let keep = move || {
                asking.withdraw();
            };
            html::div().class("notice").attr("role", "group").aria_label(words.ask_end).child((
                html::p().child(words.ask_end),
                html::div().class("choices").child((
                    button("button danger", Box::new(end)).child(words.end_now),
                    button("button quiet", Box::new(keep)).node_ref(asking.keep).child(words.keep_chatting),
                )),
            ))
        })
    };
    shown.into_any()
}

fn idle(desk: Desk, places: Places) -> AnyView {
    let words = desk.words;
    let end = Memo::new(move |_| desk.view.with(|view| view.idle_end));
    let shown = move || {
        end.get().map(|at| {
            let stay = move || {
                desk.dispatch(Command::Stay);
                focus_soon(places.composer);
            };
            html::div().class("notice urgent").child((
                html::p().child(fill(words.still_there, &desk.hours(|hours| hours.hour(at)))),
                html::div().class("choices").child(button("button primary", Box::new(stay)).child(words.stay)),
            ))
        })
    };
    shown.into_any()
}

fn connection(desk: Desk) -> AnyView {
    let words = desk.words;
    let sentence = Memo::new(move |_| {
        desk.view.with(|view| match view.connection {
            Connection::Steady => None,
            _ if matches!(view.stage, Stage::Idle | Stage::Ended { .. }) => None,
            Connection::Resuming => Some(words.resuming),
            Connection::Retrying { .. } => Some(words.retrying),
            Connection::Offline => Some(words.offline),
        })
    });
    let shown = move || sentence.get().map(|sentence| html::p().class("notice urgent slim").child(sentence));
    shown.into_any()
}

fn keeping(desk: Desk) -> AnyView {
    let is_lost = Memo::new(move |_| {
        desk.view.with(|view| {
            view.keeping == Keeping::MemoryOnly && !matches!(view.stage, Stage::Idle | Stage::Ended { .. })
        })
    });
    let shown = move || is_lost.get().then(|| html::p().class("notice slim").child(desk.words.memory_only));
    shown.into_any()
}
