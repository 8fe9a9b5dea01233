//! The registry of façades: whose a request is, and who answers it. Knows no path and no word of any dialect.

use std::sync::Arc;

use axum::http::Request;
use axum::response::Response;
use bytes::Bytes;

use crate::call::Call;
use crate::cors::Sharing;
use crate::hub::Hub;
use crate::{genesys, live_agent, live_person, superoffice};

/// One imitated backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facade {
    /// Live Agent.
    LiveAgent,
    /// Genesys.
    Genesys,
    /// LivePerson.
    LivePerson,
    /// SuperOffice.
    SuperOffice,
}

impl Facade {
    /// Reads a request to a façade; `None` when it is for none of them.
    pub fn read(request: &Request<Bytes>) -> Option<(Self, Call)> {
        ALL.into_iter().find_map(|facade| Some((facade, facade.read_own(request)?)))
    }

    /// Finds the request's conversation and opens the request there.
    pub async fn admit(self, hub: &Arc<Hub>, call: &mut Call) {
        match self {
            Self::LiveAgent => live_agent::admit(hub, call).await,
            Self::Genesys => genesys::admit(hub, call).await,
            Self::LivePerson => live_person::admit(hub, call).await,
            Self::SuperOffice => superoffice::admit(hub, call).await,
        }
    }

    /// Answers a request.
    pub async fn answer(self, hub: &Arc<Hub>, call: &mut Call) -> Response {
        match self {
            Self::LiveAgent => live_agent::answer(hub, call).await,
            Self::Genesys => genesys::answer(hub, call).await,
            Self::LivePerson => live_person::answer(hub, call).await,
            Self::SuperOffice => superoffice::answer(hub, call).await,
        }
    }

    /// What another origin may do with this request.
    pub fn sharing(self, call: &Call) -> &'static Sharing {
        match self {
            Self::LiveAgent => live_agent::sharing(call),
            Self::Genesys => genesys::sharing(call),
            Self::LivePerson => live_person::sharing(call),
            Self::SuperOffice => superoffice::sharing(call),
        }
    }

    fn read_own(self, request: &Request<Bytes>) -> Option<Call> {
        match self {
            Self::LiveAgent => live_agent::read(request),
            Self::Genesys => genesys::read(request),
            Self::LivePerson => live_person::read(request),
            Self::SuperOffice => superoffice::read(request),
        }
    }
}

const ALL: [Facade; 4] = [Facade::LiveAgent, Facade::Genesys, Facade::LivePerson, Facade::SuperOffice];
