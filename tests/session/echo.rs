//! Backends that take a repeat for something new: nothing is repeated before news that were asked for later have shown
//! that it did not arrive.

use std::sync::Arc;
use std::time::Duration;

use holdfast_chat::model::{Body, EntryId, PostId, RequestId, Speech, Timestamp, Visitor};
use holdfast_chat::protocol::http::{Content, Method};
use holdfast_chat::protocol::{
    Call, CallKind, Early, Next, Parcel, Profile, Progress, Protocol, ProtocolError, Receipts, Request, Resend,
    Response, TransportError, UnknownSave, Update, Uploads,
};
use holdfast_chat::session::{Command, Effect, Environment, Input, Notice, PendingState, Session, Unheard};

#[test]
fn what_an_answer_delivered_is_not_shown_again_by_its_echo() {
    let mut talk = Talk::begun();
    talk.send("one");
    talk.answer("say one", "");
    talk.answer_poll("echo one\nsaid hello");

    assert_eq!(talk.shown(), ["visitor: one", "agent: hello"]);
    assert_eq!(talk.asked("say one"), 1);
}

#[test]
fn an_echo_delivers_what_got_no_answer() {
    let mut talk = Talk::begun();
    talk.send("one");
    talk.lose("say one");
    assert_eq!(talk.pending(), ["one"]);

    talk.answer_poll("echo one");

    assert_eq!(talk.shown(), ["visitor: one"]);
    assert!(talk.pending().is_empty());
    talk.pass(60);
    assert_eq!(talk.asked("say one"), 1);
}

#[test]
fn an_echo_that_is_sooner_than_the_answer_delivers_once() {
    let mut talk = Talk::begun();
    talk.send("one");
    talk.answer_poll("echo one");
    assert_eq!(talk.shown(), ["visitor: one"]);

    talk.answer("say one", "");
    talk.send("two");
    talk.answer("say two", "");
    talk.answer_poll("echo two");

    assert_eq!(talk.shown(), ["visitor: one", "visitor: two"]);
}

#[test]
fn what_comes_back_under_its_id_is_delivered_once_before_and_behind_its_answer() {
    let mut talk = Talk::begun();
    talk.send("one");
    talk.answer_poll("arrived 1 one");
    assert_eq!(talk.shown(), ["visitor: one"]);

    talk.answer("say one", "");
    talk.answer_poll("arrived 1 one");

    assert_eq!(talk.shown(), ["visitor: one"]);
}

#[test]
fn what_comes_back_under_its_id_settles_what_got_no_answer() {
    let mut talk = Talk::begun();
    talk.send("one");
    talk.lose("say one");
    talk.send("two");

    // By its id, whatever a backend made of its text.
    talk.answer_poll("arrived 1 ONE");

    assert_eq!(talk.shown(), ["visitor: one"]);
    assert_eq!(talk.pending(), ["two"]);
    assert_eq!((talk.asked("say one"), talk.asked("say two")), (1, 1));
}

#[test]
fn what_was_said_elsewhere_settles_nothing_that_is_on_its_way_here() {
    let mut talk = Talk::begun();
    talk.send("one");
    talk.lose("say one");

    talk.answer_poll("arrived 0 from my phone");

    assert_eq!(talk.shown(), ["visitor: from my phone"]);
    assert_eq!(talk.pending(), ["one"]);
}

#[test]
fn what_its_echo_delivered_is_not_sent_again_where_the_line_breaks_before_the_answer() {
    for is_reloaded in [false, true] {
        let mut talk = Talk::begun();
        talk.send("one");
        talk.answer_poll("echo one");
        talk.environment(Environment::Offline);
        if is_reloaded {
            talk.reload();
        }
        talk.environment(Environment::Online);
        for _ in 0..3 {
            talk.pass(4);
            talk.answer_poll("");
        }
        talk.send("two");

        assert_eq!((talk.asked("say one"), talk.asked("say two"), talk.asked("sign")), (1, 1, 0));
    }
}

