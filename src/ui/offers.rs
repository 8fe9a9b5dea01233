//! What the backend offers beside words: ready answers, and a person instead of a bot.

use crate::model::Reply;
use crate::session::{Command, Person, Stage, View};

use super::common::tag::Tag;
use super::desk::Desk;
use super::panel::COMPOSER;

/// Ready answers to what was said last; nothing most of the time.
pub(super) fn replies(desk: Desk) -> impl Fn(&Vec<Reply>) -> Option<Tag> {
    move |replies| {
        if replies.is_empty() {
            return None;
        }
        let group = Tag::new("div", "replies")
            .set("part", "replies")
            .set("role", "group")
            .set("aria-label", desk.words.offers.replies);
        Some(replies.iter().fold(group, |group, reply| group.child(button(desk, reply))))
    }
}

/// The replies that can be given.
pub(super) fn given(view: &View) -> Vec<Reply> {
    let can_answer = matches!(view.stage, Stage::Queued { .. } | Stage::Talking { .. });
    if can_answer { view.replies.to_vec() } else { Vec::new() }
}

fn button(desk: Desk, reply: &Reply) -> Tag {
    let text = desk.words.offers.label(&reply.label).to_owned();
    let (reply, said) = (reply.clone(), text.clone());
    let press = move || {
        desk.dispatch(Command::Reply { reply: reply.clone(), text: said.clone() });
        // The button goes; the keyboard should not go with it.
        desk.focus_soon(COMPOSER);
    };
    Tag::button("button small reply", press).set("dir", "auto").text(&text)
}

/// The way from a bot to a person, and word that it is on its way.
pub(super) fn person(desk: Desk, person: Person) -> Option<Tag> {
    let words = &desk.words.offers;
    match person {
        Person::Unasked => None,
        Person::Offered => {
            let press = move || {
                desk.dispatch(Command::Person);
                desk.focus_soon(COMPOSER);
            };
            Some(Tag::new("div", "person").child(Tag::button("button small quiet", press).text(words.person)))
        }
        Person::Wanted => Some(Tag::new("p", "fine").text(words.person_wanted)),
    }
}
