//! What a session needs of a backend: one dialect per folder, machines without I/O.
//!
//! A protocol owns wording, credentials and positions. It does not know time, order, retries or storage: those are the
//! session's. It is told what to ask ([`Call`]), answers with a [`Request`], is handed the [`Response`], and reports
//! facts ([`Update`]).

mod attributes;
pub mod error;
#[cfg(feature = "genesys")]
pub mod genesys;
#[cfg(any(feature = "liveperson", feature = "matrix"))]
mod html;
pub mod http;
#[cfg(feature = "live-agent")]
pub mod live_agent;
#[cfg(feature = "liveperson")]
pub mod liveperson;
#[cfg(feature = "matrix")]
pub mod matrix;
mod reading;
#[cfg(feature = "superoffice")]
pub mod superoffice;
mod update;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{Answer, EntryId, FileId, Form, PostId, Visitor};

pub use error::{ProtocolError, Remedy};
pub use http::{Request, Response, TransportError};
pub use update::{Activity, HistoryLine, IdlePolicy, Numbering, Party, PersonOffer, SneakPeek, Update, UploadFact};

/// One backend's dialect.
///
#[doc = include_str!("../../docs/own-backend.md")]
pub trait Protocol: Debug {
    /// What this backend can do and how it wants to be treated.
    fn profile(&self) -> Profile;

    /// The request for `call`, built from the credentials of this moment.
    ///
    /// A call that was begun before and got no answer is begun again to repeat it; a call of several exchanges goes on
    /// where it stopped. `None` means that there is nothing to ask: the call is done.
    fn begin(&mut self, call: &Call<'_>) -> Option<Request>;

    /// Takes over the answer to the last request of a call of this kind.
    ///
    /// # Errors
    /// When the answer cannot be used; [`ProtocolError::remedy`] says what now.
    fn receive(&mut self, kind: CallKind, response: &Response) -> Result<Progress, ProtocolError>;

    /// The text as it may leave this page, where the site's rules for sensitive data change it.
    fn masked(&self, text: &str) -> Option<Masked> {
        let _ = text;
        None
    }

    /// Whether a conversation that is over can be gone back to: with [`Call::Resume`], before anything is forgotten.
    fn can_return(&self) -> bool {
        false
    }

    /// What must survive a reload; opaque to everyone else.
    fn save(&self) -> String;

    /// Takes over what [`Protocol::save`] returned, in this or an earlier release.
    ///
    /// # Errors
    /// When it is not understood; the session then starts afresh.
    fn restore(&mut self, saved: &str) -> Result<(), UnknownSave>;

    /// Forgets the conversation, ready for a new one.
    fn forget(&mut self);
}

/// What was stored is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored state of the protocol is not understood")]
pub struct UnknownSave;

/// What a backend can do and how it wants to be treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// How many entries fit into one post.
    pub batch: usize,
    /// Least time between two posts of entries.
    pub pace: Duration,
    /// Least time from the beginning of one poll to the beginning of the next; zero where the backend holds them.
    pub rest: Duration,
    /// How a post that got no answer is settled.
    pub resend: Resend,
    /// Whether the visitor's words may go out before an agent is there.
    pub early: Early,
    /// Wait before the first poll after a reload, so that the poll of the page before is known to be gone.
    pub settle: Duration,
    /// How long the backend keeps a conversation that does not poll, until it says otherwise.
    pub patience: Duration,
    /// How long an agent counts as typing without a further sign.
    pub typing: Duration,
    /// How long the visitor counts as typing after the last key.
    pub pause: Duration,
    /// When the visitor may send a file.
    pub uploads: Uploads,
    /// Whether the backend wants to know what the visitor has read.
    pub receipts: Receipts,
}

/// How a post that got no answer is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resend {
    /// It is repeated: the backend recognises a repeat.
    Recognised,
    /// The backend would take a repeat for something new. It is repeated only where news that were asked for later do not
    /// bring it back as [`Update::Echoed`].
    AfterEcho,
}

/// Whether the visitor's words may go out before an agent is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Early {
    /// They wait for the agent.
    Held,
    /// They go out at once.
    Welcome,
}

/// When the visitor may send a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uploads {
    /// When the agent asked for one.
    WhenAsked,
    /// As long as the conversation goes on.
    Anytime,
}

/// Whether the backend wants to know what the visitor has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipts {
    /// It has no use for it.
    Needless,
    /// By [`Signal::Read`].
    Wanted,
}

