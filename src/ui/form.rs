//! A form that the backend wants filled in.
//!
//! What the visitor enters lives in the fields themselves and is told on every edit, as in the composer. Which questions
//! are shown and what is wrong with an answer is the model's to say. It is no `<form>`: where a page may not submit any,
//! as in some frames, those are dead.

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::{ArcRwSignal, Get, GetUntracked, Set};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent};

use crate::model::{Answer, Check, Choice, Form, Kind, Picker, Problem, Purpose, Question, known};
use crate::session::{Command, InquiryState, View};

use super::common::prose::worded;
use super::common::tag::Tag;
use super::desk::Desk;
use super::words::fill;

/// The form, filled in as far as it was.
pub(super) fn form(desk: Desk, form: &Arc<Form>) -> Tag {
    let words = desk.words;
    let answers = desk.glance(|view| view.form.as_ref().map(|inquiry| Arc::clone(&inquiry.answers)));
    let answers = answers.unwrap_or_default();
    let (mut parts, mut fields) = (Vec::new(), Vec::new());
    for (place, asked) in form.questions.iter().enumerate() {
        let (part, field) = question(desk, place, asked, &answers);
        parts.push(part);
        fields.push(field);
    }
    let paper = Rc::new(Paper { desk, form: Arc::clone(form), fields, tries: ArcRwSignal::new(0) });
    paper.show(&paper.answers());

    let (class, send) = match form.purpose {
        Purpose::Before => ("form first", words.start_chat),
        Purpose::Instead => ("form first", words.send),
        Purpose::Within => ("form within", words.send),
        Purpose::After => ("form", words.send),
    };
    let title = title(desk, form);
    let mut tag = Tag::new("div", class)
        .set("part", "form")
        .set("role", "form")
        .set("tabindex", "-1")
        .set("aria-label", &title)
        .child(Tag::new("h3", "form-title").set("dir", "auto").text(&title));
    if let Some(intro) = &form.intro {
        tag = tag.child(worded(Tag::new("p", "form-intro").set("dir", "auto"), intro));
    }
    let (on_key, on_input, on_press, on_state) =
        (Rc::clone(&paper), Rc::clone(&paper), Rc::clone(&paper), Rc::clone(&paper));
    let press = Tag::button("button primary", move || on_press.give())
        .live("aria-disabled", move || desk.see(is_given).then_some("true"))
        .text(send);
    let sentence = Tag::new("p", "problem").set("role", "alert").live_text(move || on_state.sentence());
    // A form that comes back is read from its beginning; else the visitor is at its end when there is something to say.
    let is_back = desk.glance(|view| view.form.as_ref().is_some_and(|inquiry| inquiry.state != InquiryState::Open));
    parts.insert(if is_back { 0 } else { parts.len() }, sentence);
    let mut choices = Tag::new("div", "choices").child(press);
    if form.purpose == Purpose::After {
        choices = choices.child(skip(desk));
    }
    parts.push(choices);
    for part in parts {
        tag = tag.child(part);
    }
    tag.on("input", move |_| on_input.edit()).on("keydown", move |event| {
        let key: &KeyboardEvent = event.unchecked_ref();
        let is_line = event.target().is_some_and(|target| {
            // Only lines of text have this attribute.
            target.dyn_ref::<Element>().is_some_and(|element| element.has_attribute("enterkeyhint"))
        });
        if is_line && key.key() == "Enter" && !key.is_composing() {
            event.prevent_default();
            on_key.give();
        }
    })
}

/// The heading of a form.
pub(super) fn title(desk: Desk, form: &Form) -> String {
    let words = desk.words;
    form.title.as_deref().map_or_else(
        || {
            match form.purpose {
                Purpose::Before => words.form_before,
                Purpose::Instead => words.form_instead,
                Purpose::Within => words.form_within,
                Purpose::After if form.questions.iter().all(|question| *question.id == *known::COPY) => {
                    words.offers.keep_copy
                }
                Purpose::After => words.form_after,
            }
            .to_owned()
        },
        str::to_owned,
    )
}

/// Whether answers are on their way.
pub(super) fn is_given(view: &View) -> bool {
    view.form.as_ref().is_some_and(|inquiry| inquiry.state == InquiryState::Given)
}

fn skip(desk: Desk) -> Tag {
    let press = move || {
        desk.has_answered.set(true);
        desk.dispatch(Command::Skip);
    };
    Tag::button("button quiet", press)
        .live("aria-disabled", move || desk.see(is_given).then_some("true"))
        .text(desk.words.skip)
}

