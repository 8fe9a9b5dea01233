//! What Genesys keeps of one session. It speaks no word yet: whatever an agent does is left out.

use serde_json::Value;

use crate::hub::{Action, Dialect, Message};
use crate::settings::Settings;

/// A session of Genesys.
#[derive(Debug, Default)]
pub struct Session {}

impl Dialect for Session {
    fn name(&self) -> &'static str {
        "genesys"
    }

    fn express(&mut self, _action: &Action, _agent: &str, _settings: &Settings, _at: u64) -> Vec<Message> {
        Vec::new()
    }

    fn queue(&mut self, _kind: &str, _content: Option<Value>) -> u64 {
        0
    }

    fn is_overdue(&self, _settings: &Settings) -> bool {
        false
    }

    fn expire(&mut self) -> bool {
        false
    }
}
