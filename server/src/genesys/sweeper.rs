//! Time in a session: a visitor of whom nothing is heard is removed, and silence is warned of and then ends the chat.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::genesys::idle::Due;
use crate::genesys::session::Session;
use crate::genesys::words;
use crate::hub::{Action, Because, Conversation, Dialect, Hub, Phase};
use crate::settings::Settings;

/// Sweeps a conversation from time to time until it is over.
pub fn watch(hub: &Arc<Hub>, id: &str) {
    let (hub, id) = (Arc::downgrade(hub), id.to_owned());
    tokio::spawn(async move {
        loop {
            sleep(PACE).await;
            let Some(hub) = hub.upgrade() else {
                return;
            };
            let at = hub.epoch_ms();
            let is_on = hub.with(&id, |conversation, settings| {
                sweep(conversation, settings, at);
                conversation.phase != Phase::Ended
            });
            if is_on != Some(true) {
                return;
            }
        }
    });
}

/// Does what time has brought about.
pub fn sweep(conversation: &mut Conversation, settings: &Settings, at: u64) {
    let (phase, switches) = (conversation.phase, &settings.genesys);
    let Some(session) = conversation.session_mut::<Session>() else {
        return;
    };
    if session.is_overdue(settings) {
        conversation.expire();
        return;
    }
    // A queue may be silent for as long as it likes.
    if phase != Phase::Talking {
        return;
    }
    match session.silence.due(switches) {
        Some(Due::Alert(then, ms)) => {
            session.story.heed(switches);
            let (kind, content) = words::alert(session, then, ms, at);
            conversation.push(&kind, content);
        }
        Some(Due::Close) => {
            let _over = conversation.act(&Action::End(Because::of("idle")), settings, at);
        }
        None => {}
    }
}

/// How exact time is.
const PACE: Duration = Duration::from_millis(50);
