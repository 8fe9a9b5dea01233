//! When things are tried again: after a rest, after a failure, after as long as the server asks for.

use std::time::Duration;

use holdfast_chat::model::FileId;
use holdfast_chat::protocol::live_agent::LiveAgent;
use holdfast_chat::protocol::{
    Call, CallKind, Profile, Progress, Protocol, ProtocolError, Request, Response, UnknownSave,
};
use holdfast_chat::session::{Command, Environment, Input, Session, Upload};
use serde_json::json;

use super::chat::{Chat, adapter};

#[test]
fn a_backend_that_does_not_hold_polls_is_asked_again_after_a_rest() {
    let mut chat = resting_chat(Duration::from_secs(3));
    for _ in 0..3 {
        chat.reply("Messages", 204, "");
        assert_eq!(chat.in_flight(), [""; 0]);
        assert_eq!(chat.wait(Duration::from_millis(2_999)), [""; 0]);
        assert_eq!(chat.wait(Duration::from_millis(1)), ["GET Messages?ack=0"]);
    }
}

#[test]
fn a_visitor_who_looks_again_does_not_wait_for_the_rest_to_pass() {
    let mut chat = resting_chat(Duration::from_secs(3));
    chat.reply("Messages", 204, "");

    assert_eq!(chat.environment(Environment::Visible), ["GET Messages?ack=0"]);
}

#[test]
fn words_do_not_wait_for_the_rest_to_pass() {
    let mut chat = resting_chat(Duration::from_secs(3));
    chat.server.establish();
    chat.deliver("Messages");

    assert_eq!(chat.send("one"), ["store head", "POST ChatMessage #2 {\"text\":\"one\"}"]);
}

#[test]
fn a_post_of_several_exchanges_has_arrived_with_the_last_of_them() {
    let mut chat = resting_chat(Duration::ZERO);
    chat.server.establish();
    chat.deliver("Messages");
    let post = "POST ChatMessage #2 {\"text\":\"one\"}";
    chat.send("one");
    chat.send("two");

    assert_eq!(chat.reply("ChatMessage", 200, "MORE"), [post]);
    assert_eq!(chat.outbox(), ["one, sending", "two, sending"]);
    assert_eq!(chat.lose("ChatMessage"), [""; 0]);
    assert_eq!(chat.wait(Duration::from_secs(1)), ["store head", post]);
    assert_eq!(chat.reply("ChatMessage", 200, "MORE"), [post]);
    assert!(chat.deliver("ChatMessage").contains(&"sent one".to_owned()));

    assert_eq!((chat.outbox(), &chat.server.heard[..]), (vec!["two, sending".into()], &["one".to_owned()][..]));
}

#[test]
fn after_a_refused_look_into_the_composer_the_next_one_keeps_its_distance() {
    let mut chat = Chat::talking();
    chat.server.tell("ChatEstablished", json!({ "name": "Noor B.", "sneakPeekEnabled": true }));
    chat.deliver("Messages");
    chat.draft("H");
    chat.reload();
    chat.wait(Duration::from_secs(1));

    chat.reply("SneakPeek", 500, "");
    chat.wait(Duration::from_secs(2));
    chat.reply("SneakPeek", 500, "");

    assert_eq!(chat.in_flight().iter().filter(|request| request.contains("SneakPeek")).count(), 0);
}

#[test]
fn a_tab_that_comes_to_the_front_right_after_a_reload_still_waits_for_the_old_poll_to_be_gone() {
    for sign in [Environment::Visible, Environment::Online, Environment::Returned] {
        let mut chat = Chat::talking();
        chat.reload();

        chat.environment(sign);

        assert_eq!(chat.in_flight(), [""; 0], "{sign:?}");
        assert_eq!(chat.wait(Duration::from_millis(999)), [""; 0], "{sign:?}");
        assert_eq!(chat.wait(Duration::from_millis(1)), ["GET Messages?ack=1"], "{sign:?}");
    }
}

#[test]
fn a_post_that_fails_is_tried_again_ever_more_slowly() {
    let mut chat = Chat::talking();
    chat.send("one");
    for longest in [800, 1_600, 3_200, 6_400, 10_000, 10_000] {
        chat.lose("ChatMessage");
        let wait = chat.next_in();
        assert!((longest / 2..=longest).contains(&wait), "{wait} of {longest}");
        chat.wake();
    }

    chat.deliver("ChatMessage");
    chat.wait(Duration::from_millis(300));
    chat.send("two");
    chat.lose("ChatMessage");

    assert!(chat.next_in() <= 800, "a success makes the next wait short again");
}

#[test]
fn a_message_behind_one_that_was_refused_keeps_its_distance() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.send("two");

    assert!(!chat.reply("ChatMessage", 400, "").iter().any(|effect| effect.starts_with("POST")));

    assert_eq!(chat.wait(Duration::from_millis(299)), [""; 0]);
    assert_eq!(chat.wait(Duration::from_millis(1)), ["store head", "POST ChatMessage #2 {\"text\":\"two\"}"]);
}

#[test]
fn a_server_that_asks_to_wait_with_a_post_is_left_alone_for_so_long_but_not_for_ever() {
    for (asked, waited) in [(7, 7_000), (3_600, 60_000)] {
        let mut chat = Chat::talking();
        chat.send("one");
        let (id, _) = chat.flying.pop_last().expect("a post");
        let response = Response {
            status: 429,
            body: String::new(),
            retry_after: Some(Duration::from_secs(asked)),
            location: None,
        };

        chat.input(Input::Replied { id, outcome: Ok(response) });

        chat.polled(waited - 1);
        assert_eq!(chat.in_flight(), ["GET Messages?ack=1"]);
        chat.polled(1);
        assert!(chat.in_flight().contains(&"POST ChatMessage #2 {\"text\":\"one\"}".to_owned()));
    }
}

