//! What the server's messages mean (§12, §13).

use std::time::Duration;

use super::request::is_as_safe;
use super::upload::Grant;
use super::{LiveAgent, Rule};
use crate::model::json::Value;
use crate::model::{EndReason, Speech, Timestamp};
use crate::protocol::reading::{integer, is_set, items, label, seconds, shared, text};
use crate::protocol::{Activity, HistoryLine, IdlePolicy, Party, ProtocolError, SneakPeek, Update, UploadFact};

impl LiveAgent {
    /// Takes over a batch (§3.3): its messages in order, then its position. A batch that was taken over before is
    /// dropped.
    pub(super) fn read_batch(&mut self, body: &str) -> Result<Vec<Update>, ProtocolError> {
        let unreadable = |detail| ProtocolError::Unreadable { noun: "Messages", detail };
        let body: Value = Value::parse(body).ok_or(unreadable("not JSON"))?;
        let messages = body.get("messages").and_then(Value::as_array).ok_or(unreadable("messages is missing"))?;
        let sequence = integer(&body, "sequence");
        let offset = integer(&body, "offset").filter(|offset| *offset > 0);
        let is_old =
            sequence.is_some_and(|sequence| sequence <= self.ack) && offset.is_none_or(|offset| offset <= self.offset);
        if is_old {
            return Ok(Vec::new());
        }
        let updates: Vec<Update> = messages.iter().flat_map(|message| self.read(message)).collect();
        if updates.contains(&Update::Reopen) {
            // The position was in a chat that is forgotten by now.
            return Ok(updates);
        }
        if let Some(sequence) = sequence {
            self.ack = sequence;
        }
        if let Some(offset) = offset {
            self.offset = offset;
        }
        Ok(updates)
    }

    fn read(&mut self, message: &Value) -> Vec<Update> {
        let kind = text(message, "type").unwrap_or_default();
        // A message without a body is one with an empty body (§7.1).
        let body = message.get("message").unwrap_or(&Value::Null);
        match kind {
            "ChatRequestSuccess" => self.request_success(body),
            "ChatRequestFail" => vec![Update::Ended(fail_reason(body))],
            "QueueUpdate" => vec![queued(body, "position")],
            "ChatEstablished" => with_flags(Update::Joined { name: shared(body, "name") }, body),
            "ChatTransferred" => with_flags(Update::Transferred { name: shared(body, "name") }, body),
            "ChatMessage" => shared(body, "text")
                .map(|text| Update::Said(Speech::plain(shared(body, "name"), text)))
                .into_iter()
                .collect(),
            "AgentTyping" => vec![Update::AgentTyping(Activity::Typing)],
            "AgentNotTyping" => vec![Update::AgentTyping(Activity::Silent)],
            "AgentDisconnect" => vec![Update::AgentLeft],
            "TransferToButtonInitiated" => vec![Update::Transferring],
            "AgentJoinedConference" => vec![Update::ConferenceJoined { name: shared(body, "name") }],
            "AgentLeftConference" => vec![Update::ConferenceLeft { name: shared(body, "name") }],
            "ChatEnded" => vec![Update::Ended(end_reason(body))],
            "CustomEvent" => vec![Update::Custom {
                kind: text(body, "type").unwrap_or_default().to_owned(),
                data: text(body, "data").unwrap_or_default().to_owned(),
            }],
            // It tells where the visitor is, which the visitor knows.
            "NewVisitorBreadcrumb" => Vec::new(),
            "SensitiveDataRules" => {
                self.rules = rules(body);
                Vec::new()
            }
            "ChasitorSessionData" => session_data(body),
            "FileTransfer" => self.file_transfer(body),
            "RichMessage" => menu(body).into_iter().collect(),
            "SwitchServer" => self.read_switch(body),
            unknown => vec![Update::Ignored { kind: label(unknown) }],
        }
    }

    fn request_success(&mut self, body: &Value) -> Vec<Update> {
        self.rules = rules(body);
        // Some kinds of routing report 0 at first whatever the queue is like (§12).
        let position = position(body, "queuePosition").filter(|position| *position > 0);
        let mut updates = vec![Update::Queued { position, wait: seconds(body, "estimatedWaitTime") }];
        let patience = integer(body, "connectionTimeout").and_then(|millis| u64::try_from(millis).ok());
        updates.extend(
            patience.filter(|millis| *millis > 0).map(|millis| Update::Patience(Duration::from_millis(millis))),
        );
        updates
    }

