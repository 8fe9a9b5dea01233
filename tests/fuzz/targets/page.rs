//! A page with a session on it: performs its effects, keeps its records, and looks after every step at what must hold.
//!
//! The lines are the commands `start`, `send TEXT`, `draft TEXT`, `retry N`, `discard N`, `custom KIND DATA`, `upload`,
//! `answer QUESTION VALUE`, `fill QUESTION VALUE`, `skip`, `open`, `shut`, `stay`, `end`, the same in another tab as `other N LINE`, the changes `online`, `offline`, `visible`,
//! `leaving`, `returned`, `stored`, `full`, and beside them `wake`, `wait MILLIS`, `reload`, answers,
//! `talking`, which begins a whole chat at once, and `moved`, which brings it to another server.

use std::collections::BTreeMap;
use std::time::Duration;

use holdfast_chat::model::json::Value;
use holdfast_chat::model::{Answer, EntryId, FileId, RequestId, TabId, Timestamp, Visitor};
use holdfast_chat::protocol::live_agent::Config;
use holdfast_chat::protocol::{Request, TransportError};
use holdfast_chat::session::{Command, Effect, Environment, Input, Session, Snapshot, SnapshotError, Stage, View};

use super::script::{Lane, Line, Script};
use super::{adapter, requests};

/// A page.
pub struct Page<'a> {
    script: &'a Script,
    config: Config,
    session: Session,
    records: BTreeMap<String, String>,
    flying: BTreeMap<RequestId, Request>,
    now: Timestamp,
    visitor: Visitor,
    /// Whether everything could be stored so far.
    is_kept: bool,
}

impl<'a> Page<'a> {
    /// A page on which nothing happened yet, where the attributes are right.
    pub fn new(script: &'a Script) -> Option<Self> {
        let config = adapter::config(script).ok()?;
        let session = Session::new(Box::new(adapter::live_agent(&config)), 7);
        Some(Self::with(script, config, session, BTreeMap::new()))
    }

    /// A page that finds these records, where a conversation can go on from them.
    pub fn restored(script: &'a Script, records: BTreeMap<String, String>) -> Option<Self> {
        let config = adapter::config(script).ok()?;
        let session = restored(&config, BEGINNING, &records).ok()?;
        let page = Self::with(script, config, session, records);
        page.compare();
        Some(page)
    }

    fn with(script: &'a Script, config: Config, session: Session, records: BTreeMap<String, String>) -> Self {
        let page = Self {
            script,
            config,
            session,
            records,
            flying: BTreeMap::new(),
            now: BEGINNING,
            visitor: Visitor::default(),
            is_kept: true,
        };
        page.watch();
        page
    }

    /// Plays a line.
    pub fn play(&mut self, line: Line<'_>) {
        match line.word {
            "<" | ">" | "^" => self.reply(line),
            "visitor" => self.visitor = visitor(line.rest),
            "full" => {
                self.records.clear();
                self.is_kept = false;
                self.input(Input::Environment(Environment::StorageFailed));
            }
            "wake" => self.wake(),
            "wait" => self.wait(Duration::from_millis(line.number().min(LONGEST_WAIT))),
            "reload" => self.reload(),
            "talking" => {
                self.input(Input::Command(Command::Start { visitor: Box::new(self.visitor.clone()) }));
                self.play_all(TALK);
            }
            "moved" => self.play_all(MOVE),
            "other" => {
                let wish = line.next();
                if let Some(command) = self.command(wish.next()) {
                    let number = wish.word.parse().unwrap_or(0);
                    self.input(Input::Relayed { tab: TabId(1), number, command });
                }
            }
            word => {
                let change = environment(word).map(Input::Environment);
                let input = change.or_else(|| self.command(line).map(Input::Command));
                input.into_iter().for_each(|input| self.input(input));
            }
        }
    }

