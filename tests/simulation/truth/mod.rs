//! What must be true, told without the machine's help: what the visitor and the agent said, what arrived, what is shown.
//!
//! Looks on after every step. The first thing that is not true ends the run.

mod look;
pub mod said;
mod tally;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use holdfast_chat::model::{EntryId, MessageId, WedgeReason};
use holdfast_chat::protocol::{Request, Response, TransportError};
use holdfast_chat::session::{Command, Input, Keeping, Notice, Stage};
use holdfast_chat::tab::TabInput;

use super::backend::Dialect;
use super::page::{Mood, Page};
use super::schedule::Habits;
use super::world::World;

pub use tally::Tally;

/// What is known to be true.
pub struct Truth {
    /// What is not.
    pub broken: Option<String>,
    words: BTreeMap<String, Word>,
    accepted: u64,
    /// What the visitor said in each conversation, as the leading tab showed it last.
    archive: BTreeMap<String, BTreeSet<(MessageId, String)>>,
    /// Conversations of which a storage lost a part: what is shown of them may have gaps.
    gaps: BTreeSet<String>,
    /// Since when each load of a tab leads, or follows.
    roles: BTreeMap<(u64, u64, bool), u64>,
    /// What each tab that leads shows, and since when.
    led: BTreeMap<u64, (u64, String)>,
    /// How many messages count as unread on each page, while its panel is shut.
    unread: BTreeMap<(u64, u64), u32>,
    /// When each tab asked something lately.
    asked: BTreeMap<u64, VecDeque<u64>>,
    /// When each tab's last try to ask something failed, where nothing happened since that gives hope.
    failed: BTreeMap<(u64, String), u64>,
    handovers_can_lose: bool,
    /// The visitor's words that some answer showed, by chat and place.
    read: BTreeSet<(String, u64, String)>,
    /// Whether every handover brings the record of the chat, and no post was refused so far.
    is_all_recorded: bool,
    /// What each tab that talks shows as unconfirmed.
    unconfirmed: BTreeMap<u64, BTreeSet<EntryId>>,
}

/// One text that the visitor sent.
#[derive(Clone, Copy, Debug, Default)]
struct Word {
    /// How often it must be somewhere.
    certain: u64,
    /// How often more it may be.
    maybe: u64,
    /// How often the visitor let it be sent again although it may have arrived.
    risky: u64,
    /// Its place among all.
    place: u64,
    /// In which tab.
    tab: u64,
    /// The visitor sent it again, so that it comes later than its place.
    is_retried: bool,
    /// The visitor was told that nobody knows whether it arrived; what shows it later shows it behind what came since.
    is_doubted: bool,
    /// How often a request handed it over.
    asked: u64,
    /// How often it was handed over again because nothing showed that it had arrived.
    repeats: u64,
}

/// What a step may change about the words.
pub struct Before {
    sent: Option<String>,
    tab: u64,
}

impl Truth {
    pub fn new(habits: Habits) -> Self {
        Self {
            broken: None,
            words: BTreeMap::new(),
            accepted: 0,
            archive: BTreeMap::new(),
            gaps: BTreeSet::new(),
            unread: BTreeMap::new(),
            roles: BTreeMap::new(),
            led: BTreeMap::new(),
            asked: BTreeMap::new(),
            failed: BTreeMap::new(),
            // Without a record and with new numbers nothing tells what arrived.
            is_all_recorded: habits.tells_record && habits.dialect.recognises_repeats(),
            read: BTreeSet::new(),
            unconfirmed: BTreeMap::new(),
            handovers_can_lose: habits.dialect == Dialect::LiveAgent
                && !habits.tells_record
                && habits.resets != Some(false),
        }
    }

    /// Something is not true.
    pub fn fail(&mut self, what: String) {
        self.broken.get_or_insert(what);
    }

    /// What a step is about to say.
    pub fn before(&self, tab: u64, page: &Page, input: &TabInput) -> Before {
        let is_begun = page.tab.as_ref().is_some_and(|tab| tab.view().stage != Stage::Idle);
        let sent = match input {
            TabInput::Session(Input::Command(Command::Send { text } | Command::Reply { text, .. })) if is_begun => {
                Some(text.clone())
            }
            _ => None,
        };
        Before { sent, tab }
    }

