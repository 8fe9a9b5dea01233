//! What visitors tell of themselves: which fields, how long, and which of them a topic requires (§3.5, §4.1).

use serde_json::{Map, Value, json};

use crate::gateway::refusal::Refusal;

/// A form that is filled in, as it goes upstream.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Form {
    /// The fields that were given.
    pub fields: Map<String, Value>,
}

impl Form {
    /// Reads the visitor's fields of a body; everything else in it is somebody else's.
    ///
    /// # Errors
    /// Names the fields that are no good.
    pub fn read(body: &Map<String, Value>) -> Result<Self, Refusal> {
        let mut fields = Map::new();
        let mut wrong = Vec::new();
        for field in FIELDS {
            match body.get(field.name) {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) => {
                    let text = text.trim();
                    let is_good = text.chars().count() <= field.longest && !text.chars().any(char::is_control);
                    if is_good && (field.flag != "Email" || text.is_empty() || is_address(text)) {
                        fields.insert(field.name.to_owned(), json!(text));
                    } else {
                        wrong.push(field.flag);
                    }
                }
                Some(_) => return Err(Refusal::Bad),
            }
        }
        match body.get(CONSENT) {
            None | Some(Value::Null) => {}
            Some(Value::Bool(consents)) => {
                fields.insert(CONSENT.to_owned(), json!(consents));
            }
            Some(_) => return Err(Refusal::Bad),
        }
        if !wrong.is_empty() {
            wrong.dedup();
            return Err(Refusal::Invalid(wrong));
        }
        // The name above the bubbles, unless another one is wanted.
        let name = fields.get("CustomerName").and_then(Value::as_str).unwrap_or_default();
        if !name.is_empty() && !fields.contains_key(ALIAS) {
            let alias: String = name.chars().take(LONGEST_ALIAS).collect();
            fields.insert(ALIAS.to_owned(), json!(alias));
        }
        Ok(Self { fields })
    }

    /// Whether a body has any of the visitor's fields.
    pub fn is_in(body: &Map<String, Value>) -> bool {
        body.contains_key(CONSENT) || FIELDS.iter().any(|field| body.contains_key(field.name))
    }

    /// Checks that everything is there that is required, now or from before.
    ///
    /// # Errors
    /// Names the fields that are missing.
    pub fn check(&self, required: &str, wants_consent: bool, before: impl Fn(&str) -> bool) -> Result<(), Refusal> {
        let is_there = |name: &str| match self.fields.get(name) {
            Some(value) => value.as_str().is_some_and(|text| !text.is_empty()) || value == &json!(true),
            None => before(name),
        };
        let flags = required.split(',').map(str::trim);
        let missing: Vec<&'static str> = flags
            .filter_map(|flag| FIELDS.iter().find(|field| field.flag == flag && field.name != ALIAS))
            .filter(|field| !is_there(field.name))
            .map(|field| field.flag)
            .collect();
        if !missing.is_empty() {
            return Err(Refusal::Required(missing));
        }
        if wants_consent && !is_there(CONSENT) {
            return Err(Refusal::Consent);
        }
        Ok(())
    }
}

/// Whether something may be an address. The product also asks whether its domain exists (§6).
fn is_address(text: &str) -> bool {
    let Some((user, host)) = text.rsplit_once('@') else {
        return false;
    };
    let is_plain = |letter: char| !letter.is_whitespace() && !"<>()[],;:\\\"@".contains(letter);
    let labels_fit = host.split('.').all(|label| !label.is_empty() && label.len() <= 63);
    !user.is_empty()
        && user.len() <= 64
        && text.chars().filter(|it| *it == '@').count() == 1
        && text.replace('@', "").chars().all(is_plain)
        && host.contains('.')
        && labels_fit
}

struct Field {
    name: &'static str,
    flag: &'static str,
    longest: usize,
}

const FIELDS: [Field; 5] = [
    Field { name: ALIAS, flag: "Name", longest: LONGEST_ALIAS },
    Field { name: "CustomerName", flag: "Name", longest: 255 },
    Field { name: "CustomerEmail", flag: "Email", longest: 255 },
    Field { name: "CustomerPhone", flag: "Phone", longest: 32 },
    Field { name: "CustomerCompanyName", flag: "Company", longest: 255 },
];
const ALIAS: &str = "CustomerAlias";
const CONSENT: &str = "CustomerConsented";
const LONGEST_ALIAS: usize = 64;

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test may fail loudly")]
    use super::*;

    fn read(body: &Value) -> Result<Form, Refusal> {
        Form::read(body.as_object().expect("an object"))
    }

    #[test]
    fn a_name_is_the_alias_unless_another_is_given() {
        let form = read(&json!({"CustomerName": " Ines Roth ", "Status": "Closed"})).expect("a good form");
        assert_eq!(Value::Object(form.fields), json!({"CustomerAlias": "Ines Roth", "CustomerName": "Ines Roth"}));
    }

    #[test]
    fn fields_that_are_no_good_are_named() {
        let long = "x".repeat(256);
        for (body, fields) in [
            (json!({"CustomerEmail": "ines"}), vec!["Email"]),
            (json!({"CustomerEmail": "ines@b.test\nBcc: all@b.test"}), vec!["Email"]),
            (json!({"CustomerName": long, "CustomerPhone": "1".repeat(33)}), vec!["Name", "Phone"]),
        ] {
            assert_eq!(read(&body), Err(Refusal::Invalid(fields)), "{body}");
        }
        assert_eq!(read(&json!({"CustomerName": 7})), Err(Refusal::Bad));
    }

    #[test]
    fn addresses_are_told_from_what_is_none() {
        for text in ["ines@example.net", "i.r+x@a-b.example"] {
            assert!(is_address(text), "{text}");
        }
        for text in ["ines", "@a.b", "a@", "a@b", "a@b..c", "a b@c.d", "a@b@c.d", "<a@b.c>"] {
            assert!(!is_address(text), "{text}");
        }
    }

    #[test]
    fn what_is_required_may_be_known_from_before() {
        let form = read(&json!({"CustomerName": "Ines"})).expect("a good form");
        let nothing = |_: &str| false;
        assert_eq!(form.check("Email, Name", false, nothing), Err(Refusal::Required(vec!["Email"])));
        assert_eq!(form.check("Email, Name", false, |name| name == "CustomerEmail"), Ok(()));
        assert_eq!(form.check("None", true, nothing), Err(Refusal::Consent));
    }
}
