//! What every component holds: the view, the words, and where wishes go.

use std::rc::Rc;

use leptos::prelude::*;

use crate::model::Happening;
use crate::session::{Command, Panel, Stage, View};

use super::common::hour::Hours;
use super::words::Words;
use super::{Intent, Screen};

/// Cheap to copy into every closure.
#[derive(Clone, Copy)]
pub(super) struct Desk {
    /// The session as it stands.
    pub view: ReadSignal<View>,
    /// The visitor's language.
    pub words: &'static Words,
    /// Where the conversation stands.
    pub stage: Memo<Stage>,
    /// Whether the panel stands open.
    pub panel: Memo<Panel>,
    hands: StoredValue<Hands, LocalStorage>,
}

struct Hands {
    dispatch: Rc<dyn Fn(Command)>,
    intent: Rc<dyn Fn(Intent)>,
    hours: Hours,
    heading: Option<String>,
}

impl Desk {
    /// Takes a screen apart. Must be called below the owner that the components live under.
    pub fn new(screen: Screen, words: &'static Words) -> Self {
        let view = ReadSignal::from(screen.view);
        let hands = Hands {
            dispatch: screen.dispatch,
            intent: screen.intent,
            hours: Hours::in_language(&screen.look.lang),
            heading: screen.look.heading,
        };
        Self {
            view,
            words,
            stage: Memo::new(move |_| view.with(|view| view.stage.clone())),
            panel: Memo::new(move |_| view.with(|view| view.panel)),
            hands: StoredValue::new_local(hands),
        }
    }

    /// Asks something of the session.
    pub fn dispatch(self, command: Command) {
        if let Some(dispatch) = self.hands.try_with_value(|hands| Rc::clone(&hands.dispatch)) {
            dispatch(command);
        }
    }

    /// Asks something of the embedding.
    pub fn intend(self, intent: Intent) {
        if let Some(callback) = self.hands.try_with_value(|hands| Rc::clone(&hands.intent)) {
            callback(intent);
        }
    }

    /// Words an instant.
    pub fn hours<T>(self, word: impl FnOnce(&Hours) -> T) -> T {
        self.hands.with_value(|hands| word(&hands.hours))
    }

    /// The panel's title while no agent is there.
    pub fn heading(self) -> String {
        self.hands.with_value(|hands| hands.heading.clone()).unwrap_or_else(|| self.words.heading.to_owned())
    }

    /// Whether somebody has joined this conversation, if only to leave it again.
    pub fn has_company(self) -> bool {
        use crate::model::Body;

        self.view.with_untracked(|view| {
            matches!(view.stage, Stage::Talking { .. })
                || view.transcript.iter().any(|line| {
                    matches!(line.body, Body::Event(Happening::Joined { .. } | Happening::Transferred { .. }))
                })
        })
    }
}
