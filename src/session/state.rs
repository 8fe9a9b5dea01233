//! Where a conversation stands. Independent questions are independent enums.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{EndReason, EntryId, PostId, RequestId};
use crate::protocol::{Cause, Signal};

/// The life of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// None yet.
    Idle,
    /// A form stands before the conversation, or instead of it. Nothing is in flight; the session holds the form.
    Asking,
    /// Being set up.
    Opening {
        /// The exchange that sets it up.
        exchange: Exchange,
        /// Estimated wait.
        wait: Option<Duration>,
    },
    /// Under way.
    Live(Live),
    /// The last words to the backend.
    Closing {
        /// How it came to the end.
        cause: Cause,
        /// What the visitor reads as reason.
        reason: EndReason,
        /// The same for every repeat.
        post: PostId,
        /// The exchange that ends it.
        exchange: Exchange,
    },
    /// Over.
    Ended(EndReason),
}

/// A conversation under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Live {
    /// Who is there.
    pub(super) phase: Phase,
    /// How news comes in.
    pub(super) link: Link,
    /// Set when the end was asked for but something is still to be sent.
    pub(super) ending: Option<Cause>,
}

/// Who is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nobody yet.
    Queued {
        /// How many are ahead.
        position: Option<u32>,
        /// Estimated wait.
        wait: Option<Duration>,
    },
    /// An agent, or nobody between two agents.
    Talking {
        /// Display name.
        agent: Option<Arc<str>>,
    },
}

/// Whose word it is how long to wait after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// Ours: it ends early where there is reason to hope.
    Chosen,
    /// The backend's.
    Asked,
}

/// How news comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// The one poll is open.
    Polling(RequestId),
    /// The next poll is due when the timer says.
    Resting,
    /// The conversation moved and is being found again.
    Resuming(Exchange),
    /// The last poll failed; the next is due when the timer says.
    Retrying(Wait),
    /// Nothing is asked, for a reason; and what is to be asked afterwards.
    Paused(Pause, Errand),
}

/// What is to be asked after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    /// For news.
    Poll,
    /// Where the conversation went.
    Resume,
}

/// What the browser says about the network. It is not always right: an answer proves it wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Network {
    /// There is one.
    Up,
    /// There is none.
    Down,
}

/// Whether anybody can see the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// It is in front.
    Seen,
    /// It is behind another.
    Hidden,
}

/// Why nothing is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// The browser says that there is no network.
    Offline,
    /// The page is in the back-forward cache, or about to go.
    Away,
}

/// An exchange that is repeated until it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exchange {
    /// In flight.
    Flying(RequestId),
    /// To be tried again when the timer says.
    Waiting,
}

impl Exchange {
    /// Whether this is the request in flight.
    pub(super) fn is(self, id: RequestId) -> bool {
        self == Self::Flying(id)
    }
}

/// The one post: at most one is in flight, and nothing else goes out until its fate is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Posting {
    /// Nothing.
    Free,
    /// Something is on its way, or to be repeated.
    Busy {
        /// The same for every repeat of the same content.
        post: PostId,
        /// What.
        cargo: Cargo,
        /// How far.
        exchange: Exchange,
    },
}

/// What a post carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cargo {
    /// The entries that name this post.
    Entries,
    /// What was answered to the form that stands there.
    Answers,
    /// The wish for a person.
    Person,
    /// Something that may be lost.
    Signal(Signal),
    /// The first of the custom events that wait.
    Custom,
}

/// What the composer holds, and what the agent was told about it.
#[derive(Clone, Debug, Default)]
pub(super) struct Composer {
    /// Its text.
    pub(super) draft: Arc<str>,
    /// Whether the visitor counts as typing.
    pub(super) is_typing: Presence,
    /// Whether the agent knows.
    pub(super) announced: Presence,
    /// The text that the agent saw last.
    pub(super) peeked: Arc<str>,
}

/// Whether the visitor is typing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Presence {
    /// No.
    #[default]
    Silent,
    /// Yes.
    Typing,
}

/// Events for the agent's page that wait to be posted.
pub(super) type CustomEvents = VecDeque<(String, String)>;

/// The numbers that were given out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counters {
    requests: u64,
    posts: u64,
    entries: u64,
}

impl Counters {
    /// Goes on after stored numbers. Requests begin anew with each page.
    pub(super) const fn restored(posts: u64, entries: u64) -> Self {
        Self { requests: 0, posts, entries }
    }

    /// A request id that was never used.
    pub(super) const fn request(&mut self) -> RequestId {
        self.requests += 1;
        RequestId(self.requests)
    }

    /// A post id that was never used.
    pub(super) const fn post(&mut self) -> PostId {
        self.posts += 1;
        PostId(self.posts)
    }

    /// An entry id that was never used.
    pub(super) const fn entry(&mut self) -> EntryId {
        self.entries += 1;
        EntryId(self.entries)
    }

    /// How many posts and entries there were.
    pub(super) const fn given(self) -> (u64, u64) {
        (self.posts, self.entries)
    }
}
