//! To what the agent attends: which chats are shown, which one of them has the keyboard, what is read by that, and what
//! is put away.

use super::{Chat, ChatId, Shift};
use crate::core::Ending;
use crate::core::kept::{Kept, KeptPane};
use crate::core::panes::{Pane, Panes};

impl Shift {
    pub(super) fn choose(&mut self, id: ChatId, choose: fn(&mut Panes, ChatId)) {
        if self.chat(id).is_some() {
            choose(&mut self.panes, id);
            self.wanted = None;
        }
    }

    pub(super) fn unchoose(&mut self) {
        self.panes.unchoose();
        self.wanted = None;
    }

    /// Attends to what was asked for, once it is there.
    pub(super) fn choose_wanted(&mut self) {
        let wanted = self.wanted.as_ref().and_then(|wanted| self.chat_by_key(wanted));
        if let Some(id) = wanted.map(|chat| chat.id) {
            self.choose(id, Panes::choose);
        }
    }

    /// Whatever is shown is read.
    pub(super) fn look(&mut self) {
        for id in self.panes.shown() {
            if self.chat(id).is_some_and(|chat| chat.unread > 0 || chat.read != chat.position) {
                self.change(id, Chat::look);
            }
        }
    }

    /// Only what is over can be put away.
    pub(super) fn close(&mut self, id: ChatId) {
        let Some(place) = self.chats.iter().position(|chat| chat.id == id && !chat.is_open()) else { return };
        let chat = self.chats.remove(place);
        if let Some(many) = &mut self.many {
            many.unwatch(&chat.key);
        }
        if matches!(chat.ending, Some(Ending::Ended | Ending::Gone)) {
            self.put_away.insert(chat.key.clone());
        }
        self.panes.retain(|chat| chat != id);
    }

    /// What stood open on the page before stands open again.
    pub(super) fn reopen_panes(&mut self, kept: &Kept) {
        for KeptPane { key, turn } in &kept.panes {
            if let Some(chat) = self.chat_by_key(key).map(|chat| chat.id) {
                self.panes.reopen(Pane { chat, turn: *turn });
            }
        }
        self.wanted = kept.chosen.clone();
        self.choose_wanted();
    }

    pub(super) fn kept_panes(&self) -> Vec<KeptPane> {
        let keep = |pane: &Pane| Some(KeptPane { key: self.chat(pane.chat)?.key.clone(), turn: pane.turn });
        self.panes.open().iter().filter_map(keep).collect()
    }
}
