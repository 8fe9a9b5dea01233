//! What a screen needs to know, as plain data. Cheap to make and to compare: it shares the transcript.

use std::sync::Arc;
use std::time::Duration;

use crate::model::{EndReason, EntryId, Reply, Timestamp, WedgeReason};

use super::Transcript;
use super::asking::Inquiry;
use super::files::FilesView;
use super::offers::Person;
use super::outbox::{Entry, EntryState};

/// Everything a screen shows of a session.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Where the conversation stands.
    pub stage: Stage,
    /// Whether the backend can be reached at the moment.
    pub connection: Connection,
    /// What was said and what happened, oldest first.
    pub transcript: Transcript,
    /// The visitor's messages that are not known to have arrived, in order; shown after the transcript.
    pub outbox: Vec<Pending>,
    /// Whether the agent is typing.
    pub agent_typing: bool,
    /// Whether the agent can see what is being typed before it is sent. The visitor must be told.
    pub sneak_peek: bool,
    /// When the session will end because the visitor is silent; set while the warning stands.
    pub idle_end: Option<Timestamp>,
    /// What goes on with files.
    pub files: FilesView,
    /// Whether a reload would find this conversation again.
    pub keeping: Keeping,
    /// Text in the composer, as last stored.
    pub draft: Arc<str>,
    /// Whether the panel stands open.
    pub panel: Panel,
    /// Messages from agents since the panel was shut.
    pub unread: u32,
    /// A form that is to be filled in, with what stands in it.
    pub form: Option<Inquiry>,
    /// Ready answers to what was said last.
    pub replies: Arc<[Reply]>,
    /// Whether a person can be asked for instead of a bot.
    pub person: Person,
    /// What the site says to who stands in the queue, in place of the usual words.
    pub queue_text: Option<Arc<str>>,
    /// Whether a conversation that is over can be gone back to.
    pub can_return: bool,
}

/// Where the conversation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// No conversation yet.
    Idle,
    /// A form stands first, or instead.
    Form,
    /// Being set up.
    Opening {
        /// Estimated wait before an agent comes, where the backend says.
        wait: Option<Duration>,
    },
    /// Waiting for an agent.
    Queued {
        /// How many are ahead; 0 means next.
        position: Option<u32>,
        /// Estimated wait.
        wait: Option<Duration>,
    },
    /// In conversation.
    Talking {
        /// The agent's name. `None` while the conversation is between two agents.
        agent: Option<Arc<str>>,
    },
    /// The end was asked for and is on its way.
    Closing,
    /// Over. The transcript stays readable.
    Ended {
        /// Why.
        reason: EndReason,
    },
}

/// Whether the backend can be reached at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// As far as known, yes.
    Steady,
    /// A handover to another server is under way.
    Resuming,
    /// Requests fail, and are tried again.
    Retrying,
    /// The browser says that there is no network.
    Offline,
}

/// One of the visitor's messages that is not known to have arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Keeps its id for life.
    pub id: EntryId,
    /// When the visitor sent it.
    pub at: Timestamp,
    /// As it will be delivered.
    pub text: Arc<str>,
    /// How it stands with it.
    pub state: PendingState,
}

/// How it stands with a message that is not known to have arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PendingState {
    /// Waiting, or on its way. Shown as *Sending*.
    Sending,
    /// Needs the visitor. Shown as *Not sent*, with Retry and Discard.
    NotSent(WedgeReason),
}

/// Whether a reload would find this conversation again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// It would.
    Stored,
    /// It would not: storage is missing, full or forbidden. The visitor must be told.
    MemoryOnly,
}

/// Whether the panel stands open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// Open.
    Open,
    /// Shut, behind the launcher.
    Shut,
}

impl From<&Entry> for Pending {
    fn from(entry: &Entry) -> Self {
        let state = match entry.state {
            EntryState::Queued | EntryState::Sending(_) | EntryState::Uncertain(_) => PendingState::Sending,
            EntryState::Wedged(reason) => PendingState::NotSent(reason),
        };
        Self { id: entry.id, at: entry.at, text: entry.text.clone(), state }
    }
}