    /// The step was made.
    pub fn after(&mut self, before: Before) {
        if let Some(text) = before.sent {
            let word = self.word(&text);
            word.certain += 1;
            word.tab = before.tab;
        }
    }

    /// The page was lost in the step: what it was about to say may be lost with it.
    pub fn after_loss(&mut self, before: Before) {
        if let Some(text) = before.sent {
            let word = self.word(&text);
            word.maybe += 1;
            word.tab = before.tab;
        }
    }

    fn word(&mut self, text: &str) -> &mut Word {
        self.accepted += 1;
        let place = self.accepted;
        self.words.entry(text.to_owned()).or_insert(Word { place, ..Word::default() })
    }

    /// The visitor wants a message to be tried again.
    pub fn retry(&mut self, text: &str, reason: WedgeReason) {
        let word = self.word(text);
        word.is_retried = true;
        match reason {
            WedgeReason::Unconfirmed => word.risky += 1,
            WedgeReason::Refused | WedgeReason::Empty | WedgeReason::Ended => {}
        }
    }

    /// The visitor drops a message.
    pub fn discard(&mut self, text: &str) {
        let word = self.word(text);
        word.certain = word.certain.saturating_sub(1);
        word.maybe += 1;
    }

    /// The page is told something; a part of it reaches the console.
    pub fn hear(&mut self, notices: &[Notice]) {
        for notice in notices {
            let logged = match notice {
                Notice::Trouble(error) => error.to_string(),
                Notice::Ignored { kind } | Notice::Unheard { kind, .. } => kind.clone(),
                _ => continue,
            };
            if self.is_secret(&logged) {
                self.fail(format!("a secret reaches the console: {logged}"));
            }
        }
    }

    /// Something happens to a tab that may make it try again at once.
    pub fn hope(&mut self, tab: u64, input: &TabInput) {
        let gives_none = matches!(
            input,
            TabInput::Session(
                Input::Replied { .. }
                    | Input::Woke
                    | Input::Command(Command::Draft { .. } | Command::Send { .. } | Command::Reply { .. })
            )
        );
        if !gives_none {
            self.hope_again(tab);
        }
    }

    /// A tab may try again at once.
    pub fn hope_again(&mut self, tab: u64) {
        self.failed.retain(|(hoping, _), _| *hoping != tab);
    }

    /// A pause ends early where the clock is set forward.
    pub fn jump(&mut self) {
        self.failed.clear();
    }

    /// A try to ask something came to its end.
    pub fn answer(
        &mut self,
        now: u64,
        dialect: Dialect,
        tab: u64,
        request: &Request,
        outcome: &Result<Response, TransportError>,
    ) {
        let noun = dialect.noun(request);
        if noun.starts_with("POST")
            && outcome.as_ref().is_ok_and(|answer| matches!(answer.status, 400..=407 | 409..=428 | 500))
        {
            self.is_all_recorded = false;
        }
        if let Ok(answer) = outcome {
            let echoes = dialect.echoes(answer);
            if !echoes.is_empty() {
                // What had no answer arrived all the same.
                self.hope_again(tab);
            }
            self.read.extend(echoes.into_iter().map(|(place, text)| (noun.clone(), place, text)));
        }
        let is_failure = match outcome {
            Err(_) => true,
            Ok(answer) if answer.retry_after.is_some() => false,
            Ok(answer) => {
                let is_moved = answer.status == 503 && !noun.contains("ReconnectSession");
                matches!(answer.status, 408 | 429 | 500..=599) && !is_moved
            }
        };
        if outcome.as_ref().is_ok_and(|answer| answer.status == 503) && !noun.contains("ReconnectSession") {
            // Whoever hears of a move anew goes after it at once, whatever became of the one before.
            self.failed.retain(|(other, failed), _| *other != tab || !failed.contains("ReconnectSession"));
        }
        if is_failure {
            self.failed.insert((tab, noun), now);
        } else {
            self.failed.remove(&(tab, noun));
        }
    }

