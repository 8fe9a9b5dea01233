//! Forms that a backend wants filled in: before a conversation, in place of one, in its middle, or after it.
//!
//! Plain data, and the rules that need nothing else: which questions are shown, what is wrong with the answers, and what
//! of them is sent. It does not know how a form looks, when it is asked for, or how answers travel.

use std::sync::Arc;

use super::check::Check;
use super::json::Value;
use super::keep::{Keep, keep_fields, keep_words, read_variant, variant};

/// What a backend wants to know. Every text is plain text: data, never markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// When it is asked for.
    pub purpose: Purpose,
    /// Its heading; a default in the visitor's language where there is none.
    pub title: Option<Arc<str>>,
    /// What stands above the questions.
    pub intro: Option<Arc<str>>,
    /// The questions, in order.
    pub questions: Vec<Question>,
}

/// When a form is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Before a conversation: it begins with the answers.
    Before,
    /// In place of a conversation, because nobody is there: the answers are all there will be.
    Instead,
    /// In the middle of a conversation, which goes on meanwhile.
    Within,
    /// After a conversation. The visitor may skip it.
    After,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Names it in the answers; the first of several with the same id counts.
    pub id: Arc<str>,
    /// What is asked.
    pub label: Arc<str>,
    /// How it is answered.
    pub kind: Kind,
    /// Whether it must be answered while it is shown.
    pub is_required: bool,
    /// What stands there at first: a text, or the values of the choices that are chosen.
    pub prefill: Vec<String>,
}

/// How a question is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// With a line of text.
    Line {
        /// What it must look like.
        check: Check,
    },
    /// With several lines of text.
    Paragraph,
    /// With one of these.
    OneOf {
        /// How they are offered.
        picker: Picker,
        /// What there is to choose from.
        choices: Vec<Choice>,
    },
    /// With any of these.
    SomeOf {
        /// What there is to choose from.
        choices: Vec<Choice>,
    },
}

/// How one of several choices is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picker {
    /// A menu that unfolds.
    Menu,
    /// Radio buttons.
    Radio,
}

/// Something to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What the visitor reads.
    pub label: Arc<str>,
    /// Ids of questions that are shown while this is chosen. A question that some choice opens is hidden otherwise.
    pub opens: Vec<Arc<str>>,
}

/// What the visitor answered to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The question's id.
    pub question: Arc<str>,
    /// A text, or the values of the choices that are chosen; none where it is not answered.
    pub values: Vec<String>,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is none, and there must be.
    Missing,
    /// It is not a number.
    NotANumber,
    /// It is not an e-mail address.
    NotAnEmail,
}

impl Form {
    /// The form without what nobody could answer, and no larger than a visitor would put up with. Whoever made it up may
    /// mean harm.
    #[must_use]
    pub fn bounded(self) -> Self {
        let said = |text: Option<Arc<str>>| text.map(|text| shortened(&text)).filter(|text| !text.trim().is_empty());
        let mut form = Self { title: said(self.title), intro: said(self.intro), questions: Vec::new(), ..self };
        let mut choices_left = MOST_CHOICES;
        for mut question in self.questions {
            if question.id.len() > LONGEST || form.questions.len() >= MOST_QUESTIONS || form.has(&question.id) {
                continue;
            }
            question.label = shortened(&question.label);
            question.prefill.retain(|value| value.len() <= LONGEST);
            if let Kind::OneOf { choices, .. } | Kind::SomeOf { choices } = &mut question.kind {
                // An empty value is no answer.
                choices.retain(|choice| !choice.value.trim().is_empty() && choice.value.len() <= LONGEST);
                choices.truncate(choices_left);
                choices_left -= choices.len();
                for choice in choices.iter_mut() {
                    let is_named = !choice.label.trim().is_empty();
                    choice.label = if is_named { shortened(&choice.label) } else { Arc::from(&*choice.value) };
                    choice.opens.retain(|opened| *opened != question.id);
                    choice.opens.truncate(MOST_QUESTIONS);
                }
                if choices.is_empty() {
                    continue;
                }
            }
            form.questions.push(question);
        }
        form
    }

