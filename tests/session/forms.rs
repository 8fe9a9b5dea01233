//! Forms: before a conversation, instead of one, within it and after it, with a clerk who asks whatever a test wants asked.

use holdfast_chat::model::{Answer, Question};
use holdfast_chat::protocol::{Early, Resend};
use holdfast_chat::session::{Command, Environment, Input, Inquiry, InquiryState, Session};

use super::clerk::{Clerk, Desk};

#[test]
fn a_conversation_begins_with_the_answers_to_its_form() {
    let mut desk = Desk::new();
    desk.start();
    desk.answer("open", "ask before name! topic=order|other");
    assert_eq!((desk.stage(), desk.form()), ("form", Some("before: name! topic".to_owned())));
    assert_eq!((desk.flying(), desk.session.next_wake(), desk.notices.len()), (vec![], None, 0));

    desk.give(&[("name", " Ada "), ("topic", "")]);
    assert_eq!((desk.flying(), desk.form()), (vec!["open name=Ada"], None));
    assert_eq!(desk.stage(), "opening");

    desk.answer("open name=Ada", "");
    assert_eq!((desk.stage(), desk.notices.as_slice()), ("queued", &["started".to_owned()][..]));
}

#[test]
fn a_form_may_be_followed_by_another_that_keeps_what_it_asks_too() {
    let mut desk = Desk::new();
    desk.start();
    desk.answer("open", "ask before name");
    desk.give(&[("name", "Ada")]);
    desk.answer("open name=Ada", "ask before town! name");

    assert_eq!((desk.stage(), desk.draft()), ("form", vec!["name=Ada".to_owned()]));
    desk.give(&[("town", "Bath"), ("name", "Ada")]);
    assert_eq!(desk.flying(), ["open town=Bath,name=Ada"]);
}

#[test]
fn what_is_left_instead_of_a_conversation_ends_it_and_no_conversation_has_begun() {
    let mut desk = Desk::new();
    desk.start();
    desk.answer("open", "ask instead message!");
    assert_eq!((desk.stage(), desk.form()), ("form", Some("instead: message!".to_owned())));

    desk.give(&[("message", "Call me")]);
    assert_eq!((desk.stage(), desk.state()), ("form", Some(InquiryState::Given)));
    desk.answer("open message=Call me", "");

    assert_eq!(desk.stage(), "ended message-left");
    assert_eq!((desk.notices.as_slice(), desk.form()), (&["ended message-left".to_owned()][..], None));
    desk.answer("close", "");
    assert_eq!((desk.flying(), desk.session.next_wake()), (vec![], None));
}

#[test]
fn a_conversation_goes_on_while_it_asks() {
    for is_early in [true, false] {
        let early = if is_early { Early::Welcome } else { Early::Held };
        let mut desk = Desk::of(Clerk { early, ..Clerk::default() });
        desk.begin();
        desk.answer("poll", "asked phone!");
        assert_eq!((desk.stage(), desk.form()), ("queued", Some("within: phone!".to_owned())));
        // The same once more changes nothing.
        desk.fill(&[("phone", "0")]);
        desk.poll("asked phone!");
        assert_eq!((desk.draft(), desk.asked("post phone=0")), (vec!["phone=0".to_owned()], 0));

        desk.give(&[("phone", "1")]);
        desk.poll("asked phone!\nsaid hello");
        assert_eq!((desk.asked("post phone=1"), desk.state()), (1, Some(InquiryState::Given)));
        desk.answer("post phone=1", "");
        assert_eq!(desk.form(), None);
        desk.poll("");
        assert_eq!(desk.asked("post phone=1"), 1);
    }
}

#[test]
fn answers_within_are_repeated_until_they_arrive_and_go_before_words() {
    for resend in [Resend::AfterEcho, Resend::Recognised] {
        let mut desk = Desk::of(Clerk { resend, ..Clerk::default() });
        desk.begin();
        desk.poll("asked phone!");
        desk.give(&[("phone", "1")]);
        desk.send("hello");
        for tries in 1..=3 {
            assert_eq!((desk.asked("post phone=1"), desk.asked("say hello")), (tries, 0));
            desk.lose("post phone=1");
            desk.pass(4);
        }
        desk.answer("post phone=1", "");
        desk.poll("");

        assert_eq!((desk.form(), desk.asked("say hello")), (None, 1));
    }
}

