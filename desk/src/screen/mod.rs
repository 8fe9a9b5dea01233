//! The screen: what a `View` looks like, and which `Command`s an agent gives with it. Made of the widget's own parts, by
//! calls and text nodes only, so that a strict policy with Trusted Types holds here too.

mod actions;
mod announcer;
mod bench;
mod callers;
mod canned;
mod composer;
mod door;
mod frame;
mod lines;
mod mark;
mod pane;
mod shortcuts;
mod tabs;
mod transfer;
mod words;

use std::rc::Rc;

use holdfast_chat::ui::common::sheet::AdoptedSheet;
use holdfast_chat::ui::common::tag::Tag;
use leptos::mount::{UnmountHandle, mount_to_renderer};
use leptos::prelude::{ArcReadSignal, document};
use leptos::tachys::view::Render;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, ShadowRootInit, ShadowRootMode};

use crate::core::{Command, View};

/// What a screen is made of.
pub struct Screen {
    /// The desk as it stands.
    pub view: ArcReadSignal<View>,
    /// Takes what is asked of the desk.
    pub dispatch: Rc<dyn Fn(Command)>,
    /// Language tag that chooses the words and words the hours.
    pub lang: String,
    /// Where lines begin: `ltr` or `rtl`.
    pub dir: &'static str,
}

/// A mounted screen. Dropping it undoes everything.
pub struct Mounted {
    _tree: UnmountHandle<<Tag as Render>::State>,
    _sheet: Option<AdoptedSheet>,
}

/// Shows `screen` in a shadow root of `place`, where the widget's style sheets mean what they mean in the widget.
#[must_use]
pub fn mount(place: &HtmlElement, screen: Screen) -> Option<Mounted> {
    let shadow = place.attach_shadow(&ShadowRootInit::new(ShadowRootMode::Open)).ok()?;
    let root = document().create_element("div").ok()?;
    root.set_class_name("root");
    root.set_attribute("dir", screen.dir).ok()?;
    shadow.append_child(&root).ok()?;
    let sheet = AdoptedSheet::adopt(&root, STYLE);
    let root: HtmlElement = root.unchecked_into();
    let frame = root.clone();
    Some(Mounted { _tree: mount_to_renderer(&root, move || frame::frame(screen, frame)), _sheet: sheet })
}

const STYLE: &str = include_str!(concat!(env!("OUT_DIR"), "/desk.css"));
