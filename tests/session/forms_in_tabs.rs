//! A form in several tabs: each has its own draft, and whoever leads gives the answers.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use holdfast_chat::model::{RequestId, TabId, Timestamp, Visitor};
use holdfast_chat::protocol::Response;
use holdfast_chat::session::{Command, Effect, Environment, Input, InquiryState, Serial, Stage};
use holdfast_chat::tab::{Elsewhere, Tab, TabEffect, TabInput};

use super::clerk::{Clerk, word, worded};

#[test]
fn a_draft_stays_in_its_tab_and_the_leader_gives_the_answers() {
    let mut tabs = Tabs::asked();
    tabs.fill(0, &[("name", "leader")]);
    tabs.fill(1, &[("name", "follower")]);
    assert_eq!((tabs.draft(0), tabs.draft(1)), (vec!["name=leader".to_owned()], vec!["name=follower".to_owned()]));
    tabs.reload(1);
    assert_eq!(tabs.draft(1), ["name=follower"]);

    tabs.command(1, Command::Answer { answers: worded(&[("name", "follower")]) });
    assert_eq!(tabs.flying(), ["0: open name=follower"]);
    tabs.answer("open name=follower", "");
    assert!((0..2).all(|tab| matches!(tabs.tabs[tab].view().stage, Stage::Queued { .. })));
    assert!((0..2).all(|tab| tabs.tabs[tab].view().form.is_none()));
}

#[test]
fn answers_wait_until_the_leader_has_heard_them() {
    let mut tabs = Tabs::asked();
    tabs.is_silent = true;
    tabs.command(1, Command::Answer { answers: worded(&[("name", "Ada")]) });
    assert_eq!((tabs.state(1), tabs.state(0)), (Some(InquiryState::Given), Some(InquiryState::Open)));
    tabs.reload(1);
    tabs.is_silent = true;
    assert_eq!((tabs.state(1), tabs.draft(1)), (Some(InquiryState::Given), vec!["name=Ada".to_owned()]));

    // The leader is gone without a word.
    tabs.close(0);
    assert_eq!(tabs.flying(), ["1: open name=Ada"]);
}

#[test]
fn who_takes_over_goes_on_with_their_own_draft() {
    let mut tabs = Tabs::asked();
    tabs.fill(0, &[("name", "leader")]);
    tabs.fill(1, &[("name", "follower")]);
    tabs.close(0);

    assert!(tabs.tabs[1].is_leading());
    assert_eq!((tabs.draft(1), tabs.state(1)), (vec!["name=follower".to_owned()], Some(InquiryState::Open)));
}

#[test]
fn a_draft_goes_with_its_form() {
    let mut tabs = Tabs::asked();
    tabs.fill(1, &[("name", "follower")]);
    tabs.command(0, Command::Answer { answers: worded(&[("name", "leader")]) });
    tabs.answer("open name=leader", "ask before name! town!");

    assert_eq!((tabs.draft(0), tabs.draft(1)), (vec!["name=leader".to_owned()], vec!["name=leader".to_owned()]));
}

#[test]
fn a_form_is_skipped_in_all_tabs() {
    let mut tabs = Tabs::asked();
    tabs.command(0, Command::Answer { answers: worded(&[("name", "leader")]) });
    tabs.answer("open name=leader", "");
    tabs.command(1, Command::End);
    tabs.answer("close", "ask after stars!");
    assert_eq!((tabs.state(0), tabs.state(1)), (Some(InquiryState::Open), Some(InquiryState::Open)));

    tabs.is_silent = true;
    tabs.command(1, Command::Skip);
    assert_eq!((tabs.state(0), tabs.state(1)), (Some(InquiryState::Open), None));
    tabs.is_silent = false;
    tabs.pass(61);
    assert_eq!((tabs.state(0), tabs.state(1)), (None, None));
}

