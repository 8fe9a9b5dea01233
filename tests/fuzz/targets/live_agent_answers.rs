//! Hostile answers to the adapter itself, in any order, also in one that no session would ask in.
//!
//! Two adapters hear the same. One lives through, the other is saved and restored before everything that it hears: a
//! reload must change nothing. The lines are the calls `open`, `poll`, `send TEXT` with tabs between several texts,
//! `again`, `typing`, `still`, `peek TEXT`, `warned`, `cleared`, `custom KIND DATA`, `upload`, `resume`, `close CAUSE`,
//! and beside them `forget`, `mask TEXT`, answers, `opened`, which is a whole opening, and `moved`, which begins a
//! handover.

use std::sync::Arc;

use holdfast_chat::model::json::Value;
use holdfast_chat::model::{EntryId, FileId, PostId, Visitor};
use holdfast_chat::protocol::live_agent::{Config, LiveAgent};
use holdfast_chat::protocol::{
    Call, CallKind, Cause, Masked, Next, Outgoing, Parcel, Protocol, Request, Response, Signal,
};

use super::script::{Lane, Line, Script};
use super::{adapter, requests};

/// Plays bytes against an adapter.
pub fn run(bytes: &[u8]) {
    let script = Script::new(bytes);
    let Ok(config) = adapter::config(&script) else { return };
    let lives = adapter::live_agent(&config);
    let visitor = Visitor::default();
    let saved = lives.save();
    let asked = CallKind::Open;
    let mut twins = Twins { script: &script, config, lives, saved, visitor, asked, posts: 0, posted: None, key: None };
    for line in script.lines() {
        twins.play(line);
    }
    let key = twins.key.filter(|key| requests::is_telling(&script, key));
    assert!(key.is_none_or(|key| !format!("{:?}", twins.lives).contains(&key)), "debug formatting shows the key");
}

struct Twins<'a> {
    script: &'a Script,
    config: Config,
    lives: LiveAgent,
    /// What it saved last.
    saved: String,
    visitor: Visitor,
    /// The last call that brings news.
    asked: CallKind,
    posts: u64,
    /// The line of the last post.
    posted: Option<Line<'a>>,
    /// The key that stood in the last request that had one.
    key: Option<String>,
}

impl<'a> Twins<'a> {
    fn play(&mut self, line: Line<'a>) {
        if POSTS.contains(&line.word) {
            self.posted = Some(line);
        }
        if let Some(lane) = line.lane() {
            if let Some(response) = line.response() {
                self.receive(lane, &response);
            }
            return;
        }
        let file = FileId(1);
        match line.word {
            "visitor" => {
                let parsed = Value::parse(line.rest).and_then(|value| Visitor::parse(&value).ok());
                self.visitor = parsed.unwrap_or_default();
            }
            "open" => self.begin(&Call::Open { visitor: &self.visitor.clone(), answers: None }),
            "poll" => self.begin(&Call::Poll),
            "send" => self.send(line.rest),
            "again" => {
                if let Some(posted) = self.posted {
                    self.posts -= 1;
                    self.play(posted);
                }
            }
            "typing" => self.post(Parcel::Signal(Signal::Typing)),
            "still" => self.post(Parcel::Signal(Signal::NotTyping)),
            "peek" => self.post(Parcel::Signal(Signal::Peek(Arc::from(line.rest)))),
            "warned" => self.post(Parcel::Signal(Signal::IdleWarned)),
            "cleared" => self.post(Parcel::Signal(Signal::IdleCleared)),
            "custom" => self.post(Parcel::Custom { kind: line.next().word, data: line.next().rest }),
            "upload" => self.begin(&Call::Upload { file, name: "a.png", size: 1 }),
            "resume" => self.begin(&Call::Resume),
            "close" => {
                let post = self.next_post();
                self.begin(&Call::Close { post, cause: cause(line.rest), answers: None });
            }
            "forget" => self.forget(),
            "opened" => self.play_all(OPEN),
            "moved" => self.play_all(MOVE),
            "mask" => {
                self.mask(line.rest);
            }
            _ => {}
        }
    }

    fn play_all(&mut self, lines: &'static str) {
        lines.lines().for_each(|line| self.play(Line::new(line)));
    }

    fn send(&mut self, texts: &str) {
        let masked = |text: &str| match self.mask(text) {
            Some(masked) => (masked.text, Some(masked.note)),
            None => (text.to_owned(), None),
        };
        let entries: Vec<(String, Option<String>)> = texts.split('\t').map(masked).collect();
        let numbered = (0..).zip(&entries);
        let outgoing = numbered.map(|(n, (text, note))| Outgoing { entry: EntryId(n), text, note: note.as_deref() });
        self.post(Parcel::Entries(outgoing.collect()));
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
        assert_eq!(received, twin.receive(kind, response), "a reload changes what is understood");
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
        self.compare(&twin);
    }

    fn check(&mut self, request: &Request) {
        requests::check(self.script, request);
        let key = requests::header(request, "X-LIVEAGENT-SESSION-KEY").filter(|key| !key.is_empty());
        self.key = key.map(str::to_owned).or(self.key.take());
    }

    fn mask(&self, text: &str) -> Option<Masked> {
        let masked = self.lives.masked(text);
        assert_eq!(masked, self.twin().masked(text), "a reload changes what is masked");
        if let Some(masked) = &masked {
            assert!(masked.text.len() <= text.len() + 10_000, "masking makes too much of a text");
        }
        masked
    }

    fn forget(&mut self) {
        let mut twin = self.twin();
        self.lives.forget();
        twin.forget();
        self.compare(&twin);
    }

    /// The same adapter after a reload.
    fn twin(&self) -> LiveAgent {
        let mut twin = adapter::live_agent(&self.config);
        assert_eq!(twin.restore(&self.saved), Ok(()), "what was saved is not understood: {}", self.saved);
        twin
    }

    fn compare(&mut self, twin: &LiveAgent) {
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

/// A chat is asked for, and nothing is known of it yet.
const OPEN: &str = r#"open
< 200 {"messages":[]}
< 200 {"id":"i","key":"7d2f!1767225600123!cGx/+=","affinityToken":"5ac31fa0","clientPollTimeout":40}
< 200 OK"#;
/// The new server was found, and has not said yet what it knows of the chat.
const MOVE: &str = r#"poll
< 503
resume
< 200 {"messages":[{"type":"ReconnectSession","message":{"affinityToken":"7bbb"}}]}"#;
/// The lines that post something.
const POSTS: [&str; 7] = ["send", "typing", "still", "peek", "warned", "cleared", "custom"];
