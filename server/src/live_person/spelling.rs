//! How documents are spelt. The rest of the façade builds them in one plain form: attributes with `@`, lists as lists,
//! ids as numbers, links complete. One pass over the whole document then brings in what clients have to bear.

use serde_json::{Map, Value, json};

use crate::live_person::switches::{Attributes, Hrefs, Ids, Lists, Milliseconds, Switches};

/// Where a document is used; some were recorded without `@`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Recorded with `@`.
    Marked,
    /// Recorded without.
    Bare,
}

/// Spells a document.
pub fn spell(document: Value, form: Form, switches: &Switches) -> Value {
    let marked = match switches.attributes {
        Attributes::Recorded => form == Form::Marked,
        Attributes::At => true,
        Attributes::Plain => false,
    };
    Pass { marked, switches }.value(document)
}

/// Spells a link as it stands in a header.
pub fn location(href: &str, switches: &Switches) -> String {
    href_as(href, switches.hrefs)
}

/// Spells a time; the zone is not the usual one, so that nobody leaves it out.
pub fn time(epoch_ms: u64, switches: &Switches) -> String {
    let local = epoch_ms + ZONE_MS;
    let (days, in_day) = (local / DAY_MS, local % DAY_MS);
    let (year, month, day) = date(days);
    let (hour, minute, second, ms) = (in_day / 3_600_000, in_day / 60_000 % 60, in_day / 1_000 % 60, in_day % 1_000);
    let fraction = match switches.milliseconds {
        Milliseconds::Present => format!(".{ms:03}"),
        Milliseconds::Mixed if ms % 2 == 1 => format!(".{ms:03}"),
        Milliseconds::Absent | Milliseconds::Mixed => String::new(),
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{ZONE}")
}

struct Pass<'a> {
    marked: bool,
    switches: &'a Switches,
}

impl Pass<'_> {
    fn value(&self, value: Value) -> Value {
        match value {
            Value::Object(fields) => Value::Object(self.object(fields)),
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.value(item)).collect()),
            plain => plain,
        }
    }

    fn object(&self, fields: Map<String, Value>) -> Map<String, Value> {
        let mut spelt = Map::new();
        let is_line = fields.get("@type").and_then(Value::as_str) == Some("line");
        for (name, value) in fields {
            let Some(value) = self.field(&name, value, is_line) else {
                continue;
            };
            let name = if self.marked { name.as_str() } else { name.trim_start_matches('@') };
            spelt.insert(name.to_owned(), value);
        }
        spelt
    }

    fn field(&self, name: &str, value: Value, is_line: bool) -> Option<Value> {
        match (name, value) {
            // Our own object belongs to no converter.
            ("holdfast", value) => Some(value),
            ("textType", _) if is_line && !self.switches.text_type => None,
            ("@id", Value::Number(id)) => Some(self.id(json!(id))),
            ("systemMessageId", Value::Number(id)) if self.switches.system_id_as_text => Some(json!(id.to_string())),
            ("text", Value::String(text)) if is_line && self.switches.numeric_text => Some(number(text)),
            ("@href", Value::String(href)) => Some(json!(href_as(&href, self.switches.hrefs))),
            (_, Value::Array(items)) => self.list(items),
            (_, value) => Some(self.value(value)),
        }
    }

    fn id(&self, id: Value) -> Value {
        let as_text = match self.switches.ids {
            Ids::Recorded => self.marked,
            Ids::Text => true,
            Ids::Number => false,
        };
        if as_text { json!(id.to_string()) } else { id }
    }

    fn list(&self, items: Vec<Value>) -> Option<Value> {
        let mut items: Vec<Value> = items.into_iter().map(|item| self.value(item)).collect();
        match (self.switches.lists, items.len()) {
            (Lists::Converted, 0) => None,
            (Lists::Converted, 1) => items.pop(),
            _ => Some(Value::Array(items)),
        }
    }
}

fn number(text: String) -> Value {
    let digits = !text.is_empty() && text.len() < 16 && text.bytes().all(|letter| letter.is_ascii_digit());
    let parsed = digits.then(|| text.parse::<u64>().ok()).flatten();
    parsed.map_or(Value::String(text), |number| json!(number))
}

fn href_as(href: &str, hrefs: Hrefs) -> String {
    let Some((_scheme, rest)) = href.split_once("://") else {
        return href.to_owned();
    };
    match hrefs {
        Hrefs::Absolute => href.to_owned(),
        Hrefs::Schemeless => format!("//{rest}"),
        Hrefs::Relative => rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/").to_owned(),
    }
}

/// Year, month and day of a number of days since the epoch.
fn date(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

const DAY_MS: u64 = 86_400_000;
const ZONE: &str = "+02:00";
const ZONE_MS: u64 = 7_200_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        json!({"events": {
            "link": [{"@rel": "self", "@href": "http://a.test:1/x?y=1"}],
            "event": [{"@id": 4, "@type": "line", "text": "42", "textType": "plain", "systemMessageId": 3}],
        }, "none": [], "holdfast": {"list": [1]}})
    }

    #[test]
    fn a_list_of_one_is_no_list_and_an_empty_one_is_missing() {
        let spelt = spell(document(), Form::Marked, &Switches::default());
        assert_eq!(
            spelt,
            json!({"events": {
                "link": {"@rel": "self", "@href": "http://a.test:1/x?y=1"},
                "event": {"@id": "4", "@type": "line", "text": "42", "textType": "plain", "systemMessageId": 3},
            }, "holdfast": {"list": [1]}})
        );
    }

    #[test]
    fn every_quirk_can_be_turned_the_other_way() {
        let switches = Switches {
            lists: Lists::Arrays,
            ids: Ids::Text,
            numeric_text: true,
            hrefs: Hrefs::Relative,
            text_type: false,
            system_id_as_text: true,
            ..Switches::default()
        };
        assert_eq!(
            spell(document(), Form::Bare, &switches),
            json!({"events": {
                "link": [{"rel": "self", "href": "/x?y=1"}],
                "event": [{"id": "4", "type": "line", "text": 42, "systemMessageId": "3"}],
            }, "none": [], "holdfast": {"list": [1]}})
        );
    }

    #[test]
    fn times_are_local_and_may_lack_milliseconds() {
        let switches = Switches::default();
        assert_eq!(time(951_782_400_007, &switches), "2000-02-29T02:00:00.007+02:00");
        let switches = Switches { milliseconds: Milliseconds::Absent, ..switches };
        assert_eq!(time(1_559_635_200_010, &switches), "2019-06-04T10:00:00+02:00");
    }
}
