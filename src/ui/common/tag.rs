//! Elements by builder, kept true by Leptos' effects.
//!
//! A view that Leptos mounts like any other, but a thin coat over the DOM inside, for two reasons. Everything here is `createElement`,
//! `setAttribute` and text nodes, so that no path can lead to `innerHTML`, which Trusted Types refuse. And there is one
//! type of element instead of one per shape of tree: the same screens went from 112 to 65 kB
//! (brotli), Leptos' reactive system included.

use std::any::Any;
use std::cell::RefCell;

use leptos::prelude::{RenderEffect, document, untrack};
use leptos::tachys::view::{Mountable, Render};
use web_sys::{Element, Event, Node};

use super::listener::Listener;

/// An element with what keeps it alive: effects, listeners, children. Dropping it takes it off the page.
pub struct Tag {
    element: Element,
    kept: Vec<Box<dyn Any>>,
}

impl Tag {
    /// A new HTML element.
    #[expect(clippy::expect_used, reason = "the names are ours")]
    pub fn new(name: &str, class: &str) -> Self {
        let element = document().create_element(name).expect("the name is valid");
        if !class.is_empty() {
            element.set_class_name(class);
        }
        Self { element, kept: Vec::new() }
    }

    /// A new SVG element.
    #[expect(clippy::expect_used, reason = "the names are ours")]
    pub fn drawn(name: &str) -> Self {
        let element = document().create_element_ns(Some(SVG), name).expect("the name is valid");
        Self { element, kept: Vec::new() }
    }

    /// A `<button type="button">`: it presses, and submits nothing.
    pub fn button(class: &str, press: impl Fn() + 'static) -> Self {
        Self::pressed(class, Box::new(move |_| press()))
    }

    /// The element itself.
    pub fn element(&self) -> Element {
        self.element.clone()
    }

    /// Sets an attribute.
    pub fn set(self, name: &str, value: &str) -> Self {
        set(&self.element, name, Some(value));
        self
    }

    /// Appends text. It stays text, whatever it says.
    pub fn text(self, text: &str) -> Self {
        self.append(&document().create_text_node(text));
        self
    }

    /// Appends an element.
    pub fn child(mut self, child: Self) -> Self {
        self.append(&child.element);
        self.kept.push(Box::new(child));
        self
    }

    /// Appends elements.
    pub fn children<const N: usize>(self, children: [Self; N]) -> Self {
        children.into_iter().fold(self, Self::child)
    }

    /// Hears an event.
    pub fn on(self, event: &'static str, hear: impl Fn(Event) + 'static) -> Self {
        self.hear(event, Box::new(hear))
    }

    /// Holds something as long as the element.
    pub fn keep(mut self, what: impl Any) -> Self {
        self.kept.push(Box::new(what));
        self
    }

    /// Runs now, and whenever a signal that it read changes.
    pub fn effect(self, run: impl FnMut() + 'static) -> Self {
        self.run(Box::new(run))
    }

    /// Keeps an attribute at what the signals say; `None` takes it away.
    pub fn live(self, name: &'static str, value: impl Fn() -> Option<&'static str> + 'static) -> Self {
        self.attribute(name, Box::new(value))
    }

    /// Shows, as its only content, a text that follows the signals.
    pub fn live_text(self, text: impl Fn() -> String + 'static) -> Self {
        self.words(Box::new(text))
    }

