//! Files: those of the transcript, one that is on its way, and the field that picks one.

use std::sync::Arc;

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::model::{Author, FileRefusal, SharedFile};
use crate::session::{Command, Download, FilesView, Upload, View};

use super::Intent;
use super::common::icon::{ATTACH, DELETE, FETCH, icon};
use super::common::tag::Tag;
use super::desk::Desk;
use super::panel::COMPOSER;
use super::words::{Words, fill};

/// What goes on with the visitor's files; nothing most of the time.
pub(super) fn files(desk: Desk, upload: &Upload) -> Option<Tag> {
    let sentence = sentence(desk.words, upload)?;
    let shown = Tag::new("div", "upload").child(Tag::new("p", "").text(&sentence));
    Some(shown.slot(
        move || desk.see(|view| view.files.can_pick && wants_file(&view.files)),
        move |can_pick| can_pick.then(|| labelled(desk, "button primary picker").text(desk.words.file_choose)),
    ))
}

/// The paper clip beside the composer, where a file may be sent at any time.
pub(super) fn clip(desk: Desk) -> Option<Tag> {
    let named = Tag::new("span", "unseen").text(desk.words.file_attach);
    Some(labelled(desk, "button round picker clip").children([icon(ATTACH), named]))
}

/// Whether the paper clip stands there.
pub(super) const fn has_clip(view: &View) -> bool {
    view.files.can_pick && !wants_file(&view.files)
}

/// Whether the next thing to do is to pick a file.
const fn wants_file(files: &FilesView) -> bool {
    matches!(files.upload, Upload::Requested | Upload::Failed | Upload::Refused(_))
}

/// A file field that looks like a button: the field itself stays for the keyboard and for screen readers.
fn labelled(desk: Desk, class: &str) -> Tag {
    let field = Tag::new("input", "unseen").set("type", "file");
    let input: HtmlInputElement = field.element().unchecked_into();
    let field = field.on("change", move |_| {
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            desk.intend(Intent::Upload(file));
            // The same one can be picked again.
            input.set_value("");
            desk.focus_soon(COMPOSER);
        }
    });
    Tag::new("label", class).child(field)
}

/// What a file of the transcript looks like: its name and size, and what can be done with it.
pub(super) fn shared(desk: Desk, author: &Author, file: &SharedFile) -> Tag {
    let size = file.size.map(|size| desk.words.size(size)).unwrap_or_default();
    let told = Tag::new("span", "told").children([
        Tag::new("span", "file-name").set("dir", "auto").text(&file.name),
        Tag::new("span", "file-size").text(&size),
    ]);
    let key = Arc::clone(&file.key);
    let bubble = Tag::new("div", "bubble file").set("part", "bubble").child(told);
    let bubble = match author {
        Author::Visitor => {
            bubble.child(button(desk, file, desk.words.file_remove, DELETE, |file| Command::Unshare { file }))
        }
        Author::Agent { .. } => {
            bubble.child(button(desk, file, desk.words.file_fetch, FETCH, |file| Command::Download { file }))
        }
    };
    bubble.live("aria-busy", move || {
        desk.see(|view| view.files.download == Download::Fetching(Arc::clone(&key))).then_some("true")
    })
}

fn button(desk: Desk, file: &SharedFile, sentence: &str, drawing: &str, wish: fn(Arc<str>) -> Command) -> Tag {
    let (key, watched) = (Arc::clone(&file.key), Arc::clone(&file.key));
    Tag::button("button round", move || desk.dispatch(wish(Arc::clone(&key))))
        .set("aria-label", &fill(sentence, &file.name))
        .child(icon(drawing))
        .live("hidden", move || {
            desk.see(|view| !view.files.can_fetch || view.files.gone.contains(&watched)).then_some("")
        })
}

/// What is to be told about the visitor's file.
fn sentence(words: &Words, upload: &Upload) -> Option<String> {
    Some(match upload {
        Upload::None => return None,
        Upload::Requested => words.file_wanted.to_owned(),
        Upload::Sending => words.file_sending.to_owned(),
        Upload::Arrived => words.file_arrived.to_owned(),
        Upload::Failed => words.file_failed.to_owned(),
        Upload::Refused(refusal) => refused(words, refusal),
    })
}

fn refused(words: &Words, refusal: &FileRefusal) -> String {
    match refusal {
        FileRefusal::TooLarge { most: Some(most) } => fill(words.file_too_large, &words.size(*most)),
        FileRefusal::TooLarge { most: None } | FileRefusal::TooMany => words.file_too_many.to_owned(),
        FileRefusal::Kind { taken: Some(taken) } => fill(words.file_kinds, taken),
        FileRefusal::Kind { taken: None } => words.file_kind.to_owned(),
        FileRefusal::NeedsAgent => words.file_needs_agent.to_owned(),
    }
}

/// What is to be said about files when this changes.
pub(super) fn said(words: &Words, view: &View) -> String {
    let upload = sentence(words, &view.files.upload).unwrap_or_default();
    let download = match &view.files.download {
        Download::Failed(_) => words.file_not_fetched,
        Download::None | Download::Fetching(_) => "",
    };
    if upload.is_empty() { download.to_owned() } else { upload }
}
