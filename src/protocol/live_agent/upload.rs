//! Files that an agent asked for (§5.11). The visitor cannot start one.

use std::time::Duration;

use super::LiveAgent;
use crate::model::FileId;
use crate::model::json::Value;
use crate::model::keep::keep_fields;
use crate::protocol::http::{Content, Method, percent_encoded};
use crate::protocol::reading::text;
use crate::protocol::{Progress, ProtocolError, Request, Response};

/// The agent's leave for one upload.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) url: String,
    token: String,
}

keep_fields!(Grant { url, token });

impl std::fmt::Debug for Grant {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Grant")
    }
}

impl Grant {
    /// Reads a request for a file; one that does not say where is none.
    pub(super) fn read(body: &Value) -> Option<Self> {
        Some(Self { url: text(body, "uploadServletUrl")?.to_owned(), token: text(body, "fileToken")?.to_owned() })
    }
}

impl LiveAgent {
    pub(super) fn begin_upload(&mut self, file: FileId) -> Option<Request> {
        let session = self.credentials.as_ref()?;
        let Grant { url, token } = self.grant.as_ref()?;
        let fields = vec![
            ("orgId", self.config.organization_id.clone()),
            ("chatKey", session.id.clone()),
            ("fileToken", token.clone()),
            ("encoding", "UTF-8".to_owned()),
        ];
        let query: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
        Some(Request {
            method: Method::Post,
            url: format!("{url}{}{}", if url.contains('?') { '&' } else { '?' }, query.join("&")),
            headers: Vec::new(),
            content: Content::File { file, part: "file", fields },
            deadline: UPLOAD_DEADLINE,
        })
    }

    /// One upload per request: the leave is used up once the file arrived.
    pub(super) fn receive_upload(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        let has_arrived = (200..=299).contains(&response.status) && !response.body.contains("Failure");
        if !has_arrived {
            return Err(ProtocolError::Refused { noun: "upload", status: response.status });
        }
        self.grant = None;
        Ok(Progress::default())
    }
}

/// Two megabytes over a bad line.
const UPLOAD_DEADLINE: Duration = Duration::from_secs(120);
