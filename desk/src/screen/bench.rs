//! What every component holds: the view, the words, and where wishes go.

use std::rc::Rc;

use holdfast_chat::ui::common::hour::Hours;
use leptos::prelude::{
    GetUntracked, LocalStorage, ReadSignal, RwSignal, Set, StoredValue, With, WithUntracked, WithValue,
    request_animation_frame,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement};

use super::Screen;
use super::words::Words;
use crate::core::{Chat, ChatId, Command, View};

/// Cheap to copy into every closure.
#[derive(Clone, Copy)]
pub(super) struct Bench {
    /// The agent's language.
    pub words: &'static Words,
    /// What is unfolded.
    pub open: RwSignal<Option<Sheet>>,
    view: ReadSignal<View>,
    held: StoredValue<Held, LocalStorage>,
}

/// What can be unfolded, one thing at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sheet {
    /// Whether this conversation shall end.
    End(ChatId),
    /// To whom this conversation goes.
    Transfer(ChatId),
    /// Which keys do what.
    Shortcuts,
}

struct Held {
    dispatch: Rc<dyn Fn(Command)>,
    hours: Hours,
    root: Element,
}

impl Bench {
    /// Takes a screen apart. Must be called below the owner that the components live under.
    pub fn new(screen: Screen, root: Element) -> Self {
        let words = Words::of(&screen.lang);
        let held = Held { dispatch: screen.dispatch, hours: Hours::in_language(&screen.lang), root };
        Self { words, open: RwSignal::new(None), view: screen.view.into(), held: StoredValue::new_local(held) }
    }

    /// Looks at the desk, and again whenever it changes.
    pub fn see<T>(self, look: impl FnOnce(&View) -> T) -> T {
        self.view.with(look)
    }

    /// Looks at the desk once.
    pub fn glance<T>(self, look: impl FnOnce(&View) -> T) -> T {
        self.view.with_untracked(look)
    }

    /// Looks at one conversation, and again whenever the desk changes; nothing where it was put away.
    pub fn see_chat<T: Default>(self, id: ChatId, look: impl FnOnce(&Chat) -> T) -> T {
        self.see(|view| view.chat(id).map(|chat| look(chat)).unwrap_or_default())
    }

    /// The same once.
    pub fn glance_chat<T: Default>(self, id: ChatId, look: impl FnOnce(&Chat) -> T) -> T {
        self.glance(|view| view.chat(id).map(|chat| look(chat)).unwrap_or_default())
    }

    /// What a conversation's visitor is called; those without a name have a number.
    pub fn visitor(self, chat: &Chat) -> String {
        match &chat.visitor {
            Some(name) => name.to_string(),
            None => format!("{} {}", self.words.visitor, chat.id.0),
        }
    }

    /// Asks something of the desk.
    pub fn dispatch(self, command: Command) {
        if let Some(dispatch) = self.held.try_with_value(|held| Rc::clone(&held.dispatch)) {
            dispatch(command);
        }
    }

    /// Unfolds something and gives it the keyboard, or folds it away if it is unfolded.
    pub fn toggle(self, sheet: Sheet, focus: &'static str) {
        let is_open = self.open.get_untracked() == Some(sheet);
        self.open.set((!is_open).then_some(sheet));
        if !is_open {
            self.focus_soon(focus);
        }
    }

    /// Folds away whatever is unfolded, and gives the keyboard to this.
    pub fn fold(self, focus: &'static str) {
        self.open.set(None);
        self.focus_soon(focus);
    }

    /// Words an instant.
    pub fn hours<T>(self, word: impl FnOnce(&Hours) -> T) -> T {
        self.held.with_value(|held| word(&held.hours))
    }

    /// Gives the keyboard to the first element that this selector finds, once the page is drawn.
    pub fn focus_soon(self, selector: &'static str) {
        request_animation_frame(move || {
            let found = self.held.try_with_value(|held| held.root.query_selector(selector));
            if let Some(Ok(Some(element))) = found {
                let options = FocusOptions::new();
                options.set_prevent_scroll(true);
                // An element that cannot take the focus leaves it where it is.
                let _ = element.unchecked_ref::<HtmlElement>().focus_with_options(&options);
            }
        });
    }
}