    /// Whether it asks nothing at all.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.shown(&[]).is_empty()
    }

    /// Whether there is a question of this id.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.questions.iter().any(|question| *question.id == *id)
    }

    /// What stands there at first.
    #[must_use]
    pub fn prefilled(&self) -> Vec<Answer> {
        let mut answers = Vec::new();
        for question in &self.questions {
            if !question.prefill.is_empty() {
                answers.push(Answer { question: question.id.clone(), values: question.prefill.clone() });
            }
        }
        answers
    }

    /// The questions that are shown with these answers, in order: those that no choice opens, and those that are opened by
    /// a choice that is chosen in a question that is shown itself.
    #[must_use]
    pub fn shown(&self, answers: &[Answer]) -> Vec<&Question> {
        let mut shown: Vec<&Question> = Vec::new();
        let mut fresh: Vec<&Question> = Vec::new();
        for question in &self.questions {
            if !self.questions.iter().any(|other| other.can_open(&question.id)) {
                fresh.push(question);
            }
        }
        while let Some(question) = fresh.pop() {
            if is_among(&shown, question) {
                continue;
            }
            shown.push(question);
            for opened in &self.questions {
                if question.opens(&opened.id, answers) {
                    fresh.push(opened);
                }
            }
        }
        self.questions.iter().filter(|question| is_among(&shown, question)).collect()
    }

    /// What is wrong with these answers, in the order of the questions; nothing where they can be sent.
    #[must_use]
    pub fn problems(&self, answers: &[Answer]) -> Vec<(Arc<str>, Problem)> {
        let mut problems = Vec::new();
        for question in self.shown(answers) {
            if let Some(problem) = question.problem(answers) {
                problems.push((question.id.clone(), problem));
            }
        }
        problems
    }

    /// What of these answers is sent: of questions that are shown, without blanks around it, and nothing that cannot be
    /// chosen. A question that is not answered is left out.
    #[must_use]
    pub fn settled(&self, answers: &[Answer]) -> Vec<Answer> {
        let mut settled = Vec::new();
        for question in self.shown(answers) {
            let mut answer = Answer { question: question.id.clone(), values: Vec::new() };
            for value in question.values(answers) {
                answer.values.push(value.to_owned());
            }
            if !answer.values.is_empty() {
                settled.push(answer);
            }
        }
        settled
    }

    /// What of these answers can stand in this form as a draft.
    #[must_use]
    pub fn drafted(&self, answers: &[Answer]) -> Vec<Answer> {
        let mut drafted = Vec::new();
        for question in &self.questions {
            drafted.extend(question.answer(answers).cloned());
        }
        drafted
    }
}

impl Question {
    /// What there is to choose from; nothing where it is answered with a text.
    #[must_use]
    pub fn choices(&self) -> &[Choice] {
        match &self.kind {
            Kind::Line { .. } | Kind::Paragraph => &[],
            Kind::OneOf { choices, .. } | Kind::SomeOf { choices } => choices,
        }
    }

    /// The first answer to it.
    #[must_use]
    pub fn answer<'a>(&self, answers: &'a [Answer]) -> Option<&'a Answer> {
        answers.iter().find(|answer| answer.question == self.id)
    }

    /// What counts of the first answer to it.
    fn values<'a>(&self, answers: &'a [Answer]) -> Vec<&'a str> {
        let mut values = Vec::new();
        let most = if matches!(self.kind, Kind::SomeOf { .. }) { MOST_CHOICES } else { 1 };
        for value in self.answer(answers).map_or(&[][..], |answer| &answer.values) {
            let (value, counts) = match &self.kind {
                Kind::Line { .. } | Kind::Paragraph => (value.trim(), !value.trim().is_empty()),
                Kind::OneOf { choices, .. } | Kind::SomeOf { choices } => {
                    (value.as_str(), choices.iter().any(|choice| choice.value == *value))
                }
            };
            if counts && values.len() < most {
                values.push(value);
            }
        }
        values
    }

    /// Whether one of its choices opens the question of this id.
    fn can_open(&self, id: &Arc<str>) -> bool {
        self.choices().iter().any(|choice| choice.opens.contains(id))
    }

    /// Whether one of its choices that is chosen opens the question of this id.
    fn opens(&self, id: &Arc<str>, answers: &[Answer]) -> bool {
        let values = self.values(answers);
        self.choices().iter().any(|choice| values.contains(&&*choice.value) && choice.opens.contains(id))
    }

    fn problem(&self, answers: &[Answer]) -> Option<Problem> {
        let values = self.values(answers);
        let Some(value) = values.first() else { return self.is_required.then_some(Problem::Missing) };
        match self.kind {
            Kind::Line { check } => check.problem(value),
            Kind::Paragraph | Kind::OneOf { .. } | Kind::SomeOf { .. } => None,
        }
    }
}

fn is_among(questions: &[&Question], one: &Question) -> bool {
    questions.iter().any(|question| question.id == one.id)
}

fn shortened(text: &Arc<str>) -> Arc<str> {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => Arc::from(text.get(..end).unwrap_or_default()),
        None => Arc::clone(text),
    }
}

