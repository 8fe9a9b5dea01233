//! Line icons, drawn through the DOM.

use super::tag::Tag;

/// An icon of 20 by 20 units with this path. Decoration only: whatever carries it has a name of its own.
pub fn icon(path: &str) -> Tag {
    Tag::drawn("svg")
        .set("viewBox", "0 0 20 20")
        .set("class", "icon")
        .set("aria-hidden", "true")
        .child(Tag::drawn("path").set("d", path))
}

/// An arrow upwards.
pub const SEND: &str = "M10 16V4.5M4.8 9.5 10 4.3l5.2 5.2";
/// A paper clip.
pub const ATTACH: &str =
    "M16.2 9.3 9.9 15.6a3.7 3.7 0 0 1-5.3-5.3l6.4-6.3a2.5 2.5 0 0 1 3.5 3.5l-6.3 6.3a1.2 1.2 0 0 1-1.8-1.7l5.5-5.5";
/// An arrow into a tray.
pub const FETCH: &str = "M10 3.5v8.8M6 8.6l4 4 4-4M4 16.2h12";
/// A bin.
pub const DELETE: &str = "M4 5.8h12M8 5.5V4h4v1.5M5.5 6l.7 10h7.6l.7-10M8.5 9v4.5M11.5 9v4.5";
/// A cross.
pub const CLOSE: &str = "m5 5 10 10M15 5 5 15";
/// An arrow downwards.
pub const DOWN: &str = "M10 4v11.5M4.8 10.5 10 15.7l5.2-5.2";
/// A speech bubble.
pub const CHAT: &str =
    "M3.5 5.8c0-1 .8-1.8 1.8-1.8h9.4c1 0 1.8.8 1.8 1.8v6.4c0 1-.8 1.8-1.8 1.8H9.3L5.7 17v-3h-.4c-1 0-1.8-.8-1.8-1.8z";
