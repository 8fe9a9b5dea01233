//! The LivePerson façade: the visitor's side of the legacy chat at `/liveperson/api/account/{accountId}/…`, polled in
//! short intervals along the links that each answer holds. What an agent does is told to it in the hub's words.

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

/// What another origin may do here: it must read where its chat lies.
pub fn sharing(_call: &Call) -> &'static Sharing {
    &SHARING
}

/// Finds the request's conversation and opens the request there.
pub async fn admit(_hub: &Arc<Hub>, _call: &mut Call) {}

/// Answers a request.
pub async fn answer(_hub: &Arc<Hub>, _call: &mut Call) -> Response {
    call::text(StatusCode::NOT_FOUND, "Not Found")
}

const SHARING: Sharing = Sharing {
    methods: "GET, POST",
    headers: "Authorization, Content-Type, X-HTTP-Method-Override",
    exposed: Some("Location"),
    credentials: Credentials::Refused,
};