keep_fields!(Form { purpose, title, intro, questions });
keep_fields!(Question { id, label, kind, is_required, prefill });
keep_fields!(Choice { value, label, opens });
keep_fields!(Answer { question, values });
keep_words!(Purpose { Before => "before", Instead => "instead", Within => "within", After => "after" });

impl Keep for Kind {
    fn keep(&self) -> Value {
        match self {
            Self::Line { check } => variant("line", check.keep()),
            Self::Paragraph => "paragraph".into(),
            Self::OneOf { picker: Picker::Menu, choices } => variant("menu", choices.keep()),
            Self::OneOf { picker: Picker::Radio, choices } => variant("radio", choices.keep()),
            Self::SomeOf { choices } => variant("some", choices.keep()),
        }
    }

    fn kept(value: &Value) -> Option<Self> {
        Some(match read_variant(value)? {
            ("line", check) => Self::Line { check: Keep::kept(check)? },
            ("paragraph", _) => Self::Paragraph,
            ("menu", choices) => Self::OneOf { picker: Picker::Menu, choices: Keep::kept(choices)? },
            ("radio", choices) => Self::OneOf { picker: Picker::Radio, choices: Keep::kept(choices)? },
            ("some", choices) => Self::SomeOf { choices: Keep::kept(choices)? },
            _ => return None,
        })
    }
}

/// More questions than anybody answers for a chat.
const MOST_QUESTIONS: usize = 100;
/// Of all questions together; the countries of the world fit in several times.
const MOST_CHOICES: usize = 1_000;
/// Letters of anything that is asked or offered.
const LONGEST: usize = 2_000;

#[cfg(test)]
mod tests {
    use crate::model::keep::{from_text, to_text};

    use super::*;

    #[test]
    fn a_required_question_must_be_answered_with_more_than_blanks() {
        let form = form(vec![required(line("name", Check::Any)), line("town", Check::Any)]);

        assert_eq!(form.problems(&[]), [("name".into(), Problem::Missing)]);
        assert_eq!(form.problems(&[answer("name", &[" \n"])]), [("name".into(), Problem::Missing)]);
        assert_eq!(form.problems(&[answer("name", &[])]), [("name".into(), Problem::Missing)]);
        assert_eq!(form.problems(&[answer("name", &[" Ada "])]), []);
        assert_eq!(form.settled(&[answer("name", &[" Ada "])]), [answer("name", &["Ada"])]);
        let number = self::form(vec![line("number", Check::Number)]);
        assert_eq!(number.problems(&[answer("number", &[" 4 "])]), []);
        assert_eq!(number.problems(&[answer("number", &["x"])]), [("number".into(), Problem::NotANumber)]);
    }

    #[test]
    fn what_cannot_be_chosen_is_no_answer() {
        let one = required(one_of("one", &["a", "b"]));
        let some = Question { kind: Kind::SomeOf { choices: choices(&["c", "d", "e"]) }, ..line("some", Check::Any) };
        let form = form(vec![one, some]);

        assert_eq!(form.problems(&[answer("one", &["x"])]), [("one".into(), Problem::Missing)]);
        let given = [answer("some", &["e", "x", "c"]), answer("one", &["b", "a"]), answer("nothing", &["a"])];
        assert_eq!(form.settled(&given), [answer("one", &["b"]), answer("some", &["e", "c"])]);
    }

    #[test]
    fn a_question_is_hidden_until_a_choice_opens_it() {
        let form = conditional();

        assert_eq!(shown(&form, &[]), ["topic"]);
        assert_eq!(shown(&form, &[answer("topic", &["order"])]), ["topic", "number"]);
        let deeper = [answer("topic", &["other"]), answer("more", &["yes"])];
        assert_eq!(shown(&form, &deeper), ["topic", "more", "detail"]);
    }

    #[test]
    fn a_hidden_question_needs_no_answer_and_sends_none() {
        let form = conditional();
        let hidden = [answer("topic", &["other"]), answer("number", &["not a number"])];

        assert_eq!(form.problems(&hidden), []);
        assert_eq!(form.settled(&hidden), [answer("topic", &["other"])]);
        // What is chosen in a question that is hidden opens nothing.
        let hidden = [answer("topic", &["order"]), answer("number", &["1"]), answer("more", &["yes"])];
        assert_eq!(shown(&form, &hidden), ["topic", "number"]);
        assert_eq!(form.problems(&[answer("topic", &["order"])]), [("number".into(), Problem::Missing)]);
    }

