//! A session with LivePerson's adapter: where a machine for one exchange and a machine for a conversation have to agree.

use holdfast_chat::model::{Answer, Body, EndReason, Purpose, RequestId, Timestamp, Visitor};
use holdfast_chat::protocol::liveperson::{Config, LivePerson};
use holdfast_chat::protocol::{Response, TransportError};
use holdfast_chat::session::{Command, Effect, Input, InquiryState, Notice, Session, Stage, Unheard};

#[test]
fn a_chat_goes_from_the_wish_to_the_end() {
    let mut talk = Talk::begun();
    talk.poll(&[r#"{"id":0,"type":"state","state":"waiting"}"#], "waiting");
    talk.send("one");
    talk.answer("/events", 201, "");
    let (accepted, echo) = (r#"{"id":1,"type":"state","state":"chatting"}"#, own(2, "one"));
    talk.poll(&[accepted, &echo, &agent(3, "hello")], "chatting");
    talk.poll(&[r#"{"id":4,"type":"line","source":"system","systemMessageId":5,"text":"x"}"#], "ended");

    assert_eq!(talk.shown(), ["visitor: one", "event", "agent: hello"]);
    talk.answer("/exitSurvey", 200, "{}");
    assert_eq!(talk.ended(), Some(EndReason::Agent));
    assert!(talk.flying.is_empty());
}

#[test]
fn what_is_asked_before_a_chat_goes_with_its_start_and_a_refusal_asks_again() {
    let mut talk = Talk::new();
    talk.answer("/availability", 200, r#"{"availability":true}"#);
    talk.answer("/estimatedWaitTime", 200, "{}");
    talk.answer("/preSurvey", 200, SURVEY);
    assert_eq!((talk.session.view().stage, talk.flying.len()), (Stage::Form, 0));
    talk.give("Ada");
    talk.answer("/request", 400, "");
    assert_eq!(talk.asked_how(), Some((Purpose::Before, InquiryState::Refused)));

    talk.give("Bea");
    talk.reply("/request", Ok(Response { status: 201, location: Some(CHAT.to_owned()), ..Response::default() }));
    talk.answer("/chat/H42?", 200, r#"{"chat":{"link":[],"info":{}}}"#);
    assert_eq!(talk.asked_how(), None);
    talk.poll(&[], "chatting");
    talk.poll(&[r#"{"id":4,"type":"state","state":"ended"}"#], "ended");
    assert_eq!(talk.asked("/preSurvey"), 1);
}

#[test]
fn a_message_is_left_where_nobody_is_there() {
    let mut talk = Talk::new();
    talk.answer("/availability", 200, r#"{"availability":false}"#);
    talk.answer("/offlineSurvey", 200, SURVEY);
    talk.give("Ada");
    talk.answer("/offlineSurvey", 400, "");
    assert_eq!(talk.asked_how(), Some((Purpose::Instead, InquiryState::Refused)));
    talk.give("Bea");
    talk.answer("/offlineSurvey", 200, "");

    assert_eq!((talk.ended(), talk.flying.len()), (Some(EndReason::MessageLeft), 0));
    assert_eq!(talk.asked("/exitSurvey"), 0);

    let mut talk = Talk::new();
    talk.answer("/availability", 200, r#"{"availability":false}"#);
    talk.answer("/offlineSurvey", 404, "");
    assert_eq!((talk.ended(), talk.flying.len()), (Some(EndReason::Unavailable), 0));
}

#[test]
fn how_it_was_is_asked_after_either_side_ended_the_chat() {
    for side in ["agent", "visitor"] {
        let mut talk = Talk::begun();
        talk.poll(&[&agent(0, "hello")], "chatting");
        if side == "agent" {
            talk.poll(&[r#"{"id":1,"type":"state","state":"ended"}"#], "ended");
        } else {
            talk.input(Input::Command(Command::End));
            talk.answer("/events", 201, "");
        }
        talk.answer("/exitSurvey", 200, SURVEY);
        assert_eq!(talk.asked_how(), Some((Purpose::After, InquiryState::Open)), "{side}");
        assert!(talk.ended().is_some() && talk.session.next_wake().is_none(), "{side}");
        talk.give("fine");
        talk.answer("/exitSurvey", 200, "");
        assert_eq!((talk.asked_how(), talk.flying.len(), talk.asked("/exitSurvey")), (None, 0, 2), "{side}");
    }
}

#[test]
fn who_waited_in_vain_is_not_asked_how_it_was() {
    let mut talk = Talk::begun();
    talk.poll(&[], "waiting");
    talk.input(Input::Command(Command::End));
    talk.answer("/events", 201, "");

    assert_eq!((talk.ended(), talk.asked("/exitSurvey")), (Some(EndReason::Visitor), 0));
}

#[test]
fn a_transfer_over_a_queue_is_told_once() {
    let mut talk = Talk::begun();
    talk.poll_with(&[r#"{"id":0,"type":"state","state":"chatting"}"#], "chatting", "Noor B.");
    let requeued = r#"{"id":1,"type":"line","source":"system","systemMessageId":23,"text":"x"}"#;
    talk.poll(&[requeued, r#"{"id":2,"type":"state","state":"waiting"}"#], "waiting");
    let named = r#"{"id":4,"type":"line","source":"system","systemMessageId":13,"text":"x"}"#;
    talk.poll_with(&[r#"{"id":3,"type":"state","state":"chatting"}"#, named], "chatting", "Ilse V.");

    let Stage::Talking { agent } = talk.session.view().stage else { panic!("it is talking") };
    assert_eq!(agent.as_deref(), Some("Ilse V."));
    assert_eq!(talk.shown(), ["event", "event", "event"]);
}

#[test]
fn a_line_whose_answer_was_lost_is_found_among_the_news_and_not_repeated() {
    let mut talk = Talk::begun();
    talk.poll(&[], "chatting");
    talk.send("one");
    talk.reply("/events", Err(TransportError::Network));
    talk.poll(&[&own(0, "one")], "chatting");
    talk.poll(&[], "chatting");
    talk.poll(&[], "chatting");

    assert_eq!(talk.shown().last().map(String::as_str), Some("visitor: one"));
    assert_eq!(talk.asked("/events"), 1);
}

#[test]
fn an_event_that_the_backend_has_no_word_for_is_given_up_with_a_word_and_holds_nothing_up() {
    let mut talk = Talk::begun();
    for kind in ["cart", "pushUrl"] {
        talk.input(Input::Command(Command::Custom { kind: kind.to_owned(), data: "https://example.com/".to_owned() }));
    }
    talk.send("one");
    talk.answer("/events", 201, "");
    talk.poll(&[&own(0, "one")], "chatting");

    assert_eq!(talk.unheard, [("cart".to_owned(), Unheard::Unspeakable), ("pushUrl".to_owned(), Unheard::Unspeakable)]);
    assert_eq!((talk.asked("/events"), talk.shown()), (1, vec!["visitor: one".to_owned(), "event".to_owned()]));
}

#[test]
fn a_line_that_did_not_arrive_is_repeated_after_news_without_it() {
    let mut talk = Talk::begun();
    talk.poll(&[], "chatting");
    talk.send("one");
    talk.reply("/events", Err(TransportError::Network));
    (0..4).for_each(|_| talk.poll(&[], "chatting"));

    assert_eq!(talk.asked("/events"), 2);
}

#[test]
fn an_address_that_is_kept_from_the_page_ends_the_opening_and_begins_no_second_chat() {
    let mut talk = Talk::new();
    talk.answer("/availability", 200, r#"{"availability":true}"#);
    talk.answer("/estimatedWaitTime", 200, r#"{"estimatedWaitTime":-2}"#);
    talk.answer("/preSurvey", 404, "");
    talk.answer("/request", 201, "");
    talk.wake();

    assert_eq!(talk.ended(), Some(EndReason::Failed));
    assert_eq!(talk.asked("/request"), 1);
}

#[test]
fn a_chat_that_goes_on_in_another_account_stays_one_conversation() {
    let mut talk = Talk::begun();
    talk.poll(&[r#"{"id":0,"type":"state","state":"chatting"}"#, &agent(1, "I hand you over")], "chatting");
    talk.send("before");
    talk.poll(&[TRANSFER], "chatting");
    talk.answer("/events", 400, "");
    talk.send("meanwhile");
    assert_eq!(talk.asked("/events"), 1, "nothing goes out while nobody knows where to");
    let location = Some("https://other.example.test/api/account/2/chat/H77".to_owned());
    talk.reply("/chat/request", Ok(Response { status: 201, location, ..Response::default() }));
    // What is behind a refused line keeps a distance.
    talk.wake();
    assert_eq!(talk.asked("account/2/chat/H77/events"), 1);
    talk.answer("/events", 201, "");
    let hello = r#"{"id":1,"type":"line","source":"agent","by":"Noor","text":"hello again"}"#;
    talk.poll(&[r#"{"id":0,"type":"state","state":"chatting"}"#, hello, &own(2, "meanwhile")], "chatting");

    assert_eq!(
        talk.shown(),
        ["event", "agent: I hand you over", "event", "visitor: meanwhile", "event", "agent: hello again"]
    );
    assert_eq!(talk.session.view().outbox.len(), 1, "what the old chat refused waits for the visitor");
    let asks_on = |talk: &Talk| talk.flying.iter().any(|(_, url)| url.contains("account/2/chat/H77?from=3"));
    for _ in 0..3 {
        if !asks_on(&talk) {
            talk.wake();
        }
    }
    assert!(asks_on(&talk), "{:?}", talk.flying);
}

#[test]
fn a_transfer_that_cannot_be_followed_ends_the_chat_with_a_sentence() {
    let mut talk = Talk::begun();
    talk.poll(&[&TRANSFER.replace("other.example.test", "evil.example")], "chatting");

    assert_eq!(talk.ended(), Some(EndReason::Failed));
    assert_eq!(talk.shown(), ["event"]);
    assert_eq!(talk.asked("evil.example"), 0);
}

#[test]
fn a_transfer_whose_address_is_kept_from_the_page_ends_the_chat() {
    let mut talk = Talk::begun();
    talk.poll(&[TRANSFER], "chatting");
    talk.answer("/chat/request", 201, "");
    talk.wake();

    assert_eq!(talk.ended(), Some(EndReason::Failed));
    assert!(talk.flying.is_empty());
}

/// A conversation and what it asked.
struct Talk {
    session: Session,
    now: Timestamp,
    flying: Vec<(RequestId, String)>,
    asked: Vec<String>,
    unheard: Vec<(String, Unheard)>,
}

impl Talk {
    fn new() -> Self {
        let config = Config::parse(&|name| {
            let given = ATTRIBUTES.iter().find(|(known, _)| *known == name);
            given.map(|(_, value)| (*value).to_owned())
        });
        let adapter = LivePerson::new(config.expect("the attributes are right"));
        let session = Session::new(Box::new(adapter), 1);
        let now = Timestamp::from_millis(1_000_000);
        let mut talk = Self { session, now, flying: Vec::new(), asked: Vec::new(), unheard: Vec::new() };
        talk.input(Input::Command(Command::Start { visitor: Box::new(Visitor::default()) }));
        talk
    }

    /// A chat that is there, and was not asked for news so far.
    fn begun() -> Self {
        let mut talk = Self::new();
        talk.answer("/availability", 200, r#"{"availability":true}"#);
        talk.answer("/estimatedWaitTime", 200, r#"{"estimatedWaitTime":45}"#);
        talk.answer("/preSurvey", 200, "{}");
        talk.reply("/request", Ok(Response { status: 201, location: Some(CHAT.to_owned()), ..Response::default() }));
        talk.answer("/chat/H42?", 200, r#"{"chat":{"link":[],"info":{}}}"#);
        talk
    }

    fn input(&mut self, input: Input) {
        for effect in self.session.handle(self.now, input) {
            match effect {
                Effect::Fetch { id, request } => {
                    self.asked.push(request.url.clone());
                    self.flying.push((id, request.url));
                }
                Effect::Abort { id } => self.flying.retain(|(flying, _)| *flying != id),
                Effect::Announce(Notice::Unheard { kind, why }) => self.unheard.push((kind, why)),
                Effect::Download { .. }
                | Effect::Save { .. }
                | Effect::Store(_)
                | Effect::Forget
                | Effect::Announce(_) => {}
            }
        }
    }

    /// Answers the only question.
    fn give(&mut self, text: &str) {
        let answers = vec![Answer { question: "7".into(), values: vec![text.to_owned()] }];
        self.input(Input::Command(Command::Answer { answers }));
    }

    /// Which form stands there, and how it stands with it.
    fn asked_how(&self) -> Option<(Purpose, InquiryState)> {
        self.session.view().form.map(|inquiry| (inquiry.form.purpose, inquiry.state))
    }

    fn send(&mut self, text: &str) {
        self.input(Input::Command(Command::Send { text: text.to_owned() }));
    }

    /// Lets time go by until something is due.
    fn wake(&mut self) {
        if let Some(wake) = self.session.next_wake() {
            self.now = wake.max(self.now);
            self.input(Input::Woke);
        }
    }

    fn reply(&mut self, url: &str, outcome: Result<Response, TransportError>) {
        let place = self.flying.iter().position(|(_, flying)| flying.contains(url));
        let (id, _) = self.flying.remove(place.unwrap_or_else(|| panic!("{url} is not among {:?}", self.flying)));
        self.input(Input::Replied { id, outcome });
    }

    fn answer(&mut self, url: &str, status: u16, body: &str) {
        self.reply(url, Ok(Response { status, body: body.to_owned(), ..Response::default() }));
    }

    /// Answers the poll in flight, or the next one.
    fn poll(&mut self, events: &[&str], state: &str) {
        self.poll_with(events, state, "Mara");
    }

    /// The same with an agent of this name, where there is one.
    fn poll_with(&mut self, events: &[&str], state: &str, agent: &str) {
        let is_poll = |url: &str| url.contains("/chat/H42?") || url.contains("/chat/H77?");
        while !self.flying.iter().any(|(_, url)| is_poll(url)) {
            self.wake();
        }
        let asked = self.flying.iter().find(|(_, url)| is_poll(url)).map(|(_, url)| url.clone()).expect("there is one");
        let name = if state == "waiting" { String::new() } else { format!(r#","agentName":"{agent}""#) };
        let events = events.join(",");
        let body = format!(r#"{{"chat":{{"events":{{"event":[{events}]}},"info":{{"state":"{state}"{name}}}}}}}"#);
        self.answer(&asked, 200, &body);
    }

    fn asked(&self, part: &str) -> usize {
        self.asked.iter().filter(|asked| asked.contains(part)).count()
    }

    fn ended(&self) -> Option<EndReason> {
        match self.session.view().stage {
            Stage::Ended { reason } => Some(reason),
            _ => None,
        }
    }

    fn shown(&self) -> Vec<String> {
        let line = |body: &Body| match body {
            Body::Visitor { text, .. } => format!("visitor: {text}"),
            Body::Agent(speech) => format!("agent: {}", speech.text),
            _ => "event".to_owned(),
        };
        self.session.view().transcript.iter().map(|message| line(&message.body)).collect()
    }
}

fn own(id: u32, text: &str) -> String {
    format!(r#"{{"id":{id},"type":"line","source":"visitor","text":"{text}"}}"#)
}

fn agent(id: u32, text: &str) -> String {
    format!(r#"{{"id":{id},"type":"line","source":"agent","by":"Mara","text":"{text}"}}"#)
}

const CHAT: &str = "https://chat.example.test/api/account/1/chat/H42";
const SURVEY: &str =
    r#"{"survey":{"id":1,"questions":{"question":{"id":7,"type":"Text Field","label":"?","mandatory":true}}}}"#;
const TRANSFER: &str = r#"{"id":9,"type":"a2a-transfer","chatRequestParameters":{"skill":"Returns"},
    "link":{"rel":"a2a-transfer","href":"https://other.example.test/api/account/2/chat/request"}}"#;
const ATTRIBUTES: [(&str, &str); 4] = [
    ("endpoint", "https://chat.example.test"),
    ("account-id", "1"),
    ("app-key", "demo-app-key"),
    ("transfer-hosts", "other.example.test"),
];
