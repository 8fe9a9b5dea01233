//! What of the CRM's entities a visitor may see (§9). Names what is let through, so that what a later version adds stays
//! inside.

use serde_json::{Map, Value, json};

use crate::gateway::secret::Secret;
use crate::stamp;

/// A session as the gateway remembers it.
#[derive(Debug)]
pub struct Seen {
    /// The visitor's proof.
    pub key: Secret,
    /// Its topic.
    pub topic: u64,
    /// How far it got.
    pub status: Status,
    /// Whether a bot talks.
    pub bot: bool,
    /// The name above the visitor's bubbles.
    pub alias: String,
    /// Who types, as it stands upstream.
    pub flags: String,
    /// When the visitor's presence was written last, in milliseconds since the epoch.
    pub fetched: Option<u64>,
    /// When the visitor asked, in milliseconds since the epoch.
    pub requested: Option<u64>,
    /// What a visitor may see.
    pub shown: Map<String, Value>,
}

/// How far a session got (§3.1), as far as the gateway cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The form before the chat.
    PreChatForm,
    /// The question to the knowledge base.
    Faq,
    /// The form when nobody is there.
    OfflineForm,
    /// Waiting.
    InQueue,
    /// Somebody talks.
    Talking,
    /// Ended, and may be taken up again.
    Finished,
    /// Ended, and may be rated.
    Closed,
    /// Became a request.
    RequestPosted,
    /// Ended for good in another way, or nothing that is known.
    Gone,
}

impl Status {
    fn of(word: &str) -> Self {
        match word {
            "PreChatForm" => Self::PreChatForm,
            "Faq" => Self::Faq,
            "OfflineForm" => Self::OfflineForm,
            "InQueue" => Self::InQueue,
            "CustomerLast" | "UserLast" => Self::Talking,
            "Finished" => Self::Finished,
            "Closed" => Self::Closed,
            "RequestPosted" => Self::RequestPosted,
            _ => Self::Gone,
        }
    }

    /// Whether it is over.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Closed | Self::RequestPosted | Self::Gone)
    }

    /// Whether the visitor may still say who they are.
    pub fn takes_fields(self) -> bool {
        matches!(self, Self::PreChatForm | Self::Faq | Self::OfflineForm | Self::InQueue)
    }
}

impl Seen {
    /// Reads an entity; `None` for what is none.
    pub fn read(entity: &Value) -> Option<Self> {
        let text = |name: &str| entity.get(name).and_then(Value::as_str).unwrap_or_default();
        entity.get("ChatSessionId")?.as_u64()?;
        let mut shown = picked(entity, &SESSION);
        let flags = text("Flags").to_owned();
        // Only this bit is evidence of anything (§3.4).
        shown.insert("Flags".to_owned(), json!(if flags.contains(AGENT_TYPES) { AGENT_TYPES } else { "" }));
        Some(Self {
            key: Secret::new(text("SessionKey")),
            topic: entity.get("TopicId")?.as_u64()?,
            status: Status::of(entity.get("Status")?.as_str()?),
            bot: entity.get("ChatbotIsActive").and_then(Value::as_bool).unwrap_or_default(),
            alias: text("CustomerAlias").to_owned(),
            flags,
            fetched: stamp::read(text("WhenFetched")),
            requested: stamp::read(text("WhenRequested")),
            shown,
        })
    }

