//! A desk against answers written by hand: what is asked, what is shown, and above all what is said once.

mod side_by_side;
mod stage;

use std::time::Duration;

use holdfast_chat::model::RequestId;
use holdfast_chat::protocol::TransportError;

use self::stage::{Stage, body, chat, chats, line, ok, own, shown, status, texts};
use super::*;
use crate::api::{Presence, Target};

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

    stage.answer("chatSessionKeys", ok(&chats(&[chat("K1", &[], r#","holdfast":{"mine":false}"#)])));

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
