//! A page in a test: performs the effects of a session, keeps its records, and watches over what must always hold.

use std::collections::BTreeMap;
use std::time::Duration;

use holdfast_chat::model::{Body, Happening, RequestId, Timestamp, Visitor};
use holdfast_chat::protocol::live_agent::{Config, LiveAgent, Redactor, Surroundings};
use holdfast_chat::protocol::{Request, Response, TransportError};
use holdfast_chat::session::{
    Command, Connection, Effect, Environment, Input, Notice, PendingState, Session, Snapshot, SnapshotError, Stage,
};

use super::server::{Server, short};

/// A page with a session, and the server at the other end of the line.
pub struct Chat {
    pub session: Session,
    pub server: Server,
    pub now: Timestamp,
    pub records: BTreeMap<String, String>,
    pub flying: BTreeMap<RequestId, Request>,
    pub notices: Vec<Notice>,
    /// How many inputs the session has taken.
    pub steps: usize,
    /// The page is lost in this step, after this many effects.
    pub crash: Option<(usize, usize)>,
    /// Whether the server takes what a lost page had in flight.
    pub serves_the_lost_page: bool,
}

impl Chat {
    /// A page on which nothing happened yet.
    pub fn new() -> Self {
        Self {
            session: Session::new(adapter(), 7),
            server: Server::new(),
            now: Timestamp::from_millis(1_767_225_600_000),
            records: BTreeMap::new(),
            flying: BTreeMap::new(),
            notices: Vec::new(),
            steps: 0,
            crash: None,
            serves_the_lost_page: false,
        }
    }

    /// A chat that stands in the queue.
    pub fn queued() -> Self {
        let mut chat = Self::new();
        chat.start();
        chat.settle();
        assert_eq!(chat.stage(), "queued");
        chat
    }

    /// A chat with an agent.
    pub fn talking() -> Self {
        let mut chat = Self::queued();
        chat.server.establish();
        chat.settle();
        assert_eq!(chat.stage(), "talking to Noor B.");
        chat
    }

    /// The visitor starts a chat.
    pub fn start(&mut self) -> Vec<String> {
        self.command(Command::Start { visitor: Box::new(Visitor::default()) })
    }

    /// The visitor sends a message.
    pub fn send(&mut self, text: &str) -> Vec<String> {
        self.command(Command::Send { text: text.to_owned() })
    }

    /// The visitor types.
    pub fn draft(&mut self, text: &str) -> Vec<String> {
        self.command(Command::Draft { text: text.to_owned() })
    }

    /// The visitor or the page wants something.
    pub fn command(&mut self, command: Command) -> Vec<String> {
        self.input(Input::Command(command))
    }

    /// The world around changes.
    pub fn environment(&mut self, environment: Environment) -> Vec<String> {
        self.input(Input::Environment(environment))
    }

    /// The request that contains this text is answered.
    pub fn reply(&mut self, request: &str, status: u16, body: &str) -> Vec<String> {
        let response = Response { status, body: body.to_owned(), retry_after: None, location: None };
        self.end(request, Ok(response))
    }

    /// The server answers the request that contains this text.
    pub fn deliver(&mut self, request: &str) -> Vec<String> {
        let (_, found) = self.find(request);
        let response = self.server.answer(&found).expect("the server answers");
        self.end(request, Ok(response))
    }

    /// The request that contains this text fails on its way, before the server has seen it.
    pub fn lose(&mut self, request: &str) -> Vec<String> {
        self.end(request, Err(TransportError::Network))
    }

    /// The server takes the request that contains this text, and its answer is lost.
    pub fn lose_answer(&mut self, request: &str) -> Vec<String> {
        let (_, found) = self.find(request);
        let _ = self.server.answer(&found);
        self.lose(request)
    }

    fn end(&mut self, request: &str, outcome: Result<Response, TransportError>) -> Vec<String> {
        let (id, _) = self.find(request);
        self.flying.remove(&id);
        self.input(Input::Replied { id, outcome })
    }

    fn find(&self, request: &str) -> (RequestId, Request) {
        let mut found = self.flying.iter().filter(|(_, flying)| short(flying).contains(request));
        let (id, flying) = found.next().unwrap_or_else(|| panic!("no {request} in {:?}", self.in_flight()));
        assert!(found.next().is_none(), "more than one {request} in {:?}", self.in_flight());
        (*id, flying.clone())
    }

    /// The alarm goes off.
    pub fn wake(&mut self) -> Vec<String> {
        let at = self.session.next_wake().expect("the session wants to be woken");
        self.now = self.now.max(at);
        self.input(Input::Woke)
    }

    /// Time goes by, and the alarm goes off whenever it should.
    pub fn wait(&mut self, span: Duration) -> Vec<String> {
        let until = self.now + span;
        let mut effects = Vec::new();
        let mut wakes = 0;
        while self.session.next_wake().is_some_and(|at| at <= until) {
            effects.extend(self.wake());
            wakes += 1;
            assert!(wakes < MOST_WAKES, "the alarm goes off for ever: {:?}", self.session);
        }
        self.now = until;
        effects
    }

