//! The screen: what a [`View`] looks like, and which [`Command`]s a visitor gives with it.
//!
//! State flows down through one Leptos signal, intent goes up through two callbacks. Components are functions that build
//! a `Tag` and keep it true by effects. There is no way to `innerHTML`, which Trusted Types refuse
//! (Leptos' `view!` takes it for static markup), and no `style` attribute, which would need `'unsafe-inline'`: classes and
//! one constructable style sheet do without. What a server or a visitor wrote becomes text nodes only.
//!
//! It knows no backend, no storage and no clock but the one that words an hour. The launcher is not here but in
//! `pkg/holdfast.js`, which is on the page before this is.
//!
//! ```ignore
//! let (view, set_view) = leptos::prelude::arc_signal(session.view());
//! let mounted = ui::mount(&inner_root, Screen { view, dispatch, intent, look });
//! set_view.set(session.view()); // after every step
//! drop(mounted);                // undoes everything
//! ```
//!
//! Focus: the composer takes it when the panel goes from shut to open **after** [`mount`]; a panel that is open when it is
//! mounted (a reload) leaves the focus to the page.

mod announcer;
pub mod common;
mod composer;
mod desk;
mod files;
mod footer;
mod form;
mod header;
mod message;
mod notices;
mod offers;
mod outbox;
mod panel;
mod transcript;
mod waiting;
mod words;

use std::rc::Rc;

use leptos::mount::{UnmountHandle, mount_to_renderer};
use leptos::prelude::ArcReadSignal;
use leptos::tachys::view::Render;
use web_sys::HtmlElement;

use crate::session::{Command, View};

use common::sheet::AdoptedSheet;
use common::tag::Tag;

/// What a screen is made of.
pub struct Screen {
    /// The session as it stands; set it after every step.
    pub view: ArcReadSignal<View>,
    /// Takes what is asked of the session.
    pub dispatch: Rc<dyn Fn(Command)>,
    /// Takes what is asked of the embedding.
    pub intent: Rc<dyn Fn(Intent)>,
    /// How it looks.
    pub look: Look,
}

/// What a visitor wants that is not, or not only, the session's.
#[derive(Clone, Debug)]
pub enum Intent {
    /// Begin a conversation; the embedding knows the visitor.
    Start,
    /// End the conversation; the page may object. The visitor has confirmed it already, where that is asked for.
    End,
    /// Close the panel.
    Shut,
    /// Send this picked file.
    Upload(web_sys::File),
}

/// How the screen looks, apart from style sheets.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Title of the panel while no agent is there; a default in the visitor's language where `None`.
    pub heading: Option<String>,
    /// Language tag that chooses the words and words the hours.
    pub lang: String,
}

/// A mounted screen. Dropping it undoes everything.
pub struct Mounted {
    _tree: UnmountHandle<<(Tag, Tag) as Render>::State>,
    _sheet: Option<AdoptedSheet>,
}

/// Shows `screen` as the last children of `parent`, which stands in a shadow root or a document.
pub fn mount(parent: &HtmlElement, screen: Screen) -> Mounted {
    let sheet = AdoptedSheet::adopt(parent, STYLE);
    Mounted { _tree: mount_to_renderer(parent, move || panel::panel(screen)), _sheet: sheet }
}

const STYLE: &str = include_str!(concat!(env!("OUT_DIR"), "/widget.css"));
