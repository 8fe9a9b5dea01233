//! The panel as a whole: its region, its keys, its focus.

use leptos::prelude::{GetUntracked, Set};
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

use crate::model::EndReason;
use crate::session::{Panel, Stage};

use super::common::tag::Tag;
use super::common::viewport::follow_viewport;
use super::desk::{Desk, is_focus_nowhere};
use super::{Intent, Screen, announcer, footer, header, notices, transcript};

/// The region **Chat** and the announcer beside it.
pub(super) fn panel(screen: Screen) -> (Tag, Tag) {
    let panel = Tag::new("section", "panel");
    let desk = Desk::new(screen, panel.element());
    (fill(panel, desk), announcer::announcer(desk))
}

fn fill(panel: Tag, desk: Desk) -> Tag {
    let words = desk.words;
    let panel = panel
        .set("id", "panel")
        .set("part", "panel")
        .set("role", "region")
        .set("tabindex", "-1")
        .set("lang", words.tag)
        .set("aria-label", words.chat)
        .live("class", move || {
            Some(match desk.see(|view| view.panel) {
                Panel::Open => "panel",
                Panel::Shut => "panel shut",
            })
        })
        .on("keydown", move |event| {
            let key: &KeyboardEvent = event.unchecked_ref();
            if key.key() != "Escape" || key.is_composing() {
                return;
            }
            event.stop_propagation();
            if desk.is_asking.get_untracked() {
                notices::withdraw(desk);
            } else {
                desk.intend(Intent::Shut);
            }
        })
        .children([header::header(desk), notices::notices(desk), transcript::transcript(desk), footer::footer(desk)]);
    guide_focus(follow_viewport(panel), desk)
}

/// Focuses the composer when the panel opens, and **Start chat** when an end takes the composer away from the keyboard.
fn guide_focus(panel: Tag, desk: Desk) -> Tag {
    // A panel that is open from the beginning was open before a reload: the focus is the page's.
    let mut was_open = desk.glance(|view| view.panel) == Panel::Open;
    let mut was_over = true;
    panel.effect(move || {
        let (panel, stage) = desk.see(|view| (view.panel, view.stage.clone()));
        let is_open = panel == Panel::Open;
        let ended = match stage {
            Stage::Ended { reason } => Some(reason),
            _ => None,
        };
        let is_taken_away = |reason| desk.focused().is_some() || (reason == EndReason::Visitor && is_focus_nowhere());
        if is_open && !was_open {
            desk.focus_soon(if ended.is_some() { START } else { COMPOSER });
        } else if is_open && !was_over && ended.is_some_and(is_taken_away) {
            desk.focus_soon(START);
        }
        if ended.is_some() && !was_over {
            desk.is_asking.set(false);
        }
        (was_open, was_over) = (is_open, ended.is_some());
    })
}

/// Finds the composer's text field.
pub(super) const COMPOSER: &str = "textarea";
/// Finds **Start chat**.
const START: &str = ".start";