    /// A tab asks something.
    pub fn ask(&mut self, now: u64, dialect: Dialect, tab: u64, request: &Request) {
        let noun = dialect.noun(request);
        if noun.contains("ReconnectSession") || noun == "POST /login" {
            // What waited for a new server, or for a new token, goes as soon as there is one.
            self.failed.retain(|(other, failed), _| *other != tab || *failed == noun);
        }
        if let Some(at) = self.failed.remove(&(tab, noun.clone()))
            && now < at + SHORTEST_PAUSE
        {
            self.fail(format!("{noun} is asked again {} ms after it failed", now - at));
        }
        if let Some(text) = dialect.message(request) {
            self.hand_over(&text);
        }
        let is_delete = request.method.name() == "DELETE";
        if request.url.contains("secret") && !is_delete {
            self.fail(format!("the key stands in {}", request.url));
        }
        let asked = self.asked.entry(tab).or_default();
        asked.push_back(now);
        while asked.front().is_some_and(|at| at + 10_000 < now) {
            asked.pop_front();
        }
        let count = asked.len();
        // A page that is answered at once asks at once; what is refused must not be.
        if count > 400 {
            self.fail(format!("{count} requests in ten seconds"));
        }
    }

    /// A message is handed over. Nothing is, once more, that an answer has shown to have arrived.
    fn hand_over(&mut self, text: &str) {
        let shown = self.read.iter().filter(|(_, _, read)| read == text).count() as u64;
        let Some(word) = self.words.get_mut(text) else { return self.fail(format!("nobody wrote {text}")) };
        word.asked += 1;
        let sent = word.certain + word.maybe + word.risky;
        if word.asked > sent + word.repeats {
            // What is said more than once may have been read more often than it was sent, by an earlier repeat.
            let expected = if look::is_distinct(text) { sent } else { sent + word.repeats };
            word.repeats += 1;
            word.is_retried = true;
            if shown >= expected {
                self.fail(format!("{text} is handed over again, and was read {shown} times"));
            }
        }
    }

    fn is_secret(&self, text: &str) -> bool {
        text.contains("secret") || self.words.keys().any(|word| word.len() > 3 && text.contains(word.as_str()))
    }

    /// A page is about to be gone.
    pub fn lose(world: &mut World, tab: u64) {
        let Some(page) = world.pages.get(&tab) else { return };
        let Some(machine) = &page.tab else { return };
        let is_kept =
            page.storage.mood == Mood::Fine && !page.storage.is_tainted && machine.view().keeping == Keeping::Stored;
        if !is_kept {
            let conversation = machine.conversation().to_owned();
            world.truth.gaps.insert(conversation);
            world.truth.doubt();
        }
    }

    /// Something took what was stored of a conversation while no page was there.
    pub fn doubt_of(&mut self, conversation: &str) {
        self.gaps.insert(conversation.to_owned());
        self.doubt();
    }

    /// A tab is closed for good: what only it knew is gone by the visitor's will.
    pub fn close(world: &mut World, tab: u64) {
        let Some(page) = world.pages.get(&tab) else { return };
        let _ = page;
        world.truth.doubt();
    }

    /// From here on nobody can say of what has not arrived where it must be.
    fn doubt(&mut self) {
        for (text, word) in &mut self.words {
            let lines = self.archive.values().flatten().map(|(_, text)| text);
            let shown = lines.filter(|line| *line == text).count() as u64;
            let open = word.certain.saturating_sub(shown);
            word.certain -= open;
            word.maybe += open;
        }
    }

    /// Looks at everything after a step of this tab.
    pub fn look(world: &mut World, tab: u64, is_for_session: bool) {
        if let Err(what) = world.looked(tab, is_for_session) {
            let at = world.now;
            world.truth.fail(format!("at {at} ms, tab {tab}: {what}"));
        }
    }
}

/// A backend in trouble is not asked again sooner, in milliseconds.
const SHORTEST_PAUSE: u64 = 300;
