//! Calls, requests and facts as they stand in a fixture.

use std::sync::Arc;
use std::time::Duration;

use holdfast_chat::model::{
    Answer, Author, Choice, EntryId, FileId, Form, Kind, Label, PostId, Question, Reply, SharedFile, Speech, Visitor,
};
use holdfast_chat::protocol::http::Content;
use holdfast_chat::protocol::{
    Activity, Call, Cause, HistoryLine, Numbering, Outgoing, Parcel, Party, PersonOffer, Remedy, Request, Signal,
    SneakPeek, Update, UploadFact,
};
use serde_json::{Map, Value, json};

/// Holds what a call borrows.
pub struct Parcels {
    entries: Vec<(String, Option<String>)>,
    answers: Option<Vec<Answer>>,
}

impl Parcels {
    /// Of this call.
    pub fn of(call: &Value) -> Self {
        let entries = call.get("entries").and_then(Value::as_array).into_iter().flatten();
        let entry = |entry: &Value| match entry.as_str() {
            Some(text) => (text.to_owned(), None),
            None => (owned(&entry["text"]), Some(owned(&entry["note"]))),
        };
        let values = |given: &Value| match given.as_array() {
            Some(several) => several.iter().map(owned).collect(),
            None => vec![owned(given)],
        };
        let answer =
            |(question, given): (&String, &Value)| Answer { question: question.as_str().into(), values: values(given) };
        let answers = call.get("answers").and_then(Value::as_object);
        Self {
            entries: entries.map(entry).collect(),
            answers: answers.map(|answers| answers.iter().map(answer).collect()),
        }
    }

    /// The call that a fixture means.
    pub fn call<'a>(&'a self, call: &'a Value, visitor: &'a Visitor) -> Call<'a> {
        let number = |name: &str| call.get(name).and_then(Value::as_u64);
        match call.as_str() {
            Some("open") => return Call::Open { visitor, answers: None },
            None if call.get("open").is_some() => return Call::Open { visitor, answers: self.answers.as_deref() },
            Some("poll") => return Call::Poll,
            Some("resume") => return Call::Resume,
            Some(other) => panic!("no call is named {other}"),
            None => {}
        }
        if let Some(file) = number("upload") {
            let name = call.get("name").map_or("scan.pdf", borrowed);
            return Call::Upload { file: FileId(file), name, size: number("size").unwrap_or(100) };
        }
        if let Some(file) = call.get("download") {
            return Call::Download { file: borrowed(file) };
        }
        if let Some(post) = number("close") {
            let cause = match call["cause"].as_str() {
                Some("visitor") => Cause::Visitor,
                Some("idle") => Cause::Idle,
                Some("over") => Cause::Over,
                other => panic!("no cause is named {other:?}"),
            };
            return Call::Close { post: PostId(post), cause, answers: self.answers.as_deref() };
        }
        let post = PostId(number("post").unwrap_or_else(|| panic!("not a call: {call}")));
        Call::Post { post, parcel: self.parcel(call) }
    }

    fn parcel<'a>(&'a self, call: &'a Value) -> Parcel<'a> {
        if let Some(custom) = call.get("custom") {
            return Parcel::Custom { kind: borrowed(&custom["type"]), data: borrowed(&custom["data"]) };
        }
        if call.get("person").is_some() {
            return Parcel::Person;
        }
        if let Some(answers) = &self.answers {
            return Parcel::Answers(answers);
        }
        let Some(signal) = call.get("signal") else {
            let outgoing = |(place, (text, note)): (usize, &'a (String, Option<String>))| Outgoing {
                entry: EntryId(place as u64),
                text,
                note: note.as_deref(),
            };
            return Parcel::Entries(self.entries.iter().enumerate().map(outgoing).collect());
        };
        Parcel::Signal(match signal.as_str() {
            Some("typing") => Signal::Typing,
            Some("notTyping") => Signal::NotTyping,
            Some("idleWarned") => Signal::IdleWarned,
            Some("idleCleared") => Signal::IdleCleared,
            Some("read") => Signal::Read,
            Some(other) => panic!("no signal is named {other}"),
            None if signal.get("unshare").is_some() => Signal::Unshare(Arc::from(borrowed(&signal["unshare"]))),
            None if signal.get("renamed").is_some() => Signal::Renamed(Arc::from(borrowed(&signal["renamed"]))),
            None => Signal::Peek(Arc::from(borrowed(&signal["peek"]))),
        })
    }
}