#[test]
fn whoever_knows_less_is_told_once_a_second_and_not_by_every_tab_for_ever() {
    let mut tabs = Tabs::asked();
    let name = tabs.tabs[1].conversation().to_owned();
    let known_less = |from: u64| {
        let hello = format!(r#"{{"hello":{{"conversation":"{name}","serial":0}}}}"#);
        TabInput::Heard(format!(r#"{{"from":{from},"word":{hello}}}"#))
    };
    let mut said = |now: Timestamp, input: TabInput| {
        let effects = tabs.tabs[1].handle(now, input);
        effects.iter().filter(|effect| matches!(effect, TabEffect::Say(text) if text.contains("hello"))).count()
    };
    let now = Timestamp::from_millis(1_767_225_700_000);

    let answers: usize = (100..150).map(|from| said(now, known_less(from))).sum();
    assert_eq!(answers, 1);
    let later = now + Duration::from_secs(1);
    assert_eq!(said(later, TabInput::Session(Input::Woke)), 1, "who came meanwhile is told too");
}

/// Two tabs, of which the first one leads, with the lock and the count that they share.
struct Tabs {
    tabs: Vec<Tab>,
    stores: Vec<BTreeMap<String, String>>,
    now: Timestamp,
    flying: Vec<(usize, RequestId, String)>,
    todo: VecDeque<(usize, TabInput)>,
    claims: VecDeque<(usize, String)>,
    counts: BTreeMap<String, Serial>,
    /// What tabs say is lost.
    is_silent: bool,
}

impl Tabs {
    /// A form stands before the conversation.
    fn asked() -> Self {
        let now = Timestamp::from_millis(1_767_225_600_000);
        let mut tabs = Self {
            tabs: vec![tab(1, now, &BTreeMap::new(), Elsewhere::Nobody)],
            stores: vec![BTreeMap::new(); 2],
            now,
            flying: Vec::new(),
            todo: VecDeque::new(),
            claims: VecDeque::new(),
            counts: BTreeMap::new(),
            is_silent: false,
        };
        tabs.command(0, Command::Start { visitor: Box::new(Visitor::default()) });
        tabs.answer("open", "ask before name!");
        tabs.tabs.push(tab(2, now, &BTreeMap::new(), Elsewhere::Somebody));
        tabs.input(1, TabInput::Session(Input::Woke));
        assert_eq!((tabs.tabs[0].is_leading(), tabs.tabs[1].is_leading()), (true, false));
        assert!(tabs.tabs.iter().all(|tab| tab.view().stage == Stage::Form && tab.view().form.is_some()));
        tabs
    }

    fn command(&mut self, tab: usize, command: Command) {
        self.input(tab, TabInput::Session(Input::Command(command)));
    }

    fn fill(&mut self, tab: usize, answers: &[(&str, &str)]) {
        self.command(tab, Command::Fill { answers: worded(answers) });
    }

    fn input(&mut self, tab: usize, input: TabInput) {
        self.todo.push_back((tab, input));
        while let Some((tab, input)) = self.todo.pop_front() {
            for effect in self.tabs[tab].handle(self.now, input.clone()) {
                self.perform(tab, effect);
            }
        }
    }

    fn perform(&mut self, tab: usize, effect: TabEffect) {
        match effect {
            TabEffect::Session(Effect::Fetch { id, request }) => self.flying.push((tab, id, request.url)),
            TabEffect::Session(Effect::Abort { id }) => {
                self.flying.retain(|(by, flying, _)| (*by, *flying) != (tab, id))
            }
            TabEffect::Session(Effect::Store(snapshot)) => {
                for record in snapshot.records {
                    match record.value {
                        Some(value) => self.stores[tab].insert(record.key, value),
                        None => self.stores[tab].remove(&record.key),
                    };
                }
            }
            TabEffect::Session(Effect::Forget) => self.stores[tab].clear(),
            TabEffect::Session(Effect::Download { .. } | Effect::Save { .. } | Effect::Announce(_)) => {}
            TabEffect::Say(text) => {
                let others = (0..self.tabs.len()).filter(|other| *other != tab && !self.is_silent);
                self.todo.extend(others.map(|other| (other, TabInput::Heard(text.clone()))));
            }
            TabEffect::Claim(conversation) => {
                self.claims.retain(|(by, _)| *by != tab);
                self.claims.push_back((tab, conversation));
                self.grant();
            }
            TabEffect::Release => {
                self.claims.retain(|(by, _)| *by != tab);
                self.grant();
            }
            TabEffect::Count { conversation, serial } => drop(self.counts.insert(conversation, serial)),
        }
    }

    /// Whoever is first has the lock.
    fn grant(&mut self) {
        if let Some((tab, conversation)) = self.claims.front().cloned() {
            let serial = self.counts.get(&conversation).copied();
            self.todo.push_back((tab, TabInput::Granted { conversation, serial }));
        }
    }

    /// A page goes, and its tab with it.
    fn close(&mut self, tab: usize) {
        self.flying.retain(|(by, ..)| *by != tab);
        self.claims.retain(|(by, _)| *by != tab);
        let was_silent = std::mem::replace(&mut self.is_silent, true);
        self.grant();
        if let Some((tab, input)) = self.todo.pop_front() {
            self.input(tab, input);
        }
        self.is_silent = was_silent;
    }

    /// A page is loaded anew.
    fn reload(&mut self, tab: usize) {
        self.input(tab, TabInput::Session(Input::Environment(Environment::Leaving)));
        let id = 10 + tab as u64;
        self.tabs[tab] = self::tab(id, self.now, &self.stores[tab], Elsewhere::Nobody);
        self.input(tab, TabInput::Session(Input::Woke));
    }

    fn answer(&mut self, url: &str, body: &str) {
        let place = self.flying.iter().position(|(_, _, flying)| flying == url);
        let place = place.unwrap_or_else(|| panic!("no {url} in {:?}", self.flying));
        let (tab, id, _) = self.flying.remove(place);
        let outcome = Ok(Response { status: 200, body: body.to_owned(), ..Response::default() });
        self.input(tab, TabInput::Session(Input::Replied { id, outcome }));
    }

    fn pass(&mut self, seconds: u64) {
        let end = self.now + Duration::from_secs(seconds);
        for _ in 0..100 {
            let next = (0..2).filter_map(|tab| Some((self.tabs[tab].next_wake()?, tab))).min();
            let Some((at, tab)) = next.filter(|(at, _)| *at <= end) else { break };
            self.now = at.max(self.now);
            self.input(tab, TabInput::Session(Input::Woke));
        }
        self.now = end;
    }

    fn flying(&self) -> Vec<String> {
        self.flying.iter().map(|(tab, _, url)| format!("{tab}: {url}")).collect()
    }

    fn draft(&self, tab: usize) -> Vec<String> {
        self.tabs[tab].view().form.iter().flat_map(|inquiry| inquiry.answers.iter()).map(word).collect()
    }

    fn state(&self, tab: usize) -> Option<InquiryState> {
        self.tabs[tab].view().form.map(|inquiry| inquiry.state)
    }
}

fn tab(id: u64, now: Timestamp, store: &BTreeMap<String, String>, elsewhere: Elsewhere) -> Tab {
    let (tab, error) =
        Tab::load(Box::new(|| Box::new(Clerk::default())), TabId(id), now, &|key| store.get(key).cloned(), elsewhere);
    assert_eq!(error, None);
    tab
}
