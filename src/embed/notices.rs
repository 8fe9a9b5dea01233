//! What the page is told: events by name, with plain objects. Nothing here decides anything.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise, Reflect};
use serde::{Serialize, Serializer as _};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

use crate::browser;
use crate::protocol::Remedy;
use crate::session::{Connection, Notice, Panel, Stage, View};

use super::panel_name;

/// The page, as far as it listens.
#[derive(Clone)]
pub(super) struct Page(Rc<Function>);

impl Page {
    pub(super) fn new(notify: Function) -> Self {
        Self(Rc::new(notify))
    }

    /// Tells the page. What its own code throws is its own affair.
    fn tell(&self, kind: &str, detail: &JsValue) -> JsValue {
        self.0.call2(&JsValue::UNDEFINED, &kind.into(), detail).unwrap_or_default()
    }

    /// Asks the page; it may object.
    pub(super) fn permits(&self, request: &str) -> bool {
        self.tell(request, &JsValue::UNDEFINED).as_bool().unwrap_or(true)
    }

    /// Says what is wrong, on the console and as an event.
    pub(super) fn complain(&self, message: &str) {
        web_sys::console::warn_1(&format!("holdfast-chat: {message}").into());
        self.tell("error", &detail(&[("message", Field::Text(message))]));
    }
}

/// Hears a session for the page and the screen.
pub(super) struct Audience<S> {
    page: Page,
    /// The element, whose property `credentials` says who the visitor is.
    host: Option<Element>,
    show: S,
    shown: RefCell<Option<(Panel, u32, &'static str)>>,
}

impl<S: Fn(View)> Audience<S> {
    pub(super) const fn new(page: Page, host: Option<Element>, show: S) -> Self {
        Self { page, host, show, shown: RefCell::new(None) }
    }
}

impl<S: Fn(View)> browser::Audience for Audience<S> {
    fn show(&self, view: View) {
        let now = (view.panel, view.unread, stage_name(&view.stage));
        let before = self.shown.replace(Some(now));
        (self.show)(view);
        let differs = |part: fn((Panel, u32, &'static str)) -> JsValue| {
            let value = part(now);
            (before.map(part).as_ref() != Some(&value)).then_some(value)
        };
        for (kind, value) in [
            ("state", differs(|(_, _, stage)| stage.into())),
            ("unread", differs(|(_, unread, _)| unread.into())),
            ("panel", differs(|(panel, _, _)| panel_name(panel).into())),
        ] {
            if let Some(value) = value {
                self.page.tell(kind, &value);
            }
        }
    }

    /// What the page throws is a promise that is broken.
    fn ask_credentials(&self, again: bool) -> Option<Promise> {
        let host = self.host.as_ref()?;
        let source: Function = Reflect::get(host, &"credentials".into()).ok()?.dyn_into().ok()?;
        let answer = source.call1(host, &again.into());
        Some(answer.map_or_else(|error| Promise::reject(&error), |value| Promise::resolve(&value)))
    }

    fn hear(&self, notice: Notice) {
        match notice {
            Notice::SessionStarted => self.page.tell("session-started", &JsValue::UNDEFINED),
            Notice::AgentJoined { name } => self.page.tell("agent-joined", &detail(&[("name", Field::from(&name))])),
            Notice::MessageSent { message, text, .. } => self
                .page
                .tell("message-sent", &detail(&[("id", Field::Number(message.0)), ("text", Field::Text(&text))])),
            Notice::MessageReceived { message, name, text } => self.page.tell(
                "message-received",
                &detail(&[
                    ("id", Field::Number(message.0)),
                    ("name", Field::from(&name)),
                    ("text", Field::Text(&text)),
                ]),
            ),
            Notice::ConnectionChanged(connection) => {
                let connection = connection_name(connection);
                self.page.tell("connection-changed", &detail(&[("connection", Field::Text(connection))]))
            }
            Notice::SessionEnded { reason } => {
                self.page.tell("session-ended", &detail(&[("reason", Field::Text(reason.name()))]))
            }
            Notice::Custom { kind, data } => {
                self.page.tell("custom", &detail(&[("type", Field::Text(&kind)), ("data", Field::Text(&data))]))
            }
            Notice::Unheard { kind, why } => {
                self.page.complain(&format!("the event {kind} was given up: {why}"));
                JsValue::UNDEFINED
            }
            Notice::Trouble(error) => {
                match error.remedy() {
                    // Nobody needs to do anything about it.
                    Remedy::Retry { .. } | Remedy::Wait | Remedy::Resume => note(&error.to_string()),
                    Remedy::Park(_) | Remedy::End(_) => self.page.complain(&error.to_string()),
                }
                JsValue::UNDEFINED
            }
            Notice::Ignored { kind } => {
                note(&format!("ignored a message of type {kind}"));
                JsValue::UNDEFINED
            }
        };
    }
}

/// Says something to whoever looks for the cause of something.
fn note(message: &str) {
    web_sys::console::debug_1(&format!("holdfast-chat: {message}").into());
}

/// Plain data for the page, field by field; a field that is not known is left out.
fn detail(fields: &[(&str, Field<'_>)]) -> JsValue {
    let known = fields.iter().filter(|(_, field)| !matches!(field, Field::Unknown));
    Serializer::json_compatible().collect_map(known.map(|(name, field)| (name, field))).unwrap_or_default()
}

/// One field of what an event tells.
enum Field<'a> {
    Unknown,
    Number(u64),
    Text(&'a str),
}

impl<'a> From<&'a Option<String>> for Field<'a> {
    fn from(text: &'a Option<String>) -> Self {
        text.as_deref().map_or(Self::Unknown, Self::Text)
    }
}

impl Serialize for Field<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unknown => serializer.serialize_unit(),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// The element's `state`.
const fn stage_name(stage: &Stage) -> &'static str {
    match stage {
        Stage::Idle => "idle",
        Stage::Form => "form",
        Stage::Opening { .. } => "opening",
        Stage::Queued { .. } => "queued",
        Stage::Talking { .. } => "talking",
        Stage::Closing => "closing",
        Stage::Ended { .. } => "ended",
    }
}

const fn connection_name(connection: Connection) -> &'static str {
    match connection {
        Connection::Steady => "steady",
        Connection::Resuming => "resuming",
        Connection::Retrying => "retrying",
        Connection::Offline => "offline",
    }
}
