//! A toy backend that asks, and a page in front of it.
//!
//! What it answers is a line for each fact: `said TEXT`, `joined`, `over`, `reopen`, `asked QUESTIONS`, `ask PURPOSE QUESTIONS`; or
//! `refused`, `busy`, `gone` alone; or `told ID BY TEXT`, `revised ID BY TEXT`, `withdrawn ID`, `read`. Questions are `id`, `id!` where an answer is required, and `id=one|other>id` where one
//! of several is chosen, which may open another question.

use std::collections::BTreeMap;
use std::time::Duration;

use holdfast_chat::model::{
    Answer, Check, Choice, EndReason, Form, Kind, Origin, Picker, Purpose, Question, RequestId, Speech, Timestamp,
    Visitor,
};
use holdfast_chat::protocol::http::{Content, Method};
use holdfast_chat::protocol::{
    Call, CallKind, Early, Next, Parcel, Profile, Progress, Protocol, ProtocolError, Receipts, Request, Resend,
    Response, TransportError, UnknownSave, Update, Uploads,
};
use holdfast_chat::session::{Command, Effect, Input, InquiryState, Notice, Session, Stage};

/// A page with a session.
pub struct Desk {
    pub session: Session,
    pub now: Timestamp,
    pub records: BTreeMap<String, String>,
    /// What the page was told about beginning and end.
    pub notices: Vec<String>,
    clerk: Clerk,
    flying: Vec<(RequestId, String)>,
    asked: Vec<String>,
}

impl Desk {
    /// A page on which nothing happened yet.
    pub fn new() -> Self {
        Self::of(Clerk::default())
    }

    /// A page in front of this clerk.
    pub fn of(clerk: Clerk) -> Self {
        Self {
            session: Session::new(Box::new(clerk.clone()), 1),
            now: Timestamp::from_millis(1_767_225_600_000),
            records: BTreeMap::new(),
            notices: Vec::new(),
            clerk,
            flying: Vec::new(),
            asked: Vec::new(),
        }
    }

    /// A page whose conversation the agent ended, with a form after it.
    pub fn ended() -> Self {
        let mut desk = Self::new();
        desk.begin();
        desk.poll("over");
        desk.answer("close", "ask after stars!");
        desk
    }

    /// The visitor opens the panel and wants a conversation.
    pub fn start(&mut self) {
        self.command(Command::Open);
        self.command(Command::Start { visitor: Box::new(Visitor::default()) });
    }

    /// A conversation stands in the queue.
    pub fn begin(&mut self) {
        self.start();
        self.answer("open", "");
        assert_eq!(self.stage(), "queued");
    }

    pub fn command(&mut self, command: Command) {
        self.input(Input::Command(command));
    }

    pub fn send(&mut self, text: &str) {
        self.command(Command::Send { text: text.to_owned() });
    }

    /// The visitor gives these answers.
    pub fn give(&mut self, answers: &[(&str, &str)]) {
        self.command(Command::Answer { answers: worded(answers) });
    }

    /// The visitor edits the form.
    pub fn fill(&mut self, answers: &[(&str, &str)]) {
        self.command(Command::Fill { answers: worded(answers) });
    }

    pub fn input(&mut self, input: Input) {
        let effects = self.session.handle(self.now, input);
        let mut has_fetched = false;
        for effect in effects {
            match effect {
                Effect::Fetch { id, request } => {
                    has_fetched = true;
                    self.asked.push(request.url.clone());
                    self.flying.push((id, request.url));
                }
                Effect::Abort { id } => {
                    let place = self.flying.iter().position(|(flying, _)| *flying == id).expect("it is in flight");
                    self.flying.remove(place);
                }
                Effect::Store(snapshot) => {
                    assert!(!has_fetched, "stored behind a request");
                    for record in snapshot.records {
                        match record.value {
                            Some(value) => self.records.insert(record.key, value),
                            None => self.records.remove(&record.key),
                        };
                    }
                }
                Effect::Forget => self.records.clear(),
                Effect::Announce(Notice::SessionStarted) => self.notices.push("started".to_owned()),
                Effect::Announce(Notice::SessionEnded { reason }) => {
                    self.notices.push(format!("ended {}", reason.name()));
                }
                Effect::Download { .. } | Effect::Save { .. } | Effect::Announce(_) => {}
            }
        }
        self.watch();
    }

    /// What must hold after every step.
    fn watch(&self) {
        let view = self.session.view();
        let posts = self.flying.iter().filter(|(_, url)| url.starts_with(['p', 's']) && *url != "poll").count();
        assert!(posts <= 1 && self.flying.len() - posts <= 1, "too many requests: {:?}", self.flying);
        let is_live = !matches!(view.stage, Stage::Idle | Stage::Ended { .. });
        let goes_on = !self.flying.is_empty() || self.session.next_wake().is_some();
        assert!(!is_live || goes_on || view.form.is_some(), "stuck: {:?}", self.session);
        if view.stage == Stage::Form && view.form.is_some_and(|inquiry| inquiry.state != InquiryState::Given) {
            assert!(!goes_on, "something is waited for but the visitor: {:?}", self.session);
        }
    }

