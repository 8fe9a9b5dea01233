//! What every component holds: the view, the words, and where wishes go.

use std::rc::Rc;

use leptos::prelude::{
    LocalStorage, Read, ReadSignal, ReadUntracked, RwSignal, StoredValue, WithValue, document, request_animation_frame,
};
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, FocusOptions, HtmlElement, Node, ShadowRoot};

use crate::model::{Body, Happening};
use crate::session::{Command, Stage, View};

use super::common::hour::Hours;
use super::words::Words;
use super::{Intent, Screen};

/// Cheap to copy into every closure.
#[derive(Clone, Copy)]
pub(super) struct Desk {
    /// The visitor's language.
    pub words: &'static Words,
    /// Whether the visitor is asked if the chat shall end.
    pub is_asking: RwSignal<bool>,
    /// Whether the visitor has done with the form that stands here, so that the keyboard may follow what comes of it.
    pub has_answered: RwSignal<bool>,
    view: ReadSignal<View>,
    held: StoredValue<Held, LocalStorage>,
}

struct Held {
    dispatch: Rc<dyn Fn(Command)>,
    intent: Rc<dyn Fn(Intent)>,
    hours: Hours,
    heading: String,
    panel: Element,
}

impl Desk {
    /// Takes a screen apart. Must be called below the owner that the components live under.
    pub fn new(screen: Screen, panel: Element) -> Self {
        let words = Words::of(&screen.look.lang);
        let held = Held {
            dispatch: screen.dispatch,
            intent: screen.intent,
            hours: Hours::in_language(&screen.look.lang),
            heading: screen.look.heading.unwrap_or_else(|| words.heading.to_owned()),
            panel,
        };
        let (is_asking, has_answered) = (RwSignal::new(false), RwSignal::new(false));
        Self { words, is_asking, has_answered, view: screen.view.into(), held: StoredValue::new_local(held) }
    }

    /// Looks at the session, and again whenever it changes.
    pub fn see<T>(self, look: impl FnOnce(&View) -> T) -> T {
        // Not `with`, which would be compiled anew for each look.
        look(&self.view.read())
    }

    /// Looks at the session once.
    pub fn glance<T>(self, look: impl FnOnce(&View) -> T) -> T {
        look(&self.view.read_untracked())
    }

    /// Where the conversation stands; looked at again whenever it changes.
    pub fn stage(self) -> Stage {
        self.see(|view| view.stage.clone())
    }

    /// Asks something of the session.
    pub fn dispatch(self, command: Command) {
        if let Some(dispatch) = self.held.try_with_value(|held| Rc::clone(&held.dispatch)) {
            dispatch(command);
        }
    }

    /// Asks something of the embedding.
    pub fn intend(self, intent: Intent) {
        if let Some(callback) = self.held.try_with_value(|held| Rc::clone(&held.intent)) {
            callback(intent);
        }
    }

    /// Words an instant.
    pub fn hours<T>(self, word: impl FnOnce(&Hours) -> T) -> T {
        self.held.with_value(|held| word(&held.hours))
    }

    /// The panel's title while no agent is there.
    pub fn heading(self) -> String {
        self.held.with_value(|held| held.heading.clone())
    }

    /// Whether somebody has joined this conversation, if only to leave it again.
    pub fn has_company(self) -> bool {
        self.glance(|view| {
            matches!(view.stage, Stage::Talking { .. })
                || view.transcript.iter().any(|line| {
                    matches!(
                        line.body,
                        Body::Event(
                            Happening::Joined { .. } | Happening::BotJoined { .. } | Happening::Transferred { .. }
                        )
                    )
                })
        })
    }

    /// Gives the keyboard to the first of the panel's elements that this selector finds, once the page is drawn.
    pub fn focus_soon(self, selector: &'static str) {
        request_animation_frame(move || {
            let found = self.held.try_with_value(|held| held.panel.query_selector(selector));
            if let Some(Ok(Some(element))) = found {
                let options = FocusOptions::new();
                options.set_prevent_scroll(true);
                // An element that cannot take the focus leaves it where it is.
                let _ = element.unchecked_ref::<HtmlElement>().focus_with_options(&options);
            }
        });
    }

    /// The panel's element that has the keyboard.
    pub fn focused(self) -> Option<Element> {
        let panel = self.held.with_value(|held| held.panel.clone());
        let root: Node = panel.get_root_node();
        let focused = match root.dyn_ref::<ShadowRoot>() {
            Some(root) => root.active_element(),
            None => root.dyn_ref::<Document>()?.active_element(),
        };
        focused.filter(|element| panel.contains(Some(element)))
    }
}

/// Whether nothing on the page has the keyboard.
pub(super) fn is_focus_nowhere() -> bool {
    let page = document();
    page.active_element().is_none_or(|focused| page.body().is_some_and(|body| focused.is_same_node(Some(&body))))
}