#[test]
fn a_page_without_a_network_sleeps_until_it_doubts_the_browser() {
    let mut chat = Chat::talking();
    chat.send("one");

    chat.environment(Environment::Offline);

    assert_eq!(chat.next_in(), 15_000);
}

#[test]
fn a_post_that_has_to_wait_for_a_handover_does_not_keep_the_page_awake() {
    let mut chat = Chat::talking();
    chat.send("one");
    chat.server.rotate();
    chat.deliver("Messages");
    chat.reload();

    chat.wait(Duration::ZERO);

    assert_eq!(chat.in_flight(), ["GET ReconnectSession?offset=700014"]);
    assert_eq!(chat.next_in(), 15_000);
}

#[test]
fn the_end_is_tried_again_ever_more_slowly() {
    let mut chat = Chat::talking();
    chat.command(Command::End);
    for longest in [800, 1_600, 3_200] {
        chat.lose("ChatEnd");
        let wait = chat.next_in();
        assert!((longest / 2..=longest).contains(&wait), "{wait} of {longest}");
        chat.wake();
    }
}

#[test]
fn an_end_that_the_backend_is_too_busy_for_is_tried_again_and_one_that_it_refuses_is_taken_as_done() {
    let mut chat = Chat::talking();
    chat.command(Command::End);
    chat.reply("ChatEnd", 429, "");
    assert_eq!(chat.stage(), "closing");
    assert_eq!(chat.wake(), ["store head", "POST ChatEnd #2 {\"reason\":\"client\"}"]);

    chat.reply("ChatEnd", 403, "");

    assert_eq!((&*chat.stage(), chat.in_flight().len()), ("ended, visitor", 0));
}

#[test]
fn a_file_that_does_not_arrive_can_be_picked_again() {
    let picked = || Command::Upload { file: FileId(1), name: "a.png".to_owned(), size: 1 };
    let mut chat = Chat::talking();
    chat.ask_for_a_file();
    for trouble in ["lost", "refused", "slow"] {
        chat.command(picked());
        assert_eq!(chat.session.view().files.upload, Upload::Sending, "{trouble}");
        let id = chat.flying.iter().find(|(_, request)| request.url.contains("/Up?")).map(|(id, _)| id.0);

        match trouble {
            "lost" => drop(chat.lose("Up?")),
            "refused" => drop(chat.reply("Up?", 400, "")),
            _ => {
                chat.polled(119_999);
                assert_eq!(chat.session.view().files.upload, Upload::Sending);
                let effects = chat.wait(Duration::from_millis(1));
                assert!(effects.contains(&format!("abort {}", id.expect("an upload"))), "{effects:?}");
            }
        }

        assert_eq!(chat.session.view().files.upload, Upload::Failed, "{trouble}");
        assert!(!chat.in_flight().iter().any(|request| request.contains("Up?")), "{trouble}");
    }

    chat.command(picked());
    chat.reply("Up?", 200, "OK");
    assert_eq!(chat.session.view().files.upload, Upload::Sending);
    assert_eq!(chat.command(picked()), [""; 0], "one file for each time that the agent asks");
}

#[test]
fn the_end_gives_up_a_file_that_is_on_its_way() {
    let mut chat = Chat::talking();
    chat.ask_for_a_file();
    chat.command(Command::Upload { file: FileId(1), name: "a.png".to_owned(), size: 1 });

    chat.command(Command::End);

    assert_eq!(chat.in_flight(), ["POST ChatEnd #2 {\"reason\":\"client\"}"]);
    assert_eq!(chat.session.view().files.upload, Upload::None);
}

/// A chat in the queue of a backend that answers polls at once.
fn resting_chat(rest: Duration) -> Chat {
    let mut chat = Chat::new();
    let profile = Profile { rest, ..adapter().profile() };
    chat.session = Session::new(Box::new(Like { agent: *adapter(), profile, begun: None }), 7);
    chat.start();
    chat.settle();
    assert_eq!(chat.stage(), "queued");
    chat
}

impl Chat {
    /// In how many milliseconds the alarm goes off.
    fn next_in(&self) -> u128 {
        self.session.next_wake().expect("the session wants to be woken").since(self.now).as_millis()
    }

    fn ask_for_a_file(&mut self) {
        let url = "https://f.example/chat/rest/x/Up";
        self.server.tell("FileTransfer", json!({ "type": "Requested", "uploadServletUrl": url, "fileToken": "t" }));
        self.settle();
        assert_eq!(self.session.view().files.upload, Upload::Requested);
    }
}

/// The real adapter, for a backend that wants to be treated differently.
#[derive(Debug)]
struct Like {
    agent: LiveAgent,
    profile: Profile,
    /// What was asked last.
    begun: Option<Request>,
}

impl Protocol for Like {
    fn profile(&self) -> Profile {
        self.profile
    }

    fn begin(&mut self, call: &Call<'_>) -> Option<Request> {
        self.begun = self.agent.begin(call);
        self.begun.clone()
    }

    /// An answer of `MORE` asks for the same once more.
    fn receive(&mut self, kind: CallKind, response: &Response) -> Result<Progress, ProtocolError> {
        match self.begun.clone().filter(|_| response.body == "MORE") {
            Some(request) => Ok(Progress::going_on(Vec::new(), request)),
            None => self.agent.receive(kind, response),
        }
    }

    fn save(&self) -> String {
        self.agent.save()
    }

    fn restore(&mut self, saved: &str) -> Result<(), UnknownSave> {
        self.agent.restore(saved)
    }

    fn forget(&mut self) {
        self.agent.forget();
    }
}