    /// The request with this url is answered.
    pub fn answer(&mut self, url: &str, body: &str) {
        self.reply(url, Ok(Response { status: 200, body: body.to_owned(), ..Response::default() }));
    }

    pub fn lose(&mut self, url: &str) {
        self.reply(url, Err(TransportError::Network));
    }

    fn reply(&mut self, url: &str, outcome: Result<Response, TransportError>) {
        let place = self.flying.iter().position(|(_, flying)| flying == url);
        let place = place.unwrap_or_else(|| panic!("no {url} in {:?}", self.flying));
        let (id, _) = self.flying.remove(place);
        self.input(Input::Replied { id, outcome });
    }

    /// The poll in flight is answered, or the next one.
    pub fn poll(&mut self, body: &str) {
        while !self.flying.iter().any(|(_, url)| url == "poll") {
            self.now = self.now.max(self.session.next_wake().expect("a poll is to come"));
            self.input(Input::Woke);
        }
        self.answer("poll", body);
    }

    /// Lets time go by in which nothing is answered.
    pub fn pass(&mut self, seconds: u64) {
        let end = self.now + Duration::from_secs(seconds);
        while let Some(wake) = self.session.next_wake().filter(|wake| *wake <= end) {
            self.now = wake.max(self.now);
            self.input(Input::Woke);
        }
        self.now = end;
    }

    /// The page is loaded anew.
    pub fn reload(&mut self) {
        self.flying.clear();
        let read = |key: &str| self.records.get(key).cloned();
        self.session = Session::restore(Box::new(self.clerk.clone()), 2, self.now, &read).expect("it goes on");
        self.input(Input::Woke);
    }

    pub fn flying(&self) -> Vec<&str> {
        self.flying.iter().map(|(_, url)| &**url).collect()
    }

    /// How often this was asked.
    pub fn asked(&self, url: &str) -> usize {
        self.asked.iter().filter(|asked| *asked == url).count()
    }

    pub fn stage(&self) -> &'static str {
        match self.session.view().stage {
            Stage::Idle => "idle",
            Stage::Form => "form",
            Stage::Opening { .. } => "opening",
            Stage::Queued { .. } => "queued",
            Stage::Talking { .. } => "talking",
            Stage::Closing => "closing",
            Stage::Ended { reason: EndReason::Visitor } => "ended visitor",
            Stage::Ended { reason: EndReason::Agent } => "ended agent",
            Stage::Ended { reason: EndReason::MessageLeft } => "ended message-left",
            Stage::Ended { reason: EndReason::Unavailable } => "ended unavailable",
            Stage::Ended { reason: EndReason::Elsewhere } => "ended elsewhere",
            Stage::Ended { .. } => "ended",
        }
    }

    /// The form on the screen in a few words.
    pub fn form(&self) -> Option<String> {
        let form = self.session.view().form?.form;
        let question = |question: &Question| format!("{}{}", question.id, if question.is_required { "!" } else { "" });
        let questions: Vec<String> = form.questions.iter().map(question).collect();
        Some(format!("{:?}: {}", form.purpose, questions.join(" ")).to_lowercase())
    }

    /// What stands in it.
    pub fn draft(&self) -> Vec<String> {
        let view = self.session.view();
        view.form.iter().flat_map(|inquiry| inquiry.answers.iter()).map(word).collect()
    }

    /// How it stands with it.
    pub fn state(&self) -> Option<InquiryState> {
        self.session.view().form.map(|inquiry| inquiry.state)
    }

    /// What the clerk keeps for a reload.
    pub fn saved(&self) -> String {
        let head = self.session.snapshot().records.pop().and_then(|record| record.value).expect("there is a head");
        let head: serde_json::Value = serde_json::from_str(&head).expect("it is JSON");
        head["protocol"].as_str().expect("it is a text").to_owned()
    }
}

/// Asks what a test tells it to ask.
#[derive(Clone, Debug)]
pub struct Clerk {
    pub early: Early,
    pub resend: Resend,
    pub is_known: bool,
}

impl Default for Clerk {
    fn default() -> Self {
        Self { early: Early::Welcome, resend: Resend::AfterEcho, is_known: false }
    }
}

