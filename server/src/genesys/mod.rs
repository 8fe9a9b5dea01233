//! The Genesys façade: the visitor's side of two chats over one hub, both polled in short intervals.
//! The Web API Server's (v1) lies at `/eservices/api/v2/chats/…` and takes JSON and cookies, the Mobile Services' (v2)
//! at `/genesys/2/chat/{service}/…` and takes forms. What an agent does is told to it in the hub's words.

mod session;
mod switches;

use std::sync::Arc;

use axum::http::{Request, StatusCode};
use axum::response::Response;
use bytes::Bytes;

use crate::call::{self, Call};
use crate::cors::{Credentials, Sharing};
use crate::hub::Hub;

pub use session::Session;
pub use switches::Switches;

/// Reads a request to this façade; `None` when it is for somebody else. So far every one is.
pub fn read(_request: &Request<Bytes>) -> Option<Call> {
    None
}

/// What another origin may do here: only the Web API Server takes cookies.
pub fn sharing(call: &Call) -> &'static Sharing {
    if call.path.starts_with(WEB_API) { &WEB_API_SHARING } else { &MOBILE_SHARING }
}

/// Finds the request's conversation and opens the request there.
pub async fn admit(_hub: &Arc<Hub>, _call: &mut Call) {}

/// Answers a request.
pub async fn answer(_hub: &Arc<Hub>, _call: &mut Call) -> Response {
    call::text(StatusCode::NOT_FOUND, "Not Found")
}

/// Where the Web API Server's chats lie; [`Call::path`] is the whole path here.
const WEB_API: &str = "/eservices/";
const WEB_API_SHARING: Sharing =
    Sharing { methods: "GET, POST", headers: "Content-Type", exposed: None, credentials: Credentials::Allowed };
const MOBILE_SHARING: Sharing = Sharing {
    methods: "GET, POST",
    headers: "Content-Type, Authorization, apikey",
    exposed: None,
    credentials: Credentials::Refused,
};
