//! Everything around the machine: time, the line, the browser with its tabs, locks and channels, and the server.
//!
//! One queue of events in the order of their instants; nothing else moves. The truth looks on after every step.

mod browser;
mod line;
mod plan;
mod told;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use holdfast_chat::model::{RequestId, Timestamp};
use holdfast_chat::protocol::{Request, Response, TransportError};
use holdfast_chat::session::{Environment, Serial};
use holdfast_chat::tab::TabInput;

use super::backend::{Backend, Chat, Dialect};
use super::dice::Dice;
use super::page::{Life as PageLife, Page, Storage};
use super::schedule::{Act, Deed, Schedule, Speech, Weather};
use super::truth::{Tally, Truth};

/// A world in which one visitor chats.
pub struct World {
    /// Milliseconds that went by.
    pub now: u64,
    /// What the visitor's clock shows beside it.
    clock: i64,
    seed: u64,
    queue: BTreeMap<(u64, u64), Event>,
    events: u64,
    pub dialect: Dialect,
    pub backend: Box<dyn Backend>,
    pub pages: BTreeMap<u64, Page>,
    tabs_opened: u64,
    pages_loaded: u64,
    locks: BTreeMap<String, VecDeque<u64>>,
    counts: BTreeMap<String, Serial>,
    /// When the last word from one tab to another arrives.
    channels: BTreeMap<(u64, u64), u64>,
    words_flying: u64,
    line: BTreeMap<u64, Flight>,
    /// Exchanges that hand over what the visitor said or did, and are no part of opening or closing.
    posts: BTreeSet<u64>,
    flights: u64,
    weather: Weather,
    is_dead_until: u64,
    is_asleep_until: u64,
    chance: Dice,
    pub truth: Truth,
    pub tally: Tally,
    said: u64,
    /// Whether everything that happens is printed.
    pub is_told: bool,
}

enum Event {
    Act(Act),
    /// A request arrives at the server.
    Arrive(u64),
    /// Its answer arrives at the page, or its failure does.
    Answer(u64, Result<Response, TransportError>),
    /// The server sees that nobody waits any more.
    Closed(u64),
    Alarm(u64, u64),
    Grant(u64, u64, String),
    /// A lock is let go of by a page that is gone.
    Let(u64, u64),
    Heard(u64, u64, String),
    /// A page is there.
    Loaded(u64),
    /// A tab goes on.
    Thaw(u64),
    /// A tab is back from the back-forward cache.
    Back(u64),
    Healed(u64),
    Online,
}

struct Flight {
    tab: u64,
    load: u64,
    id: RequestId,
    request: Request,
    dice: Dice,
    is_aborted: bool,
}

impl World {
    pub fn of(schedule: &Schedule) -> Self {
        let mut world = Self {
            now: 0,
            clock: 1_767_225_600_000,
            seed: schedule.seed,
            queue: BTreeMap::new(),
            events: 0,
            dialect: schedule.habits.dialect,
            backend: schedule.habits.dialect.server(schedule.habits.clone()),
            pages: BTreeMap::new(),
            tabs_opened: 0,
            pages_loaded: 0,
            locks: BTreeMap::new(),
            counts: BTreeMap::new(),
            channels: BTreeMap::new(),
            words_flying: 0,
            line: BTreeMap::new(),
            posts: BTreeSet::new(),
            flights: 0,
            weather: Weather { slow: 200, ..Weather::default() },
            is_dead_until: 0,
            is_asleep_until: 0,
            chance: Dice::of(schedule.seed, 2),
            truth: Truth::new(schedule.habits.clone()),
            tally: Tally::default(),
            said: 0,
            is_told: false,
        };
        world.open_tab(Storage::default(), 0);
        for (at, act) in schedule.acts() {
            world.after(at + 10, Event::Act(act.clone()));
        }
        world
    }

