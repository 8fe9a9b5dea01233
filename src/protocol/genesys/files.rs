//! Files, in v2 alone (§3.12): the limits are asked before each of the visitor's, because others may have used them up.

use super::Genesys;
use super::envelope::{Answer, Code};
use super::event::Event;
use super::verdict::{Asked, Verdict, verdict};
use super::wire::Operation;
use crate::model::json::Value;
use crate::model::keep::keep_fields;
use crate::model::{FileId, FileRefusal};
use crate::protocol::reading::items;
use crate::protocol::{Progress, ProtocolError, Request, Response, Update, UploadFact};

/// The file that the visitor picked, until the limits are known.
#[derive(Clone, Debug)]
pub(super) struct Picked {
    file: FileId,
    name: String,
    size: u64,
}

keep_fields!(Picked { file, name, size });

impl Genesys {
    pub(super) fn begin_upload(&mut self, file: FileId, name: &str, size: u64) -> Option<Request> {
        self.upload = Some(Picked { file, name: name.to_owned(), size });
        self.request(&Operation::FileLimits)
    }

    /// Takes over the limits, and sends the file within them; or takes over what became of it.
    pub(super) fn receive_upload(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        let picked = self.upload.take();
        let envelope = match Answer::read(response) {
            Answer::Envelope(envelope) => envelope,
            Answer::Failure(failure) => return refused(&failure.errors).ok_or_else(|| failure.of_post(response)),
        };
        self.recognise(&envelope);
        match verdict(envelope.code, envelope.flag, Asked::Aside) {
            Verdict::GoOn | Verdict::GoOnToTheEnd | Verdict::GoOnAndConfirm => {}
            Verdict::Again | Verdict::Confirm => return Err(super::unavailable(response)),
            Verdict::Fails | Verdict::FailsForGood | Verdict::Over => {
                return refused(&envelope.errors)
                    .ok_or(ProtocolError::Refused { noun: "upload", status: response.status });
            }
        }
        let Some(picked) = picked else { return Ok(Progress::default()) };
        let refusal = limits(&envelope.body).and_then(|limits| picked.is_beyond(limits, self.parties.has_agent()));
        match (refusal, self.request(&Operation::Upload(picked.file))) {
            (Some(refusal), _) => Ok(refusing(refusal)),
            (None, Some(request)) => Ok(Progress::going_on(Vec::new(), request)),
            (None, None) => Ok(Progress::default()),
        }
    }
}

impl Picked {
    /// Which of the limits it breaks. What the backend does not limit, or says in a way that is not understood, is left to
    /// the backend.
    fn is_beyond(&self, limits: Event<'_>, has_agent: bool) -> Option<FileRefusal> {
        let number = |name: &str| limits.data(name).and_then(|number| number.trim().parse::<u64>().ok());
        let used = |name: &str| number(name).unwrap_or_default();
        let is_over = |most: Option<u64>, is: u64| most.is_some_and(|most| is > most);

        let needs_agent = limits.data("upload-need-agent").is_some_and(|needs| needs.eq_ignore_ascii_case("true"));
        if needs_agent && !has_agent {
            return Some(FileRefusal::NeedsAgent);
        }
        let taken = limits.data("upload-file-types").unwrap_or_default();
        let kinds: Vec<&str> = taken.split(':').map(str::trim).filter(|kind| !kind.is_empty()).collect();
        let ending = self.name.rsplit_once('.').map_or("", |(_, ending)| ending);
        if !kinds.is_empty() && !kinds.iter().any(|kind| kind.eq_ignore_ascii_case(ending)) {
            return Some(FileRefusal::Kind { taken: Some(kinds.join(", ").into()) });
        }
        let most = number("upload-max-file-size");
        if is_over(most, self.size) {
            return Some(FileRefusal::TooLarge { most });
        }
        let files = used("used-upload-max-files").saturating_add(1);
        let bytes = used("used-upload-max-total-size").saturating_add(self.size);
        let is_too_many = is_over(number("upload-max-files"), files) || is_over(number("upload-max-total-size"), bytes);
        is_too_many.then_some(FileRefusal::TooMany)
    }
}

