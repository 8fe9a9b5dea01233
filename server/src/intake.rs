//! Every request passes here: it is read whole, noted, struck by faults, answered and closed.
//! Reading the body first matters: only then does the connection notice that its client left.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use http_body::Frame;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use tokio::time::{Sleep, sleep};
use tower::ServiceExt;

use crate::call::{self, Call};
use crate::cors;
use crate::facade::Facade;
use crate::faults::{Damage, Strike};
use crate::hub::{Hub, Outcome};

/// The connection closes without an answer.
#[derive(Debug, Clone, Copy)]
pub struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("closed on purpose")
    }
}

impl std::error::Error for Closed {}

/// The connection on which a request came.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionId(pub u64);

/// Answers one request, or closes its connection.
///
/// # Errors
/// When a fault wants the connection closed, or the client broke it.
pub async fn receive(hub: Arc<Hub>, rest: Router, request: Request<Incoming>) -> Result<Response, Closed> {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(_too_large_or_broken) => return Err(Closed),
    };
    let request = Request::from_parts(parts, body);
    if let Some((facade, call)) = Facade::read(&request) {
        return serve(facade, &hub, call).await;
    }
    let strike = gateway_noun(request.uri().path()).and_then(|noun| hub.faults.strike(&noun, request.method()));
    let answer = async {
        match rest.oneshot(request.map(Body::from)).await {
            Ok(response) => response,
            Err(never) => {
                let never: Infallible = never;
                match never {}
            }
        }
    };
    suffer(strike, answer).await.map(|(response, _)| response)
}

/// What faults call a request to the gateway of the demonstration: `so.` and the last word of its path.
fn gateway_noun(path: &str) -> Option<String> {
    let words = path.strip_prefix("/so/api/v1/")?.split('/');
    let last = words.rev().find(|word| !word.is_empty() && !word.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some(format!("so.{last}"))
}

async fn serve(facade: Facade, hub: &Arc<Hub>, mut call: Call) -> Result<Response, Closed> {
    let strike = hub.faults.strike(&call.noun, &call.method);
    let result = if call.method == Method::OPTIONS {
        suffer(strike, process(facade, hub, &mut call)).await.map(|(response, _)| response)
    } else {
        facade.admit(hub, &mut call).await;
        let result = suffer(strike, process(facade, hub, &mut call)).await;
        settle(&mut call, &result);
        result.map(|(response, _)| response)
    };
    let cors = hub.settings().cors;
    result.map(|mut response| {
        cors::dress(&cors, facade.sharing(&call), &call.headers, &mut response);
        response
    })
}

fn settle(call: &mut Call, result: &Result<(Response, Outcome), Closed>) {
    let Some(ticket) = call.ticket.take() else {
        return;
    };
    match result {
        Ok((response, outcome)) => ticket.settle(Some(response.status().as_u16()), *outcome),
        Err(Closed) => ticket.settle(None, Outcome::AnswerLost),
    }
}

/// Answers, unless a fault is in the way.
async fn suffer(
    strike: Option<Strike>,
    process: impl Future<Output = Response>,
) -> Result<(Response, Outcome), Closed> {
    let Some(mut strike) = strike else {
        return Ok((process.await, Outcome::Answered));
    };
    match strike.damage.clone() {
        Damage::Status { code, body, retry_after } => {
            let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = call::text(status, body);
            if let Some(value) = retry_after.and_then(|text| HeaderValue::from_str(&text).ok()) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
            return Ok((response, Outcome::Faulted));
        }
        Damage::DropRequest => return Err(Closed),
        Damage::Hang => {
            strike.released().await;
            return Err(Closed);
        }
        Damage::Hold => strike.released().await,
        Damage::Delay { ms } => sleep(Duration::from_millis(ms)).await,
        Damage::DropAnswer | Damage::Cut | Damage::DelayAnswer { .. } | Damage::HangAnswer | Damage::Body { .. } => {}
    }
    let response = process.await;
    match strike.damage.clone() {
        Damage::DropAnswer => Err(Closed),
        Damage::HangAnswer => {
            strike.released().await;
            Err(Closed)
        }
        Damage::Cut => cut(response).await.map(|response| (response, Outcome::AnswerLost)),
        Damage::DelayAnswer { ms } => {
            sleep(Duration::from_millis(ms)).await;
            Ok((response, Outcome::Answered))
        }
        Damage::Body { body, content_type } => Ok((with_body(response, body, content_type), Outcome::Faulted)),
        Damage::Status { .. } | Damage::DropRequest | Damage::Hang | Damage::Hold | Damage::Delay { .. } => {
            Ok((response, Outcome::Answered))
        }
    }
}

async fn process(facade: Facade, hub: &Arc<Hub>, call: &mut Call) -> Response {
    if call.method == Method::OPTIONS {
        return cors::preflight(&hub.settings().cors, facade.sharing(call));
    }
    facade.answer(hub, call).await
}

fn with_body(mut response: Response, body: String, kind: Option<String>) -> Response {
    if response.status() == StatusCode::NO_CONTENT {
        *response.status_mut() = StatusCode::OK;
    }
    if let Some(kind) = kind.and_then(|kind| HeaderValue::from_str(&kind).ok()) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response.headers_mut().remove(header::CONTENT_LENGTH);
    *response.body_mut() = Body::from(body);
    response
}

async fn cut(response: Response) -> Result<Response, Closed> {
    let (mut parts, body) = response.into_parts();
    let whole = body.collect().await.map_err(|_broken| Closed)?.to_bytes();
    // An answer without a body promises one, so that something can be cut off.
    let promised = whole.len().max(2);
    let half = whole.slice(..whole.len() / 2);
    if parts.status == StatusCode::NO_CONTENT {
        parts.status = StatusCode::OK;
    }
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(promised));
    Ok(Response::from_parts(parts, Body::new(Torn { half: Some(half), pause: None })))
}

/// A body that breaks off. The pause before it does lets the first half leave.
struct Torn {
    half: Option<Bytes>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl http_body::Body for Torn {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        if let Some(half) = self.half.take().filter(|half| !half.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        let pause = self.pause.get_or_insert_with(|| Box::pin(sleep(Duration::from_millis(20))));
        ready!(pause.as_mut().poll(context));
        Poll::Ready(Some(Err(Closed)))
    }
}

/// Uploads may be a little over 2 MiB; anything far beyond is nobody's message.
const LARGEST_BODY: usize = 16 * 1024 * 1024;
