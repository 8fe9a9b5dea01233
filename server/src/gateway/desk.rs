//! What the gateway knows of SuperOffice: reads that are shared, and writes that make them doubtful.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::Method;
use futures_util::future::join;
use serde_json::{Map, Value, json};

use crate::gateway::config::{Pace, SuperOffice, ms};
use crate::gateway::guess;
use crate::gateway::metrics::Metrics;
use crate::gateway::refusal::Refusal;
use crate::gateway::sessions::{Entry, Lines, Sessions};
use crate::gateway::shared::Shared;
use crate::gateway::view::{self, Seen, Status};
use crate::gateway::webapi::{Failure, Question, WebApi};
use crate::stamp;

/// SuperOffice, as far as visitors need it.
#[derive(Debug)]
pub struct Desk {
    /// What an administrator decided.
    pub config: SuperOffice,
    /// Everything that is counted.
    pub metrics: Arc<Metrics>,
    /// The sessions that somebody asked for lately.
    pub sessions: Sessions,
    api: WebApi,
    topics: Mutex<BTreeMap<u64, Arc<Topic>>>,
    most: usize,
    takes_webhooks: bool,
}

/// What is known of one topic.
#[derive(Debug, Default)]
struct Topic {
    entity: Shared<Value>,
    is_open: Shared<bool>,
    queue: Shared<Queue>,
}

/// Who waits in a topic.
#[derive(Debug)]
struct Queue {
    waiting: Vec<u64>,
    is_whole: bool,
}

impl Desk {
    /// SuperOffice behind a WebAPI. `most` is how many sessions are remembered.
    pub fn new(config: SuperOffice, api: WebApi, metrics: Arc<Metrics>, most: usize) -> Self {
        let takes_webhooks = config.webhook_secret_file.is_some() || config.webhook_secret_env.is_some();
        let topics = config.topics.iter().map(|id| (*id, Arc::new(Topic::default()))).collect();
        Self { config, metrics, sessions: Sessions::default(), api, topics: Mutex::new(topics), most, takes_webhooks }
    }

    /// A topic's entity, whole.
    ///
    /// # Errors
    /// When visitors may not use it, or it cannot be read.
    pub async fn topic(&self, id: u64) -> Result<Arc<Value>, Refusal> {
        let topic = self.slot(id)?;
        let path = format!("ChatTopic/{id}");
        let read = topic.entity.get(ms(self.pace().topic_ms), |_| self.get("topic", path)).await;
        self.told(read)
    }

    /// Whether somebody or something answers in a topic (§9).
    ///
    /// # Errors
    /// When visitors may not use it, or it cannot be read.
    pub async fn is_open(&self, id: u64) -> Result<bool, Refusal> {
        let topic = self.slot(id)?;
        let entity = self.topic(id).await?;
        let has_bot = entity.get("BotEnabled").and_then(Value::as_bool).unwrap_or_default();
        let read = async {
            let hours = self.get("is-open", format!("ChatTopic/{id}/IsOpen"));
            let presence = async {
                // A bot always counts as present (§5.1).
                if has_bot { Ok(true) } else { self.is_staffed(id).await }
            };
            let (hours, is_staffed) = join(hours, presence).await;
            let hours = hours?.as_bool().ok_or(Failure::Unknown)?;
            Ok(hours && is_staffed?)
        };
        let read = topic.is_open.get(ms(self.pace().open_ms), |_| read).await;
        self.told(read).map(|is_open| *is_open)
    }

