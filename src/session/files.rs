//! Files: one of the visitor's on its way to the backend, one on its way to the visitor, and which are gone.
//!
//! The session never sees a byte of them; the shell keeps those under handles.

use std::sync::Arc;

use crate::model::{Author, Body, FileId, FileRefusal, Happening, RequestId, SharedFile};
use crate::protocol::{Call, CallKind, Next, Response, Signal, TransportError, UploadFact, Uploads};

use super::state::{Exchange, Live, State};
use super::timers::Timer;
use super::{Effect, Session, Step};

/// What is known about files.
#[derive(Clone, Debug, Default)]
pub(super) struct Files {
    pub(super) uploading: Uploading,
    downloading: Downloading,
    /// Those that can no longer be had.
    gone: Arc<[Arc<str>]>,
}

/// A file of the visitor's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Uploading {
    /// There is none.
    #[default]
    None,
    /// The agent asked for one.
    Requested,
    /// One is on its way.
    Flying(RequestId),
    /// It was handed over; the backend has not confirmed it.
    Handed,
    /// The last one arrived.
    Arrived,
    /// The last one did not arrive.
    Failed,
    /// The last one is not taken.
    Refused(FileRefusal),
}

/// A file for the visitor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Downloading {
    /// There is none.
    #[default]
    None,
    /// One is on its way.
    Flying(RequestId, SharedFile),
    /// The last one did not come.
    Failed(Arc<str>),
}

/// What a screen shows of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilesView {
    /// What the agent wants of the visitor's files, and what became of them.
    pub upload: Upload,
    /// Whether the visitor may pick a file now.
    pub can_pick: bool,
    /// Whether the files of the transcript can be had now.
    pub can_fetch: bool,
    /// What became of the file that the visitor wanted last.
    pub download: Download,
    /// The keys of those that can no longer be had.
    pub gone: Arc<[Arc<str>]>,
}

/// What the agent wants of the visitor's files, and what became of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upload {
    /// Nothing.
    None,
    /// The agent asked for a file.
    Requested,
    /// A file is on its way.
    Sending,
    /// The last file arrived.
    Arrived,
    /// The last file did not arrive.
    Failed,
    /// The last file is not taken.
    Refused(FileRefusal),
}

/// What became of the file that the visitor wanted last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Download {
    /// Nothing is to be told.
    None,
    /// The file of this key is on its way.
    Fetching(Arc<str>),
    /// The file of this key did not come.
    Failed(Arc<str>),
}

impl Session {
    pub(super) fn files_view(&self) -> FilesView {
        FilesView {
            upload: Upload::from(&self.files.uploading),
            can_pick: self.can_upload(),
            can_fetch: matches!(self.state, State::Live(_)),
            download: Download::from(&self.files.downloading),
            gone: Arc::clone(&self.files.gone),
        }
    }

    /// The visitor picked a file.
    pub(super) fn on_upload(&mut self, step: &mut Step, file: FileId, name: &str, size: u64) {
        if !self.can_upload() {
            return;
        }
        if let Some(Exchange::Flying(id)) = self.fetch(step, Timer::Upload, &Call::Upload { file, name, size }) {
            self.files.uploading = Uploading::Flying(id);
        }
    }

    fn can_upload(&self) -> bool {
        let State::Live(Live { ending: None, .. }) = self.state else { return false };
        match (&self.files.uploading, self.protocol.profile().uploads) {
            (Uploading::Flying(_), _) => false,
            (_, Uploads::Anytime) => true,
            (Uploading::Requested | Uploading::Failed | Uploading::Refused(_), Uploads::WhenAsked) => true,
            (Uploading::None | Uploading::Handed | Uploading::Arrived, Uploads::WhenAsked) => false,
        }
    }