/// What a session asks of a backend.
#[derive(Clone, Debug, PartialEq)]
pub enum Call<'a> {
    /// Begin the conversation.
    Open {
        /// What the page tells about its visitor.
        visitor: &'a Visitor,
        /// What the visitor answered where this call asked ([`Next::Ask`]); the same for every repeat.
        answers: Option<&'a [Answer]>,
    },
    /// Ask for news.
    Poll,
    /// Hand something over.
    Post {
        /// The same for every repeat of the same content.
        post: PostId,
        /// What.
        parcel: Parcel<'a>,
    },
    /// Hand a file over.
    Upload {
        /// Handle of its bytes.
        file: FileId,
        /// Its name.
        name: &'a str,
        /// Its size in bytes.
        size: u64,
    },
    /// Fetch a file that stands in the transcript.
    Download {
        /// Its [`SharedFile::key`](crate::model::SharedFile).
        file: &'a str,
    },
    /// Find the conversation again after it moved, or after its end, where the visitor goes back to it.
    Resume,
    /// End the conversation, or let go of one that ended.
    Close {
        /// The same for every repeat.
        post: PostId,
        /// Who ended it.
        cause: Cause,
        /// What the visitor answered where this call asked ([`Next::Ask`]); the same for every repeat.
        answers: Option<&'a [Answer]>,
    },
}

/// Which kind of call an answer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// [`Call::Open`]
    Open,
    /// [`Call::Poll`]
    Poll,
    /// [`Call::Post`]
    Post,
    /// [`Call::Upload`]
    Upload,
    /// [`Call::Download`]
    Download,
    /// [`Call::Resume`]
    Resume,
    /// [`Call::Close`]
    Close,
}

impl Call<'_> {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> CallKind {
        match self {
            Self::Open { .. } => CallKind::Open,
            Self::Poll => CallKind::Poll,
            Self::Post { .. } => CallKind::Post,
            Self::Upload { .. } => CallKind::Upload,
            Self::Download { .. } => CallKind::Download,
            Self::Resume => CallKind::Resume,
            Self::Close { .. } => CallKind::Close,
        }
    }
}

/// What is handed over in one post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parcel<'a> {
    /// The visitor's messages, in order, at least one.
    Entries(Vec<Outgoing<'a>>),
    /// What the visitor answered to [`Update::Asked`]. Unlike words they may be repeated with any backend: the last ones
    /// count.
    Answers(&'a [Answer]),
    /// The visitor wants a person instead of a bot. It may be repeated with any backend.
    Person,
    /// Something that may be lost.
    Signal(Signal),
    /// An event for the agent's page. Where there is nothing to ask for it, it is given up and this page is told.
    Custom {
        /// The event's name.
        kind: &'a str,
        /// Its text.
        data: &'a str,
    },
}

/// One of the visitor's messages on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outgoing<'a> {
    /// Which.
    pub entry: EntryId,
    /// As it leaves this page.
    pub text: &'a str,
    /// What [`Protocol::masked`] noted about it, or what came with a [`crate::model::Reply`].
    pub note: Option<&'a str>,
}

/// Something that is worth nothing later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The visitor began to type.
    Typing,
    /// The visitor stopped typing.
    NotTyping,
    /// What stands in the composer.
    Peek(Arc<str>),
    /// The visitor has been warned of being idle.
    IdleWarned,
    /// The visitor is there after all.
    IdleCleared,
    /// The visitor has read everything that was told so far.
    Read,
    /// The visitor takes a file of theirs back, by its [`SharedFile::key`](crate::model::SharedFile).
    Unshare(Arc<str>),
    /// The visitor is called otherwise from here on.
    Renamed(Arc<str>),
}

/// Who ended the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The visitor did.
    Visitor,
    /// The visitor was silent for too long.
    Idle,
    /// It is over already; what is left is to let go of it.
    Over,
}

/// A text that the site's rules for sensitive data changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    /// What is left of it.
    pub text: String,
    /// What the protocol wants to know about it when it is sent; opaque to everyone else.
    pub note: String,
}

/// How far an answer brought a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// What it says, in order.
    pub updates: Vec<Update>,
    /// What is next.
    pub next: Next,
}

/// What is next in a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the call has done what it was for.
    #[default]
    Done,
    /// A further exchange of the same call.
    Continue(Request),
    /// A further exchange of the same poll, beside which everything else goes on. Of any other call it is one more exchange.
    Further(Request),
    /// The visitor's answers, for as long as they take. The call stops here, with nothing on its way, and is begun again
    /// with them; who asks more than once keeps what was answered before. [`Call::Open`] asks before a conversation or
    /// instead of one, [`Call::Close`] after it, when everything else of the call is done: a visitor who skips it is not
    /// heard of again.
    Ask(Form),
}

impl Progress {
    /// The call has done what it was for, and this is what it brought.
    #[must_use]
    pub const fn done(updates: Vec<Update>) -> Self {
        Self { updates, next: Next::Done }
    }

    /// The call goes on with a further exchange.
    #[must_use]
    pub const fn going_on(updates: Vec<Update>, request: Request) -> Self {
        Self { updates, next: Next::Continue(request) }
    }

    /// The call goes on with the visitor's answers.
    #[must_use]
    pub const fn asking(updates: Vec<Update>, form: Form) -> Self {
        Self { updates, next: Next::Ask(form) }
    }
}