    /// A session's entity.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub async fn seen(&self, id: u64) -> Result<(Arc<Entry>, Arc<Seen>), Refusal> {
        let entry = self.sessions.entry(id, self.most);
        let age = self.age(&entry);
        let read = entry
            .seen
            .get(age, |before| async {
                let entity = self.get("session", format!("ChatSession/{id}")).await?;
                let seen = self.read(&entity)?;
                if before.is_none_or(|before| is_news(&before, &seen)) {
                    entry.note_news();
                }
                Ok(seen)
            })
            .await;
        let seen = self.told(read)?;
        Ok((entry, seen))
    }

    /// What was said after a number.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn said(&self, id: u64, entry: &Entry, after: u64) -> Result<Vec<Arc<Value>>, Refusal> {
        let age = self.age(entry);
        let read = entry
            .said
            .get(age, |before| async move {
                let position = before.as_ref().map_or(0, |before| before.position());
                let lines = Lines::joined(before.as_deref(), self.lines(id, position).await?);
                if before.is_none_or(|before| before.mark() != lines.mark()) {
                    entry.note_news();
                }
                Ok(lines)
            })
            .await;
        let lines = self.told(read)?;
        if let Some(lines) = lines.after(after) {
            return Ok(lines);
        }
        let lines = self.lines(id, after).await.map_err(refused)?;
        Ok(lines.into_iter().map(|(_, line)| Arc::new(line)).collect())
    }

    /// A session's place in the queue, and seconds until it is its turn, as far as they are known (§5.5).
    pub async fn place(&self, id: u64, seen: &Seen) -> (Option<u64>, Option<u64>) {
        if seen.status != Status::InQueue {
            return (None, None);
        }
        let Ok(topic) = self.slot(seen.topic) else {
            return (None, None);
        };
        let read = topic.queue.get(ms(self.pace().queue_ms), |_| self.queue(seen.topic));
        let (Ok(queue), _) = read.await else {
            return (None, None);
        };
        let ahead = queue.waiting.iter().filter(|other| **other < id).count();
        let is_counted = queue.is_whole || queue.waiting.contains(&id);
        let Some(place) = u64::try_from(ahead + 1).ok().filter(|_| is_counted) else {
            return (None, None);
        };
        let seconds = match self.topic(seen.topic).await {
            Ok(topic) => topic.get("SecondsPrAccept").and_then(Value::as_u64).filter(|seconds| *seconds > 0),
            Err(_) => None,
        };
        (Some(place), seconds.map(|seconds| seconds.saturating_mul(place)))
    }

    /// Begins a session; the answer has the visitor's proof.
    ///
    /// # Errors
    /// When it did not begin, or nobody knows.
    pub async fn start(&self, topic: u64) -> Result<(u64, Seen), Refusal> {
        self.slot(topic)?;
        let path = format!("ChatTopic/{topic}/Sessions");
        let entity = self.ask("start", Method::POST, path, None).await?;
        let id = entity.get("ChatSessionId").and_then(Value::as_u64).ok_or(Refusal::Upstream)?;
        let seen = self.read(&entity).map_err(refused)?;
        if seen.key.reveal().is_empty() {
            return Err(Refusal::Upstream);
        }
        Ok((id, seen))
    }

    /// Changes fields of a session, and gives it as it is then.
    ///
    /// # Errors
    /// When it was not changed, or nobody knows.
    pub async fn patch(&self, id: u64, fields: Map<String, Value>) -> Result<Seen, Refusal> {
        let body = Value::Object(fields);
        let result = self.ask("patch", Method::PATCH, format!("ChatSession/{id}"), Some(&body)).await;
        self.doubt(id);
        self.read(&result?).map_err(refused)
    }

    /// Stores a message, and gives it as it is stored.
    ///
    /// # Errors
    /// When it was not stored, or nobody knows.
    pub async fn post(&self, id: u64, message: &Value) -> Result<Value, Refusal> {
        let result = self.ask("post", Method::POST, format!("ChatSession/{id}/Messages"), Some(message)).await;
        self.doubt(id);
        let (_, shown) = view::message(&result?).ok_or(Refusal::Upstream)?;
        Ok(shown)
    }

    /// Lets the bot go (§7.3), and gives the session as it is then.
    ///
    /// # Errors
    /// When it did not, or nobody knows.
    pub async fn reset(&self, id: u64) -> Result<Seen, Refusal> {
        let result = self.ask("reset", Method::POST, format!("ChatSession/{id}/Reset"), None).await;
        self.doubt(id);
        self.read(&result?).map_err(refused)
    }

    /// Everything that was said, as one text.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn transcript(&self, id: u64, is_html: bool) -> Result<Value, Refusal> {
        let path = format!("ChatSession/{id}/Transcript?html={is_html}");
        let text = self.ask("transcript", Method::POST, path, None).await?;
        if text.is_string() { Ok(text) } else { Err(Refusal::Upstream) }
    }

    /// Makes a request of an offline form, and gives its number.
    ///
    /// # Errors
    /// When it was not made, or nobody knows.
    pub async fn ticket(&self, topic: &Value, seen: &Seen, words: &str) -> Result<u64, Refusal> {
        let author = seen.field("CustomerName");
        let title: String = words.lines().next().unwrap_or_default().chars().take(TITLE).collect();
        let ticket = guess::ticket(&title, author, seen.field("CustomerEmail"), topic);
        let stored = self.ask("ticket", Method::POST, "Ticket?notify=true".to_owned(), Some(&ticket)).await?;
        let number = stored.get("TicketId").and_then(Value::as_u64).ok_or(Refusal::Upstream)?;
        let message = guess::ticket_message(number, author, words);
        self.ask("ticket", Method::POST, "TicketMessage".to_owned(), Some(&message)).await?;
        Ok(number)
    }

    /// Writes that the visitor is there (§8.1), unless it was written a moment ago, by whatever process.
    pub fn touch(self: &Arc<Self>, id: u64, entry: &Entry, seen: &Seen, now: u64) {
        let every = ms(self.pace().fetched_ms);
        let since = seen.fetched.map(|fetched| now.saturating_sub(fetched));
        let is_fresh = since.is_some_and(|since| u128::from(since) < every.as_millis());
        if seen.status.is_over() || is_fresh || !entry.wants_touch(every) {
            return;
        }
        let desk = Arc::clone(self);
        tokio::spawn(async move {
            let body = json!({"WhenFetched": stamp::written(now)});
            desk.metrics.touches.fetch_add(1, Ordering::Relaxed);
            // The next visit tries again.
            let _untouched = desk.ask("touch", Method::PATCH, format!("ChatSession/{id}"), Some(&body)).await;
        });
    }

    /// A session changed, whoever changed it.
    pub fn doubt(&self, id: u64) {
        if let Some(entry) = self.sessions.known(id) {
            entry.doubt();
        }
    }

    fn pace(&self) -> &Pace {
        &self.config.pace
    }

    fn age(&self, entry: &Entry) -> Duration {
        let pace = self.pace();
        if self.takes_webhooks {
            return ms(pace.webhook_ms);
        }
        ms(if entry.is_idle(ms(pace.idle_after_ms)) { pace.idle_ms } else { pace.busy_ms })
    }

    fn slot(&self, id: u64) -> Result<Arc<Topic>, Refusal> {
        let topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        topics.get(&id).cloned().ok_or(Refusal::Missing)
    }

    /// A session as it is remembered. One of a topic that visitors may not use is none.
    fn read(&self, entity: &Value) -> Result<Seen, Failure> {
        let seen = Seen::read(entity).ok_or(Failure::Unknown)?;
        let topic = self.slot(seen.topic).map_err(|_| Failure::Missing)?;
        let first_names = topic.entity.last().and_then(|topic| topic.pointer("/Widget/UseAgentFirstname")?.as_bool());
        Ok(seen.with_users(entity, first_names.unwrap_or_default()))
    }

    /// Who waits in a topic, page by page.
    async fn queue(&self, topic: u64) -> Result<Queue, Failure> {
        let mut queue = Queue { waiting: Vec::new(), is_whole: false };
        loop {
            let known = queue.waiting.len();
            let list = self.get("queue", guess::queue_path(topic, known)).await?;
            let rows = list.get("value").and_then(Value::as_array).ok_or(Failure::Unknown)?;
            queue.waiting.extend(rows.iter().filter_map(guess::row_number));
            queue.is_whole = list.get("odata.nextLink").is_none_or(Value::is_null);
            // A page that adds nobody would be followed by others like it.
            if queue.is_whole || queue.waiting.len() == known || queue.waiting.len() >= guess::ROWS {
                return Ok(queue);
            }
        }
    }

    async fn is_staffed(&self, topic: u64) -> Result<bool, Failure> {
        let path = "Agents/Chat/GetChatPresence".to_owned();
        let question = Question { name: "presence", method: Method::POST, path, body: Some(&json!({})) };
        let users = self.api.ask(&question, &self.metrics).await?;
        let users = users.as_array().ok_or(Failure::Unknown)?;
        Ok(users.iter().any(|user| guess::is_present(user) && guess::answers_for(user, topic)))
    }

    async fn lines(&self, id: u64, after: u64) -> Result<Vec<(u64, Value)>, Failure> {
        let tail = if after > 0 { format!("?after={after}") } else { String::new() };
        let list = self.get("messages", format!("ChatSession/{id}/Messages{tail}")).await?;
        let list = list.as_array().ok_or(Failure::Unknown)?;
        let mut lines: Vec<_> = list.iter().filter_map(view::message).collect();
        lines.sort_by_key(|(number, _)| *number);
        Ok(lines)
    }

    async fn get(&self, name: &'static str, path: String) -> Result<Value, Failure> {
        let question = Question { name, method: Method::GET, path, body: None };
        self.api.ask(&question, &self.metrics).await
    }

    async fn ask(
        &self,
        name: &'static str,
        method: Method,
        path: String,
        body: Option<&Value>,
    ) -> Result<Value, Refusal> {
        let question = Question { name, method, path, body };
        self.api.ask(&question, &self.metrics).await.map_err(|failure| match failure {
            // It was read, and is not wanted where the session is now.
            Failure::Refused => Refusal::NotNow,
            failure => refused(failure),
        })
    }

    fn told<T>(&self, (result, was_shared): (Result<Arc<T>, Failure>, bool)) -> Result<Arc<T>, Refusal> {
        if was_shared {
            self.metrics.shared.fetch_add(1, Ordering::Relaxed);
        }
        result.map_err(refused)
    }
}

/// Whether a visitor would notice the difference. The visitor's own presence is no news.
fn is_news(before: &Seen, after: &Seen) -> bool {
    let told = |seen: &Seen| {
        let mut shown = seen.shown.clone();
        shown.remove("WhenFetched");
        shown
    };
    told(before) != told(after)
}

fn refused(failure: Failure) -> Refusal {
    match failure {
        Failure::Missing => Refusal::Missing,
        Failure::Refused | Failure::Unknown => Refusal::Upstream,
        Failure::Unavailable => Refusal::Unavailable,
    }
}

/// How many letters of the words are the title of a request.
const TITLE: usize = 80;
