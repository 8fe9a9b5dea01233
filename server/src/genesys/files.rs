//! Files of a session: what may be sent, what was, and how often each may be fetched.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::genesys::fields::Upload;
use crate::genesys::party::{Parties, Role};
use crate::genesys::reply::Complaint;
use crate::genesys::switches::FileLimits;

/// The files of a session.
#[derive(Debug, Default)]
pub struct Store {
    files: BTreeMap<String, Stored>,
    used: usize,
    used_bytes: usize,
    fetched: u32,
}

/// One file.
#[derive(Debug)]
struct Stored {
    name: String,
    kind: String,
    bytes: Bytes,
    owner: Role,
    fetched: u32,
}

impl Store {
    /// Checks a visitor's file against the limits.
    pub fn check(&self, file: &Upload, limits: &FileLimits, parties: &Parties) -> Result<(), Complaint> {
        if limits.need_agent && !parties.has_agent() {
            return Err((249, Some("no agent is there".to_owned())));
        }
        if self.used >= limits.max_files {
            return Err((201, Some(limits.max_files.to_string())));
        }
        if file.bytes.len() > limits.max_file_size {
            return Err((202, Some(limits.max_file_size.to_string())));
        }
        if self.used_bytes + file.bytes.len() > limits.max_total_size {
            return Err((202, Some(limits.max_total_size.to_string())));
        }
        let ending = file.name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
        if limits.types.split(':').any(|kind| kind.eq_ignore_ascii_case(&ending)) { Ok(()) } else { Err((203, None)) }
    }

    /// Keeps a file and gives what an event tells of it.
    pub fn keep(&mut self, name: &str, kind: &str, bytes: Bytes, owner: Role) -> Value {
        let id = Uuid::new_v4().simple().to_string();
        if owner == Role::Client {
            self.used += 1;
            self.used_bytes += bytes.len();
        }
        let data = json!({"file-id": id, "file-name": name, "file-size": bytes.len().to_string()});
        self.files.insert(id, Stored { name: name.to_owned(), kind: kind.to_owned(), bytes, owner, fetched: 0 });
        data
    }

    /// A file's type and content; `None` when there is none of that name.
    pub fn fetch(&mut self, id: &str, limits: &FileLimits) -> Option<Result<(String, Bytes), Complaint>> {
        let file = self.files.get_mut(id)?;
        if file.owner != Role::Client {
            if file.fetched >= limits.download_attempts {
                return Some(Err((249, Some("no attempt is left".to_owned()))));
            }
            file.fetched += 1;
            self.fetched += 1;
        }
        Some(Ok((file.kind.clone(), file.bytes.clone())))
    }

    /// Withdraws a visitor's file, and gives its name.
    pub fn delete(&mut self, id: &str, limits: &FileLimits) -> Option<String> {
        self.files.get(id).filter(|file| file.owner == Role::Client)?;
        let file = self.files.remove(id)?;
        if limits.delete_frees {
            self.used -= 1;
            self.used_bytes -= file.bytes.len();
        }
        Some(file.name)
    }

    /// The limits and what is used up of them; everything is text.
    pub fn limits(&self, limits: &FileLimits) -> Value {
        json!({
            "upload-max-files": limits.max_files.to_string(),
            "upload-max-file-size": limits.max_file_size.to_string(),
            "upload-max-total-size": limits.max_total_size.to_string(),
            "upload-file-types": limits.types,
            "upload-need-agent": limits.need_agent.to_string(),
            "used-upload-max-files": self.used.to_string(),
            "used-upload-max-total-size": self.used_bytes.to_string(),
            "download-attempts": limits.download_attempts.to_string(),
            "used-download-attempts": self.fetched.to_string(),
            "delete-file": "odd",
        })
    }

    /// What the record shows.
    pub fn report(&self) -> Value {
        let line = |(id, file): (&String, &Stored)| json!({"id": id, "name": file.name, "size": file.bytes.len()});
        self.files.iter().map(line).collect()
    }
}