    /// Lets time go by until then, unless something breaks.
    pub fn run_until(&mut self, end: u64) {
        while self.truth.broken.is_none() {
            let own = self.backend.next();
            let queued = self.queue.keys().next().map(|(at, _)| *at);
            let Some(at) = [own, queued].into_iter().flatten().min().filter(|at| *at <= end) else { break };
            self.now = self.now.max(at);
            self.backend.tick(self.now);
            if queued == Some(at)
                && let Some((_, event)) = self.queue.pop_first()
            {
                self.tally.events += 1;
                if self.tally.events > MOST_EVENTS {
                    self.truth.fail("the world does not come to rest".to_owned());
                }
                self.happen(event);
            }
            self.send_answers();
        }
        self.now = self.now.max(end);
    }

    /// From here on nothing goes wrong any more, and everybody is there.
    pub fn calm(&mut self) {
        self.weather = Weather { slow: 200, ..Weather::default() };
        self.is_dead_until = 0;
        self.is_asleep_until = 0;
        for tab in self.pages.keys().copied().collect::<Vec<_>>() {
            self.heal(tab);
            self.thaw(tab);
            self.back(tab);
            if let Some(page) = self.pages.get_mut(&tab) {
                page.doomed = None;
                page.hidden_until = 0;
                if page.life == PageLife::Loading {
                    self.after(self.now + 1, Event::Loaded(tab));
                }
            }
        }
        self.tell_all(Environment::Online);
        self.tell_all(Environment::Visible);
    }

    /// The agent is there for whoever waits.
    pub fn serve(&mut self) {
        for tab in self.pages.keys().copied().collect::<Vec<_>>() {
            let is_asked = |page: &Page| page.tab.as_ref().is_some_and(|tab| tab.view().form.is_some());
            if self.pages.get(&tab).is_some_and(is_asked) {
                self.visitor(tab, Deed::Start);
            }
        }
        self.backend.speak(Speech::Accept);
        self.send_answers();
    }

    /// What the visitor's clock shows.
    pub fn wall(&self) -> Timestamp {
        let now = i64::try_from(self.now).unwrap_or(i64::MAX);
        Timestamp::from_millis(u64::try_from(now.saturating_add(self.clock)).unwrap_or(0))
    }

    /// Whether nothing is between the tabs: what one knows, all know.
    pub fn is_quiet(&self) -> bool {
        self.words_flying == 0
            && self.pages.values().all(|page| page.life == PageLife::Awake && page.backlog.is_empty())
    }

    /// What is known of the chats, in the order in which they began.
    pub fn chats(&self) -> impl Iterator<Item = &Chat> {
        (0..).map_while(|place| self.backend.chat(place))
    }

    fn after(&mut self, at: u64, event: Event) {
        self.events += 1;
        self.queue.insert((at, self.events), event);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Act(act) => self.act(act),
            Event::Arrive(exchange) => self.arrive(exchange),
            Event::Answer(exchange, outcome) => self.answered(exchange, outcome),
            Event::Closed(exchange) => self.backend.close(exchange),
            Event::Alarm(tab, number) => self.ring(tab, number),
            Event::Grant(tab, load, conversation) => self.grant(tab, load, conversation),
            Event::Let(tab, load) => {
                if self.pages.get(&tab).is_none_or(|page| page.loads == load) {
                    self.release(tab);
                }
            }
            Event::Heard(from, to, text) => {
                self.words_flying -= 1;
                let _ = from;
                if self.pages.get(&to).is_some_and(|page| page.is_listening) {
                    self.input(to, TabInput::Heard(text));
                }
            }
            Event::Loaded(tab) => self.loaded(tab),
            Event::Thaw(tab) => self.thaw(tab),
            Event::Back(tab) => self.back(tab),
            Event::Healed(tab) => self.heal(tab),
            Event::Online => {
                if self.now >= self.is_dead_until {
                    self.tell_all(Environment::Online);
                }
            }
        }
    }
}

/// More than happens in the busiest of days: whoever goes on for longer goes round in circles.
const MOST_EVENTS: u64 = 100_000;
