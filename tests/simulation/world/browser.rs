//! The visitor's browser: its tabs, their alarms, the locks and the words between them.

use holdfast_chat::model::TabId;
use holdfast_chat::session::{Environment, Input};
use holdfast_chat::tab::{Elsewhere, TabInput};

use super::super::dice::Dice;
use super::super::page::{Deed as Did, Life as PageLife, Mood, Page, Storage};
use super::super::truth::Truth;
use super::told::{brief, brief_deed};
use super::{Event, World};

impl World {
    /// The number of a tab that is open.
    pub(super) fn tab(&self, number: u64) -> u64 {
        let open: Vec<u64> = self.pages.keys().copied().collect();
        open[usize::try_from(number).unwrap_or(0) % open.len()]
    }

    pub(super) fn open_tab(&mut self, storage: Storage, delay: u64) -> u64 {
        let tab = self.tabs_opened;
        self.tabs_opened += 1;
        self.pages.insert(tab, Page::loading(storage));
        self.after(self.now + delay, Event::Loaded(tab));
        tab
    }

    pub(super) fn loaded(&mut self, tab: u64) {
        if self.is_asleep_until > self.now {
            return self.after(self.is_asleep_until, Event::Loaded(tab));
        }
        let (wall, dialect) = (self.wall(), self.dialect);
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
        let error = page.load(dialect, id, wall, elsewhere);
        if error.is_some() && !page.storage.is_tainted {
            self.truth.fail(format!("what was stored cannot be read: {error:?}"));
        }
        self.tally.loads += 1;
        self.input(tab, TabInput::Session(Input::Woke));
    }

    pub(super) fn tell_all(&mut self, environment: Environment) {
        for tab in self.pages.keys().copied().collect::<Vec<_>>() {
            self.input(tab, TabInput::Session(Input::Environment(environment)));
        }
    }

    pub(super) fn input(&mut self, tab: u64, input: TabInput) {
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
        self.truth.hope(tab, &input);
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
        if outcome.is_lost {
            self.truth.after_loss(before);
        } else {
            self.truth.after(before);
        }
        for deed in outcome.deeds {
            self.perform(tab, deed);
        }
        if outcome.is_lost {
            self.lose(tab);
            let again = self.chance.between(300, 4_000);
            self.after(self.now + again, Event::Loaded(tab));
            return;
        }
        self.set_alarm(tab);
        Truth::look(self, tab, is_for_session);
    }

    pub(super) fn perform(&mut self, tab: u64, deed: Did) {
        match deed {
            Did::Fetch(id, request) => self.fetch(tab, id, request),
            Did::Abort(id) => {
                let flight = self.pages.get_mut(&tab).and_then(|page| page.flying.remove(&id));
                let is_unheard = |input: &TabInput| matches!(input, TabInput::Session(Input::Replied { id: replied, .. }) if *replied == id);
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
            Did::Count(conversation, serial) => {
                let known = self.counts.insert(conversation, serial);
                if known.is_some_and(|known| known.count() > serial.count()) {
                    self.truth.fail(format!("the count falls from {known:?} to {serial:?}"));
                }
            }
        }
    }

    pub(super) fn release(&mut self, tab: u64) {
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

    pub(super) fn granted(&mut self, tab: u64, conversation: String) {
        let load = self.pages.get(&tab).map_or(0, |page| page.loads);
        let delay = self.chance.between(0, 20);
        self.after(self.now + delay, Event::Grant(tab, load, conversation));
    }

    pub(super) fn grant(&mut self, tab: u64, load: u64, conversation: String) {
        let is_held = self.locks.get(&conversation).is_some_and(|queue| queue.front() == Some(&tab));
        if is_held && self.pages.get(&tab).is_some_and(|page| page.loads == load) {
            let serial = self.counts.get(&conversation).copied();
            self.input(tab, TabInput::Granted { conversation, serial });
        }
    }

    /// As the shell's alarm does: what it is set to is an instant of the clock, what it waits is a span.
    pub(super) fn set_alarm(&mut self, tab: u64) {
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

    pub(super) fn ring(&mut self, tab: u64, number: u64) {
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

    pub(super) fn thaw(&mut self, tab: u64) {
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

    pub(super) fn next_of_backlog(&mut self, tab: u64) -> Option<TabInput> {
        if self.is_asleep_until > self.now {
            return None;
        }
        self.pages.get_mut(&tab).filter(|page| page.life == PageLife::Awake)?.backlog.pop_front()
    }

    pub(super) fn back(&mut self, tab: u64) {
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

    pub(super) fn heal(&mut self, tab: u64) {
        if let Some(page) = self.pages.get_mut(&tab).filter(|page| page.storage.mood == Mood::Full) {
            page.storage.mood = Mood::Fine;
        }
    }

    /// The page says good-bye, as on a reload.
    pub(super) fn leave(&mut self, tab: u64) {
        self.thaw(tab);
        self.input(tab, TabInput::Session(Input::Environment(Environment::Leaving)));
    }

    /// The page is gone, with everything that it had in flight.
    pub(super) fn lose(&mut self, tab: u64) {
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
}
