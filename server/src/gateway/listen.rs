//! Accepts connections: so many in all, so many of one address, and none that says nothing. Lets open requests end when it
//! is told to stop.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

use crate::gateway::Front;
use crate::gateway::address::Peer;
use crate::gateway::config::ms;

/// Serves until it is told to stop.
pub async fn serve(listener: TcpListener, front: Arc<Front>, routes: Router, mut stopped: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    let crowd = Arc::new(Crowd::default());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _stop = stopped.wait_for(|stopped| *stopped) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, most likely: others have to end first.
                tracing::warn!(%error, "no connection was accepted");
                sleep(BREATH).await;
                continue;
            }
        };
        let Some(place) = crowd.enter(peer.ip(), &front) else {
            front.metrics.turned_away.fetch_add(1, Ordering::Relaxed);
            continue;
        };
        attend(stream, Peer(peer.ip()), place, &front, routes.clone(), &graceful);
    }
    drop(listener);
    let patience = ms(front.rules.shutdown_ms);
    if timeout(patience, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still open when the time was up");
    }
}

fn attend(stream: TcpStream, peer: Peer, place: Place, front: &Front, routes: Router, graceful: &GracefulShutdown) {
    let _unsupported = stream.set_nodelay(true);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        routes.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(ms(front.rules.head_ms))
        .max_headers(MOST_HEADERS)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        let _broken = connection.await;
        drop(place);
    });
}

/// Who is connected.
#[derive(Debug, Default)]
struct Crowd {
    addresses: Mutex<BTreeMap<IpAddr, usize>>,
}

/// One connection's place, which is free again once this is dropped.
#[derive(Debug)]
struct Place {
    crowd: Arc<Crowd>,
    front: Arc<Front>,
    address: IpAddr,
}

impl Crowd {
    fn enter(self: &Arc<Self>, address: IpAddr, front: &Arc<Front>) -> Option<Place> {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let all: i64 = front.metrics.connections.load(Ordering::Relaxed);
        let count = addresses.get(&address).copied().unwrap_or_default();
        let is_proxy = front.trusted.iter().any(|network| network.contains(address));
        let is_full = usize::try_from(all).unwrap_or_default() >= front.rules.connections;
        if is_full || (!is_proxy && count >= front.rules.connections_per_address) {
            return None;
        }
        addresses.insert(address, count + 1);
        front.metrics.connections.fetch_add(1, Ordering::Relaxed);
        Some(Place { crowd: Arc::clone(self), front: Arc::clone(front), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.front.metrics.connections.fetch_sub(1, Ordering::Relaxed);
        let mut addresses = self.crowd.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = addresses.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                addresses.remove(&self.address);
            }
        }
    }
}

const BREATH: Duration = Duration::from_millis(100);
/// More headers than a browser and two proxies send.
const MOST_HEADERS: usize = 64;
const LONGEST_HEAD: usize = 16 * 1024;