#[test]
fn answers_that_were_on_their_way_do_not_settle_a_form_that_came_meanwhile() {
    let mut desk = Desk::new();
    desk.begin();
    desk.poll("asked phone!");
    desk.give(&[("phone", "1")]);
    desk.poll("asked town!");
    desk.answer("post phone=1", "");

    assert_eq!(desk.form(), Some("within: town!".to_owned()));
}

#[test]
fn a_form_after_the_end_stands_beside_the_transcript_and_is_sent() {
    for (end, told) in [("over", "ended agent"), ("", "ended visitor")] {
        let mut desk = Desk::new();
        desk.begin();
        desk.poll("said hello");
        match end {
            "" => desk.command(Command::End),
            _ => desk.poll("over"),
        }
        desk.answer("close", "ask after stars!");
        assert_eq!((desk.stage(), desk.form()), (told, Some("after: stars!".to_owned())));
        assert_eq!(desk.notices.iter().filter(|notice| *notice == told).count(), 1);
        assert_eq!((desk.flying(), desk.session.next_wake()), (vec![], None));
        assert_eq!(desk.session.view().transcript.len(), 1);

        desk.give(&[("stars", "5")]);
        assert_eq!((desk.stage(), desk.state()), (told, Some(InquiryState::Given)));
        desk.answer("close stars=5", "");

        assert_eq!((desk.stage(), desk.form(), desk.session.next_wake()), (told, None, None));
        assert_eq!(desk.notices.iter().filter(|notice| *notice == told).count(), 1);
        assert_eq!(desk.saved(), "0");
    }
}

#[test]
fn a_form_after_the_end_can_be_skipped_and_the_next_conversation_does_so() {
    let mut desk = Desk::ended();
    assert_ne!(desk.saved(), "0");
    desk.command(Command::Skip);
    assert_eq!((desk.stage(), desk.form(), desk.saved()), ("ended agent", None, "0".to_owned()));
    desk.give(&[("stars", "5")]);
    assert_eq!(desk.flying(), [""; 0]);

    let mut desk = Desk::ended();
    desk.start();
    assert_eq!((desk.stage(), desk.form(), desk.flying()), ("opening", None, vec!["open"]));
}

#[test]
fn answers_after_the_end_come_back_to_the_visitor_when_they_cannot_be_delivered() {
    let mut desk = Desk::ended();
    desk.give(&[("stars", "5")]);
    // Nobody begins anew while they are on their way.
    desk.start();
    assert_eq!(desk.flying(), ["close stars=5"]);
    desk.lose("close stars=5");
    desk.pass(30);

    assert!(desk.asked("close stars=5") > 1);
    assert_eq!((desk.stage(), desk.state()), ("ended agent", Some(InquiryState::Undelivered)));
    assert_eq!((desk.draft(), desk.flying(), desk.session.next_wake()), (vec!["stars=5".to_owned()], vec![], None));
    desk.give(&[("stars", "4")]);
    desk.answer("close stars=4", "refused");
    assert_eq!(desk.state(), Some(InquiryState::Refused));
    desk.give(&[("stars", "3")]);
    desk.answer("close stars=3", "gone");
    assert_eq!((desk.stage(), desk.form(), desk.flying()), ("ended agent", None, vec![]));
}