    fn command(&self, line: Line<'_>) -> Option<Command> {
        let text = line.rest.to_owned();
        let entry = EntryId(line.number());
        Some(match line.word {
            "start" => Command::Start { visitor: Box::new(self.visitor.clone()) },
            "send" => Command::Send { text },
            "draft" => Command::Draft { text },
            "answer" => Command::Answer { answers: answers(line) },
            "fill" => Command::Fill { answers: answers(line) },
            "skip" => Command::Skip,
            "retry" => Command::Retry { entry },
            "discard" => Command::Discard { entry },
            "custom" => Command::Custom { kind: line.next().word.to_owned(), data: line.next().rest.to_owned() },
            "download" => Command::Download { file: text.into() },
            "unshare" => Command::Unshare { file: text.into() },
            "upload" => Command::Upload { file: FileId(1), name: text, size: 1 },
            "open" => Command::Open,
            "shut" => Command::Shut,
            "stay" => Command::Stay,
            "end" => Command::End,
            _ => return None,
        })
    }

    fn reply(&mut self, line: Line<'_>) {
        let found = self.flying.iter().find(|(_, request)| Some(requests::lane(request)) == line.lane());
        let Some(id) = found.map(|(id, _)| *id) else { return };
        self.flying.remove(&id);
        self.input(Input::Replied { id, outcome: line.response().ok_or(TransportError::Network) });
    }

    fn wake(&mut self) {
        if let Some(at) = self.session.next_wake() {
            self.now = self.now.max(at);
            self.input(Input::Woke);
        }
    }

    fn wait(&mut self, span: Duration) {
        let until = self.now + span;
        for _ in 0..MOST_WAKES {
            if self.session.next_wake().is_none_or(|at| at > until) {
                self.now = until;
                return;
            }
            self.wake();
        }
    }

    fn reload(&mut self) {
        self.flying.clear();
        match restored(&self.config, self.now, &self.records) {
            Ok(session) => self.session = session,
            Err(error) => {
                assert_eq!(error, SnapshotError::Missing, "what was stored is not understood: {:?}", self.records);
                self.session = Session::new(Box::new(adapter::live_agent(&self.config)), 8);
            }
        }
        self.watch();
    }

    fn play_all(&mut self, lines: &str) {
        lines.lines().for_each(|line| self.play(Line::new(line)));
    }

    /// The session takes an input and its effects are performed.
    fn input(&mut self, input: Input) {
        // Letting go of a conversation that is over may take a few tries.
        let lets_go = !self.flying.is_empty() || self.session.next_wake().is_some();
        let is_over = matches!(self.session.view().stage, Stage::Ended { .. } | Stage::Idle) && !lets_go;
        let begins = |command: &Command| {
            matches!(command, Command::Start { .. } | Command::Retry { .. } | Command::Answer { .. })
        };
        let may_begin = match &input {
            Input::Command(command) | Input::Relayed { command, .. } => begins(command),
            Input::Environment(_) | Input::Replied { .. } | Input::Woke => false,
        };
        let effects = self.session.handle(self.now, input);
        let (mut has_fetched, mut has_stored) = (false, false);
        for effect in effects {
            match effect {
                Effect::Fetch { id, request } => {
                    assert!(!is_over || may_begin, "a request without a conversation: {}", request.url);
                    requests::check(self.script, &request);
                    assert!(self.flying.insert(id, request).is_none(), "{id:?} is used twice");
                    has_fetched = true;
                }
                Effect::Abort { id } => assert!(self.flying.remove(&id).is_some(), "{id:?} is not in flight"),
                Effect::Store(snapshot) => {
                    assert!(!has_fetched, "stored behind a request");
                    has_stored = true;
                    keep(&mut self.records, *snapshot);
                }
                Effect::Forget => self.records.clear(),
                Effect::Download { .. } | Effect::Save { .. } | Effect::Announce(_) => {}
            }
        }
        self.watch();
        if has_stored {
            self.compare();
        }
    }

