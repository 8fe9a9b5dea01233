//! Everything around the machine: time, the line, the browser with its tabs, locks and channels, and the server.
//!
//! One queue of events in the order of their instants; nothing else moves. The truth looks on after every step.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use holdfast_chat::model::{RequestId, TabId, Timestamp, Visitor};
use holdfast_chat::protocol::{Request, Response, TransportError};
use holdfast_chat::session::{Command, Environment, Input, PendingState, Stage};
use holdfast_chat::tab::{Elsewhere, TabInput};

use super::backend::{Backend, response};
use super::dice::Dice;
use super::page::{Deed as Did, Life as PageLife, Mood, Page, Storage};
use super::schedule::{Act, Deed, Fate, Life, Schedule, Trouble, Weather, Whim};
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
    pub backend: Backend,
    pub pages: BTreeMap<u64, Page>,
    tabs_opened: u64,
    pages_loaded: u64,
    locks: BTreeMap<String, VecDeque<u64>>,
    counts: BTreeMap<String, u64>,
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
            backend: Backend::new(schedule.habits.clone()),
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
        self.backend.speak(super::schedule::Speech::Accept);
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

    // What happens in the visitor's browser.

    /// The number of a tab that is open.
    fn tab(&self, number: u64) -> u64 {
        let open: Vec<u64> = self.pages.keys().copied().collect();
        open[usize::try_from(number).unwrap_or(0) % open.len()]
    }

    fn open_tab(&mut self, storage: Storage, delay: u64) -> u64 {
        let tab = self.tabs_opened;
        self.tabs_opened += 1;
        self.pages.insert(tab, Page::loading(storage));
        self.after(self.now + delay, Event::Loaded(tab));
        tab
    }

    fn loaded(&mut self, tab: u64) {
        if self.is_asleep_until > self.now {
            return self.after(self.is_asleep_until, Event::Loaded(tab));
        }
        let wall = self.wall();
        if self.pages.get(&tab).is_none_or(|page| page.life != PageLife::Loading) {
            return;
        }
        // Whatever the page before had is gone with it.
        self.release(tab);
        self.pages_loaded += 1;
        let id = TabId(Dice::of(self.seed, 1_000 + self.pages_loaded).next());
        let elsewhere =
            if self.locks.values().any(|queue| !queue.is_empty()) { Elsewhere::Somebody } else { Elsewhere::Nobody };
        let Some(page) = self.pages.get_mut(&tab).filter(|page| page.life == PageLife::Loading) else { return };
        let error = page.load(id, wall, elsewhere);
        if error.is_some() && !page.storage.is_tainted {
            self.truth.fail(format!("what was stored cannot be read: {error:?}"));
        }
        self.tally.loads += 1;
        self.input(tab, TabInput::Session(Input::Woke));
    }

    fn tell_all(&mut self, environment: Environment) {
        for tab in self.pages.keys().copied().collect::<Vec<_>>() {
            self.input(tab, TabInput::Session(Input::Environment(environment)));
        }
    }

    fn input(&mut self, tab: u64, input: TabInput) {
        let wall = self.wall();
        let is_asleep = self.is_asleep_until > self.now;
        let Some(page) = self.pages.get_mut(&tab) else { return };
        match page.life {
            PageLife::Loading | PageLife::Away => return,
            PageLife::Frozen => return page.backlog.push_back(input),
            PageLife::Awake if is_asleep => return page.backlog.push_back(input),
            PageLife::Awake => {}
        }
        self.tally.steps += 1;
        let before = self.truth.before(tab, &self.pages[&tab], &input);
        let Some(page) = self.pages.get_mut(&tab) else { return };
        let told = self.is_told.then(|| brief(&input));
        let is_for_session = matches!(input, TabInput::Session(_));
        let outcome = page.step(wall, input);
        if let Some(told) = told {
            println!("{:>8} tab {tab} {told}", self.now);
            for deed in &outcome.deeds {
                println!("{:>8}         {}", "", brief_deed(deed));
            }
            if let Some(machine) = &self.pages[&tab].tab {
                let view = machine.view();
                let pending: Vec<String> =
                    view.outbox.iter().map(|pending| format!("{} {:?}", pending.text, pending.state)).collect();
                println!(
                    "{:>8}         = {} {:?} {:?} {} lines {pending:?}",
                    "",
                    if machine.is_leading() { "leads" } else { "follows" },
                    view.stage,
                    view.connection,
                    view.transcript.len()
                );
            }
        }
        self.truth.hear(&outcome.notices);
        for deed in outcome.deeds {
            self.perform(tab, deed);
        }
        if outcome.is_lost {
            self.truth.after_loss(before);
            self.lose(tab);
            let again = self.chance.between(300, 4_000);
            self.after(self.now + again, Event::Loaded(tab));
            return;
        }
        self.set_alarm(tab);
        self.truth.after(before);
        Truth::look(self, tab, is_for_session);
    }

    fn perform(&mut self, tab: u64, deed: Did) {
        match deed {
            Did::Fetch(id, request) => self.fetch(tab, id, request),
            Did::Abort(id) => {
                let flight = self.pages.get_mut(&tab).and_then(|page| page.flying.remove(&id));
                let is_unheard = |input: &TabInput| {
                    matches!(input, TabInput::Session(Input::Replied { id: replied, .. }) if *replied == id)
                };
                let unheard = self.pages.get_mut(&tab).and_then(|page| {
                    let place = page.backlog.iter().position(is_unheard)?;
                    page.backlog.remove(place)
                });
                match flight {
                    Some(flight) => self.abort(flight),
                    None if unheard.is_some() => {}
                    None => self.truth.fail(format!("{id:?} is aborted and not in flight")),
                }
            }
            Did::Say(text) => {
                let others: Vec<u64> = self
                    .pages
                    .iter()
                    .filter(|(other, page)| **other != tab && page.is_listening && page.life != PageLife::Loading)
                    .map(|(other, _)| *other)
                    .collect();
                for other in others {
                    let soonest = self.channels.get(&(tab, other)).copied().unwrap_or(0);
                    let at = (self.now + self.chance.weighed(&[(8, 2), (3, 30), (1, 400)])).max(soonest);
                    self.channels.insert((tab, other), at);
                    self.words_flying += 1;
                    self.after(at, Event::Heard(tab, other, text.clone()));
                }
            }
            Did::Claim(conversation) => {
                self.release(tab);
                if let Some(page) = self.pages.get_mut(&tab) {
                    page.is_listening = true;
                }
                let queue = self.locks.entry(conversation.clone()).or_default();
                queue.push_back(tab);
                if queue.len() == 1 {
                    self.granted(tab, conversation);
                }
            }
            Did::Release => {
                self.release(tab);
                if let Some(page) = self.pages.get_mut(&tab) {
                    page.is_listening = page.life != PageLife::Away;
                }
            }
            Did::Count(conversation, Some(serial)) => {
                let known = self.counts.insert(conversation, serial);
                if known.is_some_and(|known| known > serial) {
                    self.truth.fail(format!("the count falls from {known:?} to {serial}"));
                }
            }
            Did::Count(conversation, None) => {
                self.counts.remove(&conversation);
            }
        }
    }

    fn release(&mut self, tab: u64) {
        let mut next = Vec::new();
        for (conversation, queue) in &mut self.locks {
            let was_held = queue.front() == Some(&tab);
            queue.retain(|waiting| *waiting != tab);
            if let Some(heir) = queue.front().filter(|_| was_held) {
                next.push((*heir, conversation.clone()));
            }
        }
        self.locks.retain(|_, queue| !queue.is_empty());
        for (heir, conversation) in next {
            self.granted(heir, conversation);
        }
    }

    fn granted(&mut self, tab: u64, conversation: String) {
        let load = self.pages.get(&tab).map_or(0, |page| page.loads);
        let delay = self.chance.between(0, 20);
        self.after(self.now + delay, Event::Grant(tab, load, conversation));
    }

    fn grant(&mut self, tab: u64, load: u64, conversation: String) {
        let is_held = self.locks.get(&conversation).is_some_and(|queue| queue.front() == Some(&tab));
        if is_held && self.pages.get(&tab).is_some_and(|page| page.loads == load) {
            let serial = self.counts.get(&conversation).copied();
            self.input(tab, TabInput::Granted { conversation, serial });
        }
    }

    /// As the shell's alarm does: what it is set to is an instant of the clock, what it waits is a span.
    fn set_alarm(&mut self, tab: u64) {
        let wall = self.wall();
        let now = self.now;
        self.events += 1;
        let number = self.events;
        let Some(page) = self.pages.get_mut(&tab) else { return };
        let Some(wake) = page.tab.as_ref().and_then(|tab| tab.next_wake()) else {
            page.alarm = None;
            return;
        };
        if page.alarm.is_some_and(|(set, ..)| set == wake) && wake > wall {
            return;
        }
        let mut at = now + u64::try_from(wake.since(wall).as_millis()).unwrap_or(u64::MAX).min(0x7fff_ffff);
        if page.hidden_until > at {
            at = (at / 60_000 + 1) * 60_000;
        }
        page.alarm = Some((wake, at, number));
        self.after(at, Event::Alarm(tab, number));
    }

    fn ring(&mut self, tab: u64, number: u64) {
        let is_asleep = self.is_asleep_until > self.now;
        let Some(page) = self.pages.get_mut(&tab) else { return };
        if page.alarm.is_none_or(|(.., set)| set != number) {
            return;
        }
        if page.life != PageLife::Awake || is_asleep {
            // It rings as soon as the page runs again.
            let again = (self.now + 200).max(self.is_asleep_until + 1);
            return self.after(again, Event::Alarm(tab, number));
        }
        page.alarm = None;
        self.input(tab, TabInput::Session(Input::Woke));
    }

    fn thaw(&mut self, tab: u64) {
        let Some(page) = self.pages.get_mut(&tab) else { return };
        if page.life == PageLife::Frozen {
            page.life = PageLife::Awake;
        }
        if page.life != PageLife::Awake {
            return;
        }
        while let Some(input) = self.next_of_backlog(tab) {
            self.input(tab, input);
        }
    }

    fn next_of_backlog(&mut self, tab: u64) -> Option<TabInput> {
        if self.is_asleep_until > self.now {
            return None;
        }
        self.pages.get_mut(&tab).filter(|page| page.life == PageLife::Awake)?.backlog.pop_front()
    }

    fn back(&mut self, tab: u64) {
        let wall = self.wall();
        let Some(page) = self.pages.get_mut(&tab).filter(|page| page.life == PageLife::Away) else { return };
        page.life = PageLife::Awake;
        page.is_listening = true;
        let storage = page.storage.clone();
        if let Some(machine) = &mut page.tab {
            machine.reread(wall, &|key| storage.read(key));
        }
        self.input(tab, TabInput::Session(Input::Environment(Environment::Returned)));
    }

    fn heal(&mut self, tab: u64) {
        if let Some(page) = self.pages.get_mut(&tab).filter(|page| page.storage.mood == Mood::Full) {
            page.storage.mood = Mood::Fine;
        }
    }

    /// The page says good-bye, as on a reload.
    fn leave(&mut self, tab: u64) {
        self.thaw(tab);
        self.input(tab, TabInput::Session(Input::Environment(Environment::Leaving)));
    }

    /// The page is gone, with everything that it had in flight.
    fn lose(&mut self, tab: u64) {
        Truth::lose(self, tab);
        let Some(page) = self.pages.get_mut(&tab) else { return };
        if page.storage.mood == Mood::Broken {
            page.storage = Storage { is_tainted: true, ..Storage::default() };
        }
        let flying: Vec<u64> = page.flying.values().copied().collect();
        page.unload();
        let load = page.loads;
        let delay = self.chance.between(0, 800);
        for flight in flying {
            self.abort(flight);
        }
        self.after(self.now + delay, Event::Let(tab, load));
    }

    // What happens on the line.

    fn fetch(&mut self, tab: u64, id: RequestId, request: Request) {
        let exchange = self.flights;
        self.flights += 1;
        self.tally.requests += 1;
        self.truth.ask(self.now, tab, &request);
        if hands_over(&request) {
            self.posts.insert(exchange);
        }
        let Some(page) = self.pages.get_mut(&tab) else { return };
        if page.flying.insert(id, exchange).is_some() {
            self.truth.fail(format!("{id:?} is used twice"));
        }
        let load = page.loads;
        let mut dice = Dice::of(self.seed, 1_000_000 + exchange);
        let way = dice.between(5, self.weather.slow);
        let weather = self.weather;
        let is_post = request.method.name() == "POST";
        if self.is_dead() {
            if !dice.chance(400) {
                self.after(self.now + way, Event::Answer(exchange, Err(TransportError::Network)));
            }
        } else if dice.chance(weather.lost) {
            self.after(self.now + way, Event::Answer(exchange, Err(TransportError::Network)));
        } else if dice.chance(weather.hanging) {
            // Nothing is ever heard of it.
        } else if dice.chance(weather.refused) {
            let refusal = error(&mut dice, weather);
            self.after(self.now + way, Event::Answer(exchange, Ok(refusal)));
        } else {
            self.after(self.now + way, Event::Arrive(exchange));
            if is_post && dice.chance(weather.doubled) {
                let later = dice.between(5, self.weather.slow);
                self.after(self.now + way + later, Event::Arrive(exchange));
            }
        }
        self.line.insert(exchange, Flight { tab, load, id, request, dice, is_aborted: false });
    }

    fn is_dead(&self) -> bool {
        self.is_dead_until > self.now || self.is_asleep_until > self.now
    }

    fn arrive(&mut self, exchange: u64) {
        let is_dead = self.is_dead();
        let now = self.now;
        let Some(flight) = self.line.get_mut(&exchange) else { return };
        // What was given up on its way may arrive all the same; but a question that nobody waits for is overtaken by
        // its own cancellation.
        let is_question = flight.request.method.name() == "GET";
        if is_dead || (flight.is_aborted && (is_question || flight.dice.chance(500))) {
            return;
        }
        let is_aborted = flight.is_aborted;
        let request = flight.request.clone();
        self.backend.receive(now, exchange, &request);
        if is_aborted {
            self.backend.close(exchange);
        }
    }

    fn send_answers(&mut self) {
        for (exchange, answer) in std::mem::take(&mut self.backend.answers) {
            let weather = self.weather;
            let now = self.now;
            let Some(flight) = self.line.get_mut(&exchange) else { continue };
            let dice = &mut flight.dice;
            let at = now + dice.between(5, weather.slow);
            let outcome = if dice.chance(weather.unanswered) {
                Err(TransportError::Network)
            } else if dice.chance(weather.hanging) {
                continue;
            } else if dice.chance(weather.replaced) {
                Ok(error(dice, Weather { fatal: 0, ..weather }))
            } else if dice.chance(weather.garbled) && (200..300).contains(&answer.status) {
                Ok(garbled(dice, &answer))
            } else {
                Ok(answer)
            };
            self.after(at, Event::Answer(exchange, outcome));
        }
    }

    fn answered(&mut self, exchange: u64, outcome: Result<Response, TransportError>) {
        let is_dead = self.is_dead();
        let Some(flight) = self.line.remove(&exchange) else { return };
        if flight.is_aborted {
            return;
        }
        if outcome.is_err() {
            // What breaks here breaks there. A server that held half a connection for a living poll would end a chat
            // with each lost packet.
            self.backend.close(exchange);
        }
        let mut dice = flight.dice;
        let outcome = match outcome {
            Ok(_) if is_dead && dice.chance(500) => return,
            Ok(_) if is_dead => Err(TransportError::Network),
            outcome => outcome,
        };
        let Some(page) = self.pages.get_mut(&flight.tab).filter(|page| page.loads == flight.load) else { return };
        if page.flying.remove(&flight.id).is_some() {
            self.input(flight.tab, TabInput::Session(Input::Replied { id: flight.id, outcome }));
        }
    }

    fn abort(&mut self, exchange: u64) {
        if let Some(flight) = self.line.get_mut(&exchange) {
            flight.is_aborted = true;
            // The server is told on the connection on which the next request comes.
            let delay = flight.dice.between(1, 4);
            self.after(self.now + delay, Event::Closed(exchange));
        }
    }

    /// Everything in flight breaks, noticed or not.
    fn break_line(&mut self) {
        for exchange in self.line.keys().copied().collect::<Vec<_>>() {
            let Some(flight) = self.line.get_mut(&exchange) else { continue };
            if flight.dice.chance(500) {
                let at = self.now + flight.dice.between(1, 2_000);
                self.after(at, Event::Answer(exchange, Err(TransportError::Network)));
            }
        }
    }

    // What happens by plan.

    fn act(&mut self, act: Act) {
        match act {
            Act::Visitor(number, deed) => self.visitor(self.tab(number), deed),
            Act::Agent(speech) => self.backend.speak(speech),
            Act::Server(whim) => self.whim(whim),
            Act::Weather(weather) => self.weather = weather,
            Act::Device(fate) => self.device(fate),
            Act::Tab(number, life) => self.live(self.tab(number), life),
            Act::Storage(number, trouble) => self.trouble(self.tab(number), trouble),
        }
    }

    fn visitor(&mut self, tab: u64, deed: Deed) {
        let Some(page) = self.pages.get(&tab).filter(|page| page.life == PageLife::Awake) else { return };
        if self.is_asleep_until > self.now {
            return;
        }
        let Some(view) = page.tab.as_ref().map(|tab| tab.view()) else { return };
        let wedged = view.outbox.iter().find_map(|pending| match pending.state {
            PendingState::NotSent(reason) => Some((pending.id, reason, pending.text.clone())),
            PendingState::Sending => None,
        });
        let commands = match deed {
            Deed::Send => vec![self.words()],
            Deed::SendCommon => vec![Command::Send { text: self.chance.pick(&["ok", "yes", "ok, thanks"]).to_owned() }],
            Deed::Burst(count) => (0..count).map(|_| self.words()).collect(),
            Deed::Type => {
                let text = format!("I was going to say {}", self.chance.between(0, 9));
                vec![Command::Draft { text }]
            }
            Deed::Retry => {
                if let Some((_, reason, text)) = &wedged {
                    self.truth.retry(text, *reason);
                }
                wedged.map(|(entry, ..)| Command::Retry { entry }).into_iter().collect()
            }
            Deed::Discard => {
                if let Some((_, _, text)) = &wedged {
                    self.truth.discard(text);
                }
                wedged.map(|(entry, ..)| Command::Discard { entry }).into_iter().collect()
            }
            Deed::Start => {
                if matches!(view.stage, Stage::Idle | Stage::Ended { .. }) {
                    vec![Command::Open, Command::Start { visitor: Box::new(Visitor::default()) }]
                } else {
                    Vec::new()
                }
            }
            Deed::End => vec![Command::End],
            Deed::Open => vec![Command::Open],
            Deed::Shut => vec![Command::Shut],
        };
        for command in commands {
            self.input(tab, TabInput::Session(Input::Command(command)));
        }
    }

    fn words(&mut self) -> Command {
        self.said += 1;
        Command::Send { text: format!("m{}", self.said) }
    }

    fn whim(&mut self, whim: Whim) {
        match whim {
            Whim::Rotate => {
                self.tally.rotations += 1;
                self.backend.rotate();
            }
            Whim::Wave(count) => {
                self.tally.rotations += 1;
                self.backend.rotate();
                if count > 1 {
                    let delay = self.chance.between(50, 1_500);
                    self.after(self.now + delay, Event::Act(Act::Server(Whim::Wave(count - 1))));
                }
            }
            Whim::Restart => {
                self.backend.break_connections();
                self.break_line();
            }
            Whim::Forget => self.backend.forget_all(),
        }
    }

    fn device(&mut self, fate: Fate) {
        match fate {
            Fate::Offline(span) => {
                self.tell_all(Environment::Offline);
                self.is_dead_until = self.now + span;
                self.break_line();
                self.after(self.now + span, Event::Online);
            }
            Fate::Dead(span) => {
                self.is_dead_until = self.now + span;
                self.break_line();
            }
            Fate::Sleep(span) => {
                self.tally.sleeps += 1;
                self.is_asleep_until = self.now + span;
                // The network needs a moment after the device.
                self.is_dead_until = self.is_asleep_until + self.chance.between(0, 5_000);
                self.break_line();
                for tab in self.pages.keys().copied().collect::<Vec<_>>() {
                    self.after(self.is_asleep_until, Event::Thaw(tab));
                }
            }
            Fate::Forward(span) => {
                self.tally.jumps += 1;
                self.clock += i64::try_from(span).unwrap_or(0);
            }
            Fate::Back(span) => {
                self.tally.jumps += 1;
                self.clock -= i64::try_from(span).unwrap_or(0);
            }
        }
    }

    fn live(&mut self, tab: u64, life: Life) {
        let is_asleep = self.is_asleep_until > self.now;
        let is_room = self.pages.len() < 4;
        let Some(page) = self.pages.get_mut(&tab) else { return };
        if page.life == PageLife::Loading || is_asleep {
            return;
        }
        let is_here = page.life == PageLife::Awake;
        match life {
            Life::Reload if is_here => {
                self.tally.reloads += 1;
                self.leave(tab);
                self.lose(tab);
                self.release(tab);
                let delay = self.chance.between(100, 2_500);
                self.after(self.now + delay, Event::Loaded(tab));
            }
            Life::LoseInStep(effects) => page.doomed = Some(effects),
            Life::Crash => {
                self.tally.crashes += 1;
                self.lose(tab);
                let delay = self.chance.between(900, 6_000);
                self.after(self.now + delay, Event::Loaded(tab));
            }
            Life::Close => self.close(tab),
            Life::Duplicate if is_here && is_room => {
                self.tally.duplicates += 1;
                let storage = self.pages[&tab].storage.clone();
                if storage.is_tainted {
                    self.truth.doubt_of(&conversation_of(&storage));
                }
                if storage.mood == Mood::Fine {
                    let delay = self.chance.between(100, 2_500);
                    self.open_tab(storage, delay);
                }
            }
            Life::Fresh if is_room => {
                let delay = self.chance.between(100, 1_500);
                self.open_tab(Storage::default(), delay);
            }
            Life::Freeze(span) if is_here => {
                page.life = PageLife::Frozen;
                self.after(self.now + span, Event::Thaw(tab));
            }
            Life::Hide(span) => page.hidden_until = self.now + span,
            Life::Away(span) if is_here => {
                self.tally.aways += 1;
                Truth::lose(self, tab);
                self.input(tab, TabInput::Session(Input::Environment(Environment::Leaving)));
                if let Some(page) = self.pages.get_mut(&tab).filter(|page| page.life == PageLife::Awake) {
                    page.life = PageLife::Away;
                    page.is_listening = false;
                    self.after(self.now + span, Event::Back(tab));
                }
            }
            Life::Show => {
                page.hidden_until = 0;
                self.input(tab, TabInput::Session(Input::Environment(Environment::Visible)));
            }
            Life::Reload | Life::Duplicate | Life::Fresh | Life::Freeze(_) | Life::Away(_) => {}
        }
    }

    fn close(&mut self, tab: u64) {
        let others = self.pages.iter().any(|(other, page)| *other != tab && page.life == PageLife::Awake);
        if !others {
            return;
        }
        self.tally.closes += 1;
        if self.pages[&tab].life == PageLife::Awake {
            self.leave(tab);
        }
        if self.pages.get(&tab).is_none_or(|page| page.life == PageLife::Loading) {
            return;
        }
        self.lose(tab);
        Truth::close(self, tab);
        self.release(tab);
        self.pages.remove(&tab);
    }

    fn trouble(&mut self, tab: u64, trouble: Trouble) {
        let Some(page) = self.pages.get_mut(&tab) else { return };
        page.storage.is_tainted = true;
        if page.life != PageLife::Awake {
            // Nobody is there to write it again.
            self.truth.doubt_of(&conversation_of(&page.storage));
        }
        match trouble {
            Trouble::Full(span) => {
                page.storage.mood = Mood::Full;
                self.after(self.now + span, Event::Healed(tab));
            }
            Trouble::Broken => page.storage.mood = Mood::Broken,
            Trouble::Cleared => page.storage.records.clear(),
            Trouble::Overwritten => {
                let keys: Vec<String> = page.storage.records.keys().cloned().collect();
                if !keys.is_empty() {
                    let key = self.chance.pick(&keys);
                    let junk = self.chance.pick(&["", "null", "[]", "{\"version\":2}", "\u{0}", "{\"version\":99}"]);
                    page.storage.records.insert(key, junk.to_owned());
                }
            }
        }
    }
}

