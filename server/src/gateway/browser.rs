//! The browser's side of the gateway, exactly as §9 has it: which calls there are, and what each may carry.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Map, Value, json};

use crate::gateway::Front;
use crate::gateway::desk::Desk;
use crate::gateway::form::Form;
use crate::gateway::intake::{self, Client};
use crate::gateway::refusal::Refusal;
use crate::gateway::view::{self, Status};
use crate::gateway::visit::{Visit, Writing, after_form};
use crate::url::Query;

/// The calls, below the prefix.
pub fn routes() -> Router<Arc<Front>> {
    Router::new()
        .route("/api/v1/ChatTopic/{id}", get(topic))
        .route("/api/v1/ChatTopic/{id}/IsOpen", get(is_open))
        .route("/api/v1/ChatTopic/{id}/Sessions", post(start))
        .route("/api/v1/ChatSession/{id}", get(show).patch(change))
        .route("/api/v1/ChatSession/{id}/Messages", get(read).post(write))
        .route("/api/v1/ChatSession/{id}/OfflineForm", post(leave_message))
        .route("/api/v1/ChatSession/{id}/Transcript", post(transcript))
        .route("/api/v1/ChatSession/{id}/Reset", post(reset))
}

type Id = Result<RawPathParams, RawPathParamsRejection>;
type Answer = Result<Response, Refusal>;

async fn topic(State(front): State<Arc<Front>>, id: Id) -> Answer {
    let topic = front.desk()?.topic(number(id)?).await?;
    Ok(told(&view::topic(&topic)))
}

async fn is_open(State(front): State<Arc<Front>>, id: Id) -> Answer {
    let is_open = front.desk()?.is_open(number(id)?).await?;
    Ok(told(&json!(is_open)))
}

async fn start(State(front): State<Arc<Front>>, id: Id, client: Client, request: Request) -> Answer {
    let desk = front.desk()?;
    let topic_id = number(id)?;
    let topic = desk.topic(topic_id).await?;
    let body = intake::object_or_nothing(request, &front.limits_of_bodies()).await?;
    let form = Form::read(&body)?;
    front.limits.on_start(client.0)?;
    let (id, mut seen) = desk.start(topic_id).await?;
    front.limits.on_visit(client.0, id);
    let key = seen.key.clone();
    if !form.fields.is_empty() {
        let mut fields = form.fields.clone();
        let required = topic.pointer("/Widget/RequiredFields").and_then(Value::as_str).unwrap_or_default();
        let wants_consent = topic.get("CollectConsent").and_then(Value::as_bool).unwrap_or_default();
        let is_filled = form.check(required, wants_consent, |_| false).is_ok();
        if seen.status == Status::PreChatForm && is_filled {
            fields.insert("Status".to_owned(), json!(after_form(&topic)));
        }
        seen = desk.patch(id, fields).await?;
    }
    let entry = desk.sessions.entry(id, front.rules.sessions);
    let mut shown = Visit { desk, id, entry, seen: Arc::new(seen), now: now() }.shown().await;
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("SessionKey".to_owned(), json!(key.reveal()));
    }
    Ok(told(&shown))
}

async fn show(State(front): State<Arc<Front>>, id: Id, client: Client, headers: HeaderMap) -> Answer {
    let mut visit = admit(&front, id, client.0, &headers).await?;
    visit.desk.touch(visit.id, &visit.entry, &visit.seen, visit.now);
    visit.move_on().await?;
    Ok(told(&visit.shown().await))
}

async fn read(State(front): State<Arc<Front>>, id: Id, client: Client, request: Request) -> Answer {
    let query = Query::parse(request.uri().query().unwrap_or_default());
    let after = match query.values("after").collect::<Vec<_>>().as_slice() {
        [] => 0,
        [text] => digits(text).ok_or(Refusal::Bad)?,
        _ => return Err(Refusal::Bad),
    };
    let visit = admit(&front, id, client.0, request.headers()).await?;
    visit.desk.touch(visit.id, &visit.entry, &visit.seen, visit.now);
    let lines = visit.desk.said(visit.id, &visit.entry, after).await?;
    let lines: Vec<&Value> = lines.iter().map(AsRef::as_ref).collect();
    Ok(told(&json!(lines)))
}

async fn write(State(front): State<Arc<Front>>, id: Id, client: Client, request: Request) -> Answer {
    let visit = admit(&front, id, client.0, request.headers()).await?;
    let body = intake::object(request, &front.limits_of_bodies()).await?;
    let writing = writing(&body, front.rules.message_chars)?;
    Ok(told(&visit.write(&writing).await?))
}

async fn change(State(front): State<Arc<Front>>, id: Id, client: Client, request: Request) -> Answer {
    let visit = admit(&front, id, client.0, request.headers()).await?;
    let body = intake::object(request, &front.limits_of_bodies()).await?;
    let is_known =
        |name: &str| CHANGES.contains(&name) || Form::is_in(&Map::from_iter([(name.to_owned(), json!(null))]));
    if body.keys().any(|name| !is_known(name)) {
        return Err(Refusal::Bad);
    }
    let purposes = CHANGES.iter().filter(|name| body.contains_key(**name)).count() + usize::from(Form::is_in(&body));
    if purposes > 1 {
        return Err(Refusal::Bad);
    }
    let shown = match (body.get("Status"), body.get("Flags"), body.get("Rating")) {
        (Some(status), ..) => {
            if status != "Finished" {
                return Err(Refusal::Bad);
            }
            let (id, shown) = (visit.id, visit.end().await?);
            front.limits.on_leave(client.0, id);
            shown
        }
        (_, Some(flags), _) => match flags.as_str() {
            Some("CustomerIsTyping") => visit.typing(true).await?,
            Some("") => visit.typing(false).await?,
            _ => return Err(Refusal::Bad),
        },
        (.., Some(rating)) => {
            let stars = rating.as_u64().filter(|stars| (1..=5).contains(stars));
            visit.rate(stars.ok_or(Refusal::Invalid(vec!["Rating"]))?).await?
        }
        _ => visit.tell(Form::read(&body)?).await?,
    };
    Ok(told(&shown))
}

