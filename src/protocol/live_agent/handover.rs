//! What a 503 asks for (§9): reconnect, wait for the session's data, tell the server that the state is back.

use super::request::Headers;
use super::{BEFORE_FIRST, LiveAgent, unavailable};
use crate::model::EndReason;
use crate::model::json::{Value, object};
use crate::model::keep::{Keep, read_variant, variant};
use crate::protocol::reading::{items, token};
use crate::protocol::{Numbering, Progress, ProtocolError, Request, Response, Update};

/// How far a handover is. A repeat goes on where it stopped, also after a reload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Handover {
    /// There is none.
    #[default]
    None,
    /// The new server is asked for.
    Reconnecting {
        /// Whether numbers were kept so far: a handover may begin again before it is over.
        numbering: Numbering,
    },
    /// The server knows of no handover: one poll with the old token finds out.
    Probing {
        /// Whether numbers were kept so far.
        numbering: Numbering,
    },
    /// The first poll at the new server brings the session's data.
    Awaiting {
        /// Whether numbers were kept.
        numbering: Numbering,
        /// Polls that brought something else first.
        rounds: u32,
    },
    /// The server is told that the visitor's state is back.
    Resyncing {
        /// Whether numbers were kept.
        numbering: Numbering,
    },
}

impl Keep for Handover {
    fn keep(&self) -> Value {
        match self {
            Self::None => "None".into(),
            Self::Reconnecting { numbering } => variant("Reconnecting", numbering.keep()),
            Self::Probing { numbering } => variant("Probing", numbering.keep()),
            Self::Awaiting { numbering, rounds } => variant("Awaiting", (*numbering, *rounds).keep()),
            Self::Resyncing { numbering } => variant("Resyncing", numbering.keep()),
        }
    }

    fn kept(value: &Value) -> Option<Self> {
        match read_variant(value)? {
            ("None", _) => Some(Self::None),
            // Earlier releases kept no numbering here.
            ("Reconnecting", data) => {
                Some(Self::Reconnecting { numbering: Keep::kept(data).unwrap_or(Numbering::Kept) })
            }
            ("Probing", data) => Some(Self::Probing { numbering: Keep::kept(data).unwrap_or(Numbering::Kept) }),
            ("Awaiting", data) => Keep::kept(data).map(|(numbering, rounds)| Self::Awaiting { numbering, rounds }),
            ("Resyncing", data) => Keep::kept(data).map(|numbering| Self::Resyncing { numbering }),
            _ => None,
        }
    }
}

impl Handover {
    /// Whether numbers were kept so far.
    pub(super) const fn numbering(self) -> Numbering {
        match self {
            Self::None => Numbering::Kept,
            Self::Reconnecting { numbering }
            | Self::Probing { numbering }
            | Self::Awaiting { numbering, .. }
            | Self::Resyncing { numbering } => numbering,
        }
    }
}

impl LiveAgent {
    pub(super) fn begin_resume(&mut self) -> Option<Request> {
        self.credentials.as_ref()?;
        match self.handover {
            Handover::None | Handover::Reconnecting { .. } => {
                self.handover = Handover::Reconnecting { numbering: self.handover.numbering() };
                Some(self.reconnect_request())
            }
            Handover::Probing { .. } | Handover::Awaiting { .. } => self.poll_request(),
            Handover::Resyncing { .. } => Some(self.resync_request()),
        }
    }

    pub(super) fn receive_resume(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        match self.handover {
            Handover::None | Handover::Reconnecting { .. } => self.receive_reconnect(response),
            Handover::Probing { numbering } => self.receive_probe(response, numbering),
            Handover::Awaiting { numbering, rounds } => self.receive_awaited(response, numbering, rounds),
            Handover::Resyncing { numbering } => self.receive_resync(response, numbering),
        }
    }

