//! Looks at a world after a step: is everything that must be true?

use std::collections::{BTreeMap, BTreeSet};

use holdfast_chat::model::{Body, EndReason, EntryId, MessageId, Reach, TabId, WedgeReason};
use holdfast_chat::session::{Connection, Keeping, Panel, Pending, PendingState, Stage, View};
use holdfast_chat::tab::{Elsewhere, Tab};

use super::super::backend::{self, Chat};
use super::super::page::{Life, Mood, Page};
use super::super::world::World;
use super::{Truth, said};

type Verdict = Result<(), String>;

impl World {
    pub(super) fn looked(&mut self, tab: u64, is_for_session: bool) -> Verdict {
        let Some(page) = self.pages.get(&tab) else { return Ok(()) };
        let Some(machine) = &page.tab else { return Ok(()) };
        let view = machine.view();
        let conversation = machine.conversation().to_owned();
        let load = page.loads;
        if view.stage == (Stage::Ended { reason: EndReason::Elsewhere }) {
            self.tally.outrun.insert(conversation.clone());
            self.truth.gaps.insert(conversation.clone());
            self.truth.doubt();
        }
        if is_for_session {
            // A word from another tab tells the session nothing of the clock.
            self.is_alive(page, machine, &view)?;
        }
        self.is_alone(page)?;
        self.is_stored(page, machine, &view)?;
        let is_leading = machine.is_leading();
        self.lines_are_true(&view, &conversation)?;
        if is_leading {
            self.remember(&view, conversation);
        }
        self.unread_stays(tab, load, &view)?;
        self.record_is_used(tab, &view, is_leading)?;
        self.words_are_true()?;
        self.is_followed()?;
        self.server_is_content()
    }

    /// A live conversation has a request in flight or an instant to come; one that is over asks nothing.
    fn is_alive(&self, page: &Page, machine: &Tab, view: &View) -> Verdict {
        let is_over = matches!(view.stage, Stage::Idle);
        if is_over && !page.flying.is_empty() {
            return Err("a request without a conversation".to_owned());
        }
        if !machine.is_leading() {
            let Some(wake) = machine.next_wake() else { return Err("a tab that follows sleeps for ever".to_owned()) };
            let wait = wake.since(self.wall()).as_secs();
            return if wait > 70 { Err(format!("a tab that follows sleeps for {wait} s")) } else { Ok(()) };
        }
        // A form waits for the visitor alone.
        let is_live = !matches!(view.stage, Stage::Idle | Stage::Form | Stage::Ended { .. });
        if is_live {
            let Some(wake) = machine.next_wake() else { return Err("stuck: nothing is to come".to_owned()) };
            let wait = wake.since(self.wall()).as_secs();
            if wait > 70 {
                return Err(format!("stuck for {wait} s: {:?} {:?}", view.stage, view.connection));
            }
        }
        Ok(())
    }

    /// One request for news and one post at most, over all tabs.
    fn is_alone(&self, page: &Page) -> Verdict {
        if !page.tab.as_ref().is_some_and(Tab::is_leading) && !page.flying.is_empty() {
            return Err("a tab that follows asks".to_owned());
        }
        let mut flying: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for page in self.pages.values() {
            let Some(machine) = &page.tab else { continue };
            let counts = flying.entry(machine.conversation()).or_default();
            for exchange in page.flying.values() {
                if self.is_post(*exchange) {
                    counts.1 += 1;
                } else {
                    counts.0 += 1;
                }
            }
        }
        match flying.values().find(|(news, posts)| *news > 1 || *posts > 1) {
            Some((news, posts)) => Err(format!("{news} requests for news and {posts} posts at a time")),
            None => Ok(()),
        }
    }

    /// What is stored makes the same view.
    fn is_stored(&self, page: &Page, machine: &Tab, view: &View) -> Verdict {
        let bytes: usize = page.storage.records.values().map(String::len).sum();
        if bytes > 1_100_000 {
            return Err(format!("{bytes} bytes are stored"));
        }
        let is_sound = page.storage.mood == Mood::Fine && !page.storage.is_tainted;
        let is_worth = !matches!(view.stage, Stage::Idle | Stage::Ended { .. });
        let is_blank = page.storage.records.is_empty() && !machine.is_leading();
        if !is_sound || !is_worth || is_blank || view.keeping != Keeping::Stored || page.life != Life::Awake {
            return Ok(());
        }
        let dialect = self.dialect;
        let (again, error) = Tab::load(
            Box::new(move || dialect.protocol()),
            TabId(1),
            self.wall(),
            &|key| page.storage.read(key),
            Elsewhere::Nobody,
        );
        if let Some(error) = error {
            return Err(format!("what is stored cannot be read: {error}"));
        }
        let (found, shown) = (summary(&again.view()), summary(view));
        if found != shown {
            return Err(format!("a reload would show\n  {found}\ninstead of\n  {shown}"));
        }
        Ok(())
    }

