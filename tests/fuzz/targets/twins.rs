//! Two adapters that hear the same, in any order, also in one that no session would ask in.
//!
//! One lives through, the other is saved and restored before everything that it hears: a reload must change nothing. The
//! lines are the calls `open`, `poll`, `resume`, `send TEXT`, `typing`, `still`, `peek TEXT`, `warned`, `cleared`,
//! `custom KIND DATA`, `upload`, `close CAUSE`, and beside them `forget`, answers, and `opened`, which is a whole opening.

use std::sync::Arc;

use holdfast_chat::model::json::Value;
use holdfast_chat::model::{EntryId, FileId, PostId, Visitor};
use holdfast_chat::protocol::{Call, CallKind, Cause, Next, Outgoing, Parcel, Protocol, Request, Response, Signal};

use super::requests;
use super::script::{Lane, Line, Script};

/// What is played, and what must hold of it.
pub struct Play<'a> {
    pub script: &'a Script,
    /// Makes the adapter.
    pub make: &'a dyn Fn() -> Box<dyn Protocol>,
    /// What the usual opening gives, and nobody may see.
    pub secret: &'a str,
    /// The lines of the usual opening.
    pub opening: &'a str,
    /// Whether an answer is understood in the same way after a reload.
    pub is_clear: fn(&Response) -> bool,
}

impl Play<'_> {
    /// Plays the script.
    pub fn run(self) {
        let lives = (self.make)();
        let saved = lives.save();
        let mut twins =
            Twins { play: &self, lives, saved, visitor: Visitor::default(), asked: CallKind::Open, posts: 0 };
        for line in self.script.lines() {
            twins.play(line);
        }
        // A secret that the script writes out may stand in it by another name as well.
        let is_telling = !self.script.text().contains(self.secret);
        let shown = format!("{:?}", twins.lives);
        assert!(!is_telling || !shown.contains(self.secret), "debug formatting shows the secret");
    }
}

struct Twins<'a> {
    play: &'a Play<'a>,
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
            "opened" => self.play.opening.lines().for_each(|line| self.play(Line::new(line))),
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
                if let Next::Continue(request) = &progress.next {
                    self.check(request);
                }
            }
            // Asked, so that a failure without an answer to it is found.
            Err(error) => {
                let _ = error.remedy();
            }
        }
        if (self.play.is_clear)(response) {
            assert_eq!(received, of_twin, "a reload changes what is understood");
            self.compare(&*twin);
        }
        self.saved = self.lives.save();
    }

    fn check(&self, request: &Request) {
        requests::check(self.play.script, request);
        let is_told = self.play.script.text().contains(self.play.secret);
        assert!(is_told || !request.url.contains(self.play.secret), "the secret stands in {:?}", request.url);
    }

    /// The same adapter after a reload.
    fn twin(&self) -> Box<dyn Protocol> {
        let mut twin = (self.play.make)();
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
