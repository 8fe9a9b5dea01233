//! What a fixture looks like, and how it is played.
//!
//! ```json
//! { "about": "a sentence", "after": "another file, played first", "attributes": {}, "visitor": {},
//!   "steps": [ … ], "cases": { "a sentence": [ … ] } }
//! ```
//! Each case is played for itself after the steps. A step is a `call` with its `request`, an `answer` with what it comes
//! to, or both; the answer belongs to the last request. What it comes to is `updates` and, where the call goes on, the
//! `next` request, the `further` one
//! of a poll, or what it `asks` the visitor, or an `error` with its `remedy`; `answers` go with a call. A call without an answer is one whose answer was lost; `reload` and
//! `forget` are calls that ask nothing. `retryAfter` of an answer is in seconds, every other span in milliseconds.

use std::path::{Path, PathBuf};
use std::time::Duration;

use holdfast_chat::model::Visitor;
use holdfast_chat::protocol::{CallKind, Next, Protocol, Response};
use serde_json::{Map, Value, json};

use super::{adapter, words};

/// One file.
pub struct Conversation {
    pub path: PathBuf,
    /// The folder that it stands in, which tells whose it is.
    pub folder: &'static str,
    pub name: String,
    pub written: Value,
}

/// Whether the page is loaded anew.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reload {
    /// It is not.
    Never,
    /// After every request and after every answer.
    Always,
}

impl Conversation {
    /// Reads a file.
    pub fn read(folder: &'static str, path: PathBuf) -> Self {
        let name = path.file_stem().expect("a fixture has a name").to_string_lossy().into_owned();
        let written = parsed(&path);
        Self { path, folder, name, written }
    }

    /// The same, as it went.
    pub fn played(&self, reload: Reload) -> Value {
        let mut player = self.player(reload);
        let mut played = self.written.clone();
        if let Some(steps) = self.written.get("steps") {
            played["steps"] = player.play(steps);
        }
        if let Some(cases) = self.written.get("cases").and_then(Value::as_object) {
            let play = |(name, steps): (&String, &Value)| (name.clone(), self.after_steps(reload).play(steps));
            played["cases"] = cases.iter().map(play).collect::<Map<_, _>>().into();
        }
        played
    }

    /// The page's attributes, as far as they differ from the examples.
    pub fn attributes(&self) -> Value {
        self.written.get("attributes").cloned().unwrap_or_default()
    }

    /// What the adapter saved after each step of this conversation.
    pub fn stages(&self) -> Vec<String> {
        let mut player = self.after_steps(Reload::Never);
        let cases = self.written.get("cases").and_then(Value::as_object).into_iter().flat_map(Map::values);
        let mut stages = std::mem::take(&mut player.stages);
        for case in cases {
            let mut player = self.after_steps(Reload::Never);
            player.stages.clear();
            player.play(case);
            stages.append(&mut player.stages);
        }
        stages
    }

    fn after_steps(&self, reload: Reload) -> Player {
        let mut player = self.player(reload);
        player.play(self.written.get("steps").unwrap_or(&Value::Null));
        player
    }

    /// A player that has played what comes before this conversation.
    fn player(&self, reload: Reload) -> Player {
        let attributes = self.attributes();
        let visitor = self.written.get("visitor").cloned().unwrap_or_else(|| json!({}));
        let visitor = holdfast_chat::model::json::Value::parse(&visitor.to_string()).expect("it is JSON");
        let visitor = Visitor::parse(&visitor).expect("the visitor is described as a page would");
        let agent = adapter::of(self.folder, &attributes);
        let folder = self.folder;
        let mut player = Player { agent, folder, attributes, visitor, kind: None, reload, stages: Vec::new() };
        for before in self.before() {
            player.play(&before["steps"]);
        }
        player
    }

    fn before(&self) -> Vec<Value> {
        let mut chain = Vec::new();
        let mut name = self.written.get("after").and_then(Value::as_str).map(str::to_owned);
        while let Some(after) = name {
            let earlier = parsed(&self.path.with_file_name(format!("{after}.json")));
            name = earlier.get("after").and_then(Value::as_str).map(str::to_owned);
            chain.insert(0, earlier);
        }
        chain
    }
}

fn parsed(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

struct Player {
    agent: Box<dyn Protocol>,
    folder: &'static str,
    attributes: Value,
    visitor: Visitor,
    kind: Option<CallKind>,
    reload: Reload,
    stages: Vec<String>,
}

impl Player {
    /// The steps as they went.
    fn play(&mut self, steps: &Value) -> Value {
        steps.as_array().into_iter().flatten().map(|step| self.step(step)).collect()
    }

    fn step(&mut self, step: &Value) -> Value {
        let mut played = Map::new();
        if let Some(about) = step.get("about") {
            played.insert("about".to_owned(), about.clone());
        }
        if let Some(call) = step.get("call") {
            played.insert("call".to_owned(), call.clone());
            self.begin(call, &mut played);
            self.reload();
        }
        if let Some(answer) = step.get("answer") {
            played.insert("answer".to_owned(), answer.clone());
            self.receive(answer, &mut played);
            self.reload();
        }
        Value::Object(played)
    }

    fn begin(&mut self, call: &Value, played: &mut Map<String, Value>) {
        if let Some(text) = call.get("mask").and_then(Value::as_str) {
            let masked = self.agent.masked(text);
            let masked = masked.map(|masked| json!({ "text": masked.text, "note": masked.note }));
            played.insert("masked".to_owned(), masked.into());
            return;
        }
        if call == "forget" {
            self.agent.forget();
            return;
        }
        if call == "reload" {
            let saved = self.agent.save();
            return self.restore(&saved);
        }
        let parcels = words::Parcels::of(call);
        let call = parcels.call(call, &self.visitor);
        self.kind = Some(call.kind());
        let request = self.agent.begin(&call);
        played.insert("request".to_owned(), request.as_ref().map(words::request).into());
    }

    fn receive(&mut self, answer: &Value, played: &mut Map<String, Value>) {
        let kind = self.kind.expect("a call was begun before its answer");
        let response = Response {
            status: answer["status"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status"),
            body: match answer.get("body") {
                Some(Value::String(text)) => text.clone(),
                Some(json) => json.to_string(),
                None => String::new(),
            },
            retry_after: answer.get("retryAfter").and_then(Value::as_u64).map(Duration::from_secs),
            location: answer.get("location").and_then(Value::as_str).map(str::to_owned),
        };
        match self.agent.receive(kind, &response) {
            Ok(progress) => {
                played.insert("updates".to_owned(), progress.updates.iter().map(words::update).collect());
                match progress.next {
                    Next::Done => {}
                    Next::Continue(request) => drop(played.insert("next".to_owned(), words::request(&request))),
                    Next::Further(request) => drop(played.insert("further".to_owned(), words::request(&request))),
                    Next::Ask(form) => drop(played.insert("asks".to_owned(), words::form(&form))),
                }
            }
            Err(error) => {
                played.insert("error".to_owned(), error.to_string().into());
                played.insert("remedy".to_owned(), words::remedy(error.remedy()).into());
            }
        }
    }

    fn restore(&mut self, saved: &str) {
        self.agent = adapter::of(self.folder, &self.attributes);
        assert_eq!(self.agent.restore(saved), Ok(()));
        assert_eq!(self.agent.save(), saved);
    }

    fn reload(&mut self) {
        let saved = self.agent.save();
        if self.reload == Reload::Always {
            self.restore(&saved);
        }
        self.stages.push(saved);
    }
}
