//! Surveys: good examples of each, and whether what comes back answers what was asked.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The survey before a chat: all validations, and a question that shows only after an answer.
pub fn before() -> Value {
    json!({"id": 701, "title": "Before we start", "header": "A few words, so that the right person answers.",
    "questions": {"question": [
        {"id": 7001, "logicId": 1, "order": 1, "mandatory": true, "type": "Text Field", "label": "Your name",
         "validationType": "alpha_numeric", "lastKnownValue": ""},
        {"id": 7002, "logicId": 2, "order": 2, "mandatory": false, "type": "Text Field", "label": "Your e-mail",
         "validationType": "email"},
        {"id": 7003, "logicId": 3, "order": 3, "mandatory": true, "type": "Dropdown Box",
         "label": "What is it about?", "entry": [
            {"value": "order", "displayValue": "An order", "checked": false, "logic": {"showLogicId": [4]}},
            {"value": "other", "displayValue": "Something else", "checked": true}]},
        {"id": 7004, "logicId": 4, "order": 4, "mandatory": true, "type": "Text Field", "label": "Order number",
         "validationType": "numeric"},
    ]}})
}

/// The survey when nobody is there.
pub fn offline() -> Value {
    json!({"id": 702, "title": "We are not here", "header": "Leave a message and we write back.",
    "questions": {"question": [
        {"id": 7101, "logicId": 1, "order": 1, "mandatory": "true", "type": "Text Field", "label": "Your e-mail",
         "validationType": "email"},
        {"id": 7102, "logicId": 2, "order": 2, "mandatory": "true", "type": "Text Area", "label": "Your message"},
    ]}})
}

/// The survey after a chat: rating, several answers, and a follow-up.
pub fn after() -> Value {
    json!({"id": 771, "title": "How was it?", "header": "Two questions, half a minute.",
    "questions": {"question": [
        {"id": 9002, "logicId": 2, "order": 2, "mandatory": false, "type": "Checkbox", "label": "What was it about?",
         "entry": [
            {"value": "Delivery", "displayValue": "Delivery", "checked": false},
            {"value": "Price", "displayValue": "Price", "checked": false}]},
        {"id": 9001, "logicId": 1, "order": 1, "mandatory": true, "type": "Radio Button (side by side)",
         "label": "How satisfied are you?", "entry": [
            {"value": "1", "displayValue": "Not at all", "checked": false, "logic": {"showLogicId": [3]}},
            {"value": "3", "displayValue": "So-so", "checked": false, "logic": {"showLogicId": [3]}},
            {"value": "5", "displayValue": "Very", "checked": false}]},
        {"id": 9003, "logicId": 3, "order": 3, "mandatory": true, "type": "Text Area",
         "label": "What could be better?"},
    ]}})
}

/// What an agent notes after a chat; a single question.
pub fn agents() -> Value {
    json!({"id": 790, "title": "After the chat", "header": "", "questions": {"question": [
        {"id": 9901, "logicId": 1, "order": 1, "mandatory": true, "type": "Radio Button", "label": "Was it solved?",
         "entry": [
            {"value": "yes", "displayValue": "Yes", "checked": false},
            {"value": "no", "displayValue": "No", "checked": false}]},
    ]}})
}

/// Answers by question, in the order in which they came.
pub type Answers = Vec<(u64, Vec<String>)>;

/// What is wrong with answers.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong(pub String);

/// Reads `survey` as it came back, against the survey that was asked.
///
/// # Errors
/// When it does not answer this survey.
pub fn read(asked: &Value, came: &Value) -> Result<Answers, Wrong> {
    if asked.is_null() {
        return Err(Wrong("there is no such survey".to_owned()));
    }
    if number(came.get("id")) != number(asked.get("id")) {
        return Err(Wrong("the survey has another id".to_owned()));
    }
    let answers = items(came.get("question")).into_iter().map(answer).collect::<Result<Answers, _>>()?;
    if answers.is_empty() {
        return Err(Wrong("no question is answered".to_owned()));
    }
    let questions = items(asked.pointer("/questions/question"));
    let given: BTreeMap<u64, &Vec<String>> = answers.iter().map(|(id, answer)| (*id, answer)).collect();
    if given.len() < answers.len() {
        return Err(Wrong("a question is answered twice".to_owned()));
    }
    for id in given.keys() {
        if !questions.iter().any(|question| number(question.get("id")) == Some(*id)) {
            return Err(Wrong(format!("question {id} was not asked")));
        }
    }
    for question in &questions {
        check(question, &questions, &given)?;
    }
    Ok(answers)
}

