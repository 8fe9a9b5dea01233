//! How requests look: address and body of every operation, in both variants (§2.2, §3.2).

use std::time::Duration;

use super::Genesys;
use super::config::Variant;
use super::guess::{FILE_DEADLINE, MOST_PREVIEW, POLL_DEADLINE, POST_DEADLINE};
use super::identity::Identity;
use crate::model::FileId;
use crate::model::json::{Value, object};
use crate::protocol::http::{Content, Method, Request, percent_encoded};

/// What can be asked about a chat that is there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operation<'a> {
    /// Events from this position on (§2.5, §3.7).
    News(u64),
    /// The visitor says something (§2.4, §3.6).
    Say(&'a str),
    /// The visitor types; what, where that is shown (§2.4, §3.8).
    TypingStarted(Option<&'a str>),
    /// The visitor stopped.
    TypingStopped,
    /// Something for the agent's page or for the backend (§3.8).
    Notice {
        /// What it is for (§3.9).
        purpose: &'a str,
        /// Its words, where it has any.
        text: Option<&'a str>,
    },
    /// The agent is shown an address (§3.8).
    PushUrl(&'a str),
    /// The visitor is called otherwise (§3.8).
    Rename(&'a str),
    /// The visitor has read the events before this position (§3.8).
    Read(u64),
    /// What files may be sent (§3.12).
    FileLimits,
    /// A file (§3.12).
    Upload(FileId),
    /// The content of a file (§3.12).
    Download(&'a str),
    /// The visitor takes a file of theirs back (§3.12).
    Delete(&'a str),
    /// The visitor leaves (§2.4, §3.8).
    Leave,
}

impl Genesys {
    /// The next poll; `None` without a chat.
    pub(super) fn poll_request(&self) -> Option<Request> {
        self.request(&Operation::News(self.position))
    }

    /// The request for an operation; `None` without a chat, or where this variant has no such operation (§2.8).
    pub(super) fn request(&self, operation: &Operation<'_>) -> Option<Request> {
        let identity = self.identity.as_ref()?;
        let deadline = match operation {
            Operation::News(_) => POLL_DEADLINE,
            Operation::Upload(_) | Operation::Download(_) => FILE_DEADLINE,
            _ => POST_DEADLINE,
        };
        let (path, content) = match &self.config.variant {
            Variant::WebApi { tenant } => web_api(tenant, identity, operation)?,
            Variant::Gms => gms(identity, operation),
        };
        Some(self.post(&format!("/{}{path}", identity.segment()), content, deadline))
    }

    /// `POST`, as everything is (§2.2, §3.1), without headers of our own (§2.1, §3.1): a form is then sent without asking
    /// for leave first (§3.13).
    pub(super) fn post(&self, path: &str, content: Content, deadline: Duration) -> Request {
        let url = format!("{}{path}", self.config.base);
        Request { method: Method::Post, url, headers: Vec::new(), content, deadline }
    }
}

/// One resource with the operation's name in the body, and one for news (§2.2). The key stands in no address.
fn web_api(tenant: &str, identity: &Identity, operation: &Operation<'_>) -> Option<(String, Content)> {
    let named = |name: &str| object! { "tenantId": tenant, "operationName": name };
    let (path, body) = match operation {
        Operation::News(position) => ("/messages", object! { "tenantId": tenant, "transcriptPosition": *position }),
        Operation::Say(text) => ("", object! { "tenantId": tenant, "operationName": "SendMessage", "text": *text }),
        Operation::TypingStarted(_) => ("", named("SendStartTypingNotification")),
        Operation::TypingStopped => ("", named("SendStopTypingNotification")),
        Operation::Leave => ("", named("Complete")),
        Operation::Notice { .. }
        | Operation::PushUrl(_)
        | Operation::Rename(_)
        | Operation::Read(_)
        | Operation::FileLimits
        | Operation::Upload(_)
        | Operation::Download(_)
        | Operation::Delete(_) => return None,
    };
    let mut fields = if let Value::Object(fields) = body { fields } else { Vec::new() };
    fields.extend(identity_fields(identity).map(|(name, value)| (name.to_owned(), Value::from(value))));
    Some((path.to_owned(), Content::Json(Value::Object(fields).text())))
}

/// One resource for each operation (§3.2).
fn gms(identity: &Identity, operation: &Operation<'_>) -> (String, Content) {
    let mut fields: Vec<(&'static str, String)> =
        identity_fields(identity).map(|(name, value)| (name, value.to_owned())).collect();
    let path = match operation {
        Operation::News(position) => {
            fields.push(("transcriptPosition", position.to_string()));
            "/refresh"
        }
        // Without a position: what it would bring belongs to the polls (§3.6).
        Operation::Say(text) => {
            fields.push(("message", (*text).to_owned()));
            "/send"
        }
        Operation::TypingStarted(preview) => {
            fields.extend(preview.map(|preview| ("message", preview.chars().take(MOST_PREVIEW).collect())));
            "/startTyping"
        }
        Operation::TypingStopped => "/stopTyping",
        Operation::Notice { purpose, text } => {
            fields.extend(text.map(|text| ("message", text.to_owned())));
            fields.push(("eventAttributes", object! { "purpose": *purpose }.text()));
            "/customNotice"
        }
        Operation::PushUrl(url) => {
            fields.push(("pushUrl", (*url).to_owned()));
            "/pushUrl"
        }
        Operation::Rename(name) => {
            fields.push(("nickname", (*name).to_owned()));
            "/updateNickname"
        }
        Operation::Read(position) => {
            fields.push(("transcriptPosition", position.to_string()));
            "/readReceipt"
        }
        Operation::FileLimits => "/file/limits",
        Operation::Upload(file) => return ("/file".to_owned(), Content::File { file: *file, part: "file", fields }),
        Operation::Download(key) => &format!("/file/{}/download", percent_encoded(key)),
        Operation::Delete(key) => &format!("/file/{}/delete", percent_encoded(key)),
        Operation::Leave => "/disconnect",
    };
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
    (path.to_owned(), Content::Form(fields.collect()))
}

/// What names the visitor in every request, as far as the backend gave it (§2.4, §3.2).
fn identity_fields(identity: &Identity) -> impl Iterator<Item = (&'static str, &String)> {
    let given = [
        ("userId", identity.user_id.as_ref()),
        ("secureKey", Some(&identity.secure_key)),
        ("alias", identity.alias.as_ref()),
    ];
    given.into_iter().filter_map(|(name, value)| Some((name, value?)))
}
