//! What a channel is set up to do (§4.3), and the forms that follow from it. Labels that nobody gives are left to the
//! screen.

use std::sync::Arc;

use super::guess::RATINGS;
use super::standing::Customer;
use crate::model::json::Value;
use crate::model::keep::{keep_fields, keep_words};
use crate::model::{Answer, Check, Choice, Form, Kind, Picker, Purpose, Question, Visitor, known};
use crate::protocol::reading::{integer, is_set, shared, text};

/// The settings that a visitor sees something of. Whatever is missing is switched off.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Topic {
    pub(super) has_form: bool,
    form_intro: Option<Arc<str>>,
    required: Vec<Field>,
    takes_consent: bool,
    pub(super) has_bot: bool,
    pub(super) bot_name: Option<Arc<str>>,
    queue_text: Option<Arc<str>>,
    offline_title: Option<Arc<str>>,
    offline_intro: Option<Arc<str>>,
    offline_required: Vec<Field>,
    offline_takes_consent: bool,
    pub(super) has_rating: bool,
    rating_label: Option<Arc<str>>,
    end_title: Option<Arc<str>>,
    end_intro: Option<Arc<str>>,
}

keep_fields!(Topic {
    has_form,
    form_intro,
    required,
    takes_consent,
    has_bot,
    bot_name,
    queue_text,
    offline_title,
    offline_intro,
    offline_required,
    offline_takes_consent,
    has_rating,
    rating_label,
    end_title,
    end_intro,
});

/// What a form may require of its visitor (§3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Name,
    Email,
    Company,
    Phone,
}

keep_words!(Field { Name => "Name", Email => "Email", Company => "Company", Phone => "Phone" });

impl Topic {
    /// Reads a channel; `None` where it is none.
    pub(super) fn read(topic: &Value) -> Option<Self> {
        integer(topic, "ChatTopicId")?;
        let nothing = Value::Null;
        let inner = |name: &str| topic.get(name).unwrap_or(&nothing);
        let (widget, bot) = (inner("Widget"), inner("BotSettings"));
        let has_queue_text = is_set(topic, "CustomQueueTextEnabled");
        let has_end = is_set(widget, "PostFormEnabled");
        Some(Self {
            has_form: is_set(widget, "PreFormEnabled"),
            form_intro: shared(widget, "PreFormMessage"),
            required: fields(widget, "RequiredFields"),
            takes_consent: is_set(topic, "CollectConsent"),
            has_bot: is_set(topic, "BotEnabled"),
            bot_name: shared(bot, "BotName"),
            queue_text: shared(topic, "CustomQueueText").filter(|_| has_queue_text),
            offline_title: shared(widget, "OfflineHeader"),
            offline_intro: shared(widget, "OfflineMessage"),
            offline_required: fields(widget, "OfflineFields"),
            offline_takes_consent: is_set(topic, "OfflineCollectConsent"),
            has_rating: is_set(topic, "WidgetEnableRating"),
            rating_label: shared(topic, "WidgetRatingText"),
            end_title: shared(widget, "PostFormHeader").filter(|_| has_end),
            end_intro: shared(widget, "PostFormMessage").filter(|_| has_end),
        })
    }

    /// What is asked before people answer.
    pub(super) fn form(&self, purpose: Purpose, customer: &Customer) -> Form {
        let mut questions = questions(&self.required, customer);
        questions.extend(self.takes_consent.then(consent));
        Form { purpose, title: None, intro: self.form_intro.clone(), questions }
    }

    /// What may be left while nobody answers.
    pub(super) fn offline_form(&self, purpose: Purpose, customer: &Customer) -> Form {
        let mut questions = questions(&self.offline_required, customer);
        questions.push(question(known::MESSAGE, Kind::Paragraph, true, None));
        questions.extend(self.offline_takes_consent.then(consent));
        Form { purpose, title: self.offline_title.clone(), intro: self.offline_intro.clone(), questions }
    }

    /// How it was.
    pub(super) fn rating_form(&self) -> Form {
        let choice =
            |stars: u64| Choice { value: stars.to_string(), label: stars.to_string().into(), opens: Vec::new() };
        let kind = Kind::OneOf { picker: Picker::Radio, choices: RATINGS.map(choice).collect() };
        let label = self.rating_label.clone().unwrap_or_default();
        let rating = Question { label, ..question(known::RATING, kind, false, None) };
        let (title, intro) = (self.end_title.clone(), self.end_intro.clone());
        Form { purpose: Purpose::After, title, intro, questions: vec![rating] }
    }

    /// What the site says to who waits, with its gaps filled: the position and the average wait as `hh:mm` (§4.3).
    pub(super) fn queue_text(&self, position: Option<u64>, wait: Option<u64>) -> Option<Arc<str>> {
        let text = self.queue_text.as_deref()?;
        let position = position.map_or_else(|| UNKNOWN.to_owned(), |position| position.to_string());
        let hours = |minutes: u64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let wait = wait.map_or_else(|| UNKNOWN.to_owned(), |seconds| hours(seconds.div_ceil(60)));
        Some(text.replace("{cque}", &position).replace("{cavw}", &wait).into())
    }
}