async fn leave_message(State(front): State<Arc<Front>>, id: Id, client: Client, request: Request) -> Answer {
    let visit = admit(&front, id, client.0, request.headers()).await?;
    let body = intake::object(request, &front.limits_of_bodies()).await?;
    let form = Form::read(&body)?;
    let words = match body.get("Message") {
        None | Some(Value::Null) => return Err(Refusal::Required(vec!["Message"])),
        Some(Value::String(words)) if words.trim().is_empty() => return Err(Refusal::Required(vec!["Message"])),
        Some(Value::String(words)) => words,
        Some(_) => return Err(Refusal::Bad),
    };
    if words.chars().count() > front.rules.message_chars {
        return Err(Refusal::TooLarge);
    }
    Ok(told(&visit.leave_message(form, words).await?))
}

async fn transcript(State(front): State<Arc<Front>>, id: Id, client: Client, request: Request) -> Answer {
    let query = Query::parse(request.uri().query().unwrap_or_default());
    let is_html = match query.value("html") {
        None | Some("false" | "False") => false,
        Some("true" | "True") => true,
        Some(_) => return Err(Refusal::Bad),
    };
    let visit = admit(&front, id, client.0, request.headers()).await?;
    Ok(told(&visit.desk.transcript(visit.id, is_html).await?))
}

async fn reset(State(front): State<Arc<Front>>, id: Id, client: Client, headers: HeaderMap) -> Answer {
    let visit = admit(&front, id, client.0, &headers).await?;
    Ok(told(&visit.reset().await?))
}

/// Lets a visitor into a session that is theirs: the key is compared with the one that is stored upstream.
async fn admit<'a>(front: &'a Front, id: Id, client: IpAddr, headers: &HeaderMap) -> Result<Visit<'a>, Refusal> {
    let desk: &Arc<Desk> = front.desk()?;
    let missed = |refusal: Refusal| {
        front.limits.on_miss(client);
        if desk.config.hide_unknown { Refusal::Missing } else { refusal }
    };
    let id = number(id).map_err(missed)?;
    let mut keys = headers.get_all(KEY).iter();
    let key = match (keys.next(), keys.next()) {
        (Some(key), None) if key.len() <= LONGEST_KEY => key,
        _ => return Err(missed(Refusal::Forbidden)),
    };
    let (entry, seen) = match desk.seen(id).await {
        Err(Refusal::Missing) => return Err(missed(Refusal::Missing)),
        seen => seen?,
    };
    if !seen.key.is(key.as_bytes()) {
        return Err(missed(Refusal::Forbidden));
    }
    front.limits.on_visit(client, id);
    Ok(Visit { desk, id, entry, seen, now: now() })
}

fn writing(body: &Map<String, Value>, longest: usize) -> Result<Writing, Refusal> {
    let text = |name: &str| match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(Refusal::Bad),
    };
    let words = text("Message")?.filter(|words| !words.trim().is_empty()).ok_or(Refusal::Bad)?;
    if words.chars().count() > longest {
        return Err(Refusal::TooLarge);
    }
    match (text("Type")?, text("SpecialType")?) {
        (None | Some("ToUser"), None | Some("None")) => Ok(Writing::Words(words.to_owned())),
        (Some("Special"), Some("ClickedOption")) => {
            let value = match text("Value")? {
                None => None,
                Some(value @ ("yes" | "no")) => Some(value.to_owned()),
                Some(_) => return Err(Refusal::Bad),
            };
            if words.chars().count() > LONGEST_LABEL {
                return Err(Refusal::TooLarge);
            }
            Ok(Writing::Click { label: words.to_owned(), value })
        }
        _ => Err(Refusal::Bad),
    }
}

/// A number as it stands in a path: nothing else is one.
fn number(id: Id) -> Result<u64, Refusal> {
    // Whoever serves these routes may have parameters of its own.
    let params = id.map_err(|_| Refusal::Missing)?;
    let text = params.iter().find_map(|(name, value)| (name == "id").then_some(value)).ok_or(Refusal::Missing)?;
    digits(text).filter(|_| !text.starts_with('0')).ok_or(Refusal::Missing)
}

fn digits(text: &str) -> Option<u64> {
    let is_plain = !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { text.parse().ok() } else { None }
}

fn told(body: &Value) -> Response {
    (StatusCode::OK, axum::Json(body)).into_response()
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or_default()
}

/// Where a visitor's proof stands.
pub const KEY: &str = "x-chat-session-key";
const CHANGES: [&str; 3] = ["Status", "Flags", "Rating"];
/// What `SpecialParam` has room for, with brackets and quotes around it (§4.1).
const LONGEST_LABEL: usize = 200;
const LONGEST_KEY: usize = 255;
