//! Surveys (§3.9): what the backend asks, as a form, and the answers in its words. When a survey is asked for, and what
//! becomes of the answers, is for `opening` and `closing` to know.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::document::{field, flag, list, number, text, words};
use super::event::has_error;
use super::request::{is_refusal, unavailable};
use super::{LivePerson, guesses};
use crate::model::json::{Value, object};
use crate::model::keep::keep_fields;
use crate::model::{Answer, Check, Choice, Form, Kind, Picker, Purpose, Question};
use crate::protocol::{ProtocolError, Response};

/// The survey that is asked for, or stands before the visitor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Survey {
    /// Named in the answers.
    id: Option<String>,
    /// How often it was asked for, while there is none.
    tries: u32,
}

keep_fields!(Survey { id, tries });

impl Survey {
    /// Notes that it is asked for.
    pub(super) const fn note_try(&mut self) {
        self.tries = self.tries.saturating_add(1);
    }

    /// Whether it is worth another try. A survey that is not to be had holds nobody up: in the end it counts as none.
    pub(super) const fn may_be_tried(&self) -> bool {
        self.tries < guesses::MOST_SURVEY_TRIES
    }

    /// The answers as they are sent.
    pub(super) fn answered(&self, answers: &[Answer]) -> Vec<(String, Value)> {
        let mut survey = Vec::new();
        if let Some(id) = &self.id {
            survey.push(("id".to_owned(), named(id)));
        }
        let questions: Vec<Value> = answers.iter().map(answered).collect();
        survey.push(("question".to_owned(), questions.into()));
        survey
    }
}

impl LivePerson {
    /// The survey in an answer; none where there is no question that somebody could answer, or the backend refuses to ask.
    pub(super) fn survey_in(&mut self, response: &Response, purpose: Purpose) -> Result<Option<Form>, ProtocolError> {
        match response.status {
            200..=299 => {}
            refused if is_refusal(refused) => {}
            _ => return Err(unavailable(response)),
        }
        self.survey = Survey::default();
        let body: Value = Value::parse(&response.body).unwrap_or_default();
        let is_told = !is_refusal(response.status) && !has_error(&body);
        let Some(survey) = field(&body, "survey").filter(|_| is_told) else { return Ok(None) };
        self.survey.id = words(survey, "id");
        let form = form(survey, purpose);
        Ok((!form.is_blank()).then_some(form))
    }
}

fn form(survey: &Value, purpose: Purpose) -> Form {
    let mut asked: Vec<&Value> = list(survey, "questions").iter().flat_map(|some| list(some, "question")).collect();
    // Those without a place come last, as they stand.
    asked.sort_by_key(|question| number(question, "order").unwrap_or(i64::MAX));
    // Whoever asks more than that does not want answers.
    asked.truncate(MOST_QUESTIONS);
    let rules = Rules::of(&asked);
    let mut choices_left = MOST_CHOICES;
    let questions = asked.iter().filter_map(|asked| question(asked, &rules, &mut choices_left)).collect();
    let title = words(survey, "title").map(Arc::from);
    let intro = words(survey, "header").map(Arc::from);
    Form { purpose, title, intro, questions }.bounded()
}

fn question(asked: &Value, rules: &Rules, choices_left: &mut usize) -> Option<Question> {
    let entries = list(asked, "entry");
    let entries = entries.get(..*choices_left).unwrap_or(entries);
    *choices_left = choices_left.saturating_sub(entries.len());
    let choices: Vec<Choice> = entries.iter().filter_map(|entry| choice(entry, rules)).collect();
    let kind = kind(asked, choices);
    let is_checked = |entry: &&Value| flag(entry, "checked") == Some(true);
    let prefill = match &kind {
        Kind::Line { .. } | Kind::Paragraph => words(asked, "lastKnownValue").into_iter().collect(),
        Kind::OneOf { .. } => entries.iter().find(is_checked).and_then(value).into_iter().collect(),
        Kind::SomeOf { .. } => entries.iter().filter(is_checked).filter_map(value).collect(),
    };
    Some(Question {
        id: words(asked, "id")?.into(),
        label: words(asked, "label").unwrap_or_default().trim().into(),
        kind,
        is_required: flag(asked, "mandatory") == Some(true),
        prefill,
    })
}

