//! Two adapters that hear the same, in any order, also in one that no session would ask in. One lives through, the other is
//! saved and restored before everything that it hears: a reload must change nothing.
//!
//! The lines are the calls `open`, `poll`, `resume`, `send TEXT`, `say NOTE TEXT`, `typing`, `still`, `peek TEXT`, `warned`,
//! `cleared`, `custom KIND DATA`, `person`, `give ANSWERS`, `upload`, `close CAUSE`, and with answers to a form `answer
//! ANSWERS`, for an opening, and `rate ANSWERS`, for an end; beside them `forget`, answers, and `opened`, which is a whole
//! opening. ANSWERS are an object of texts.

use std::sync::Arc;

use holdfast_chat::model::json::Value;
use holdfast_chat::model::{Answer, EntryId, FileId, PostId, Visitor};
use holdfast_chat::protocol::{Call, CallKind, Cause, Next, Outgoing, Parcel, Protocol, Request, Response, Signal};

use super::requests;
use super::script::{Lane, Line, Script};

/// Whose twins they are.
pub struct Kin<'a> {
    /// Makes one.
    pub make: &'a dyn Fn() -> Box<dyn Protocol>,
    /// The key that the usual opening gives.
    pub key: &'a str,
    /// A whole opening, in lines.
    pub opening: &'a str,
    /// Whether an answer means the same after a reload.
    pub is_plain: fn(&Response) -> bool,
}

/// Plays a script against two adapters.
pub fn play(script: &Script, kin: &Kin<'_>) {
    let lives = (kin.make)();
    let saved = lives.save();
    let visitor = Visitor::default();
    let mut twins = Twins { script, kin, lives, saved, visitor, asked: CallKind::Open, posts: 0 };
    for line in script.lines() {
        twins.play(line);
    }
    // A key that the script writes out may stand in it by another name as well.
    let is_telling = !script.text().contains(kin.key);
    assert!(!is_telling || !format!("{:?}", twins.lives).contains(kin.key), "debug formatting shows the key");
}

struct Twins<'a> {
    script: &'a Script,
    kin: &'a Kin<'a>,
    lives: Box<dyn Protocol>,
    /// What it saved last.
    saved: String,
    visitor: Visitor,
    /// The last call that brings news.
    asked: CallKind,
    posts: u64,
}

impl Twins<'_> {
    fn play(&mut self, line: Line<'_>) {
        if let Some(lane) = line.lane() {
            if let Some(response) = line.response() {
                self.receive(lane, &response);
            }
            return;
        }
        match line.word {
            "visitor" => {
                let parsed = Value::parse(line.rest).and_then(|value| Visitor::parse(&value).ok());
                self.visitor = parsed.unwrap_or_default();
            }
            "open" => self.begin(&Call::Open { visitor: &self.visitor.clone(), answers: None }),
            "poll" => self.begin(&Call::Poll),
            "resume" => self.begin(&Call::Resume),
            "send" => {
                let outgoing = Outgoing { entry: EntryId(0), text: line.rest, note: None };
                self.post(Parcel::Entries(vec![outgoing]));
            }
            "say" => {
                let outgoing = Outgoing { entry: EntryId(0), text: line.next().rest, note: Some(line.next().word) };
                self.post(Parcel::Entries(vec![outgoing]));
            }
            "person" => self.post(Parcel::Person),
            "give" => self.post(Parcel::Answers(&answers(line.rest))),
            "answer" => {
                let answers = answers(line.rest);
                self.begin(&Call::Open { visitor: &self.visitor.clone(), answers: Some(&answers) });
            }
            "rate" => {
                let (post, answers) = (self.next_post(), answers(line.rest));
                self.begin(&Call::Close { post, cause: Cause::Over, answers: Some(&answers) });
            }
            "typing" => self.post(Parcel::Signal(Signal::Typing)),
            "still" => self.post(Parcel::Signal(Signal::NotTyping)),
            "peek" => self.post(Parcel::Signal(Signal::Peek(Arc::from(line.rest)))),
            "warned" => self.post(Parcel::Signal(Signal::IdleWarned)),
            "cleared" => self.post(Parcel::Signal(Signal::IdleCleared)),
            "custom" => self.post(Parcel::Custom { kind: line.next().word, data: line.next().rest }),
            "upload" => self.begin(&Call::Upload { file: FileId(1) }),
            "close" => {
                let post = self.next_post();
                self.begin(&Call::Close { post, cause: cause(line.rest), answers: None });
            }
            "forget" => {
                let mut twin = self.twin();
                self.lives.forget();
                twin.forget();
                self.compare(&*twin);
            }
            "opened" => self.kin.opening.lines().for_each(|line| self.play(Line::new(line))),
            _ => {}
        }
    }

    fn post(&mut self, parcel: Parcel<'_>) {
        let post = self.next_post();
        self.begin(&Call::Post { post, parcel });
    }

    fn next_post(&mut self) -> PostId {
        self.posts += 1;
        PostId(self.posts)
    }

    fn begin(&mut self, call: &Call<'_>) {
        if !matches!(call.kind(), CallKind::Post | CallKind::Upload) {
            self.asked = call.kind();
        }
        let mut twin = self.twin();
        let request = self.lives.begin(call);
        assert_eq!(request, twin.begin(call), "a reload changes what is asked");
        if let Some(request) = &request {
            self.check(request);
        }
        self.compare(&*twin);
    }

    fn receive(&mut self, lane: Lane, response: &Response) {
        let kind = match lane {
            Lane::News => self.asked,
            Lane::Post => CallKind::Post,
            Lane::File => CallKind::Upload,
        };
        let mut twin = self.twin();
        let received = self.lives.receive(kind, response);
        let of_twin = twin.receive(kind, response);
        match &received {
            Ok(progress) => {
                if let Next::Continue(request) | Next::Further(request) = &progress.next {
                    self.check(request);
                }
            }
            // Asked, so that a failure without an answer to it is found.
            Err(error) => {
                let _ = error.remedy();
            }
        }
        if (self.kin.is_plain)(response) {
            assert_eq!(received, of_twin, "a reload changes what is understood");
            self.compare(&*twin);
        }
        self.saved = self.lives.save();
    }

    fn check(&self, request: &Request) {
        requests::check(self.script, request);
        let key = self.kin.key;
        assert!(self.script.text().contains(key) || !request.url.contains(key), "the key stands in {:?}", request.url);
    }

    /// The same adapter after a reload.
    fn twin(&self) -> Box<dyn Protocol> {
        let mut twin = (self.kin.make)();
        assert_eq!(twin.restore(&self.saved), Ok(()), "what was saved is not understood: {}", self.saved);
        twin
    }

    fn compare(&mut self, twin: &dyn Protocol) {
        self.saved = self.lives.save();
        assert_eq!(self.saved, twin.save(), "a reload changes what is saved");
    }
}

fn cause(word: &str) -> Cause {
    match word {
        "idle" => Cause::Idle,
        "over" => Cause::Over,
        _ => Cause::Visitor,
    }
}

/// What was answered; nothing where that is not understood.
fn answers(text: &str) -> Vec<Answer> {
    let Some(Value::Object(fields)) = Value::parse(text) else { return Vec::new() };
    let answer = |(id, value): (String, Value)| {
        let values = value.as_str().map(str::to_owned).into_iter().collect();
        Answer { question: id.into(), values }
    };
    fields.into_iter().map(answer).collect()
}
