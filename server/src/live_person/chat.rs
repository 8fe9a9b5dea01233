//! The visitor's side in a chat: what happened since, what is added, and what is told besides.

use std::time::Duration;

use axum::response::Response;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::call::{Call, Refusal, empty};
use crate::hub::{Action, Because, Conversation, Delivered, Fact, Hub, Kind, Outcome, Phase, Violation};
use crate::live_person::around::survey;
use crate::live_person::checks::{self, Verb, bad, wrong_method};
use crate::live_person::documents::{self, VISITORS, account_root};
use crate::live_person::opening::created;
use crate::live_person::route::{Operation, Route};
use crate::live_person::spelling::{self, Form};
use crate::live_person::{Session, events, surveys, words};
use crate::settings::{Settings, Stance};

/// Answers a request to a chat.
pub fn answer(hub: &Hub, call: &mut Call, route: &Route, verb: Verb) -> Result<Response, Refusal> {
    let settings = hub.settings();
    let switches = &settings.liveperson;
    let unknown = || Refusal::new(checks::status(switches.unknown_status), "no such chat");
    let Some(ticket) = &call.ticket else {
        return Err(unknown());
    };
    let visit = Visit {
        hub,
        call,
        settings: &settings,
        number: ticket.number,
        arrival: ticket.arrival,
        root: format!("{}/chat/{}", account_root(hub.base(), &route.account), route.subject),
    };
    let done = hub.with(&route.subject, |conversation, _| {
        if let Some(session) = conversation.session_mut::<Session>() {
            session.last_call = Instant::now();
        }
        let response = visit.answer(conversation, route.operation, verb)?;
        Ok((response, conversation.phase == Phase::Ended))
    });
    let (response, is_over) = done.ok_or_else(unknown)??;
    let tells = verb == Verb::Get && matches!(route.operation, Operation::Chat | Operation::Events | Operation::Info);
    if let (true, Some(ticket)) = (is_over && (tells || verb == Verb::Post), &mut call.ticket) {
        ticket.tell(Fact::Over);
    }
    Ok(response)
}

struct Visit<'a> {
    hub: &'a Hub,
    call: &'a Call,
    settings: &'a Settings,
    number: u64,
    arrival: Instant,
    root: String,
}

