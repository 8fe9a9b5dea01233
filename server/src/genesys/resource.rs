//! Which operation of which variant a request asks for, read from its path and, where the path does not say, its body.

use serde_json::Value;

use crate::url;

/// One of the two interfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// The Web API Server's (v1).
    WebApi,
    /// The Mobile Services' (v2).
    Mobile,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A chat begins.
    Start,
    /// News.
    Poll,
    /// The visitor says something.
    Send,
    /// The visitor types.
    StartTyping,
    /// The visitor no longer types.
    StopTyping,
    /// The visitor leaves.
    Leave,
    /// The state of a chat.
    Show,
    /// The visitor shows the agent a page.
    PushUrl,
    /// The visitor goes by another name.
    Rename,
    /// The visitor's page sends something of its own.
    Notice,
    /// Data is attached.
    UpdateData,
    /// The visitor has read so far.
    Read,
    /// What may be done with files.
    FileLimits,
    /// A file comes.
    Upload,
    /// A file goes.
    Download,
    /// A file is withdrawn.
    DeleteFile,
}

/// A request's place in the façade.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Whose it is.
    pub variant: Variant,
    /// What is asked for; none is a path or a name that means nothing.
    pub operation: Option<Operation>,
    /// The service of v2.
    pub service: String,
    /// The chat's name.
    pub chat: Option<String>,
    /// The file's name.
    pub file: Option<String>,
}

impl Resource {
    /// Reads a path, and a body where the path leaves the operation open; `None` when it is for somebody else.
    pub fn of(path: &str, body: &[u8]) -> Option<Self> {
        if let Some(tail) = path.strip_prefix(WEB_API) {
            return Some(Self::web_api(tail.trim_matches('/'), body));
        }
        Some(Self::mobile(path.strip_prefix(MOBILE)?))
    }

    /// The protocol's own name of the operation, by which faults, verdicts and records know it.
    pub fn noun(&self) -> &'static str {
        let names = NAMES.iter().find(|(operation, _, _)| Some(*operation) == self.operation);
        let name = names.and_then(|(_, web_api, mobile)| match self.variant {
            Variant::WebApi => *web_api,
            Variant::Mobile => Some(*mobile),
        });
        name.unwrap_or("unknown")
    }

    fn web_api(tail: &str, body: &[u8]) -> Self {
        let (chat, rest) = tail.split_once('/').unwrap_or((tail, ""));
        let operation = match (chat, rest) {
            ("", "") => Some(Operation::Start),
            (_, "messages") => Some(Operation::Poll),
            (_, "") if body.is_empty() => Some(Operation::Show),
            (_, "") => named(body),
            _ => None,
        };
        let chat = (!chat.is_empty()).then(|| url::decode(chat));
        Self { variant: Variant::WebApi, operation, service: String::new(), chat, file: None }
    }

    fn mobile(tail: &str) -> Self {
        let mut parts = tail.splitn(3, '/');
        let service = url::decode(parts.next().unwrap_or_default());
        let chat = parts.next().filter(|chat| !chat.is_empty()).map(url::decode);
        let rest = parts.next().unwrap_or_default();
        let (operation, file) = match (&chat, rest.split('/').collect::<Vec<_>>().as_slice()) {
            (None, [""]) => (Some(Operation::Start), None),
            (Some(_), ["file", "limits"]) => (Some(Operation::FileLimits), None),
            (Some(_), ["file"]) => (Some(Operation::Upload), None),
            (Some(_), ["file", file, "download"]) => (Some(Operation::Download), Some(url::decode(file))),
            (Some(_), ["file", file, "delete"]) => (Some(Operation::DeleteFile), Some(url::decode(file))),
            (Some(_), [name]) => {
                (NAMES.iter().find(|names| names.2 == *name && is_plain(names.0)).map(|it| it.0), None)
            }
            _ => (None, None),
        };
        Self { variant: Variant::Mobile, operation, service, chat, file }
    }
}

/// The operation that a body names.
fn named(body: &[u8]) -> Option<Operation> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let name = body.get("operationName")?.as_str()?;
    let found = NAMES.iter().find(|(operation, web_api, _)| is_named(*operation) && *web_api == Some(name))?;
    Some(found.0)
}

/// Whether v1 tells an operation by a name in the body.
fn is_named(operation: Operation) -> bool {
    !matches!(operation, Operation::Start | Operation::Poll | Operation::Show)
}

/// Whether v2 tells an operation by one word behind the chat's name.
fn is_plain(operation: Operation) -> bool {
    use Operation::{DeleteFile, Download, FileLimits, Show, Start, Upload};
    !matches!(operation, Start | Show | FileLimits | Upload | Download | DeleteFile)
}

/// Where the chats of the Web API Server lie.
pub const WEB_API: &str = "/eservices/api/v2/chats";
/// Where the services of the Mobile Services lie.
const MOBILE: &str = "/genesys/2/chat/";

/// Each operation in v1, where it has it, and in v2.
const NAMES: [(Operation, Option<&str>, &str); 16] = [
    (Operation::Start, Some("RequestChat"), "requestChat"),
    (Operation::Poll, Some("GetMessages"), "refresh"),
    (Operation::Send, Some("SendMessage"), "send"),
    (Operation::StartTyping, Some("SendStartTypingNotification"), "startTyping"),
    (Operation::StopTyping, Some("SendStopTypingNotification"), "stopTyping"),
    (Operation::Leave, Some("Complete"), "disconnect"),
    (Operation::Show, Some("GetChat"), "getChat"),
    (Operation::PushUrl, None, "pushUrl"),
    (Operation::Rename, None, "updateNickname"),
    (Operation::Notice, None, "customNotice"),
    (Operation::UpdateData, None, "updateData"),
    (Operation::Read, None, "readReceipt"),
    (Operation::FileLimits, None, "fileLimits"),
    (Operation::Upload, None, "fileUpload"),
    (Operation::Download, None, "fileDownload"),
    (Operation::DeleteFile, None, "fileDelete"),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test may fail loudly")]
    use super::*;

    fn noun(path: &str, body: &str) -> &'static str {
        Resource::of(path, body.as_bytes()).expect("a path of this façade").noun()
    }

    #[test]
    fn paths_of_the_mobile_services_name_their_operation() {
        let base = "/genesys/2/chat/customer-support";
        assert_eq!([noun(base, ""), noun(&format!("{base}/"), "")], ["requestChat"; 2]);
        let tails = ["send", "refresh", "file/limits", "file", "file/7/download", "file/7/delete", "fileUpload", "a/b"];
        let nouns = tails.map(|tail| noun(&format!("{base}/0001/{tail}"), ""));
        let last = ["fileLimits", "fileUpload", "fileDownload", "fileDelete", "unknown", "unknown"];
        assert_eq!((&nouns[..2], &nouns[2..]), (&["send", "refresh"][..], &last[..]));
    }

    #[test]
    fn bodies_of_the_web_api_server_name_their_operation() {
        let chat = format!("{WEB_API}/0001");
        assert_eq!([noun(WEB_API, ""), noun(&format!("{WEB_API}/"), "{}")], ["RequestChat"; 2]);
        assert_eq!([noun(&chat, ""), noun(&format!("{chat}/messages"), "{}")], ["GetChat", "GetMessages"]);
        assert_eq!(noun(&chat, r#"{"operationName":"SendMessage"}"#), "SendMessage");
        assert_eq!([noun(&chat, r#"{"operationName":"GetMessages"}"#), noun(&chat, "{}")], ["unknown"; 2]);
    }
}
