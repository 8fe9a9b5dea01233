//! Performs what a tab wants and reports what happens. Decides nothing.
//!
//! One driver serves one tab's part in a conversation. A step collects all effects first and performs them with nothing
//! borrowed, so that whoever is told of something may at once ask for something else.

mod alarm;
mod channel;
mod claim;
mod clock;
mod environment;
mod exchange;
mod saving;
mod storage;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use web_sys::Blob;

use crate::model::{FileId, RequestId, Timestamp};
use crate::protocol::http::{Content, PAGE_CREDENTIALS, PAGE_CREDENTIALS_AGAIN};
use crate::session::{Effect, Environment, Input, Keeping, Notice, View};
use crate::tab::{Tab, TabEffect, TabInput};

use channel::Channel;
use clock::Clock;
use environment::{Listener, is_hidden};
use saving::save;

pub use alarm::Alarm;
pub use claim::{Claim, elsewhere};
pub use exchange::{Exchange, Wanted};
pub use storage::Storage;

/// Runs one tab. Dropping the last handle stops everything: requests, alarm, listeners, claim.
pub struct Driver {
    tab: RefCell<Tab>,
    storage: Storage,
    audience: Box<dyn Audience>,
    waiting: RefCell<VecDeque<TabInput>>,
    is_stepping: Cell<bool>,
    /// A handful at the most, so a list is found through as fast as a map.
    exchanges: RefCell<Vec<(RequestId, Exchange)>>,
    files: RefCell<Vec<web_sys::File>>,
    /// What a download brought, until the session has seen how it ended.
    brought: RefCell<Option<(RequestId, Blob)>>,
    alarm: Alarm,
    clock: RefCell<Option<Clock>>,
    claim: RefCell<Option<Claim>>,
    /// Not while the page is in the back-forward cache, which keeps no page with an open channel.
    channel: RefCell<Option<Channel>>,
    listeners: RefCell<Vec<Listener>>,
    itself: Weak<Self>,
}

/// Who is told what a session does.
pub trait Audience {
    /// The session stands like this now.
    fn show(&self, view: View);
    /// Something happened that the page wants to know.
    fn hear(&self, notice: Notice);
    /// The page is asked for what it alone knows of its visitor; `again` where what it said is not valid any more.
    fn ask_credentials(&self, again: bool) -> Option<js_sys::Promise> {
        let _ = again;
        None
    }
}

impl Driver {
    /// Runs `tab`.
    pub fn run(tab: Tab, storage: Storage, audience: Box<dyn Audience>) -> Rc<Self> {
        storage::sweep_counts();
        let driver = Rc::new_cyclic(|itself: &Weak<Self>| {
            let sleeper = itself.clone();
            Self {
                tab: RefCell::new(tab),
                storage,
                audience,
                waiting: RefCell::default(),
                is_stepping: Cell::new(false),
                exchanges: RefCell::default(),
                files: RefCell::default(),
                brought: RefCell::default(),
                alarm: Alarm::new(move || {
                    if let Some(driver) = sleeper.upgrade() {
                        driver.step(Input::Woke);
                    }
                }),
                clock: RefCell::default(),
                claim: RefCell::default(),
                channel: RefCell::default(),
                listeners: RefCell::default(),
                itself: itself.clone(),
            }
        });
        *driver.listeners.borrow_mut() = environment::listeners(&driver);
        driver.listen();
        if is_hidden() {
            driver.step(Input::Environment(Environment::Hidden));
        }
        driver.step(Input::Woke);
        driver
    }

    /// How the conversation stands.
    pub fn view(&self) -> View {
        self.tab.borrow().view()
    }

    /// Keeps a picked file and returns the handle under which the session knows it.
    pub fn keep_file(&self, file: web_sys::File) -> FileId {
        let mut files = self.files.borrow_mut();
        files.push(file);
        FileId(files.len() as u64)
    }

    /// Hands an input to the session and performs what it wants. An input that comes up meanwhile waits its turn.
    pub fn step(&self, input: Input) {
        self.handle(TabInput::Session(input));
    }

    fn handle(&self, input: TabInput) {
        self.waiting.borrow_mut().push_back(input);
        if self.is_stepping.replace(true) {
            return;
        }
        loop {
            let Some(input) = self.waiting.borrow_mut().pop_front() else { break };
            let effects = self.tab.borrow_mut().handle(now(), input);
            for effect in effects {
                self.perform(effect);
            }
        }
        self.is_stepping.set(false);
        let (view, wake) = {
            let tab = self.tab.borrow();
            (tab.view(), tab.next_wake())
        };
        self.alarm.set(wake);
        self.keep_awake();
        self.audience.show(view);
    }

