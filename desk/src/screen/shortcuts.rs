//! Which keys do what.

use holdfast_chat::ui::common::icon::{CLOSE, icon};
use holdfast_chat::ui::common::tag::Tag;

use super::bench::Bench;

/// The list **Keyboard shortcuts**.
pub(super) fn shortcuts(bench: Bench) -> Tag {
    let words = bench.words;
    let list = words.keys.iter().fold(Tag::new("dl", ""), |list, (keys, what)| {
        list.child(
            Tag::new("div", "")
                .children([Tag::new("dt", "").child(Tag::new("kbd", "").text(keys)), Tag::new("dd", "").text(what)]),
        )
    });
    let close = Tag::button("button round quiet", move || bench.fold(None, ".keys"))
        .set("aria-label", words.close)
        .child(icon(CLOSE));
    Tag::new("section", "shortcuts").set("aria-label", words.shortcuts).children([
        Tag::new("h2", "").text(words.shortcuts),
        list,
        close,
    ])
}
