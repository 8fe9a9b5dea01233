//! Lists of sessions as OData (§5): a filter of comparisons joined by `and`, an order, and pages.

use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::call::{Call, Refusal};
use crate::hub::Hub;
use crate::superoffice::switches::{Columns, Switches};
use crate::superoffice::{Session, Status, bad, found};

/// Answers with the sessions of a topic, or with all.
pub fn answer(hub: &Hub, call: &Call, topic: Option<u64>) -> Result<Response, Refusal> {
    let switches = hub.settings().superoffice;
    let rows = hub.each(|conversation, settings| {
        let ahead = conversation.position;
        let session = conversation.session::<Session>()?;
        let is_wanted = topic.is_none_or(|topic| session.topic == topic);
        is_wanted.then(|| (row(session, &settings.superoffice), session.status, ahead, session.topic))
    });
    let rows: Vec<_> = rows.into_iter().flatten().collect();
    // Places of the settings stand for people whom the hub does not know: they came before whoever waits longest.
    let first = rows.iter().find(|(_, status, ..)| *status == Status::InQueue);
    let (ahead, topic) = first.map_or((0, 0), |(_, _, ahead, topic)| (u64::from(*ahead), *topic));
    let others = (0..ahead).map(|place| fields(FIRST_OTHER + place, topic, &json!("InQueue"), &switches));
    let filter = call.query.value("$filter").unwrap_or_default();
    let conditions = filter.split(" and ").map(str::trim).filter(|part| !part.is_empty());
    let conditions: Vec<Condition<'_>> =
        conditions.map(Condition::parse).collect::<Option<_>>().ok_or_else(|| bad("badQuery", filter))?;
    let all: Vec<Value> = others.chain(rows.into_iter().map(|(row, ..)| row)).collect();
    let is_known = |name: &str| all.first().is_none_or(|row| row.get(name).is_some());
    if let Some(unknown) = conditions.iter().find(|condition| !is_known(condition.column)) {
        return Err(bad("badQuery", unknown.column));
    }
    let fits = |row: &Value| conditions.iter().all(|condition| condition.holds(row));
    let mut fitting: Vec<Value> = all.into_iter().filter(fits).collect();
    let number = |name: &str| call.query.value(name).and_then(|text| text.parse::<usize>().ok());
    let order = call.query.value("$orderBy").or_else(|| call.query.value("$orderby")).unwrap_or_default();
    if order.ends_with(" desc") {
        fitting.reverse();
    }
    let (skip, top) = (number("$skip").unwrap_or(0), number("$top").unwrap_or(usize::MAX));
    let page = top.min(switches.list_page);
    let more = fitting.len() > skip.saturating_add(page) && top > page;
    let select = call.query.value("$select");
    let value: Vec<Value> = fitting.into_iter().skip(skip).take(page).map(|row| selected(row, select)).collect();
    let next = more.then(|| {
        let (filter, base) = (crate::url::encode(filter), hub.base());
        format!("{base}/superoffice/{}?$filter={filter}&$skip={}", call.path, skip + page)
    });
    Ok(found(&json!({"odata.metadata": format!("{}/$metadata", hub.base()), "odata.nextLink": next, "value": value})))
}

struct Condition<'a> {
    column: &'a str,
    operator: &'a str,
    value: &'a str,
}

impl<'a> Condition<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (column, rest) = text.split_once(' ')?;
        let (operator, value) = rest.trim().split_once(' ')?;
        let is_known = ["eq", "ne", "lt", "le", "gt", "ge"].contains(&operator);
        is_known.then_some(Self { column, operator, value: value.trim().trim_matches('\'') })
    }

    fn holds(&self, row: &Value) -> bool {
        let cell = row.get(self.column).unwrap_or(&Value::Null);
        let order = match cell {
            Value::Number(number) => {
                number.as_u64().zip(self.value.parse::<u64>().ok()).map(|(cell, value)| cell.cmp(&value))
            }
            Value::String(text) => Some(text.as_str().cmp(self.value)),
            _ => None,
        };
        order.is_some_and(|order| match self.operator {
            "eq" => order.is_eq(),
            "ne" => order.is_ne(),
            "lt" => order.is_lt(),
            "le" => order.is_le(),
            "gt" => order.is_gt(),
            _ => order.is_ge(),
        })
    }
}

fn row(session: &Session, switches: &Switches) -> Value {
    fields(session.id, session.topic, &json!(session.status), switches)
}

fn fields(id: u64, topic: u64, status: &Value, switches: &Switches) -> Value {
    let mut fields = Map::new();
    fields.insert("PrimaryKey".to_owned(), json!(id));
    fields.insert("EntityName".to_owned(), json!("chatSession"));
    for (name, value) in [("ChatSessionId", json!(id)), ("TopicId", json!(topic)), ("Status", status.clone())] {
        let name = match switches.columns {
            Columns::Pascal => name.to_owned(),
            Columns::Camel => name.chars().take(1).flat_map(char::to_lowercase).chain(name.chars().skip(1)).collect(),
        };
        fields.insert(name, value);
    }
    Value::Object(fields)
}

fn selected(row: Value, select: Option<&str>) -> Value {
    let (Value::Object(mut fields), Some(select)) = (row.clone(), select) else {
        return row;
    };
    let wanted: Vec<&str> = select.split(',').map(str::trim).collect();
    fields.retain(|name, _| wanted.contains(&name.as_str()) || matches!(name.as_str(), "PrimaryKey" | "EntityName"));
    Value::Object(fields)
}

/// People in the queue whom the hub does not know have numbers below all others.
const FIRST_OTHER: u64 = 2_000;