/// How a question is answered. A type that is not known is told by whether there is something to choose from.
fn kind(asked: &Value, choices: Vec<Choice>) -> Kind {
    let kind = words(asked, "type").unwrap_or_default().trim().to_ascii_lowercase();
    let line = || {
        let check = words(asked, "validationType").unwrap_or_default();
        Kind::Line {
            check: match check.trim() {
                "numeric" => Check::Number,
                "email" => Check::Email,
                // What is neither a letter nor a digit is no reason to refuse a name.
                _ => Check::Any,
            },
        }
    };
    match &*kind {
        "text field" => line(),
        "text area" => Kind::Paragraph,
        "checkbox" => Kind::SomeOf { choices },
        "radio button" | "radio button (side by side)" => Kind::OneOf { picker: Picker::Radio, choices },
        "dropdown box" => Kind::OneOf { picker: Picker::Menu, choices },
        _ if choices.is_empty() => line(),
        _ => Kind::OneOf { picker: Picker::Menu, choices },
    }
}

fn choice(entry: &Value, rules: &Rules) -> Option<Choice> {
    let value = value(entry)?;
    let label = words(entry, "displayValue").unwrap_or_default().into();
    let mut opens: Vec<Arc<str>> = list(entry, "logic")
        .iter()
        .flat_map(|logic| list(logic, "showLogicId"))
        .take(MOST_QUESTIONS)
        .filter_map(|name| rules.0.get(&text(name)?))
        .flatten()
        .cloned()
        .collect();
    opens.sort();
    opens.dedup();
    Some(Choice { value, label, opens })
}

/// What is sent for an entry: its value, or what the visitor reads where it has none.
fn value(entry: &Value) -> Option<String> {
    words(entry, "value").or_else(|| words(entry, "displayValue"))
}

/// The ids of questions by their `logicId`.
struct Rules(BTreeMap<String, Vec<Arc<str>>>);

impl Rules {
    fn of(asked: &[&Value]) -> Self {
        let mut rules: BTreeMap<String, Vec<Arc<str>>> = BTreeMap::new();
        for question in asked {
            if let (Some(logic), Some(id)) = (words(question, "logicId"), words(question, "id")) {
                rules.entry(logic).or_default().push(id.into());
            }
        }
        Self(rules)
    }
}

/// One answer stands alone, several in a list.
fn answered(answer: &Answer) -> Value {
    let given = match &*answer.values {
        [one] => Value::from(one),
        several => Value::Array(several.iter().map(Value::from).collect()),
    };
    object! { "id": named(&answer.question), "answer": given }
}

/// An id as it came: a number is sent as one, unless it would not come out as it is written.
fn named(id: &str) -> Value {
    let is_number = (id == "0" || !id.starts_with('0')) && id.len() <= LONGEST_NUMBER && !id.is_empty();
    if is_number && id.bytes().all(|digit| digit.is_ascii_digit()) { Value::Number(id.to_owned()) } else { id.into() }
}

