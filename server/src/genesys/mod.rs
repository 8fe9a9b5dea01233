//! The Genesys façade: the visitor's side of two chats over one hub, both polled in short intervals.
//! The Web API Server's (v1) lies at `/eservices/api/v2/chats/…` and takes JSON and cookies, the Mobile Services' (v2)
//! at `/genesys/2/chat/{service}/…` and takes forms. What an agent does is told to it in the hub's words.

mod checks;
mod fields;
mod files;
mod idle;
mod manners;
mod opening;
mod operations;
mod party;
mod poll;
mod reply;
mod resource;
mod session;
mod story;
mod sweeper;
mod switches;
mod verdict;
mod words;

use std::sync::Arc;

use axum::http::{Request, StatusCode};
use axum::response::Response;
use bytes::Bytes;

use crate::call::{self, Call, Refusal};
use crate::cors::{Credentials, Sharing};
use crate::hub::{Hub, Kind, RequestLine};

use fields::Fields;
use operations::Done;
use reply::{Envelope, Stop};
use resource::{Operation, Resource, Variant};
use session::Passage;
use switches::UnknownChat;

pub use session::Session;
pub use switches::Switches;

/// Reads a request to this façade; `None` when it is for somebody else.
pub fn read(request: &Request<Bytes>) -> Option<Call> {
    let path = request.uri().path();
    let resource = Resource::of(path, request.body())?;
    Some(Call::new(request, path, resource.noun()))
}

/// What another origin may do here: only the Web API Server takes cookies.
pub fn sharing(call: &Call) -> &'static Sharing {
    if call.path.starts_with(resource::WEB_API) { &WEB_API_SHARING } else { &MOBILE_SHARING }
}

/// Finds the request's conversation and opens the request there.
pub async fn admit(hub: &Arc<Hub>, call: &mut Call) {
    let Some(resource) = Resource::of(&call.path, &call.body) else {
        return;
    };
    let Some(id) = resource.chat.as_deref().and_then(|chat| {
        hub.find(|conversation| {
            conversation.id == chat && conversation.session::<Session>().is_some_and(|session| fits(session, &resource))
        })
    }) else {
        return;
    };
    let (at, stance) = (hub.epoch_ms(), hub.settings().genesys.body_type);
    hub.with(&id, |conversation, settings| sweeper::sweep(conversation, settings, at));
    let fields = Fields::read(call, stance).await;
    let kind = match resource.operation {
        Some(Operation::Poll) => Kind::Poll,
        Some(Operation::Show | Operation::FileLimits | Operation::Download) | None => Kind::Other,
        Some(_) => Kind::Post,
    };
    let line = RequestLine {
        ack: fields.given("transcriptPosition").map(str::to_owned),
        affinity: fields.given("alias").map(str::to_owned),
        ..call.line()
    };
    call.ticket = hub.open(&id, line, kind).await;
    watch_manners(hub, call, &resource, &fields);
}

/// Answers a request.
pub async fn answer(hub: &Arc<Hub>, call: &mut Call) -> Response {
    let Some(resource) = Resource::of(&call.path, &call.body) else {
        return call::text(StatusCode::NOT_FOUND, "Not Found");
    };
    match serve(hub, call, &resource).await {
        Ok(response) => response,
        Err(stop) => stopped(hub, call, &resource, stop),
    }
}

async fn serve(hub: &Arc<Hub>, call: &mut Call, resource: &Resource) -> Result<Response, Stop> {
    let switches = hub.settings().genesys;
    let operation = checks::resource(call, resource, &switches)?;
    if let Some(breach) = fields::check_shape(call, resource, switches.body_type)? {
        call.blame(hub, breach);
    }
    let fields = Fields::read(call, switches.body_type).await;
    if operation == Operation::Start {
        return opening::start(hub, call, resource, &fields).await;
    }
    let Some((id, arrival)) = call.ticket.as_ref().map(|ticket| (ticket.conversation.clone(), ticket.arrival)) else {
        return Err(match switches.unknown_chat {
            UnknownChat::NotFound => Stop::NotFound,
            UnknownChat::Ended => Stop::Told(Envelope::gone(operations::OVER)),
        });
    };
    if operation == Operation::Show {
        let shown = hub.with(&id, |conversation, _| {
            conversation.session::<Session>().map(|session| operations::show(conversation, session))
        });
        let shown = shown.flatten().ok_or(Stop::NotFound)?;
        return Ok(call::json_answer(StatusCode::OK, &shown));
    }
    let is_foreign = fields.given("secureKey").is_some_and(|key| belongs_elsewhere(hub, &id, key));
    let wrong_key = if is_foreign { "foreignKey" } else { "wrongKey" };
    let moved = hub.with(&id, |conversation, settings| {
        checks::over(call, operation, conversation, settings);
        let known = arrival.checked_sub(checks::ON_THE_WAY).unwrap_or(arrival);
        checks::identity(call, &fields, conversation, wrong_key, known)?;
        let session = operations::session(conversation)?;
        Ok::<_, Stop>((session.pass(operation, &settings.genesys), session.last_flag))
    });
    let (passage, stale) = moved.ok_or(Stop::NotFound)??;
    let trouble = || Envelope { code: 1, ..Envelope::good(stale) };
    let verdict = hub.adjust_settings(|settings| verdict::take(&mut settings.genesys.verdicts, &call.noun));
    if let Some(verdict) = verdict.as_ref().filter(|verdict| verdict.status_code != 0 && !verdict.processed) {
        return Err(Stop::Told(opening::struck(verdict, stale)));
    }
    if passage == Passage::Trouble {
        return Err(Stop::Told(trouble()));
    }
    let done = carry_out(hub, call, &id, resource, &fields).await?;
    let told = match (done, passage, verdict) {
        (Done::Told(told), _, Some(verdict)) => opening::overruled(told, &verdict, stale),
        (Done::Told(_), Passage::OpenThenTrouble, None) => trouble(),
        (Done::Told(told), _, None) => told,
        (Done::File(kind, bytes), _, _) => return Ok(operations::hand_out(&kind, bytes)),
    };
    Ok(tell(hub, call, resource, &told))
}

