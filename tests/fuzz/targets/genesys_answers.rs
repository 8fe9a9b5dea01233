//! Hostile answers to the adapter of Genesys itself, in any order, also in one that no session would ask in.
//!
//! Two adapters hear the same. One lives through, the other is saved and restored before everything that it hears: a
//! reload must change nothing, but for an answer that does not say whether the chat is over, which is asked for once
//! more after a reload. The lines are the calls `open`, `poll`, `resume`, `send TEXT`, `typing`, `still`, `peek TEXT`,
//! `warned`, `cleared`, `custom KIND DATA`, `upload`, `close CAUSE`, and beside them `forget`, answers, and `opened`,
//! which is a whole opening.

use std::sync::Arc;

use holdfast_chat::model::json::Value;
use holdfast_chat::model::{EntryId, FileId, PostId, Visitor};
use holdfast_chat::protocol::genesys::{Config, Genesys, Surroundings};
use holdfast_chat::protocol::{Call, CallKind, Cause, Next, Outgoing, Parcel, Protocol, Request, Response, Signal};

use super::requests;
use super::script::{Lane, Line, Script};

/// Plays bytes against an adapter.
pub fn run(bytes: &[u8]) {
    let script = Script::new(bytes);
    let attribute = |name: &str| {
        let usual = || ATTRIBUTES.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        script.attribute(name).or_else(usual).map(str::to_owned)
    };
    let surroundings = Surroundings { language: "en-GB".to_owned(), time_zone: Some(60) };
    let Ok(config) = Config::parse(&attribute, surroundings) else { return };
    let lives = Genesys::new(config.clone());
    let saved = lives.save();
    let visitor = Visitor::default();
    let mut twins = Twins { script: &script, config, lives, saved, visitor, asked: CallKind::Open, posts: 0 };
    for line in script.lines() {
        twins.play(line);
    }
    // A key that the script writes out may stand in it by another name as well.
    let is_telling = !script.text().contains(KEY);
    assert!(!is_telling || !format!("{:?}", twins.lives).contains(KEY), "debug formatting shows the key");
}

struct Twins<'a> {
    script: &'a Script,
    config: Config,
    lives: Genesys,
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
            "upload" => self.begin(&Call::Upload { file: FileId(1), name: line.rest, size: 1 }),
            "download" => self.begin(&Call::Download { file: line.rest }),
            "read" => self.post(Parcel::Signal(Signal::Read)),
            "unshare" => self.post(Parcel::Signal(Signal::Unshare(Arc::from(line.rest)))),
            "renamed" => self.post(Parcel::Signal(Signal::Renamed(Arc::from(line.rest)))),
            "close" => {
                let post = self.next_post();
                self.begin(&Call::Close { post, cause: cause(line.rest), answers: None });
            }
            "forget" => {
                let mut twin = self.twin();
                self.lives.forget();
                twin.forget();
                self.compare(&twin);
            }
            "opened" => OPEN.lines().for_each(|line| self.play(Line::new(line))),
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
        self.compare(&twin);
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
        if says_whether_it_is_over(response) {
            assert_eq!(received, of_twin, "a reload changes what is understood");
            self.compare(&twin);
        }
        self.saved = self.lives.save();
    }

    fn check(&self, request: &Request) {
        requests::check(self.script, request);
        assert!(self.script.text().contains(KEY) || !request.url.contains(KEY), "the key stands in {:?}", request.url);
    }

    /// The same adapter after a reload.
    fn twin(&self) -> Genesys {
        let mut twin = Genesys::new(self.config.clone());
        assert_eq!(twin.restore(&self.saved), Ok(()), "what was saved is not understood: {}", self.saved);
        twin
    }

    fn compare(&mut self, twin: &Genesys) {
        self.saved = self.lives.save();
        assert_eq!(self.saved, twin.save(), "a reload changes what is saved");
    }
}

fn says_whether_it_is_over(response: &Response) -> bool {
    let Some(body) = Value::parse(&response.body) else { return true };
    match body.get("chatEnded") {
        Some(Value::Bool(_)) => true,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"),
        Some(_) | None => body.get("statusCode").is_none(),
    }
}

fn cause(word: &str) -> Cause {
    match word {
        "idle" => Cause::Idle,
        "over" => Cause::Over,
        _ => Cause::Visitor,
    }
}

const ATTRIBUTES: [(&str, &str); 2] = [("endpoint", "https://chat.example.com"), ("service", "customer-support")];
/// The key that the usual opening gives.
const KEY: &str = "c0ffee5eed1234";
/// A chat is there, and nothing is known of it yet.
const OPEN: &str = r#"open
< 200 {"statusCode":0,"chatEnded":false,"chatId":"0009qqTEST000042","alias":"311","userId":"03AA","secureKey":"c0ffee5eed1234"}"#;
