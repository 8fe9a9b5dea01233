//! Ends chats whose visitor has not been heard of for too long, whether anybody looks or not.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::hub::{Hub, Phase};

/// Watches over a chat until it is over or forgotten.
pub fn watch(hub: &Arc<Hub>, id: &str) {
    let (hub, id) = (Arc::downgrade(hub), id.to_owned());
    tokio::spawn(async move {
        loop {
            sleep(GLANCE).await;
            let Some(hub) = hub.upgrade() else {
                return;
            };
            let goes_on = hub.with(&id, |conversation, settings| {
                conversation.expire_if_due(settings);
                conversation.phase != Phase::Ended
            });
            if goes_on != Some(true) {
                return;
            }
        }
    });
}

/// Settings change while a chat waits, so its time is looked at again and again.
const GLANCE: Duration = Duration::from_millis(200);
