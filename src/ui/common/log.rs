//! A log that stays at its end for who is at the end, and where they are for everybody else.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::{ArcRwSignal, GetUntracked, Set};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};

use super::tag::Tag;

/// Where in a log its reader is.
#[derive(Clone)]
pub struct Place {
    /// At the end, and means to stay there.
    pub is_end: Rc<Cell<bool>>,
    /// Further up, while something new came below.
    pub is_missing: ArcRwSignal<bool>,
}

impl Default for Place {
    fn default() -> Self {
        Self { is_end: Rc::new(Cell::new(true)), is_missing: ArcRwSignal::new(false) }
    }
}

/// Goes back to the end whenever the log or what is in it changes its size, for who was there.
pub fn stay_at_end(log: Tag, content: &Element, place: Place) -> Tag {
    let scroller = log.element();
    let is_end = Rc::clone(&place.is_end);
    let restore = Closure::<dyn Fn()>::new(move || {
        if is_end.get() {
            scroller.set_scroll_top(scroller.scroll_height());
        }
    });
    let scroller = log.element();
    let last = Cell::new(0);
    let log = log.on("scroll", move |_| {
        let top = scroller.scroll_top();
        let below = scroller.scroll_height() - top - scroller.client_height();
        // What grew below since the log was last put to its end has not moved anybody away from there.
        let has_gone_up = top < last.replace(top);
        if below <= NEAR_END || has_gone_up {
            place.is_end.set(below <= NEAR_END);
        }
        if place.is_end.get() && place.is_missing.get_untracked() {
            place.is_missing.set(false);
        }
    });
    let Ok(observer) = ResizeObserver::new(restore.as_ref().unchecked_ref()) else { return log };
    observer.observe(&log.element());
    observer.observe(content);
    log.keep(Observing { observer, _restore: restore })
}

struct Observing {
    observer: ResizeObserver,
    _restore: Closure<dyn Fn()>,
}

impl Drop for Observing {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Pixels from the end within which the visitor counts as being there.
const NEAR_END: i32 = 32;