    /// The server answers everything, and time goes by until nothing is on its way any more.
    pub fn settle(&mut self) {
        for _ in 0..500 {
            let answered = self.flying.iter().find_map(|(id, request)| {
                let response = self.server.answer(request)?;
                Some((*id, response))
            });
            if let Some((id, response)) = answered {
                self.flying.remove(&id);
                self.input(Input::Replied { id, outcome: Ok(response) });
            } else if self.is_settled() {
                return;
            } else {
                self.wake();
            }
        }
        panic!("it never settles: {:?} {:?}", self.session.view(), self.in_flight());
    }

    fn is_settled(&self) -> bool {
        let view = self.session.view();
        let is_waiting = |stage: &Stage| matches!(stage, Stage::Opening { .. } | Stage::Closing);
        let is_sending = view.outbox.iter().any(|pending| pending.state == PendingState::Sending);
        let is_sending = is_sending && matches!(view.stage, Stage::Talking { .. });
        let is_live = matches!(view.stage, Stage::Queued { .. } | Stage::Talking { .. });
        let is_polling = self.in_flight().iter().any(|request| request.contains("Messages"));
        view.connection == Connection::Steady && !is_waiting(&view.stage) && !is_sending && (!is_live || is_polling)
    }

    /// The session takes an input and its effects are performed; they are described in order.
    pub fn input(&mut self, input: Input) -> Vec<String> {
        self.steps += 1;
        assert!(self.steps < MOST_STEPS, "it never ends: {:?}", self.session);
        let was_over = matches!(self.session.view().stage, Stage::Ended { .. } | Stage::Idle) && self.flying.is_empty();
        let begins = matches!(input, Input::Command(Command::Start { .. } | Command::Retry { .. }));
        let again = input.clone();
        let effects = self.session.handle(self.now, input);
        if let Some((_, performed)) = self.crash.filter(|(step, _)| *step == self.steps) {
            self.perform(effects.into_iter().take(performed).collect());
            if self.serves_the_lost_page {
                for request in std::mem::take(&mut self.flying).values() {
                    let _ = self.server.answer(request);
                }
            }
            self.reload();
            // What the visitor did in a step that left no trace, they do again.
            if performed == 0 && matches!(again, Input::Command(_)) {
                self.input(again);
            }
            return Vec::new();
        }
        let fetches = effects.iter().filter(|effect| matches!(effect, Effect::Fetch { .. })).count();
        assert!(!was_over || begins || fetches == 0, "a request without a conversation: {effects:?}");
        let described = effects.iter().map(described).collect();
        self.perform(effects);
        self.watch();
        described
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Fetch { id, request } => {
                    assert!(self.flying.insert(id, request).is_none(), "{id:?} is used twice");
                }
                Effect::Abort { id } => {
                    assert!(self.flying.remove(&id).is_some(), "{id:?} is not in flight");
                }
                Effect::Store(snapshot) => self.keep(&snapshot),
                Effect::Forget => self.records.clear(),
                Effect::Download { .. } | Effect::Save { .. } => panic!("nobody hands files over here"),
                Effect::Announce(notice) => self.notices.push(notice),
            }
        }
    }

    fn keep(&mut self, snapshot: &Snapshot) {
        for record in &snapshot.records {
            match &record.value {
                Some(value) => self.records.insert(record.key.clone(), value.clone()),
                None => self.records.remove(&record.key),
            };
        }
    }

    /// What must hold after every step.
    fn watch(&self) {
        let flying = self.in_flight();
        let flying: Vec<String> = flying.into_iter().filter(|request| !request.starts_with("POST Up")).collect();
        let posts = flying.iter().filter(|request| request.contains(" #")).count();
        assert!(posts <= 1, "more than one post: {flying:?}");
        assert!(flying.len() - posts <= 1, "more than one request for news: {flying:?}");
        let is_live = !matches!(self.session.view().stage, Stage::Idle | Stage::Ended { .. });
        assert!(!is_live || !flying.is_empty() || self.session.next_wake().is_some(), "stuck: {:?}", self.session);
    }

    /// The page is loaded anew: what was in flight is gone, and the session goes on from its records.
    pub fn reload(&mut self) {
        self.flying.clear();
        self.session = self.restored_or_new();
    }

    /// The session that the records make, or a new one where there are none.
    pub fn restored_or_new(&self) -> Session {
        match self.restored() {
            Ok(session) => session,
            Err(SnapshotError::Missing) => Session::new(adapter(), 8),
            Err(error) => panic!("{error}: {:?}", self.records),
        }
    }

    /// The session that the records make.
    pub fn restored(&self) -> Result<Session, SnapshotError> {
        Session::restore(adapter(), 9, self.now, &|key| self.records.get(key).cloned())
    }

    /// The requests in flight, shortened.
    pub fn in_flight(&self) -> Vec<String> {
        self.flying.values().map(short).collect()
    }

    /// The transcript, one line each.
    pub fn transcript(&self) -> Vec<String> {
        transcript(&self.session)
    }

    /// The outbox, one line each.
    pub fn outbox(&self) -> Vec<String> {
        let line = |pending: &holdfast_chat::session::Pending| match pending.state {
            PendingState::Sending => format!("{}, sending", pending.text),
            PendingState::NotSent(reason) => format!("{}, {reason:?}", pending.text).to_lowercase(),
        };
        self.session.view().outbox.iter().map(line).collect()
    }

    /// Where the conversation stands.
    pub fn stage(&self) -> String {
        stage(&self.session)
    }
}

