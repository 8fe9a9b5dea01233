//! Performs what a session wants and reports what happens. Decides nothing.
//!
//! One driver serves one session. A step collects all effects first and performs them with nothing borrowed, so that
//! whoever is told of something may at once ask for something else.

mod alarm;
mod claim;
mod environment;
mod exchange;
mod storage;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use crate::model::{FileId, RequestId, Timestamp};
use crate::session::{Effect, Environment, Input, Keeping, Notice, Session, View};

use alarm::Alarm;
use environment::Listeners;
use exchange::Exchange;

pub use claim::{Claim, claim};
pub use storage::Storage;

/// Runs one session. Dropping the last handle stops everything: requests, alarm, listeners, claim.
pub struct Driver {
    session: RefCell<Session>,
    storage: Storage,
    audience: Box<dyn Audience>,
    waiting: RefCell<VecDeque<Input>>,
    is_stepping: Cell<bool>,
    /// A handful at the most, so a list is found through as fast as a map.
    exchanges: RefCell<Vec<(RequestId, Exchange)>>,
    files: RefCell<Vec<web_sys::File>>,
    alarm: Alarm,
    claiming: RefCell<Claiming>,
    listeners: RefCell<Option<Listeners>>,
    itself: Weak<Self>,
}

/// Which conversation this tab claims.
enum Claiming {
    Nothing,
    /// Asked for, not granted yet.
    Asked(String),
    Held(Claim),
}

impl Claiming {
    fn is_about(&self, conversation: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Asked(asked) => asked == conversation,
            Self::Held(claim) => claim.conversation() == conversation,
        }
    }
}

/// Who is told what a session does.
pub trait Audience {
    /// The session stands like this now.
    fn show(&self, view: View);
    /// Something happened that the page wants to know.
    fn hear(&self, notice: Notice);
}

impl Driver {
    /// Runs `session`, which is claimed already where it was restored.
    pub fn run(session: Session, storage: Storage, claim: Option<Claim>, audience: Box<dyn Audience>) -> Rc<Self> {
        let driver = Rc::new_cyclic(|itself: &Weak<Self>| {
            let sleeper = itself.clone();
            Self {
                session: RefCell::new(session),
                storage,
                audience,
                waiting: RefCell::default(),
                is_stepping: Cell::new(false),
                exchanges: RefCell::default(),
                files: RefCell::default(),
                alarm: Alarm::new(move || {
                    if let Some(driver) = sleeper.upgrade() {
                        driver.step(Input::Woke);
                    }
                }),
                claiming: RefCell::new(claim.map_or(Claiming::Nothing, Claiming::Held)),
                listeners: RefCell::new(None),
                itself: itself.clone(),
            }
        });
        *driver.listeners.borrow_mut() = Some(Listeners::attach(&driver));
        driver.step(Input::Woke);
        driver
    }

    /// How the session stands.
    pub fn view(&self) -> View {
        self.session.borrow().view()
    }

    /// Keeps a picked file and returns the handle under which the session knows it.
    pub fn keep_file(&self, file: web_sys::File) -> FileId {
        let mut files = self.files.borrow_mut();
        files.push(file);
        FileId(files.len() as u64)
    }

    /// Hands an input to the session and performs what it wants. An input that comes up meanwhile waits its turn.
    pub fn step(&self, input: Input) {
        self.waiting.borrow_mut().push_back(input);
        if self.is_stepping.replace(true) {
            return;
        }
        loop {
            let Some(input) = self.waiting.borrow_mut().pop_front() else { break };
            let effects = self.session.borrow_mut().handle(now(), input);
            for effect in effects {
                self.perform(effect);
            }
        }
        self.is_stepping.set(false);
        let (view, wake) = {
            let session = self.session.borrow();
            (session.view(), session.next_wake())
        };
        self.alarm.set(wake);
        self.audience.show(view);
    }

    fn perform(&self, effect: Effect) {
        match effect {
            Effect::Fetch { id, request } => self.fetch(id, request),
            Effect::Abort { id } => {
                self.take_exchange(id);
            }
            Effect::Store(snapshot) => {
                self.claim_new(&snapshot.conversation);
                let was_kept = self.session.borrow().view().keeping == Keeping::Stored;
                let is_kept = self.storage.write(&snapshot.records);
                let fact = if is_kept { Environment::Stored } else { Environment::StorageFailed };
                if is_kept != was_kept {
                    self.waiting.borrow_mut().push_back(Input::Environment(fact));
                }
            }
            Effect::Forget => self.storage.clear(),
            Effect::Announce(notice) => self.audience.hear(notice),
        }
    }

    fn fetch(&self, id: RequestId, request: crate::protocol::Request) {
        let file = match &request.content {
            crate::protocol::http::Content::File { file, .. } => {
                let place = usize::try_from(file.0).unwrap_or(0).checked_sub(1);
                place.and_then(|place| self.files.borrow().get(place).cloned())
            }
            crate::protocol::http::Content::Empty | crate::protocol::http::Content::Json(_) => None,
        };
        let driver = self.itself.clone();
        let exchange = Exchange::begin(request, file, move |outcome| {
            if let Some(driver) = driver.upgrade()
                && driver.take_exchange(id).is_some()
            {
                driver.step(Input::Replied { id, outcome });
            }
        });
        self.exchanges.borrow_mut().push((id, exchange));
    }

    /// Takes an exchange out; one that is dropped is aborted.
    fn take_exchange(&self, id: RequestId) -> Option<Exchange> {
        let mut exchanges = self.exchanges.borrow_mut();
        let place = exchanges.iter().position(|(taken, _)| *taken == id)?;
        Some(exchanges.swap_remove(place).1)
    }

    /// Claims a conversation that has just begun; nobody else can know its name yet.
    fn claim_new(&self, conversation: &str) {
        if self.claiming.borrow().is_about(conversation) {
            return;
        }
        *self.claiming.borrow_mut() = Claiming::Asked(conversation.to_owned());
        let driver = self.itself.clone();
        let conversation = conversation.to_owned();
        wasm_bindgen_futures::spawn_local(async move {
            let claim = claim(&conversation).await;
            let Some(driver) = driver.upgrade() else { return };
            // Meanwhile the page may have gone, or another conversation may have begun.
            let is_still_wanted = driver.claiming.borrow().is_about(&conversation);
            if let Some(claim) = claim.filter(|_| is_still_wanted) {
                *driver.claiming.borrow_mut() = Claiming::Held(claim);
            }
        });
    }

    /// The page goes: whoever comes after may go on with the conversation at once.
    fn leave(&self) {
        self.step(Input::Environment(Environment::Leaving));
        *self.claiming.borrow_mut() = Claiming::Nothing;
    }

    /// The page is back from the back-forward cache.
    fn come_back(&self) {
        let conversation = self.session.borrow().conversation().to_owned();
        self.claim_new(&conversation);
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
