//! One tab of the visitor's browser: performs the effects of the real machine as the real shell does, nothing else.

use std::collections::{BTreeMap, VecDeque};

use holdfast_chat::model::{RequestId, TabId, Timestamp};
use holdfast_chat::protocol::Request;
use holdfast_chat::session::{Effect, Environment, Input, Keeping, Notice, Serial, SnapshotError};
use holdfast_chat::tab::{Elsewhere, Tab, TabEffect, TabInput};

use super::backend::Dialect;

/// A tab, from its opening to its closing, over all the pages that it loads.
pub struct Page {
    pub tab: Option<Tab>,
    pub life: Life,
    pub storage: Storage,
    /// What is in flight, under which number on the line.
    pub flying: BTreeMap<RequestId, u64>,
    /// The browser's one alarm: what it was set to, when it rings, and its number.
    pub alarm: Option<(Timestamp, u64, u64)>,
    /// Until when its timers go off once a minute.
    pub hidden_until: u64,
    /// Whether it listens to the others.
    pub is_listening: bool,
    /// What came while it did not run.
    pub backlog: VecDeque<TabInput>,
    /// It is lost in its next step, after so many effects.
    pub doomed: Option<u64>,
    waiting: VecDeque<TabInput>,
    was_kept: Keeping,
    /// Counts the pages that were loaded.
    pub loads: u64,
}

/// Whether a tab runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// Its page is on its way.
    Loading,
    /// It does.
    Awake,
    /// It is not given any time.
    Frozen,
    /// It is in the back-forward cache.
    Away,
}

/// `sessionStorage`.
#[derive(Clone, Debug, Default)]
pub struct Storage {
    pub records: BTreeMap<String, String>,
    pub mood: Mood,
    /// Somebody or something interfered: what a reload finds is no longer certain.
    pub is_tainted: bool,
}

/// Whether a storage works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Fine,
    /// It takes nothing more.
    Full,
    /// It throws.
    Broken,
}

/// What a page did to the world in one step.
pub enum Deed {
    Fetch(RequestId, Request),
    Abort(RequestId),
    Say(String),
    Claim(String),
    Release,
    Count(String, Serial),
}

/// How a step went.
pub struct Outcome {
    pub deeds: Vec<Deed>,
    pub notices: Vec<Notice>,
    /// The page was lost in it.
    pub is_lost: bool,
}

impl Page {
    /// A tab whose page is on its way.
    pub fn loading(storage: Storage) -> Self {
        Self {
            tab: None,
            life: Life::Loading,
            storage,
            flying: BTreeMap::new(),
            alarm: None,
            hidden_until: 0,
            is_listening: true,
            backlog: VecDeque::new(),
            doomed: None,
            waiting: VecDeque::new(),
            was_kept: Keeping::Stored,
            loads: 0,
        }
    }

    /// The page is there.
    pub fn load(&mut self, dialect: Dialect, id: TabId, now: Timestamp, elsewhere: Elsewhere) -> Option<SnapshotError> {
        let protocols = Box::new(move || dialect.protocol());
        let (tab, error) = Tab::load(protocols, id, now, &|key| self.storage.read(key), elsewhere);
        if error.is_some() {
            self.storage.clear();
        }
        self.tab = Some(tab);
        self.life = Life::Awake;
        self.is_listening = true;
        self.loads += 1;
        self.was_kept = Keeping::Stored;
        error
    }

    /// Nothing of the page is left but what it stored.
    pub fn unload(&mut self) {
        self.tab = None;
        self.life = Life::Loading;
        self.flying.clear();
        self.alarm = None;
        self.backlog.clear();
        self.waiting.clear();
        self.doomed = None;
    }

    /// Hands an input to the machine and performs what it wants. An input that comes up meanwhile waits its turn.
    pub fn step(&mut self, now: Timestamp, input: TabInput) -> Outcome {
        let mut outcome = Outcome { deeds: Vec::new(), notices: Vec::new(), is_lost: false };
        self.waiting.push_back(input);
        while let Some(input) = self.waiting.pop_front() {
            let Some(tab) = &mut self.tab else { break };
            let effects = tab.handle(now, input);
            for effect in effects {
                if self.doomed == Some(0) {
                    outcome.is_lost = true;
                    return outcome;
                }
                self.doomed = self.doomed.map(|left| left - 1);
                self.perform(effect, &mut outcome);
            }
            if self.doomed.is_some() {
                outcome.is_lost = true;
                return outcome;
            }
        }
        outcome
    }

    fn perform(&mut self, effect: TabEffect, outcome: &mut Outcome) {
        match effect {
            TabEffect::Session(Effect::Fetch { id, request }) => outcome.deeds.push(Deed::Fetch(id, request)),
            TabEffect::Session(Effect::Abort { id }) => outcome.deeds.push(Deed::Abort(id)),
            TabEffect::Session(Effect::Store(snapshot)) => {
                let is_kept = self.storage.write(&snapshot.records);
                let keeping = if is_kept { Keeping::Stored } else { Keeping::MemoryOnly };
                if keeping != self.was_kept {
                    self.was_kept = keeping;
                    let fact = if is_kept { Environment::Stored } else { Environment::StorageFailed };
                    self.waiting.push_back(TabInput::Session(Input::Environment(fact)));
                }
            }
            TabEffect::Session(Effect::Forget) => self.storage.clear(),
            // No visitor of this world asks for a file.
            TabEffect::Session(Effect::Download { .. } | Effect::Save { .. }) => {}
            TabEffect::Session(Effect::Announce(notice)) => outcome.notices.push(notice),
            TabEffect::Say(text) => outcome.deeds.push(Deed::Say(text)),
            TabEffect::Claim(conversation) => outcome.deeds.push(Deed::Claim(conversation)),
            TabEffect::Release => outcome.deeds.push(Deed::Release),
            TabEffect::Count { conversation, serial } => outcome.deeds.push(Deed::Count(conversation, serial)),
        }
    }
}

impl Storage {
    pub fn read(&self, key: &str) -> Option<String> {
        if self.mood == Mood::Broken { None } else { self.records.get(key).cloned() }
    }

    fn write(&mut self, records: &[holdfast_chat::session::Record]) -> bool {
        for record in records {
            match (&record.value, self.mood) {
                (_, Mood::Broken) => return false,
                (Some(_), Mood::Full) => {
                    self.clear();
                    return false;
                }
                (Some(value), Mood::Fine) => self.records.insert(record.key.clone(), value.clone()),
                (None, Mood::Fine | Mood::Full) => self.records.remove(&record.key),
            };
        }
        true
    }

    fn clear(&mut self) {
        if self.mood != Mood::Broken {
            self.records.clear();
        }
    }
}
