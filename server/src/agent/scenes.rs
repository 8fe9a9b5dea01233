//! What the scripted agent does about the visitor's words.

use crate::agent::stage::Stage;
use crate::agent::{FIRST, SECOND, impatient, peeking};
use crate::hub::{Action, Because, Heard, Nothing, Person, Rotation};

/// Reacts to something heard; `None` when the conversation is over.
pub async fn react(stage: &Stage, heard: &Heard, count: usize) -> Option<()> {
    let text = match heard {
        Heard::Message(text) => text,
        Heard::Peek(_) | Heard::Rename(_) => return Some(()),
        Heard::File(name) => return stage.say(&format!("Thank you, “{name}” has arrived.")).await,
    };
    let words = text.to_lowercase();
    let scene =
        SCENES.iter().find(|(word, _)| words.split(|letter: char| !letter.is_alphanumeric()).any(|it| it == *word));
    match scene {
        Some((_, scene)) => perform(stage, *scene).await,
        None => stage.say(&reply(text, count)).await,
    }
}

#[derive(Debug, Clone, Copy)]
enum Scene {
    Transfer,
    Conference,
    Disconnect,
    Handover,
    File,
    Sneak,
    Idle,
    Slow,
    Long,
    Html,
    End,
}

async fn perform(stage: &Stage, scene: Scene) -> Option<()> {
    match scene {
        Scene::Transfer => transfer(stage).await,
        Scene::Conference => conference(stage).await,
        Scene::Disconnect => disconnect(stage).await,
        Scene::Handover => {
            stage.look(|conversation| conversation.rotate(Rotation::default()))?;
            stage.pause(1_500).await;
            stage.say("The chat has just moved to another server. I hope you did not notice.").await
        }
        Scene::File => {
            stage.say("Could you send me a file, please?").await?;
            stage.act(&Action::RequestFile(Nothing {}))
        }
        Scene::Sneak => {
            stage.act(&peeking(SECOND))?;
            stage.say("From now on I may see what you type before you send it.").await
        }
        Scene::Idle => {
            stage.act(&impatient(SECOND))?;
            stage.say("From now on the chat ends when you are silent for 40 seconds; a warning comes after 20.").await
        }
        Scene::Slow => stage.say_after(8_000, "Sorry for the wait. That was slow on purpose.").await,
        Scene::Long => stage.say(LONG).await,
        Scene::Html => stage.act(&Action::SayHtml(HTML.to_owned())),
        Scene::End => {
            stage.say("Thank you for chatting. Goodbye!").await?;
            stage.act(&Action::End(Because::of("agent")))
        }
    }
}

async fn transfer(stage: &Stage) -> Option<()> {
    stage.say("One moment, I am passing you on to a colleague.").await?;
    stage.act(&Action::TransferToQueue(Nothing {}))?;
    stage.pause(2_500).await;
    stage.leave_to_the_desk().await?;
    stage.act(&Action::Transfer(Person::named(SECOND)))?;
    stage.say("Hello, this is Ilse. I have read what you wrote so far. How can I help?").await
}

async fn conference(stage: &Stage) -> Option<()> {
    let guest = Person::named("Sam K.");
    stage.act(&Action::Join(guest.clone()))?;
    stage.say("I have asked Sam to join us for a moment.").await?;
    stage.pause(3_000).await;
    stage.act(&Action::Leave(guest))
}

async fn disconnect(stage: &Stage) -> Option<()> {
    stage.act(&Action::Disconnect(Nothing {}))?;
    stage.pause(3_000).await;
    let name = stage.look(|conversation| conversation.record.sent.len())? % 2;
    stage.act(&Action::Transfer(Person::named(if name == 0 { FIRST } else { SECOND })))?;
    stage.say("Sorry, my colleague lost the connection. I am taking over.").await
}

fn reply(text: &str, count: usize) -> String {
    let words = text.split_whitespace().take(8).collect::<Vec<_>>().join(" ");
    let quote: String = words.chars().take(60).collect();
    let dots = if quote.len() < text.trim().len() { "…" } else { "" };
    match count % 4 {
        0 => format!("Thank you. You wrote “{quote}{dots}”. Tell me more?"),
        1 => format!("“{quote}{dots}”: I see. I am noting that down."),
        2 => format!("That is a good question. About “{quote}{dots}” a real colleague would know more than I do."),
        _ => format!("Understood: “{quote}{dots}”. Is there anything else?"),
    }
}

const SCENES: [(&str, Scene); 11] = [
    ("transfer", Scene::Transfer),
    ("conference", Scene::Conference),
    ("disconnect", Scene::Disconnect),
    ("handover", Scene::Handover),
    ("file", Scene::File),
    ("sneak", Scene::Sneak),
    ("idle", Scene::Idle),
    ("slow", Scene::Slow),
    ("long", Scene::Long),
    ("html", Scene::Html),
    ("end", Scene::End),
];

const HTML: &str = "<b>bold</b><script>alert(1)</script><img src=x onerror=alert(1)>";

const LONG: &str = "Here is a longer answer.\n\nIt has several lines, and a link: https://example.com/help?topic=delivery&lang=en\n\
- The first thing to try is to look at the order page.\n- The second thing is to wait for a day.\n\
- The third is to write to us again.\n\nAnd one very long word without any place to break: \
Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft.";
