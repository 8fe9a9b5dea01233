//! The gateway: a service between visitors' browsers and backends that a browser must not or cannot ask itself.
//! For SuperOffice it holds the CRM's credential and knows a visitor by session and key alone (§9 of the protocol page);
//! in front of others it passes on what belongs to their protocol. It keeps nothing that another process would need.

pub mod config;

mod address;
mod breaker;
mod browser;
mod client;
mod desk;
mod form;
mod guess;
mod intake;
mod limits;
mod listen;
mod log;
mod metrics;
mod proxy;
mod refusal;
mod secret;
mod sessions;
mod shared;
mod view;
mod visit;
mod webapi;
mod webhook;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};

use address::Network;
use client::Client;
use config::Config;
use desk::Desk;
use intake::BodyLimits;
use limits::Limits;
use metrics::Metrics;
use refusal::Refusal;
use secret::{Renewable, Secret, Source};
use webapi::{Identity, WebApi};

/// Everything that a request may need.
#[derive(Debug)]
pub struct Front {
    desk: Option<Arc<Desk>>,
    client: Client,
    limits: Limits,
    rules: config::Limits,
    trusted: Vec<Network>,
    metrics: Arc<Metrics>,
    webhook_secret: Option<Secret>,
    is_leaving: AtomicBool,
}

