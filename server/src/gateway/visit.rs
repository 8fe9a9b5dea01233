//! What a visitor does in a session, checked against where the session is (§9).

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::gateway::config::Combine;
use crate::gateway::desk::Desk;
use crate::gateway::form::Form;
use crate::gateway::guess;
use crate::gateway::refusal::Refusal;
use crate::gateway::sessions::Entry;
use crate::gateway::view::{Seen, Status};
use crate::stamp;

/// A visitor who has proved that a session is theirs.
#[derive(Debug)]
pub struct Visit<'a> {
    /// SuperOffice.
    pub desk: &'a Arc<Desk>,
    /// The session's number.
    pub id: u64,
    /// The session as it is remembered.
    pub entry: Arc<Entry>,
    /// The session as it was seen last.
    pub seen: Arc<Seen>,
    /// Now, in milliseconds since the epoch.
    pub now: u64,
}

/// What a visitor writes.
#[derive(Debug)]
pub enum Writing {
    /// Words.
    Words(String),
    /// A click on an option, with the value behind it if it has one.
    Click {
        /// What the visitor saw.
        label: String,
        /// What it means.
        value: Option<String>,
    },
}

impl Visit<'_> {
    /// The session as a visitor may see it, with what the gateway computes.
    pub async fn shown(&self) -> Value {
        self.show(&self.seen, None).await
    }

    /// Sends a question to people that the knowledge base is silent on: nobody documents who asks it (§6, §13.7), and a
    /// visitor must not wait for nothing.
    ///
    /// # Errors
    /// When upstream fails.
    pub async fn move_on(&mut self) -> Result<(), Refusal> {
        if self.seen.status != Status::Faq {
            return Ok(());
        }
        let said = self.desk.said(self.id, &self.entry, 0).await?;
        let is = |line: &Value, name: &str, word: &str| line.get(name).and_then(Value::as_str) == Some(word);
        let Some(place) = said.iter().rposition(|line| is(line, "Type", "ToUser")) else {
            return Ok(());
        };
        let is_answered = said.iter().skip(place).any(|line| is(line, "SpecialType", "FaqSuccessQuestion"));
        let asked = said.get(place).and_then(|line| stamp::read(line.get("WhenPosted")?.as_str()?));
        let is_due = asked.is_some_and(|asked| self.now.saturating_sub(asked) >= self.desk.config.pace.faq_ms);
        if !is_answered && is_due {
            let status = Map::from_iter([("Status".to_owned(), json!("InQueue"))]);
            self.seen = Arc::new(self.desk.patch(self.id, status).await?);
        }
        Ok(())
    }

    /// Stores words or a click.
    ///
    /// # Errors
    /// When the session is over, or not yet where one talks, or upstream fails.
    pub async fn write(mut self, writing: &Writing) -> Result<Value, Refusal> {
        self.expect(takes_words).await?;
        let author = if self.seen.alias.is_empty() { &self.desk.config.author } else { &self.seen.alias };
        let (kind, words, special, param) = match writing {
            Writing::Words(words) => ("ToUser", words, "None", String::new()),
            Writing::Click { label, value } => {
                ("Special", label, "ClickedOption", guess::click(label, value.as_deref()))
            }
        };
        let stored = match self.post(kind, words, author, (special, &param)).await {
            Err(Refusal::NotNow) => {
                // It may have ended since it was read.
                self.look_again().await?;
                return Err(takes_words(self.seen.status).err().unwrap_or(Refusal::NotNow));
            }
            stored => stored?,
        };
        if let (Status::Faq, Writing::Click { value: Some(value), .. }) = (self.seen.status, writing) {
            self.answer_faq(value).await?;
        }
        Ok(stored)
    }

    /// Takes the form before the chat, or corrections to it.
    ///
    /// # Errors
    /// When something is missing, or it is too late for it, or upstream fails.
    pub async fn tell(mut self, form: Form) -> Result<Value, Refusal> {
        self.expect(|status| match status {
            status if status.is_over() => Err(Refusal::Ended),
            status if status.takes_fields() => Ok(()),
            _ => Err(Refusal::NotNow),
        })
        .await?;
        let mut fields = form.fields.clone();
        if self.seen.status == Status::PreChatForm {
            let topic = self.desk.topic(self.seen.topic).await?;
            self.check(&form, &topic, "/Widget/RequiredFields", "CollectConsent")?;
            fields.insert("Status".to_owned(), json!(after_form(&topic)));
        }
        if fields.is_empty() {
            return Ok(self.shown().await);
        }
        self.patched(fields).await
    }

    /// Types, or stops. Both sides' bits share a field, so the agent's is read before it is written (§5.6).
    ///
    /// # Errors
    /// When nobody talks, or upstream fails.
    pub async fn typing(mut self, on: bool) -> Result<Value, Refusal> {
        self.expect(|status| match status {
            Status::Talking => Ok(()),
            status if status.is_over() => Err(Refusal::Ended),
            _ => Err(Refusal::NotNow),
        })
        .await?;
        let is_known = self.seen.flags.contains(VISITOR_TYPES) == on;
        if !self.desk.config.typing || is_known {
            return Ok(self.shown().await);
        }
        self.entry.seen.doubt();
        self.look_again().await?;
        let agent = self.seen.flags.contains(AGENT_TYPES).then_some(AGENT_TYPES);
        let flags: Vec<&str> = on.then_some(VISITOR_TYPES).into_iter().chain(agent).collect();
        self.patched(Map::from_iter([("Flags".to_owned(), json!(flags.join(", ")))])).await
    }

    /// Ends the session; from the queue it ends differently (§5.5).
    ///
    /// # Errors
    /// When upstream fails.
    pub async fn end(mut self) -> Result<Value, Refusal> {
        if !self.seen.status.is_over() {
            self.entry.seen.doubt();
            self.look_again().await?;
        }
        let status = match self.seen.status {
            status if status.is_over() => return Ok(self.shown().await),
            Status::InQueue => "ClosedFromQueue",
            _ => "Finished",
        };
        self.patched(Map::from_iter([("Status".to_owned(), json!(status))])).await
    }

    /// Rates the session, once it is over.
    ///
    /// # Errors
    /// When it is not, or upstream fails.
    pub async fn rate(mut self, stars: u64) -> Result<Value, Refusal> {
        self.expect(|status| match status {
            Status::Finished | Status::Closed => Ok(()),
            _ => Err(Refusal::NotNow),
        })
        .await?;
        self.patched(Map::from_iter([("Rating".to_owned(), json!(stars))])).await
    }

    /// Asks for a person instead of the bot.
    ///
    /// # Errors
    /// When there is no bot, or upstream fails.
    pub async fn reset(mut self) -> Result<Value, Refusal> {
        let is_done = |seen: &Seen| !seen.bot && seen.status.takes_fields();
        if !is_done(&self.seen) && (!self.seen.bot || self.seen.status.is_over()) {
            self.entry.seen.doubt();
            self.look_again().await?;
        }
        if self.seen.status.is_over() {
            return Err(Refusal::Ended);
        }
        if is_done(&self.seen) {
            return Ok(self.shown().await);
        }
        if !self.seen.bot {
            return Err(Refusal::NotNow);
        }
        let seen = self.desk.reset(self.id).await?;
        Ok(self.show(&seen, None).await)
    }

    /// Takes the form that is there when nobody is. What was done before a failure is not done twice by a repeat, but
    /// for the request itself: one too many is better than none.
    ///
    /// # Errors
    /// When it is not offered, or something is missing, or upstream fails.
    pub async fn leave_message(mut self, form: Form, words: &str) -> Result<Value, Refusal> {
        if self.seen.status == Status::RequestPosted {
            return Ok(self.shown().await);
        }
        if !self.is_offline_offered(&self.seen).await {
            self.entry.seen.doubt();
            self.look_again().await?;
        }
        if self.seen.status.is_over() {
            return Err(Refusal::Ended);
        }
        if !self.is_offline_offered(&self.seen).await {
            return Err(Refusal::NotNow);
        }
        let topic = self.desk.topic(self.seen.topic).await?;
        self.check(&form, &topic, "/Widget/OfflineFields", "OfflineCollectConsent")?;
        if !form.fields.is_empty() {
            self.seen = Arc::new(self.desk.patch(self.id, form.fields).await?);
        }
        let said = self.desk.said(self.id, &self.entry, 0).await?;
        let is_said = said.iter().any(|line| line.get("Message").and_then(Value::as_str) == Some(words));
        if !is_said {
            let author = if self.seen.alias.is_empty() { &self.desk.config.author } else { &self.seen.alias };
            self.post("ToUser", words, author, ("None", "")).await?;
        }
        let wants_ticket = topic.get("TicketEnabled").and_then(Value::as_bool).unwrap_or_default();
        let ticket = if wants_ticket { Some(self.desk.ticket(&topic, &self.seen, words).await?) } else { None };
        let status = Map::from_iter([("Status".to_owned(), json!("RequestPosted"))]);
        let seen = self.desk.patch(self.id, status).await?;
        Ok(self.show(&seen, ticket).await)
    }

    /// Checks the status; before a refusal it is read anew, because what is remembered may be old.
    async fn expect(&mut self, fits: impl Fn(Status) -> Result<(), Refusal>) -> Result<(), Refusal> {
        if fits(self.seen.status).is_ok() {
            return Ok(());
        }
        self.entry.seen.doubt();
        self.look_again().await?;
        fits(self.seen.status)
    }

    async fn look_again(&mut self) -> Result<(), Refusal> {
        let (_, seen) = self.desk.seen(self.id).await?;
        self.seen = seen;
        Ok(())
    }

    async fn post(&self, kind: &str, words: &str, author: &str, special: (&str, &str)) -> Result<Value, Refusal> {
        let message = json!({
            "ChatMessageId": 0, "ChatSessionId": self.id, "Type": kind, "Message": words, "Author": author,
            "SpecialType": special.0, "SpecialParam": special.1,
        });
        self.desk.post(self.id, &message).await
    }

    /// What a yes or a no leads to, unless the server did so itself (§6, §13.7).
    async fn answer_faq(&mut self, value: &str) -> Result<(), Refusal> {
        self.look_again().await?;
        if self.seen.status != Status::Faq {
            return Ok(());
        }
        let status = if value == "yes" { "Finished" } else { "InQueue" };
        self.desk.patch(self.id, Map::from_iter([("Status".to_owned(), json!(status))])).await?;
        Ok(())
    }

    async fn patched(&self, fields: Map<String, Value>) -> Result<Value, Refusal> {
        let seen = self.desk.patch(self.id, fields).await?;
        Ok(self.show(&seen, None).await)
    }

    fn check(&self, form: &Form, topic: &Value, required: &str, consent: &str) -> Result<(), Refusal> {
        let required = topic.pointer(required).and_then(Value::as_str).unwrap_or_default();
        let wants_consent = topic.get(consent).and_then(Value::as_bool).unwrap_or_default();
        form.check(required, wants_consent, |name| match self.seen.shown.get(name) {
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Bool(is_so)) => *is_so,
            _ => false,
        })
    }

    async fn show(&self, seen: &Seen, ticket: Option<u64>) -> Value {
        let mut shown = seen.shown.clone();
        let (place, seconds) = self.desk.place(self.id, seen).await;
        shown.insert("QueuePos".to_owned(), json!(place));
        // A bot may post ahead of it; a browser has no other clock to tell by (§5.4).
        shown.insert("Now".to_owned(), json!(stamp::written(self.now)));
        shown.insert("EstimatedWaitSeconds".to_owned(), json!(seconds));
        shown.insert("OfflineFormOffered".to_owned(), json!(self.is_offline_offered(seen).await));
        shown.insert("TicketNumber".to_owned(), json!(ticket.map(|number| number.to_string())));
        Value::Object(shown)
    }

    /// Whether the offline form may be sent: always where it is the status, and in a queue that is too long (§4.3).
    async fn is_offline_offered(&self, seen: &Seen) -> bool {
        if seen.status != Status::InQueue {
            return seen.status == Status::OfflineForm;
        }
        let Ok(topic) = self.desk.topic(seen.topic).await else {
            return false;
        };
        let number = |name: &str| topic.get(name).and_then(Value::as_u64).unwrap_or_default();
        if topic.get("UseQueueOfflineForm").and_then(Value::as_bool) != Some(true) {
            return false;
        }
        let (minutes, people) = (number("OfflineFormTimeLimit"), number("OfflineFormQueueLength"));
        let waited = seen.requested.map_or(0, |requested| self.now.saturating_sub(requested)) / 60_000;
        let (place, _) = self.desk.place(self.id, seen).await;
        // A limit of 0 is none.
        let limits = [(minutes, waited >= minutes), (people, place.is_some_and(|place| place > people))];
        let mut passed = limits.into_iter().filter(|(limit, _)| *limit > 0).map(|(_, is_passed)| is_passed).peekable();
        match self.desk.config.queue_form {
            Combine::Any => passed.any(|is_passed| is_passed),
            Combine::All => passed.peek().is_some() && passed.all(|is_passed| is_passed),
        }
    }
}

/// Whether a visitor may write.
fn takes_words(status: Status) -> Result<(), Refusal> {
    match status {
        Status::Closed | Status::RequestPosted | Status::Gone => Err(Refusal::Ended),
        Status::PreChatForm | Status::OfflineForm => Err(Refusal::NotNow),
        Status::Faq | Status::InQueue | Status::Talking | Status::Finished => Ok(()),
    }
}

/// Where the form before the chat leads (§6).
pub fn after_form(topic: &Value) -> &'static str {
    let has_faq = topic.pointer("/Widget/AutoFaqEnabled").and_then(Value::as_bool).unwrap_or_default();
    if has_faq { "Faq" } else { "InQueue" }
}

const VISITOR_TYPES: &str = "CustomerIsTyping";
const AGENT_TYPES: &str = "UserIsTyping";