    fn file_transfer(&mut self, body: &Value) -> Vec<Update> {
        let fact = match text(body, "type") {
            Some("Requested") => {
                self.grant = Grant::read(body).filter(|grant| is_as_safe(&self.base, &grant.url));
                if self.grant.is_none() {
                    return vec![Update::Ignored { kind: "FileTransfer".to_owned() }];
                }
                return vec![Update::Upload(UploadFact::Requested)];
            }
            Some("Canceled") => UploadFact::Canceled,
            Some("Success") => UploadFact::Arrived,
            Some("Failure") => UploadFact::Failed,
            Some(_) | None => return vec![Update::Ignored { kind: "FileTransfer".to_owned() }],
        };
        self.grant = None;
        vec![Update::Upload(fact)]
    }

    /// The org moved: a new session is opened at the other host (§4.5).
    fn read_switch(&mut self, body: &Value) -> Vec<Update> {
        let moved = text(body, "newUrl").is_some_and(|url| self.switch_server(url));
        if !moved {
            return vec![Update::Ignored { kind: "SwitchServer".to_owned() }];
        }
        let switches = self.switches;
        crate::protocol::Protocol::forget(self);
        self.switches = switches;
        vec![Update::Reopen]
    }
}

fn position(body: &Value, name: &str) -> Option<u32> {
    integer(body, name).and_then(|position| u32::try_from(position).ok())
}

fn queued(body: &Value, name: &str) -> Update {
    Update::Queued { position: position(body, name), wait: seconds(body, "estimatedWaitTime") }
}

/// An agent brings their own flags (§12).
fn with_flags(update: Update, body: &Value) -> Vec<Update> {
    vec![update, sneak_peek(body), Update::Idle(idle_policy(body))]
}

fn sneak_peek(body: &Value) -> Update {
    Update::SneakPeek(if is_set(body, "sneakPeekEnabled") { SneakPeek::Allowed } else { SneakPeek::Forbidden })
}

/// Both times are in seconds (§7.4); the guide prints another spelling than the wire has.
fn idle_policy(body: &Value) -> Option<IdlePolicy> {
    let policy = body.get("chasitorIdleTimeout").or_else(|| body.get("chasitorIdletimeout"))?;
    let span = |name| seconds(policy, name).filter(|span| !span.is_zero());
    let end = span("timeout").filter(|_| is_set(policy, "isEnabled"))?;
    Some(IdlePolicy { warning: span("warningTime").unwrap_or(end).min(end), end })
}

fn rules(body: &Value) -> Vec<Rule> {
    items(body, "sensitiveDataRules").iter().filter_map(Rule::read).collect()
}

fn session_data(body: &Value) -> Vec<Update> {
    let history = items(body, "chatMessages").iter().filter_map(history_line).collect();
    let mut updates = vec![queued(body, "queuePosition")];
    if body.get("sneakPeekEnabled").is_some() {
        updates.push(sneak_peek(body));
    }
    updates.push(Update::History(history));
    updates
}

/// One entry of the transcript (§11.5). A transfer is no line that anybody said.
fn history_line(entry: &Value) -> Option<HistoryLine> {
    let party = match text(entry, "type")? {
        "Agent" => Party::Agent,
        "Chasitor" => Party::Visitor,
        _ => return None,
    };
    let at = integer(entry, "timestamp").and_then(|millis| u64::try_from(millis).ok()).map(Timestamp::from_millis);
    Some(HistoryLine { party, name: shared(entry, "name"), text: shared(entry, "content")?, at })
}

/// A bot's menu, as words: what it offers can be typed.
fn menu(body: &Value) -> Option<Update> {
    let choices = items(body, "items").iter().filter_map(|item| text(item, "text")).map(|choice| format!("• {choice}"));
    let lines: Vec<String> = text(body, "header").map(str::to_owned).into_iter().chain(choices).collect();
    (!lines.is_empty()).then(|| Update::Said(Speech::plain(None, lines.join("\n").into())))
}

fn fail_reason(body: &Value) -> EndReason {
    match text(body, "reason") {
        Some("Unavailable") => EndReason::Unavailable,
        Some("Blocked") => EndReason::Blocked,
        Some("InternalFailure" | "NoPost") => EndReason::Failed,
        Some(_) | None => EndReason::Unknown,
    }
}

fn end_reason(body: &Value) -> EndReason {
    match text(body, "reason") {
        Some("agent") => EndReason::Agent,
        Some("client") => EndReason::Visitor,
        Some("clientIdleTimeout") => EndReason::Idle,
        Some("agentsUnavailable" | "agentPushTimeout") => EndReason::Unavailable,
        Some("NoPost") => EndReason::Failed,
        Some(_) | None => EndReason::Unknown,
    }
}