    /// A hidden page that has to ask often wants a clock that is not slowed down.
    fn keep_awake(&self) {
        // Most backends hold their answers, and need no look at the page.
        let wake = Some(self.tab.borrow()).filter(|tab| tab.is_restless()).and_then(|tab| tab.next_wake());
        let Some(wake) = wake.filter(|_| is_hidden()) else {
            self.clock.take();
            return;
        };
        let mut clock = self.clock.borrow_mut();
        if clock.is_none()
            && let Some(driver) = self.itself.upgrade()
        {
            *clock = Clock::start(&driver);
        }
        if let Some(clock) = &*clock {
            clock.set(wake.since(now()));
        }
    }

    fn perform(&self, effect: TabEffect) {
        match effect {
            TabEffect::Session(effect) => self.perform_for_session(effect),
            TabEffect::Say(text) => {
                // A page that was left but never went has nobody to listen for it yet.
                self.listen();
                if let Some(channel) = &*self.channel.borrow() {
                    channel.say(&text);
                }
            }
            TabEffect::Claim(conversation) => self.ask_for(conversation),
            TabEffect::Release => {
                self.claim.take();
            }
            TabEffect::Count { conversation, serial } => self.storage.count(&conversation, serial),
        }
    }

    fn perform_for_session(&self, effect: Effect) {
        match effect {
            Effect::Fetch { id, request } => self.fetch(id, request, Wanted::Text),
            Effect::Download { id, request } => self.fetch(id, request, Wanted::File),
            Effect::Save { id, name } => {
                if let Some((_, file)) = self.brought.borrow().as_ref().filter(|(brought, _)| *brought == id) {
                    save(file, &name);
                }
            }
            Effect::Abort { id } => {
                self.take_exchange(id);
            }
            Effect::Store(snapshot) => {
                let was_kept = self.view().keeping == Keeping::Stored;
                let is_kept = self.storage.write(&snapshot.records);
                let fact = if is_kept { Environment::Stored } else { Environment::StorageFailed };
                if is_kept != was_kept {
                    self.waiting.borrow_mut().push_back(TabInput::Session(Input::Environment(fact)));
                }
            }
            Effect::Forget => self.storage.clear(),
            Effect::Announce(notice) => self.audience.hear(notice),
        }
    }

    fn fetch(&self, id: RequestId, request: crate::protocol::Request, wanted: Wanted) {
        let file = match &request.content {
            Content::File { file, .. } | Content::Bytes { file } => {
                let place = usize::try_from(file.0).unwrap_or(0).checked_sub(1);
                place.and_then(|place| self.files.borrow().get(place).cloned())
            }
            Content::Empty | Content::Json(_) | Content::Form(_) => None,
        };
        let driver = self.itself.clone();
        let report = move |(outcome, brought): exchange::End| {
            if let Some(driver) = driver.upgrade()
                && driver.take_exchange(id).is_some()
            {
                *driver.brought.borrow_mut() = brought.map(|file| (id, file));
                driver.step(Input::Replied { id, outcome });
                driver.brought.take();
            }
        };
        let exchange = match &*request.url {
            PAGE_CREDENTIALS => Exchange::with_page(self.audience.ask_credentials(false), report),
            PAGE_CREDENTIALS_AGAIN => Exchange::with_page(self.audience.ask_credentials(true), report),
            _ => Exchange::begin(request, file, wanted, report),
        };
        self.exchanges.borrow_mut().push((id, exchange));
    }

    /// Takes an exchange out; one that is dropped is aborted.
    fn take_exchange(&self, id: RequestId) -> Option<Exchange> {
        let mut exchanges = self.exchanges.borrow_mut();
        let place = exchanges.iter().position(|(taken, _)| *taken == id)?;
        Some(exchanges.swap_remove(place).1)
    }

    fn ask_for(&self, conversation: String) {
        let driver = self.itself.clone();
        let name = self.storage.key(&conversation);
        let granted = move || {
            if let Some(driver) = driver.upgrade() {
                let serial = driver.storage.counted(&conversation);
                driver.handle(TabInput::Granted { conversation: conversation.clone(), serial });
            }
        };
        // What was claimed before is given up first.
        self.claim.take();
        self.claim.replace(Claim::ask(&name, granted));
    }

    fn listen(&self) {
        if self.channel.borrow().is_none()
            && let Some(driver) = self.itself.upgrade()
        {
            self.channel.replace(Channel::open(self.storage.name(), &driver));
        }
    }

    /// The page goes.
    fn leave(&self) {
        self.step(Input::Environment(Environment::Leaving));
        self.channel.take();
    }

    /// The page is back from the back-forward cache.
    fn come_back(&self) {
        self.tab.borrow_mut().reread(now(), &|key| self.storage.read(key));
        self.listen();
        self.step(Input::Environment(Environment::Returned));
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // What is stored stays: an element that is taken out may be put in again.
        self.alarm.set(None);
    }
}

/// The browser's clock.
pub fn now() -> Timestamp {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "milliseconds since 1970 are whole and positive"
    )]
    Timestamp::from_millis(js_sys::Date::now() as u64)
}