#[test]
fn what_got_no_answer_is_repeated_only_after_news_that_were_asked_for_later_do_not_show_it() {
    let mut talk = Talk::begun();
    talk.send("one");
    talk.lose("say one");

    // Asked for before: it may have arrived since.
    talk.answer_poll("");
    assert_eq!(talk.asked("say one"), 1);
    // Asked for a moment later: it may still be on its way.
    talk.pass(2);
    talk.answer_poll("");
    assert_eq!(talk.asked("say one"), 1);

    talk.pass(2);
    talk.answer_poll("");
    assert_eq!(talk.asked("say one"), 2);
    talk.answer("say one", "");
    assert_eq!(talk.shown(), ["visitor: one"]);
}

#[test]
fn a_first_try_that_comes_late_is_shown_once() {
    let mut talk = Talk::begun();
    talk.send("one");
    talk.lose("say one");
    talk.pass(4);
    talk.answer_poll("");
    talk.answer_poll("");
    assert_eq!(talk.asked("say one"), 2);
    talk.answer("say one", "");
    talk.send("two");
    talk.answer("say two", "");

    talk.answer_poll("echo one\necho one\necho two");

    assert_eq!(talk.shown(), ["visitor: one", "visitor: two"]);
}

#[test]
fn nothing_overtakes_what_is_in_doubt() {
    let mut talk = Talk::begun();
    talk.send("one");
    talk.lose("say one");
    talk.send("two");
    assert_eq!(talk.asked("say two"), 0);

    talk.answer_poll("echo one");

    assert_eq!(talk.asked("say two"), 1);
}

#[test]
fn a_reload_in_doubt_asks_for_news_first() {
    let mut talk = Talk::begun();
    talk.send("one");
    talk.reload();
    assert_eq!(talk.pending(), ["one"]);
    assert_eq!(talk.asked("say one"), 1);

    talk.answer_poll("echo one");
    assert_eq!((talk.shown(), talk.pending().len()), (vec!["visitor: one".to_owned()], 0));

    talk.send("two");
    talk.reload();
    talk.pass(4);
    talk.answer_poll("");
    talk.answer_poll("");
    assert_eq!(talk.asked("say two"), 2);
}

#[test]
fn an_echo_that_is_awaited_over_a_reload_is_not_shown_again() {
    let mut talk = Talk::begun();
    talk.send("one");
    talk.answer("say one", "");
    talk.reload();

    talk.answer_poll("echo one");

    assert_eq!(talk.shown(), ["visitor: one"]);
}

#[test]
fn words_that_the_backend_changed_are_still_the_visitors() {
    let mut talk = Talk::begun();
    talk.send("my card is 4111");
    talk.answer("say my card is 4111", "");
    talk.answer_poll("echo my card is ****");
    talk.send("my card is 4222");
    talk.lose("say my card is 4222");
    talk.answer_poll("echo my card is ****");

    assert_eq!(talk.shown(), ["visitor: my card is 4111", "visitor: my card is 4222"]);
    assert!(talk.pending().is_empty());
}

#[test]
fn words_that_left_no_trace_here_are_shown() {
    let mut talk = Talk::begun();

    talk.answer_poll("echo from a page that was lost");

    assert_eq!(talk.shown(), ["visitor: from a page that was lost"]);
}

#[test]
fn a_line_that_is_dead_while_something_is_in_doubt_does_not_repeat_it() {
    let mut talk = Talk::begun();
    talk.send("one");
    talk.environment(Environment::Offline);
    talk.pass(70);
    talk.environment(Environment::Online);
    assert_eq!(talk.asked("say one"), 1);

    talk.answer_poll("echo one");

    assert_eq!((talk.shown(), talk.asked("say one")), (vec!["visitor: one".to_owned()], 1));
}

#[test]
fn an_event_whose_answer_is_lost_is_not_repeated_and_the_page_is_told() {
    let mut talk = Talk::begun();
    talk.input(Input::Command(Command::Custom { kind: "cart".to_owned(), data: "2".to_owned() }));
    talk.lose("sign");
    talk.send("one");
    talk.pass(4);
    talk.answer("say one", "");

    assert_eq!(talk.unheard, [("cart".to_owned(), Unheard::Unanswered)]);
    assert_eq!((talk.asked("sign"), talk.shown()), (1, vec!["visitor: one".to_owned()]));
}

