//! The leader's part: it runs the session, claims its conversation, counts what it stores and tells those who follow.

use crate::model::Timestamp;
use crate::session::{Command, Effect, Environment, Input, Session, Snapshot, Stage};

use super::following::{Following, Records, Standing, find};
use super::message::{Batch, Extent, Own, Signs, Word};
use super::{Role, Tab, TabEffect, UNGONE, own_record, stored};

impl Tab {
    /// The page goes: whoever is next may lead.
    pub(super) fn step_back(&mut self, effects: &mut Vec<TabEffect>, now: Timestamp) {
        let Role::Leading(session) = &self.role else { return };
        let records = session.snapshot().records;
        let records: Records = records.into_iter().filter_map(|record| Some((record.key, record.value?))).collect();
        let own = Following::own_of(&session.view());
        let Ok(mirror) = Session::restore((self.protocols)(), 0, now, &|key| find(&records, key)) else { return };
        let mut following = Following::of(records, mirror, own, now + UNGONE);
        following.standing = Standing::Away;
        self.role = Role::Following(Box::new(following));
        self.claimed = None;
        effects.push(TabEffect::Release);
    }

    /// Somebody came who knows more than this tab, which must not go on then.
    pub(super) fn give_way(&mut self, effects: &mut Vec<TabEffect>, now: Timestamp) {
        self.lead(effects, now, Input::Environment(Environment::Leaving));
        self.step_back(effects, now);
        if let Role::Following(_) = &self.role {
            self.ask(effects, now);
        }
    }

    /// The conversation is this tab's now; `first` is what happens to it before anything else.
    pub(super) fn take_over(&mut self, effects: &mut Vec<TabEffect>, now: Timestamp, first: Option<Environment>) {
        let Role::Following(following) = &mut self.role else { return };
        let blank = Following::of(Vec::new(), Session::new((self.protocols)(), 0), Own::default(), now);
        let (records, mut own) = std::mem::replace(&mut **following, blank).into_parts();
        if first == Some(Environment::Outrun) {
            // Whoever went on may have followed every wish; words are kept, and nothing is done twice.
            own.wishes.retain(|wish| matches!(wish.command, Command::Send { .. } | Command::Reply { .. }));
        }
        let restored = Session::restore((self.protocols)(), self.seed(now), now, &|key| find(&records, key));
        let session = restored.unwrap_or_else(|_| Session::new((self.protocols)(), self.seed(now)));
        self.counted = session.serial();
        // A page that was lost between storing and counting knows more than was counted.
        let counted = (session.conversation().to_owned(), self.counted);
        self.role = Role::Leading(Box::new(session));
        match first {
            Some(environment) => self.lead(effects, now, Input::Environment(environment)),
            None => effects.push(TabEffect::Count { conversation: counted.0, serial: counted.1 }),
        }
        self.settle_in(effects, now, own);
        effects.push(stored(self.snapshot_of(vec![own_record(None)])));
        // Whoever followed the one before does not know yet whom to listen to.
        self.tell_everything(effects);
    }

    /// Nobody leads after all: a tab that waited for a leader is its own.
    pub(super) fn begin(&mut self, effects: &mut Vec<TabEffect>, now: Timestamp) {
        let Role::Following(following) = &mut self.role else { return };
        let blank = Following::of(Vec::new(), Session::new((self.protocols)(), 0), Own::default(), now);
        let (_, own) = std::mem::replace(&mut **following, blank).into_parts();
        self.role = Role::Leading(Box::new(Session::new((self.protocols)(), self.seed(now))));
        self.settle_in(effects, now, own);
    }

    /// What this tab alone knew becomes the session's.
    fn settle_in(&mut self, effects: &mut Vec<TabEffect>, now: Timestamp, own: Own) {
        if let Role::Leading(session) = &mut self.role {
            session.count_unread(own.unread);
        }
        let panel = if own.panel_open { Command::Open } else { Command::Shut };
        self.lead(effects, now, Input::Command(panel));
        for wish in own.wishes {
            self.lead(effects, now, Input::Relayed { tab: wish.tab, number: wish.number, command: wish.command });
        }
        self.lead(effects, now, Input::Command(Command::Draft { text: own.draft.to_string() }));
        if let Some(answers) = own.filled {
            self.lead(effects, now, Input::Command(Command::Fill { answers }));
        }
        self.lead(effects, now, Input::Woke);
    }

    /// Hands an input to the session, and tells those who follow what it stores.
    pub(super) fn lead(&mut self, effects: &mut Vec<TabEffect>, now: Timestamp, input: Input) {
        let Role::Leading(session) = &mut self.role else { return };
        for effect in session.handle(now, input) {
            match effect {
                Effect::Store(snapshot) => self.on_stored(effects, *snapshot),
                Effect::Forget => {
                    effects.push(TabEffect::Session(Effect::Forget));
                    // The lock stays: whoever follows shows how it ended, and asks this tab for a next conversation.
                    self.tell_everything(effects);
                }
                other @ (Effect::Fetch { .. }
                | Effect::Download { .. }
                | Effect::Save { .. }
                | Effect::Abort { .. }
                | Effect::Announce(_)) => {
                    effects.push(TabEffect::Session(other));
                }
            }
        }
    }

    pub(super) fn on_stored(&mut self, effects: &mut Vec<TabEffect>, snapshot: Snapshot) {
        let is_new = self.claimed.as_ref() != Some(&snapshot.conversation);
        let Snapshot { conversation, serial, records } = snapshot.clone();
        effects.push(stored(snapshot));
        if is_new || serial != self.counted {
            self.counted = serial;
            effects.push(TabEffect::Count { conversation: conversation.clone(), serial });
        }
        self.claim(effects, &conversation);
        if is_new {
            self.tell_everything(effects);
        } else {
            self.say(effects, Word::Stored(Batch { conversation, extent: Extent::Change, records }));
        }
    }

    pub(super) fn claim(&mut self, effects: &mut Vec<TabEffect>, conversation: &str) {
        if self.claimed.as_deref() != Some(conversation) {
            self.claimed = Some(conversation.to_owned());
            effects.push(TabEffect::Claim(conversation.to_owned()));
        }
    }

    pub(super) fn tell_everything(&self, effects: &mut Vec<TabEffect>) {
        let Role::Leading(session) = &self.role else { return };
        let Snapshot { conversation, serial: _, records } = session.snapshot();
        self.say(effects, Word::Stored(Batch { conversation, extent: Extent::Whole, records }));
    }

    pub(super) fn tell_signs(&mut self, effects: &mut Vec<TabEffect>) {
        let Role::Leading(session) = &self.role else { return };
        let view = session.view();
        let signs = Signs { agent_typing: view.agent_typing, connection: view.connection };
        if self.told != Some(signs) && view.stage != Stage::Idle {
            self.told = Some(signs);
            self.say(effects, Word::Seen(signs));
        }
    }
}
