//! A button that presses once and submits nothing.

use leptos::html::{self, HtmlElement};
use leptos::prelude::*;
use leptos::tachys::html::attribute::Attribute;

/// A `<button type="button">` with these classes, still without content.
pub fn button(class: &'static str, press: Box<dyn Fn()>) -> HtmlElement<html::Button, impl Attribute, ()> {
    html::button().r#type("button").class(class).on(leptos::ev::click, move |_| press())
}