/// Takes over a file's content, of which nothing is seen here. Only what speaks of a failure is none.
pub(super) fn receive_download(response: &Response) -> Result<Progress, ProtocolError> {
    let is_file = match Answer::read(response) {
        Answer::Envelope(envelope) => envelope.code == Code::Success,
        Answer::Failure(failure) => (200..=299).contains(&failure.status),
    };
    if is_file {
        Ok(Progress::default())
    } else {
        Err(ProtocolError::Refused { noun: "download", status: response.status })
    }
}

/// The notice that holds the limits, wherever it stands.
fn limits(body: &Value) -> Option<Event<'_>> {
    items(body, "messages").iter().map(Event).find(|event| event.text() == Some(LIMITS))
}

/// The limit that an error code speaks of (§3.11).
fn refused(errors: &[i64]) -> Option<Progress> {
    errors.iter().find_map(|error| match error {
        201 | 202 => Some(refusing(FileRefusal::TooMany)),
        203 => Some(refusing(FileRefusal::Kind { taken: None })),
        _ => None,
    })
}

fn refusing(refusal: FileRefusal) -> Progress {
    Progress::done(vec![Update::Upload(UploadFact::Refused(refusal))])
}

/// What the notice says that holds the limits.
pub(super) const LIMITS: &str = "file-client-cfg-get";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_held_against_each_limit() {
        use FileRefusal::{Kind, NeedsAgent, TooLarge, TooMany};

        let kind = || Some(Kind { taken: Some("jpg, pdf".into()) });
        for (limits, refusal) in [
            (r#"{}"#, None),
            (r#"{"upload-max-file-size":"100"}"#, None),
            (r#"{"upload-max-file-size":"99"}"#, Some(TooLarge { most: Some(99) })),
            (r#"{"upload-max-file-size":"many"}"#, None),
            (r#"{"upload-max-files":"3","used-upload-max-files":"2"}"#, None),
            (r#"{"upload-max-files":"3","used-upload-max-files":"3"}"#, Some(TooMany)),
            (r#"{"upload-max-total-size":"500","used-upload-max-total-size":"400"}"#, None),
            (r#"{"upload-max-total-size":"500","used-upload-max-total-size":"401"}"#, Some(TooMany)),
            (r#"{"upload-file-types":"jpg:PDF"}"#, None),
            (r#"{"upload-file-types":"jpg:pdf","upload-max-file-size":"1"}"#, Some(TooLarge { most: Some(1) })),
            (r#"{"upload-need-agent":"true"}"#, Some(NeedsAgent)),
            (r#"{"upload-need-agent":"false"}"#, None),
        ] {
            assert_eq!(beyond("scan.pdf", limits, false), refusal, "{limits}");
        }
        for name in ["scan.exe", "scan", ".", "pdf", "scan.pdf.exe"] {
            assert_eq!(beyond(name, r#"{"upload-file-types":"jpg:pdf"}"#, false), kind(), "{name}");
        }
        assert_eq!(beyond("scan.pdf", r#"{"upload-need-agent":"true"}"#, true), None);
    }

    #[test]
    fn what_came_instead_of_a_file_is_no_file() {
        let answer = |status: u16, body: &str| {
            let response = Response { status, body: body.to_owned(), ..Response::default() };
            receive_download(&response).is_ok()
        };

        assert!(answer(200, ""));
        assert!(answer(200, r#"{"a":"file of JSON"}"#));
        assert!(!answer(200, r#"{"statusCode":2,"chatEnded":true,"errors":[{"code":249}]}"#));
        assert!(!answer(404, ""));
        assert!(!answer(500, "<html>"));
    }

    fn beyond(name: &str, limits: &str, has_agent: bool) -> Option<FileRefusal> {
        let notice = Value::parse(&format!(r#"{{"userData":{limits}}}"#)).expect("it is JSON");
        let picked = Picked { file: FileId(1), name: name.to_owned(), size: 100 };
        picked.is_beyond(Event(&notice), has_agent)
    }
}