#[test]
fn answers_before_survive_what_goes_wrong_on_their_way() {
    for purpose in ["before", "instead"] {
        let mut desk = Desk::new();
        desk.start();
        desk.answer("open", &format!("ask {purpose} name!"));
        desk.give(&[("name", "Ada")]);
        desk.lose("open name=Ada");
        desk.pass(2);
        desk.answer("open name=Ada", "busy");
        desk.pass(5);
        assert_eq!(desk.flying(), ["open name=Ada"]);

        desk.answer("open name=Ada", "refused");
        assert_eq!((desk.stage(), desk.state()), ("form", Some(InquiryState::Refused)));
        assert_eq!((desk.draft(), desk.session.next_wake()), (vec!["name=Ada".to_owned()], None));

        desk.give(&[("name", "Bea")]);
        desk.pass(120);
        assert_eq!((desk.stage(), desk.state()), ("form", Some(InquiryState::Undelivered)));
        assert_eq!((desk.draft(), desk.flying()), (vec!["name=Bea".to_owned()], vec![]));
        assert_eq!(desk.session.next_wake(), None);

        // It begins anew with as many tries as before.
        desk.give(&[("name", "Cal")]);
        desk.lose("open name=Cal");
        desk.pass(2);
        assert_eq!(desk.flying(), ["open name=Cal"]);
    }
}

#[test]
fn refused_answers_within_bring_the_form_back() {
    let mut desk = Desk::new();
    desk.begin();
    desk.poll("asked phone!");
    desk.give(&[("phone", "1")]);
    desk.answer("post phone=1", "refused");
    assert_eq!((desk.state(), desk.draft()), (Some(InquiryState::Refused), vec!["phone=1".to_owned()]));

    desk.poll("");
    assert_eq!(desk.asked("post phone=1"), 1);
    desk.give(&[("phone", "2")]);
    desk.answer("post phone=2", "");
    assert_eq!(desk.form(), None);
}

#[test]
fn answers_with_a_problem_stay_a_draft_and_those_to_another_form_are_not_heard() {
    let mut desk = Desk::new();
    desk.start();
    desk.answer("open", "ask before name! town");
    desk.give(&[("name", ""), ("town", "Bath")]);
    assert_eq!((desk.flying(), desk.draft()), (vec![], vec!["name=".to_owned(), "town=Bath".to_owned()]));

    desk.give(&[("name", "Ada"), ("stars", "5")]);
    desk.fill(&[("stars", "5"), ("name", "A"), ("name", "B")]);
    assert_eq!((desk.flying(), desk.draft()), (vec![], vec!["name=A".to_owned()]));
}

#[test]
fn the_end_while_a_form_stands_is_at_once() {
    let mut desk = Desk::new();
    desk.start();
    desk.answer("open", "ask before name!");
    desk.command(Command::End);
    assert_eq!((desk.form(), desk.flying()), (None, vec!["close"]));
    desk.answer("close", "");
    assert_eq!(desk.stage(), "ended visitor");

    let mut desk = Desk::new();
    desk.begin();
    desk.poll("joined\nasked phone!");
    desk.command(Command::End);
    assert_eq!((desk.form(), desk.flying()), (None, vec!["close"]));
}

#[test]
fn answers_that_were_given_go_out_before_the_end() {
    let mut desk = Desk::new();
    desk.begin();
    desk.poll("joined\nasked phone!");
    desk.give(&[("phone", "1")]);
    desk.command(Command::End);
    assert_eq!((desk.form(), desk.stage(), desk.asked("close")), (None, "closing", 0));
    desk.answer("post phone=1", "");
    assert_eq!(desk.asked("close"), 1);
}

#[test]
fn answers_that_were_given_while_the_line_was_dead_go_out_before_the_end() {
    let mut desk = Desk::new();
    desk.begin();
    desk.poll("joined\nasked phone!");
    desk.input(Input::Environment(Environment::Offline));
    desk.give(&[("phone", "1")]);
    desk.command(Command::End);
    assert_eq!((desk.asked("post phone=1"), desk.asked("close")), (0, 0));
    desk.input(Input::Environment(Environment::Online));
    assert_eq!((desk.asked("post phone=1"), desk.asked("close")), (1, 0));
}

#[test]
fn a_form_that_asks_nothing_is_shown_before_a_conversation_only() {
    let mut desk = Desk::new();
    desk.start();
    desk.answer("open", "ask before nothing!=");
    assert_eq!(desk.stage(), "form");
    desk.give(&[]);
    assert_eq!(desk.flying(), ["open "]);

    let mut desk = Desk::new();
    desk.start();
    desk.answer("open", "ask instead nothing!=");
    assert_eq!((desk.stage(), desk.form(), desk.flying()), ("ended unavailable", None, vec!["close"]));

    let mut desk = Desk::new();
    desk.begin();
    desk.poll("asked nothing!=\nover");
    desk.answer("close", "ask after nothing!=");
    assert_eq!((desk.stage(), desk.form(), desk.saved()), ("ended agent", None, "0".to_owned()));
}

