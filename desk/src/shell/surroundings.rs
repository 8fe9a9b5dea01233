//! What the desk meets in a browser: the page's element and language, whether somebody looks, how wide it is, and the tab's storage.

use std::rc::Rc;

use holdfast_chat::ui::common::listener::Listener;
use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, MediaQueryList, Storage, VisibilityState};

use crate::core::Environment;

/// The element in which the desk stands.
pub(super) fn place() -> Option<HtmlElement> {
    document().get_element_by_id("desk")?.dyn_into().ok()
}

/// The page's language.
pub(super) fn lang() -> String {
    document().document_element().map(|root| root.get_attribute("lang").unwrap_or_default()).unwrap_or_default()
}

/// Where the page's lines begin.
pub(super) fn dir() -> &'static str {
    let told = document().document_element().and_then(|root| root.get_attribute("dir"));
    if told.is_some_and(|dir| dir.eq_ignore_ascii_case("rtl")) { "rtl" } else { "ltr" }
}

/// Whether somebody looks at the page.
pub(super) fn seen() -> Environment {
    let page = document();
    let is_visible = page.visibility_state() == VisibilityState::Visible;
    if is_visible && page.has_focus().unwrap_or(true) { Environment::Seen } else { Environment::Unseen }
}

/// How many conversations have room side by side.
pub(super) fn room() -> Environment {
    let more = wider().iter().filter(|query| query.matches()).count();
    Environment::Room(1 + more)
}

/// Tells whenever the surroundings change.
pub(super) fn listeners(tell: Rc<dyn Fn(Environment)>) -> Vec<Listener> {
    let (window, page) = (window(), document());
    let look = |target: &web_sys::EventTarget, event| {
        let tell = Rc::clone(&tell);
        Listener::new(target, event, Box::new(move |_| tell(seen())))
    };
    let online = Rc::clone(&tell);
    let room = wider().into_iter().map(|query| {
        let tell = Rc::clone(&tell);
        Listener::new(&query, "change", Box::new(move |_| tell(room())))
    });
    let always = [
        look(&page, "visibilitychange"),
        look(&window, "focus"),
        look(&window, "blur"),
        Listener::new(&window, "online", Box::new(move |_| online(Environment::Online))),
    ];
    always.into_iter().chain(room).collect()
}

/// What the page before in this tab kept.
pub(super) fn kept() -> Option<String> {
    storage()?.get_item(KEY).ok()?
}

/// Keeps this for the next page in this tab. Where it cannot be kept a reload asks for the name again.
pub(super) fn keep(text: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(KEY, text);
    }
}

/// One for each conversation more than one that has room.
fn wider() -> Vec<MediaQueryList> {
    let query = |width| window().match_media(width).ok()?;
    WIDER.into_iter().filter_map(query).collect()
}

fn storage() -> Option<Storage> {
    window().session_storage().ok()?
}

/// The list beside them takes 340 pixels, and a conversation wants some 22em. Written in `em`, so that larger letters take
/// more room.
const WIDER: [&str; 2] = ["(min-width: 66em)", "(min-width: 88em)"];
const KEY: &str = "holdfast-desk";
