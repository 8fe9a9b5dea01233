//! What must be right about a request before it is carried out: its credentials, and that the session goes on.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use tokio::time::Instant;

use crate::call::{Call, Refusal};
use crate::genesys::fields::Fields;
use crate::genesys::reply::{Envelope, GENERAL, Stop};
use crate::genesys::resource::{Operation, Resource, Variant};
use crate::genesys::session::{Life, Session};
use crate::genesys::switches::{Switches, UnknownService};
use crate::hub::{Conversation, Kind, Violation};
use crate::settings::Settings;

/// Checks that a request is for something that exists, by the right method. Gives the operation.
pub fn resource(call: &Call, resource: &Resource, switches: &Switches) -> Result<Operation, Stop> {
    let Some(operation) = resource.operation else {
        let refusal = Refusal::new(StatusCode::NOT_FOUND, "Not Found");
        return Err(refusal.blaming("unknownResource", format!("{} {}", call.method, call.path)).into());
    };
    let wanted = if operation == Operation::Show { Method::GET } else { Method::POST };
    if call.method != wanted {
        let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
        return Err(refusal.blaming("wrongMethod", format!("{} {}", call.method, call.noun)).into());
    }
    if resource.variant == Variant::Mobile && !switches.services.contains(&resource.service) {
        return Err(match switches.unknown_service {
            UnknownService::NotFound => Stop::NotFound,
            UnknownService::Code306 => Stop::Told(Envelope::refused(true, 306, "invalid service")),
        });
    }
    Ok(operation)
}

/// Blames a request that comes although the client knows that the session is over.
pub fn over(call: &Call, operation: Operation, conversation: &mut Conversation, settings: &Settings) {
    let Some(session) = conversation.session::<Session>() else {
        return;
    };
    let (Some(over), Some(ticket)) = (session.told.over, &call.ticket) else {
        return;
    };
    // Polls come one by one, so nothing can have crossed the answer to one. Whoever learnt of the end otherwise may
    // fetch what was said last.
    let grace = Duration::from_millis(settings.grace_ms);
    let late = |grace: Duration| ticket.arrival > over.since + grace;
    let is_breach = match (operation, over.by) {
        (Operation::Poll, Kind::Poll) => late(Duration::ZERO),
        (Operation::Poll, _) => session.life == Life::Left && late(grace),
        _ => late(grace),
    };
    if is_breach {
        conversation.blame(Violation::new("afterEnd", format!("{} although the end was told", call.noun)));
    }
}

/// Checks the credentials. A wrong secret costs the visitor the session, and is a breach of the rule `wrong_key`.
pub fn identity(
    call: &Call,
    fields: &Fields,
    conversation: &mut Conversation,
    wrong_key: &'static str,
    grace: Instant,
) -> Result<(), Stop> {
    let Some(session) = conversation.session_mut::<Session>() else {
        return Err(Stop::NotFound);
    };
    let wanted: &[&str] = match session.variant {
        Variant::WebApi => &["secureKey", "userId", "alias", "tenantId"],
        Variant::Mobile => &["secureKey", "userId", "alias"],
    };
    let missing: Vec<&str> = wanted.iter().copied().filter(|name| fields.given(name).is_none()).collect();
    let mut breaches = Vec::new();
    if !missing.is_empty() {
        breaches.push(Violation::new("missingIdentity", format!("{} without {}", call.noun, missing.join(", "))));
    }
    breaches.extend(fields.given("alias").and_then(|alias| alias_breach(call, session, alias, grace)));
    let tenant =
        fields.given("tenantId").filter(|tenant| session.variant == Variant::WebApi && *tenant != session.service);
    breaches.extend(tenant.map(|tenant| Violation::new("wrongTenant", format!("{} with {tenant}", call.noun))));
    let result = match (fields.given("secureKey"), fields.given("userId")) {
        (None, _) => Err(Stop::Invalid((GENERAL, Some("secureKey is missing".to_owned())))),
        (Some(key), _) if key != session.secure_key => {
            breaches.push(Violation::new(wrong_key, call.noun.clone()));
            if session.life == Life::Alive {
                session.life = Life::Removed(BAD_KEY);
                conversation.finish();
            }
            Err(Stop::Told(Envelope::gone(BAD_KEY)))
        }
        (_, Some(user)) if user != session.user_id => {
            breaches.push(Violation::new("wrongUser", call.noun.clone()));
            Err(Stop::Told(Envelope::refused(false, GENERAL, &format!("ref {NO_SUCH_USER}"))))
        }
        _ => Ok(()),
    };
    for breach in breaches {
        conversation.blame(breach);
    }
    result
}

/// An alias of before is served as well; it is a breach only when the client knows a later one.
fn alias_breach(call: &Call, session: &Session, alias: &str, grace: Instant) -> Option<Violation> {
    if alias == session.alias {
        return None;
    }
    let noun = &call.noun;
    if !session.former.iter().any(|former| former == alias) {
        return Some(Violation::new("wrongAlias", format!("{noun} with {alias}")));
    }
    let knew = session.told.alias.is_some_and(|since| since < grace);
    knew.then(|| Violation::new("staleAlias", format!("{noun} with {alias}")))
}

/// How long a request may have been on its way.
pub const ON_THE_WAY: Duration = Duration::from_millis(500);
/// Chat Server's number for a wrong secret.
const BAD_KEY: u32 = 8210;
/// Chat Server's number for a visitor who is not in the session.
const NO_SUCH_USER: u32 = 8201;