async fn carry_out(hub: &Arc<Hub>, call: &Call, id: &str, resource: &Resource, fields: &Fields) -> Result<Done, Stop> {
    let at = hub.epoch_ms();
    hub.with(id, |conversation, settings| {
        if let Ok(session) = operations::session(conversation) {
            session.touch();
            session.story.heed(&settings.genesys);
        }
    });
    if resource.operation == Some(Operation::Poll) {
        return poll::fetch(hub, call, id, fields).await.map(Done::Told);
    }
    if resource.operation != Some(Operation::Read) {
        let _checked = poll::position(hub, call, fields);
    }
    let done = hub.with(id, |conversation, settings| operations::perform(conversation, settings, resource, fields, at));
    done.ok_or(Stop::NotFound)?
}

fn stopped(hub: &Hub, call: &mut Call, resource: &Resource, stop: Stop) -> Response {
    match stop {
        Stop::NotFound => call::text(StatusCode::NOT_FOUND, "Not Found"),
        Stop::Invalid(complaint) => reply::invalid(&complaint),
        Stop::Refused(Refusal { status, body, violation }) => {
            if let Some(violation) = violation {
                call.blame(hub, violation);
            }
            call::text(status, body)
        }
        Stop::Told(envelope) => tell(hub, call, resource, &envelope),
    }
}

fn tell(hub: &Hub, call: &mut Call, resource: &Resource, envelope: &Envelope) -> Response {
    let id = call.ticket.as_ref().map(|ticket| ticket.conversation.clone());
    let told = id.and_then(|id| {
        hub.with(&id, |conversation, settings| {
            let session = conversation.session_mut::<Session>();
            reply::respond(call, session, &settings.genesys, resource, envelope)
        })
    });
    told.unwrap_or_else(|| reply::respond(call, None, &hub.settings().genesys, resource, envelope))
}

/// Looks at how the client behaves over time, whatever becomes of the request.
fn watch_manners(hub: &Hub, call: &Call, resource: &Resource, fields: &Fields) {
    let Some(ticket) = &call.ticket else {
        return;
    };
    let (words, poll) = match resource.variant {
        Variant::WebApi => ("text", "GetMessages"),
        Variant::Mobile => ("message", "refresh"),
    };
    hub.with(&ticket.conversation, |conversation, settings| {
        let requests = std::mem::take(&mut conversation.record.requests);
        let breach = conversation.session_mut::<Session>().and_then(|session| match resource.operation {
            Some(Operation::Poll) => session.manners.on_poll(settings.genesys.poll_floor_ms),
            Some(Operation::Send) => session.manners.on_words(ticket.number, fields.given(words)?, &requests, poll),
            _ => None,
        });
        conversation.record.requests = requests;
        if let Some(breach) = breach {
            conversation.blame(breach);
        }
    });
}

fn fits(session: &Session, resource: &Resource) -> bool {
    session.variant == resource.variant && (resource.variant == Variant::WebApi || session.service == resource.service)
}

fn belongs_elsewhere(hub: &Hub, id: &str, key: &str) -> bool {
    let is_other = |session: &Session| session.secure_key == key;
    hub.find(|conversation| conversation.id != id && conversation.session::<Session>().is_some_and(is_other)).is_some()
}

const WEB_API_SHARING: Sharing =
    Sharing { methods: "GET, POST", headers: "Content-Type", exposed: None, credentials: Credentials::Allowed };
const MOBILE_SHARING: Sharing = Sharing {
    methods: "GET, POST",
    headers: "Content-Type, Authorization, apikey",
    exposed: None,
    credentials: Credentials::Refused,
};
