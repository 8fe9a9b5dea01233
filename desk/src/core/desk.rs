//! The desk itself: who sits there, and where each input goes.

use std::sync::Arc;

use holdfast_chat::model::{RequestId, Timestamp};
use holdfast_chat::protocol::{Request, Response, TransportError};

use super::command::{Command, Effect, Environment, Input};
use super::deed::Trouble;
use super::kept::Kept;
use super::shift::Shift;
use super::view::{self, Connection, View};
use crate::api::{Credentials, Door, Presence, Seat, last_part};

/// One agent's desk.
#[derive(Debug)]
pub struct Desk {
    door: Door,
    state: State,
    exchanges: Exchanges,
    /// What of an earlier shift has to be found again: words that were not sent, and what stood open.
    left: Kept,
    trouble: Option<Trouble>,
    kept: Option<String>,
    surroundings: Surroundings,
}

/// What is known of the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings {
    /// Whether somebody looks at it.
    pub(super) is_seen: bool,
    /// How many chats have room side by side.
    pub(super) room: usize,
}

#[derive(Debug)]
enum State {
    Outside { name: Arc<str> },
    Knocking { name: Arc<str>, request: RequestId },
    Entering { name: Arc<str>, request: RequestId, credentials: Credentials },
    Inside(Box<Shift>),
}

/// What is on its way, with deadlines.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    last: u64,
    flying: Vec<(RequestId, Timestamp)>,
    effects: Vec<Effect>,
}

impl Exchanges {
    /// Makes an exchange.
    pub(super) fn fetch(&mut self, now: Timestamp, request: Request) -> RequestId {
        self.last += 1;
        let id = RequestId(self.last);
        self.flying.push((id, now + request.deadline));
        self.effects.push(Effect::Fetch { id, request });
        id
    }

    fn land(&mut self, id: RequestId) -> bool {
        let before = self.flying.len();
        self.flying.retain(|(flying, _)| *flying != id);
        self.flying.len() < before
    }

    fn overdue(&mut self, now: Timestamp) -> Vec<RequestId> {
        let overdue: Vec<RequestId> =
            self.flying.iter().filter(|(_, deadline)| *deadline <= now).map(|(id, _)| *id).collect();
        self.effects.extend(overdue.iter().map(|id| Effect::Abort { id: *id }));
        overdue
    }

    fn abort_all(&mut self) {
        self.effects.extend(self.flying.drain(..).map(|(id, _)| Effect::Abort { id }));
    }
}

/// What an exchange came to.
pub(super) type Outcome = Result<Response, TransportError>;

/// What a shift says about itself after each step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It goes on.
    On,
    /// The server knows the seat no more.
    SeatLost,
}

impl Desk {
    /// A desk at which whoever sat there on the page before still sits, if this is what was kept.
    #[must_use]
    pub fn new(door: Door, now: Timestamp, kept: Option<&str>) -> Self {
        let kept = kept.and_then(Kept::parse).unwrap_or_default();
        let state = match &kept.seat {
            Some(seat) => State::Inside(Box::new(Shift::resumed(now, door.clone(), seat.clone(), &kept))),
            None => State::Outside { name: kept.name.clone() },
        };
        Self {
            door,
            state,
            exchanges: Exchanges::default(),
            left: kept,
            trouble: None,
            kept: None,
            surroundings: Surroundings { is_seen: true, room: 1 },
        }
    }

    /// Takes over what happened and gives back what is wanted.
    #[must_use]
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Vec<Effect> {
        match input {
            Input::Command(command) => self.on_command(now, command),
            Input::Environment(environment) => self.on_environment(environment),
            Input::Replied { id, outcome } => self.on_replied(now, id, outcome),
            Input::Woke => {}
        }
        for id in self.exchanges.overdue(now) {
            self.on_replied(now, id, Err(TransportError::Deadline));
        }
        if let State::Inside(shift) = &mut self.state {
            shift.go_on(now, &mut self.exchanges, &mut self.left, self.surroundings);
        }
        self.keep();
        std::mem::take(&mut self.exchanges.effects)
    }

