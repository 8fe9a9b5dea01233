//! Sending a file, where the agent asked for one.

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::session::Upload;

use super::Intent;
use super::common::tag::Tag;
use super::desk::Desk;

/// What the agent wants of the visitor's files; nothing most of the time.
pub(super) fn files(desk: Desk, upload: Upload) -> Option<Tag> {
    let words = desk.words;
    let (sentence, can_pick) = match upload {
        Upload::None => return None,
        Upload::Requested => (words.file_wanted, true),
        Upload::Sending => (words.file_sending, false),
        Upload::Arrived => (words.file_arrived, false),
        Upload::Failed => (words.file_failed, true),
    };
    let shown = Tag::new("div", "upload").child(Tag::new("p", "").text(sentence));
    Some(if can_pick { shown.child(picker(desk)) } else { shown })
}

/// A file field that looks like a button: the field itself stays for the keyboard and for screen readers.
fn picker(desk: Desk) -> Tag {
    let field = Tag::new("input", "unseen").set("type", "file");
    let input: HtmlInputElement = field.element().unchecked_into();
    let field = field.on("change", move |_| {
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            desk.intend(Intent::Upload(file));
        }
    });
    Tag::new("label", "button primary picker").child(field).text(desk.words.file_choose)
}