#[test]
fn a_form_in_one_breath_with_another_opening_leaves_nothing_in_flight() {
    let mut desk = Desk::new();
    desk.start();
    desk.answer("open", "reopen\nask before name!");

    assert_eq!((desk.stage(), desk.flying()), ("form", vec![]));
}

#[test]
fn a_draft_counts_for_nobody_but_this_page() {
    let mut desk = Desk::new();
    desk.start();
    desk.answer("open", "ask before name!");
    let serial = desk.session.serial();
    desk.fill(&[("name", "A")]);
    assert_eq!(desk.session.serial(), serial);
    desk.give(&[("name", "A")]);
    assert_ne!(desk.session.serial(), serial);
}

#[test]
fn what_the_page_says_while_a_form_stands_waits_for_the_conversation() {
    let mut desk = Desk::new();
    desk.start();
    desk.answer("open", "ask before name!");
    desk.send("hello");
    for environment in [Environment::Offline, Environment::Online, Environment::Leaving, Environment::Returned] {
        desk.input(Input::Environment(environment));
    }
    desk.input(Input::Woke);
    assert_eq!((desk.flying(), desk.stage()), (vec![], "form"));

    desk.give(&[("name", "Ada")]);
    desk.answer("open name=Ada", "");
    assert_eq!(desk.asked("say hello"), 1);
}

#[test]
fn a_page_that_was_outrun_asks_nothing_any_more() {
    let mut desk = Desk::new();
    desk.start();
    desk.answer("open", "ask before name!");
    desk.input(Input::Environment(Environment::Outrun));

    assert_eq!((desk.stage(), desk.form(), desk.session.next_wake()), ("ended elsewhere", None, None));
}

#[test]
fn a_reload_at_any_moment_shows_the_same_and_goes_on() {
    for (name, mut desk) in moments() {
        let view = desk.session.view();
        desk.reload();
        let again = desk.session.view();
        assert_eq!((&view.form, &view.stage), (&again.form, &again.stage), "{name}");

        match name {
            "before" | "instead" => {
                assert_eq!((desk.draft().len(), desk.flying()), (1, vec![]), "{name}");
                desk.give(&[("name", "Ada"), ("topic", "other"), ("more", "x")]);
                assert_eq!(desk.flying(), ["open name=Ada,topic=other,more=x"], "{name}");
            }
            "answered" => assert_eq!(desk.flying(), ["open name=Ada,topic=order"]),
            "within" => desk.give(&[("phone", "1")]),
            "given" => {}
            "after" => {
                desk.give(&[("stars", "5")]);
                desk.answer("close stars=5", "");
            }
            _ => assert_eq!(desk.flying(), ["close stars=5"], "{name}"),
        }
        if ["within", "given"].contains(&name) {
            desk.pass(1);
            assert_eq!(desk.flying().iter().filter(|url| **url == "post phone=1").count(), 1, "{name}");
            desk.answer("post phone=1", "");
            assert_eq!(desk.form(), None, "{name}");
        }
    }
}

#[test]
fn a_form_after_the_end_is_forgotten_with_the_panel_unless_somebody_began_to_fill_it_in() {
    let mut desk = Desk::ended();
    desk.command(Command::Open);
    desk.command(Command::Shut);
    assert!(desk.records.is_empty());
    desk.command(Command::Open);
    assert_eq!(desk.form(), Some("after: stars!".to_owned()));

    desk.fill(&[("stars", "3")]);
    desk.command(Command::Shut);
    desk.reload();
    assert_eq!(desk.draft(), ["stars=3"]);
}

