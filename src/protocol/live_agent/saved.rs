//! What of a chat survives a reload (§14).

use super::LiveAgent;
use super::close::Closing;
use super::config::is_base;
use super::handover::Handover;
use super::opening::Opening;
use super::post::Sequence;
use super::request::{Credentials, is_as_safe};
use super::sensitive::Rule;
use super::upload::Grant;
use crate::model::keep::{from_text, keep_fields, to_text};
use crate::protocol::UnknownSave;

struct Saved {
    base: String,
    switches: u32,
    opening: Opening,
    credentials: Option<Credentials>,
    ack: i64,
    offset: i64,
    sequence: Sequence,
    handover: Handover,
    closing: Closing,
    rules: Vec<Rule>,
    grant: Option<Grant>,
}

keep_fields!(Saved { base, switches, opening, credentials, ack, offset, sequence, handover, closing, rules, grant });

impl LiveAgent {
    pub(super) fn saved(&self) -> String {
        let saved = Saved {
            base: self.base.clone(),
            switches: self.switches,
            opening: self.opening.clone(),
            credentials: self.credentials.clone(),
            ack: self.ack,
            offset: self.offset,
            sequence: self.sequence.clone(),
            handover: self.handover,
            closing: self.closing,
            rules: self.rules.clone(),
            grant: self.grant.clone(),
        };
        to_text(&saved)
    }

    pub(super) fn take_saved(&mut self, saved: &str) -> Result<(), UnknownSave> {
        let saved: Saved = from_text(saved).filter(|saved| self.is_sound(saved)).ok_or(UnknownSave)?;
        self.base = saved.base;
        self.switches = saved.switches;
        self.opening = saved.opening;
        self.credentials = saved.credentials;
        self.ack = saved.ack;
        self.offset = saved.offset;
        self.sequence = saved.sequence;
        self.handover = saved.handover;
        self.closing = saved.closing;
        self.rules = saved.rules;
        self.grant = saved.grant;
        Ok(())
    }

    /// Whether what was saved can be asked with: storage may hold anything.
    fn is_sound(&self, saved: &Saved) -> bool {
        // Below the page's own root, and not at another host with the page's own scheme.
        let is_rooted = saved.base.starts_with('/') && !saved.base.starts_with("//");
        let is_like_switched = is_base(&saved.base) && (is_rooted || is_as_safe(&self.config.base, &saved.base));
        let base_is_sound = saved.base.is_empty() || saved.base == self.config.base || is_like_switched;
        let grant_is_sound = saved.grant.as_ref().is_none_or(|grant| is_as_safe(&saved.base, &grant.url));
        base_is_sound && grant_is_sound && saved.credentials.as_ref().is_none_or(Credentials::is_sound)
    }
}
