//! Facts that a backend reports, in the session's words.

use std::sync::Arc;
use std::time::Duration;

use crate::model::keep::keep_words;
use crate::model::{Author, EndReason, EntryId, FileRefusal, Form, Reply, SharedFile, Speech, Timestamp};

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// Somebody is there; an estimate before the conversation is asked for.
    Expected {
        /// Estimated wait.
        wait: Option<Duration>,
    },
    /// The conversation stands in a queue.
    Queued {
        /// How many are ahead; 0 means next.
        position: Option<u32>,
        /// Estimated wait.
        wait: Option<Duration>,
    },
    /// An agent accepted the conversation.
    Joined {
        /// Display name.
        name: Option<Arc<str>>,
    },
    /// Another agent took over.
    Transferred {
        /// Display name.
        name: Option<Arc<str>>,
    },
    /// The conversation is on its way to another queue.
    Transferring,
    /// The agent is gone; another may come.
    AgentLeft,
    /// A further agent came.
    ConferenceJoined {
        /// Display name.
        name: Option<Arc<str>>,
    },
    /// A further agent left.
    ConferenceLeft {
        /// Display name.
        name: Option<Arc<str>>,
    },
    /// A bot answers until an agent joins.
    BotJoined {
        /// Display name.
        name: Option<Arc<str>>,
    },
    /// An agent or a bot said something.
    Said(Speech),
    /// Somebody changed what they said before, which has the same [`Speech::origin`]. Where nothing has, it is new.
    Revised(Speech),
    /// What was said was taken back.
    Withdrawn {
        /// The id of its [`Speech::origin`].
        id: Arc<str>,
    },
    /// The backend itself has something to say.
    Notice {
        /// Plain text.
        text: Arc<str>,
    },
    /// Somebody handed a file over, as it stands among the news; the visitor's own too.
    Shared {
        /// Whose it is.
        author: Author,
        /// Which.
        file: SharedFile,
    },
    /// A file that was handed over can no longer be had.
    Unshared {
        /// Its [`SharedFile::key`].
        file: Arc<str>,
    },
    /// The visitor's own words as the backend took them, in their place among the news. Reported by every backend that
    /// has no better way to tell what arrived.
    Echoed {
        /// Plain text; a backend may have changed it.
        text: Arc<str>,
    },
    /// Somebody read everything that arrived of the visitor.
    Read,
    /// What the visitor said, in its place among the news, told apart by its entry and not by its text.
    Arrived {
        /// Which of the outbox, where it was said there. One that is known to have arrived is nothing new.
        entry: Option<EntryId>,
        /// Plain text.
        text: Arc<str>,
    },
    /// The backend wants this filled in while the conversation goes on; answered with [`super::Parcel::Answers`]. The
    /// same form once more changes nothing while it stands.
    Asked(Form),
    /// Whoever was there is gone, and the conversation stands in a queue again, as when a bot hands over to people.
    Requeued,
    /// What the site says to who stands in the queue, in place of the usual words.
    QueueText(Option<Arc<str>>),
    /// What the visitor may answer with one press, in place of what was offered before. An answer of any kind takes them
    /// away.
    Replies(Vec<Reply>),
    /// Whether the visitor may ask for a person; they do with [`super::Parcel::Person`].
    Person(PersonOffer),
    /// Something said, or replies to it, that a bot wants shown only after a pause. An end shows it at once.
    Later {
        /// How long the pause is.
        wait: Duration,
        /// What is shown after it.
        update: Box<Self>,
    },
    /// What was asked within the conversation is not wanted any more, unless the visitor has given it.
    Unasked,
    /// An agent began or stopped typing.
    AgentTyping(Activity),
    /// The backend's own record of what was said, oldest first, as after a handover.
    History(Vec<HistoryLine>),
    /// What the backend wants done about a silent visitor.
    Idle(Option<IdlePolicy>),
    /// The backend itself will end the conversation, unless the visitor does something.
    IdleAlert {
        /// How soon, where it says.
        end: Option<Duration>,
    },
    /// Whether the agent may see what is being typed.
    SneakPeek(SneakPeek),
    /// An event from the agent's page.
    Custom {
        /// The event's name.
        kind: String,
        /// Its text.
        data: String,
    },
    /// What the agent wants of the visitor's files.
    Upload(UploadFact),
    /// How long the backend keeps a conversation that does not poll.
    Patience(Duration),
    /// Something not known here was ignored.
    Ignored {
        /// Its name as sent, shortened.
        kind: String,
    },
    /// There was nothing new: whatever was to be repeated has been repeated.
    Quiet,
    /// The conversation was found again after it moved.
    Resumed(Numbering),
    /// The backend wants a new conversation opened at another address, which the protocol has taken over.
    Reopen,
    /// The conversation is over.
    Ended(EndReason),
}

/// Whether the visitor may ask for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonOffer {
    /// They may: a bot is there, and people can be called.
    Offered,
    /// There is nothing to ask for.
    Withdrawn,
}

/// Whether somebody is typing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Typing.
    Typing,
    /// Not typing.
    Silent,
}

/// Whether the agent may see what is being typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SneakPeek {
    /// They see what was sent, and nothing else.
    #[default]
    Forbidden,
    /// They see the composer.
    Allowed,
}

/// One line of the backend's own record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    /// Who said it.
    pub party: Party,
    /// Display name.
    pub name: Option<Arc<str>>,
    /// Plain text.
    pub text: Arc<str>,
    /// When, by the backend's clock.
    pub at: Option<Timestamp>,
}

/// Which side of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The visitor.
    Visitor,
    /// An agent or a bot.
    Agent,
}

/// What the backend wants done about a visitor who does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdlePolicy {
    /// Silence after which the visitor is warned.
    pub warning: Duration,
    /// Silence after which the conversation ends.
    pub end: Duration,
}

/// What the agent wants of the visitor's files, and what became of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadFact {
    /// The agent asks for a file.
    Requested,
    /// The agent no longer wants it.
    Canceled,
    /// The file arrived.
    Arrived,
    /// The file did not arrive.
    Failed,
    /// The backend does not take the file that was picked.
    Refused(FileRefusal),
}

keep_words!(Numbering { Kept => "Kept", Reset => "Reset" });

/// Whether positions and numbers were kept over a handover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbering {
    /// A repeat of what was posted before is still recognised.
    Kept,
    /// Numbering began anew: a repeat is not recognised.
    Reset,
}
