//! What the agent's side does, spelt as events of the protocol.

use std::time::Duration;

use serde_json::{Value, json};

use crate::genesys::idle::{Then, seconds};
use crate::genesys::party::{Parties, Party, Role, put};
use crate::genesys::session::{Life, Session};
use crate::genesys::switches::{NoticeKind, Switches};
use crate::hub::{Action, Because, Message, Person};

/// Spells an action, and keeps what the session must know of it.
pub fn express(session: &mut Session, action: &Action, agent: &str, switches: &Switches, at: u64) -> Vec<Message> {
    match action {
        Action::Accept(person) | Action::Transfer(person) => take_over(session, person, at),
        Action::TransferToQueue(_) | Action::Disconnect(_) => left(session.parties.leave_talking(), at),
        Action::Join(person) => vec![joined(&session.parties.join(person.display_name(), role(person)), at)],
        Action::Leave(person) => left(session.parties.leave(person.display_name()), at),
        Action::Say(text) | Action::SayHtml(text) => {
            let mut message = session.parties.speaker(agent).words(text, at);
            put(&mut message, "messageType", json!("text"));
            vec![event("Message", message)]
        }
        Action::Notice(text) => vec![event("Notice", session.parties.system().words(text, at))],
        Action::Typing(on) => {
            let kind = if *on { "TypingStarted" } else { "TypingStopped" };
            vec![event(kind, session.parties.speaker(agent).event(at))]
        }
        Action::PushUrl(url) => vec![event("PushUrl", session.parties.speaker(agent).words(url, at))],
        Action::SendFile(file) => {
            let bytes = file.text.clone().into_bytes().into();
            let data = session.files.keep(&file.name, &file.content_type, bytes, Role::Agent);
            let mut uploaded = session.parties.speaker(agent).event(at);
            put(&mut uploaded, "userData", data);
            vec![event("FileUploaded", uploaded)]
        }
        Action::IdleAlert { secs } => vec![alert(session, Then::Close, u64::from(*secs) * 1_000, at)],
        Action::CustomEvent(custom) => {
            let notice = session.parties.speaker(agent).words(&custom.data, at);
            vec![event("CustomNotice", named(notice, &custom.kind, switches.notice_kind))]
        }
        Action::Fail(_) => over(session, "5", at),
        Action::End(because) => end(session, because, at),
        Action::Raw(raw) => vec![(String::new(), Some(raw.clone()))],
        // There is no queue to see, nobody asks for a file, and rules are the other side's business.
        Action::Succeed(_)
        | Action::Queue(_)
        | Action::RequestFile(_)
        | Action::CancelFile(_)
        | Action::SensitiveRules(_) => Vec::new(),
    }
}

/// A warning of what follows on silence; from then on the clock runs towards that.
pub fn alert(session: &mut Session, then: Then, ms: u64, at: u64) -> Message {
    session.silence.warn(then, ms);
    let secs = seconds(Duration::from_millis(ms)).to_string();
    let kind = if then == Then::Close { "CLOSE" } else { "ALERT" };
    let text = "Are you still there?";
    let mut alert = session.parties.system().words(text, at);
    put(&mut alert, "userData", json!({"next-idle-timer-type": kind, "next-idle-timer-secs": secs}));
    event("IdleAlert", alert)
}

/// Everybody leaves because the visitor did.
pub fn farewell(parties: &mut Parties, at: u64) -> Vec<Message> {
    parties.leave_all().iter().map(|party| event("ParticipantLeft", party.event(at))).collect()
}

/// Somebody joined.
pub fn joined(party: &Party, at: u64) -> Message {
    event("ParticipantJoined", party.event(at))
}

/// Somebody takes over from whoever talks, if anybody does: one leaves, one joins, and nothing else tells of it.
fn take_over(session: &mut Session, person: &Person, at: u64) -> Vec<Message> {
    let mut events = left(session.parties.leave_talking(), at);
    session.silence.allow(person.idle);
    events.push(joined(&session.parties.join_talking(person.display_name(), role(person)), at));
    events
}

fn end(session: &mut Session, because: &Because, at: u64) -> Vec<Message> {
    let reason = because.reason.as_deref().unwrap_or("agent");
    match reason {
        "idle" => {
            let close = session.parties.system().words("The chat was closed because of silence.", at);
            let mut events = vec![event("IdleClose", close)];
            events.extend(over(session, "7", at));
            events
        }
        "agent" => over(session, "4", at),
        number if number.chars().all(|letter| letter.is_ascii_digit()) => over(session, number, at),
        _ => over(session, "5", at),
    }
}

/// The session ends; the visitor is the last to leave, and is told why.
fn over(session: &mut Session, code: &str, at: u64) -> Vec<Message> {
    session.life = Life::Ended;
    let leaving = session.parties.leave_all();
    let each = leaving.iter().map(|party| {
        let mut body = party.event(at);
        if party.role == Role::Client {
            put(&mut body, "eventAttributes", json!({"GCTI_SYSTEM": {"quit-reason-code": code}}));
        }
        event("ParticipantLeft", body)
    });
    each.collect()
}

/// A notice that says what it is.
fn named(mut notice: Value, kind: &str, place: NoticeKind) -> Value {
    match place {
        NoticeKind::Purpose => {
            let mut attributes = notice.get("eventAttributes").cloned().unwrap_or_else(|| json!({}));
            put(&mut attributes, "purpose", json!(kind));
            put(&mut notice, "eventAttributes", attributes);
        }
        NoticeKind::UserData => put(&mut notice, "userData", json!({"event": kind})),
    }
    notice
}

fn left(party: Option<Party>, at: u64) -> Vec<Message> {
    party.iter().map(|party| event("ParticipantLeft", party.event(at))).collect()
}

fn role(person: &Person) -> Role {
    match (person.bot, person.supervisor) {
        (true, _) => Role::Bot,
        (false, true) => Role::Supervisor,
        (false, false) => Role::Agent,
    }
}

fn event(kind: &str, body: Value) -> Message {
    (kind.to_owned(), Some(body))
}