#[test]
fn an_event_under_which_the_network_goes_away_goes_out_again_and_may_come_twice() {
    for is_reloaded in [false, true] {
        let mut talk = Talk::begun();
        talk.input(Input::Command(Command::Custom { kind: "cart".to_owned(), data: "2".to_owned() }));
        talk.environment(Environment::Offline);
        if is_reloaded {
            talk.reload();
        }
        talk.environment(Environment::Online);
        for _ in 0..MOST_POLLS {
            if talk.asked("sign") < 2 {
                talk.answer_poll("");
            }
        }
        talk.answer("sign", "");
        talk.pass(4);

        assert_eq!((talk.asked("sign"), talk.unheard.len()), (2, 0), "{is_reloaded}");
    }
}

#[test]
fn a_refused_message_waits_for_the_visitor() {
    let mut talk = Talk::begun();
    talk.send("one");
    talk.answer("say one", "refused");

    let state = talk.session.view().outbox[0].state;
    assert!(matches!(state, PendingState::NotSent(_)), "{state:?}");
}

#[test]
fn an_alert_of_the_backends_is_shown_until_somebody_does_something_and_never_ends_the_chat_by_itself() {
    let mut talk = Talk::begun();
    talk.answer_poll("alert 45");
    assert_eq!(talk.session.view().idle_end, Some(talk.now + Duration::from_secs(45)));

    talk.reload();
    assert!(talk.session.view().idle_end.is_some());
    talk.pass(50);
    assert!(matches!(talk.session.view().stage, holdfast_chat::session::Stage::Queued { .. }));

    talk.input(Input::Command(Command::Stay));
    assert_eq!((talk.session.view().idle_end, talk.asked("sign")), (None, 1));
    talk.answer_poll("alert 45");
    talk.answer_poll("said still there?");
    assert_eq!(talk.session.view().idle_end, None);
}

/// A minute of them.
const MOST_POLLS: usize = 30;

/// A conversation with a backend that shows everything and recognises nothing.
struct Talk {
    session: Session,
    now: Timestamp,
    flying: Vec<(RequestId, String)>,
    asked: Vec<String>,
    unheard: Vec<(String, Unheard)>,
    records: std::collections::BTreeMap<String, String>,
}

