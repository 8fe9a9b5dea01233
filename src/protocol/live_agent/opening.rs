//! How a chat begins: is anybody there, a session, the wish for a chat (§4.2, §3.1, §5.1).

use super::post::actual;
use super::request::{Credentials, GET_DEADLINE, Headers, POLL_TIMEOUTS, is_as_safe};
use super::{LiveAgent, Routing, config, unavailable};
use crate::model::json::{Value, object};
use crate::model::keep::{Keep, is_keepable, read_variant, variant};
use crate::model::{Detail, EndReason, Visitor};
use crate::protocol::http::percent_encoded;
use crate::protocol::reading::{integer, is_set, items, seconds, text, token};
use crate::protocol::{Progress, ProtocolError, Request, Response, Update};

/// How far the opening is. A repeat goes on where it stopped.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Opening {
    /// Nothing was asked yet.
    #[default]
    Fresh,
    /// Whether somebody is there was asked.
    Availability { init: Value },
    /// A session is asked for.
    Session { init: Value },
    /// The chat is asked for.
    Init { init: Value },
    /// The chat moved before it was there.
    Reconnecting { init: Value },
    /// The chat was asked for, and the answer will come with the news.
    Done,
}

impl Keep for Opening {
    fn keep(&self) -> Value {
        match self {
            Self::Fresh => "Fresh".into(),
            Self::Availability { init } => variant("Availability", init.clone()),
            Self::Session { init } => variant("Session", init.clone()),
            Self::Init { init } => variant("Init", init.clone()),
            Self::Reconnecting { init } => variant("Reconnecting", init.clone()),
            Self::Done => "Done".into(),
        }
    }

    fn kept(value: &Value) -> Option<Self> {
        let (name, init) = read_variant(value).filter(|(_, init)| is_keepable(init, DEEPEST))?;
        let init = init.clone();
        match name {
            "Fresh" => Some(Self::Fresh),
            "Availability" => Some(Self::Availability { init }),
            "Session" => Some(Self::Session { init }),
            "Init" => Some(Self::Init { init }),
            "Reconnecting" => Some(Self::Reconnecting { init }),
            "Done" => Some(Self::Done),
            _ => None,
        }
    }
}

impl LiveAgent {
    pub(super) fn begin_open(&mut self, visitor: &Visitor) -> Request {
        match std::mem::take(&mut self.opening) {
            Opening::Fresh | Opening::Done => {
                self.opening = Opening::Availability { init: self.init(visitor) };
                self.availability_request()
            }
            // Only advice: where the question gets no answer, the chat is asked for all the same.
            Opening::Availability { init } | Opening::Session { init } => self.ask_session(init),
            Opening::Init { init } => self.ask_chat(init),
            Opening::Reconnecting { init } => {
                self.opening = Opening::Reconnecting { init };
                self.reconnect_request()
            }
        }
    }

    pub(super) fn receive_open(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        match std::mem::take(&mut self.opening) {
            Opening::Availability { init } => self.receive_availability(init, response),
            Opening::Session { init } => self.receive_session(init, response),
            Opening::Init { init } => self.receive_init(init, response),
            Opening::Reconnecting { init } => self.receive_early_reconnect(init, response),
            stage @ (Opening::Fresh | Opening::Done) => {
                self.opening = stage;
                Ok(Progress::default())
            }
        }
    }

    fn availability_request(&self) -> Request {
        let ids: Vec<&str> = match &self.config.routing {
            Routing::Button(button) => vec![button],
            Routing::Agent { agent, fallback } => {
                [Some(agent), fallback.as_ref()].into_iter().flatten().map(|id| &**id).collect()
            }
            // The combined form is not accepted here (§4.2).
            Routing::Overrides(targets) => targets.iter().flat_map(|target| target.split('_')).collect(),
        };
        let path = format!(
            "Visitor/Availability?org_id={}&deployment_id={}&Availability.ids={}&Availability.needEstimatedWaitTime=1",
            percent_encoded(&self.config.organization_id),
            percent_encoded(&self.config.deployment_id),
            percent_encoded(&ids.join(",")),
        );
        self.get(&path, &Headers::Version, GET_DEADLINE)
    }

