//! Logging in. Any password is good. Who somebody is stands in the token itself, so a restart logs nobody out.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::call::{Call, Refusal, json_answer};
use crate::hub::Hub;
use crate::live_person::around;
use crate::live_person::checks::{self, Verb, bad, wrong_method};
use crate::live_person::documents::person as number_of;
use crate::live_person::route::{Operation, Route};
use crate::settings::Settings;

/// Somebody who logged in.
#[derive(Debug, PartialEq, Eq)]
pub struct Person {
    /// The name shown to visitors.
    pub name: String,
    /// The person's number.
    pub id: u64,
}

/// Answers a login, or lengthens one.
pub fn answer(hub: &Hub, call: &Call, route: &Route, verb: Verb, settings: &Settings) -> Result<Response, Refusal> {
    if verb != Verb::Post {
        return Err(wrong_method(call));
    }
    let body = checks::body(call)?;
    let name = match route.operation {
        Operation::Refresh => {
            read(checks::text(call, &body, "csrf")?, CSRF, &route.account).ok_or_else(unauthorized)?
        }
        _ => {
            checks::text(call, &body, "password")?;
            checks::text(call, &body, "username")?.trim().to_owned()
        }
    };
    if name.is_empty() {
        return Err(bad(call, "badBody", "the user name is blank"));
    }
    let bearer = token(&name, BEARER, &route.account);
    let answer: Value = json!({
        "bearer": bearer,
        "csrf": token(&name, CSRF, &route.account),
        "sessionTTl": LIFETIME_SECONDS,
        "config": {"loginName": name, "userId": number_of(&name)},
        "csdsCollectionResponse": around::services(hub, &route.account, &settings.liveperson),
    });
    let mut response = json_answer(StatusCode::OK, &answer);
    if let Ok(cookie) = HeaderValue::from_str(&format!("session={bearer}; Path=/liveperson/; HttpOnly")) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Who asks.
pub fn person(call: &Call, route: &Route) -> Result<Person, Refusal> {
    let token = call.header(header::AUTHORIZATION.as_str()).and_then(|text| text.strip_prefix("Bearer "));
    let Some(token) = token else {
        return Err(unauthorized().blaming("missingKey", &call.noun));
    };
    let name = read(token, BEARER, &route.account).ok_or_else(unauthorized)?;
    let id = number_of(&name);
    Ok(Person { name, id })
}

fn token(name: &str, kind: &str, account: &str) -> String {
    let hex: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("{kind}{hex}.{:x}", seal(name, kind, account))
}

fn read(token: &str, kind: &str, account: &str) -> Option<String> {
    let (hex, seal_of) = token.strip_prefix(kind)?.split_once('.')?;
    let escaped: String = hex.as_bytes().chunks(2).flat_map(|pair| [b"%", pair].concat()).map(char::from).collect();
    let name = crate::url::decode(&escaped);
    (seal_of == format!("{:x}", seal(&name, kind, account))).then_some(name)
}

fn seal(name: &str, kind: &str, account: &str) -> u64 {
    number_of(&format!("{kind}/{account}/{name}/sealed")) << 20 | number_of(&format!("{name}/{kind}/{account}"))
}

fn unauthorized() -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, "log in first")
}

const BEARER: &str = "b";
const CSRF: &str = "c";
const LIFETIME_SECONDS: &str = "28800";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_one_account_and_one_purpose() {
        let token = token("Mára", BEARER, "55");
        assert_eq!(read(&token, BEARER, "55").as_deref(), Some("Mára"));
        assert_eq!(read(&token, BEARER, "56"), None);
        assert_eq!(read(&token, CSRF, "55"), None);
        assert_eq!(read("b.0", BEARER, "55"), None);
    }
}