#[test]
fn a_stored_form_that_does_not_fit_does_no_harm() {
    for (name, desk) in moments() {
        let head = desk.records["head"].clone();
        let form = &head[head.find("\"form\":").expect("a form is stored")..];
        for (spoilt, is_fresh) in [
            (head.replace(form, "\"form\":null}"), name == "before" || name == "instead"),
            (head.replace(form, "\"form\":7}"), true),
            (head.replace("\"purpose\":\"after\"", "\"purpose\":\"before\""), false),
            (head.replace("\"purpose\":\"within\"", "\"purpose\":\"after\""), false),
            (head.replace("\"state\":\"given\"", "\"state\":\"open\""), false),
        ] {
            let read = |key: &str| if key == "head" { Some(spoilt.clone()) } else { desk.records.get(key).cloned() };
            let restored = Session::restore(Box::new(Clerk::default()), 2, desk.now, &read);
            assert_eq!(restored.is_err(), is_fresh, "{name}");
            if let Ok(mut session) = restored {
                let fits = spoilt == head || name == "given" && !spoilt.contains("\"purpose\":\"after\"");
                assert!(fits || session.view().form.is_none(), "{name}: {spoilt}");
                let answers = vec![Answer { question: "name".into(), values: vec!["Ada".to_owned()] }];
                let _ = session.handle(desk.now, Input::Command(Command::Answer { answers }));
                let _ = session.handle(desk.now, Input::Command(Command::Skip));
                let _ = session.handle(desk.now, Input::Woke);
            }
        }
    }
}

#[test]
fn no_form_brings_the_session_down() {
    let many = (0..1_000).map(|number| format!("q{number}=a|b>q{}", (number + 1) % 1_000)).collect::<Vec<_>>();
    let same = ["x!"; 50].join(" ");
    for questions in ["", "! =", "nothing!=", &same, &many.join(" "), "a!=x>b b!=x>a", "a=x>a", "=a|b|"] {
        for purpose in ["before", "instead", "within", "after"] {
            let mut desk = match purpose {
                "within" => {
                    let mut desk = Desk::new();
                    desk.begin();
                    desk.poll(&format!("asked {questions}"));
                    desk
                }
                "after" => {
                    let mut desk = Desk::new();
                    desk.begin();
                    desk.poll("over");
                    desk.answer("close", &format!("ask after {questions}"));
                    desk
                }
                _ => {
                    let mut desk = Desk::new();
                    desk.start();
                    desk.answer("open", &format!("ask {purpose} {questions}"));
                    desk
                }
            };
            desk.reload();
            let Some(Inquiry { form, .. }) = desk.session.view().form else {
                assert!(desk.stage() != "form", "{purpose} {questions}");
                continue;
            };
            assert!(form.questions.len() <= 100);
            let answer = |question: &Question| Answer {
                question: question.id.clone(),
                values: question.choices().first().map_or_else(|| vec!["1".to_owned()], |one| vec![one.value.clone()]),
            };
            let answers = form.questions.iter().map(answer).collect::<Vec<_>>();
            desk.command(Command::Fill { answers: answers.clone() });
            desk.command(Command::Answer { answers });
            assert!(matches!(desk.state(), None | Some(InquiryState::Given)), "{purpose} {questions}");
        }
    }
}

/// One desk for each moment at which a form matters.
pub fn moments() -> Vec<(&'static str, Desk)> {
    let first = |purpose: &str| {
        let mut desk = Desk::new();
        desk.start();
        desk.answer("open", &format!("ask {purpose} name! topic=order|other>more more! stars"));
        desk.fill(&[("name", "A")]);
        desk
    };
    let mut answered = first("before");
    answered.give(&[("name", "Ada"), ("topic", "order")]);
    let mut within = Desk::new();
    within.begin();
    within.poll("asked phone!");
    within.fill(&[("phone", "0")]);
    let mut given = Desk::new();
    given.begin();
    given.poll("asked phone!");
    given.give(&[("phone", "1")]);
    let mut after = Desk::ended();
    after.fill(&[("stars", "4")]);
    let mut reported = Desk::ended();
    reported.give(&[("stars", "5")]);
    vec![
        ("before", first("before")),
        ("instead", first("instead")),
        ("answered", answered),
        ("within", within),
        ("given", given),
        ("after", after),
        ("reported", reported),
    ]
}