    fn receive_availability(&mut self, init: Value, response: &Response) -> Result<Progress, ProtocolError> {
        let body: Value = Value::parse(&response.body).unwrap_or_default();
        let message = |kind| items(&body, "messages").iter().find(|message| text(message, "type") == Some(kind));
        if let Some(url) = message("SwitchServer").and_then(|found| text(found.get("message")?, "newUrl"))
            && self.switch_server(url)
        {
            let again = self.availability_request();
            self.opening = Opening::Availability { init };
            return Ok(Progress::going_on(Vec::new(), again));
        }
        let Some(answer) = message("Availability").and_then(|found| found.get("message")) else {
            return Ok(Progress::going_on(Vec::new(), self.ask_session(init)));
        };
        // Missing means false (§4.2). An answer that does not name anything says nothing.
        let results = items(answer, "results");
        let available = results.iter().find(|result| is_set(result, "isAvailable"));
        if !results.is_empty() && available.is_none() {
            return Err(ProtocolError::Over { reason: EndReason::Unavailable });
        }
        let wait = available.and_then(|result| seconds(result, "estimatedWaitTime"));
        Ok(Progress::going_on(vec![Update::Expected { wait }], self.ask_session(init)))
    }

    fn ask_session(&mut self, init: Value) -> Request {
        self.opening = Opening::Session { init };
        self.get("System/SessionId", &Headers::NoAffinity, GET_DEADLINE)
    }

    fn receive_session(&mut self, init: Value, response: &Response) -> Result<Progress, ProtocolError> {
        let stay = |this: &mut Self, init| this.opening = Opening::Session { init };
        match response.status {
            200..=299 => {}
            400..=428 => return Err(ProtocolError::Over { reason: EndReason::Failed }),
            _ => {
                stay(self, init);
                return Err(unavailable(response));
            }
        }
        let body: Value = Value::parse(&response.body).unwrap_or_default();
        let (Some(id), Some(key), Some(affinity)) =
            (text(&body, "id"), token(&body, "key"), token(&body, "affinityToken"))
        else {
            stay(self, init);
            return Err(ProtocolError::Unreadable { noun: "SessionId", detail: "id, key or affinityToken is missing" });
        };
        let poll_timeout = integer(&body, "clientPollTimeout").and_then(|seconds| u64::try_from(seconds).ok());
        self.credentials = Some(Credentials {
            id: id.to_owned(),
            key: key.to_owned(),
            affinity: affinity.to_owned(),
            poll_timeout: poll_timeout.filter(|seconds| POLL_TIMEOUTS.contains(seconds)).unwrap_or(POLL_TIMEOUT),
        });
        Ok(Progress::going_on(Vec::new(), self.ask_chat(init)))
    }

    fn ask_chat(&mut self, mut init: Value) -> Request {
        let id = self.credentials.as_ref().map(|session| session.id.clone());
        if let Value::Object(fields) = &mut init {
            fields.retain(|(name, _)| name != SESSION_ID);
            fields.push((SESSION_ID.to_owned(), id.keep()));
        }
        let request = self.post("Chasitor/ChasitorInit", &Headers::Numbered(FIRST_NUMBER), &init);
        self.opening = Opening::Init { init };
        request
    }

    fn receive_init(&mut self, init: Value, response: &Response) -> Result<Progress, ProtocolError> {
        match response.status {
            200..=299 => self.asked_for(),
            // The number, and so the wish, was taken before (§6). Without those words it is something on the way that speaks.
            409 if actual(&response.body).is_some_and(|actual| actual >= FIRST_NUMBER) => self.asked_for(),
            503 => {
                self.opening = Opening::Reconnecting { init };
                Ok(Progress::going_on(Vec::new(), self.reconnect_request()))
            }
            400 | 401 | 404 | 405 => Err(ProtocolError::Over { reason: EndReason::Failed }),
            403 => Err(self.lost(EndReason::Expired)),
            _ => {
                self.opening = Opening::Init { init };
                Err(unavailable(response))
            }
        }
    }

