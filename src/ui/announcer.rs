//! Says what is new to who cannot see it: one polite sentence for each agent message and each change of state. The log
//! itself is never read out again.

use std::sync::Arc;

use crate::model::{Author, Body, Form, Message, MessageId, Purpose, Speech};
use crate::session::{Connection, Panel, PendingState, Stage, View};

use super::common::tag::Tag;
use super::desk::Desk;
use super::files::said as said_files;
use super::form::title;
use super::header::status;
use super::words::fill;

/// A live region that only assistive technology meets.
pub(super) fn announcer(desk: Desk) -> Tag {
    let region = Tag::new("div", "unseen").set("role", "status");
    let element = region.element();
    let mut heard: Option<Heard> = None;
    region.effect(move || {
        desk.see(|view| {
            let now = Heard::of(desk, view);
            let news = heard.as_ref().map(|heard| news(desk, view, heard, &now)).unwrap_or_default();
            if !news.is_empty() {
                // Words that equal the last ones would not be heard: they get a silent difference.
                let is_same = element.text_content().is_some_and(|said| said == news);
                element.set_text_content(Some(&if is_same { news + "\u{a0}" } else { news }));
            }
            heard = Some(now);
        });
    })
}

/// What has been said already.
#[derive(PartialEq)]
struct Heard {
    last: Option<MessageId>,
    edition: u64,
    status: String,
    connection: Connection,
    failures: usize,
    is_warned: bool,
    files: String,
    form: Option<Arc<Form>>,
}

impl Heard {
    fn of(desk: Desk, view: &View) -> Self {
        let failures = view.outbox.iter().filter(|pending| matches!(pending.state, PendingState::NotSent(_)));
        Self {
            last: view.transcript.iter().next_back().map(|line| line.id),
            edition: view.transcript.edition(),
            status: said_status(desk, view),
            connection: settled(view.connection),
            failures: failures.count(),
            is_warned: view.idle_end.is_some(),
            files: said_files(desk.words, view),
            form: view.form.as_ref().map(|inquiry| Arc::clone(&inquiry.form)).filter(|form| is_beside(form)),
        }
    }
}

fn news(desk: Desk, view: &View, heard: &Heard, now: &Heard) -> String {
    let words = desk.words;
    let mut sentences: Vec<String> = view
        .transcript
        .iter()
        .rev()
        .take_while(|line| Some(line.id) > heard.last)
        .filter_map(|line| match &line.body {
            Body::Visitor { .. } | Body::Withdrawn { .. } | Body::File { author: Author::Visitor, .. } => None,
            Body::Agent(Speech { name, text, .. }) => Some(said(desk, view.panel, name.as_deref(), text)),
            Body::File { author: Author::Agent { name }, file } => {
                Some(said(desk, view.panel, name.as_deref(), &fill(words.file_named, &file.name)))
            }
            Body::Event(happening) => Some(words.happening(happening)),
        })
        .collect();
    sentences.reverse();
    if now.edition > heard.edition && view.panel == Panel::Open {
        sentences.extend(
            view.transcript.revised().filter(|line| Some(line.id) <= heard.last).and_then(|line| revised(desk, line)),
        );
    }
    if now.status != heard.status {
        sentences.push(now.status.clone());
    }
    if now.connection != heard.connection {
        sentences.push(connection(desk, now.connection).to_owned());
    }
    if now.failures > heard.failures {
        sentences.push(words.not_sent.to_owned());
    }
    if now.files != heard.files && !now.files.is_empty() {
        sentences.push(now.files.clone());
    }
    if let Some(form) = now.form.as_ref().filter(|_| now.form != heard.form) {
        sentences.push(title(desk, form));
    }
    if let (false, Some(at)) = (heard.is_warned, view.idle_end) {
        sentences.push(fill(words.still_there, &desk.hours(|hours| hours.hour(at))));
    }
    sentences.join(". ")
}

/// What an agent said, where it can be seen; that they did, where it cannot.
fn said(desk: Desk, panel: Panel, name: Option<&str>, text: &str) -> String {
    let name = name.unwrap_or(desk.words.agent);
    match panel {
        Panel::Open => fill(desk.words.says, name) + text,
        Panel::Shut => fill(desk.words.new_message_from, name),
    }
}

/// What became of what an agent said before.
fn revised(desk: Desk, line: &Message) -> Option<String> {
    let by = |name: &Option<Arc<str>>, sentence| fill(sentence, name.as_deref().unwrap_or(desk.words.agent));
    match &line.body {
        Body::Agent(Speech { name, text, .. }) => Some(by(name, desk.words.edits) + text),
        Body::Withdrawn { name } => Some(by(name, desk.words.withdraws)),
        Body::Visitor { .. } | Body::File { .. } | Body::Event(_) => None,
    }
}

/// The state as it is said: an end with its reason, a conversation not at all, because its events say it.
fn said_status(desk: Desk, view: &View) -> String {
    match view.stage {
        Stage::Idle | Stage::Form | Stage::Talking { .. } => String::new(),
        Stage::Ended { reason } => desk.words.end(reason).to_owned(),
        _ => status(desk, view),
    }
}

/// Whether a form comes while the visitor is elsewhere; the others get the focus.
const fn is_beside(form: &Form) -> bool {
    matches!(form.purpose, Purpose::Within | Purpose::After)
}

/// A handover is over in a moment, mostly: it is no interruption worth a word.
const fn settled(connection: Connection) -> Connection {
    match connection {
        Connection::Steady | Connection::Resuming => Connection::Steady,
        Connection::Retrying => Connection::Retrying,
        Connection::Offline => Connection::Offline,
    }
}

const fn connection(desk: Desk, connection: Connection) -> &'static str {
    match connection {
        Connection::Steady => desk.words.back_online,
        Connection::Resuming => desk.words.resuming,
        Connection::Retrying => desk.words.retrying,
        Connection::Offline => desk.words.offline,
    }
}
