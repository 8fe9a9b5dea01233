//! The scripted agent of a demonstration: deterministic, and knows only the hub's words.

mod scenes;
mod stage;

use std::sync::Arc;

use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::hub::{Action, Because, Heard, Hub, Idle, Person, Place};
use crate::settings::Script;

use stage::Stage;

/// Lets the scripted agent attend to a conversation, if there is one in the settings.
pub fn attend(hub: &Arc<Hub>, id: &str) {
    let settings = hub.settings();
    if settings.script == Script::None {
        return;
    }
    let (speak, listen) = mpsc::unbounded_channel();
    let visitor = hub.with(id, |conversation, _| {
        conversation.script = Some(speak);
        Visitor {
            name: conversation.visitor_name.clone(),
            waits: mentions_queue(&conversation.visitor_name)
                || conversation.record.events.iter().any(|event| {
                    event.get("prechatDetails").is_some_and(|details| mentions_queue(&details.to_string()))
                }),
        }
    });
    let Some(visitor) = visitor else {
        return;
    };
    let stage = Stage::new(Arc::clone(hub), id, settings.pace);
    tokio::spawn(async move {
        let _over = match settings.script {
            Script::Decline => decline(&stage).await,
            Script::Demo | Script::None => play(&stage, &visitor, listen).await,
        };
    });
}

struct Visitor {
    name: String,
    waits: bool,
}

fn mentions_queue(text: &str) -> bool {
    text.to_lowercase().contains("queue")
}

/// `None` when the conversation is over, or forgotten.
async fn play(stage: &Stage, visitor: &Visitor, mut listen: UnboundedReceiver<Heard>) -> Option<()> {
    wait_in_queue(stage, visitor).await?;
    stage.act(&Action::Accept(Person::named(FIRST)))?;
    stage.say(&greeting(&visitor.name)).await?;
    let mut count = 0;
    while let Some(heard) = listen.recv().await {
        scenes::react(stage, &heard, count).await?;
        count += 1;
    }
    None
}

async fn wait_in_queue(stage: &Stage, visitor: &Visitor) -> Option<()> {
    if visitor.waits {
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

const FIRST: &str = "Noor B.";
const SECOND: &str = "Ilse V.";