    /// What was not read stays unread until the panel is opened, or another conversation is begun.
    fn unread_stays(&mut self, tab: u64, load: u64, view: &View) -> Verdict {
        let last = self.truth.unread.remove(&(tab, load)).unwrap_or_default();
        let is_tainted = self.pages.get(&tab).is_none_or(|page| page.storage.is_tainted);
        if is_tainted || view.panel == Panel::Open || matches!(view.stage, Stage::Idle | Stage::Opening { .. }) {
            return Ok(());
        }
        self.truth.unread.insert((tab, load), view.unread);
        if view.unread < last {
            Err(format!("{} of {last} are unread, and nobody looked", view.unread))
        } else {
            Ok(())
        }
    }

    /// Where a record tells what arrived, nobody is asked about it.
    fn record_is_used(&mut self, tab: u64, view: &View, is_leading: bool) -> Verdict {
        let is_unconfirmed = |pending: &&Pending| pending.state == PendingState::NotSent(WedgeReason::Unconfirmed);
        for pending in view.outbox.iter().filter(is_unconfirmed) {
            if let Some(word) = self.truth.words.get_mut(&*pending.text) {
                word.is_doubted = true;
            }
        }
        // One that follows may hear of an end and the next beginning at once.
        if !is_leading || !matches!(view.stage, Stage::Talking { .. }) {
            self.truth.unconfirmed.remove(&tab);
            return Ok(());
        }
        let now: BTreeSet<EntryId> = view.outbox.iter().filter(is_unconfirmed).map(|pending| pending.id).collect();
        let before = self.truth.unconfirmed.insert(tab, now.clone());
        match before.filter(|before| self.truth.is_all_recorded && !now.is_subset(before)) {
            Some(_) => Err("the record of the chat was there to ask, and the visitor is asked instead".to_owned()),
            None => Ok(()),
        }
    }

    /// Every line of the visitor's arrived; the agent's lines have no hole and no repeat; order is kept.
    fn lines_are_true(&self, view: &View, conversation: &str) -> Verdict {
        let mut visitor: Vec<&str> = Vec::new();
        let mut agent: Vec<&str> = Vec::new();
        let mut read: Vec<&str> = Vec::new();
        for message in view.transcript.iter() {
            match &message.body {
                Body::Visitor { text, reach } => {
                    visitor.push(text);
                    read.extend((*reach == Reach::Read).then_some(&**text));
                }
                Body::Agent(speech) => agent.push(&speech.text),
                Body::Withdrawn { .. } => agent.push(said::WITHDRAWN),
                Body::File { .. } | Body::Event(_) => {}
            }
        }
        let has_gaps = self.truth.gaps.contains(conversation);
        let mut lines = agent.iter().filter(|shown| **shown != said::WITHDRAWN);
        if let Some(first) = lines.clone().next() {
            let Some(chat) = self.chat_with(|chat| chat.said.iter().any(|said| said::shows(first, said))) else {
                return Err(format!("nobody said {first}"));
            };
            if !has_gaps && !said::is_beginning(&agent, &chat.said) {
                return Err(format!("the agent said {:?}, and shown is {agent:?}", chat.said));
            }
            // Where a storage lost lines, the record of a handover may bring some of them twice; but nothing is made up.
            if let Some(foreign) = lines.find(|shown| !chat.said.iter().any(|said| said::shows(shown, said))) {
                return Err(format!("nobody said {foreign} in this chat"));
            }
        }
        let distinct: Vec<&str> = visitor.iter().copied().filter(|text| is_distinct(text)).collect();
        let missing =
            |chat: &Chat| distinct.iter().find(|text| !chat.heard.iter().any(|heard| heard == *text)).copied();
        if !distinct.is_empty() && self.chat_with(|chat| missing(chat).is_none()).is_none() {
            return Err(format!("{distinct:?} is shown as sent, and no chat has it all"));
        }
        let is_read = |text: &&str| self.chat_with(|chat| chat.heard.iter().take(chat.read).any(|heard| heard == text));
        if let Some(text) = read.iter().find(|text| is_distinct(text) && is_read(text).is_none()) {
            return Err(format!("nobody read {text}"));
        }
        // A repeat that the visitor allowed may stand before what came between.
        let is_retried = distinct.iter().any(|text| self.truth.words.get(*text).is_some_and(|word| word.risky > 0));
        let is_doubted = |text: &&&str| self.truth.words.get(**text).is_some_and(|word| word.is_doubted);
        let in_order = |chat: &Chat| {
            let certain = distinct.iter().filter(|text| !is_doubted(text));
            certain.map(|text| chat.heard.iter().position(|heard| heard == text)).is_sorted()
        };
        if !distinct.is_empty()
            && !is_retried
            && self.chat_with(|chat| missing(chat).is_none() && in_order(chat)).is_none()
        {
            return Err(format!("the agent heard something else than what is shown: {visitor:?}"));
        }
        Ok(())
    }

