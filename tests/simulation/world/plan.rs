//! What happens by plan: the visitor, the agent's server, the device, the tabs and their storage.

use holdfast_chat::model::{Answer, Label, Question, Visitor};
use holdfast_chat::session::{Command, Environment, Input, InquiryState, PendingState, Person, Stage, View};
use holdfast_chat::tab::TabInput;

use super::super::page::{Life as PageLife, Mood, Storage};
use super::super::schedule::{Act, Deed, Fate, Life, Trouble, Whim};
use super::super::truth::Truth;
use super::{Event, World};

impl World {
    pub(super) fn act(&mut self, act: Act) {
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

    pub(super) fn visitor(&mut self, tab: u64, deed: Deed) {
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
                let wish = offered(&view);
                if !wish.is_empty() && (!view.can_return || self.chance.chance(500)) {
                    wish
                } else if matches!(view.stage, Stage::Idle | Stage::Ended { .. }) {
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

    pub(super) fn words(&mut self) -> Command {
        self.said += 1;
        Command::Send { text: format!("m{}", self.said) }
    }

    pub(super) fn whim(&mut self, whim: Whim) {
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
            Whim::MoveAtPost => self.backend.move_at_post(),
            Whim::FailInMove => self.backend.fail_in_move(),
            Whim::Restart => {
                self.backend.break_connections();
                self.break_line();
            }
            Whim::Forget => self.backend.forget_all(),
        }
    }

    pub(super) fn device(&mut self, fate: Fate) {
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
                self.truth.jump();
                self.clock += i64::try_from(span).unwrap_or(0);
            }
            Fate::Back(span) => {
                self.tally.jumps += 1;
                self.truth.jump();
                self.clock -= i64::try_from(span).unwrap_or(0);
            }
        }
    }

    pub(super) fn live(&mut self, tab: u64, life: Life) {
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

    pub(super) fn close(&mut self, tab: u64) {
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

    pub(super) fn trouble(&mut self, tab: u64, trouble: Trouble) {
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

/// What can be done beside words: fill in a form, ask for a person, give a ready answer, go back.
fn offered(view: &View) -> Vec<Command> {
    if let Some(inquiry) = view.form.as_ref().filter(|inquiry| inquiry.state != InquiryState::Given) {
        let answer = |question: &Question| {
            let value = question.choices().first().map_or("Ines", |choice| &choice.value);
            Answer { question: question.id.clone(), values: vec![value.to_owned()] }
        };
        let answers = inquiry.form.questions.iter().filter(|question| question.is_required).map(answer).collect();
        return vec![Command::Answer { answers }];
    }
    match (view.replies.first(), view.person) {
        (Some(reply), _) => {
            let Label::Text(text) = &reply.label else { return Vec::new() };
            vec![Command::Reply { reply: reply.clone(), text: text.to_string() }]
        }
        (None, Person::Offered) => vec![Command::Person],
        (None, _) if view.can_return => vec![Command::Return],
        (None, _) => Vec::new(),
    }
}

/// The conversation of which something is stored.
fn conversation_of(storage: &Storage) -> String {
    let head = storage.read("head").and_then(|head| serde_json::from_str::<serde_json::Value>(&head).ok());
    head.unwrap_or_default()["conversation"].as_str().unwrap_or_default().to_owned()
}