    /// The wish is taken: from now on news are polled for.
    fn asked_for(&mut self) -> Result<Progress, ProtocolError> {
        self.opening = Opening::Done;
        self.sequence.begin_after(FIRST_NUMBER);
        Ok(Progress::done(Vec::new()))
    }

    /// Where the session cannot be found again, nothing is lost yet: a new one is asked for.
    fn receive_early_reconnect(&mut self, init: Value, response: &Response) -> Result<Progress, ProtocolError> {
        if matches!(response.status, 408 | 425 | 429 | 500..=599) {
            self.opening = Opening::Reconnecting { init };
            return Err(unavailable(response));
        }
        let request = match self.take_reconnect(response) {
            Some(_) => self.ask_chat(init),
            None => self.ask_session(init),
        };
        Ok(Progress::going_on(Vec::new(), request))
    }

    /// Follows the backend to another host (§4.5). Whether it may, and has not done so too often.
    pub(super) fn switch_server(&mut self, url: &str) -> bool {
        if self.switches >= MOST_SWITCHES || !is_as_safe(&self.base, url) {
            return false;
        }
        let Some(base) = config::base(url) else { return false };
        self.switches += 1;
        self.base = base;
        true
    }

    /// The body of `ChasitorInit` (§5.1), without the session id.
    fn init(&self, visitor: &Visitor) -> Value {
        let config = &self.config;
        let mut init = object! {
            "organizationId": &config.organization_id,
            "deploymentId": &config.deployment_id,
            "userAgent": &config.surroundings.user_agent,
            "language": &config.surroundings.language,
            "screenResolution": &config.surroundings.screen_resolution,
            "visitorName": visitor.name.as_deref().unwrap_or_default(),
            "prechatDetails": prechat_details(visitor),
            "prechatEntities": visitor.entities.clone(),
            "receiveQueueUpdates": true,
            "isPost": true,
        };
        let target = match &config.routing {
            Routing::Button(button) => object! { "buttonId": button },
            Routing::Agent { agent, fallback: Some(button) } => {
                object! { "agentId": agent, "buttonId": button, "doFallback": true }
            }
            Routing::Agent { agent, fallback: None } => object! { "agentId": agent, "doFallback": false },
            Routing::Overrides(targets) => object! { "buttonOverrides": targets },
        };
        if let (Value::Object(fields), Value::Object(target)) = (&mut init, target) {
            fields.extend(target);
        }
        init
    }
}

/// The visitor's details in the backend's shape (§11.2).
fn prechat_details(visitor: &Visitor) -> Vec<Value> {
    let email = visitor.email.as_ref().map(|email| Detail {
        label: "Email".to_owned(),
        value: email.clone(),
        display_to_agent: true,
        transcript_fields: Vec::new(),
        entity_maps: Vec::new(),
    });
    let detail = |detail: &Detail| {
        object! {
            "label": &detail.label,
            "value": &detail.value,
            "displayToAgent": detail.display_to_agent,
            "transcriptFields": &detail.transcript_fields,
            "entityMaps": detail.entity_maps.clone(),
        }
    };
    email.iter().chain(&visitor.details).map(detail).collect()
}

/// Deeper than the deepest record of a visitor, with what is around it.
const DEEPEST: usize = 64;
const SESSION_ID: &str = "sessionId";
/// `ChasitorInit` has it (§6).
const FIRST_NUMBER: u64 = 1;
/// Where the server does not say (§3.1), in seconds.
const POLL_TIMEOUT: u64 = 40;
/// As the vendor's own kit (§4.5).
const MOST_SWITCHES: u32 = 2;
