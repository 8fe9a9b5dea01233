//! Words on a page: addresses become links, formatted words elements. Every element is made here, from data.

use crate::model::{Order, Piece as Formatted, Prose};

use super::links::{Piece, pieces};
use super::tag::Tag;

/// Adds plain words, with the addresses among them as links.
pub fn worded(tag: Tag, text: &str) -> Tag {
    pieces(text).into_iter().fold(tag, |tag, piece| match piece {
        Piece::Words(words) => tag.text(words),
        Piece::Link(address) => tag.child(link(address).text(address)),
    })
}

/// Adds formatted words. Every element is made here, from data.
pub fn formatted(tag: Tag, prose: &Prose) -> Tag {
    prose.0.iter().fold(tag, |tag, piece| match piece {
        Formatted::Text(words) => worded(tag, words),
        Formatted::Break => tag.child(Tag::new("br", "")),
        Formatted::Strong(words) => tag.child(formatted(Tag::new("strong", ""), words)),
        Formatted::Emphasis(words) => tag.child(formatted(Tag::new("em", ""), words)),
        Formatted::Link { href, words } => tag.child(linked(href, words)),
        Formatted::List { order, items } => {
            let list = Tag::new(if *order == Order::Counted { "ol" } else { "ul" }, "");
            tag.child(items.iter().fold(list, |list, item| list.child(formatted(Tag::new("li", ""), item))))
        }
    })
}

/// Words that lead somewhere; where they look like an address it is the one they lead to.
fn linked(href: &str, words: &Prose) -> Tag {
    let text = words.text();
    let is_other_address = text.contains("://") && text != href;
    link(href).text(if is_other_address || text.is_empty() { href } else { &text })
}

fn link(href: &str) -> Tag {
    Tag::new("a", "").set("href", href).set("target", "_blank").set("rel", "noopener noreferrer nofollow")
}