    /// When it wants to be woken.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        let deadlines = self.exchanges.flying.iter().map(|(_, deadline)| *deadline);
        let shift = match &self.state {
            State::Inside(shift) => shift.next_wake(),
            State::Outside { .. } | State::Knocking { .. } | State::Entering { .. } => None,
        };
        deadlines.chain(shift).min()
    }

    /// How it stands.
    #[must_use]
    pub fn view(&self, now: Timestamp) -> View {
        let (door, name) = match &self.state {
            State::Outside { name } => (view::Door::Outside, name),
            State::Knocking { name, .. } | State::Entering { name, .. } => (view::Door::Entering, name),
            State::Inside(shift) => return View { trouble: shift.trouble().or(self.trouble), ..shift.view(now) },
        };
        View {
            now,
            door,
            name: name.clone(),
            presence: Presence::Away,
            connection: Connection::Steady,
            callers: Arc::default(),
            is_taking: false,
            trouble: self.trouble,
            chats: Vec::new(),
            panes: Vec::new(),
            chosen: None,
            room: self.surroundings.room,
            colleagues: Arc::default(),
        }
    }

    fn on_command(&mut self, now: Timestamp, command: Command) {
        match (&mut self.state, command) {
            (State::Outside { .. }, Command::Enter { name }) if !name.trim().is_empty() => {
                let name: Arc<str> = name.trim().into();
                self.trouble = None;
                let request = self.exchanges.fetch(now, self.door.login(&name));
                self.state = State::Knocking { name, request };
            }
            (State::Inside(shift), Command::Leave) => {
                let name = shift.name();
                let farewell = shift.farewell();
                self.exchanges.abort_all();
                self.exchanges.fetch(now, farewell);
                self.left = Kept { name: name.clone(), ..Kept::default() };
                self.trouble = None;
                self.state = State::Outside { name };
            }
            (State::Inside(shift), command) => shift.on_command(now, &mut self.exchanges, command),
            _ => {}
        }
    }

    fn on_environment(&mut self, environment: Environment) {
        match environment {
            Environment::Seen => self.surroundings.is_seen = true,
            Environment::Unseen => self.surroundings.is_seen = false,
            Environment::Online => {}
            Environment::Room(room) => self.surroundings.room = room,
        }
        if let (State::Inside(shift), Environment::Seen | Environment::Online) = (&mut self.state, environment) {
            shift.hurry();
        }
    }

    fn on_replied(&mut self, now: Timestamp, id: RequestId, outcome: Outcome) {
        if !self.exchanges.land(id) {
            return;
        }
        match &mut self.state {
            State::Knocking { name, request } if *request == id => {
                let name = name.clone();
                self.on_knocked(now, name, outcome);
            }
            State::Entering { name, request, credentials } if *request == id => {
                let (name, credentials) = (name.clone(), credentials.clone());
                self.on_entered(now, name, credentials, outcome);
            }
            State::Inside(shift) => {
                if shift.on_replied(now, &mut self.exchanges, id, outcome) == Verdict::SeatLost {
                    self.lose_seat();
                }
            }
            State::Outside { .. } | State::Knocking { .. } | State::Entering { .. } => {}
        }
    }

    fn on_knocked(&mut self, now: Timestamp, name: Arc<str>, outcome: Outcome) {
        let credentials = good(outcome).map(|response| Credentials::read(&response.body));
        match credentials {
            Ok(Some(credentials)) => {
                let request = self.exchanges.fetch(now, self.door.begin(&credentials));
                self.state = State::Entering { name, request, credentials };
            }
            Ok(None) => self.stay_out(name, Trouble::DoorShut),
            Err(trouble) => self.stay_out(name, trouble),
        }
    }

    fn on_entered(&mut self, now: Timestamp, name: Arc<str>, credentials: Credentials, outcome: Outcome) {
        let session = good(outcome).map(|response| last_part(&response, "agentSessionLocation"));
        match session {
            Ok(Some(session)) => {
                let seat = Seat { credentials, session };
                let mut shift = Shift::new(now, self.door.clone(), seat, name);
                // Who sits down wants to work.
                shift.on_command(now, &mut self.exchanges, Command::Be(Presence::Online));
                self.state = State::Inside(Box::new(shift));
            }
            Ok(None) => self.stay_out(name, Trouble::DoorShut),
            Err(trouble) => self.stay_out(name, trouble),
        }
    }

    fn stay_out(&mut self, name: Arc<str>, trouble: Trouble) {
        self.trouble = Some(trouble);
        self.state = State::Outside { name };
    }

    /// What was not sent waits for the agent to come back.
    fn lose_seat(&mut self) {
        if let State::Inside(shift) = &self.state {
            self.left = Kept { seat: None, ..shift.kept(&self.left) };
            let name = shift.name();
            self.exchanges.abort_all();
            self.stay_out(name, Trouble::SeatLost);
        }
    }

    fn keep(&mut self) {
        let kept = match &self.state {
            State::Inside(shift) => shift.kept(&self.left),
            State::Outside { name } | State::Knocking { name, .. } | State::Entering { name, .. } => {
                Kept { name: name.clone(), ..self.left.clone() }
            }
        };
        let text = kept.text();
        if self.kept.as_ref() != Some(&text) {
            self.exchanges.effects.insert(0, Effect::Keep(text.clone()));
            self.kept = Some(text);
        }
    }
}

/// A response that says yes, or why not.
fn good(outcome: Outcome) -> Result<Response, Trouble> {
    match outcome {
        Ok(response) if matches!(response.status, 200..=299) => Ok(response),
        Ok(response) if matches!(response.status, 400..=499) => Err(Trouble::DoorShut),
        Ok(_) | Err(_) => Err(Trouble::NoDoor),
    }
}
