//! What the protocol page does not say, and the gateway has to assume of the real WebAPI. Every assumption is here, and
//! has a switch in the local server where that makes sense. Sections are those of the protocol page.

use serde_json::{Value, json};

/// Who waits in a topic's queue, from a place on; the columns' names are open (§13.12). How many rows come at once is the
/// server's to say.
pub fn queue_path(topic: u64, from: usize) -> String {
    format!(
        "ChatTopic/{topic}/Sessions?$filter=status%20eq%20%27InQueue%27&$select=chatSessionId\
         &$orderBy=chatSessionId%20asc&$top={}&$skip={from}",
        ROWS - from
    )
}

/// The number of a session in a row of a list.
pub fn row_number(row: &Value) -> Option<u64> {
    let number = |name: &str| {
        let value = row.get(name)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    };
    number("PrimaryKey").or_else(|| number("chatSessionId")).or_else(|| number("ChatSessionId"))
}

/// Whether somebody answers chats: a word (§3.6), or a flag, or a number.
pub fn is_present(user: &Value) -> bool {
    match user.get("Present") {
        Some(Value::Bool(is_present)) => *is_present,
        Some(Value::Number(number)) => number.as_u64() == Some(1),
        Some(Value::String(word)) => word.eq_ignore_ascii_case("Present"),
        _ => false,
    }
}

/// Whether somebody answers chats of a topic; a list that is empty or missing leaves nobody out.
pub fn answers_for(user: &Value, topic: u64) -> bool {
    let number = |entry: &Value| entry.as_u64().or_else(|| entry.get("ChatTopicId")?.as_u64());
    match user.get("ChatTopics") {
        Some(Value::Array(topics)) if !topics.is_empty() => topics.iter().any(|entry| number(entry) == Some(topic)),
        _ => true,
    }
}

/// A click as it is stored (§5.3, §13.7): the label as words, and a list of the label, or of its value, beside them.
pub fn click(label: &str, value: Option<&str>) -> String {
    json!([value.unwrap_or(label)]).to_string()
}

/// The request that an offline form becomes (§6). Posting a ticket and its message is documented; that these fields are
/// enough is not.
pub fn ticket(title: &str, author: &str, email: &str, topic: &Value) -> Value {
    json!({
        "Title": title, "Author": author, "FromAddress": email, "Origin": "Chat",
        "Category": topic.get("TicketCategory"), "Priority": topic.get("TicketPriority"),
    })
}

/// The words of that request.
pub fn ticket_message(ticket: u64, author: &str, words: &str) -> Value {
    json!({"TicketId": ticket, "Author": author, "Body": words, "Slevel": "External"})
}

/// How many people of a queue are counted; whoever is behind them is told no place.
pub const ROWS: usize = 500;
