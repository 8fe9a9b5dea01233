//! Changes of a session's entity, in both forms that the WebAPI takes (§5, §11.9), and what they bring about.

use serde_json::{Map, Value, json};

use crate::hub::Conversation;
use crate::settings::Settings;
use crate::stamp;
use crate::superoffice::life::{self, Then};
use crate::superoffice::session::Status;
use crate::superoffice::{Session, entity};

/// Why an entity stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// There is no such session.
    Missing,
    /// What a test expected was not so.
    Test,
    /// The change itself is no good.
    Bad(&'static str),
}

/// Applies a list of operations, or merges an object.
pub fn apply(entity: &mut Value, body: &Value, kind: &str) -> Result<(), Failure> {
    let Some(fields) = entity.as_object_mut() else {
        return Err(Failure::Missing);
    };
    match body {
        Value::Array(_) if kind.contains("merge-patch") => Err(Failure::Bad("a merge patch is an object")),
        Value::Array(operations) => operations.iter().try_for_each(|operation| operate(fields, operation)),
        Value::Object(_) if kind.contains("json-patch") => Err(Failure::Bad("a JSON patch is a list")),
        Value::Object(changes) => {
            for (name, value) in changes {
                let name = known(fields, name).ok_or(Failure::Bad("no such property"))?;
                fields.insert(name, value.clone());
            }
            Ok(())
        }
        _ => Err(Failure::Bad("an object or a list is wanted")),
    }
}

/// Takes a whole entity instead.
pub fn replace(entity: &mut Value, body: &Value, _kind: &str) -> Result<(), Failure> {
    if !body.is_object() {
        return Err(Failure::Bad("an entity is wanted"));
    }
    *entity = body.clone();
    Ok(())
}

/// Does what differs. What nobody may change is left as it is.
pub fn take_over(
    conversation: &mut Conversation,
    settings: &Settings,
    entity: &Value,
    at: u64,
) -> Result<Then, Failure> {
    let wanted = status(entity)?;
    details(conversation, entity)?;
    let session = conversation.session_mut::<Session>().ok_or(Failure::Missing)?;
    if let Some(rating) = entity.get("Rating").and_then(Value::as_i64) {
        session.rating = rating;
    }
    let fetched = entity.get("WhenFetched").and_then(Value::as_str).and_then(stamp::read);
    if let Some(fetched) = fetched.filter(|fetched| session.when.fetched != Some(*fetched)) {
        session.touch(fetched);
    }
    let flags = entity.get("Flags").and_then(Value::as_str).unwrap_or_default();
    let (customer, user) = (flags.contains("CustomerIsTyping"), flags.contains("UserIsTyping"));
    session.user_types = user;
    if std::mem::replace(&mut session.customer_types, customer) != customer {
        conversation.note(json!({"type": if customer { "typing" } else { "notTyping" }}));
        conversation.wake();
    }
    let current = conversation.session::<Session>().map(|session| session.status);
    let then = match wanted.filter(|wanted| Some(*wanted) != current) {
        Some(wanted) => life::enter(conversation, settings, wanted, at),
        None => Then::Rest,
    };
    if then == Then::Rest
        && let Some(next) = life::ends_form(conversation, settings)
    {
        return Ok(life::enter(conversation, settings, next, at));
    }
    Ok(then)
}

/// What the visitor tells of themselves.
fn details(conversation: &mut Conversation, entity: &Value) -> Result<(), Failure> {
    let session = conversation.session_mut::<Session>().ok_or(Failure::Missing)?;
    let mut told = Map::new();
    for (name, longest) in entity::LONGEST {
        let Some(text) = entity.get(name).and_then(Value::as_str) else {
            continue;
        };
        if text.chars().count() > longest {
            return Err(Failure::Bad("a field is too long"));
        }
        if session.customer.get(name).and_then(Value::as_str).unwrap_or_default() != text {
            told.insert(name.to_owned(), json!(text));
        }
    }
    session.customer.extend(told.clone());
    if let Some(consented) = entity.get("CustomerConsented").and_then(Value::as_bool) {
        session.consented = consented;
    }
    let name = session.alias().to_owned();
    if told.is_empty() {
        return Ok(());
    }
    let init = conversation.record.events.iter_mut().find(|event| event.get("type") == Some(&json!("init")));
    if let Some(data) = init.and_then(|event| event.get_mut("userData")).and_then(Value::as_object_mut) {
        data.extend(told);
    }
    if conversation.visitor_name != name {
        conversation.rename(name);
    }
    Ok(())
}

fn status(entity: &Value) -> Result<Option<Status>, Failure> {
    match entity.get("Status") {
        None | Some(Value::Null) => Ok(None),
        Some(status) => serde_json::from_value(status.clone()).map(Some).map_err(|_| Failure::Bad("no such status")),
    }
}

fn operate(fields: &mut Map<String, Value>, operation: &Value) -> Result<(), Failure> {
    let text = |name: &str| operation.get(name).and_then(Value::as_str);
    let path = text("path").ok_or(Failure::Bad("an operation has a path"))?;
    let name = known(fields, path.trim_start_matches('/')).ok_or(Failure::Bad("no such property"))?;
    let value = || operation.get("value").cloned().ok_or(Failure::Bad("a value is missing"));
    match text("op") {
        Some("add" | "replace") => {
            fields.insert(name, value()?);
            Ok(())
        }
        Some("remove") => {
            fields.insert(name, Value::Null);
            Ok(())
        }
        Some("test") => {
            let is_so = fields.get(&name) == Some(&value()?);
            if is_so { Ok(()) } else { Err(Failure::Test) }
        }
        _ => Err(Failure::Bad("op is add, replace, remove or test")),
    }
}

/// The property that is meant, whatever its capitals.
fn known(fields: &Map<String, Value>, name: &str) -> Option<String> {
    fields.keys().find(|known| known.eq_ignore_ascii_case(name)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patched(body: &Value, kind: &str) -> Result<Value, Failure> {
        let mut entity = json!({"Status": "InQueue", "Rating": 0, "CustomerName": "Ines"});
        apply(&mut entity, body, kind).map(|()| entity)
    }

    #[test]
    fn both_forms_change_the_same() {
        let merged = patched(&json!({"rating": 4, "CustomerName": null}), "application/merge-patch+json");
        let operations =
            json!([{"op": "replace", "path": "/RATING", "value": 4}, {"op": "remove", "path": "customername"}]);
        let operated = patched(&operations, "application/json-patch+json");
        assert_eq!(merged, operated);
        assert_eq!(merged, Ok(json!({"Status": "InQueue", "Rating": 4, "CustomerName": null})));
    }

    #[test]
    fn a_test_that_fails_stops_everything() {
        let operations = json!([{"op": "test", "path": "Status", "value": "Finished"}]);
        assert_eq!(patched(&operations, ""), Err(Failure::Test));
    }

    #[test]
    fn moves_copies_and_nonsense_are_refused() {
        for body in [
            json!([{"op": "move", "from": "/Rating", "path": "/Status"}]),
            json!([{"op": "copy", "from": "/Rating", "path": "/Status"}]),
            json!([{"op": "add", "path": "/Nothing", "value": 1}]),
            json!({"Nothing": 1}),
            json!("text"),
        ] {
            assert!(matches!(patched(&body, ""), Err(Failure::Bad(_))), "{body}");
        }
    }
}