    fn chat_with(&self, holds: impl Fn(&Chat) -> bool) -> Option<&Chat> {
        self.chats().find(|chat| holds(chat))
    }

    /// What the leading tab shows stays known, also when a next conversation takes its place.
    fn remember(&mut self, view: &View, conversation: String) {
        self.tally.conversations.insert(conversation.clone());
        let archived = self.truth.archive.entry(conversation).or_default();
        archived.extend(visitor_lines(view));
    }

    /// Nothing that was sent is lost, and nothing arrives or is shown more often than it was sent.
    fn words_are_true(&self) -> Verdict {
        let truth = &self.truth;
        let mut heard: BTreeMap<&str, u64> = BTreeMap::new();
        for chat in self.chats() {
            // What is written in several tabs at once has no order.
            let mut last: BTreeMap<u64, u64> = BTreeMap::new();
            for text in &chat.heard {
                *heard.entry(text).or_default() += 1;
                let Some(word) = truth.words.get(text) else { return Err(format!("nobody wrote {text}")) };
                let is_placed = is_distinct(text) && !word.is_retried;
                if is_placed && last.insert(word.tab, word.place).is_some_and(|last| last > word.place) {
                    return Err(format!("the order is lost: {:?}", chat.heard));
                }
            }
        }
        for (text, word) in &truth.words {
            let arrived = heard.get(text.as_str()).copied().unwrap_or(0);
            let most = word.certain + word.maybe + word.risky + word.repeats;
            if arrived > most {
                return Err(format!("{text} arrived {arrived} times, and was sent {most} times"));
            }
        }
        let views: Vec<(String, View)> = self
            .pages
            .values()
            .filter_map(|page| page.tab.as_ref())
            .map(|tab| (tab.conversation().to_owned(), tab.view()))
            .collect();
        // A copy that was outrun shows what has been sent elsewhere, and says so.
        let is_outrun = |view: &View| view.stage == Stage::Ended { reason: EndReason::Elsewhere };
        let shown: Vec<_> = views.iter().filter(|(_, view)| !is_outrun(view)).map(|(_, view)| shown(view)).collect();
        let known = truth.known(&views);
        let is_settled = self.is_quiet() && self.is_led();
        let most = |counts: &[BTreeMap<String, u64>], text: &str| {
            counts.iter().map(|counts| counts.get(text).copied().unwrap_or(0)).max().unwrap_or(0)
        };
        for (text, word) in &truth.words {
            let times = most(&shown, text);
            if times > word.certain + word.maybe + word.risky {
                return Err(format!("{text} is shown {times} times, and was sent {} times", word.certain + word.maybe));
            }
            let times = known.get(text).copied().unwrap_or(0);
            if is_settled && times < word.certain {
                return Err(format!("{text} is lost: it was sent {} times, and is shown {times} times", word.certain));
            }
        }
        Ok(())
    }

