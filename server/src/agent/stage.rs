//! Where the scripted agent acts: pauses, typing and words.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::hub::{Action, Conversation, Hub, Phase};

/// One conversation as the scripted agent sees it.
#[derive(Debug)]
pub struct Stage {
    hub: Arc<Hub>,
    id: String,
    pace: f64,
}

impl Stage {
    /// A conversation, and the factor on every pause in it.
    pub fn new(hub: Arc<Hub>, id: &str, pace: f64) -> Self {
        let pace = if pace.is_finite() { pace.clamp(0.0, 100.0) } else { 1.0 };
        Self { hub, id: id.to_owned(), pace }
    }

    /// Acts; `None` when the conversation is over, or somebody at the desk has it.
    pub fn act(&self, action: &Action) -> Option<()> {
        if self.hub.desk.holder(&self.id).is_some() {
            return None;
        }
        self.hub.act(&self.id, action)?.ok()
    }

    /// Types for a while, then says something.
    pub async fn say(&self, text: &str) -> Option<()> {
        let letters = u64::try_from(text.chars().count()).unwrap_or_default();
        self.say_after(600 + (letters * 8).min(1_400), text).await
    }

    /// Types for so many milliseconds, then says something.
    pub async fn say_after(&self, ms: u64, text: &str) -> Option<()> {
        self.pause(300).await;
        self.act(&Action::Typing(true))?;
        self.pause(ms).await;
        self.act(&Action::Say(text.to_owned()))?;
        self.act(&Action::Typing(false))
    }

    /// Waits while somebody at the desk takes conversations; `None` when they took this one, or it is over.
    pub async fn leave_to_the_desk(&self) -> Option<()> {
        loop {
            let is_over = self.look(|conversation| conversation.phase == Phase::Ended)?;
            if is_over || self.hub.desk.holder(&self.id).is_some() {
                return None;
            }
            if !self.hub.desk.is_staffed() {
                return Some(());
            }
            sleep(GLANCE).await;
        }
    }

    /// Waits for so many milliseconds, at the pace of the stage.
    pub async fn pause(&self, ms: u64) {
        sleep(Duration::from_millis(ms).mul_f64(self.pace)).await;
    }

    /// Looks at the conversation itself.
    pub fn look<T>(&self, look: impl FnOnce(&mut Conversation) -> T) -> Option<T> {
        self.hub.with(&self.id, |conversation, _| look(conversation))
    }
}

/// How often the script looks whether the desk is still staffed.
const GLANCE: Duration = Duration::from_millis(100);