fn borrowed(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}"))
}

fn owned(value: &Value) -> String {
    borrowed(value).to_owned()
}

/// A request, whole.
pub fn request(request: &Request) -> Value {
    let headers: Map<String, Value> =
        request.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect();
    assert_eq!(headers.len(), request.headers.len(), "a header is set twice");
    let mut written = json!({
        "method": request.method.name(),
        "url": request.url,
        "headers": headers,
        "deadline": millis(request.deadline),
    });
    match &request.content {
        Content::Empty => {}
        Content::Json(text) => written["body"] = serde_json::from_str(text).expect("a body is JSON"),
        Content::Form(fields) => {
            let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
            written["form"] = json!(fields);
        }
        Content::Bytes { file } => written["bytes"] = json!(file.0),
        Content::File { file, part, fields } => {
            let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
            written["form"] = json!({ "fields": fields, "part": part, "file": file.0 });
        }
    }
    written
}

/// A fact.
pub fn update(update: &Update) -> Value {
    match update {
        Update::Expected { wait } => json!({ "expected": { "wait": wait.map(millis) } }),
        Update::Queued { position, wait } => json!({ "queued": { "position": position, "wait": wait.map(millis) } }),
        Update::Joined { name } => json!({ "joined": shared(name) }),
        Update::Transferred { name } => json!({ "transferred": shared(name) }),
        Update::Transferring => json!("transferring"),
        Update::AgentLeft => json!("agent left"),
        Update::ConferenceJoined { name } => json!({ "conference joined": shared(name) }),
        Update::ConferenceLeft { name } => json!({ "conference left": shared(name) }),
        Update::Said(speech) => spoken("said", speech),
        Update::Revised(speech) => spoken("revised", speech),
        Update::Withdrawn { id } => json!({ "withdrawn": &**id }),
        Update::BotJoined { name } => json!({ "bot joined": shared(name) }),
        Update::Notice { text } => json!({ "notice": &**text }),
        Update::Shared { author: Author::Visitor, file } => json!({ "visitor's file": shared_file(file) }),
        Update::Shared { author: Author::Agent { name }, file } => {
            json!({ "file": shared_file(file), "by": shared(name) })
        }
        Update::Unshared { file } => json!({ "unshared": &**file }),
        Update::Asked(asked) => json!({ "asked": form(asked) }),
        Update::Read => json!("read"),
        Update::Unasked => json!("unasked"),
        Update::Requeued => json!("requeued"),
        Update::QueueText(text) => json!({ "queue text": shared(text) }),
        Update::Replies(replies) => json!({ "replies": replies.iter().map(reply).collect::<Vec<_>>() }),
        Update::Person(PersonOffer::Offered) => json!("person offered"),
        Update::Person(PersonOffer::Withdrawn) => json!("person withdrawn"),
        Update::Later { wait, update: later } => json!({ "later": self::update(later), "wait": millis(*wait) }),
        Update::Echoed { text } => json!({ "echoed": &**text }),
        Update::Arrived { entry: Some(entry), text } => json!({ "arrived": &**text, "entry": entry.0 }),
        Update::Arrived { entry: None, text } => json!({ "arrived": &**text }),
        Update::AgentTyping(Activity::Typing) => json!("agent typing"),
        Update::AgentTyping(Activity::Silent) => json!("agent silent"),
        Update::History(lines) => json!({ "history": lines.iter().map(line).collect::<Vec<_>>() }),
        Update::Idle(None) => json!({ "idle": null }),
        Update::Idle(Some(policy)) => {
            json!({ "idle": { "warning": millis(policy.warning), "end": millis(policy.end) } })
        }
        Update::IdleAlert { end } => json!({ "idle alert": end.map(millis) }),
        Update::SneakPeek(SneakPeek::Allowed) => json!("sneak peek allowed"),
        Update::SneakPeek(SneakPeek::Forbidden) => json!("sneak peek forbidden"),
        Update::Custom { kind, data } => json!({ "custom": { "type": kind, "data": data } }),
        Update::Upload(UploadFact::Requested) => json!("upload requested"),
        Update::Upload(UploadFact::Canceled) => json!("upload canceled"),
        Update::Upload(UploadFact::Arrived) => json!("upload arrived"),
        Update::Upload(UploadFact::Failed) => json!("upload failed"),
        Update::Upload(UploadFact::Refused(refusal)) => json!({ "upload refused": format!("{refusal:?}") }),
        Update::Patience(patience) => json!({ "patience": millis(*patience) }),
        Update::Ignored { kind } => json!({ "ignored": kind }),
        Update::Quiet => json!("quiet"),
        Update::Resumed(Numbering::Kept) => json!("resumed, numbers kept"),
        Update::Resumed(Numbering::Reset) => json!("resumed, numbers reset"),
        Update::Reopen => json!("reopen"),
        Update::Ended(reason) => json!({ "ended": reason.name() }),
    }
}