/// What the fields say, and what is said about it.
struct Paper {
    desk: Desk,
    form: Arc<Form>,
    /// One for each question, in order.
    fields: Vec<Field>,
    /// How often answers with problems were given; 0 while there are none. It counts its own owners, since the effect that
    /// makes the form runs again, and would take along what it owns.
    tries: ArcRwSignal<usize>,
}

/// One question on the screen.
struct Field {
    id: Arc<str>,
    place: HtmlElement,
    problem: Element,
    control: Control,
}

enum Control {
    /// A line, a paragraph or a menu. All three have a `value`, which is all that is asked of them here.
    Value(HtmlInputElement),
    /// Radio buttons or checkboxes.
    Marks(Vec<HtmlInputElement>),
}

impl Paper {
    /// What stands in all fields, hidden ones too.
    fn answers(&self) -> Vec<Answer> {
        let mut answers = Vec::new();
        for field in &self.fields {
            answers.push(Answer { question: Arc::clone(&field.id), values: field.control.values() });
        }
        answers
    }

    /// Shows the questions that these answers open, and hides the others. The focus stays where it is.
    fn show(&self, answers: &[Answer]) {
        let shown = self.form.shown(answers);
        for field in &self.fields {
            field.place.set_hidden(!shown.iter().any(|question| question.id == field.id));
        }
    }

    fn edit(&self) {
        let answers = self.answers();
        self.show(&answers);
        // What is mended is no longer complained about; what is new is not complained about before it is given.
        let problems = self.form.problems(&answers);
        for field in &self.fields {
            if find(&problems, &field.id).is_none() {
                field.complain("");
            }
        }
        self.desk.dispatch(Command::Fill { answers });
    }

    fn give(&self) {
        if self.desk.glance(is_given) {
            return;
        }
        let mut answers = self.answers();
        let problems = self.form.problems(&answers);
        let mut first = None;
        for field in &self.fields {
            let problem = find(&problems, &field.id);
            field.complain(problem.map_or("", |problem| self.complaint(problem)));
            if problem.is_some() {
                first = first.or(Some(field));
            }
        }
        if let Some(first) = first {
            self.tries.set(self.tries.get_untracked() + 1);
            return first.control.focus();
        }
        self.tries.set(0);
        self.desk.has_answered.set(true);
        let shown = self.form.shown(&answers);
        answers.retain(|answer| shown.iter().any(|question| question.id == answer.question));
        self.desk.dispatch(Command::Answer { answers });
    }

    /// How it stands with the form as a whole.
    fn sentence(&self) -> String {
        let words = self.desk.words;
        let tries = self.tries.get();
        let state = self.desk.see(|view| view.form.as_ref().map(|inquiry| inquiry.state));
        if tries > 0 {
            // Words that equal the last ones would not be heard: every other time they get a silent difference.
            return words.form_problems.to_owned() + if tries.is_multiple_of(2) { "\u{a0}" } else { "" };
        }
        match state {
            Some(InquiryState::Given) => words.sending,
            Some(InquiryState::Undelivered) => words.form_undelivered,
            Some(InquiryState::Refused) => words.form_refused,
            Some(InquiryState::Open) | None => "",
        }
        .to_owned()
    }

    const fn complaint(&self, problem: Problem) -> &'static str {
        match problem {
            Problem::Missing => self.desk.words.missing,
            Problem::NotANumber => self.desk.words.not_a_number,
            Problem::NotAnEmail => self.desk.words.not_an_email,
        }
    }
}

/// The problem of the question with this id.
fn find(problems: &[(Arc<str>, Problem)], id: &Arc<str>) -> Option<Problem> {
    problems.iter().find(|(found, _)| found == id).map(|(_, problem)| *problem)
}

impl Field {
    /// Says what is wrong with the answer; nothing where nothing is.
    fn complain(&self, complaint: &str) {
        if self.problem.text_content().unwrap_or_default() == complaint {
            return;
        }
        self.problem.set_text_content(Some(complaint));
        let invalid: &Element = match &self.control {
            Control::Value(input) => input,
            Control::Marks(_) => &self.place,
        };
        // A group of checkboxes knows no such state: its description says it.
        if !invalid.has_attribute("aria-invalid") {
            return;
        }
        let _ = invalid.set_attribute("aria-invalid", if complaint.is_empty() { "false" } else { "true" });
    }
}

impl Control {
    fn values(&self) -> Vec<String> {
        match self {
            Self::Value(input) => vec![input.value()],
            Self::Marks(marks) => marks.iter().filter(|mark| mark.checked()).map(HtmlInputElement::value).collect(),
        }
    }

    fn focus(&self) {
        let input = match self {
            Self::Value(input) => Some(input),
            Self::Marks(marks) => marks.first(),
        };
        // What cannot take the focus leaves it where it is.
        let _ = input.map(|input| input.focus());
    }
}

