//! The desk in a browser: performs what the core wants, reports what happens, and puts the screen in its place. Decides
//! nothing.

mod surroundings;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use holdfast_chat::browser::{Alarm, Exchange, Wanted, now};
use holdfast_chat::model::RequestId;
use holdfast_chat::ui::common::listener::Listener;
use leptos::prelude::{ArcWriteSignal, Set, arc_signal};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::api::Door;
use crate::core::{Command, Desk, Effect, Input, View};
use crate::screen::{self, Screen};

/// Opens the desk on this page, for good.
///
/// # Errors
/// When the page has no place for it.
#[wasm_bindgen]
pub fn open(account: &str) -> Result<(), JsValue> {
    #[cfg(debug_assertions)]
    std::panic::set_hook(Box::new(|panic| web_sys::console::error_1(&panic.to_string().into())));
    let desk = Desk::new(Door::of(account), now(), surroundings::kept().as_deref());
    let (view, show) = arc_signal(desk.view(now()));
    let driver = Driver::run(desk, show);
    let dispatch = {
        let driver = Rc::clone(&driver);
        Rc::new(move |command: Command| driver.step(Input::Command(command)))
    };
    let place = surroundings::place().ok_or_else(|| JsValue::from_str("there is no element with the id desk"))?;
    let mounted =
        screen::mount(&place, Screen { view, dispatch, lang: surroundings::lang(), dir: surroundings::dir() });
    // Page and desk end together.
    std::mem::forget((mounted, driver));
    Ok(())
}

/// Runs one desk.
struct Driver {
    desk: RefCell<Desk>,
    show: ArcWriteSignal<View>,
    waiting: RefCell<VecDeque<Input>>,
    is_stepping: Cell<bool>,
    exchanges: RefCell<Vec<(RequestId, Exchange)>>,
    alarm: Alarm,
    listeners: RefCell<Vec<Listener>>,
    itself: Weak<Self>,
}

impl Driver {
    fn run(desk: Desk, show: ArcWriteSignal<View>) -> Rc<Self> {
        let driver = Rc::new_cyclic(|itself: &Weak<Self>| {
            let sleeper = itself.clone();
            Self {
                desk: RefCell::new(desk),
                show,
                waiting: RefCell::default(),
                is_stepping: Cell::new(false),
                exchanges: RefCell::default(),
                alarm: Alarm::new(move || {
                    if let Some(driver) = sleeper.upgrade() {
                        driver.step(Input::Woke);
                    }
                }),
                listeners: RefCell::default(),
                itself: itself.clone(),
            }
        });
        let hearer = driver.itself.clone();
        *driver.listeners.borrow_mut() = surroundings::listeners(Rc::new(move |environment| {
            if let Some(driver) = hearer.upgrade() {
                driver.step(Input::Environment(environment));
            }
        }));
        driver.step(Input::Environment(surroundings::seen()));
        driver.step(Input::Environment(surroundings::room()));
        driver
    }

    /// Hands an input to the desk and performs what it wants. An input that comes up meanwhile waits its turn.
    fn step(&self, input: Input) {
        self.waiting.borrow_mut().push_back(input);
        if self.is_stepping.replace(true) {
            return;
        }
        loop {
            let Some(input) = self.waiting.borrow_mut().pop_front() else { break };
            let effects = self.desk.borrow_mut().handle(now(), input);
            for effect in effects {
                self.perform(effect);
            }
        }
        self.is_stepping.set(false);
        let (view, wake) = {
            let desk = self.desk.borrow();
            (desk.view(now()), desk.next_wake())
        };
        self.alarm.set(wake);
        self.show.set(view);
    }

    fn perform(&self, effect: Effect) {
        match effect {
            Effect::Fetch { id, request } => {
                let driver = self.itself.clone();
                let exchange = Exchange::begin(request, None, Wanted::Text, move |(outcome, _)| {
                    if let Some(driver) = driver.upgrade()
                        && driver.take_exchange(id).is_some()
                    {
                        driver.step(Input::Replied { id, outcome });
                    }
                });
                self.exchanges.borrow_mut().push((id, exchange));
            }
            Effect::Abort { id } => {
                self.take_exchange(id);
            }
            Effect::Keep(text) => surroundings::keep(&text),
        }
    }

    /// Takes an exchange out; one that is dropped is aborted.
    fn take_exchange(&self, id: RequestId) -> Option<Exchange> {
        let mut exchanges = self.exchanges.borrow_mut();
        let place = exchanges.iter().position(|(taken, _)| *taken == id)?;
        Some(exchanges.swap_remove(place).1)
    }
}
