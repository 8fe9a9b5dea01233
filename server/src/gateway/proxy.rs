//! Stands in front of a backend that a browser cannot ask itself: one whose `Location` it may not read, or that knows no
//! other origins. Passes on what belongs to the visitor's side of its protocol, and nothing else.

mod rules;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::Response;
use axum::routing::any;
use bytes::Bytes;
use http_body_util::Full;
use tokio::time::Instant;

use crate::gateway::Front;
use crate::gateway::client::Answer;
use crate::gateway::config::{Upstream, ms};
use crate::gateway::intake::{self, BodyLimits, Client};
use crate::gateway::refusal::Refusal;

pub use rules::Dialect;

/// One backend.
#[derive(Debug)]
struct Proxy {
    prefix: String,
    base: String,
    dialect: Dialect,
    deadline: Duration,
}

/// What lies below a backend's prefix.
pub fn routes(upstream: &Upstream) -> Router<Arc<Front>> {
    let proxy = Arc::new(Proxy {
        prefix: upstream.prefix.clone(),
        base: upstream.url.trim_end_matches('/').to_owned(),
        dialect: upstream.protocol,
        deadline: ms(upstream.deadline_ms),
    });
    let answer = move |State(front): State<Arc<Front>>, client: Client, request: Request| {
        let proxy = Arc::clone(&proxy);
        async move { proxy.answer(&front, client, request).await }
    };
    Router::new().route(&format!("{}/{{*rest}}", upstream.prefix), any(answer))
}

impl Proxy {
    async fn answer(&self, front: &Front, client: Client, request: Request) -> Result<Response, Refusal> {
        let path = request.uri().path().strip_prefix(&self.prefix).ok_or(Refusal::Missing)?;
        let (path, query) = (path.to_owned(), request.uri().query().map(str::to_owned));
        let method = request.method().clone();
        self.dialect.check(&method, &path)?;
        let override_to = request.headers().get("x-http-method-override");
        if override_to.is_some_and(|to| to != "PUT" || method != Method::POST) {
            return Err(Refusal::Method);
        }
        let headers = picked(request.headers(), &ASKED);
        let limits = BodyLimits {
            longest: if self.dialect.takes_files(&path) { front.rules.file_bytes } else { front.rules.body_bytes },
            patience: ms(front.rules.body_ms),
        };
        let body = intake::whole(request, &limits).await?;
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let mut asked = axum::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}{query}", self.base))
            .header("x-forwarded-for", client.0.to_string())
            .body(Full::new(body))
            .map_err(|_| Refusal::Bad)?;
        asked.headers_mut().extend(headers);
        let begun = Instant::now();
        let outcome = front.client.ask(asked, begun + self.deadline, front.rules.file_bytes).await;
        let told = if outcome.is_ok() { "done" } else { "failed" };
        front.metrics.asked("proxy", told, begun.elapsed());
        // Never 503, which is a word of its own in some of these protocols.
        outcome.map(|answer| self.pass_on(answer)).map_err(|_trouble| Refusal::Upstream)
    }

    fn pass_on(&self, answer: Answer) -> Response {
        let mut headers = picked(&answer.headers, &TOLD);
        if let Some(place) = answer.headers.get(header::LOCATION).and_then(|place| place.to_str().ok())
            && let Ok(place) = HeaderValue::from_str(&self.moved(place))
        {
            headers.insert(header::LOCATION, place);
        }
        let kind = answer.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let body = if kind.contains("json") { self.rewritten(&answer.body) } else { answer.body };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = answer.status;
        *response.headers_mut() = headers;
        response
    }

    /// An address of the backend's as a browser reaches it.
    fn moved(&self, place: &str) -> String {
        let (_, host) = self.base.split_once("://").unwrap_or_default();
        let below = ["https://", "http://", "//"].iter().find_map(|scheme| {
            let rest = place.strip_prefix(scheme)?.strip_prefix(host)?;
            (rest.is_empty() || rest.starts_with(['/', '?'])).then_some(rest)
        });
        if let Some(rest) = below {
            return format!("{}{rest}", self.prefix);
        }
        let folder = host.find('/').and_then(|at| host.get(at..)).unwrap_or_default();
        match place.strip_prefix(folder) {
            Some(rest) if place.starts_with('/') && !place.starts_with("//") => format!("{}{rest}", self.prefix),
            _ => place.to_owned(),
        }
    }

    /// The backend's addresses in a document, as a browser reaches them.
    fn rewritten(&self, body: &Bytes) -> Bytes {
        let Ok(text) = std::str::from_utf8(body) else {
            return body.clone();
        };
        let (_, host) = self.base.split_once("://").unwrap_or_default();
        let mut text = text.to_owned();
        for scheme in ["https://", "http://"] {
            for end in ["/", "\"", "?"] {
                let (from, to) = (format!("{scheme}{host}{end}"), format!("{}{end}", self.prefix));
                text = text.replace(&from, &to);
                let escaped = |plain: &str| plain.replace('/', "\\/");
                text = text.replace(&escaped(&from), &escaped(&to));
            }
        }
        Bytes::from(text)
    }
}

fn picked(headers: &HeaderMap, names: &[&'static str]) -> HeaderMap {
    let picked = names.iter().filter_map(|name| Some((HeaderName::from_static(name), headers.get(*name)?.clone())));
    picked.collect()
}

/// What a browser may tell a backend.
pub const ASKED: [&str; 12] = [
    "accept",
    "accept-language",
    "apikey",
    "authorization",
    "content-type",
    "user-agent",
    "x-http-method-override",
    "x-requested-with",
    "x-liveagent-affinity",
    "x-liveagent-api-version",
    "x-liveagent-sequence",
    "x-liveagent-session-key",
];
/// What a backend may tell a browser.
const TOLD: [&str; 4] = ["content-type", "content-disposition", "retry-after", "last-modified"];

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(base: &str) -> Proxy {
        let (prefix, base) = ("/lp".to_owned(), base.to_owned());
        Proxy { prefix, base, dialect: Dialect::LivePerson, deadline: Duration::ZERO }
    }

    #[test]
    fn places_of_the_backend_become_places_of_the_gateway() {
        let plain = proxy("https://b.test");
        for (place, moved) in [
            ("https://b.test/api/account/1/chat/7", "/lp/api/account/1/chat/7"),
            ("http://b.test/api?x=1", "/lp/api?x=1"),
            ("/api/account/1", "/lp/api/account/1"),
            ("https://b.test.evil/api", "https://b.test.evil/api"),
            ("//c.test/api", "//c.test/api"),
        ] {
            assert_eq!(plain.moved(place), moved);
        }
        let nested = proxy("https://b.test/chat");
        assert_eq!(nested.moved("https://b.test/chat/api"), "/lp/api");
        assert_eq!(nested.moved("/chat/api"), "/lp/api");
        assert_eq!(nested.moved("https://b.test/other"), "https://b.test/other");
    }

    #[test]
    fn documents_lead_to_the_gateway_however_slashes_are_spelt() {
        let body =
            Bytes::from_static(br#"{"a":"https://b.test/x","b":"https:\/\/b.test\/y","c":"https://b.tester/z"}"#);
        let told = r#"{"a":"/lp/x","b":"\/lp\/y","c":"https://b.tester/z"}"#;
        assert_eq!(proxy("https://b.test").rewritten(&body), Bytes::from_static(told.as_bytes()));
    }
}
