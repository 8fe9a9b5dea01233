//! Accepts connections and serves each by hand, because a fault must be able to close one without an answer.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, Request, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::hub::Hub;
use crate::intake::{self, ConnectionId};

/// Serves until dropped.
///
/// # Errors
/// When the listener breaks.
pub async fn serve(listener: TcpListener, hub: Arc<Hub>, rest: Router) -> io::Result<()> {
    let mut connections = JoinSet::new();
    let mut next = 0;
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                next += 1;
                connections.spawn(attend(stream, ConnectionId(next), Arc::clone(&hub), rest.clone()));
            }
            Some(_done) = connections.join_next() => {}
        }
    }
}

async fn attend(stream: TcpStream, id: ConnectionId, hub: Arc<Hub>, rest: Router) {
    let mut restarts = hub.restarts();
    // Small answers must leave at once.
    let _unsupported = stream.set_nodelay(true);
    let service = service_fn(|request| answer(request, id, Arc::clone(&hub), rest.clone()));
    // A browser repeats a request by itself when a connection that served before closes without an answer.
    // Faults must reach the page, so no connection serves twice.
    let connection = http1::Builder::new()
        .keep_alive(false)
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    loop {
        tokio::select! {
            _closed = &mut connection => return,
            changed = restarts.changed() => {
                let spared = restarts.borrow_and_update().spared;
                if changed.is_err() || spared != id.0 {
                    return;
                }
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

async fn answer(
    mut request: Request<Incoming>,
    id: ConnectionId,
    hub: Arc<Hub>,
    rest: Router,
) -> Result<axum::response::Response, intake::Closed> {
    request.extensions_mut().insert(id);
    let mut response = intake::receive(hub, rest, request).await?;
    if response.headers().get(header::SERVER).is_none() {
        response.headers_mut().insert(header::SERVER, HeaderValue::from_static("holdfast-server"));
    }
    Ok(response)
}