fn answer(came: &Value) -> Result<(u64, Vec<String>), Wrong> {
    let id = number(came.get("id")).ok_or_else(|| Wrong("a question without id".to_owned()))?;
    let texts = items(came.get("answer")).into_iter().map(text).collect::<Option<Vec<_>>>();
    match texts {
        Some(texts) if !texts.is_empty() => Ok((id, texts)),
        _ => Err(Wrong(format!("question {id} without answer"))),
    }
}

fn check(question: &Value, all: &[&Value], given: &BTreeMap<u64, &Vec<String>>) -> Result<(), Wrong> {
    let id = number(question.get("id")).unwrap_or_default();
    let answer = given.get(&id).map(|texts| texts.as_slice()).unwrap_or_default();
    let is_blank = answer.iter().all(|text| text.trim().is_empty());
    let is_mandatory = question.get("mandatory").is_some_and(|value| *value == json!(true) || *value == json!("true"));
    if is_blank {
        let is_missing = is_mandatory && is_shown(question, all, given);
        return if is_missing { Err(Wrong(format!("question {id} is mandatory"))) } else { Ok(()) };
    }
    let entries = items(question.get("entry"));
    let is_offered =
        |text: &String| entries.iter().any(|entry| entry.get("value").and_then(text_of) == Some(text.clone()));
    if !entries.is_empty() && !answer.iter().all(is_offered) {
        return Err(Wrong(format!("question {id} has no such entry")));
    }
    if answer.len() > 1 && question.get("type") != Some(&json!("Checkbox")) {
        return Err(Wrong(format!("question {id} takes one answer")));
    }
    let is_valid = answer.iter().all(|text| match question.get("validationType").and_then(Value::as_str) {
        Some("numeric") => text.trim().bytes().all(|letter| letter.is_ascii_digit()),
        Some("email") => text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')),
        _ => true,
    });
    if is_valid { Ok(()) } else { Err(Wrong(format!("question {id} is answered with something else"))) }
}

/// A question that some entry shows is hidden until that entry is chosen.
fn is_shown(question: &Value, all: &[&Value], given: &BTreeMap<u64, &Vec<String>>) -> bool {
    let Some(logic) = number(question.get("logicId")) else {
        return true;
    };
    let mut is_ruled = false;
    for other in all {
        let answer = number(other.get("id")).and_then(|id| given.get(&id));
        for entry in items(other.get("entry")) {
            if !items(entry.pointer("/logic/showLogicId")).into_iter().any(|id| number(Some(id)) == Some(logic)) {
                continue;
            }
            is_ruled = true;
            let value = entry.get("value").and_then(text_of).unwrap_or_default();
            if answer.is_some_and(|texts| texts.contains(&value)) {
                return true;
            }
        }
    }
    !is_ruled
}

/// One or several, or none.
fn items(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
    }
}

fn number(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn text(value: &Value) -> Option<String> {
    text_of(value)
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(asked: &Value, question: Value) -> String {
        read(asked, &json!({"id": asked.get("id"), "question": question}))
            .err()
            .map(|wrong| wrong.0)
            .unwrap_or_default()
    }

    #[test]
    fn one_answer_may_be_an_object_and_several_may_be_chosen() {
        let one = read(&after(), &json!({"id": "771", "question": {"id": 9001, "answer": 5}}));
        assert_eq!(one, Ok(vec![(9001, vec!["5".to_owned()])]));
        let questions = json!([{"id": 9001, "answer": "5"}, {"id": 9002, "answer": ["Delivery", "Price"]}]);
        assert_eq!(read(&after(), &json!({"id": 771, "question": questions})).map(|answers| answers.len()), Ok(2));
    }

    #[test]
    fn a_hidden_question_needs_no_answer_and_a_shown_one_does() {
        assert_eq!(wrong(&after(), json!({"id": 9001, "answer": "1"})), "question 9003 is mandatory");
        let both = json!([{"id": 9001, "answer": "1"}, {"id": 9003, "answer": "Faster"}]);
        assert_eq!(wrong(&after(), both), "");
    }

    #[test]
    fn answers_must_fit_their_questions() {
        assert_eq!(wrong(&after(), json!({"id": 9001, "answer": "4"})), "question 9001 has no such entry");
        assert_eq!(wrong(&after(), json!({"id": 1, "answer": "4"})), "question 1 was not asked");
        assert_eq!(wrong(&after(), json!({"id": 9001, "value": "5"})), "question 9001 without answer");
        let mail = json!([{"id": 7101, "answer": "nobody"}, {"id": 7102, "answer": "x"}]);
        assert_eq!(wrong(&offline(), mail), "question 7101 is answered with something else");
        assert_eq!(wrong(&Value::Null, json!([])), "there is no such survey");
    }
}
