//! How a chat begins: one request with what the page tells about its visitor (§2.3, §3.4).

use super::config::Variant;
use super::envelope::{Answer, Code};
use super::errors::opening_reason;
use super::guess::{NICKNAME, POST_DEADLINE};
use super::identity::Identity;
use super::verdict::Standing;
use super::{Genesys, unavailable};
use crate::model::json::Value;
use crate::model::{EndReason, Visitor};
use crate::protocol::http::Content;
use crate::protocol::{Progress, ProtocolError, Request, Response, SneakPeek, Update};

/// The visitor in the backend's words.
#[derive(Debug, Default)]
struct Introduction {
    nickname: String,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
    subject: Option<String>,
    /// Everything else, in order, each name once.
    data: Vec<(String, String)>,
}

impl Genesys {
    /// A repeat asks for another chat: the backend has no way to tell (§2.3, §3.4). The one before, if there is one, is
    /// given up by the backend when nobody polls it (§1.5).
    pub(super) fn begin_open(&mut self, visitor: &Visitor) -> Request {
        let introduction = Introduction::of(visitor);
        match &self.config.variant {
            Variant::WebApi { tenant } => self.post("/", introduction.json(tenant), POST_DEADLINE),
            Variant::Gms => self.post("", self.form(introduction), POST_DEADLINE),
        }
    }

    /// Failed unless `statusCode` is 0 (§2.3, §3.4); 1 is tried again. The events are left to the first poll, which asks
    /// from the beginning.
    pub(super) fn receive_open(&mut self, response: &Response) -> Result<Progress, ProtocolError> {
        let envelope = match Answer::read(response) {
            Answer::Envelope(envelope) => envelope,
            Answer::Failure(failure) => return Err(failure.of_opening(response)),
        };
        let refused = opening_reason(&envelope.errors);
        match (envelope.code, refused) {
            (Code::Success, _) => {}
            (_, Some(reason)) => return Err(ProtocolError::Over { reason }),
            (Code::Recoverable, None) => return Err(unavailable(response)),
            (Code::Unrecoverable, None) => return Err(ProtocolError::Over { reason: EndReason::Failed }),
        }
        // A chat that cannot be asked about is none, and every further wish would make one more.
        let identity = Identity::read(&envelope.body).ok_or(ProtocolError::Over { reason: EndReason::Failed })?;
        self.forget_chat();
        self.identity = Some(identity);
        self.standing = Standing::Steady;
        // What is being typed can be shown in the Mobile Services (§3.8), and not in the Web API (§2.4).
        let peek = match self.config.variant {
            Variant::WebApi { .. } => None,
            Variant::Gms => Some(Update::SneakPeek(SneakPeek::Allowed)),
        };
        Ok(Progress::done(peek.into_iter().collect()))
    }

    fn forget_chat(&mut self) {
        *self = Self::new(self.config.clone());
    }

    /// §3.4, with the visitor's language and time zone unless the page knows better.
    fn form(&self, introduction: Introduction) -> Content {
        let surroundings = &self.config.surroundings;
        let Introduction { nickname, first_name, last_name, email, subject, mut data } = introduction;
        let time_zone = surroundings.time_zone.map(|minutes| minutes.to_string());
        let language = Some(&surroundings.language).filter(|language| !language.is_empty());
        for (name, value) in [("TimeZone", time_zone.as_ref()), ("GCTI_LanguageCode", language)] {
            if let Some(value) = value
                && !data.iter().any(|(known, _)| known == name)
            {
                data.push((name.to_owned(), value.clone()));
            }
        }
        let named = [
            ("nickname", Some(nickname)),
            ("firstName", first_name),
            ("lastName", last_name),
            ("subject", subject),
            ("emailAddress", email),
        ];
        let named = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Content::Form(named.chain(data.into_iter().map(|(name, value)| (format!("userData[{name}]"), value))).collect())
    }
}

