//! What of a chat survives a reload (§14).

use super::LiveAgent;
use super::close::Closing;
use super::handover::Handover;
use super::opening::Opening;
use super::post::Sequence;
use super::request::Credentials;
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
        let saved: Saved = from_text(saved).ok_or(UnknownSave)?;
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
}
