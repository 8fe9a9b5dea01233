//! Watches over one seat: what rings there too long sends its agent away, and a silent agent loses the seat.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::hub::{Hub, Presence};
use crate::live_person::desk::{incoming, leave};

/// Watches until the seat is gone.
pub fn begin(hub: &Arc<Hub>, seat: u64) {
    let hub = Arc::downgrade(hub);
    tokio::spawn(async move {
        loop {
            sleep(GLANCE).await;
            let Some(hub) = hub.upgrade() else {
                return;
            };
            if !look(&hub, seat) {
                return;
            }
        }
    });
}

fn look(hub: &Arc<Hub>, id: u64) -> bool {
    let Some(seat) = hub.desk.seat(id) else {
        return false;
    };
    let switches = hub.settings().liveperson;
    if seat.heard.elapsed() > Duration::from_millis(switches.agent_lapse_ms) {
        leave(hub, id);
        return false;
    }
    let ringing = if seat.presence == Presence::Online { incoming::ringing(hub) } else { Vec::new() };
    if hub.desk.ring(id, &ringing, switches.away_after_ms.map(Duration::from_millis)) {
        hub.desk.change(id, |seat| seat.presence = Presence::Away);
    }
    true
}

/// Short beside the twenty seconds after which an agent is away.
const GLANCE: Duration = Duration::from_millis(100);
