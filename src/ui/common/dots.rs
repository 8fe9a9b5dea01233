//! The sign that somebody is busy.

use super::tag::Tag;

/// Three dots that breathe, where motion is welcome.
pub fn dots() -> Tag {
    Tag::new("span", "dots").set("aria-hidden", "true").children([(); 3].map(|()| Tag::new("i", "")))
}
