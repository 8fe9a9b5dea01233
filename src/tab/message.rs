//! What tabs say to each other, as JSON. A message that is not understood is none: another release may have sent it.

use std::sync::Arc;

use crate::model::json::Value;
use crate::model::keep::{Keep, field, from_text, insert, keep_fields, keep_words, read_variant, to_text, variant};
use crate::model::{Answer, EntryId, TabId, Timestamp};
use crate::session::{Command, Connection, Record, Serial};

/// One message. It is heard by every other tab with the same widget.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Message {
    /// Which tab says it.
    pub(super) from: TabId,
    /// What.
    pub(super) word: Word,
}

/// What tabs have to say.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    /// Somebody came, and knows this much: whoever leads tells them everything, unless they know more.
    Hello(Known),
    /// What the leader stored.
    Stored(Batch),
    /// What the leader sees and does not store.
    Seen(Signs),
    /// What the visitor wants, in a tab that does not lead.
    Wish {
        /// The tab that leads.
        to: TabId,
        /// What they want.
        wish: Wish,
    },
}

/// How far a copy goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Of which conversation; of none where it is empty.
    pub(super) conversation: String,
    /// How far.
    pub(super) serial: Serial,
}

/// What the leader stored.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Batch {
    /// Of which conversation.
    pub(super) conversation: String,
    /// Whether these are all of its records, or only those that changed.
    pub(super) extent: Extent,
    /// The records.
    pub(super) records: Vec<Record>,
}

/// How much a batch holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All records.
    Whole,
    /// Those that changed.
    Change,
}

/// What the leader sees and does not store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signs {
    /// Whether the agent is typing.
    pub(super) agent_typing: bool,
    /// Whether the backend can be reached.
    pub(super) connection: Connection,
}

/// What the visitor wants, in a tab that does not lead. It is repeated until the leader's records say that it was heard.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wish {
    /// The tab in which the visitor wanted it; a page that is loaded anew goes on with those of the page before.
    pub(super) tab: TabId,
    /// Counts the wishes of this tab, from 1.
    pub(super) number: u64,
    /// When they wanted it.
    pub(super) at: Timestamp,
    /// What they want.
    pub(super) command: Command,
}

impl Message {
    /// The message of this text.
    pub(super) fn read(text: &str) -> Option<Self> {
        from_text(text)
    }

    /// Its text.
    pub(super) fn text(&self) -> String {
        to_text(self)
    }
}

keep_fields!(Message { from, word });
keep_fields!(Known { conversation, serial });
keep_fields!(Batch { conversation, extent, records });
keep_fields!(Record { key, value });
keep_fields!(Signs { agent_typing, connection });
keep_fields!(Wish { tab, number, at, command });
keep_words!(Extent { Whole => "whole", Change => "change" });
keep_words!(Connection {
    Steady => "steady",
    Resuming => "resuming",
    Retrying => "retrying",
    Offline => "offline",
});

impl Keep for Word {
    fn keep(&self) -> Value {
        match self {
            Self::Hello(known) => variant("hello", known.keep()),
            Self::Stored(batch) => variant("stored", batch.keep()),
            Self::Seen(signs) => variant("seen", signs.keep()),
            Self::Wish { to, wish } => variant("wish", (*to, wish.clone()).keep()),
        }
    }

    fn kept(value: &Value) -> Option<Self> {
        match read_variant(value)? {
            ("hello", known) => Keep::kept(known).map(Self::Hello),
            ("stored", batch) => Keep::kept(batch).map(Self::Stored),
            ("seen", signs) => Keep::kept(signs).map(Self::Seen),
            ("wish", data) => Keep::kept(data).map(|(to, wish)| Self::Wish { to, wish }),
            _ => None,
        }
    }
}

/// What only concerns the tab in which it was wanted is not told to others, and has no word.
impl Keep for Command {
    fn keep(&self) -> Value {
        match self {
            Self::Start { visitor } => variant("start", visitor.keep()),
            Self::Send { text } => variant("send", text.keep()),
            Self::Retry { entry } => variant("retry", entry.keep()),
            Self::Discard { entry } => variant("discard", entry.keep()),
            Self::Download { file } => variant("download", file.keep()),
            Self::Unshare { file } => variant("unshare", file.keep()),
            Self::Introduce { visitor } => variant("introduce", visitor.keep()),
            Self::Custom { kind, data } => variant("custom", (kind.clone(), data.clone()).keep()),
            Self::Answer { answers } => variant("answer", answers.keep()),
            Self::Skip => "skip".into(),
            Self::Reply { reply, text } => variant("reply", (reply.clone(), text.clone()).keep()),
            Self::Person => "person".into(),
            Self::Return => "return".into(),
            Self::Stay => "stay".into(),
            Self::End => "end".into(),
            Self::Draft { .. } | Self::Fill { .. } | Self::Upload { .. } | Self::Open | Self::Shut => Value::Null,
        }
    }

    fn kept(value: &Value) -> Option<Self> {
        match read_variant(value)? {
            ("start", visitor) => Some(Self::Start { visitor: Box::new(Keep::kept(visitor)?) }),
            ("send", text) => Some(Self::Send { text: Keep::kept(text)? }),
            ("retry", entry) => Some(Self::Retry { entry: EntryId::kept(entry)? }),
            ("discard", entry) => Some(Self::Discard { entry: EntryId::kept(entry)? }),
            ("download", file) => Some(Self::Download { file: Keep::kept(file)? }),
            ("unshare", file) => Some(Self::Unshare { file: Keep::kept(file)? }),
            ("introduce", visitor) => Some(Self::Introduce { visitor: Box::new(Keep::kept(visitor)?) }),
            ("custom", event) => {
                let (kind, data) = Keep::kept(event)?;
                Some(Self::Custom { kind, data })
            }
            ("answer", answers) => Some(Self::Answer { answers: Keep::kept(answers)? }),
            ("skip", _) => Some(Self::Skip),
            ("reply", data) => {
                let (reply, text) = Keep::kept(data)?;
                Some(Self::Reply { reply, text })
            }
            ("person", _) => Some(Self::Person),
            ("return", _) => Some(Self::Return),
            ("stay", _) => Some(Self::Stay),
            ("end", _) => Some(Self::End),
            _ => None,
        }
    }
}

/// What one tab alone knows of a conversation that another leads, stored for its own reload.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Own {
    /// What stands in its composer.
    pub(super) draft: Arc<str>,
    /// What stands in the form, where it was filled in here.
    pub(super) filled: Option<Vec<Answer>>,
    /// Whether its panel is open.
    pub(super) panel_open: bool,
    /// What came since its panel was shut.
    pub(super) unread: u32,
    /// What was not heard yet.
    pub(super) wishes: Vec<Wish>,
}

impl Keep for Own {
    fn keep(&self) -> Value {
        let mut object = Vec::new();
        insert(&mut object, "draft", &self.draft);
        insert(&mut object, "filled", &self.filled);
        insert(&mut object, "panel_open", &self.panel_open);
        insert(&mut object, "unread", &self.unread);
        insert(&mut object, "wishes", &self.wishes);
        Value::Object(object)
    }

    fn kept(value: &Value) -> Option<Self> {
        Some(Self {
            draft: field(value, "draft")?,
            filled: field(value, "filled")?,
            panel_open: field(value, "panel_open")?,
            unread: field(value, "unread")?,
            wishes: field(value, "wishes")?,
        })
    }
}
