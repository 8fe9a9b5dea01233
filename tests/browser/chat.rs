//! A driver over the simplest backend that there can be, for tests of what the driver does with the browser.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use holdfast_chat::browser::{Audience, Driver, Storage, now};
use holdfast_chat::model::{TabId, Visitor};
use holdfast_chat::protocol::http::{Content, Method};
use holdfast_chat::protocol::{
    Call, CallKind, Early, Profile, Progress, Protocol, ProtocolError, Receipts, Request, Resend, Response,
    UnknownSave, Uploads,
};
use holdfast_chat::session::{Command, Input, Keeping, Notice, Stage, View};
use holdfast_chat::tab::{Elsewhere, Tab};

/// A chat without a screen.
pub struct Chat {
    driver: Rc<Driver>,
    /// What it stores.
    pub storage: Storage,
    shown: Rc<Shown>,
}

impl Chat {
    /// A chat that has asked for a conversation.
    pub fn begun(name: &str) -> Self {
        Self::begun_with(name, Plain::default())
    }

    /// The same with a backend that is asked like this.
    pub fn begun_with(name: &str, backend: Plain) -> Self {
        let shown = Rc::new(Shown::default());
        let storage = Storage::of(name);
        let protocols = Box::new(move || Box::new(backend.clone()) as Box<dyn Protocol>);
        let (tab, _) = Tab::load(protocols, next_tab(), now(), &|_| None, Elsewhere::Nobody);
        let driver = Driver::run(tab, storage.clone(), Box::new(Mirror(Rc::clone(&shown))));
        let chat = Self { driver, storage, shown };
        chat.command(Command::Start { visitor: Box::new(Visitor::default()) });
        chat
    }

    /// Something that changes what is stored.
    pub fn draft(&self, text: &str) {
        self.command(Command::Draft { text: text.to_owned() });
    }

    pub fn stage(&self) -> Stage {
        self.driver.view().stage
    }

    /// How the last view that was shown said that the conversation is kept.
    pub fn keeping(&self) -> Option<Keeping> {
        self.shown.last.borrow().as_ref().map(|view| view.keeping)
    }

    /// How many steps were shown.
    pub fn steps(&self) -> u32 {
        self.shown.count.get()
    }

    /// Whether anything is stored for a reload.
    pub fn is_stored(&self) -> bool {
        self.storage.read("head").is_some()
    }

    /// The name of the lock of the stored conversation.
    pub fn lock(&self) -> Option<String> {
        let head: serde_json::Value = serde_json::from_str(&self.storage.read("head")?).ok()?;
        let conversation = head.get("conversation").and_then(serde_json::Value::as_str)?;
        Some(format!("{}:{conversation}", self.storage.name()))
    }

    fn command(&self, command: Command) {
        self.driver.step(Input::Command(command));
    }
}

/// The name of a conversation comes from its tab, and every test wants one of its own.
fn next_tab() -> TabId {
    TABS.with(|tabs| TabId(tabs.replace(tabs.get() + 1)))
}

thread_local! {
    static TABS: Cell<u64> = const { Cell::new(1) };
}

/// What was shown.
#[derive(Default)]
struct Shown {
    last: RefCell<Option<View>>,
    count: Cell<u32>,
}

struct Mirror(Rc<Shown>);

impl Audience for Mirror {
    fn show(&self, view: View) {
        *self.0.last.borrow_mut() = Some(view);
        self.0.count.set(self.0.count.get() + 1);
    }

    fn hear(&self, _notice: Notice) {}
}

/// A backend that takes the wish for a conversation and then has no news.
#[derive(Clone, Debug)]
pub struct Plain {
    /// Where it is asked.
    pub url: String,
    /// How long it may take for an answer.
    pub deadline: Duration,
    /// How soon it wants to be asked again.
    pub rest: Duration,
}

impl Default for Plain {
    fn default() -> Self {
        Self { url: "/never".to_owned(), deadline: Duration::from_secs(60), rest: Duration::from_secs(60) }
    }
}

impl Protocol for Plain {
    fn profile(&self) -> Profile {
        Profile {
            batch: 1,
            pace: Duration::ZERO,
            rest: self.rest,
            resend: Resend::Recognised,
            early: Early::Held,
            settle: Duration::ZERO,
            patience: Duration::from_secs(60),
            typing: Duration::from_secs(5),
            pause: Duration::from_secs(5),
            uploads: Uploads::WhenAsked,
            receipts: Receipts::Needless,
        }
    }

    fn begin(&mut self, _call: &Call<'_>) -> Option<Request> {
        Some(Request {
            method: Method::Get,
            url: self.url.clone(),
            headers: Vec::new(),
            content: Content::Empty,
            deadline: self.deadline,
        })
    }

    fn receive(&mut self, _kind: CallKind, _response: &Response) -> Result<Progress, ProtocolError> {
        Ok(Progress::default())
    }

    fn save(&self) -> String {
        String::new()
    }

    fn restore(&mut self, _saved: &str) -> Result<(), UnknownSave> {
        Ok(())
    }

    fn forget(&mut self) {}
}
