//! The topics of a demonstration, and how a topic is read.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Topics by number: a bot with everything behind it, nothing at all, a form with FAQ, and one that is closed.
pub fn usual() -> BTreeMap<String, Value> {
    let bot = topic(
        1,
        "With a bot",
        &json!({
            "CustomQueueTextEnabled": true, "CustomQueueText": "You are number {cque} in the queue. It takes about {cavw}.",
            "WidgetEnableRating": true, "WidgetRatingText": "How was the chat?", "UseQueueOfflineForm": true,
            "BotEnabled": true, "BotSettings": {"BotName": "Robo", "SessionCreateScriptId": 71, "MessageScriptId": 72},
        }),
        &json!({
            "PreFormEnabled": true, "PreFormMessage": "Before a colleague comes: who are you?", "RequiredFields": "Email, Name",
            "PostFormEnabled": true, "PostFormHeader": "Thank you", "PostFormMessage": "Come again.", "PostTranscriptEnabled": true,
        }),
    );
    let plain = topic(2, "Straight to people", &json!({}), &json!({}));
    let asking = topic(
        3,
        "With a form and answers",
        &json!({"CollectConsent": true}),
        &json!({"PreFormEnabled": true, "RequiredFields": "Email", "AutoFaqEnabled": true, "AutoFaqCategory": 9}),
    );
    let closed = topic(
        CLOSED,
        "Closed",
        &json!({"TicketEnabled": true, "TicketCategory": {"TicketCategoryId": 5}, "OfflineCollectConsent": true}),
        &json!({"OfflineFields": "Email, Name", "OfflineHeader": "We are closed", "OfflineMessage": "Leave us a message."}),
    );
    [bot, plain, asking, closed].into_iter().collect()
}

/// A switch of a topic, by its path.
pub fn is_on(topic: &Value, path: &str) -> bool {
    topic.pointer(path).and_then(Value::as_bool).unwrap_or_default()
}

/// A text of a topic, by its path.
pub fn text<'a>(topic: &'a Value, path: &str) -> &'a str {
    topic.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// The fields that a form requires, by their flags' names (§3.5).
pub fn required<'a>(topic: &'a Value, path: &str) -> impl Iterator<Item = &'a str> {
    text(topic, path).split(',').map(str::trim).filter(|flag| !flag.is_empty() && *flag != "None")
}

fn topic(id: u64, name: &str, own: &Value, widget: &Value) -> (String, Value) {
    let mut whole = json!({
        "ChatTopicId": id, "Name": name, "Description": "for colleagues only", "BadgeHeader": "Chat with us",
        "WelcomeMessage": "Welcome! How can we help?", "CollectConsent": false, "OfflineCollectConsent": false,
        "CustomQueueTextEnabled": false, "CustomQueueText": "", "SecondsPrAccept": 45, "TicketEnabled": false,
        "TicketCategory": null, "TicketPriority": null, "OpeningHoursEnabled": false, "OpeningHours": null,
        "UseQueueOfflineForm": false, "OfflineFormTimeLimit": 5, "OfflineFormQueueLength": 4,
        "WidgetEnableRating": false, "WidgetRatingText": "", "BotEnabled": false, "BotSettings": {"BotName": ""},
        "AlertRecipients": "desk@example.net", "AlertTemplateId": 4, "TableRight": null, "FieldProperties": {},
    });
    let mut looks = json!({
        "AutoFaqEnabled": false, "AutoFaqCategory": 0, "PreFormEnabled": false, "PreFormMessage": "", "RequiredFields": "None",
        "PostFormEnabled": false, "PostFormHeader": "", "PostFormMessage": "", "PostTranscriptEnabled": false,
        "LanguageIsoCode": "en", "Size": "Normal", "Theme": "", "Color": "", "Font": "", "LogoEnabled": false,
        "LogoBlobId": 0, "LogoName": "", "ShowAgentPhoto": false, "WelcomeTitle": "Hi", "WelcomeMessage": "",
        "OfflineHeader": "", "OfflineMessage": "", "OfflineFields": "Email", "UseAgentFirstname": false,
    });
    fill(&mut looks, widget);
    fill(&mut whole, own);
    if let Some(fields) = whole.as_object_mut() {
        fields.insert("Widget".to_owned(), looks);
    }
    (id.to_string(), whole)
}

fn fill(whole: &mut Value, own: &Value) {
    if let (Some(whole), Some(own)) = (whole.as_object_mut(), own.as_object()) {
        whole.extend(own.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
}

/// The topic that is never open.
pub const CLOSED: u64 = 4;