/// A gateway that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Running {
    /// Where browsers reach it.
    pub address: SocketAddr,
    /// Where its health and its counts are, when not there.
    pub admin: Option<SocketAddr>,
    front: Arc<Front>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Lets open requests end, then stops.
    pub async fn stop(mut self) {
        self.front.is_leaving.store(true, Ordering::Relaxed);
        self.stop.send_replace(true);
        for task in self.tasks.drain(..) {
            let _ended = task.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Starts a gateway.
///
/// # Errors
/// Says what is missing or taken.
pub async fn start(config: Config) -> Result<Running, String> {
    let (listen, admin_listen, has_admin) = (config.listen, config.admin_listen, config.admin_listen.is_some());
    let (front, routes) = build(config, None)?;
    let routes = if has_admin { routes } else { routes.merge(admin(&front)) };
    let (stop, stopped) = watch::channel(false);
    let listener = bind(listen).await?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let mut tasks = vec![tokio::spawn(listen::serve(listener, Arc::clone(&front), routes, stopped.clone()))];
    let mut admin_address = None;
    if let Some(place) = admin_listen {
        let listener = bind(place).await?;
        admin_address = listener.local_addr().ok();
        tasks.push(tokio::spawn(listen::serve(listener, Arc::clone(&front), admin(&front), stopped.clone())));
    }
    tasks.push(tokio::spawn(sweep(Arc::clone(&front), stopped)));
    Ok(Running { address, admin: admin_address, front, stop, tasks })
}

/// The routes of a gateway, to be served by somebody else. The credential may be handed over instead of read.
///
/// # Errors
/// Says what is missing.
pub fn routes(config: Config, credential: &str) -> Result<Router, String> {
    let (front, routes) = build(config, Some(Secret::new(credential)))?;
    let (never, stopped) = watch::channel(false);
    tokio::spawn(async move {
        sweep(front, stopped).await;
        drop(never);
    });
    Ok(routes)
}

/// Says what of a configuration cannot be used, its secrets included.
///
/// # Errors
/// Says what is missing.
pub fn check(config: Config) -> Result<(), String> {
    build(config, None).map(|_| ())
}

/// Prepares the log of this process.
pub fn begin_log(config: &Config) {
    log::begin(&config.log);
}

impl Front {
    fn desk(&self) -> Result<&Arc<Desk>, Refusal> {
        self.desk.as_ref().ok_or(Refusal::Missing)
    }

    fn limits_of_bodies(&self) -> BodyLimits {
        BodyLimits { longest: self.rules.body_bytes, patience: config::ms(self.rules.body_ms) }
    }
}

fn build(config: Config, credential: Option<Secret>) -> Result<(Arc<Front>, Router), String> {
    let client = Client::new(config.authorities_file.as_deref())?;
    let metrics = Arc::new(Metrics::default());
    let rules = config.limits.clone();
    let mut webhook_secret = None;
    let desk = match &config.superoffice {
        None => None,
        Some(superoffice) => {
            let source = Source::of(superoffice.credential_file.as_ref(), superoffice.credential_env.as_ref());
            let source = credential.map(Source::Given).or(source).ok_or("superoffice: no credential is named")?;
            let token = Source::of(superoffice.app_token_file.as_ref(), superoffice.app_token_env.as_ref());
            let secret = Source::of(superoffice.webhook_secret_file.as_ref(), superoffice.webhook_secret_env.as_ref());
            webhook_secret = secret.as_ref().map(Source::read).transpose()?;
            let identity = Identity {
                credential: Renewable::read(source)?,
                scheme: superoffice.scheme,
                app_token: token.as_ref().map(Source::read).transpose()?,
            };
            let api = WebApi::new(client.clone(), &superoffice.url, identity, &superoffice.pace);
            Some(Arc::new(Desk::new(superoffice.clone(), api, Arc::clone(&metrics), rules.sessions)))
        }
    };
    let front = Arc::new(Front {
        desk,
        client,
        limits: Limits::new(rules.clone()),
        rules,
        trusted: config.trusted_proxies.clone(),
        metrics,
        webhook_secret,
        is_leaving: AtomicBool::new(false),
    });
    let routes = assemble(&config, &front)?;
    Ok((front, routes))
}

fn assemble(config: &Config, front: &Arc<Front>) -> Result<Router, String> {
    let mut routes: Router<Arc<Front>> = Router::new();
    if let Some(superoffice) = &config.superoffice {
        let mut own = browser::routes();
        if front.webhook_secret.is_some() {
            own = own.merge(webhook::routes());
        }
        routes = routes.nest(&superoffice.prefix, own);
    }
    for upstream in &config.upstreams {
        routes = routes.merge(proxy::routes(upstream));
    }
    let origins = config.cors_origins.iter().map(|origin| HeaderValue::from_str(origin));
    let origins: Vec<HeaderValue> = origins.collect::<Result<_, _>>().map_err(|_| "cors_origins: no origin")?;
    let mut served = routes.fallback(intake::nowhere).method_not_allowed_fallback(intake::no_method);
    if !origins.is_empty() {
        let asked = proxy::ASKED.iter().chain([&browser::KEY]).map(|name| HeaderName::from_static(name));
        let asked: Vec<HeaderName> = asked.collect();
        served = served.layer(
            CorsLayer::new()
                .allow_origin(AllowOrigin::list(origins))
                .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
                .allow_headers(asked)
                .expose_headers([header::RETRY_AFTER, header::LOCATION])
                .max_age(PREFLIGHT),
        );
    }
    let attend = middleware::from_fn_with_state(Arc::clone(front), intake::attend);
    Ok(served.layer(CatchPanicLayer::custom(intake::broken)).layer(attend).with_state(Arc::clone(front)))
}

fn admin(front: &Arc<Front>) -> Router {
    Router::new().route("/health", get(health)).route("/metrics", get(counts)).with_state(Arc::clone(front))
}

/// Whether new requests are welcome. Says nothing of upstreams: a proxy in front must not give up every process at once.
async fn health(State(front): State<Arc<Front>>) -> Response {
    if front.is_leaving.load(Ordering::Relaxed) {
        return (StatusCode::SERVICE_UNAVAILABLE, axum::Json(json!({"Status": "leaving"}))).into_response();
    }
    axum::Json(json!({"Status": "ready"})).into_response()
}

async fn counts(State(front): State<Arc<Front>>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], front.metrics.text()).into_response()
}

async fn bind(place: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(place).await.map_err(|error| format!("{place}: {error}"))
}

/// Forgets what nobody asks for any more.
async fn sweep(front: Arc<Front>, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _stop = stopped.wait_for(|stopped| *stopped) => return,
            () = sleep(SWEEP) => {}
        }
        front.limits.sweep();
        if let Some(desk) = &front.desk {
            desk.sessions.sweep(&front.metrics.sessions);
        }
    }
}

const SWEEP: Duration = Duration::from_secs(10);
const PREFLIGHT: Duration = Duration::from_secs(600);
