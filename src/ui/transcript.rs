//! The log: pages of lines, then what is still on its way, then who is writing.
//!
//! Sealed pages never change and are never looked at again; a step touches the last page only. It stays at the bottom for
//! who is at the bottom, and where they are for everybody else.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};

use crate::model::{Message, MessageId};
use crate::session::{Stage, Transcript};

use super::common::button::button;
use super::common::focus::focus_soon;
use super::common::icon::{DOWN, icon};
use super::desk::Desk;
use super::message::{Entrance, line};
use super::outbox::outbox;
use super::panel::Places;
use super::waiting::{dots, waiting};
use super::words::fill;

/// The log **Conversation** and the way back to its end.
pub(super) fn transcript(desk: Desk, places: Places) -> AnyView {
    let words = desk.words;
    let scroller = NodeRef::<html::Div>::new();
    let content = NodeRef::<html::Div>::new();
    let place = RwSignal::new(Place::End);
    let length = Memo::new(move |_| desk.view.with(|view| view.transcript.len() + view.outbox.len()));
    stay_at_end(scroller, content, place);
    count_missed(length, place);

    let log = html::div()
        .node_ref(scroller)
        .class("log")
        .attr("part", "log")
        .attr("role", "log")
        .attr("aria-live", "off")
        .attr("tabindex", "0")
        .aria_label(words.conversation)
        .on(leptos::ev::scroll, move |_| {
            if let Some(scroller) = scroller.get_untracked() {
                place.maybe_update(|place| place.follow(&scroller));
            }
        })
        .child(html::div().node_ref(content).class("lines").child((
            lines(desk),
            outbox(desk, places),
            waiting(desk),
            typing(desk),
        )));
    let newer = move || {
        (place.get() == Place::Missing).then(|| {
            let press = move || {
                if let Some(scroller) = scroller.get_untracked() {
                    scroller.set_scroll_top(scroller.scroll_height());
                }
                focus_soon(places.composer);
            };
            button("newer", Box::new(press)).child((icon(DOWN), words.new_messages))
        })
    };
    html::div().class("history").child((log, newer)).into_any()
}

/// Where in the log the visitor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the end, and means to stay there.
    End,
    /// Further up, and has seen all that came.
    Above,
    /// Further up, while something new came below.
    Missing,
}

impl Place {
    /// Follows a scrolled log. Tells whether the place is another one now.
    fn follow(&mut self, scroller: &Element) -> bool {
        let below = scroller.scroll_height() - scroller.scroll_top() - scroller.client_height();
        let next = match (below <= NEAR_END, *self) {
            (true, _) => Self::End,
            (false, Self::Missing) => Self::Missing,
            (false, _) => Self::Above,
        };
        std::mem::replace(self, next) != next
    }
}

fn lines(desk: Desk) -> AnyView {
    let transcript = Memo::new(move |_| desk.view.with(|view| view.transcript.clone()));
    let entrance = StoredValue::new(Entrance::Still);
    request_animation_frame(move || entrance.set_value(Entrance::Moving));
    For(ForProps::builder()
        .each(move || transcript.with(sections))
        .key(|section: &Section| section.first)
        .children(move |section: Section| page(desk, transcript, section, entrance))
        .build())
    .into_any()
}

/// A page's place in the transcript. The id of its first line is its own, whatever conversation it belongs to.
#[derive(Clone, Copy, Debug)]
struct Section {
    first: MessageId,
    number: usize,
}

fn sections(transcript: &Transcript) -> Vec<Section> {
    let numbered = transcript.pages().enumerate();
    numbered.filter_map(|(number, page)| Some(Section { first: page.first()?.id, number })).collect()
}

fn page(desk: Desk, transcript: Memo<Transcript>, section: Section, entrance: StoredValue<Entrance>) -> AnyView {
    let rows = move |transcript: &Transcript| rows(transcript, section);
    let is_last = transcript.with_untracked(|transcript| transcript.pages().nth(section.number + 1).is_none());
    let each = move || if is_last { transcript.with(rows) } else { transcript.with_untracked(rows) };
    let list = For(ForProps::builder()
        .each(each)
        .key(|row: &Row| row.message.id)
        .children(move |row: Row| line(desk, &row.message, row.before.as_ref(), entrance.get_value()))
        .build());
    html::div().class("page").child(list).into_any()
}

/// A line and the one before it.
struct Row {
    before: Option<Message>,
    message: Message,
}

fn rows(transcript: &Transcript, section: Section) -> Vec<Row> {
    let page = |number: usize| transcript.pages().nth(number);
    // While another conversation takes this one's place, the number may point to a page of the other.
    let Some(current) = page(section.number).filter(|page| page.first().is_some_and(|line| line.id == section.first))
    else {
        return Vec::new();
    };
    let mut before = section.number.checked_sub(1).and_then(page).and_then(|page| page.last().cloned());
    let row = |message: &Message| Row { before: before.replace(message.clone()), message: message.clone() };
    current.iter().map(row).collect()
}

fn typing(desk: Desk) -> AnyView {
    let name = Memo::new(move |_| {
        desk.view.with(|view| match &view.stage {
            Stage::Talking { agent } if view.agent_typing => Some(agent.clone()),
            _ => None,
        })
    });
    let shown = move || {
        name.get().map(|name: Option<Arc<str>>| {
            let sentence = fill(desk.words.typing, name.as_deref().unwrap_or(desk.words.agent));
            html::div().class("line theirs").child(
                html::div().class("bubble typing").child((dots("dots"), html::span().class("unseen").child(sentence))),
            )
        })
    };
    shown.into_any()
}

/// Goes back to the end whenever the log or what is in it changes its size, for who was there.
fn stay_at_end(scroller: NodeRef<html::Div>, content: NodeRef<html::Div>, place: RwSignal<Place>) {
    let restore = Closure::<dyn Fn()>::new(move || {
        let is_at_end = place.try_get_untracked() == Some(Place::End);
        if let (true, Some(scroller)) = (is_at_end, scroller.try_get_untracked().flatten()) {
            scroller.set_scroll_top(scroller.scroll_height());
        }
    });
    let Ok(observer) = ResizeObserver::new(restore.as_ref().unchecked_ref()) else { return };
    for node in [scroller, content] {
        let observer = observer.clone();
        node.on_load(move |element| observer.observe(&element));
    }
    let held = StoredValue::new_local((observer, restore));
    on_cleanup(move || {
        held.try_with_value(|(observer, _)| observer.disconnect());
    });
}

fn count_missed(length: Memo<usize>, place: RwSignal<Place>) {
    Effect::new(move |before: Option<usize>| {
        let now = length.get();
        if before.is_some_and(|before| now > before) && place.get_untracked() == Place::Above {
            place.set(Place::Missing);
        }
        now
    });
}

/// Pixels from the end within which the visitor counts as being there.
const NEAR_END: i32 = 32;
