//! Tells an element how much of the window is visible, since a phone's keyboard covers what `dvh` still counts.

use leptos::prelude::window;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, VisualViewport};

use super::listener::Listener;
use super::tag::Tag;

/// Keeps the custom properties `--visible-height` and `--visible-top` of an element true while it is held.
pub fn follow_viewport(tag: Tag) -> Tag {
    let Some(viewport) = window().visual_viewport() else { return tag };
    let Ok(element) = tag.element().dyn_into::<HtmlElement>() else { return tag };
    write(&element, &viewport);
    ["resize", "scroll"].into_iter().fold(tag, |tag, event| {
        let (element, viewport) = (element.clone(), viewport.clone());
        let target = viewport.clone();
        tag.keep(Listener::new(&target, event, Box::new(move |_| write(&element, &viewport))))
    })
}

fn write(element: &HtmlElement, viewport: &VisualViewport) {
    let style = element.style();
    for (name, length) in [("--visible-height", viewport.height()), ("--visible-top", viewport.offset_top())] {
        #[expect(clippy::cast_possible_truncation, reason = "a window is some thousand pixels high")]
        let pixels = length as i32;
        // Where it is refused, the style sheet falls back to `dvh`.
        let _ = style.set_property(name, &[&pixels.to_string(), "px"].concat());
    }
}
