//! Asks SuperOffice's WebAPI with the credential, within a deadline, and again only where that is safe. Sections are those
//! of the protocol page.

use std::time::Duration;

use axum::http::{HeaderValue, Method, Request, StatusCode, header};
use bytes::Bytes;
use http_body_util::Full;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

use crate::gateway::breaker::Breaker;
use crate::gateway::client::{Answer, Client, Trouble};
use crate::gateway::config::{Pace, Scheme};
use crate::gateway::log::millis;
use crate::gateway::metrics::Metrics;
use crate::gateway::secret::{Renewable, Secret};

/// The WebAPI of one tenant.
#[derive(Debug)]
pub struct WebApi {
    client: Client,
    base: String,
    credential: Renewable,
    scheme: Scheme,
    app_token: Option<Secret>,
    deadline: Duration,
    longest: usize,
    permits: Semaphore,
    breaker: Breaker,
}

/// What the credential is, and how it is presented.
#[derive(Debug)]
pub struct Identity {
    /// The word itself.
    pub credential: Renewable,
    /// How it is presented.
    pub scheme: Scheme,
    /// The partner's word, if there is one.
    pub app_token: Option<Secret>,
}

/// One question.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// What metrics call it.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// Everything behind `/api/v1/`.
    pub path: String,
    /// What goes along.
    pub body: Option<&'a Value>,
}

/// Why a question has no good answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// There is no such entity.
    Missing,
    /// It was understood and refused.
    Refused,
    /// It could not be asked: nothing was done.
    Unavailable,
    /// It was asked, and nobody knows what was done.
    Unknown,
}

impl WebApi {
    /// The WebAPI at an address.
    pub fn new(client: Client, url: &str, identity: Identity, pace: &Pace) -> Self {
        let Identity { credential, scheme, app_token } = identity;
        Self {
            client,
            base: format!("{}/api/v1", url.trim_end_matches('/')),
            credential,
            scheme,
            app_token,
            deadline: Duration::from_millis(pace.deadline_ms),
            longest: pace.answer_bytes,
            permits: Semaphore::new(pace.in_flight),
            breaker: Breaker::default(),
        }
    }

    /// Asks a question and reads its answer as JSON.
    ///
    /// # Errors
    /// As the failure says.
    pub async fn ask(&self, question: &Question<'_>, metrics: &Metrics) -> Result<Value, Failure> {
        let until = Instant::now() + self.deadline;
        let Ok(Ok(_permit)) = timeout_at(until, self.permits.acquire()).await else {
            metrics.asked(question.name, "crowded", self.deadline);
            return Err(Failure::Unavailable);
        };
        let mut left = TRIES;
        let mut renewed = false;
        loop {
            left -= 1;
            if self.breaker.is_open() {
                metrics.asked(question.name, "spared", Duration::ZERO);
                return Err(Failure::Unavailable);
            }
            let worn = self.credential.current();
            let begun = Instant::now();
            let outcome = self.client.ask(self.request(question, &worn)?, until, self.longest).await;
            self.breaker.note(matches!(outcome, Err(Trouble::Unreachable | Trouble::TimedOut)));
            let (verdict, told) = judge(outcome, question);
            metrics.asked(question.name, told, begun.elapsed());
            tracing::debug!(operation = question.name, outcome = told, ms = millis(begun.elapsed()), "upstream");
            match verdict {
                Verdict::Done(result) => return result,
                Verdict::Credential if !renewed && self.credential.renew(&worn) => renewed = true,
                Verdict::Credential => {
                    tracing::error!(operation = question.name, "the credential is refused");
                    return Err(Failure::Unavailable);
                }
                Verdict::Again(_) if left > 0 && Instant::now() + PAUSE < until => sleep(PAUSE).await,
                Verdict::Again(failure) => return Err(failure),
            }
        }
    }

    fn request(&self, question: &Question<'_>, credential: &Secret) -> Result<Request<Full<Bytes>>, Failure> {
        let scheme = match self.scheme {
            Scheme::Bearer => "Bearer",
            Scheme::SOTicket => "SOTicket",
            Scheme::Basic => "Basic",
        };
        let hidden = |text: &str| {
            let mut value = HeaderValue::from_str(text).map_err(|_| Failure::Unavailable)?;
            value.set_sensitive(true);
            Ok(value)
        };
        let body = question.body.map(Value::to_string).unwrap_or_default();
        let mut request = Request::builder()
            .method(question.method.clone())
            .uri(format!("{}/{}", self.base, question.path))
            .header(header::AUTHORIZATION, hidden(&format!("{scheme} {}", credential.reveal()))?)
            .header(header::ACCEPT, "application/json")
            .header("SO-TimeZone", "UTC");
        if let Some(token) = &self.app_token {
            request = request.header("SO-AppToken", hidden(token.reveal())?);
        }
        if question.body.is_some() {
            let kind =
                if question.method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
            request = request.header(header::CONTENT_TYPE, kind);
        }
        request.body(Full::from(body)).map_err(|_| Failure::Unavailable)
    }
}

enum Verdict {
    Done(Result<Value, Failure>),
    Credential,
    Again(Failure),
}

/// What an answer means. A question that changes nothing more by being asked twice is repeated: a read, and a patch that
/// sets fields (§2, §5). Everything is repeated that surely was not heard.
fn judge(outcome: Result<Answer, Trouble>, question: &Question<'_>) -> (Verdict, &'static str) {
    let is_safe = question.method == Method::GET || question.method == Method::PATCH;
    let doubtful = if is_safe { Verdict::Again(Failure::Unknown) } else { Verdict::Done(Err(Failure::Unknown)) };
    let answer = match outcome {
        Ok(answer) => answer,
        Err(Trouble::Unreachable) => return (Verdict::Again(Failure::Unavailable), "unreachable"),
        Err(Trouble::TimedOut) => return (Verdict::Done(Err(Failure::Unknown)), "late"),
        Err(Trouble::Broken) => return (doubtful, "broken"),
        Err(Trouble::TooLong) => return (Verdict::Done(Err(Failure::Unknown)), "garbage"),
    };
    match answer.status {
        StatusCode::NO_CONTENT => (Verdict::Done(Ok(Value::Null)), "done"),
        status if status.is_success() => match serde_json::from_slice(&answer.body) {
            Ok(value) => (Verdict::Done(Ok(value)), "done"),
            Err(_) => (doubtful, "garbage"),
        },
        StatusCode::UNAUTHORIZED => (Verdict::Credential, "credential"),
        StatusCode::NOT_FOUND | StatusCode::GONE => (Verdict::Done(Err(Failure::Missing)), "missing"),
        StatusCode::TOO_MANY_REQUESTS => (Verdict::Done(Err(Failure::Unavailable)), "throttled"),
        status if status.is_client_error() => (Verdict::Done(Err(Failure::Refused)), "refused"),
        _ => (doubtful, "failed"),
    }
}

/// Once, and once more.
const TRIES: u32 = 2;
const PAUSE: Duration = Duration::from_millis(150);