fn spoken(verb: &str, speech: &Speech) -> Value {
    let mut written = json!({ verb: &*speech.text, "by": shared(&speech.name) });
    if let Some(prose) = &speech.prose {
        written["prose"] = json!(format!("{prose:?}"));
    }
    if let Some(origin) = &speech.origin {
        written["origin"] = json!([&*origin.id, &*origin.by]);
    }
    written
}

/// What to do about a failure.
pub fn remedy(remedy: Remedy) -> String {
    match remedy {
        Remedy::Retry { after: None } => "retry".to_owned(),
        Remedy::Retry { after: Some(after) } => format!("retry after {} ms", millis(after)),
        Remedy::Resume => "resume".to_owned(),
        Remedy::Wait => "wait".to_owned(),
        Remedy::Park(reason) => format!("park, {reason:?}").to_lowercase(),
        Remedy::End(reason) => format!("end, {}", reason.name()),
    }
}

/// What the visitor is asked.
pub fn form(form: &Form) -> Value {
    let questions: Vec<Value> = form.questions.iter().map(question).collect();
    json!({
        "purpose": format!("{:?}", form.purpose).to_lowercase(),
        "title": shared(&form.title),
        "intro": shared(&form.intro),
        "questions": questions,
    })
}

/// Every choice as its value, what is read, and what it opens.
fn question(question: &Question) -> Value {
    let kind = match &question.kind {
        Kind::Line { check } => format!("line, {check:?}"),
        Kind::Paragraph => "paragraph".to_owned(),
        Kind::OneOf { picker, .. } => format!("one of, {picker:?}"),
        Kind::SomeOf { .. } => "some of".to_owned(),
    };
    let choice = |choice: &Choice| {
        let opens: Vec<&str> = choice.opens.iter().map(|id| &**id).collect();
        let opens = if opens.is_empty() { String::new() } else { format!(", opens {}", opens.join(" ")) };
        format!("{}: {}{opens}", choice.value, choice.label)
    };
    json!({
        "id": &*question.id,
        "label": &*question.label,
        "kind": kind.to_lowercase(),
        "required": question.is_required,
        "prefill": question.prefill,
        "choices": question.choices().iter().map(choice).collect::<Vec<_>>(),
    })
}

/// What stands on it, and what goes with it.
fn reply(reply: &Reply) -> Value {
    let label = match &reply.label {
        Label::Text(text) => json!(&**text),
        Label::Yes => json!("(yes)"),
        Label::No => json!("(no)"),
    };
    json!([label, shared(&reply.note)])
}

fn line(line: &HistoryLine) -> Value {
    let party = match line.party {
        Party::Visitor => "visitor",
        Party::Agent => "agent",
    };
    json!({ "party": party, "name": shared(&line.name), "text": &*line.text, "at": line.at.map(|at| at.as_millis()) })
}

fn shared_file(file: &SharedFile) -> Value {
    json!([&*file.key, &*file.name, file.size])
}

fn shared(text: &Option<Arc<str>>) -> Value {
    text.as_deref().into()
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
