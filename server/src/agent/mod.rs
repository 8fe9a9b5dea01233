//! The scripted agent of a demonstration: deterministic, and knows only the hub's words.

mod scenes;
mod stage;

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::hub::{Action, Because, Heard, Hub, Idle, Person, Place};
use crate::settings::Script;

use stage::Stage;

/// How the scripted agent comes to a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entrance {
    /// It waits in the queue.
    Queued,
    /// It waits again: somebody at the desk let go of it.
    Requeued,
    /// Somebody at the desk handed it over, and it is told who talks now.
    HandedOver,
}

/// Lets the scripted agent attend to a conversation, if there is one in the settings.
pub fn attend(hub: &Arc<Hub>, id: &str) {
    take_over(hub, id, Entrance::Queued);
}

/// The same for a conversation that began before.
pub fn take_over(hub: &Arc<Hub>, id: &str, entrance: Entrance) {
    let settings = hub.settings();
    if settings.script == Script::None {
        return;
    }
    let (speak, listen) = mpsc::unbounded_channel();
    let waits = hub.with(id, |conversation, _| {
        conversation.script = Some(speak);
        let told = conversation.record.events.iter().flat_map(|event| TOLD.iter().filter_map(|name| event.get(name)));
        mentions_queue(&conversation.visitor_name) || told.map(Value::to_string).any(|told| mentions_queue(&told))
    });
    let Some(waits) = waits else {
        return;
    };
    let stage = Stage::new(Arc::clone(hub), id, settings.pace);
    tokio::spawn(async move {
        let _over = match (settings.script, entrance) {
            (Script::Decline, Entrance::Queued) => decline(&stage).await,
            (Script::Decline | Script::None, _) => None,
            (Script::Demo, Entrance::Queued) => begin(&stage, waits, listen).await,
            (Script::Demo, Entrance::Requeued) => resume(&stage, listen).await,
            (Script::Demo, Entrance::HandedOver) => play(&stage, listen).await,
        };
    });
}

fn mentions_queue(text: &str) -> bool {
    text.to_lowercase().contains("queue")
}

/// `None` when the conversation is over, forgotten, or somebody at the desk has it.
async fn begin(stage: &Stage, waits: bool, listen: UnboundedReceiver<Heard>) -> Option<()> {
    stage.leave_to_the_desk().await?;
    wait_in_queue(stage, waits).await?;
    stage.leave_to_the_desk().await?;
    stage.act(&Action::Accept(Person::named(FIRST)))?;
    let name = stage.look(|conversation| conversation.visitor_name.clone())?;
    stage.say(&greeting(&name)).await?;
    play(stage, listen).await
}

async fn resume(stage: &Stage, listen: UnboundedReceiver<Heard>) -> Option<()> {
    stage.pause(2_500).await;
    stage.leave_to_the_desk().await?;
    stage.act(&Action::Transfer(Person::named(SECOND)))?;
    stage.say("Hello, this is Ilse. My colleague had to leave. How can I help?").await?;
    play(stage, listen).await
}

async fn play(stage: &Stage, mut listen: UnboundedReceiver<Heard>) -> Option<()> {
    let mut count = 0;
    while let Some(heard) = listen.recv().await {
        scenes::react(stage, &heard, count).await?;
        count += 1;
    }
    None
}

async fn wait_in_queue(stage: &Stage, waits: bool) -> Option<()> {
    if waits {
        for ahead in (0..=3_u32).rev() {
            stage.act(&Action::Queue(Place { position: ahead, wait: Some(f64::from(ahead) * 15.0) }))?;
            stage.pause(3_000).await;
        }
        return Some(());
    }
    stage.pause(1_000).await;
    stage.act(&Action::Queue(Place { position: 0, wait: Some(0.0) }))?;
    stage.pause(1_000).await;
    Some(())
}

async fn decline(stage: &Stage) -> Option<()> {
    stage.pause(2_000).await;
    stage.act(&Action::Fail(Because::of("Unavailable")))
}

fn greeting(name: &str) -> String {
    let name = name.trim();
    let hello = if name.is_empty() { "Hello!".to_owned() } else { format!("Hello {name}!") };
    format!(
        "{hello} I am a scripted agent, so please be kind. Say anything and I answer. Some words make things happen: \
         “transfer” (a colleague takes over), “conference” (a colleague joins for a moment), “disconnect” (I drop out), \
         “handover” (the chat moves to another server), “file” (I ask for one), “sneak” (I may see what you type), \
         “idle” (silence ends the chat), “slow”, “long”, “html”, and “end”."
    )
}

/// An agent who may see unsent words.
fn peeking(name: &str) -> Action {
    Action::Transfer(Person { sneak_peek: true, ..Person::named(name) })
}

/// An agent whose visitor may not be silent for long.
fn impatient(name: &str) -> Action {
    Action::Transfer(Person { idle: Some(Idle { warning: 20, timeout: 40 }), ..Person::named(name) })
}

/// Where a dialect's chat request has what the visitor told before.
const TOLD: [&str; 5] = ["prechatDetails", "preChatLines", "survey", "userData", "attributes"];
const FIRST: &str = "Noor B.";
const SECOND: &str = "Ilse V.";
