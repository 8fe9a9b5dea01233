//! Files (§7): kept in the homeserver's media store, and told of by a message. Fetching one takes the visitor's token.

use std::sync::Arc;
use std::time::Duration;

use super::Matrix;
use super::failure::read;
use super::guess::{MARK, MOST_FILES};
use super::wire::messages_path;
use crate::model::json::{Value, object};
use crate::model::keep::{keep_fields, keep_inner};
use crate::model::{Author, FileId, FileRefusal, SharedFile, Speech};
use crate::protocol::http::{Content, Method, percent_encoded};
use crate::protocol::reading::{integer, text};
use crate::protocol::{Progress, ProtocolError, Request, Response, Update, UploadFact};

/// A file of the visitor's that is on its way; `size` is in bytes.
#[derive(Clone, Debug)]
pub(super) struct Picked {
    /// Counts those of this conversation: handles begin anew with each page.
    number: u64,
    name: String,
    size: u64,
}

keep_fields!(Picked { number, name, size });

/// The keys of the latest files.
#[derive(Clone, Debug, Default)]
pub(super) struct Files(Vec<String>);

keep_inner!(Files);

impl Files {
    /// Takes note of a file that an event tells of, and returns its key: what the event is called, and where the file is.
    fn note(&mut self, event: &str, address: &str) -> Arc<str> {
        let key = format!("{event} {address}");
        if self.0.len() >= MOST_FILES {
            self.0.remove(0);
        }
        self.0.push(key.clone());
        key.into()
    }

    /// The file that an event told of.
    pub(super) fn of_event(&self, event: &str) -> Option<Arc<str>> {
        let is_meant = |key: &&String| key.split_once(' ').is_some_and(|(told, _)| told == event);
        self.0.iter().find(is_meant).map(|key| Arc::from(&**key))
    }
}

impl Matrix {
    pub(super) fn begin_upload(&mut self, file: FileId, name: &str, size: u64) -> Option<Request> {
        self.member()?;
        self.chat.room.as_ref()?;
        self.chat.uploads = self.chat.uploads.saturating_add(1);
        self.chat.picked = Some(Picked { number: self.chat.uploads, name: name.to_owned(), size });
        let url = format!("{}?filename={}", self.config.media("/media/v3/upload"), percent_encoded(name));
        let request = self.signed(Method::Post, url, Content::Bytes { file });
        Some(Request { deadline: TRANSFER, ..request })
    }

    /// Takes over where the file is, and tells the room of it; or takes over what became of that.
    pub(super) fn receive_upload(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        let picked = self.chat.picked.take();
        let body = match read(response) {
            Ok(body) => body,
            Err(failure) if failure.code == "M_TOO_LARGE" => {
                let refusal = UploadFact::Refused(FileRefusal::TooLarge { most: None });
                return Ok(Progress::done(vec![Update::Upload(refusal)]));
            }
            Err(failure) => return Err(failure.error("a file")),
        };
        // The room was told.
        let Some(picked) = picked else { return Ok(Progress::default()) };
        let nowhere = ProtocolError::Unreadable { noun: "a file", detail: "no address" };
        let address = text(&body, "content_uri").ok_or(nowhere)?;
        let id = format!("{}-f{}", self.chat.name, picked.number);
        let (kind, mime) = kind_of(&picked.name);
        let mut fields = vec![
            ("msgtype".to_owned(), Value::from(kind)),
            ("body".to_owned(), Value::from(&picked.name)),
            ("filename".to_owned(), Value::from(&picked.name)),
            ("url".to_owned(), Value::from(address)),
        ];
        fields.push(("info".to_owned(), object! { "mimetype": mime, "size": picked.size }));
        fields.push((MARK.to_owned(), Value::String(id.clone())));
        Ok(match self.room_path(&messages_path(&id)) {
            Some(path) => Progress::going_on(Vec::new(), self.put(&path, &Value::Object(fields))),
            None => Progress::default(),
        })
    }

    pub(super) fn begin_download(&self, key: &str) -> Option<Request> {
        let (_, address) = key.split_once(' ')?;
        let (server, id) = address.strip_prefix("mxc://")?.split_once('/')?;
        let path = format!("/v1/media/download/{}/{}", percent_encoded(server), percent_encoded(id));
        Some(Request { deadline: TRANSFER, ..self.get(&path) })
    }

    /// Takes over a file's content, of which nothing is seen here.
    pub(super) fn receive_download(response: &Response) -> Result<Progress, ProtocolError> {
        match response.status {
            200 => Ok(Progress::default()),
            status => Err(ProtocolError::Refused { noun: "a file", status }),
        }
    }

    /// The file that a message tells of, with its caption; `None` where there is none that can be fetched.
    pub(super) fn file_in(&mut self, event: &Value, content: &Value, author: &Author) -> Option<Vec<Update>> {
        let is_file = matches!(text(content, "msgtype"), Some("m.file" | "m.image" | "m.audio" | "m.video"));
        let address = text(content, "url").filter(|address| is_file && is_media(address))?;
        let body = text(content, "body").unwrap_or_default();
        let name = text(content, "filename").unwrap_or(body);
        let size = content.get("info").and_then(|info| integer(info, "size")).and_then(|size| u64::try_from(size).ok());
        let key = self.chat.files.note(text(event, "event_id")?, address);
        let caption = Some(body).filter(|body| *body != name && !body.is_empty());
        let said = caption.map(|caption| match author {
            Author::Visitor => Update::Arrived { entry: None, text: caption.into() },
            Author::Agent { name } => Update::Said(Speech::plain(name.clone(), caption.into())),
        });
        let shared = Update::Shared { author: author.clone(), file: SharedFile { key, name: name.into(), size } };
        Some(std::iter::once(shared).chain(said).collect())
    }
}

/// What kind of message tells of a file, and what it is: pictures are shown at once by apps that are told so.
fn kind_of(name: &str) -> (&'static str, &'static str) {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    match &*ending {
        "png" => ("m.image", "image/png"),
        "jpg" | "jpeg" => ("m.image", "image/jpeg"),
        "gif" => ("m.image", "image/gif"),
        "webp" => ("m.image", "image/webp"),
        "pdf" => ("m.file", "application/pdf"),
        _ => ("m.file", "application/octet-stream"),
    }
}

/// Whether an address is one of the media store's: `mxc://server/id`, which a browser cannot take for anything else.
fn is_media(address: &str) -> bool {
    let is_segment = |text: &str| !matches!(text, "" | "." | "..") && !text.contains(['/', ' ']);
    let parts = address.strip_prefix("mxc://").and_then(|rest| rest.split_once('/'));
    parts.is_some_and(|(server, id)| is_segment(server) && is_segment(id))
}

/// A file takes its time.
const TRANSFER: Duration = Duration::from_secs(120);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_the_media_store_is_fetched() {
        assert!(is_media("mxc://s.example/AbC"));
        for address in [
            "mxc://",
            "mxc://s.example",
            "mxc:///x",
            "mxc://s/",
            "mxc://s/..",
            "mxc://s/a/b",
            "https://s/x",
            "mxc://s/a b",
        ] {
            assert!(!is_media(address), "{address}");
        }
    }

    #[test]
    fn the_oldest_files_are_forgotten() {
        let mut files = Files::default();
        for number in 0..MOST_FILES + 1 {
            files.note(&format!("${number}"), "mxc://s/x");
        }
        assert_eq!(files.of_event("$0"), None);
        assert_eq!(files.of_event("$1").as_deref(), Some("$1 mxc://s/x"));
    }
}
