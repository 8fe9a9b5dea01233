//! What a desk keeps for the next page of its tab: the seat, what stood open, and words that were not sent. Broken or
//! foreign data is nothing kept.

use std::sync::Arc;

use holdfast_chat::model::json::Value;
use holdfast_chat::model::{EntryId, Timestamp};
use holdfast_chat::protocol::liveperson::desk::ChatKey;

use super::chat::Chat;
use super::outbox::{Entry, EntryState};
use crate::api::{Credentials, Seat, object, text};

/// What is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) seat: Option<Seat>,
    pub(super) name: Arc<str>,
    pub(super) chosen: Option<ChatKey>,
    pub(super) panes: Vec<KeptPane>,
    pub(super) chats: Vec<KeptChat>,
}

/// A chat that stood open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeptPane {
    pub(super) key: ChatKey,
    pub(super) turn: u64,
}

/// What is kept of one chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeptChat {
    pub(super) key: ChatKey,
    pub(super) read: Option<i64>,
    pub(super) draft: Arc<str>,
    pub(super) entries: Vec<Entry>,
}

impl Kept {
    pub(super) fn parse(written: &str) -> Option<Self> {
        let value = Value::parse(written)?;
        if value.get("version")?.as_u64()? != VERSION {
            return None;
        }
        let seat = || {
            let credentials = Credentials::of(value.get("bearer")?.as_str()?);
            Some(Seat { credentials, session: value.get("session")?.as_str()?.into() })
        };
        Some(Self {
            seat: seat(),
            name: value.get("name")?.as_str()?.into(),
            chosen: value.get("chosen").and_then(Value::as_str).and_then(ChatKey::parse),
            panes: value
                .get("panes")
                .and_then(Value::as_array)
                .unwrap_or_default()
                .iter()
                .filter_map(KeptPane::read)
                .collect(),
            chats: value.get("chats")?.as_array()?.iter().filter_map(KeptChat::read).collect(),
        })
    }

    pub(super) fn text(&self) -> String {
        let seat = |part: fn(&Seat) -> &str| self.seat.as_ref().map_or(Value::Null, |seat| text(part(seat)));
        object([
            ("version", Value::Number(VERSION.to_string())),
            ("bearer", seat(|seat| &seat.credentials.bearer)),
            ("session", seat(|seat| &seat.session)),
            ("name", text(&self.name)),
            ("chosen", self.chosen.as_ref().map_or(Value::Null, |key| text(key.as_str()))),
            ("panes", Value::Array(self.panes.iter().map(KeptPane::write).collect())),
            ("chats", Value::Array(self.chats.iter().map(KeptChat::write).collect())),
        ])
        .text()
    }
}

impl KeptPane {
    fn read(value: &Value) -> Option<Self> {
        // Small enough to count on from there for ever.
        let turn = u32::try_from(value.get("turn")?.as_u64()?).ok()?;
        Some(Self { key: ChatKey::parse(value.get("key")?.as_str()?)?, turn: turn.into() })
    }

    fn write(&self) -> Value {
        object([("key", text(self.key.as_str())), ("turn", Value::Number(self.turn.to_string()))])
    }
}

impl KeptChat {
    pub(super) fn of(chat: &Chat) -> Self {
        Self {
            key: chat.key.clone(),
            read: chat.read,
            draft: chat.draft.clone(),
            entries: chat.outbox.iter().cloned().collect(),
        }
    }

    fn read(value: &Value) -> Option<Self> {
        Some(Self {
            key: ChatKey::parse(value.get("key")?.as_str()?)?,
            read: whole(value.get("read")),
            draft: value.get("draft")?.as_str()?.into(),
            entries: value.get("entries")?.as_array()?.iter().filter_map(read_entry).collect(),
        })
    }

    fn write(&self) -> Value {
        object([
            ("key", text(self.key.as_str())),
            ("read", number(self.read)),
            ("draft", text(&self.draft)),
            ("entries", Value::Array(self.entries.iter().map(write_entry).collect())),
        ])
    }
}

fn read_entry(value: &Value) -> Option<Entry> {
    let state = match value.get("state")?.as_str()? {
        "queued" => EntryState::Queued,
        "arrived" => EntryState::Arrived(whole(value.get("event"))),
        "refused" => EntryState::Refused,
        // From when on it is in doubt is for the new page to say.
        _ => EntryState::Doubtful { since: Timestamp::from_millis(0) },
    };
    Some(Entry {
        id: EntryId(value.get("id")?.as_u64()?),
        at: Timestamp::from_millis(value.get("at")?.as_u64()?),
        text: value.get("text")?.as_str()?.into(),
        state,
        behind: whole(value.get("behind")),
    })
}

fn write_entry(entry: &Entry) -> Value {
    let (state, event) = match entry.state {
        EntryState::Queued => ("queued", None),
        EntryState::Posting(_) | EntryState::Doubtful { .. } => ("doubtful", None),
        EntryState::Arrived(event) => ("arrived", event),
        EntryState::Refused => ("refused", None),
    };
    object([
        ("id", Value::Number(entry.id.0.to_string())),
        ("at", Value::Number(entry.at.as_millis().to_string())),
        ("text", text(&entry.text)),
        ("state", text(state)),
        ("event", number(event)),
        ("behind", number(entry.behind)),
    ])
}

fn whole(value: Option<&Value>) -> Option<i64> {
    i64::try_from(value?.as_u64()?).ok()
}

fn number(number: Option<i64>) -> Value {
    number.map_or(Value::Null, |number| Value::Number(number.to_string()))
}

const VERSION: u64 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_what_was_on_its_way_is_in_doubt() {
        let entry = |id, state| Entry {
            id: EntryId(id),
            at: Timestamp::from_millis(5),
            text: "“hi”\n".into(),
            state,
            behind: Some(3),
        };
        let doubtful = EntryState::Doubtful { since: Timestamp::from_millis(0) };
        let kept = Kept {
            seat: Some(Seat { credentials: Credentials::of("b"), session: "7".into() }),
            name: "Ilse".into(),
            chosen: ChatKey::parse("K1"),
            panes: vec![KeptPane { key: ChatKey::parse("K1").expect("it is one"), turn: 6 }],
            chats: vec![KeptChat {
                key: ChatKey::parse("K1").expect("it is one"),
                read: Some(4),
                draft: "dra".into(),
                entries: vec![
                    entry(1, EntryState::Arrived(Some(9))),
                    entry(2, doubtful),
                    entry(3, EntryState::Queued),
                    entry(4, EntryState::Refused),
                ],
            }],
        };

        assert_eq!(Kept::parse(&kept.text()), Some(kept));
    }

    #[test]
    fn what_was_kept_before_chats_stood_side_by_side_comes_back() {
        let kept = Kept::parse(r#"{"version":1,"name":"Ilse","chosen":"K1","chats":[]}"#).expect("it is whole");

        assert_eq!((kept.chosen, kept.panes), (ChatKey::parse("K1"), vec![]));
    }

    #[test]
    fn what_is_broken_is_nothing_kept() {
        for text in ["", "{}", "[]", r#"{"version":2,"name":"a","chats":[]}"#, r#"{"version":1,"name":7}"#] {
            assert_eq!(Kept::parse(text), None, "{text}");
        }
    }
}
