//! How a session looks from outside (§4.1).

use serde_json::{Map, Value, json};

use crate::stamp;
use crate::superoffice::Session;
use crate::superoffice::session::Associate;
use crate::superoffice::switches::Switches;

/// The whole entity.
pub fn whole(session: &Session, switches: &Switches) -> Value {
    let moment = |when: Option<u64>| when.map_or_else(|| stamp::UNSET.to_owned(), stamp::written);
    let associate = |user: &Option<Associate>| user.as_ref().map_or(Value::Null, Associate::entity);
    let short = |words: &str| words.chars().take(COPIED).collect::<String>();
    let person = session
        .customer
        .get("CustomerEmail")
        .map(|_| json!({"PersonId": 40_000 + session.id, "FullName": "of the CRM"}));
    let mut entity = json!({
        "ChatSessionId": session.id, "TopicId": session.topic, "User": associate(&session.user),
        "Person": person, "Contact": null, "Project": null, "Sale": null, "Ticket": null, "CustomerHost": "192.0.2.7",
        "CustomerConsented": session.consented, "Status": session.status,
        "FirstMessage": short(session.said(true)), "LastMessage": short(session.said(false)),
        "WhenRequested": moment(session.when.requested), "WhenStarted": moment(session.when.started),
        "WhenEnded": moment(session.when.ended), "WhenIdle": moment(session.when.idle), "WhenFetched": moment(session.when.fetched),
        "SessionKey": session.key, "InitialQueuePos": session.place, "AlertLevel": 0, "Rank": 1,
        "Flags": flags(session, switches), "TransferTo": associate(&session.transfer_to),
        "ChatbotIsActive": session.bot_is_active, "Rating": session.rating, "TableRight": null, "FieldProperties": {},
        "_Links": {"Self": format!("/api/v1/ChatSession/{}", session.id), "Archive": "/api/v1/ChatSession"},
    });
    if let Some(fields) = entity.as_object_mut() {
        for name in CUSTOMER {
            fields.insert(name.to_owned(), session.customer.get(name).cloned().unwrap_or_else(|| json!("")));
        }
    }
    entity
}

/// Who types (§3.4).
fn flags(session: &Session, switches: &Switches) -> Value {
    match (session.customer_types, session.user_types) {
        (false, false) => json!(switches.idle_flags),
        (true, false) => json!("CustomerIsTyping"),
        (false, true) => json!("UserIsTyping"),
        (true, true) => json!(switches.both_flags),
    }
}

/// An entity that is saved nowhere.
pub fn default() -> Value {
    let mut fields: Map<String, Value> = CUSTOMER.iter().map(|name| ((*name).to_owned(), json!(""))).collect();
    for (name, value) in
        [("ChatSessionId", json!(0)), ("TopicId", json!(0)), ("Status", json!("Invalid")), ("Flags", json!(""))]
    {
        fields.insert(name.to_owned(), value);
    }
    Value::Object(fields)
}

/// The visitor's fields, and how long each may be (§4.1).
pub const LONGEST: [(&str, usize); 5] = [
    ("CustomerAlias", 64),
    ("CustomerName", 255),
    ("CustomerEmail", 255),
    ("CustomerPhone", 32),
    ("CustomerCompanyName", 255),
];
const CUSTOMER: [&str; 5] = ["CustomerAlias", "CustomerName", "CustomerEmail", "CustomerPhone", "CustomerCompanyName"];
const COPIED: usize = 1_024;