    /// What must hold after every step.
    fn watch(&self) {
        let view = self.session.view();
        for lane in [Lane::News, Lane::Post, Lane::File] {
            let flying = self.flying.values().filter(|request| requests::lane(request) == lane).count();
            assert!(flying <= 1, "more than one request of a kind: {lane:?}");
        }
        let is_live = !matches!(view.stage, Stage::Idle | Stage::Ended { .. });
        // A form on the screen is a reason to wait.
        let goes_on = !self.flying.is_empty() || self.session.next_wake().is_some() || view.form.is_some();
        assert!(!is_live || goes_on, "stuck: {:?}", self.session);
    }

    /// A reload must show the same.
    fn compare(&self) {
        let again = restored(&self.config, self.now, &self.records);
        let again = again.unwrap_or_else(|error| panic!("{error}: {:?}", self.records)).view();
        let ours = self.session.view();
        let lost = ours.transcript.len().saturating_sub(again.transcript.len());
        assert!(lost == 0 || !self.is_kept, "a reload loses {lost} lines: {:?}", self.records);
        let left = ours.transcript.iter().skip(lost);
        assert!(left.eq(again.transcript.iter()), "a reload changes the transcript: {:?}", self.records);
        assert_eq!(ours.form, again.form, "a reload changes the form");
        assert_eq!(ours.outbox, again.outbox, "a reload changes what waits");
        assert_eq!(stage(&ours), stage(&again), "a reload changes where the conversation stands");
        assert_eq!(
            (ours.sneak_peek, &ours.draft, ours.panel, ours.unread),
            (again.sneak_peek, &again.draft, again.panel, again.unread),
            "a reload changes what is shown"
        );
    }
}

fn restored(config: &Config, now: Timestamp, records: &BTreeMap<String, String>) -> Result<Session, SnapshotError> {
    Session::restore(Box::new(adapter::live_agent(config)), 9, now, &|key| records.get(key).cloned())
}

fn keep(records: &mut BTreeMap<String, String>, snapshot: Snapshot) {
    for record in snapshot.records {
        match record.value {
            Some(value) => records.insert(record.key, value),
            None => records.remove(&record.key),
        };
    }
}

fn environment(word: &str) -> Option<Environment> {
    Some(match word {
        "online" => Environment::Online,
        "offline" => Environment::Offline,
        "visible" => Environment::Visible,
        "hidden" => Environment::Hidden,
        "leaving" => Environment::Leaving,
        "returned" => Environment::Returned,
        "stored" => Environment::Stored,
        _ => return None,
    })
}

/// One answer, or none.
fn answers(line: Line<'_>) -> Vec<Answer> {
    let Line { word, rest } = line.next();
    if word.is_empty() { Vec::new() } else { vec![Answer { question: word.into(), values: vec![rest.to_owned()] }] }
}

fn visitor(text: &str) -> Visitor {
    Value::parse(text).and_then(|value| Visitor::parse(&value).ok()).unwrap_or_default()
}

/// Where a conversation stands, but for an estimate, which is asked for anew.
fn stage(view: &View) -> Stage {
    match &view.stage {
        Stage::Opening { .. } => Stage::Opening { wait: None },
        other => other.clone(),
    }
}

/// 2026-01-01.
const BEGINNING: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// A week, as somebody leaves a tab alone.
const LONGEST_WAIT: u64 = 7 * 24 * 60 * 60 * 1_000;
/// Enough to see a conversation give up.
const MOST_WAKES: usize = 40;
/// The answers that bring a chat from nothing to an agent.
const TALK: &str = r#"< 200 {"messages":[]}
< 200 {"id":"i","key":"7d2f!1767225600123!cGx/+=","affinityToken":"5ac31fa0","clientPollTimeout":40}
< 200 OK
< 200 {"messages":[{"type":"ChatRequestSuccess","message":{"queuePosition":1}}],"sequence":1,"offset":7}
< 200 {"messages":[{"type":"ChatEstablished","message":{"name":"Noor B."}}],"sequence":2,"offset":14}"#;
/// The answers that bring a chat to another server, which has not said yet what it knows of it.
const MOVE: &str = r#"< 503
< 200 {"messages":[{"type":"ReconnectSession","message":{"affinityToken":"7bbb"}}]}"#;