impl Introduction {
    /// A name of several words is a first and a last name; one of one word is a nickname, because one of the two without
    /// the other is refused (§3.11: 102, 103). Details that are called like a field of the backend's are that field.
    fn of(visitor: &Visitor) -> Self {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let mut all = Self { email: visitor.email.as_deref().and_then(given), ..Self::default() };
        for detail in &visitor.details {
            let Some(value) = given(&detail.value) else { continue };
            let field = match plain(&detail.label).as_str() {
                "firstname" => &mut all.first_name,
                "lastname" => &mut all.last_name,
                "subject" => &mut all.subject,
                "email" | "emailaddress" if all.email.is_none() => &mut all.email,
                _ => {
                    all.data.retain(|(known, _)| *known != detail.label);
                    all.data.push((detail.label.clone(), value));
                    continue;
                }
            };
            *field = Some(value);
        }
        let name = visitor.name.as_deref().and_then(given);
        let (first, last) = match name.as_deref().and_then(|name| name.rsplit_once(char::is_whitespace)) {
            Some((first, last)) => (given(first), given(last)),
            None => (None, None),
        };
        if all.first_name.is_none() && all.last_name.is_none() {
            (all.first_name, all.last_name) = (first, last);
        }
        let both: Vec<&str> = [&all.first_name, &all.last_name].into_iter().filter_map(Option::as_deref).collect();
        all.nickname = name.or_else(|| given(&both.join(" "))).unwrap_or_else(|| NICKNAME.to_owned());
        if both.len() == 1 {
            (all.first_name, all.last_name) = (None, None);
        }
        all
    }

    /// §2.3, with the opening words that the vendor's sample always leaves empty.
    fn json(self, tenant: &str) -> Content {
        let data = self.data.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
        let mut fields = vec![
            ("tenantId", Some(Value::from(tenant))),
            ("nickname", Some(Value::String(self.nickname))),
            ("firstName", self.first_name.map(Value::String)),
            ("lastName", self.last_name.map(Value::String)),
            ("emailAddress", self.email.map(Value::String)),
            ("subject", self.subject.map(Value::String)),
            ("text", Some(Value::from(""))),
            ("userData", Some(Value::Object(data))),
        ];
        let given = fields.drain(..).filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Content::Json(Value::Object(given.collect()).text())
    }
}

/// A label as fields are called: "First name" is `firstname`.
fn plain(label: &str) -> String {
    label.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Detail;

    #[test]
    fn a_name_of_several_words_is_a_first_and_a_last_name() {
        for (name, expected) in [
            (Some("Mira Oak"), ("Mira Oak", Some("Mira"), Some("Oak"))),
            (Some(" Ana  Maria  Oak "), ("Ana  Maria  Oak", Some("Ana  Maria"), Some("Oak"))),
            (Some("Mira"), ("Mira", None, None)),
            (Some("  "), (NICKNAME, None, None)),
            (None, (NICKNAME, None, None)),
        ] {
            assert_eq!(names(name, &[]), owned(expected), "{name:?}");
        }
    }

    #[test]
    fn details_that_are_called_like_a_name_are_that_name() {
        let both = [("First name", "Mira"), ("lastName", "Oak")];
        assert_eq!(names(None, &both), owned(("Mira Oak", Some("Mira"), Some("Oak"))));
        assert_eq!(names(Some("M. O."), &both), owned(("M. O.", Some("Mira"), Some("Oak"))));
        // One without the other is refused.
        assert_eq!(names(None, &both[..1]), owned(("Mira", None, None)));
    }

    #[test]
    fn of_two_details_with_one_name_the_last_one_counts() {
        let introduction = Introduction::of(&visitor(None, &[("a", "1"), ("b", "2"), ("a", "3"), ("c", " ")]));

        let data: Vec<(&str, &str)> = introduction.data.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(data, [("b", "2"), ("a", "3")]);
    }

    type Names = (String, Option<String>, Option<String>);

    fn names(name: Option<&str>, details: &[(&str, &str)]) -> Names {
        let introduction = Introduction::of(&visitor(name, details));
        (introduction.nickname, introduction.first_name, introduction.last_name)
    }

    fn owned((nickname, first, last): (&str, Option<&str>, Option<&str>)) -> Names {
        (nickname.to_owned(), first.map(str::to_owned), last.map(str::to_owned))
    }

    fn visitor(name: Option<&str>, details: &[(&str, &str)]) -> Visitor {
        let detail = |(label, value): &(&str, &str)| Detail {
            label: (*label).to_owned(),
            value: (*value).to_owned(),
            display_to_agent: true,
            transcript_fields: Vec::new(),
            entity_maps: Vec::new(),
        };
        let details = details.iter().map(detail).collect();
        Visitor { name: name.map(str::to_owned), details, ..Visitor::default() }
    }
}
