//! Two adapters of one backend that hear the same, in any order, also in one that no session would ask in: one lives
//! through, the other is saved and restored before everything that it hears. A reload must change nothing.
//!
//! The lines are the calls `open`, `poll`, `resume`, `send TEXT`, `say NOTE TEXT`, `give`, `person`, `typing`, `still`, `peek TEXT`, `warned`, `cleared`,
//! `read`, `unshare KEY`, `renamed NAME`, `custom KIND DATA`, `upload NAME`, `download KEY`, `close CAUSE`, each with
//! `answer QUESTION VALUE` before it where something was asked, and beside them `forget`, answers, and `opened`, which is
//! a whole opening.

use std::sync::Arc;

use holdfast_chat::model::json::Value;
use holdfast_chat::model::{Answer, EntryId, FileId, PostId, Visitor};
use holdfast_chat::protocol::{Call, CallKind, Cause, Next, Outgoing, Parcel, Protocol, Request, Response, Signal};

use super::requests;
use super::script::{Lane, Line, Script};

/// A backend to be fuzzed.
pub struct Backend {
    /// A new adapter, where the attributes of the script are right.
    pub adapter: fn(&Script) -> Option<Box<dyn Protocol>>,
    /// What the usual opening gives and nobody may be shown.
    pub secret: &'static str,
    /// The usual opening, after which a chat is there and nothing is known of it.
    pub opening: &'static str,
    /// Whether an answer means the same after a reload.
    pub is_same_after_reload: fn(&Response) -> bool,
}

/// Plays bytes against a backend's adapter.
pub fn play(bytes: &[u8], backend: &Backend) {
    let script = Script::new(bytes);
    let Some(lives) = (backend.adapter)(&script) else { return };
    let saved = lives.save();
    let visitor = Visitor::default();
    let answers = Vec::new();
    let mut twins = Twins { script: &script, backend, lives, saved, visitor, answers, asked: CallKind::Open, posts: 0 };
    for line in script.lines() {
        twins.play(line);
    }
    let secret = backend.secret;
    // A secret that the script writes out may stand in it by another name as well.
    let is_telling = !script.text().contains(secret);
    assert!(!is_telling || !format!("{:?}", twins.lives).contains(secret), "debug formatting shows the secret");
}

struct Twins<'a> {
    script: &'a Script,
    backend: &'a Backend,
    lives: Box<dyn Protocol>,
    /// What it saved last.
    saved: String,
    visitor: Visitor,
    /// What was filled in for the next call.
    answers: Vec<Answer>,
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
            "answer" => {
                let (question, value) = (line.next().word.into(), line.next().rest.to_owned());
                self.answers.push(Answer { question, values: vec![value] });
            }
            "open" => {
                let given = std::mem::take(&mut self.answers);
                let answers = Some(&*given).filter(|given| !given.is_empty());
                self.begin(&Call::Open { visitor: &self.visitor.clone(), answers });
            }
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
            "give" => {
                let given = std::mem::take(&mut self.answers);
                self.post(Parcel::Answers(&given));
            }
            "person" => self.post(Parcel::Person),
            "typing" => self.post(Parcel::Signal(Signal::Typing)),
            "still" => self.post(Parcel::Signal(Signal::NotTyping)),
            "peek" => self.post(Parcel::Signal(Signal::Peek(Arc::from(line.rest)))),
            "warned" => self.post(Parcel::Signal(Signal::IdleWarned)),
            "cleared" => self.post(Parcel::Signal(Signal::IdleCleared)),
            "custom" => self.post(Parcel::Custom { kind: line.next().word, data: line.next().rest }),
            "upload" => self.begin(&Call::Upload { file: FileId(1), name: line.rest, size: 1 }),
            "download" => self.begin(&Call::Download { file: line.rest }),
            "read" => self.post(Parcel::Signal(Signal::Read)),
            "unshare" => self.post(Parcel::Signal(Signal::Unshare(Arc::from(line.rest)))),
            "renamed" => self.post(Parcel::Signal(Signal::Renamed(Arc::from(line.rest)))),
            "close" => {
                let post = self.next_post();
                let given = std::mem::take(&mut self.answers);
                let answers = Some(&*given).filter(|given| !given.is_empty());
                self.begin(&Call::Close { post, cause: cause(line.rest), answers });
            }
            "forget" => {
                let mut twin = self.twin();
                self.lives.forget();
                twin.forget();
                self.compare(&*twin);
            }
            "opened" => self.backend.opening.lines().for_each(|line| self.play(Line::new(line))),
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
        if (self.backend.is_same_after_reload)(response) {
            assert_eq!(received, of_twin, "a reload changes what is understood");
            self.compare(&*twin);
        }
        self.saved = self.lives.save();
    }

    fn check(&self, request: &Request) {
        requests::check(self.script, request);
        let secret = self.backend.secret;
        assert!(
            self.script.text().contains(secret) || !request.url.contains(secret),
            "the secret stands in {:?}",
            request.url
        );
    }

    /// The same adapter after a reload.
    #[expect(clippy::expect_used, reason = "the attributes were right before")]
    fn twin(&self) -> Box<dyn Protocol> {
        let mut twin = (self.backend.adapter)(self.script).expect("there is one");
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