    /// An exchange of the upload came to its end. The backend confirms the file by news of its own.
    pub(super) fn on_upload_reply(&mut self, step: &mut Step, outcome: Result<Response, TransportError>) {
        self.timers.stop(Timer::Upload);
        match outcome.map(|response| self.protocol.receive(CallKind::Upload, &response)) {
            Ok(Ok(progress)) => {
                self.files.uploading = Uploading::Handed;
                self.expect_news(step);
                if let Next::Continue(request) = progress.next
                    && let Exchange::Flying(id) = self.fly(step, Timer::Upload, request)
                {
                    self.files.uploading = Uploading::Flying(id);
                }
                self.on_updates(step, progress.updates);
            }
            Ok(Err(error)) => {
                Self::report(step, &error);
                self.files.uploading = Uploading::Failed;
            }
            Err(_) => self.files.uploading = Uploading::Failed,
        }
    }

    /// The upload took too long.
    pub(super) fn on_upload_timer(&mut self, step: &mut Step) {
        if let Uploading::Flying(id) = self.files.uploading {
            step.effects.push(Effect::Abort { id });
            self.files.uploading = Uploading::Failed;
        }
    }

    /// The conversation is over, or goes on elsewhere: nothing of the visitor's is on its way any more. What is on its
    /// way to the visitor may still come.
    pub(super) fn give_upload_up(&mut self, step: &mut Step) {
        self.on_upload_timer(step);
        self.files.uploading = Uploading::None;
    }

    /// The visitor goes on: what became of the last file was read.
    pub(super) fn dismiss_files(&mut self) {
        if self.protocol.profile().uploads == Uploads::Anytime
            && matches!(self.files.uploading, Uploading::Failed | Uploading::Refused(_))
        {
            self.files.uploading = Uploading::None;
        }
    }

    pub(super) fn on_upload_fact(&mut self, fact: UploadFact) {
        let is_flying = matches!(self.files.uploading, Uploading::Flying(_));
        self.files.uploading = match fact {
            UploadFact::Requested if is_flying => return,
            UploadFact::Requested => Uploading::Requested,
            UploadFact::Canceled => Uploading::None,
            UploadFact::Arrived => Uploading::Arrived,
            UploadFact::Failed => Uploading::Failed,
            UploadFact::Refused(refusal) => Uploading::Refused(refusal),
        };
    }

    /// The visitor wants a file. One that is asked for again is not asked for twice.
    pub(super) fn on_download(&mut self, step: &mut Step, key: &str) {
        let is_free = !matches!(self.files.downloading, Downloading::Flying(..));
        if !is_free || !matches!(self.state, State::Live(_)) || self.is_gone(key) {
            return;
        }
        let Some(file) = self.shared(key).cloned() else { return };
        let Some(request) = self.protocol.begin(&Call::Download { file: key }) else {
            self.files.downloading = Downloading::Failed(file.key);
            return;
        };
        let id = self.counters.request();
        self.timers.set(Timer::Download, step.now + request.deadline);
        step.effects.push(Effect::Download { id, request });
        self.files.downloading = Downloading::Flying(id, file);
    }

    /// Whether this is the file on its way to the visitor.
    pub(super) fn is_download(&self, id: RequestId) -> bool {
        matches!(&self.files.downloading, Downloading::Flying(flying, _) if *flying == id)
    }

    /// The file came, or did not.
    pub(super) fn on_download_reply(&mut self, step: &mut Step, outcome: Result<Response, TransportError>) {
        self.timers.stop(Timer::Download);
        let Downloading::Flying(id, file) = std::mem::take(&mut self.files.downloading) else { return };
        match outcome.map(|response| self.protocol.receive(CallKind::Download, &response)) {
            Ok(Ok(_)) => step.effects.push(Effect::Save { id, name: file.name.to_string() }),
            Ok(Err(error)) => {
                Self::report(step, &error);
                self.files.downloading = Downloading::Failed(file.key);
            }
            Err(_) => self.files.downloading = Downloading::Failed(file.key),
        }
    }

