//! The composition root: puts a protocol, a session, the browser and the screen together on somebody's page.
//!
//! `pkg/holdfast.js` calls [`mount`] and nothing else; it owns the element, the launcher and the events.

mod backends;
mod notices;
#[cfg(feature = "live-agent")]
mod redactor;
#[cfg(feature = "matrix")]
mod secrets;

use std::rc::Rc;

use js_sys::{Function, Reflect};
use leptos::prelude::{Set, arc_signal};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, ShadowRoot};

use crate::browser::{Driver, Storage, elsewhere, now};
use crate::model::json::Value;
use crate::model::{TabId, Visitor};
use crate::session::{Command, Input, Panel, Stage};
use crate::tab::{Elsewhere, Tab};
use crate::ui::{self, Intent, Look, Mounted, Screen};

use backends::Backend;
use notices::Page;

/// Mounts a chat into `root`, which stands in the shadow root of `host`.
///
/// `options` has the element's attributes by name, and `visitor`. `notify(kind, detail)` is told everything that the page
/// may want to know; for requests it returns `false` where the page objects.
///
/// # Errors
/// When the attributes do not say which backend to ask.
#[wasm_bindgen]
pub async fn mount(root: HtmlElement, options: JsValue, notify: Function) -> Result<Handle, JsValue> {
    let page = Page::new(notify);
    let options = Options(options);
    let backend = Backend::parse(&|name| options.text(name)).map_err(|error| failure(&error))?;
    let storage = Storage::of(&backend.identity);
    let tab = tab(backend, &storage, &page).await;

    let (view, set_view) = arc_signal(tab.view());
    let screen_page = page.clone();
    let host = root.get_root_node().dyn_into::<ShadowRoot>().ok().map(|shadow| shadow.host());
    let audience = notices::Audience::new(page.clone(), host, move |view| set_view.set(view));
    let driver = Driver::run(tab, storage, Box::new(audience));
    let visitor = Rc::new(std::cell::RefCell::new(options.visitor(&page)));

    let dispatch = {
        let driver = Rc::downgrade(&driver);
        Rc::new(move |command| {
            if let Some(driver) = driver.upgrade() {
                driver.step(Input::Command(command));
            }
        })
    };
    let intent = {
        let (driver, visitor) = (Rc::downgrade(&driver), Rc::clone(&visitor));
        Rc::new(move |intent| {
            if let Some(driver) = driver.upgrade() {
                follow(&driver, &visitor.borrow(), &screen_page, intent);
            }
        })
    };
    let look = Look { heading: options.text("heading"), lang: options.text("lang").unwrap_or_default() };
    let mounted = ui::mount(&root, Screen { view, dispatch, intent, look });
    Ok(Handle { driver, visitor, page, _mounted: mounted })
}

/// A mounted chat. Freeing it undoes everything but what is stored.
#[wasm_bindgen]
pub struct Handle {
    // The screen goes first: it still looks at what the driver shows.
    _mounted: Mounted,
    driver: Rc<Driver>,
    visitor: Rc<std::cell::RefCell<Visitor>>,
    page: Page,
}

#[wasm_bindgen]
impl Handle {
    /// Opens the panel, and begins a conversation where there is none.
    pub fn open(&self) {
        self.driver.step(Input::Command(Command::Open));
        self.start_if_idle();
    }

    /// Shuts the panel; the conversation goes on.
    pub fn shut(&self) {
        self.driver.step(Input::Command(Command::Shut));
    }

    /// Sends a message, and begins a conversation where there is none.
    pub fn send(&self, text: String) {
        if matches!(self.driver.view().stage, Stage::Ended { .. }) {
            self.start();
        }
        self.start_if_idle();
        self.driver.step(Input::Command(Command::Send { text }));
    }

    /// Hands an event to the agent's page, where there is a conversation.
    pub fn notify(&self, kind: String, data: String) {
        self.driver.step(Input::Command(Command::Custom { kind, data }));
    }

    /// Ends the conversation.
    pub fn end(&self) {
        self.driver.step(Input::Command(Command::End));
    }

    /// Takes over what the page tells about its visitor: for the next conversation, and a name also for this one.
    pub fn set_visitor(&self, visitor: JsValue) {
        match parse_visitor(visitor) {
            Ok(visitor) => {
                *self.visitor.borrow_mut() = visitor.clone();
                self.driver.step(Input::Command(Command::Introduce { visitor: Box::new(visitor) }));
            }
            Err(error) => self.page.complain(&error),
        }
    }

    fn start_if_idle(&self) {
        if self.driver.view().stage == Stage::Idle {
            self.start();
        }
    }

    fn start(&self) {
        let visitor = Box::new(self.visitor.borrow().clone());
        self.driver.step(Input::Command(Command::Start { visitor }));
    }
}

fn follow(driver: &Driver, visitor: &Visitor, page: &Page, intent: Intent) {
    let command = match intent {
        Intent::Start => Command::Start { visitor: Box::new(visitor.clone()) },
        Intent::Shut => Command::Shut,
        Intent::End => {
            if !page.permits("end-request") {
                return;
            }
            Command::End
        }
        Intent::Upload(file) => {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size is whole and positive")]
            let size = file.size() as u64;
            let name = file.name();
            Command::Upload { file: driver.keep_file(file), name, size }
        }
    };
    driver.step(Input::Command(command));
}

/// Goes on with what this tab has stored; one that has nothing looks around whether another tab leads a conversation.
async fn tab(backend: Backend, storage: &Storage, page: &Page) -> Tab {
    let id = TabId(js_sys::Math::random().to_bits() ^ now().as_millis());
    let read = |key: &str| storage.read(key);
    let elsewhere = if read("head").is_none() { elsewhere(storage).await } else { Elsewhere::Nobody };
    let (tab, error) = Tab::load(backend.protocol, id, now(), &read, elsewhere);
    if let Some(error) = error {
        page.complain(&error.to_string());
        storage.clear();
    }
    tab
}

/// The object that the element hands over.
struct Options(JsValue);

impl Options {
    fn text(&self, name: &str) -> Option<String> {
        Reflect::get(&self.0, &name.into()).ok()?.as_string().filter(|text| !text.trim().is_empty())
    }

    fn visitor(&self, page: &Page) -> Visitor {
        let value = Reflect::get(&self.0, &"visitor".into()).unwrap_or_default();
        parse_visitor(value).unwrap_or_else(|error| {
            page.complain(&error);
            Visitor::default()
        })
    }
}

/// Says on the console why there is no chat, and returns it as an error for the element, which tells the page.
fn failure(message: &str) -> JsValue {
    let message = format!("holdfast-chat: {message}");
    web_sys::console::error_1(&message.as_str().into());
    js_sys::Error::new(&message).into()
}

/// Reads the property `visitor`; an error says what is wrong with it.
fn parse_visitor(value: JsValue) -> Result<Visitor, String> {
    if value.is_undefined() {
        return Ok(Visitor::default());
    }
    let text = js_sys::JSON::stringify(&value).ok().and_then(|text| text.as_string());
    let value = text.and_then(|text| Value::parse(&text)).ok_or("the property visitor is not plain data")?;
    Visitor::parse(&value).map_err(|field| format!("the property visitor has a {field} of the wrong shape"))
}

/// How the page's `panel` report names where the panel stands.
const fn panel_name(panel: Panel) -> &'static str {
    match panel {
        Panel::Open => "open",
        Panel::Shut => "shut",
    }
}
