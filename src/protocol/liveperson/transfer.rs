//! How a chat goes on in another account (§3.8): a new one is started there, with what the event says, unchanged. The
//! visitor sees one conversation.

use std::fmt::{Debug, Formatter};

use super::document::{field, is_as_safe, link, words};
use super::opening::{NO_LOCATION, started};
use super::{Config, LivePerson};
use crate::model::EndReason;
use crate::model::json::{Value, object};
use crate::model::keep::{Keep, is_keepable, read_variant, variant};
use crate::protocol::http::{is_address, percent_encoded};
use crate::protocol::{Numbering, Progress, ProtocolError, Request, Response, Update};

/// How far a transfer is. A repeat goes on where it stopped, also after a reload.
#[derive(Clone, Default, PartialEq)]
pub(super) enum Transfer {
    /// There is none.
    #[default]
    None,
    /// The chat is asked for in the other account.
    Starting {
        /// Where.
        url: String,
        /// With what.
        start: Value,
    },
    /// The visitor's name is told there.
    Naming,
}

/// Without what the other account is told, which names the chat.
impl Debug for Transfer {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::None => "None",
            Self::Starting { .. } => "Starting",
            Self::Naming => "Naming",
        })
    }
}

impl Keep for Transfer {
    fn keep(&self) -> Value {
        match self {
            Self::None => "None".into(),
            Self::Starting { url, start } => variant("Starting", (url.clone(), start.clone()).keep()),
            Self::Naming => "Naming".into(),
        }
    }

    fn kept(value: &Value) -> Option<Self> {
        match read_variant(value)? {
            ("None", _) => Some(Self::None),
            ("Starting", data) => {
                let (url, start): (String, Value) = Keep::kept(data)?;
                Some(Self::Starting { url, start })
            }
            ("Naming", _) => Some(Self::Naming),
            _ => None,
        }
    }
}

impl Transfer {
    /// Reads the event, seen in the chat at `chat`. `None` where the page does not allow to follow, or nothing says where.
    pub(super) fn read(event: &Value, chat: &str, config: &Config) -> Option<Self> {
        let parameters = field(event, "chatRequestParameters").filter(|parameters| is_keepable(parameters, DEEPEST))?;
        let named = || {
            let (domain, site) = (words(event, "domain")?, words(event, "remoteSiteId")?);
            Some(format!("https://{}/api/account/{}/chat/request", domain.trim(), percent_encoded(site.trim())))
        };
        let url = link(event, "a2a-transfer", chat).or_else(named)?;
        // Not to any host, however the event came to name it.
        let is_allowed = is_address(&url) && is_as_safe(chat, &url) && config.may_follow(&url);
        is_allowed.then(|| Self::Starting { url, start: object! { "request": parameters.clone() } })
    }

    /// Whether what was stored can be asked with.
    pub(super) fn is_sound(&self, config: &Config) -> bool {
        match self {
            Self::None | Self::Naming => true,
            Self::Starting { url, start } => {
                config.is_as_safe(url) && config.may_follow(url) && is_keepable(start, DEEPEST + 1)
            }
        }
    }
}

impl LivePerson {
    /// The request that brings a transfer on, where there is one.
    pub(super) fn transfer_request(&self) -> Option<Request> {
        match &self.transfer {
            Transfer::None => None,
            Transfer::Starting { url, start } => Some(self.post(url, start)),
            Transfer::Naming => self.tell_name(),
        }
    }

    pub(super) fn receive_transfer(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        match std::mem::take(&mut self.transfer) {
            Transfer::None => Ok(Progress::default()),
            Transfer::Starting { url, start } => self.receive_transferred(response, url, start),
            // A name is not worth waiting for.
            Transfer::Naming => Ok(Self::transferred()),
        }
    }

    fn receive_transferred(
        &mut self,
        response: &Response,
        url: String,
        start: Value,
    ) -> Result<Progress, ProtocolError> {
        let chat = match started(response, &url) {
            Ok(Some(chat)) if self.config.may_follow(&chat.uri) => chat,
            Ok(_) => {
                // Without an address there is nothing to ask any more, and nothing to go back to.
                self.chat = None;
                return Err(NO_LOCATION);
            }
            Err(error) => {
                if !matches!(error, ProtocolError::Over { reason: EndReason::Failed }) {
                    self.transfer = Transfer::Starting { url, start };
                }
                return Err(error);
            }
        };
        self.chat = Some(chat);
        self.story.begin_elsewhere();
        self.posts.begin_elsewhere();
        Ok(match self.tell_name() {
            Some(request) => {
                self.transfer = Transfer::Naming;
                Progress::going_on(Vec::new(), request)
            }
            None => Self::transferred(),
        })
    }

    /// What was posted before is reconciled like anything that got no answer: by news that do not show it.
    fn transferred() -> Progress {
        Progress::done(vec![Update::Resumed(Numbering::Kept)])
    }
}

/// Far deeper than the four fields that are documented.
const DEEPEST: usize = 16;
