//! Where a chat begins.

use std::sync::Arc;

use axum::response::Response;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::agent;
use crate::call::Call;
use crate::genesys::fields::Fields;
use crate::genesys::party::{Role, put};
use crate::genesys::reply::{Complaint, Envelope, GENERAL, Stop, respond};
use crate::genesys::resource::{Resource, Variant};
use crate::genesys::session::Session;
use crate::genesys::switches::{OpeningText, Switches, Unavailable};
use crate::genesys::verdict::{self, Claim, Verdict};
use crate::genesys::{operations, sweeper, words};
use crate::hub::{Action, Conversation, Hub, Kind, Phase, Place, Violation};
use crate::settings::{ChatRequest, Settings};

/// Begins a chat.
pub async fn start(hub: &Arc<Hub>, call: &mut Call, resource: &Resource, fields: &Fields) -> Result<Response, Stop> {
    let name = name(fields).map_err(Stop::Invalid)?;
    if resource.variant == Variant::WebApi && fields.given("tenantId").is_none() {
        call.blame(hub, Violation::new("missingField", "RequestChat without tenantId"));
        return Err(Stop::Invalid((GENERAL, Some("tenantId is missing".to_owned()))));
    }
    let verdict = hub.adjust_settings(|settings| verdict::take(&mut settings.genesys.verdicts, &call.noun));
    let settings = hub.settings();
    if let Some(verdict) = verdict.as_ref().filter(|verdict| verdict.status_code != 0 && !verdict.processed) {
        return Err(Stop::Told(struck(verdict, false)));
    }
    if !settings.available {
        return Err(Stop::Told(match settings.genesys.unavailable {
            Unavailable::Code240 => Envelope::refused(true, 240, "a new chat cannot be started now"),
            Unavailable::Status1 => Envelope { code: 1, ..Envelope::good(false) },
        }));
    }
    let at = hub.epoch_ms();
    let mut conversation = begun(call, resource, fields, &settings.genesys, &name);
    arrive(&mut conversation, fields, &settings, &name, at)?;
    let id = conversation.id.clone();
    hub.add(conversation);
    call.ticket = hub.open(&id, call.line(), Kind::Post).await;
    sweeper::watch(hub, &id);
    agent::attend(hub, &id);
    let answered = hub.with(&id, |conversation, settings| {
        let session = operations::session(conversation)?;
        let told = Envelope {
            messages: session.story.since(None, 0),
            next: Some(session.story.next()),
            ..Envelope::good(false)
        };
        let told = match &verdict {
            Some(verdict) => overruled(told, verdict, false),
            None => told,
        };
        Ok(respond(call, Some(session), &settings.genesys, resource, &told))
    });
    answered.ok_or(Stop::NotFound)?
}

/// What a verdict answers in place of Chat Server.
pub fn struck(verdict: &Verdict, stale: bool) -> Envelope {
    let code = verdict.code.or((verdict.status_code == 2).then_some(GENERAL));
    let errors = code.map(|code| (code, Some("as ordered".to_owned()))).into_iter().collect();
    Envelope { code: verdict.status_code, ended: claimed(verdict.chat_ended, stale), errors, ..Envelope::default() }
}

/// A real outcome, as far as a verdict leaves it.
pub fn overruled(told: Envelope, verdict: &Verdict, stale: bool) -> Envelope {
    match (verdict.status_code, verdict.chat_ended) {
        (0, Claim::Stale) => told,
        (0, claim) => Envelope { ended: claimed(claim, stale), ..told },
        _ => struck(verdict, stale),
    }
}

fn claimed(claim: Claim, stale: bool) -> Option<bool> {
    match claim {
        Claim::Stale => Some(stale),
        Claim::Missing => None,
        Claim::Said(ended) => Some(ended),
    }
}

/// The visitor's name: the nickname, or both names.
fn name(fields: &Fields) -> Result<String, Complaint> {
    let name = match (fields.given("nickname"), fields.given("firstName"), fields.given("lastName")) {
        (Some(nickname), _, _) => nickname.to_owned(),
        (None, Some(first), Some(last)) => format!("{first} {last}"),
        (None, Some(_), None) => return Err((103, Some("last name is missing".to_owned()))),
        (None, None, Some(_)) => return Err((102, Some("first name is missing".to_owned()))),
        (None, None, None) => return Err((161, Some("nickname is missing".to_owned()))),
    };
    let is_address = |address: &str| {
        let parts = address.split_once('@');
        parts.is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'))
    };
    match fields.given("emailAddress") {
        Some(address) if !is_address(address) => Err((364, Some("invalid e-mail address".to_owned()))),
        _ => Ok(name),
    }
}

fn begun(call: &Call, resource: &Resource, fields: &Fields, switches: &Switches, name: &str) -> Conversation {
    let service = match resource.variant {
        Variant::WebApi => fields.given("tenantId").unwrap_or_default(),
        Variant::Mobile => &resource.service,
    };
    let id = chat_id();
    let mut conversation = Conversation::new(id.clone(), Session::new(resource.variant, &id, service, switches));
    let whole: Value = fields.pairs.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let mut event = whole;
    put(&mut event, "type", json!("init"));
    put(&mut event, "noun", json!(call.noun));
    put(&mut event, "userData", json!(fields.user_data));
    // Where the scripted agent looks for wishes.
    put(&mut event, "prechatDetails", json!([fields.given("subject"), fields.user_data]));
    conversation.note(event);
    name.clone_into(&mut conversation.visitor_name);
    conversation.since = Instant::now();
    conversation.phase = Phase::Queued;
    conversation
}

fn arrive(
    conversation: &mut Conversation,
    fields: &Fields,
    settings: &Settings,
    name: &str,
    at: u64,
) -> Result<(), Stop> {
    let switches = &settings.genesys;
    let session = operations::session(conversation)?;
    session.story.heed(switches);
    let mut events = vec![words::joined(&session.parties.join(name, Role::Client), at)];
    if let Some(system) = &switches.system_party {
        let party = session.parties.join(&system.nickname, if system.bot { Role::Bot } else { Role::External });
        events.push(words::joined(&party, at));
        events.push(("Message".to_owned(), Some(party.words(&system.greeting, at))));
    }
    for (kind, content) in events {
        conversation.push(&kind, content);
    }
    let opening = fields.given("text").filter(|_| switches.opening_text == OpeningText::Said);
    if let Some(text) = opening {
        operations::say(conversation, text, &Fields::default(), at);
    }
    if settings.chat_request == ChatRequest::Auto {
        let place = Place { position: settings.queue_position, wait: None };
        let _over = conversation.act(&Action::Succeed(place), settings, at);
    }
    Ok(())
}

/// Sixteen letters and digits.
fn chat_id() -> String {
    let random = Uuid::new_v4().simple().to_string().to_uppercase();
    format!("0001a{}", random.chars().take(11).collect::<String>())
}