    /// Where nothing is on its way, those who follow show what their leader shows, and need not ask for it.
    fn is_followed(&mut self) -> Verdict {
        let now = self.now;
        let (mut led, mut followers) = (BTreeMap::new(), Vec::new());
        for (tab, page) in &self.pages {
            let Some(machine) = &page.tab else { continue };
            let role = (*tab, page.loads, machine.is_leading());
            let since = *self.truth.roles.entry(role).or_insert(now);
            if machine.is_leading() {
                let shown = lines(&machine.view());
                let last = self.truth.led.remove(tab).filter(|last| last.1 == shown).unwrap_or((now, shown));
                led.insert(machine.conversation(), (since.max(last.0), tab));
                self.truth.led.insert(*tab, last);
            } else if page.life == Life::Awake {
                followers.push((tab, since, machine));
            } else {
                self.truth.roles.remove(&role);
            }
        }
        let pages = &self.pages;
        let is_current = |(tab, load, is_leading): &(u64, u64, bool)| {
            let machine = pages.get(tab).filter(|page| page.loads == *load).and_then(|page| page.tab.as_ref());
            machine.is_some_and(|machine| machine.is_leading() == *is_leading)
        };
        self.truth.roles.retain(|role, _| is_current(role));
        if !self.is_quiet() || !self.is_led() {
            return Ok(());
        }
        for (tab, since, machine) in followers {
            let Some((changed, leader)) = led.get(machine.conversation()) else { continue };
            if since + SETTLING > now || changed + TELLING > now {
                continue;
            }
            let (ours, theirs) = (lines(&machine.view()), self.truth.led.get(leader).map_or("", |led| &led.1));
            if ours != theirs {
                return Err(format!("tab {tab} shows\n  {ours}\nand its leader, tab {leader},\n  {theirs}"));
            }
        }
        Ok(())
    }

    /// Whether somebody leads each conversation that a tab shows.
    fn is_led(&self) -> bool {
        let led: BTreeSet<&str> = self
            .pages
            .values()
            .filter_map(|page| page.tab.as_ref())
            .filter(|tab| tab.is_leading())
            .map(Tab::conversation)
            .collect();
        self.pages
            .values()
            .filter_map(|page| page.tab.as_ref())
            .filter(|tab| !matches!(tab.view().stage, Stage::Idle))
            .all(|tab| led.contains(tab.conversation()))
    }

    fn server_is_content(&self) -> Verdict {
        match self.chats().find_map(|chat| chat.violations.first()) {
            Some(violation) => Err(violation.clone()),
            None => Ok(()),
        }
    }

    /// What must be true when nothing has gone wrong for a while.
    pub fn settle(&mut self) {
        if self.truth.broken.is_none()
            && let Err(what) = self.settled()
        {
            self.truth.fail(format!("at the end: {what}"));
        }
    }

    fn settled(&self) -> Verdict {
        if !self.is_quiet() {
            return Err("there is no quiet".to_owned());
        }
        if !self.is_led() {
            return Err("a conversation is led by nobody".to_owned());
        }
        self.words_are_true()?;
        for (tab, page) in &self.pages {
            let Some(machine) = &page.tab else { return Err(format!("tab {tab} is not there")) };
            let view = machine.view();
            let stuck = |what: &str| Err(format!("tab {tab} {what}: {:?} {:?}", view.stage, view.connection));
            let is_sending = view.outbox.iter().any(|pending| pending.state == PendingState::Sending);
            match &view.stage {
                Stage::Idle | Stage::Ended { .. } if is_sending => return stuck("still sends"),
                Stage::Idle | Stage::Ended { .. } => continue,
                Stage::Form | Stage::Opening { .. } | Stage::Queued { .. } | Stage::Closing => {
                    return stuck("does not go on");
                }
                Stage::Talking { .. } if is_sending => return stuck("still sends"),
                Stage::Talking { .. } if view.connection != Connection::Steady => return stuck("is not steady"),
                Stage::Talking { .. } => {}
            }
            let agent: Vec<&str> = view
                .transcript
                .iter()
                .filter_map(|message| match &message.body {
                    Body::Agent(speech) => Some(&*speech.text),
                    Body::Visitor { .. } | Body::Withdrawn { .. } | Body::File { .. } | Body::Event(_) => None,
                })
                .collect();
            let mut talking = self.chats().filter(|chat| chat.stage == backend::Stage::Talking);
            let live = match agent.first() {
                Some(first) => talking.find(|chat| chat.said.iter().any(|said| said::shows(first, said))),
                None => talking.next().filter(|_| talking.next().is_none()),
            };
            let has_gaps = self.truth.gaps.contains(machine.conversation()) || self.truth.handovers_can_lose;
            if let Some(chat) = live.filter(|chat| !has_gaps && !said::is_whole(&agent, &chat.said)) {
                return Err(format!("the agent said {:?}, and tab {tab} shows {agent:?}", chat.said));
            }
            if !machine.is_leading() {
                let leader = self
                    .pages
                    .values()
                    .filter_map(|page| page.tab.as_ref())
                    .find(|other| other.is_leading() && other.conversation() == machine.conversation());
                let (ours, theirs) = (lines(&view), leader.map(|leader| lines(&leader.view())));
                if Some(&ours) != theirs.as_ref() {
                    return Err(format!("tab {tab} shows {ours}, and its leader {theirs:?}"));
                }
            }
        }
        Ok(())
    }
}