impl Visit<'_> {
    fn answer(&self, chat: &mut Conversation, operation: Operation, verb: Verb) -> Result<Response, Refusal> {
        let switches = &self.settings.liveperson;
        let info = |chat: &Conversation| documents::info(&self.root, chat, self.hub, self.settings);
        let field = |chat: &Conversation, name: &str| json!({name: info(chat).get(name)});
        let document = match (operation, verb) {
            (Operation::Chat, Verb::Get) => {
                let from = self.poll(chat)?;
                let events = events::of(chat, self.hub);
                json!({"chat": documents::chat(&self.root, VISITORS, &events, from, info(chat), switches)})
            }
            (Operation::Events, Verb::Get) => {
                let from = self.poll(chat)?;
                let events = events::of(chat, self.hub);
                json!({"events": documents::some_events(&self.root, &events, from, switches)})
            }
            (Operation::Events, Verb::Post) => return self.add(chat),
            (Operation::Info, Verb::Get) => {
                return Ok(documents::answer(200, json!({"info": info(chat)}), Form::Bare, switches));
            }
            (Operation::VisitorName, Verb::Get) => field(chat, "visitorName"),
            (Operation::VisitorTyping, Verb::Get) => field(chat, "visitorTyping"),
            (Operation::AgentTyping, Verb::Get) => field(chat, "agentTyping"),
            (Operation::ExitSurvey, Verb::Get) => survey(&switches.exit_survey),
            (Operation::VisitorName, Verb::Put) => return self.rename(chat),
            (Operation::VisitorTyping, Verb::Put) => return self.typing(chat),
            (Operation::ExitSurvey, Verb::Put) => return self.rate(chat),
            (Operation::Transcript | Operation::TranscriptWithSubject, Verb::Put) => return self.transcript(chat),
            (Operation::CustomVariables, Verb::Put) if switches.custom_variables == Stance::Accept => {
                let body = checks::body(self.call)?;
                chat.note(json!({"type": "customVariables", "customVariables": body.get("customVariables")}));
                return Ok(self.done());
            }
            (Operation::CustomVariables, Verb::Put) => {
                return Err(bad(self.call, "customVariables", "no longer supported, although a link leads there"));
            }
            _ => return Err(wrong_method(self.call)),
        };
        Ok(documents::answer(200, document, Form::Marked, switches))
    }

    /// Notes a poll, and gives the number of the first event that it wants.
    fn poll(&self, chat: &mut Conversation) -> Result<u64, Refusal> {
        let from = checks::from(self.call)?;
        let older = chat.open.iter().find(|(other, kind)| **kind == Kind::Poll && **other < self.number);
        if let (Some((older, _)), Stance::Refuse) = (older, self.settings.second_poll) {
            let detail = format!("request {} while request {older} was open", self.number);
            chat.blame(Violation::new("secondPoll", detail));
        }
        let Some(limit) = self.settings.liveperson.polls_per_ten_seconds else {
            return Ok(from);
        };
        let Some(session) = chat.session_mut::<Session>() else {
            return Ok(from);
        };
        let polls = &mut session.polls;
        polls.push_back(self.arrival);
        while polls.front().is_some_and(|poll| self.arrival.saturating_duration_since(*poll) > WINDOW) {
            polls.pop_front();
        }
        if polls.len() > limit {
            // Counting starts anew, so that one burst is one breach.
            let count = polls.len();
            polls.clear();
            chat.blame(Violation::new("pollingTooOften", format!("{count} polls within ten seconds")));
        }
        Ok(from)
    }

    fn add(&self, chat: &mut Conversation) -> Result<Response, Refusal> {
        let body = checks::body(self.call)?;
        let Some(event) = body.get("event").filter(|event| event.is_object()) else {
            return Err(bad(self.call, "badBody", "one event is wanted"));
        };
        let kind = event.get("@type").or_else(|| event.get("type")).and_then(Value::as_str);
        match kind {
            Some("line") => self.line(chat, event),
            Some("state") if event.get("state").and_then(Value::as_str) == Some("ended") => {
                self.refuse_after_end(chat)?;
                chat.note(json!({"type": "end", "reason": words::VISITOR}));
                let _over = chat.act(&Action::End(Because::of(words::VISITOR)), self.settings, self.hub.epoch_ms());
                Ok(self.created(chat))
            }
            _ => Err(bad(self.call, "badBody", "an event is a line, or the state ended")),
        }
    }

    fn line(&self, chat: &mut Conversation, event: &Value) -> Result<Response, Refusal> {
        let switches = &self.settings.liveperson;
        let text = checks::text(self.call, event, "text")?.to_owned();
        if text.trim().is_empty() {
            return Err(bad(self.call, "blankLine", "the text is blank"));
        }
        self.refuse_after_end(chat)?;
        if switches.longest_line.is_some_and(|longest| text.chars().count() > longest) {
            return Err(Refusal::new(checks::status(400), "the line is too long"));
        }
        if switches.early_line == Stance::Refuse && chat.phase != Phase::Talking {
            return Err(bad(self.call, "earlyLine", "no agent has accepted yet"));
        }
        let by = events::visitor(&chat.visitor_name).to_owned();
        let Some(session) = chat.session_mut::<Session>() else {
            return Err(Refusal::new(checks::status(switches.unknown_status), "no such chat"));
        };
        let id = session.add("line", events::words(&text, "plain", &by, "visitor"));
        chat.deliver(Delivered { text, sequence: Some(id), noun_index: None }, self.hub.epoch_ms());
        Ok(self.created(chat))
    }

    fn refuse_after_end(&self, chat: &mut Conversation) -> Result<(), Refusal> {
        if chat.phase != Phase::Ended {
            return Ok(());
        }
        let refusal = Refusal::new(checks::status(self.settings.liveperson.ended_status), "the chat is over");
        let told = chat.session::<Session>().and_then(|session| session.told_over);
        let grace = Duration::from_millis(self.settings.grace_ms);
        let knows = told.is_some_and(|told| self.arrival > told + grace);
        Err(if knows { refusal.blaming("afterEnd", &self.call.noun) } else { refusal })
    }

    fn rename(&self, chat: &mut Conversation) -> Result<Response, Refusal> {
        let body = checks::body(self.call)?;
        let name = checks::text(self.call, &body, "visitorName")?.trim();
        if name.is_empty() {
            return Err(bad(self.call, "badBody", "the name is blank"));
        }
        self.refuse_after_end(chat)?;
        chat.rename(name.to_owned());
        Ok(self.done())
    }

    fn typing(&self, chat: &mut Conversation) -> Result<Response, Refusal> {
        let body = checks::body(self.call)?;
        let on = match checks::text(self.call, &body, "visitorTyping")? {
            "typing" => true,
            "not-typing" => false,
            _ => return Err(bad(self.call, "badBody", "visitorTyping is typing or not-typing")),
        };
        self.refuse_after_end(chat)?;
        let was = chat.session::<Session>().map_or((false, None), |session| session.typing);
        // When the answer before did not arrive, a repeat is all that the client can do.
        let is_sure = was.1.is_none_or(|number| {
            chat.record.requests.iter().any(|line| line.number == number && line.outcome == Outcome::Answered)
        });
        let is_repeat = was.0 == on && is_sure;
        let mut was_repeated = false;
        if let Some(session) = chat.session_mut::<Session>() {
            was_repeated = std::mem::replace(&mut session.is_typing_repeated, is_repeat);
            session.typing = (on, Some(self.number));
        }
        if is_repeat && was_repeated {
            chat.blame(Violation::new("typingRepeated", format!("{body} again")));
        }
        chat.note(json!({"type": if on { "typing" } else { "notTyping" }}));
        Ok(self.done())
    }

    fn rate(&self, chat: &mut Conversation) -> Result<Response, Refusal> {
        let body = checks::body(self.call)?;
        let came = body.get("survey").unwrap_or(&Value::Null);
        let answers = surveys::read(&self.settings.liveperson.exit_survey, came);
        let answers = answers.map_err(|wrong| bad(self.call, "badSurvey", &wrong.0))?;
        chat.note(json!({"type": "survey", "kind": "exit", "answers": answers}));
        Ok(self.done())
    }

    fn transcript(&self, chat: &mut Conversation) -> Result<Response, Refusal> {
        let body = checks::body(self.call)?;
        let email = checks::text(self.call, &body, "email")?;
        if !email.contains('@') {
            return Err(bad(self.call, "badBody", "email is no address"));
        }
        let offset = body.get("timezoneOffset");
        if offset.is_some_and(|offset| !offset.is_i64()) {
            return Err(bad(self.call, "badBody", "timezoneOffset is a number of milliseconds"));
        }
        chat.note(json!({"type": "transcript", "email": email, "timezoneOffset": offset}));
        Ok(self.done())
    }

    fn done(&self) -> Response {
        empty(checks::status(self.settings.liveperson.put_status))
    }

    /// Says where the latest event lies.
    fn created(&self, chat: &Conversation) -> Response {
        let switches = &self.settings.liveperson;
        let latest = chat.session::<Session>().and_then(|session| session.events.last()).map_or(0, |event| event.id);
        created(switches.event_status, &spelling::location(&format!("{}/events/{latest}", self.root), switches))
    }
}

const WINDOW: Duration = Duration::from_secs(10);
