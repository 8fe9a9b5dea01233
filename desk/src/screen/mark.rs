//! What shows in the browser's own strip of tabs: how much asks for the agent, and a mark on the icon.

use holdfast_chat::ui::common::tag::Tag;
use leptos::prelude::document;

use super::bench::Bench;
use crate::core::{Door, View};

/// Keeps the page's title and icon true.
pub(super) fn mark(frame: Tag, bench: Bench) -> Tag {
    let mut shown = None;
    frame.effect(move || {
        let now = bench.see(calls);
        if shown.replace(now) == Some(now) {
            return;
        }
        let title = bench.words.title;
        let title = if now == 0 { title.to_owned() } else { format!("({now}) {title}") };
        document().set_title(&(title + " · Holdfast"));
        if let Ok(Some(icon)) = document().query_selector("link[rel=icon]") {
            // Cannot fail: the name is ours.
            let _ = icon.set_attribute("href", if now == 0 { QUIET } else { CALLING });
        }
    })
}

/// Messages that nobody looked at, and people who wait.
fn calls(view: &View) -> usize {
    if view.door == Door::Inside { view.unread() + view.waiting().count() } else { 0 }
}

const QUIET: &str = "/desk/icon.svg";
const CALLING: &str = "/desk/icon-calling.svg";