impl Truth {
    /// How often each text is known to stand somewhere: in the outbox of a tab of each conversation, or in anything that a
    /// leading tab ever showed.
    fn known(&self, views: &[(String, View)]) -> BTreeMap<String, u64> {
        // A copy of an earlier state that comes back when all is over numbers anew what it hears.
        let mut lines: BTreeSet<(&str, MessageId, String)> = BTreeSet::new();
        for (name, archived) in &self.archive {
            lines.extend(archived.iter().map(|(id, text)| (name.as_str(), *id, text.clone())));
        }
        let mut waiting: BTreeMap<&str, BTreeMap<String, u64>> = BTreeMap::new();
        for (name, view) in views {
            lines.extend(visitor_lines(view).into_iter().map(|(id, text)| (name.as_str(), id, text)));
            let of_conversation = waiting.entry(name).or_default();
            for (text, count) in counts(view.outbox.iter().map(|pending| &*pending.text)) {
                let most = of_conversation.entry(text).or_default();
                *most = count.max(*most);
            }
        }
        let mut known = counts(lines.iter().map(|(_, _, text)| text.as_str()));
        for (text, count) in waiting.into_values().flatten() {
            *known.entry(text).or_default() += count;
        }
        known
    }
}

/// How often each text is shown here.
fn shown(view: &View) -> BTreeMap<String, u64> {
    let own = visitor_lines(view);
    counts(own.values().map(String::as_str).chain(view.outbox.iter().map(|pending| &*pending.text)))
}

fn counts<'a>(texts: impl Iterator<Item = &'a str>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for text in texts {
        *counts.entry(text.to_owned()).or_default() += 1;
    }
    counts
}

/// The visitor's lines, by their ids.
fn visitor_lines(view: &View) -> BTreeMap<MessageId, String> {
    let line = |message: &holdfast_chat::model::Message| match &message.body {
        Body::Visitor { text, .. } => Some((message.id, text.to_string())),
        Body::Agent(_) | Body::Withdrawn { .. } | Body::File { .. } | Body::Event(_) => None,
    };
    view.transcript.iter().filter_map(line).collect()
}

/// Whether a text is said once only.
pub(super) fn is_distinct(text: &str) -> bool {
    text.starts_with('m')
}

/// What a reload must find.
fn summary(view: &View) -> String {
    let stage = match &view.stage {
        Stage::Opening { .. } => "opening".to_owned(),
        stage => format!("{stage:?}"),
    };
    let outbox: Vec<String> =
        view.outbox.iter().map(|pending| format!("{} {:?}", pending.text, pending.state)).collect();
    format!("{stage} {} {outbox:?} {:?} {} {:?}", lines(view), view.panel, view.unread, view.draft)
}

/// What was said and what happened.
fn lines(view: &View) -> String {
    let line = |message: &holdfast_chat::model::Message| match &message.body {
        Body::Visitor { text, .. } => format!("v:{text}"),
        Body::Agent(speech) => format!("a:{}", speech.text),
        Body::Withdrawn { name } => format!("{name:?} withdrew"),
        Body::File { author, file } => format!("{author:?}:{}", file.name),
        Body::Event(happening) => format!("{happening:?}"),
    };
    view.transcript.iter().map(line).collect::<Vec<_>>().join(" ")
}

/// How long it takes two tabs to find each other, in milliseconds.
const SETTLING: u64 = 7_000;
/// How long news takes to those who follow, in milliseconds.
const TELLING: u64 = 1_500;