/// As many as a form has room for.
const MOST_QUESTIONS: usize = 100;
/// Of all questions together, as many as a form has room for.
const MOST_CHOICES: usize = 1_000;
/// Digits that every reader of JSON counts right.
const LONGEST_NUMBER: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_question_becomes_the_kind_that_it_means() {
        let entry = r#""entry":{"value":1}"#;
        for (asked, kind) in [
            (r#""type":"Text Field""#, "Line { check: Any }"),
            (r#""type":"Text Field","validationType":"alpha_numeric""#, "Line { check: Any }"),
            (r#""type":"Text Field","validationType":"numeric""#, "Line { check: Number }"),
            (r#""@type":" text field ","@validationType":"email""#, "Line { check: Email }"),
            (r#""type":"Text Area","validationType":"email""#, "Paragraph"),
            (&format!(r#""type":"Dropdown Box",{entry}"#), "OneOf { picker: Menu"),
            (&format!(r#""type":"Radio Button",{entry}"#), "OneOf { picker: Radio"),
            (&format!(r#""type":"Radio Button (side by side)",{entry}"#), "OneOf { picker: Radio"),
            (&format!(r#""type":"Checkbox",{entry}"#), "SomeOf {"),
            (&format!(r#""type":"Stars",{entry}"#), "OneOf { picker: Menu"),
            (&format!(r#""type":7,{entry}"#), "OneOf { picker: Menu"),
            (r#""type":"Stars""#, "Line { check: Any }"),
            (r#""label":"x""#, "Line { check: Any }"),
        ] {
            let form = asking(&format!(r#"{{"id":1,{asked}}}"#));
            let shown = format!("{:?}", form.questions[0].kind);
            assert!(shown.starts_with(kind), "{asked}: {shown}");
        }
        for asked in [r#""type":"Checkbox""#, r#""type":"Dropdown Box","entry":{"value":" "}"#] {
            assert!(asking(&format!(r#"{{"id":1,{asked}}}"#)).is_blank(), "{asked}: nobody could answer it");
        }
    }

    #[test]
    fn a_survey_is_read_however_loosely_it_is_written() {
        let form = asking(
            r#"[null,7,"x",[],{},{"label":"no id"},{"@id":"3","order":"3","label":" Third ","mandatory":"True"},
            {"id":1,"order":1,"mandatory":true,"label":1,"lastKnownValue":7},{"id":"2","order":2,"mandatory":"no"}]"#,
        );
        let read: Vec<(&str, &str, bool)> =
            form.questions.iter().map(|one| (&*one.id, &*one.label, one.is_required)).collect();
        assert_eq!(read, [("1", "1", true), ("2", "", false), ("3", "Third", true)]);
        assert_eq!(form.questions[0].prefill, ["7"]);
    }

    #[test]
    fn what_is_checked_stands_there_and_one_of_several_only_once() {
        let entries = r#""entry":[{"value":"a","checked":"true"},{"displayValue":"b","checked":true},{"value":3}]"#;
        for (kind, prefill) in [("Radio Button", &["a"][..]), ("Dropdown Box", &["a"]), ("Checkbox", &["a", "b"])] {
            let form = asking(&format!(r#"{{"id":1,"type":"{kind}",{entries}}}"#));
            assert_eq!(form.questions[0].prefill, prefill, "{kind}");
            let read: Vec<(&str, &str)> =
                form.questions[0].choices().iter().map(|one| (&*one.value, &*one.label)).collect();
            assert_eq!(read, [("a", "a"), ("b", "b"), ("3", "3")]);
        }
    }

    #[test]
    fn a_choice_opens_the_questions_that_its_logic_names() {
        for (logic, opened) in [
            (r#"{"showLogicId":4}"#, &["n", "o"][..]),
            (r#"{"showLogicId":"4"}"#, &["n", "o"]),
            (r#"{"@showLogicId":[4,"5",4,null,{},9]}"#, &["n", "o", "p"]),
            (r#"[{"showLogicId":5},{"showLogicId":4}]"#, &["n", "o", "p"]),
            (r#"{"showLogicId":9}"#, &[]),
            ("7", &[]),
        ] {
            let form = asking(&format!(
                r#"[{{"id":"m","type":"Radio Button","entry":{{"value":"a","logic":{logic}}}}},
                {{"id":"n","logicId":4}},{{"id":"o","logicId":"4"}},{{"id":"p","@logicId":5}}]"#
            ));
            let opens: Vec<&str> = form.questions[0].choices()[0].opens.iter().map(|id| &**id).collect();
            assert_eq!(opens, opened, "{logic}");
        }
    }

    #[test]
    fn a_survey_of_any_size_stays_within_bounds() {
        let logic: Vec<String> = (0..12).map(|number| number.to_string()).collect();
        let entry = format!(r#"{{"value":"v","logic":{{"showLogicId":[{}]}}}}"#, logic.join(","));
        let entries = vec![entry; 30].join(",");
        let asked: Vec<String> = (0..300)
            .map(|number| format!(r#"{{"id":{number},"logicId":0,"type":"Checkbox","entry":[{entries}]}}"#))
            .collect();
        let form = asking(&format!("[{}]", asked.join(",")));

        assert!(form.questions.len() <= MOST_QUESTIONS);
        assert_eq!(form.questions.iter().map(|question| question.choices().len()).sum::<usize>(), MOST_CHOICES);
    }

    #[test]
    fn answers_are_sent_with_ids_as_they_came() {
        let survey = Survey { id: Some("771".to_owned()), tries: 0 };
        let answer = |question: &str, values: &[&str]| Answer {
            question: question.into(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        let answers = [answer("9001", &["5"]), answer("q-2", &["Delivery", "Price"]), answer("007", &["x"])];
        assert_eq!(
            Value::Object(survey.answered(&answers)).text(),
            r#"{"id":771,"question":[{"id":9001,"answer":"5"},{"id":"q-2","answer":["Delivery","Price"]},{"id":"007","answer":"x"}]}"#
        );
        assert_eq!(Value::Object(Survey::default().answered(&[])).text(), r#"{"question":[]}"#);
    }

    fn asking(question: &str) -> Form {
        let survey = format!(r#"{{"questions":{{"question":{question}}}}}"#);
        form(&Value::parse(&survey).expect("it is JSON"), Purpose::Before)
    }
}
