//! The panel as a whole: its region, its keys, its focus.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use crate::model::EndReason;
use crate::session::{Panel, Stage};

use super::common::focus::{focus_soon, is_inside, is_nowhere};
use super::common::viewport::follow_viewport;
use super::desk::Desk;
use super::notices::Asking;
use super::{Intent, announcer, footer, header, notices, transcript};

/// Where the keyboard can land.
#[derive(Clone, Copy)]
pub(super) struct Places {
    /// The composer's text field.
    pub composer: NodeRef<html::Textarea>,
    /// **Start chat**, where it stands.
    pub start: NodeRef<html::Button>,
}

/// The region **Chat** and the announcer beside it.
pub(super) fn panel(desk: Desk) -> impl IntoView {
    let places = Places { composer: NodeRef::new(), start: NodeRef::new() };
    let region = NodeRef::<html::Section>::new();
    let asking = Asking::new();
    keep_focus(desk, places, region);
    follow_viewport(region);

    let section = html::section()
        .node_ref(region)
        .id("panel")
        .class("panel")
        .class(("shut", move || desk.panel.get() == Panel::Shut))
        .attr("part", "panel")
        .attr("role", "region")
        .attr("tabindex", "-1")
        .attr("lang", desk.words.tag)
        .aria_label(desk.words.chat)
        .on(leptos::ev::keydown, move |event: KeyboardEvent| {
            if event.key() == "Escape" && !event.is_composing() {
                event.stop_propagation();
                if !asking.withdraw() {
                    desk.intend(Intent::Shut);
                }
            }
        })
        .child((
            header::header(desk, asking),
            notices::notices(desk, places, asking),
            transcript::transcript(desk, places),
            footer::footer(desk, places),
        ));
    (section, announcer::announcer(desk))
}

/// Focuses the composer when the panel opens, and **Start chat** when an end takes the composer away from the keyboard.
fn keep_focus(desk: Desk, places: Places, region: NodeRef<html::Section>) {
    // A panel that is open from the beginning was open before a reload: the focus is the page's.
    let at_mount = desk.panel.get_untracked();
    Effect::new(move |before: Option<Panel>| {
        let now = desk.panel.get();
        if now == Panel::Open && before.unwrap_or(at_mount) == Panel::Shut {
            match desk.stage.get_untracked() {
                Stage::Ended { .. } => focus_soon(places.start),
                _ => focus_soon(places.composer),
            }
        }
        now
    });
    Effect::new(move |was_over: Option<bool>| {
        let ended = match desk.stage.get() {
            Stage::Ended { reason } => Some(reason),
            _ => None,
        };
        if let (Some(reason), Some(false)) = (ended, was_over) {
            let is_ours = is_inside(region) || (reason == EndReason::Visitor && is_nowhere());
            if is_ours && desk.panel.get_untracked() == Panel::Open {
                focus_soon(places.start);
            }
        }
        ended.is_some()
    });
}