/// An error that something on the way makes up.
fn error(dice: &mut Dice, weather: Weather) -> Response {
    if dice.chance(weather.fatal) {
        return response(dice.pick(&[403, 409, 404]), "");
    }
    let status = dice.pick(&[500, 502, 503, 503, 504, 429, 408]);
    let mut answer = response(status, dice.clone().pick(&["", "<html>Bad gateway</html>", "{}"]));
    if dice.chance(300) {
        answer.retry_after = Some(std::time::Duration::from_secs(dice.pick(&[0, 1, 5, 90])));
    }
    answer
}

/// What is left of an answer when something on the way spoils it.
fn garbled(dice: &mut Dice, answer: &Response) -> Response {
    let cut: String = answer.body.chars().take(answer.body.len() / 2).collect();
    let body = dice.pick(&[
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "<html>Sign in to the hotel's network</html>".to_owned(),
        "{\"messages\":{}}".to_owned(),
        "{\"messages\":null,\"sequence\":\"x\"}".to_owned(),
        cut,
    ]);
    Response { body, ..answer.clone() }
}

impl World {
    /// Whether an exchange hands over what the visitor said or did, and is no part of opening or closing.
    pub fn is_post(&self, exchange: u64) -> bool {
        self.posts.contains(&exchange)
    }
}

