//! A WebAPI of few words: sessions that talk, lines that are written to them, and moods.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{Request, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

/// The upstream.
#[derive(Debug)]
pub struct Upstream {
    /// Where it listens.
    pub address: SocketAddr,
    asked: AtomicU64,
    state: Mutex<Sessions>,
    listening: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Sessions {
    mood: Mood,
    last: u64,
    lines: BTreeMap<u64, Vec<u64>>,
}

/// How it feels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It answers.
    Well,
    /// It answers late.
    Slow,
    /// Nobody listens.
    Gone,
    /// It answers 500.
    Failing,
    /// It answers something else.
    Nonsense,
}

impl Upstream {
    /// Begins to listen.
    pub async fn start() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = Mutex::new(Sessions { mood: Mood::Well, last: 100, lines: BTreeMap::new() });
        let upstream = Arc::new(Self { address, asked: AtomicU64::new(0), state, listening: Mutex::new(None) });
        upstream.listen(listener);
        upstream
    }

    /// How many requests came.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// How it feels.
    pub fn mood(&self) -> Mood {
        self.lock().mood
    }

    /// Feels otherwise from now on.
    pub async fn set_mood(self: &Arc<Self>, mood: Mood) {
        let before = std::mem::replace(&mut self.lock().mood, mood);
        if before == mood {
            return;
        }
        if mood == Mood::Gone {
            let listening = self.listening.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(listening) = listening {
                listening.abort();
            }
        } else if before == Mood::Gone {
            let listener = TcpListener::bind(self.address).await.expect("the same port");
            self.listen(listener);
        }
    }

    /// Writes a line to every session now and then, until a moment.
    pub async fn write(self: Arc<Self>, every: Duration, until: Instant) {
        let mut turn = 0;
        while Instant::now() < until {
            turn = self.write_some(every, turn);
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Writes to a few sessions, ten times a second, so that everybody has had a line after the whole time.
    fn write_some(&self, every: Duration, turn: usize) -> usize {
        let mut sessions = self.lock();
        let count = sessions.lines.len().max(1);
        let share = count.div_ceil(usize::try_from(every.as_millis() / 100).unwrap_or(1).max(1));
        sessions.last += 1;
        let number = sessions.last;
        let ids: Vec<u64> = sessions.lines.keys().copied().cycle().skip(turn).take(share).collect();
        for (place, id) in ids.into_iter().enumerate() {
            let number = number * 1_000 + u64::try_from(place).unwrap_or_default();
            sessions.lines.entry(id).or_default().push(number);
        }
        (turn + share) % count
    }

    /// How many lines were written, and how many of them nobody saw.
    pub fn compare(&self, seen: &BTreeMap<u64, Vec<u64>>) -> (usize, usize) {
        let sessions = self.lock();
        let empty = Vec::new();
        // Who never got an answer with a number is not known to any visitor.
        let known = sessions.lines.iter().filter(|(id, _)| seen.contains_key(id));
        let lost = |(id, written): (&u64, &Vec<u64>)| {
            let seen = seen.get(id).unwrap_or(&empty);
            (written.len(), written.iter().filter(|number| !seen.contains(number)).count())
        };
        known.map(lost).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    fn listen(self: &Arc<Self>, listener: TcpListener) {
        let routes = Router::new()
            .route("/Cust1/api/v1/ChatTopic/{id}", get(topic))
            .route("/Cust1/api/v1/ChatTopic/{id}/Sessions", post(start).get(list))
            .route("/Cust1/api/v1/ChatSession/{id}", get(show).patch(show))
            .route("/Cust1/api/v1/ChatSession/{id}/Messages", get(read))
            .layer(middleware::from_fn_with_state(Arc::clone(self), feel))
            .with_state(Arc::clone(self));
        let task = tokio::spawn(async move {
            let _ended = axum::serve(listener, routes).await;
        });
        *self.listening.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
    }

    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn feel(State(upstream): State<Arc<Upstream>>, request: Request<Body>, next: Next) -> Response {
    upstream.asked.fetch_add(1, Ordering::Relaxed);
    match upstream.mood() {
        Mood::Well => {}
        Mood::Slow => sleep(Duration::from_secs(3)).await,
        // A connection that was open before is of no use either.
        Mood::Gone | Mood::Failing => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Mood::Nonsense => return "<html>It works!</html>".into_response(),
    }
    next.run(request).await
}

async fn topic(Path(id): Path<u64>) -> axum::Json<Value> {
    axum::Json(json!({"ChatTopicId": id, "SecondsPrAccept": 30, "Widget": {}}))
}

async fn start(State(upstream): State<Arc<Upstream>>) -> axum::Json<Value> {
    let mut sessions = upstream.lock();
    sessions.last += 1;
    let id = sessions.last;
    sessions.lines.insert(id, Vec::new());
    axum::Json(entity(id))
}

async fn list() -> axum::Json<Value> {
    axum::Json(json!({"value": []}))
}

async fn show(State(upstream): State<Arc<Upstream>>, Path(id): Path<u64>) -> Result<axum::Json<Value>, StatusCode> {
    let is_known = upstream.lock().lines.contains_key(&id);
    if is_known { Ok(axum::Json(entity(id))) } else { Err(StatusCode::NOT_FOUND) }
}

async fn read(
    State(upstream): State<Arc<Upstream>>,
    Path(id): Path<u64>,
    Query(query): Query<BTreeMap<String, u64>>,
) -> axum::Json<Value> {
    let after = query.get("after").copied().unwrap_or_default();
    let sessions = upstream.lock();
    let lines = sessions.lines.get(&id).into_iter().flatten().filter(|number| **number > after);
    let lines: Vec<Value> = lines
        .map(|number| {
            json!({"ChatMessageId": number, "ChatSessionId": id, "Type": "ToCustomer", "Message": "Are you still there?",
                "Author": "Noor", "ReadByCustomer": 0, "SpecialType": "None", "SpecialParam": "",
                "WhenPosted": "2024-03-05T10:15:02.1200000+00:00"})
        })
        .collect();
    axum::Json(json!(lines))
}

/// As long as a real one.
fn entity(id: u64) -> Value {
    json!({
        "ChatSessionId": id, "TopicId": 1, "User": {"AssociateId": 7, "FullName": "Noor Berg", "UserName": "noor"},
        "Person": {"PersonId": 4, "FullName": "Ines Roth"}, "CustomerAlias": "Ines", "CustomerName": "Ines Roth",
        "CustomerEmail": "ines@example.net", "CustomerPhone": "", "CustomerCompanyName": "", "CustomerConsented": true,
        "Status": "UserLast", "FirstMessage": "My kettle leaks", "LastMessage": "Are you still there?",
        "WhenRequested": "2024-03-05T10:15:02.1200000+00:00", "WhenStarted": "2024-03-05T10:15:02.1200000+00:00",
        "WhenEnded": "0001-01-01T00:00:00", "WhenIdle": "2024-03-05T10:15:02.1200000+00:00",
        "WhenFetched": "2024-03-05T10:15:02.1200000+00:00", "SessionKey": key(id), "InitialQueuePos": 1, "Flags": "",
        "TransferTo": null, "ChatbotIsActive": false, "Rating": 0, "TableRight": null, "FieldProperties": {},
    })
}

fn key(id: u64) -> String {
    format!("{id:064x}")
}
