//! What a request carries, whatever it is written in: JSON on v1, a form on v2, parts where there is a file.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart};
use axum::http::{Request, StatusCode, header};
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::call::{Call, Refusal};
use crate::genesys::resource::{Operation, Resource, Variant};
use crate::hub::Violation;
use crate::settings::Stance;
use crate::url::Query;

/// The fields of a request.
#[derive(Debug, Default)]
pub struct Fields {
    /// Those that stand by themselves, in order.
    pub pairs: Vec<(String, String)>,
    /// What is attached, `userData`.
    pub user_data: Map<String, Value>,
    /// The file.
    pub file: Option<Upload>,
}

/// A file that came along.
#[derive(Debug)]
pub struct Upload {
    /// Its name.
    pub name: String,
    /// Its content type.
    pub kind: String,
    /// Its content.
    pub bytes: Bytes,
}

impl Fields {
    /// Reads a body as what it says it is; a lenient server takes JSON under any name.
    pub async fn read(call: &Call, stance: Stance) -> Self {
        let json = || call.json().filter(Value::is_object);
        match (Shape::of(call), json()) {
            (Shape::Parts, _) => Self::from_parts(call).await.unwrap_or_default(),
            (Shape::Json, json) => json.map(Self::from_json).unwrap_or_default(),
            (_, Some(json)) if stance == Stance::Accept => Self::from_json(json),
            _ => Self::from_form(&String::from_utf8_lossy(&call.body)),
        }
    }

    /// A field that is there and not empty.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.value(name).filter(|value| !value.is_empty())
    }

    /// A field.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The position from which events are wanted, if one is told.
    pub fn position(&self) -> Option<i64> {
        self.value("transcriptPosition")?.trim().parse().ok()
    }

    /// Attributes for an event: JSON in a form's field.
    pub fn attributes(&self) -> Option<Value> {
        serde_json::from_str(self.given("eventAttributes")?).ok().filter(Value::is_object)
    }

    fn from_form(text: &str) -> Self {
        let mut fields = Self::default();
        for (name, value) in Query::parse(text).pairs() {
            fields.add(name, value);
        }
        fields
    }

    fn from_json(body: Value) -> Self {
        let mut fields = Self::default();
        let Value::Object(body) = body else {
            return fields;
        };
        for (name, value) in body {
            match value {
                Value::String(text) => fields.pairs.push((name, text)),
                Value::Object(data) if name == "userData" => fields.user_data = data,
                Value::Null => {}
                other => fields.pairs.push((name, other.to_string())),
            }
        }
        fields
    }

    async fn from_parts(call: &Call) -> Option<Self> {
        let mut request = Request::new(Body::from(call.body.clone()));
        let kind = call.headers.get(header::CONTENT_TYPE)?;
        request.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
        request.extensions_mut().insert(DefaultBodyLimit::disable());
        let mut parts = Multipart::from_request(request, &()).await.ok()?;
        let mut fields = Self::default();
        while let Some(part) = parts.next_field().await.ok()? {
            let name = part.name().unwrap_or_default().to_owned();
            if let (true, Some(file)) = (name == "file", part.file_name().map(str::to_owned)) {
                let kind = part.content_type().unwrap_or("application/octet-stream").to_owned();
                fields.file = Some(Upload { name: file, kind, bytes: part.bytes().await.ok()? });
            } else {
                fields.add(&name, &part.text().await.ok()?);
            }
        }
        Some(fields)
    }

    fn add(&mut self, name: &str, value: &str) {
        let key = name.strip_prefix("userData[").and_then(|rest| rest.strip_suffix(']'));
        match key {
            Some(key) => {
                self.user_data.insert(key.to_owned(), Value::from(value));
            }
            None => self.pairs.push((name.to_owned(), value.to_owned())),
        }
    }
}

/// Checks that a body is written as its variant wants it. A breach that needs no refusal comes back as it is.
pub fn check_shape(call: &Call, resource: &Resource, stance: Stance) -> Result<Option<Violation>, Refusal> {
    let shape = Shape::of(call);
    let holds_json = call.json().is_some_and(|body| body.is_object());
    let operation = resource.operation;
    let rule = match (resource.variant, shape) {
        (Variant::WebApi, _) if operation == Some(Operation::Show) => return Ok(None),
        (Variant::WebApi, Shape::Json) if holds_json => return Ok(None),
        (Variant::WebApi, Shape::Json) => "badJson",
        (Variant::WebApi, _) => "notJson",
        (Variant::Mobile, Shape::Form) if holds_json => "jsonOnForm",
        (Variant::Mobile, Shape::Form) if operation != Some(Operation::Upload) => return Ok(None),
        (Variant::Mobile, Shape::Parts) if may_have_parts(operation) => return Ok(None),
        (Variant::Mobile, Shape::Json) => "jsonOnForm",
        (Variant::Mobile, _) => "notForm",
    };
    if stance == Stance::Accept && rule != "badJson" {
        return Ok(None);
    }
    let detail = format!("{} with {shape:?}", call.noun);
    let refusal = match rule {
        // The name is right, so the server reads it as a form and misses every field.
        "jsonOnForm" if shape == Shape::Form => return Ok(Some(Violation::new(rule, detail))),
        "badJson" => Refusal::new(StatusCode::BAD_REQUEST, "Bad Request"),
        _ => Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type"),
    };
    Err(refusal.blaming(rule, detail))
}

fn may_have_parts(operation: Option<Operation>) -> bool {
    matches!(operation, Some(Operation::Start | Operation::Upload | Operation::Download))
}

/// What a body says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Json,
    Form,
    Parts,
    Other,
}

impl Shape {
    fn of(call: &Call) -> Self {
        let kind = call.header(header::CONTENT_TYPE.as_str()).unwrap_or_default().trim().to_ascii_lowercase();
        match kind.split(';').next().unwrap_or_default().trim() {
            "application/json" => Self::Json,
            "application/x-www-form-urlencoded" => Self::Form,
            "multipart/form-data" => Self::Parts,
            _ => Self::Other,
        }
    }
}