/// What the visitor said, as the fields of a session (§4.1).
pub(super) fn customer_fields(answers: &[Answer]) -> Vec<(String, Value)> {
    let mut fields = Vec::new();
    for (id, name) in CUSTOMER {
        if let Some(value) = given(answers, id) {
            fields.push((name.to_owned(), Value::from(value)));
        }
    }
    if given(answers, known::CONSENT).is_some() {
        fields.push(("CustomerConsented".to_owned(), Value::from(true)));
    }
    fields
}

/// What the page said about its visitor, in the same fields.
pub(super) fn visitor_fields(visitor: &Visitor) -> Vec<(String, Value)> {
    let given = [("CustomerName", &visitor.name), ("CustomerEmail", &visitor.email)];
    let said = given.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?.trim())));
    said.filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}

/// What was answered to a question.
pub(super) fn given<'a>(answers: &'a [Answer], id: &str) -> Option<&'a str> {
    let answer = answers.iter().find(|answer| *answer.question == *id)?;
    answer.values.first().map(String::as_str)
}

/// Name and address are always asked for, the others where they are required.
fn questions(required: &[Field], customer: &Customer) -> Vec<Question> {
    let line = |id: &str, check: Check, field: Field, prefill: &Option<String>| {
        question(id, Kind::Line { check }, required.contains(&field), prefill.clone())
    };
    let mut questions = vec![
        line(known::NAME, Check::Any, Field::Name, &customer.name),
        line(known::EMAIL, Check::Email, Field::Email, &customer.email),
    ];
    if required.contains(&Field::Company) {
        questions.push(line(known::COMPANY, Check::Any, Field::Company, &customer.company));
    }
    if required.contains(&Field::Phone) {
        questions.push(line(known::PHONE, Check::Any, Field::Phone, &customer.phone));
    }
    questions
}

fn consent() -> Question {
    let choice = Choice { value: "yes".to_owned(), label: Arc::default(), opens: Vec::new() };
    question(known::CONSENT, Kind::SomeOf { choices: vec![choice] }, true, None)
}

fn question(id: &str, kind: Kind, is_required: bool, prefill: Option<String>) -> Question {
    Question { id: id.into(), label: Arc::default(), kind, is_required, prefill: prefill.into_iter().collect() }
}

/// A mask as it is written: names with commas between them, or `None` (§3.5).
fn fields(widget: &Value, name: &str) -> Vec<Field> {
    let names = text(widget, name).unwrap_or_default().split(',');
    names
        .filter_map(|name| match name.trim() {
            "Name" => Some(Field::Name),
            "Email" => Some(Field::Email),
            "Company" => Some(Field::Company),
            "Phone" => Some(Field::Phone),
            _ => None,
        })
        .collect()
}

const CUSTOMER: [(&str, &str); 4] = [
    (known::NAME, "CustomerName"),
    (known::EMAIL, "CustomerEmail"),
    (known::COMPANY, "CustomerCompanyName"),
    (known::PHONE, "CustomerPhone"),
];
/// Stands in a gap that nobody can fill.
const UNKNOWN: &str = "–";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_read_as_its_names_and_everything_else_is_nothing() {
        for (written, read) in [
            (r#""None""#, &[][..]),
            (r#""Email""#, &[Field::Email]),
            (r#""Email, Name""#, &[Field::Email, Field::Name]),
            (r#""Phone,Company , Fax""#, &[Field::Phone, Field::Company]),
            ("3", &[]),
            ("null", &[]),
        ] {
            let widget = Value::parse(&format!(r#"{{"it":{written}}}"#)).expect("it is JSON");
            assert_eq!(fields(&widget, "it"), read, "{written}");
        }
    }

    #[test]
    fn the_gaps_of_a_queue_text_are_filled_with_what_is_known() {
        let topic = |enabled: bool| {
            let text = r#""CustomQueueText":"Number {cque}, {cavw} to go, {cque}!""#;
            read(&format!(r#"{{"ChatTopicId":12,"CustomQueueTextEnabled":{enabled},{text}}}"#))
                .expect("it is a channel")
        };
        for (position, wait, shown) in [
            (Some(2), Some(180), "Number 2, 00:03 to go, 2!"),
            (Some(1), Some(3_599), "Number 1, 01:00 to go, 1!"),
            (None, None, "Number –, – to go, –!"),
        ] {
            assert_eq!(topic(true).queue_text(position, wait).as_deref(), Some(shown));
        }
        assert_eq!(topic(false).queue_text(Some(1), None), None);
    }

    #[test]
    fn a_channel_of_any_shape_is_one_with_less_switched_on_unless_it_is_none() {
        for fields in ["\"x\":1", r#""Widget":7,"BotSettings":[]"#, r#""CollectConsent":"yes""#] {
            assert_eq!(read(&format!(r#"{{"ChatTopicId":"12",{fields}}}"#)), Some(Topic::default()), "{fields}");
        }
        for written in ["null", "[]", "7", "{}", r#"{"ChatTopicId":null}"#] {
            assert_eq!(read(written), None, "{written}");
        }
    }

    fn read(written: &str) -> Option<Topic> {
        Topic::read(&Value::parse(written).expect("it is JSON"))
    }
}