/// The conversation of which something is stored.
fn conversation_of(storage: &Storage) -> String {
    let head = storage.read("head").and_then(|head| serde_json::from_str::<serde_json::Value>(&head).ok());
    head.unwrap_or_default()["conversation"].as_str().unwrap_or_default().to_owned()
}

fn hands_over(request: &Request) -> bool {
    let is_numbered = request.headers.iter().any(|(name, _)| *name == "X-LIVEAGENT-SEQUENCE");
    is_numbered && !request.url.ends_with("ChasitorInit") && !request.url.ends_with("ChatEnd")
}

/// An input in a few words.
fn brief(input: &TabInput) -> String {
    let text = match input {
        TabInput::Session(Input::Replied { id, outcome: Ok(answer) }) => {
            format!("{id:?} {} {}", answer.status, answer.body)
        }
        TabInput::Session(input) => format!("{input:?}"),
        TabInput::Granted { .. } | TabInput::Heard(_) => format!("{input:?}"),
    };
    text.chars().take(400).collect()
}

/// A deed in a few words.
fn brief_deed(deed: &Did) -> String {
    let text = match deed {
        Did::Fetch(id, request) => {
            let number = request.headers.iter().find(|(name, _)| *name == "X-LIVEAGENT-SEQUENCE");
            let number = number.map(|(_, number)| format!(" #{number}")).unwrap_or_default();
            let path = request.url.split("/chat/rest/").nth(1).unwrap_or_default();
            format!("{id:?} {} {path}{number} {:?}", request.method.name(), request.content)
        }
        Did::Abort(id) => format!("abort {id:?}"),
        Did::Say(text) => format!("say {text}"),
        Did::Claim(conversation) => format!("claim {conversation}"),
        Did::Release => "release".to_owned(),
        Did::Count(conversation, serial) => format!("count {conversation} {serial:?}"),
    };
    text.chars().take(300).collect()
}
