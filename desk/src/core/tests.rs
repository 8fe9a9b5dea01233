//! A desk against answers written by hand: what is asked, what is shown, and above all what is said once.

use std::collections::VecDeque;
use std::time::Duration;

use holdfast_chat::model::{RequestId, Timestamp};
use holdfast_chat::protocol::http::Content;
use holdfast_chat::protocol::{Request, Response, TransportError};

use super::*;
use crate::api::{Door as Entrance, Presence, Target};

#[test]
fn an_agent_sits_down_and_is_online() {
    let mut stage = Stage::new();
    stage.command(Command::Enter { name: " Ilse ".into() });
    stage.answer("/login", ok(r#"{"bearer":"b"}"#));

    stage.answer("/agentSession?", ok(r#"{"agentSessionLocation":{"link":{"@href":"/x/agentSession/7"}}}"#));

    let view = stage.view();
    assert_eq!((view.door, &*view.name, view.presence), (Door::Inside, "Ilse", Presence::Online));
    let told = stage.asked("/agentSession/7/availability").into_iter().find(|request| body(request).contains("Online"));
    assert!(told.is_some_and(|request| request.headers.contains(&("X-HTTP-Method-Override", "PUT".to_owned()))));
}

#[test]
fn a_door_that_does_not_answer_is_told() {
    let mut stage = Stage::new();
    stage.command(Command::Enter { name: "Ilse".into() });

    stage.answer("/login", Err(TransportError::Network));

    assert_eq!((stage.view().door, stage.view().trouble), (Door::Outside, Some(Trouble::NoDoor)));
}

#[test]
fn who_waits_is_shown_with_the_time() {
    let mut stage = Stage::new();
    stage.sit();

    stage.incoming(r#"[{"chatSessionKey":"K1","visitorName":"Ines","dialect":"genesys","waited":42}]"#, "[]");

    let view = stage.view();
    let caller = &view.callers[0];
    assert_eq!((caller.visitor.as_deref(), caller.backend.as_deref()), (Some("Ines"), Some("genesys")));
    assert_eq!(caller.waited(view.now), Some(Duration::from_secs(42)));
}

#[test]
fn what_is_accepted_is_chosen_and_read_from_its_beginning() {
    let mut stage = Stage::talking();

    stage.news(&[line(2, "visitor", "hello")]);

    let chat = stage.chat();
    assert_eq!(texts(&chat), ["hello"]);
    assert_eq!((stage.view().chosen, chat.unread), (Some(chat.id), 0));
}

#[test]
fn words_are_unread_while_nobody_looks_and_read_when_somebody_does() {
    let mut stage = Stage::talking();
    stage.step(Input::Environment(Environment::Unseen));

    stage.news(&[line(2, "visitor", "hello"), line(3, "agent", "from elsewhere")]);
    assert_eq!((stage.chat().unread, stage.view().unread()), (1, 1));

    stage.step(Input::Environment(Environment::Seen));
    assert_eq!(stage.chat().unread, 0);
}

#[test]
fn what_comes_twice_is_shown_once() {
    let mut stage = Stage::talking();

    stage.news(&[line(2, "visitor", "hello")]);
    stage.news(&[line(2, "visitor", "hello"), line(3, "visitor", "again")]);

    assert_eq!(texts(&stage.chat()), ["hello", "again"]);
}

#[test]
fn words_that_arrived_are_shown_once_whether_answer_or_news_come_first() {
    let mut stage = Stage::talking();
    stage.say("one");
    stage.answer("/events", ok(r#"{"chatEventLocation":{"link":{"@href":"/x/events/5"}}}"#));
    assert_eq!(shown(&stage.chat()), ["one"]);
    stage.news(&[own(5, "one")]);
    assert_eq!(shown(&stage.chat()), ["one"]);

    stage.say("two");
    stage.news(&[own(6, "two")]);
    assert_eq!(shown(&stage.chat()), ["one", "two"]);
    stage.answer("/events", ok(r#"{"chatEventLocation":{"link":{"@href":"/x/events/6"}}}"#));
    assert_eq!(shown(&stage.chat()), ["one", "two"]);
}

#[test]
fn words_without_an_answer_are_said_again_only_after_news_that_do_not_have_them() {
    let mut stage = Stage::talking();
    stage.say("one");
    stage.answer("/events", Err(TransportError::Network));

    stage.news(&[]);
    assert!(!stage.is_asked("/events"), "news that were asked for at once prove nothing");

    stage.pass(Duration::from_secs(4));
    stage.news(&[]);
    stage.news(&[]);
    assert!(stage.is_asked("/events"));
    stage.news(&[own(7, "one")]);
    stage.answer("/events", ok("{}"));
    assert_eq!(shown(&stage.chat()), ["one"]);
}

#[test]
fn words_whose_answer_was_lost_are_not_said_again_when_news_have_them() {
    let mut stage = Stage::talking();
    stage.say("one");
    stage.say("two");
    stage.answer("/events", Err(TransportError::Network));
    stage.pass(Duration::from_secs(4));

    stage.news(&[own(4, "one")]);

    assert_eq!(stage.posted(), ["two"]);
    assert_eq!(shown(&stage.chat()), ["one", "two"]);
}

#[test]
fn nothing_overtakes_what_is_in_doubt() {
    let mut stage = Stage::talking();
    stage.say("one");
    stage.answer("/events", Err(TransportError::Network));

    stage.say("two");

    assert!(!stage.is_asked("/events"));
    assert_eq!(shown(&stage.chat()), ["one", "two"]);
}

#[test]
fn refused_words_wait_for_the_agent_and_hold_up_nobody() {
    let mut stage = Stage::talking();
    stage.say("one");
    stage.say("two");
    stage.answer("/events", status(400));
    assert_eq!(stage.posted(), ["two"]);
    let entry = stage.chat().outbox.iter().next().map(|entry| entry.id).expect("it is kept");

    stage.answer("/events", ok("{}"));
    let chat = stage.chat().id;
    stage.command(Command::Retry { chat, entry });

    assert_eq!(stage.posted(), ["one"]);
}

#[test]
fn a_page_that_is_loaded_anew_goes_on_and_says_nothing_twice() {
    let mut stage = Stage::talking();
    stage.news(&[line(2, "visitor", "hello")]);
    stage.say("one");
    let chat = stage.chat().id;
    stage.command(Command::Draft { chat, text: "dra".into() });

    let mut stage = stage.reloaded();
    stage.news(&[line(2, "visitor", "hello"), own(3, "one")]);

    let chat = stage.chat();
    assert_eq!((shown(&chat), &*chat.draft, chat.unread), (vec!["hello".to_owned(), "one".to_owned()], "dra", 0));
    assert_eq!(stage.view().chosen, Some(chat.id));
    stage.pass(Duration::from_secs(10));
    stage.news(&[]);
    assert!(!stage.is_asked("/events"));
}

#[test]
fn a_lost_seat_keeps_what_was_not_sent_until_somebody_sits_there_again() {
    let mut stage = Stage::talking();
    let chat = stage.chat().id;
    stage.command(Command::Draft { chat, text: "dra".into() });

    stage.pass(Duration::from_secs(2));
    stage.answer("/incomingRequests", status(404));
    assert_eq!((stage.view().door, stage.view().trouble), (Door::Outside, Some(Trouble::SeatLost)));
    assert!(stage.flying.is_empty());

    stage.sit();
    stage.sessions(&["K1"]);
    assert_eq!(&*stage.chat().draft, "dra");
}

#[test]
fn what_ended_stays_readable_until_it_is_put_away_and_does_not_come_back() {
    let mut stage = Stage::talking();
    stage.news(&[line(2, "visitor", "hello")]);
    stage.say("too late");
    stage.news(&[r#"{"id":3,"type":"state","state":"ended"}"#.to_owned()]);
    stage.answer("/events", status(400));

    let chat = stage.chat();
    assert_eq!((chat.ending.clone(), texts(&chat)), (Some(Ending::Ended), vec!["hello".to_owned()]));
    assert!(chat.outbox.iter().all(|entry| entry.state == EntryState::Refused));

    stage.command(Command::Close(chat.id));
    stage.sessions(&["K1"]);
    assert!(stage.view().chats.is_empty());
    assert_eq!(stage.view().chosen, None);
}

#[test]
fn what_is_handed_on_is_read_no_more_and_may_come_back() {
    let mut stage = Stage::talking();
    let chat = stage.chat().id;
    let deed = Deed::Transfer { to: Target::Agent { id: "9".into(), note: "".into() }, name: Some("Noor".into()) };

    stage.command(Command::Do { chat, deed });
    assert!(stage.chat().doing.is_some());
    stage.answer("/transfer", ok("{}"));
    assert_eq!(stage.chat().ending, Some(Ending::HandedOn { to: Some("Noor".into()) }));
    stage.pass(Duration::from_secs(2));
    assert!(!stage.is_asked("chatSessionKeys"));

    stage.sessions(&["K1"]);
    assert_eq!((stage.chat().ending.clone(), stage.view().chats.len()), (None, 1));
}

#[test]
fn a_list_that_was_asked_for_before_a_transfer_does_not_bring_it_back() {
    let mut stage = Stage::talking();
    stage.pass(Duration::from_secs(2));
    let chat = stage.chat().id;
    stage.command(Command::Do { chat, deed: Deed::Transfer { to: Target::Queue, name: None } });
    stage.answer("/action", ok("{}"));

    stage.answer("/chatSessions", ok(r#"{"chatSessions":{"chatSession":{"chatSessionKey":"K1"}}}"#));

    assert_eq!(stage.chat().ending, Some(Ending::HandedOn { to: None }));
}

#[test]
fn somebody_elses_chat_is_taken_away() {
    let mut stage = Stage::talking();
    stage.pass(Duration::from_secs(2));

    stage.answer("chatSessionKeys", ok(&chats(&[], r#","holdfast":{"mine":false}"#)));

    assert_eq!(stage.chat().ending, Some(Ending::TakenAway));
}

#[test]
fn typing_is_told_once_and_ends_by_itself() {
    let mut stage = Stage::talking();
    let chat = stage.chat().id;

    stage.command(Command::Draft { chat, text: "a".into() });
    stage.command(Command::Draft { chat, text: "ab".into() });
    assert_eq!(stage.asked("/info/agentTyping").len(), 1);
    stage.answer("/info/agentTyping", ok("{}"));

    stage.pass(Duration::from_secs(6));
    let told: Vec<String> = stage.asked("/info/agentTyping").iter().map(body).collect();
    assert_eq!(told, [r#"{"agentTyping":"not-typing"}"#]);
}

#[test]
fn a_server_that_is_silent_is_told_and_asked_more_and_more_seldom() {
    let mut stage = Stage::new();
    stage.sit();
    for _ in 0..3 {
        stage.pass(Duration::from_secs(9));
        stage.answer("/incomingRequests", Err(TransportError::Network));
    }
    assert_eq!(stage.view().connection, Connection::Lost);
    stage.pass(Duration::from_secs(2));
    assert!(!stage.is_asked("/incomingRequests"));

    stage.step(Input::Environment(Environment::Online));
    stage.answer("/incomingRequests", ok(r#"{"incomingRequests":{"ringingCount":"0"}}"#));
    assert_eq!(stage.view().connection, Connection::Steady);
}

#[test]
fn an_exchange_that_takes_too_long_is_given_up() {
    let mut stage = Stage::talking();
    stage.say("one");

    stage.pass(Duration::from_secs(11));

    assert!(stage.aborted > 0);
    let is_doubtful = |entry: &Entry| matches!(entry.state, EntryState::Doubtful { .. });
    assert!(stage.chat().outbox.iter().all(is_doubtful));
}

#[test]
fn nothing_that_comes_unasked_changes_anything() {
    let mut stage = Stage::talking();
    let before = stage.view();

    stage.step(Input::Replied { id: RequestId(9_999), outcome: ok("{}") });
    stage.step(Input::Command(Command::Enter { name: "x".into() }));
    stage.step(Input::Command(Command::Choose(ChatId(77))));
    stage.step(Input::Command(Command::Close(stage.chat().id)));

    assert_eq!(stage.view(), before);
}

#[test]
fn broken_answers_bring_nothing_down() {
    for broken in ["", "null", "[]", "{", r#"{"chats":7}"#, r#"{"chats":{"chat":[7,{"info":7}]}}"#] {
        let mut stage = Stage::talking();
        stage.pass(Duration::from_secs(9));
        for part in ["/incomingRequests", "/chatSessions", "chatSessionKeys", "/availability"] {
            stage.answer_all(part, &ok(broken));
        }
        assert_eq!(stage.view().chats.len(), 1, "{broken}");
        assert_eq!(stage.view().presence, Presence::Online, "{broken}");
    }
}

/// A desk, its clock, and what it has asked.
struct Stage {
    desk: Desk,
    now: Timestamp,
    flying: VecDeque<(RequestId, Request)>,
    kept: String,
    aborted: usize,
}

impl Stage {
    fn new() -> Self {
        Self::of(Timestamp::from_millis(1_000_000), None)
    }

    fn of(now: Timestamp, kept: Option<&str>) -> Self {
        let desk = Desk::new(Entrance::of("a"), now, kept);
        let mut stage = Self { desk, now, flying: VecDeque::new(), kept: String::new(), aborted: 0 };
        stage.step(Input::Woke);
        stage
    }

    /// Ilse sits there.
    fn sit(&mut self) {
        self.command(Command::Enter { name: "Ilse".into() });
        self.answer("/login", ok(r#"{"bearer":"b"}"#));
        self.answer("/agentSession?", ok(r#"{"agentSessionLocation":{"link":{"@href":"/x/agentSession/7"}}}"#));
        self.answer_all("/availability", &ok(r#"{"availability":{"chat":"Online"}}"#));
    }

    /// Ilse talks to somebody.
    fn talking() -> Self {
        let mut stage = Self::new();
        stage.sit();
        stage.command(Command::Accept);
        let accepts = |request: &Request| request.url.contains("/incomingRequests") && body(request) == "{}";
        stage.answer_if(accepts, ok(r#"{"chatLocation":{"link":{"@href":"/x/chat/K1"}}}"#));
        stage.news(&[]);
        stage
    }

    /// The same tab on a new page.
    fn reloaded(self) -> Self {
        Self::of(self.now + Duration::from_secs(1), Some(&self.kept))
    }

    fn step(&mut self, input: Input) {
        for effect in self.desk.handle(self.now, input) {
            match effect {
                Effect::Fetch { id, request } => self.flying.push_back((id, request)),
                Effect::Abort { id } => {
                    self.aborted += 1;
                    self.flying.retain(|(flying, _)| *flying != id);
                }
                Effect::Keep(text) => self.kept = text,
            }
        }
    }

    fn command(&mut self, command: Command) {
        self.step(Input::Command(command));
    }

    fn say(&mut self, text: &str) {
        let chat = self.chat().id;
        self.command(Command::Send { chat, text: text.into() });
    }

    fn pass(&mut self, span: Duration) {
        self.now = self.now + span;
        self.step(Input::Woke);
    }

    fn answer_if(&mut self, is_it: impl Fn(&Request) -> bool, outcome: Result<Response, TransportError>) {
        let place = self.flying.iter().position(|(_, request)| is_it(request)).expect("it is asked");
        let (id, _) = self.flying.remove(place).expect("it is there");
        self.step(Input::Replied { id, outcome });
    }

    fn answer(&mut self, part: &str, outcome: Result<Response, TransportError>) {
        self.answer_if(|request| request.url.contains(part), outcome);
    }

    fn answer_all(&mut self, part: &str, outcome: &Result<Response, TransportError>) {
        while self.is_asked(part) {
            self.answer(part, outcome.clone());
        }
    }

    /// Lets the next round of news bring this of the chat K1.
    fn news(&mut self, events: &[String]) {
        if !self.is_asked("chatSessionKeys") {
            self.pass(Duration::from_millis(1_600));
        }
        self.answer("chatSessionKeys", ok(&chats(events, "")));
    }

    fn incoming(&mut self, ringing: &str, others: &str) {
        let holdfast = format!(r#"{{"ringing":{ringing},"others":{others}}}"#);
        let body = format!(r#"{{"incomingRequests":{{"ringingCount":"1","holdfast":{holdfast}}}}}"#);
        self.answer("/incomingRequests", ok(&body));
    }

    fn sessions(&mut self, keys: &[&str]) {
        self.answer_all("/chatSessions", &status(500));
        self.pass(Duration::from_secs(9));
        let chats: Vec<String> = keys.iter().map(|key| format!(r#"{{"chatSessionKey":"{key}"}}"#)).collect();
        let body = format!(r#"{{"chatSessions":{{"chatSession":[{}]}}}}"#, chats.join(","));
        self.answer("/chatSessions", ok(&body));
    }

    fn view(&self) -> View {
        self.desk.view(self.now)
    }

    fn chat(&self) -> Chat {
        let view = self.view();
        Chat::clone(view.chats.first().expect("there is one"))
    }

    fn asked(&self, part: &str) -> Vec<Request> {
        let fitting = self.flying.iter().filter(|(_, request)| request.url.contains(part));
        fitting.map(|(_, request)| request.clone()).collect()
    }

    fn is_asked(&self, part: &str) -> bool {
        !self.asked(part).is_empty()
    }

    /// The words that are being posted.
    fn posted(&self) -> Vec<String> {
        let word = |request: &Request| Some(body(request).split("\"text\":\"").nth(1)?.split('"').next()?.to_owned());
        self.asked("/events").iter().filter_map(word).collect()
    }
}

fn ok(body: &str) -> Result<Response, TransportError> {
    Ok(Response { status: 200, body: body.to_owned(), ..Response::default() })
}

fn status(status: u16) -> Result<Response, TransportError> {
    Ok(Response { status, ..Response::default() })
}

fn body(request: &Request) -> String {
    match &request.content {
        Content::Json(text) => text.clone(),
        _ => String::new(),
    }
}

fn chats(events: &[String], more: &str) -> String {
    let events = events.join(",");
    let info = format!(r#"{{"chatSessionKey":"K1","state":"chatting"{more}}}"#);
    format!(r#"{{"chats":{{"chat":{{"events":{{"event":[{events}]}},"info":{info}}}}}}}"#)
}

fn line(id: u64, source: &str, text: &str) -> String {
    format!(r#"{{"id":{id},"type":"line","source":"{source}","by":"Ines","text":"{text}"}}"#)
}

fn own(id: u64, text: &str) -> String {
    format!(r#"{{"id":{id},"type":"line","source":"agent","by":"Ilse","text":"{text}"}}"#)
}

fn texts(chat: &Chat) -> Vec<String> {
    chat.lines.iter().map(|line| line.text.to_string()).collect()
}

/// What is on the screen: what was said, then what is on its way.
fn shown(chat: &Chat) -> Vec<String> {
    texts(chat).into_iter().chain(chat.outbox.iter().map(|entry| entry.text.to_string())).collect()
}