    /// A field of the visitor's.
    pub fn field(&self, name: &str) -> &str {
        self.shown.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The agents in it, by their display names only.
    pub fn with_users(mut self, entity: &Value, first_names: bool) -> Self {
        for name in ["User", "TransferTo"] {
            self.shown.insert(name.to_owned(), person(entity.get(name), first_names));
        }
        self
    }
}

/// What a visitor may see of a topic.
pub fn topic(entity: &Value) -> Value {
    let mut shown = picked(entity, &TOPIC);
    if let Some(widget) = entity.get("Widget").filter(|widget| widget.is_object()) {
        shown.insert("Widget".to_owned(), Value::Object(picked(widget, &WIDGET)));
    }
    let bot = entity.pointer("/BotSettings/BotName").and_then(Value::as_str).unwrap_or_default();
    shown.insert("BotSettings".to_owned(), json!({"BotName": bot}));
    Value::Object(shown)
}

/// What a visitor may see of a message, and its number; `None` for what is none.
pub fn message(entity: &Value) -> Option<(u64, Value)> {
    let number = entity.get("ChatMessageId")?.as_u64()?;
    Some((number, Value::Object(picked(entity, &MESSAGE))))
}

fn person(associate: Option<&Value>, first_names: bool) -> Value {
    let Some(associate) = associate.filter(|associate| associate.is_object()) else {
        return Value::Null;
    };
    let name = ["FullName", "FormalName", "Name"].into_iter().filter_map(|name| associate.get(name)?.as_str());
    let name = name.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    let name = if first_names { name.split_whitespace().next().unwrap_or_default() } else { name };
    json!({"AssociateId": associate.get("AssociateId"), "FullName": name})
}

fn picked(entity: &Value, names: &[&str]) -> Map<String, Value> {
    let picked = names.iter().filter_map(|name| Some(((*name).to_owned(), entity.get(*name)?.clone())));
    picked.collect()
}

const AGENT_TYPES: &str = "UserIsTyping";

const SESSION: [&str; 22] = [
    "ChatSessionId",
    "TopicId",
    "CustomerAlias",
    "CustomerName",
    "CustomerEmail",
    "CustomerPhone",
    "CustomerCompanyName",
    "CustomerConsented",
    "Status",
    "FirstMessage",
    "LastMessage",
    "WhenRequested",
    "WhenStarted",
    "WhenEnded",
    "WhenIdle",
    "WhenFetched",
    "InitialQueuePos",
    "ChatbotIsActive",
    "Rating",
    "Flags",
    "User",
    "TransferTo",
];

const MESSAGE: [&str; 9] = [
    "ChatMessageId",
    "ChatSessionId",
    "Type",
    "Message",
    "Author",
    "ReadByCustomer",
    "SpecialType",
    "SpecialParam",
    "WhenPosted",
];

const TOPIC: [&str; 17] = [
    "ChatTopicId",
    "BadgeHeader",
    "WelcomeMessage",
    "CollectConsent",
    "OfflineCollectConsent",
    "CustomQueueTextEnabled",
    "CustomQueueText",
    "SecondsPrAccept",
    "TicketEnabled",
    "OpeningHoursEnabled",
    "OpeningHours",
    "UseQueueOfflineForm",
    "OfflineFormTimeLimit",
    "OfflineFormQueueLength",
    "WidgetEnableRating",
    "WidgetRatingText",
    "BotEnabled",
];

const WIDGET: [&str; 22] = [
    "AutoFaqEnabled",
    "PreFormEnabled",
    "PreFormMessage",
    "RequiredFields",
    "PostFormEnabled",
    "PostFormHeader",
    "PostFormMessage",
    "PostTranscriptEnabled",
    "LanguageIsoCode",
    "Size",
    "Theme",
    "Color",
    "Font",
    "LogoEnabled",
    "ShowAgentPhoto",
    "WelcomeTitle",
    "WelcomeMessage",
    "OfflineHeader",
    "OfflineMessage",
    "OfflineFields",
    "UseAgentFirstname",
    "FontSize",
];

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail loudly")]
    use super::*;

    fn entity() -> Value {
        json!({
            "ChatSessionId": 7, "TopicId": 1, "Status": "UserLast", "SessionKey": "secret", "CustomerHost": "192.0.2.7",
            "Person": {"PersonId": 1}, "Contact": {}, "Project": {}, "Sale": {}, "Ticket": {}, "AlertLevel": 1, "Rank": 1,
            "TableRight": null, "FieldProperties": {}, "_Links": {}, "NewInTheNextVersion": "x", "Flags": "CustomerIsTyping",
            "User": {"AssociateId": 5, "FullName": "Noor Berg", "PersonId": 9, "UserName": "noor"},
        })
    }

    #[test]
    fn what_is_not_named_stays_inside() {
        let seen = Seen::read(&entity()).expect("a session").with_users(&entity(), false);
        let names: Vec<&str> = seen.shown.keys().map(String::as_str).collect();
        assert_eq!(names, ["ChatSessionId", "Flags", "Status", "TopicId", "TransferTo", "User"]);
        assert_eq!(seen.shown["User"], json!({"AssociateId": 5, "FullName": "Noor Berg"}));
        assert_eq!((&seen.shown["Flags"], seen.flags.as_str()), (&json!(""), "CustomerIsTyping"));
    }

    #[test]
    fn a_topic_may_want_first_names_only() {
        let seen = Seen::read(&entity()).expect("a session").with_users(&entity(), true);
        assert_eq!(seen.shown["User"]["FullName"], "Noor");
    }

    #[test]
    fn a_topic_shows_no_scripts_and_no_categories() {
        let whole = json!({"ChatTopicId": 1, "Name": "internal", "TicketCategory": {}, "AlertRecipients": "a@b",
            "BotSettings": {"BotName": "Robo", "MessageScriptId": 4}, "Widget": {"AutoFaqCategory": 9, "Size": "Normal"}});
        let shown = json!({"BotSettings": {"BotName": "Robo"}, "ChatTopicId": 1, "Widget": {"Size": "Normal"}});
        assert_eq!(topic(&whole), shown);
    }

    #[test]
    fn what_is_no_session_is_none() {
        for broken in [json!(null), json!([]), json!({}), json!({"ChatSessionId": "7"}), json!({"ChatSessionId": 7})] {
            assert!(Seen::read(&broken).is_none(), "{broken}");
        }
    }
}