    /// Takes over the answer to `ReconnectSession`, where it is one (§3.4).
    pub(super) fn take_reconnect(&mut self, response: &Response) -> Option<Numbering> {
        let body: Value = Value::parse(&response.body).filter(|_| response.status == 200)?;
        let message = items(&body, "messages").first()?.get("message")?;
        let affinity = token(message, "affinityToken")?.to_owned();
        self.credentials.as_mut()?.affinity = affinity;
        self.ack = BEFORE_FIRST;
        // Missing means true.
        if message.get("resetSequence").and_then(Value::as_bool) == Some(false) {
            return Some(Numbering::Kept);
        }
        self.sequence.reset();
        Some(Numbering::Reset)
    }

    fn receive_reconnect(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        match response.status {
            403 => return Err(self.lost(EndReason::Expired)),
            405 => {
                self.handover = Handover::Probing { numbering: self.handover.numbering() };
                return Ok(self.poll_on(Vec::new()));
            }
            408 | 425 | 429 | 500..=599 => return Err(unavailable(response)),
            _ => {}
        }
        let Some(numbering) = self.take_reconnect(response) else {
            return Err(ProtocolError::Over { reason: EndReason::Failed });
        };
        // What began anew in a handover before this one stays so: what was posted before that is not recognised.
        let numbering = if self.handover.numbering() == Numbering::Reset { Numbering::Reset } else { numbering };
        self.handover = Handover::Awaiting { numbering, rounds: 0 };
        Ok(self.poll_on(Vec::new()))
    }

    fn receive_probe(&mut self, response: &Response, numbering: Numbering) -> Result<Progress, ProtocolError> {
        if response.status == 503 {
            return Err(ProtocolError::Over { reason: EndReason::ConnectionLost });
        }
        let updates = self.receive_poll(response)?;
        Ok(self.resumed(updates, numbering))
    }

    fn receive_awaited(
        &mut self,
        response: &Response,
        numbering: Numbering,
        rounds: u32,
    ) -> Result<Progress, ProtocolError> {
        let updates = self.receive_poll(response)?;
        if updates.iter().any(|update| matches!(update, Update::History(_))) {
            self.handover = Handover::Resyncing { numbering };
            let request = self.resync_request();
            return Ok(Progress::going_on(updates, request));
        }
        if updates.iter().any(|update| matches!(update, Update::Ended(_))) {
            return Ok(Progress::done(updates));
        }
        // Something else came first: it counts, and the data may still come. After a whole silent poll it will not.
        if updates.contains(&Update::Quiet) || rounds >= MOST_ROUNDS {
            return Ok(self.resumed(updates, numbering));
        }
        self.handover = Handover::Awaiting { numbering, rounds: rounds + 1 };
        Ok(self.poll_on(updates))
    }

    /// Some clients never tell, so an answer that does not like it is no reason to stop.
    fn receive_resync(&mut self, response: &Response, numbering: Numbering) -> Result<Progress, ProtocolError> {
        match response.status {
            403 => Err(self.lost(EndReason::Expired)),
            503 => Err(self.moved()),
            _ => Ok(self.resumed(Vec::new(), numbering)),
        }
    }

    fn resumed(&mut self, mut updates: Vec<Update>, numbering: Numbering) -> Progress {
        self.handover = Handover::None;
        updates.push(Update::Resumed(numbering));
        Progress::done(updates)
    }

    fn poll_on(&self, updates: Vec<Update>) -> Progress {
        match self.poll_request() {
            Some(request) => Progress::going_on(updates, request),
            None => Progress::done(updates),
        }
    }

    /// `POST Chasitor/ChasitorResyncState`, without a number (§5.8).
    fn resync_request(&self) -> Request {
        let body = object! { "organizationId": &self.config.organization_id };
        self.post("Chasitor/ChasitorResyncState", &Headers::Session, &body)
    }
}

/// A server that sends this much without the session's data will not send it.
const MOST_ROUNDS: u32 = 8;