/// The transcript of a session, one line each.
pub fn transcript(session: &Session) -> Vec<String> {
    let name = |name: &Option<std::sync::Arc<str>>| name.as_deref().unwrap_or("somebody").to_owned();
    let line = |body: &Body| match body {
        Body::Visitor { text, .. } => format!("visitor: {text}"),
        Body::Agent(speech) => format!("agent: {}", speech.text),
        Body::Withdrawn { name: who } => format!("{} withdrew", name(who)),
        Body::File { file, .. } | Body::Event(Happening::FileRemoved { file }) => format!("file {}", file.name),
        Body::Event(Happening::BotJoined { name: who }) => format!("bot {} joined", name(who)),
        Body::Event(Happening::Notice { text }) => format!("notice: {text}"),
        Body::Event(Happening::Joined { name: who }) => format!("{} joined", name(who)),
        Body::Event(Happening::Left { name: who }) => format!("{} left", name(who)),
        Body::Event(Happening::Transferring) => "transferring".to_owned(),
        Body::Event(Happening::Transferred { name: who }) => format!("transferred to {}", name(who)),
    };
    session.view().transcript.iter().map(|message| line(&message.body)).collect()
}

/// Where a session's conversation stands.
pub fn stage(session: &Session) -> String {
    match session.view().stage {
        Stage::Idle => "idle".to_owned(),
        Stage::Form => "form".to_owned(),
        Stage::Opening { .. } => "opening".to_owned(),
        Stage::Queued { .. } => "queued".to_owned(),
        Stage::Talking { agent } => format!("talking to {}", agent.as_deref().unwrap_or("nobody")),
        Stage::Closing => "closing".to_owned(),
        Stage::Ended { reason } => format!("ended, {}", reason.name()),
    }
}

/// An effect in a few words.
pub fn described(effect: &Effect) -> String {
    match effect {
        Effect::Fetch { request, .. } => short(request),
        Effect::Abort { id } => format!("abort {}", id.0),
        Effect::Store(snapshot) => {
            let record = |record: &holdfast_chat::session::Record| match record.value {
                Some(_) => record.key.clone(),
                None => format!("-{}", record.key),
            };
            format!("store {}", snapshot.records.iter().map(record).collect::<Vec<_>>().join(" "))
        }
        Effect::Download { request, .. } => short(request),
        Effect::Save { name, .. } => format!("save {name}"),
        Effect::Forget => "forget".to_owned(),
        Effect::Announce(notice) => match notice {
            Notice::SessionStarted => "started".to_owned(),
            Notice::AgentJoined { name } => format!("joined {}", name.as_deref().unwrap_or("somebody")),
            Notice::MessageSent { text, .. } => format!("sent {text}"),
            Notice::MessageReceived { text, .. } => format!("received {text}"),
            Notice::ConnectionChanged(Connection::Retrying) => "connection retrying".to_owned(),
            Notice::ConnectionChanged(connection) => format!("connection {connection:?}").to_lowercase(),
            Notice::SessionEnded { reason } => format!("ended {}", reason.name()),
            Notice::Custom { kind, data } => format!("custom {kind} {data}"),
            Notice::Unheard { kind, why } => format!("unheard {kind}: {why}"),
            Notice::Trouble(error) => format!("trouble: {error}"),
            Notice::Ignored { kind } => format!("ignored {kind}"),
        },
    }
}

/// The real adapter.
pub fn adapter() -> Box<LiveAgent> {
    let attribute = |name: &str| {
        let known = [
            ("endpoint", "https://chat.example.com"),
            ("organization-id", "00D5x000001AbCd"),
            ("deployment-id", "5725x000000KlMn"),
            ("button-id", "5735x000000AbCd"),
        ];
        known.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
    };
    let config = Config::parse(&attribute, Surroundings::default()).expect("the attributes are right");
    Box::new(LiveAgent::new(config, Box::new(Stars)))
}

/// More alarms than any test waits for: a session that asks for more never rests.
const MOST_WAKES: usize = 1_000;
/// More inputs than any conversation in a test takes.
const MOST_STEPS: usize = 10_000;

/// Takes a pattern literally.
#[derive(Debug)]
struct Stars;

impl Redactor for Stars {
    fn replaced(&self, pattern: &str, text: &str, replacement: &str) -> Option<String> {
        Some(text.replace(pattern, replacement))
    }
}