    /// The file took too long.
    pub(super) fn on_download_timer(&mut self, step: &mut Step) {
        if let Downloading::Flying(id, file) = std::mem::take(&mut self.files.downloading) {
            step.effects.push(Effect::Abort { id });
            self.files.downloading = Downloading::Failed(file.key);
        }
    }

    /// The visitor takes a file of theirs back. It is gone when the backend says so.
    pub(super) fn on_unshare(&mut self, key: Arc<str>) {
        let is_own = self.transcript.iter().any(|line| match &line.body {
            Body::File { author: Author::Visitor, file } => file.key == key,
            _ => false,
        });
        if is_own && !self.is_gone(&key) && matches!(self.state, State::Live(_)) {
            self.sign(Signal::Unshare(key));
        }
    }

    /// A file stands among the news.
    pub(super) fn on_shared(&mut self, step: &mut Step, author: Author, file: SharedFile) {
        self.dismiss_alert();
        match &author {
            Author::Visitor => {
                // Also what got no answer has arrived.
                if matches!(self.files.uploading, Uploading::Handed | Uploading::Failed) {
                    self.files.uploading = Uploading::None;
                }
                self.transcript.push(step.now, Body::File { author, file });
            }
            Author::Agent { name } => {
                let told = (name.as_deref().map(str::to_owned), file.name.to_string());
                self.receive(step, Body::File { author, file }, told);
                self.expect_answer(step);
            }
        }
    }

    /// A file can no longer be had.
    pub(super) fn on_unshared(&mut self, step: &Step, key: &str) {
        if self.is_gone(key) {
            return;
        }
        if let Some(file) = self.shared(key).cloned() {
            self.transcript.push(step.now, Body::Event(Happening::FileRemoved { file }));
            self.count_gone();
        }
    }

    /// The upload as a page loaded anew finds it. A file that was on its way when the page went did not arrive; it may be
    /// picked again.
    pub(super) fn kept_upload(&self) -> Uploading {
        match (&self.files.uploading, self.protocol.profile().uploads) {
            (Uploading::Requested, _) => Uploading::Requested,
            (Uploading::Flying(_) | Uploading::Failed | Uploading::Refused(_), Uploads::WhenAsked) => {
                Uploading::Requested
            }
            (Uploading::Flying(_) | Uploading::Failed, Uploads::Anytime) => Uploading::Failed,
            (Uploading::None | Uploading::Handed | Uploading::Arrived | Uploading::Refused(_), _) => Uploading::None,
        }
    }

    /// Looks through the transcript for what is gone.
    pub(super) fn count_gone(&mut self) {
        let gone = self.transcript.iter().filter_map(|line| match &line.body {
            Body::Event(Happening::FileRemoved { file }) => Some(Arc::clone(&file.key)),
            _ => None,
        });
        self.files.gone = gone.collect();
    }

    fn is_gone(&self, key: &str) -> bool {
        self.files.gone.iter().any(|gone| **gone == *key)
    }

    /// The file of this key, as it stands in the transcript.
    fn shared(&self, key: &str) -> Option<&SharedFile> {
        self.transcript.iter().rev().find_map(|line| match &line.body {
            Body::File { file, .. } => Some(file).filter(|file| *file.key == *key),
            _ => None,
        })
    }
}

impl From<&Uploading> for Upload {
    fn from(uploading: &Uploading) -> Self {
        match uploading {
            Uploading::None => Self::None,
            Uploading::Requested => Self::Requested,
            Uploading::Flying(_) | Uploading::Handed => Self::Sending,
            Uploading::Arrived => Self::Arrived,
            Uploading::Failed => Self::Failed,
            Uploading::Refused(refusal) => Self::Refused(refusal.clone()),
        }
    }
}

impl From<&Downloading> for Download {
    fn from(downloading: &Downloading) -> Self {
        match downloading {
            Downloading::None => Self::None,
            Downloading::Flying(_, file) => Self::Fetching(Arc::clone(&file.key)),
            Downloading::Failed(key) => Self::Failed(Arc::clone(key)),
        }
    }
}
