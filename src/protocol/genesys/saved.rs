//! What of a chat survives a reload (§2.9, §3.15): who asks, from where, and who is there. The transcript is the
//! session's, so that events are asked for from the saved position and not from the first.

use super::files::Picked;
use super::identity::Identity;
use super::parties::Parties;
use super::verdict::Standing;
use super::{FIRST, Genesys};
use crate::model::keep::{from_text, keep_fields, to_text};
use crate::protocol::UnknownSave;

struct Saved {
    identity: Option<Identity>,
    position: u64,
    parties: Parties,
    quit: Option<u64>,
    standing: Standing,
    upload: Option<Picked>,
}

keep_fields!(Saved { identity, position, parties, quit, standing, upload });

impl Genesys {
    pub(super) fn saved(&self) -> String {
        to_text(&Saved {
            identity: self.identity.clone(),
            position: self.position,
            parties: self.parties.clone(),
            quit: self.quit,
            standing: self.standing,
            upload: self.upload.clone(),
        })
    }

    pub(super) fn take_saved(&mut self, saved: &str) -> Result<(), UnknownSave> {
        let is_sound =
            |saved: &Saved| saved.position >= FIRST && saved.identity.as_ref().is_none_or(Identity::is_sound);
        let saved: Saved = from_text(saved).filter(is_sound).ok_or(UnknownSave)?;
        self.identity = saved.identity;
        self.position = saved.position;
        self.parties = saved.parties;
        self.quit = saved.quit;
        self.standing = saved.standing;
        self.upload = saved.upload;
        Ok(())
    }
}
