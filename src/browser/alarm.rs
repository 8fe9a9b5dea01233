//! One alarm for everything that a session waits for.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;

use crate::model::Timestamp;

use super::now;

/// Rings once at the instant that was set last.
pub struct Alarm {
    ring: Rc<dyn Fn()>,
    /// Whether what was set last has rung.
    is_spent: Rc<Cell<bool>>,
    set: RefCell<Option<(Timestamp, Timeout)>>,
}

impl Alarm {
    /// An alarm that is not set. `ring` may set it again.
    pub fn new(ring: impl Fn() + 'static) -> Self {
        Self { ring: Rc::new(ring), is_spent: Rc::default(), set: RefCell::new(None) }
    }

    /// Sets the alarm in place of what it was set to; `None` unsets it.
    pub fn set(&self, at: Option<Timestamp>) {
        let mut set = self.set.borrow_mut();
        let is_set = !self.is_spent.replace(false) && set.as_ref().map(|(at, _)| *at) == at;
        if is_set && at.is_some_and(|at| at > now()) {
            return;
        }
        *set = at.map(|at| {
            let ring = Rc::clone(&self.ring);
            let millis = u32::try_from(at.since(now()).as_millis()).unwrap_or(LONGEST).min(LONGEST);
            let is_spent = Rc::clone(&self.is_spent);
            let timeout = Timeout::new(millis, move || {
                is_spent.set(true);
                ring();
            });
            (at, timeout)
        });
    }
}

/// `setTimeout` takes no longer wait; what rings too early is set again.
const LONGEST: u32 = 0x7fff_ffff;
