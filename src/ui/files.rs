//! Sending a file, where the agent asked for one.

use leptos::html;
use leptos::prelude::*;

use crate::session::Upload;

use super::Intent;
use super::desk::Desk;

/// What the agent wants of the visitor's files; nothing most of the time.
pub(super) fn files(desk: Desk) -> AnyView {
    let words = desk.words;
    let upload = Memo::new(move |_| desk.view.with(|view| view.upload));
    let shown = move || {
        let (sentence, picker) = match upload.get() {
            Upload::None => return None,
            Upload::Requested => (words.file_wanted, Some(picker(desk))),
            Upload::Sending => (words.file_sending, None),
            Upload::Arrived => (words.file_arrived, None),
            Upload::Failed => (words.file_failed, Some(picker(desk))),
        };
        Some(html::div().class("upload").child((html::p().child(sentence), picker)))
    };
    shown.into_any()
}

/// A file field that looks like a button: the field itself stays for the keyboard and for screen readers.
fn picker(desk: Desk) -> AnyView {
    let field = NodeRef::<html::Input>::new();
    let pick = move |_| {
        let file = field.get_untracked().and_then(|field| field.files()?.get(0));
        if let Some(file) = file {
            desk.intend(Intent::Upload(file));
        }
    };
    html::label()
        .class("button primary picker")
        .child((
            html::input().node_ref(field).r#type("file").class("unseen").on(leptos::ev::change, pick),
            desk.words.file_choose,
        ))
        .into_any()
}
