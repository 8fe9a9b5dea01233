//! What every component holds: the view, the words, and where wishes go.

use std::rc::Rc;

use holdfast_chat::ui::common::hour::Hours;
use leptos::prelude::{
    LocalStorage, ReadSignal, RwSignal, StoredValue, Update, With, WithUntracked, WithValue, request_animation_frame,
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
    /// What is unfolded: one thing in each conversation at most, and one above them all.
    open: RwSignal<Vec<Sheet>>,
    view: ReadSignal<View>,
    held: StoredValue<Held, LocalStorage>,
}

/// What can be unfolded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sheet {
    /// Whether this conversation shall end.
    End(ChatId),
    /// To whom this conversation goes.
    Transfer(ChatId),
    /// Which keys do what.
    Shortcuts,
}

impl Sheet {
    /// The conversation in which it is; none where it stands above them all.
    const fn chat(self) -> Option<ChatId> {
        match self {
            Self::End(id) | Self::Transfer(id) => Some(id),
            Self::Shortcuts => None,
        }
    }
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
        Self { words, open: RwSignal::new(Vec::new()), view: screen.view.into(), held: StoredValue::new_local(held) }
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

    /// Whether this is unfolded; looks again whenever that changes.
    pub fn is_unfolded(self, sheet: Sheet) -> bool {
        self.open.with(|open| open.contains(&sheet))
    }

    /// The same for `aria-expanded`.
    pub fn expanded(self, sheet: Sheet) -> Option<&'static str> {
        Some(if self.is_unfolded(sheet) { "true" } else { "false" })
    }

    /// Unfolds something and gives it the keyboard, or folds it away if it is unfolded.
    pub fn toggle(self, sheet: Sheet, focus: &str) {
        let is_open = self.open.with_untracked(|open| open.contains(&sheet));
        self.fold_away(sheet.chat());
        if !is_open {
            self.open.update(|open| open.push(sheet));
            self.focus_soon(sheet.chat(), focus);
        }
    }

    /// Folds away what is unfolded in a conversation, or above them all.
    pub fn fold_away(self, chat: Option<ChatId>) {
        self.open.update(|open| open.retain(|sheet| sheet.chat() != chat));
    }

    /// Folds away what was unfolded last in a conversation or above them all; `false` where nothing was.
    pub fn fold_last(self, chat: Option<ChatId>) -> bool {
        let is_near = |sheet: &&Sheet| sheet.chat().is_none() || sheet.chat() == chat;
        let last = self.open.with_untracked(|open| open.iter().rfind(is_near).copied());
        if let Some(last) = last {
            self.fold_away(last.chat());
        }
        last.is_some()
    }

    /// The same, and gives the keyboard to this.
    pub fn fold(self, chat: Option<ChatId>, focus: &str) {
        self.fold_away(chat);
        self.focus_soon(chat, focus);
    }

    /// Folds away whatever is not unfolded in one of these conversations.
    pub fn fold_outside(self, chats: &[ChatId]) {
        self.open.update(|open| open.retain(|sheet| sheet.chat().is_some_and(|chat| chats.contains(&chat))));
    }

    /// Words an instant.
    pub fn hours<T>(self, word: impl FnOnce(&Hours) -> T) -> T {
        self.held.with_value(|held| word(&held.hours))
    }

    /// Gives the keyboard to the first element that this selector finds in a conversation, or anywhere, once the page is
    /// drawn.
    pub fn focus_soon(self, chat: Option<ChatId>, selector: &str) {
        let selector = selector.to_owned();
        request_animation_frame(move || self.focus(chat, &selector));
    }

    /// Brings the keyboard into a conversation, to where more is said, unless it is there already.
    pub fn enter_soon(self, chat: ChatId) {
        request_animation_frame(move || {
            if !self.has_keyboard(chat) {
                self.focus(Some(chat), SAY_MORE);
            }
        });
    }

    /// Whether the keyboard is in a conversation.
    pub fn has_keyboard(self, chat: ChatId) -> bool {
        self.place(Some(chat)).is_some_and(|pane| pane.matches(":focus-within").unwrap_or_default())
    }

    fn focus(self, chat: Option<ChatId>, selector: &str) {
        if let Some(element) = self.place(chat).and_then(|place| place.query_selector(selector).ok()?) {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            // An element that cannot take the focus leaves it where it is.
            let _ = element.unchecked_ref::<HtmlElement>().focus_with_options(&options);
        }
    }

    /// Where a conversation is shown, or everything.
    fn place(self, chat: Option<ChatId>) -> Option<Element> {
        self.held.try_with_value(|held| match chat {
            None => Some(held.root.clone()),
            Some(chat) => held.root.query_selector(&["#", &pane_id(chat)].concat()).ok()?,
        })?
    }
}

/// What a conversation is called on the page.
pub(super) fn pane_id(chat: ChatId) -> String {
    format!("pane-{}", chat.0)
}

/// The composer, or what stands in its place when a conversation is over.
const SAY_MORE: &str = "textarea, .shut-away";
