//! What the agent's side does, spelt as events of LivePerson's.

use serde_json::{Value, json};

use crate::hub::{Action, Because, Message};
use crate::live_person::events::{self, state, system};
use crate::live_person::session::AccountTransfer;
use crate::live_person::switches::{AgentLines, First};
use crate::live_person::{Session, documents};
use crate::settings::Settings;

/// Spells an action, and keeps what the session must know of it.
pub fn express(session: &mut Session, action: &Action, agent: &str, settings: &Settings) -> Vec<Message> {
    session.keep_switches(settings);
    match action {
        Action::Succeed(_) if session.events.is_empty() => {
            let line = if settings.available { system(events::ROUTED, Some(4)) } else { system(events::BUSY, Some(2)) };
            pair("waiting", line, settings)
        }
        Action::Accept(person) => pair("chatting", system(&events::accepted(person.display_name()), Some(3)), settings),
        Action::Transfer(person) => {
            let line = system(&events::transferred(person.display_name()), Some(13));
            if session.state() == Some("chatting") {
                return vec![said(line)];
            }
            pair("chatting", line, settings)
        }
        Action::TransferToQueue(_) => requeue(session, settings),
        Action::Disconnect(_) => wait_again(system(events::DISCONNECTED, Some(23)), settings),
        Action::Say(text) => vec![said(agents(text, agent, settings))],
        Action::SayHtml(html) => vec![said(events::words(html, "html", agent, "agent"))],
        Action::Notice(text) => vec![said(system(text, None))],
        Action::PushUrl(url) => vec![("url".to_owned(), Some(json!({"url": url})))],
        Action::Fail(_) => vec![said(system(events::BUSY, Some(2))), became("ended")],
        Action::End(because) => end(because),
        Action::Raw(raw) => {
            let kind = raw.get("type").and_then(Value::as_str).unwrap_or_default();
            vec![(kind.to_owned(), raw.get("message").cloned())]
        }
        Action::Succeed(_)
        | Action::Queue(_)
        | Action::Typing(_)
        | Action::Join(_)
        | Action::Leave(_)
        | Action::SendFile(_)
        | Action::IdleAlert { .. }
        | Action::CustomEvent(_)
        | Action::RequestFile(_)
        | Action::CancelFile(_)
        | Action::SensitiveRules(_) => Vec::new(),
    }
}

fn end(because: &Because) -> Vec<Message> {
    match because.reason.as_deref() {
        Some(VISITOR) => vec![became("ended")],
        _ => vec![said(system(events::ENDED, Some(5))), became("ended")],
    }
}

fn requeue(session: &mut Session, settings: &Settings) -> Vec<Message> {
    let account = session.next_account.take().or_else(|| settings.liveperson.transfer_account.clone());
    if let Some(account) = account {
        return vec![elsewhere(session, &account)];
    }
    match session.next_skill.take() {
        Some(skill) => {
            let text = format!("You have been transferred to {skill}.");
            session.skill = Some(skill);
            wait_again(system(&text, Some(15)), settings)
        }
        None => wait_again(system(events::REQUEUED, Some(23)), settings),
    }
}

/// Offers the visitor to go on in another account; the widget has to begin a chat there.
fn elsewhere(session: &mut Session, account: &str) -> Message {
    let parameters = json!({
        "a2aEventId": format!("a2a-{}-{}", session.rt_session_id, session.events.len()),
        "a2aSourceSessionId": session.rt_session_id.to_string(),
        "a2aSourceSiteId": session.account,
        "skill": session.next_skill.take().or_else(|| session.skill.clone()),
    });
    session.transfer = Some(AccountTransfer { account: account.to_owned(), parameters: parameters.clone() });
    let root = documents::account_root(&session.base, account);
    let fields = json!({
        "domain": documents::host(&session.base),
        "remoteSiteId": account,
        "chatRequestParameters": parameters,
        "link": [{"@rel": "a2a-transfer", "@href": format!("{root}/chat/request")}],
    });
    ("a2a-transfer".to_owned(), Some(fields))
}

fn wait_again(line: Value, settings: &Settings) -> Vec<Message> {
    if settings.liveperson.waiting_recurs { vec![said(line), became("waiting")] } else { vec![said(line)] }
}

fn agents(text: &str, agent: &str, settings: &Settings) -> Value {
    match settings.liveperson.agent_lines {
        AgentLines::Plain => events::words(text, "plain", agent, "agent"),
        AgentLines::Html => {
            let html = format!("<div dir=\"ltr\" style=\"direction: ltr;\">{}</div>", escape(text));
            events::words(&html, "html", agent, "agent")
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\n', "<br>")
}

fn pair(to: &str, line: Value, settings: &Settings) -> Vec<Message> {
    match settings.liveperson.first {
        First::State => vec![became(to), said(line)],
        First::Line => vec![said(line), became(to)],
    }
}

fn became(name: &str) -> Message {
    ("state".to_owned(), Some(state(name)))
}

fn said(fields: Value) -> Message {
    ("line".to_owned(), Some(fields))
}

/// The reason of an end that the visitor wants.
pub const VISITOR: &str = "visitor";