    /// Appends a place for an element that comes, goes and is made anew as its key changes, and only then.
    pub fn slot<K: PartialEq + 'static>(
        self,
        key: impl Fn() -> K + 'static,
        make: impl Fn(&K) -> Option<Self> + 'static,
    ) -> Self {
        let mut slot = Slot::after(&self);
        let mut last = None;
        self.effect(move || {
            let now = key();
            if last.as_ref() != Some(&now) {
                slot.fill(untrack(|| make(&now)));
                last = Some(now);
            }
        })
    }

    /// Keeps one child per key, in order; needs an element of its own. Children whose key stays are left alone.
    pub fn list(self, keys: impl Fn() -> Vec<Key> + 'static, make: impl Fn(Key) -> Self + 'static) -> Self {
        let element = self.element();
        let mut children = Vec::new();
        self.effect(move || {
            let keys = keys();
            untrack(|| arrange(&element, &mut children, &keys, &make));
        })
    }

    // What takes closures above is compiled anew for each of them; what it does is here, and compiled once.

    fn pressed(class: &str, press: Box<dyn Fn(Event)>) -> Self {
        Self::new("button", class).set("type", "button").hear("click", press)
    }

    fn hear(self, event: &'static str, hear: Box<dyn Fn(Event)>) -> Self {
        let listener = Listener::new(&self.element, event, hear);
        self.keep(listener)
    }

    fn run(self, mut run: Box<dyn FnMut()>) -> Self {
        self.keep(RenderEffect::new(move |_| run()))
    }

    fn attribute(self, name: &'static str, value: Box<dyn Fn() -> Option<&'static str>>) -> Self {
        let element = self.element();
        self.run(Box::new(move || set(&element, name, value())))
    }

    fn words(self, text: Box<dyn Fn() -> String>) -> Self {
        let element = self.element();
        let shown = RefCell::new(String::new());
        self.run(Box::new(move || {
            let text = text();
            if *shown.borrow() != text {
                element.set_text_content(Some(&text));
                shown.replace(text);
            }
        }))
    }

    fn append(&self, node: &Node) {
        // Cannot fail: what is appended stands nowhere yet.
        let _ = self.element.append_child(node);
    }
}

/// What [`leptos::mount`] asks of a view. A tag is its own state, and never made from another one.
impl Render for Tag {
    type State = Self;

    fn build(self) -> Self {
        self
    }

    fn rebuild(self, state: &mut Self) {
        if let Some(parent) = state.element.parent_node() {
            let _ = parent.insert_before(&self.element, Some(&state.element));
        }
        *state = self;
    }
}

impl Mountable for Tag {
    fn unmount(&mut self) {
        self.element.remove();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        let _ = parent.insert_before(&self.element, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.element.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        vec![self.element()]
    }
}

impl Drop for Tag {
    fn drop(&mut self) {
        self.element.remove();
    }
}

/// What makes an element of a list itself and no other.
pub type Key = (u64, usize);

/// A place between siblings, held by an empty text.
struct Slot {
    marker: Node,
    content: Option<Tag>,
}

impl Slot {
    fn after(parent: &Tag) -> Self {
        let marker = document().create_text_node("");
        parent.append(&marker);
        Self { marker: marker.into(), content: None }
    }

    fn fill(&mut self, content: Option<Tag>) {
        if let (Some(tag), Some(parent)) = (&content, self.marker.parent_node()) {
            let _ = parent.insert_before(&tag.element, Some(&self.marker));
        }
        self.content = content;
    }
}

/// Drops the children whose key is gone, keeps the others where they are, and makes what is missing.
fn arrange(parent: &Element, children: &mut Vec<(Key, Tag)>, keys: &[Key], make: &dyn Fn(Key) -> Tag) {
    let same = children.iter().zip(keys).take_while(|((key, _), wanted)| key == *wanted).count();
    let mut old = children.split_off(same);
    let wanted = keys.get(same..).unwrap_or_default();
    old.retain(|(key, _)| wanted.contains(key));
    for key in wanted {
        let tag = match old.iter().position(|(other, _)| other == key) {
            Some(place) => old.swap_remove(place).1,
            None => make(*key),
        };
        let before = children.last().map_or_else(|| parent.first_child(), |(_, tag)| tag.element.next_sibling());
        let is_there = before.as_ref().is_some_and(|before| tag.element.is_same_node(Some(before)));
        if !is_there {
            let _ = parent.insert_before(&tag.element, before.as_ref());
        }
        children.push((*key, tag));
    }
}

fn set(element: &Element, name: &str, value: Option<&str>) {
    // Cannot fail: the names are ours.
    let _ = match value {
        Some(value) => element.set_attribute(name, value),
        None => element.remove_attribute(name),
    };
}

const SVG: &str = "http://www.w3.org/2000/svg";
