//! The scripted bot of a topic (§7, §11.7): greets, offers options, echoes, and lets go by Reset. It answers at once, so
//! that a test can tell what comes; what it says later lies ahead in time.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::hub::{Action, Because, Conversation, Hub, Line, Markup, Person, Speaker};
use crate::settings::Settings;
use crate::superoffice::session::{SILENT, Said, Status};
use crate::superoffice::{Session, life, topics};

/// The bot speaks first, and takes the session past forms and queue (§6).
pub fn greet(conversation: &mut Conversation, settings: &Settings, topic: &Value, at: u64) {
    let name = match topics::text(topic, "/BotSettings/BotName") {
        "" => "Bot",
        name => name,
    };
    let person = Person { bot: true, ..Person::named(name) };
    let _over = conversation.act(&Action::Accept(person), settings, at);
    say(conversation, settings, &Speech { words: GREETING, special: "BotMessage", param: "" }, at);
    offer(conversation, settings, at);
}

/// Answers a visitor's words or click, if the bot has the session.
pub fn react(hub: &Arc<Hub>, id: &str, words: &str) {
    let at = hub.epoch_ms();
    let text = words.to_lowercase();
    let has = |wanted: &[&str]| text.split(|letter: char| !letter.is_alphanumeric()).any(|word| wanted.contains(&word));
    let wants_person = has(&["human", "person", "agent", "people"]);
    let is_bot = hub.with(id, |conversation, settings| {
        let is_bot = conversation.session::<Session>().is_some_and(|session| session.bot_is_active);
        if !is_bot {
            return false;
        }
        let plain = |words| Speech { words, special: "BotMessage", param: "" };
        if wants_person {
            // The line comes before the Reset (§7.3).
            say(conversation, settings, &plain("One moment, fetching a colleague."), at);
        } else if has(&["quit", "bye"]) {
            say(conversation, settings, &plain("Goodbye!"), at);
            let _over = conversation.act(&Action::End(Because::of(SILENT)), settings, at);
        } else if has(&["options"]) {
            offer(conversation, settings, at);
        } else if has(&["later"]) {
            say(conversation, settings, &plain("Let me think…"), at);
            say(conversation, settings, &plain("That took me three seconds."), at + AHEAD_MS);
        } else {
            let answer = match words {
                "Order status" => "Your order is on its way.".to_owned(),
                "Returns" => "You can send everything back within 30 days.".to_owned(),
                other => format!("You said “{other}”. I am only a bot; say “human” for a person."),
            };
            say(conversation, settings, &plain(&answer), at);
        }
        true
    });
    if is_bot == Some(true) && wants_person {
        life::reset(hub, id);
    }
}

struct Speech<'a> {
    words: &'a str,
    special: &'a str,
    param: &'a str,
}

fn offer(conversation: &mut Conversation, settings: &Settings, at: u64) {
    let param = json!(OPTIONS).to_string();
    let speech = Speech { words: "What is it about?", special: "Options", param: &param };
    say(conversation, settings, &speech, at);
}

fn say(conversation: &mut Conversation, settings: &Settings, speech: &Speech<'_>, at: u64) {
    let name = conversation.agent.clone().unwrap_or_default();
    let Some(session) = conversation.session_mut::<Session>() else {
        return;
    };
    let said =
        Said { kind: "ToCustomer", words: speech.words, author: &name, special: speech.special, param: speech.param };
    session.add(&said, at, &settings.superoffice);
    session.when.idle = Some(at);
    session.turn(Status::UserLast, at);
    let (speaker, text, markup) = (Speaker::Agent, speech.words.to_owned(), Markup::Plain);
    conversation.transcript.push(Line { speaker, name, text, markup, at, offset: None });
    conversation.wake();
}

const GREETING: &str = "Hello, I am a bot. Ask me something, or say “human” for a person.";
const OPTIONS: [&str; 3] = ["Order status", "Returns", "Talk to a person"];
const AHEAD_MS: u64 = 3_000;