impl Protocol for Clerk {
    fn profile(&self) -> Profile {
        Profile {
            batch: 1,
            pace: Duration::ZERO,
            rest: Duration::from_secs(2),
            resend: self.resend,
            early: self.early,
            settle: Duration::ZERO,
            patience: Duration::from_secs(45),
            typing: Duration::from_secs(5),
            pause: Duration::from_secs(4),
            uploads: Uploads::WhenAsked,
            receipts: Receipts::Needless,
        }
    }

    fn begin(&mut self, call: &Call<'_>) -> Option<Request> {
        let list = |answers: &[Answer]| answers.iter().map(word).collect::<Vec<_>>().join(",");
        let with = |verb: &str, answers: &Option<&[Answer]>| {
            answers.map_or_else(|| verb.to_owned(), |answers| format!("{verb} {}", list(answers)))
        };
        let url = match call {
            Call::Open { answers, .. } => {
                self.is_known = true;
                with("open", answers)
            }
            Call::Close { answers, .. } if self.is_known => with("close", answers),
            Call::Poll => "poll".to_owned(),
            Call::Post { parcel: Parcel::Entries(entries), .. } => format!("say {}", entries[0].text),
            Call::Post { parcel: Parcel::Answers(answers), .. } => format!("post {}", list(answers)),
            Call::Post { .. } => "sign".to_owned(),
            Call::Upload { .. } | Call::Download { .. } | Call::Resume | Call::Close { .. } => return None,
        };
        let deadline = Duration::from_secs(10);
        Some(Request { method: Method::Post, url, headers: Vec::new(), content: Content::Empty, deadline })
    }

    fn receive(&mut self, _: CallKind, response: &Response) -> Result<Progress, ProtocolError> {
        let mut progress = Progress::default();
        for line in response.body.lines() {
            let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
            progress.updates.push(match kind {
                "refused" => return Err(ProtocolError::Refused { noun: "answers", status: 400 }),
                "busy" => return Err(ProtocolError::Unavailable { status: 503, after: None }),
                "gone" => return Err(ProtocolError::Over { reason: EndReason::Expired }),
                "ask" => {
                    let (purpose, questions) = rest.split_once(' ').unwrap_or((rest, ""));
                    progress.next = Next::Ask(form(purpose, questions));
                    continue;
                }
                "asked" => Update::Asked(form("within", rest)),
                "joined" => Update::Joined { name: None },
                "over" => Update::Ended(EndReason::Agent),
                "reopen" => Update::Reopen,
                "told" => Update::Said(speech(rest)),
                "revised" => Update::Revised(speech(rest)),
                "read" => Update::Read,
                "withdrawn" => Update::Withdrawn { id: rest.into() },
                _ => Update::Said(Speech::plain(None, rest.into())),
            });
        }
        Ok(progress)
    }

    fn save(&self) -> String {
        u8::from(self.is_known).to_string()
    }

    fn restore(&mut self, saved: &str) -> Result<(), UnknownSave> {
        self.is_known = saved == "1";
        Ok(())
    }

    fn forget(&mut self) {
        self.is_known = false;
    }
}

/// Words with an id and somebody who may change them.
fn speech(told: &str) -> Speech {
    let mut parts = told.splitn(3, ' ');
    let mut part = || parts.next().expect("an id, somebody and a text");
    let origin = Some(Origin { id: part().into(), by: part().into() });
    Speech { origin, ..Speech::plain(Some("Noor".into()), part().into()) }
}

fn form(purpose: &str, questions: &str) -> Form {
    let purpose = match purpose {
        "before" => Purpose::Before,
        "instead" => Purpose::Instead,
        "within" => Purpose::Within,
        _ => Purpose::After,
    };
    Form { purpose, title: None, intro: None, questions: questions.split_whitespace().map(question).collect() }
}

fn question(text: &str) -> Question {
    let (name, choices) = text.split_once('=').map_or((text, None), |(name, choices)| (name, Some(choices)));
    let id = name.trim_end_matches('!');
    let choice = |text: &str| {
        let (value, opened) = text.split_once('>').map_or((text, None), |(value, opened)| (value, Some(opened)));
        Choice { value: value.to_owned(), label: value.into(), opens: opened.map(Into::into).into_iter().collect() }
    };
    let kind = match choices {
        Some(choices) => Kind::OneOf { picker: Picker::Menu, choices: choices.split('|').map(choice).collect() },
        None => Kind::Line { check: Check::Any },
    };
    Question { id: id.into(), label: id.into(), kind, is_required: name != id, prefill: Vec::new() }
}

/// Answers, one value each.
pub fn worded(answers: &[(&str, &str)]) -> Vec<Answer> {
    let answer =
        |(question, value): &(&str, &str)| Answer { question: (*question).into(), values: vec![(*value).to_owned()] };
    answers.iter().map(answer).collect()
}

/// An answer in a few words.
pub fn word(answer: &Answer) -> String {
    format!("{}={}", answer.question, answer.values.join("+"))
}
