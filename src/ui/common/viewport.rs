//! Tells an element how much of the window is visible, since a phone's keyboard covers what `dvh` still counts.

use leptos::prelude::*;
use leptos::tachys::html::element::ElementType;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlElement, VisualViewport};

/// Keeps the custom properties `--visible-height` and `--visible-top` of an element true while it is mounted.
pub fn follow_viewport<E>(node: NodeRef<E>)
where
    E: ElementType + 'static,
    E::Output: JsCast + Clone + 'static,
{
    let Some(viewport) = window().visual_viewport() else { return };
    let follow = {
        let viewport = viewport.clone();
        move || {
            if let Some(element) = node.try_get_untracked().flatten() {
                write(element.unchecked_ref(), &viewport);
            }
        }
    };
    let first = follow.clone();
    node.on_load(move |_| first());

    let listener = Closure::<dyn Fn()>::new(follow);
    for event in EVENTS {
        // Cannot fail: the listener is a function.
        let _ = viewport.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
    }
    let held = StoredValue::new_local((viewport, listener));
    on_cleanup(move || {
        held.try_with_value(|(viewport, listener)| {
            for event in EVENTS {
                let _ = viewport.remove_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
            }
        });
    });
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

const EVENTS: [&str; 2] = ["resize", "scroll"];
