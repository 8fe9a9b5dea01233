//! Moving the keyboard's focus, quietly.

use leptos::prelude::{GetUntracked, NodeRef, document, request_animation_frame};
use leptos::tachys::html::element::ElementType;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, FocusOptions, HtmlElement, Node, ShadowRoot};

/// Focuses an element without scrolling the page.
pub fn focus(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    // An element that cannot take the focus leaves it where it is.
    let _ = element.focus_with_options(&options);
}

/// Focuses what the reference holds, once it stands on the page.
pub fn focus_soon<E>(node: NodeRef<E>)
where
    E: ElementType + 'static,
    E::Output: JsCast + Clone + 'static,
{
    request_animation_frame(move || {
        if let Some(element) = node.try_get_untracked().flatten() {
            focus(element.unchecked_ref());
        }
    });
}

/// Whether the focus is on an element or within it.
pub fn is_inside<E>(node: NodeRef<E>) -> bool
where
    E: ElementType + 'static,
    E::Output: JsCast + Clone + 'static,
{
    let Some(element) = node.try_get_untracked().flatten() else { return false };
    let node: &Node = element.unchecked_ref();
    active_beside(node).is_some_and(|active| node.contains(Some(&active)))
}

/// Whether nothing on the page has the focus.
pub fn is_nowhere() -> bool {
    let page = document();
    page.active_element().is_none_or(|active| page.body().is_some_and(|body| active.is_same_node(Some(&body))))
}

fn active_beside(node: &Node) -> Option<Element> {
    let root = node.get_root_node();
    match root.dyn_ref::<ShadowRoot>() {
        Some(root) => root.active_element(),
        None => root.dyn_ref::<Document>()?.active_element(),
    }
}