    #[test]
    fn questions_that_open_each_other_stay_hidden_and_come_to_an_end() {
        let mut one = required(one_of("one", &["a"]));
        let mut other = required(one_of("other", &["a"]));
        opens(&mut one, "a", "other");
        opens(&mut other, "a", "one");
        let form = form(vec![one, other]);

        let both = [answer("one", &["a"]), answer("other", &["a"])];
        assert!(form.is_blank());
        assert_eq!((shown(&form, &both).len(), form.problems(&both), form.settled(&both)), (0, vec![], vec![]));
    }

    #[test]
    fn a_form_has_no_more_than_can_be_answered() {
        let mut itself = one_of("itself", &["a", " "]);
        itself.kind = match itself.kind {
            Kind::OneOf { picker, mut choices } => {
                choices[0].label = "".into();
                Kind::OneOf { picker, choices }
            }
            other => other,
        };
        opens(&mut itself, "a", "itself");
        let mut questions = vec![itself, one_of("itself", &["b"]), required(one_of("nothing", &[]))];
        questions.extend((0..2_000).map(|number| one_of(&number.to_string(), &["a"; 300])));
        let form = Form { title: Some("ü".repeat(9_000).into()), intro: Some(" ".into()), ..form(questions) }.bounded();

        assert_eq!(form.questions.len(), 5);
        assert_eq!(form.questions.iter().map(|question| question.choices().len()).sum::<usize>(), MOST_CHOICES);
        assert_eq!(form.questions[0].choices(), choices(&["a"]));
        assert_eq!(form.title.map(|title| title.chars().count()), Some(LONGEST));
        assert_eq!(form.intro, None);

        let many = (0..2_000).map(|number| line(&number.to_string(), Check::Any)).collect();
        assert_eq!(self::form(many).bounded().questions.len(), MOST_QUESTIONS);
    }

    #[test]
    fn what_is_kept_comes_back() {
        let mut form = conditional();
        form.title = Some("Title".into());
        form.questions.push(Question { kind: Kind::Paragraph, prefill: vec!["a\nb".into()], ..line("p", Check::Any) });
        form.questions.push(Question { kind: Kind::SomeOf { choices: choices(&["a"]) }, ..line("s", Check::Any) });
        form.questions.push(Question {
            kind: Kind::OneOf { picker: Picker::Menu, choices: choices(&["a"]) },
            ..line("m", Check::Email)
        });

        assert_eq!(from_text::<Form>(&to_text(&form)), Some(form.clone()));
        assert_eq!(form.prefilled(), [answer("p", &["a\nb"])]);
        assert_eq!(from_text::<Form>("{}"), None);
    }

    /// What is asked depends on the topic: a number for an order, or more, which may open a detail.
    fn conditional() -> Form {
        let mut topic = required(one_of("topic", &["order", "other"]));
        opens(&mut topic, "order", "number");
        opens(&mut topic, "other", "more");
        let mut more = one_of("more", &["yes", "no"]);
        opens(&mut more, "yes", "detail");
        form(vec![topic, required(line("number", Check::Number)), more, line("detail", Check::Any)])
    }

    fn form(questions: Vec<Question>) -> Form {
        Form { purpose: Purpose::Before, title: None, intro: None, questions }
    }

    fn line(id: &str, check: Check) -> Question {
        Question { id: id.into(), label: id.into(), kind: Kind::Line { check }, is_required: false, prefill: vec![] }
    }

    fn one_of(id: &str, values: &[&str]) -> Question {
        let kind = Kind::OneOf { picker: Picker::Radio, choices: choices(values) };
        Question { kind, ..line(id, Check::Any) }
    }

    fn choices(values: &[&str]) -> Vec<Choice> {
        let choice = |value: &&str| Choice { value: (*value).to_owned(), label: (*value).into(), opens: vec![] };
        values.iter().map(choice).collect()
    }

    fn opens(question: &mut Question, value: &str, id: &str) {
        let (Kind::OneOf { choices, .. } | Kind::SomeOf { choices }) = &mut question.kind else { return };
        choices.iter_mut().filter(|choice| choice.value == value).for_each(|choice| choice.opens.push(id.into()));
    }

    fn required(question: Question) -> Question {
        Question { is_required: true, ..question }
    }

    fn answer(question: &str, values: &[&str]) -> Answer {
        Answer { question: question.into(), values: values.iter().map(|value| (*value).to_owned()).collect() }
    }

    fn shown(form: &Form, answers: &[Answer]) -> Vec<String> {
        form.shown(answers).iter().map(|question| question.id.to_string()).collect()
    }
}
