//! The panel as a whole: its region, its keys, its focus.

use std::sync::Arc;

use leptos::prelude::{GetUntracked, Set};
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

use crate::model::EndReason;
use crate::session::{Panel, Stage};

use super::common::tag::Tag;
use super::common::viewport::follow_viewport;
use super::desk::{Desk, is_focus_nowhere};
use super::{Intent, Screen, announcer, footer, form, header, notices, transcript};

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
        .children([header::header(desk), notices::notices(desk), transcript::transcript(desk)])
        .slot(
            move || desk.see(|view| view.form.as_ref().map(|inquiry| Arc::clone(&inquiry.form))),
            move |asked| asked.as_ref().map(|asked| form::form(desk, asked)),
        )
        .child(footer::footer(desk));
    guide_focus(follow_viewport(panel), desk)
}

/// Focuses what is to be filled in when the panel opens. When the composer is taken away from the keyboard, by an end or by
/// a form, what comes in its place gets it; a form that comes while the visitor writes on does not.
fn guide_focus(panel: Tag, desk: Desk) -> Tag {
    // A panel that is open from the beginning was open before a reload: the focus is the page's.
    let mut was_open = desk.glance(|view| view.panel) == Panel::Open;
    let mut was_over = true;
    let mut had_form = desk.glance(|view| view.form.is_some());
    panel.effect(move || {
        let (panel, stage, has_form) = desk.see(|view| (view.panel, view.stage.clone(), view.form.is_some()));
        let is_open = panel == Panel::Open;
        let ended = match stage {
            Stage::Ended { reason } => Some(reason),
            _ => None,
        };
        let is_taken_away = |reason| desk.focused().is_some() || (reason == EndReason::Visitor && is_focus_nowhere());
        if is_open && !was_open {
            desk.focus_soon(if ended.is_some() && !has_form { START } else { ENTRY });
        } else if is_open && !was_over && ended.is_some_and(is_taken_away) {
            desk.focus_soon(if has_form { ENTRY } else { START });
        } else if is_open && had_form && !has_form && desk.has_answered.get_untracked() {
            desk.focus_soon(if ended.is_some() { START } else { COMPOSER });
        } else if is_open && !had_form && stage == Stage::Form && desk.focused().is_some() {
            desk.focus_soon(ENTRY);
        }
        if !has_form {
            desk.has_answered.set(false);
        }
        if ended.is_some() && !was_over {
            desk.is_asking.set(false);
        }
        (was_open, was_over, had_form) = (is_open, ended.is_some(), has_form);
    })
}

/// Finds the composer's text field.
pub(super) const COMPOSER: &str = ".composer textarea";
/// Finds what is to be filled in first: a form, unless the conversation goes on beside it.
const ENTRY: &str = ".form:not(.within), .composer textarea";
/// Finds **Start chat**.
const START: &str = ".start";