impl Talk {
    fn begun() -> Self {
        let mut talk = Self {
            session: Session::new(Box::new(Parrot), 1),
            now: Timestamp::from_millis(1_000_000),
            flying: Vec::new(),
            asked: Vec::new(),
            unheard: Vec::new(),
            records: std::collections::BTreeMap::new(),
        };
        talk.input(Input::Command(Command::Start { visitor: Box::new(Visitor::default()) }));
        talk.answer("open", "");
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
                Effect::Store(snapshot) => {
                    for record in snapshot.records {
                        match record.value {
                            Some(value) => self.records.insert(record.key, value),
                            None => self.records.remove(&record.key),
                        };
                    }
                }
                Effect::Announce(Notice::Unheard { kind, why }) => self.unheard.push((kind, why)),
                Effect::Download { .. } | Effect::Save { .. } | Effect::Forget | Effect::Announce(_) => {}
            }
        }
    }

    fn environment(&mut self, environment: Environment) {
        self.input(Input::Environment(environment));
    }

    fn send(&mut self, text: &str) {
        self.input(Input::Command(Command::Send { text: text.to_owned() }));
    }

    fn reply(&mut self, url: &str, outcome: Result<Response, TransportError>) {
        let place = self.flying.iter().position(|(_, flying)| flying == url).expect("it is in flight");
        let (id, _) = self.flying.remove(place);
        self.input(Input::Replied { id, outcome });
    }

    fn answer(&mut self, url: &str, body: &str) {
        self.reply(url, Ok(Response { status: 200, body: body.to_owned(), ..Response::default() }));
    }

    fn lose(&mut self, url: &str) {
        self.reply(url, Err(TransportError::Network));
    }

    /// Answers the poll in flight, or the next one.
    fn answer_poll(&mut self, body: &str) {
        while !self.flying.iter().any(|(_, url)| url == "poll") {
            self.now = self.session.next_wake().expect("a poll is to come");
            self.input(Input::Woke);
        }
        self.answer("poll", body);
    }

    /// Lets time go by; polls are answered with nothing new.
    fn pass(&mut self, seconds: u64) {
        let end = self.now + Duration::from_secs(seconds);
        while let Some(wake) = self.session.next_wake().filter(|wake| *wake <= end) {
            self.now = wake.max(self.now);
            self.input(Input::Woke);
        }
        self.now = end;
    }

    fn reload(&mut self) {
        self.flying.clear();
        let read = |key: &str| self.records.get(key).cloned();
        self.session = Session::restore(Box::new(Parrot), 2, self.now, &read).expect("it goes on");
        self.input(Input::Woke);
    }

    fn asked(&self, url: &str) -> usize {
        self.asked.iter().filter(|asked| *asked == url).count()
    }

    fn shown(&self) -> Vec<String> {
        let line = |body: &Body| match body {
            Body::Visitor { text, .. } => Some(format!("visitor: {text}")),
            Body::Agent(speech) => Some(format!("agent: {}", speech.text)),
            Body::Withdrawn { .. } | Body::File { .. } | Body::Event(_) => None,
        };
        self.session.view().transcript.iter().filter_map(|message| line(&message.body)).collect()
    }

    fn pending(&self) -> Vec<String> {
        self.session.view().outbox.iter().map(|pending| pending.text.to_string()).collect()
    }
}

#[derive(Debug)]
struct Parrot;

impl Protocol for Parrot {
    fn profile(&self) -> Profile {
        Profile {
            batch: 1,
            pace: Duration::ZERO,
            rest: Duration::from_secs(2),
            resend: Resend::AfterEcho,
            early: Early::Welcome,
            settle: Duration::ZERO,
            patience: Duration::from_secs(45),
            typing: Duration::from_secs(5),
            pause: Duration::from_secs(4),
            uploads: Uploads::WhenAsked,
            receipts: Receipts::Needless,
        }
    }

    fn begin(&mut self, call: &Call<'_>) -> Option<Request> {
        let url = match call {
            Call::Open { .. } => "open".to_owned(),
            Call::Poll => "poll".to_owned(),
            Call::Post { post: PostId(_), parcel: Parcel::Entries(entries) } => format!("say {}", entries[0].text),
            Call::Post { .. } => "sign".to_owned(),
            Call::Upload { .. } | Call::Download { .. } | Call::Resume | Call::Close { .. } => return None,
        };
        let deadline = Duration::from_secs(10);
        Some(Request { method: Method::Post, url, headers: Vec::new(), content: Content::Empty, deadline })
    }

    fn receive(&mut self, _: CallKind, response: &Response) -> Result<Progress, ProtocolError> {
        let update = |line: &str| {
            let (kind, text) = line.split_once(' ').expect("a kind and a text");
            match kind {
                "echo" => Update::Echoed { text: text.into() },
                "arrived" => {
                    let (number, text) = text.split_once(' ').expect("an id and a text");
                    let entry = number.parse().ok().filter(|number| *number > 0).map(EntryId);
                    Update::Arrived { entry, text: text.into() }
                }
                "alert" => Update::IdleAlert { end: text.parse().ok().map(Duration::from_secs) },
                _ => Update::Said(Speech::plain(None, Arc::from(text))),
            }
        };
        if response.body == "refused" {
            return Err(ProtocolError::Refused { noun: "message", status: 400 });
        }
        Ok(Progress { updates: response.body.lines().map(update).collect(), next: Next::Done })
    }

    fn save(&self) -> String {
        String::new()
    }

    fn restore(&mut self, _: &str) -> Result<(), UnknownSave> {
        Ok(())
    }

    fn forget(&mut self) {}
}
