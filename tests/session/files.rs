//! Files both ways, receipts and names: a session with Genesys' adapter, whose Mobile Services know all of them.

use std::collections::BTreeMap;

use holdfast_chat::model::{Author, Body, FileId, FileRefusal, Happening, RequestId, Timestamp, Visitor};
use holdfast_chat::protocol::genesys::{Config, Genesys, Surroundings};
use holdfast_chat::protocol::{Response, TransportError};
use holdfast_chat::session::{Command, Download, Effect, Environment, Input, Notice, Session, Upload};

#[test]
fn a_file_goes_out_after_its_limits_and_stands_in_the_transcript_once_it_is_there() {
    let mut talk = Talk::begun("on");
    talk.pick("scan.pdf");
    assert_eq!(talk.upload(), Upload::Sending);
    assert!(!talk.session.view().files.can_pick, "one at a time");
    talk.answer("/file/limits", LIMITS);
    talk.answer("/file", r#"{"statusCode":0,"userData":{"file-id":"f1"}}"#);
    assert_eq!(talk.upload(), Upload::Sending);
    talk.news(&[&uploaded(2, "Client", "f1", "scan.pdf")]);

    assert_eq!((talk.upload(), talk.shown()), (Upload::None, vec!["visitor's scan.pdf".to_owned()]));
    assert!(talk.session.view().files.can_pick);
}

#[test]
fn a_file_beyond_the_limits_stays_here_and_the_visitor_reads_why_until_they_go_on() {
    let mut talk = Talk::begun("on");
    talk.pick("run.exe");
    talk.answer("/file/limits", LIMITS);

    let refused = Upload::Refused(FileRefusal::Kind { taken: Some("pdf".into()) });
    assert_eq!((talk.upload(), talk.asked("/file")), (refused, 1));
    assert!(talk.session.view().files.can_pick);
    talk.input(Input::Command(Command::Send { text: "then not".to_owned() }));
    assert_eq!(talk.upload(), Upload::None);
}

#[test]
fn an_upload_without_an_answer_failed_unless_the_file_is_there_after_all() {
    let mut talk = Talk::begun("on");
    talk.pick("scan.pdf");
    talk.answer("/file/limits", LIMITS);
    talk.reply("/file", Err(TransportError::Network));
    assert_eq!(talk.upload(), Upload::Failed);
    talk.news(&[&uploaded(2, "Client", "f1", "scan.pdf")]);

    assert_eq!(talk.upload(), Upload::None);
}

#[test]
fn an_upload_that_a_reload_cut_off_failed_and_what_was_shared_still_stands() {
    let mut talk = Talk::begun("on");
    talk.news(&[&uploaded(2, "Agent", "f2", "offer.pdf"), &deleted(3, "f2")]);
    talk.pick("scan.pdf");
    talk.reload();

    assert_eq!(talk.upload(), Upload::Failed);
    assert_eq!(talk.shown(), ["event", "Jon's offer.pdf", "removed offer.pdf"]);
    assert_eq!(talk.session.view().files.gone.iter().map(|gone| &**gone).collect::<Vec<_>>(), ["f2"]);
}

#[test]
fn no_file_goes_out_where_the_site_wants_none() {
    let mut talk = Talk::begun("off");
    assert!(!talk.session.view().files.can_pick);
    talk.pick("scan.pdf");

    assert_eq!((talk.upload(), talk.asked("/file")), (Upload::None, 0));
}

#[test]
fn an_agents_file_counts_as_a_message_and_is_saved_under_its_name() {
    let mut talk = Talk::begun("on");
    talk.news(&[&uploaded(2, "Agent", "f2", "offer.pdf")]);
    assert_eq!(talk.session.view().unread, 1);
    assert_eq!(talk.told, ["offer.pdf"]);
    let fetch = || Input::Command(Command::Download { file: "f2".into() });
    talk.input(fetch());
    talk.input(fetch());
    assert_eq!((talk.asked("/file/f2/download"), talk.download()), (1, Download::Fetching("f2".into())));
    talk.answer("/file/f2/download", "");

    assert_eq!((talk.saved.clone(), talk.download()), (vec!["offer.pdf".to_owned()], Download::None));
}

#[test]
fn a_file_that_does_not_come_is_told_and_can_be_asked_for_again() {
    let mut talk = Talk::begun("on");
    talk.news(&[&uploaded(2, "Agent", "f2", "offer.pdf")]);
    let fetch = || Input::Command(Command::Download { file: "f2".into() });
    talk.input(fetch());
    talk.answer("/file/f2/download", r#"{"statusCode":2,"chatEnded":false}"#);
    assert_eq!((talk.saved.len(), talk.download()), (0, Download::Failed("f2".into())));
    talk.input(fetch());
    talk.expire("/file/f2/download");
    assert_eq!((talk.saved.len(), talk.download()), (0, Download::Failed("f2".into())));
    talk.input(fetch());
    talk.answer("/file/f2/download", "");

    assert_eq!((talk.saved.len(), talk.download()), (1, Download::None));
}

#[test]
fn only_what_stands_there_and_is_not_gone_can_be_had() {
    let mut talk = Talk::begun("on");
    talk.news(&[&uploaded(2, "Agent", "f2", "offer.pdf"), &deleted(3, "f2"), &deleted(4, "f9")]);
    for file in ["f2", "f9", ""] {
        talk.input(Input::Command(Command::Download { file: file.into() }));
    }

    assert_eq!((talk.asked("/download"), talk.shown().last().cloned()), (0, Some("removed offer.pdf".to_owned())));
}

#[test]
fn the_visitor_takes_back_their_own_file_and_nobody_elses() {
    let mut talk = Talk::begun("on");
    talk.news(&[&uploaded(2, "Client", "f1", "scan.pdf"), &uploaded(3, "Agent", "f2", "offer.pdf")]);
    for file in ["f2", "f1", "f9"] {
        talk.input(Input::Command(Command::Unshare { file: file.into() }));
    }
    assert_eq!((talk.asked("/file/f1/delete"), talk.asked("/delete")), (1, 1));
    talk.answer("/file/f1/delete", r#"{"statusCode":0}"#);
    talk.news(&[&deleted(4, "f1")]);

    assert_eq!(talk.shown().last().map(String::as_str), Some("removed scan.pdf"));
}

#[test]
fn what_an_agent_said_is_told_to_be_read_when_somebody_can_see_it() {
    let mut talk = Talk::begun("on");
    talk.input(Input::Environment(Environment::Hidden));
    talk.input(Input::Command(Command::Open));
    talk.news(&[&said(2, "hello")]);
    assert_eq!(talk.asked("/readReceipt"), 0, "nobody sees the page");
    talk.input(Input::Environment(Environment::Visible));
    assert_eq!(talk.asked("/readReceipt"), 1);
    talk.answer("/readReceipt", r#"{"statusCode":0}"#);
    talk.input(Input::Command(Command::Shut));
    talk.news(&[&said(3, "are you there?")]);
    assert_eq!(talk.asked("/readReceipt"), 1, "the panel is shut");
    talk.input(Input::Command(Command::Open));
    talk.pass(2_000);

    assert_eq!(talk.asked("/readReceipt"), 2);
}

#[test]
fn a_visitor_who_is_called_otherwise_is_told_to_the_agent_once() {
    let mut talk = Talk::begun("on");
    let named = |name: &str| {
        let visitor = Visitor { name: Some(name.to_owned()), ..Visitor::default() };
        Input::Command(Command::Introduce { visitor: Box::new(visitor) })
    };
    talk.input(named("Mira O."));
    talk.input(named("Mira Oak"));
    talk.input(named("Mira Oak"));
    talk.answer("/updateNickname", r#"{"statusCode":0}"#);
    talk.pass(2_000);

    assert_eq!(talk.asked("/updateNickname"), 2);
}

struct Talk {
    session: Session,
    uploads: &'static str,
    now: Timestamp,
    flying: Vec<(RequestId, String)>,
    asked: Vec<String>,
    saved: Vec<String>,
    told: Vec<String>,
    records: BTreeMap<String, String>,
    next: u32,
}

impl Talk {
    /// A chat that is there, with nobody in it.
    fn begun(uploads: &'static str) -> Self {
        let mut talk = Self {
            session: Session::new(Box::new(adapter(uploads)), 1),
            uploads,
            now: Timestamp::from_millis(1_000_000),
            flying: Vec::new(),
            asked: Vec::new(),
            saved: Vec::new(),
            told: Vec::new(),
            records: BTreeMap::new(),
            next: 1,
        };
        talk.input(Input::Command(Command::Start { visitor: Box::new(Visitor::default()) }));
        talk.answer("/chat/s", r#"{"statusCode":0,"chatEnded":false,"chatId":"c1","secureKey":"k","userId":"u"}"#);
        talk.news(&[]);
        talk
    }

    fn input(&mut self, input: Input) {
        for effect in self.session.handle(self.now, input) {
            match effect {
                Effect::Fetch { id, request } | Effect::Download { id, request } => {
                    self.asked.push(request.url.clone());
                    self.flying.push((id, request.url));
                }
                Effect::Abort { id } => self.flying.retain(|(flying, _)| *flying != id),
                Effect::Save { name, .. } => self.saved.push(name),
                Effect::Store(snapshot) => {
                    for record in snapshot.records {
                        self.records.extend(record.value.map(|value| (record.key, value)));
                    }
                }
                Effect::Announce(Notice::MessageReceived { text, .. }) => self.told.push(text),
                Effect::Forget | Effect::Announce(_) => {}
            }
        }
    }

    fn reload(&mut self) {
        let read = |key: &str| self.records.get(key).cloned();
        let restored = Session::restore(Box::new(adapter(self.uploads)), 2, self.now, &read);
        self.session = restored.expect("it goes on");
        self.flying.clear();
    }

    fn pick(&mut self, name: &str) {
        self.input(Input::Command(Command::Upload { file: FileId(1), name: name.to_owned(), size: 100 }));
    }

    fn reply(&mut self, end: &str, outcome: Result<Response, TransportError>) {
        let place = self.flying.iter().position(|(_, url)| url.ends_with(end));
        let (id, _) = self.flying.remove(place.unwrap_or_else(|| panic!("{end} is not among {:?}", self.flying)));
        self.input(Input::Replied { id, outcome });
    }

    fn answer(&mut self, end: &str, body: &str) {
        self.reply(end, Ok(Response { status: 200, body: body.to_owned(), ..Response::default() }));
    }

    /// Answers the poll in flight, or the next one.
    fn news(&mut self, events: &[&str]) {
        while !self.flying.iter().any(|(_, url)| url.ends_with("/refresh")) {
            self.wake();
        }
        let events = events.join(",");
        self.answer("/refresh", &format!(r#"{{"statusCode":0,"chatEnded":false,"messages":[{events}]}}"#));
        self.next += 1;
    }

    fn wake(&mut self) {
        let due = self.session.next_wake().expect("something is due");
        self.now = due.max(self.now);
        self.input(Input::Woke);
    }

    /// Lets so many milliseconds go by.
    fn pass(&mut self, millis: u64) {
        let end = Timestamp::from_millis(self.now.as_millis() + millis);
        while self.session.next_wake().is_some_and(|due| due <= end) {
            self.wake();
        }
        self.now = end;
    }

    /// Lets time go by until this request is given up.
    fn expire(&mut self, end: &str) {
        while self.flying.iter().any(|(_, url)| url.ends_with(end)) {
            if self.flying.iter().any(|(_, url)| url.ends_with("/refresh")) {
                self.news(&[]);
            }
            self.wake();
        }
    }

    fn asked(&self, part: &str) -> usize {
        self.asked.iter().filter(|asked| asked.contains(part)).count()
    }

    fn upload(&self) -> Upload {
        self.session.view().files.upload
    }

    fn download(&self) -> Download {
        self.session.view().files.download
    }

    fn shown(&self) -> Vec<String> {
        let line = |body: &Body| match body {
            Body::File { author: Author::Visitor, file } => format!("visitor's {}", file.name),
            Body::File { author: Author::Agent { name }, file } => {
                format!("{}'s {}", name.as_deref().unwrap_or_default(), file.name)
            }
            Body::Event(Happening::FileRemoved { file }) => format!("removed {}", file.name),
            Body::Visitor { .. } | Body::Agent(_) | Body::Withdrawn { .. } | Body::Event(_) => "event".to_owned(),
        };
        self.session.view().transcript.iter().map(|message| line(&message.body)).collect()
    }
}

fn adapter(uploads: &str) -> Genesys {
    let attribute = |name: &str| match name {
        "endpoint" => Some("https://gms.example".to_owned()),
        "variant" => Some("gms".to_owned()),
        "service" => Some("s".to_owned()),
        "uploads" => Some(uploads.to_owned()),
        _ => None,
    };
    Genesys::new(Config::parse(&attribute, Surroundings::default()).expect("the attributes are right"))
}

fn uploaded(index: u32, from: &str, key: &str, name: &str) -> String {
    let from = format!(r#"{{"type":"{from}","nickname":"Jon","participantId":"{from}"}}"#);
    let data = format!(r#"{{"file-id":"{key}","file-name":"{name}","file-size":"100"}}"#);
    format!(r#"{{"index":{index},"type":"FileUploaded","from":{from},"userData":{data}}}"#)
}

fn deleted(index: u32, key: &str) -> String {
    format!(r#"{{"index":{index},"type":"FileDeleted","from":{{"type":"Client"}},"userData":{{"file-id":"{key}"}}}}"#)
}

fn said(index: u32, text: &str) -> String {
    format!(r#"{{"index":{index},"type":"Message","text":"{text}","from":{{"type":"Agent","participantId":3}}}}"#)
}

const LIMITS: &str = r#"{"statusCode":0,"messages":[{"type":"Notice","text":"file-client-cfg-get",
    "userData":{"upload-file-types":"pdf"}}]}"#;