/// A question with its field. Names are made of its place, so that nothing foreign gets into an attribute that means
/// something.
fn question(desk: Desk, place: usize, asked: &Question, answers: &[Answer]) -> (Tag, Field) {
    let words = desk.words;
    let name = format!("q{place}");
    let problem_id = format!("q{place}-problem");
    let label = match asked.label.trim() {
        "" => words
            .offers
            .question(&asked.id)
            .map_or_else(|| fill(words.question, &(place + 1).to_string()), str::to_owned),
        label => label.to_owned(),
    };
    let answer = answers.iter().find(|answer| answer.question == asked.id);
    let values = answer.map_or(&[][..], |answer| &answer.values);
    let required = if asked.is_required { "true" } else { "false" };

    let problem = Tag::new("p", "problem").set("id", &problem_id);
    let problem_element = problem.element();
    let (tag, control) = match &asked.kind {
        Kind::Line { .. } | Kind::Paragraph | Kind::OneOf { picker: Picker::Menu, .. } => {
            let input = input(desk, asked)
                .set("id", &name)
                .set("aria-required", required)
                .set("aria-invalid", "false")
                .set("aria-describedby", &problem_id);
            let control: HtmlInputElement = input.element().unchecked_into();
            control.set_value(values.first().map_or("", |value| value));
            let label = Tag::new("label", "label").set("for", &name).set("dir", "auto").text(&label);
            let tag = Tag::new("div", "question").children([need(desk, asked, label), input]);
            (tag, Control::Value(control))
        }
        Kind::OneOf { choices, .. } | Kind::SomeOf { choices } => {
            let is_one = matches!(asked.kind, Kind::OneOf { .. });
            let label_id = format!("q{place}-label");
            let label = Tag::new("legend", "label").set("id", &label_id).set("dir", "auto").text(&label);
            let tag = Tag::new("fieldset", "question")
                .set("aria-labelledby", &label_id)
                .set("aria-describedby", &problem_id)
                .child(need(desk, asked, label));
            let tag = if is_one {
                tag.set("role", "radiogroup").set("aria-required", required).set("aria-invalid", "false")
            } else {
                tag
            };
            let mut marks = Vec::new();
            let tag = choices.iter().fold(tag, |tag, choice| {
                let label = if *asked.id == *known::CONSENT { words.offers.agreed } else { &choice.label };
                let (label, mark) = mark(choice, label, if is_one { "radio" } else { "checkbox" }, &name);
                mark.set_checked(values.contains(&choice.value));
                marks.push(mark);
                tag.child(label)
            });
            (tag, Control::Marks(marks))
        }
    };
    let field =
        Field { id: Arc::clone(&asked.id), place: tag.element().unchecked_into(), problem: problem_element, control };
    (tag.child(problem), field)
}

/// Says whether a question must be answered. A group of checkboxes has no other way to tell a screen reader.
fn need(desk: Desk, asked: &Question, label: Tag) -> Tag {
    if !asked.is_required {
        return label;
    }
    let mark = Tag::new("span", "need").text(" ").text(desk.words.required);
    label.child(match asked.kind {
        Kind::SomeOf { .. } => mark,
        Kind::Line { .. } | Kind::Paragraph | Kind::OneOf { .. } => mark.set("aria-hidden", "true"),
    })
}

/// The field of a question that is answered by one value.
fn input(desk: Desk, asked: &Question) -> Tag {
    let line = |kind: &str| Tag::new("input", "entry").set("type", kind).set("dir", "auto").set("enterkeyhint", "done");
    match &asked.kind {
        Kind::Line { check: Check::Email } => line("email").set("autocomplete", "email"),
        Kind::Line { check: Check::Number } => line("text").set("inputmode", "decimal"),
        Kind::Line { check: Check::Any } => line("text"),
        Kind::Paragraph => Tag::new("textarea", "entry").set("rows", "3").set("dir", "auto"),
        Kind::OneOf { choices, .. } | Kind::SomeOf { choices } => {
            let nothing = Tag::new("option", "").set("value", "").text(desk.words.choose);
            choices.iter().fold(Tag::new("select", "entry").child(nothing), |menu, choice| {
                menu.child(Tag::new("option", "").set("value", &choice.value).text(&choice.label))
            })
        }
    }
}

fn mark(choice: &Choice, label: &str, kind: &str, name: &str) -> (Tag, HtmlInputElement) {
    let mark = Tag::new("input", "").set("type", kind).set("name", name).set("value", &choice.value);
    let input: HtmlInputElement = mark.element().unchecked_into();
    let words = Tag::new("span", "").set("dir", "auto").text(label);
    (Tag::new("label", "choice").children([mark, words]), input)
}
