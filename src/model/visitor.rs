//! What the page tells about its visitor.

use super::json::Value;
use super::keep::{Keep, field, insert, is_keepable};

/// The visitor as the page describes them. Everything is optional.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Visitor {
    /// Shown to the agent.
    pub name: Option<String>,
    /// Handed to the agent with the details.
    pub email: Option<String>,
    /// Further details, in order.
    pub details: Vec<Detail>,
    /// Records that the backend should find or create, in the backend's own words.
    pub entities: Vec<Value>,
}

/// One detail about the visitor, handed to the agent or the backend before the conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    /// Its name.
    pub label: String,
    /// Its value.
    pub value: String,
    /// Whether the agent sees it.
    pub display_to_agent: bool,
    /// Names of transcript fields that receive the value.
    pub transcript_fields: Vec<String>,
    /// Fields of records that the value belongs to, in the backend's own words.
    pub entity_maps: Vec<Value>,
}

impl Visitor {
    /// Reads what a page says: an object with `name`, `email`, `details` and `entities`, each of which may be missing.
    ///
    /// # Errors
    /// Names the first field that has another shape.
    pub fn parse(value: &Value) -> Result<Self, &'static str> {
        if *value == Value::Null {
            return Ok(Self::default());
        }
        Ok(Self {
            name: field(value, "name").ok_or("name")?,
            email: field(value, "email").ok_or("email")?,
            details: field::<Option<_>>(value, "details").ok_or("details")?.unwrap_or_default(),
            entities: records(value, "entities").ok_or("entities")?,
        })
    }
}

impl Keep for Visitor {
    fn keep(&self) -> Value {
        let mut object = Vec::new();
        insert(&mut object, "name", &self.name);
        insert(&mut object, "email", &self.email);
        insert(&mut object, "details", &self.details);
        insert(&mut object, "entities", &self.entities);
        Value::Object(object)
    }

    fn kept(value: &Value) -> Option<Self> {
        Self::parse(value).ok()
    }
}

impl Keep for Detail {
    fn keep(&self) -> Value {
        let mut object = Vec::new();
        insert(&mut object, "label", &self.label);
        insert(&mut object, "value", &self.value);
        insert(&mut object, "displayToAgent", &self.display_to_agent);
        insert(&mut object, "transcriptFields", &self.transcript_fields);
        insert(&mut object, "entityMaps", &self.entity_maps);
        Value::Object(object)
    }

    fn kept(value: &Value) -> Option<Self> {
        Some(Self {
            label: field(value, "label")?,
            value: field::<Option<_>>(value, "value")?.unwrap_or_default(),
            display_to_agent: field::<Option<_>>(value, "displayToAgent")?.unwrap_or(true),
            transcript_fields: field::<Option<_>>(value, "transcriptFields")?.unwrap_or_default(),
            entity_maps: records(value, "entityMaps")?,
        })
    }
}

/// Records in a backend's own words; none where there is no such field.
fn records(value: &Value, name: &str) -> Option<Vec<Value>> {
    let records: Vec<Value> = field::<Option<_>>(value, name)?.unwrap_or_default();
    records.iter().all(|record| is_keepable(record, DEEPEST)).then_some(records)
}

/// Far deeper than any backend's records, and far from where reading stored ones would give up.
const DEEPEST: usize = 32;
