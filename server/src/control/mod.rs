//! The control surface: what tests and people may see and do, as JSON under `/control/`.
//! Described for its users in `server/README.md`.

mod page;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::faults::Order;
use crate::hub::{Action, Conversation, Hub, Rotation};
use crate::intake::ConnectionId;
use crate::settings::Settings;

/// The routes, for a router of any state.
pub fn routes<S: Clone + Send + Sync + 'static>(hub: Arc<Hub>) -> Router<S> {
    Router::new()
        .route("/control", get(|| async { Redirect::permanent("/control/") }))
        .route("/control/", get(page::index))
        .route("/control/control.js", get(page::script))
        .route("/control/control.css", get(page::style))
        .route("/control/conversations", get(list))
        .route("/control/conversations/{id}", get(show))
        .route("/control/conversations/{id}/agent", post(act))
        .route("/control/conversations/{id}/rotate", post(turn))
        .route("/control/conversations/{id}/expire", post(expire))
        .route("/control/violations", get(strays))
        .route("/control/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/control/faults/{id}/release", post(release))
        .route("/control/settings", get(settings).post(change))
        .route("/control/reset", post(reset))
        .route("/control/restart", post(restart))
        .with_state(hub)
}

async fn list(State(hub): State<Arc<Hub>>) -> Response {
    let lines = hub.each(|conversation, settings| {
        conversation.expire_if_due(settings);
        conversation.summary()
    });
    done(&json!(lines))
}

async fn show(State(hub): State<Arc<Hub>>, Path(id): Path<String>) -> Result<Response, Problem> {
    on(&hub, &id, |conversation, settings| {
        conversation.expire_if_due(settings);
        conversation.report()
    })
}

async fn act(State(hub): State<Arc<Hub>>, Path(id): Path<String>, body: Bytes) -> Result<Response, Problem> {
    let action: Action = read(&body)?;
    match hub.act(&id, &action) {
        None => Err(Problem::missing()),
        Some(Ok(())) => Ok(done(&json!({}))),
        Some(Err(_over)) => Err(Problem(StatusCode::CONFLICT, "the conversation is over".to_owned())),
    }
}

async fn turn(State(hub): State<Arc<Hub>>, Path(id): Path<String>, body: Bytes) -> Result<Response, Problem> {
    let rotation: Rotation = read(&body)?;
    on(&hub, &id, |conversation, _| {
        conversation.rotate(rotation);
        json!({})
    })
}

async fn expire(State(hub): State<Arc<Hub>>, Path(id): Path<String>) -> Result<Response, Problem> {
    on(&hub, &id, |conversation, _| {
        conversation.expire();
        json!({})
    })
}

async fn strays(State(hub): State<Arc<Hub>>) -> Response {
    done(&json!(hub.strays()))
}

async fn faults(State(hub): State<Arc<Hub>>) -> Response {
    done(&json!(hub.faults.list()))
}

async fn add_fault(State(hub): State<Arc<Hub>>, body: Bytes) -> Result<Response, Problem> {
    let order: Order = read(&body)?;
    Ok(done(&json!({"id": hub.faults.add(order)})))
}

async fn clear_faults(State(hub): State<Arc<Hub>>) -> Response {
    hub.faults.clear();
    done(&json!({}))
}

async fn release(State(hub): State<Arc<Hub>>, Path(id): Path<u64>) -> Result<Response, Problem> {
    if hub.faults.release(id) { Ok(done(&json!({}))) } else { Err(Problem::missing()) }
}

async fn settings(State(hub): State<Arc<Hub>>) -> Response {
    done(&json!(hub.settings()))
}

async fn change(State(hub): State<Arc<Hub>>, body: Bytes) -> Result<Response, Problem> {
    let changes: Value = read(&body)?;
    let merged = hub.settings().merged(&changes);
    let settings = merged.map_err(|problem| Problem(StatusCode::BAD_REQUEST, problem))?;
    let answer = json!(settings);
    hub.set_settings(settings);
    Ok(done(&answer))
}

async fn reset(State(hub): State<Arc<Hub>>) -> Response {
    hub.reset();
    done(&json!({}))
}

async fn restart(
    State(hub): State<Arc<Hub>>,
    Extension(ConnectionId(connection)): Extension<ConnectionId>,
    body: Bytes,
) -> Result<Response, Problem> {
    let wishes: Value = read(&body)?;
    hub.restart(connection);
    if wishes.get("forget").and_then(Value::as_bool) == Some(true) {
        hub.forget();
    }
    Ok(done(&json!({})))
}

fn on(hub: &Hub, id: &str, look: impl FnOnce(&mut Conversation, &Settings) -> Value) -> Result<Response, Problem> {
    let answer = hub.with(id, look).ok_or_else(Problem::missing)?;
    Ok(done(&answer))
}

/// Reads a body; an empty one is an empty object.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| Problem(StatusCode::BAD_REQUEST, error.to_string()))
}

fn done(answer: &Value) -> Response {
    (no_store(), axum::Json(answer)).into_response()
}

fn no_store() -> [(header::HeaderName, &'static str); 1] {
    [(header::CACHE_CONTROL, "no-store")]
}

/// Why something could not be done.
struct Problem(StatusCode, String);

impl Problem {
    fn missing() -> Self {
        Self(StatusCode::NOT_FOUND, "no such thing".to_owned())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, no_store(), axum::Json(json!({"error": self.1}))).into_response()
    }
}
