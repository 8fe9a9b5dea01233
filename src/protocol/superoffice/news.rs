//! What a session and its messages mean for the visitor (§5.4, §6, §7.3).
//!
//! A poll reads the session first and then the messages, so that whatever was said before an end is read with it. Status
//! runs backwards when a bot hands over to people; nothing here takes it for progress.

use std::sync::Arc;
use std::time::Duration;

use super::SuperOffice;
use super::guess::{OUT_OF_QUEUE, UNEXPLAINED};
use super::message::{Kind, Message, Parting};
use super::standing::{Standing, Status, User};
use super::topic::Topic;
use crate::model::json::Value;
use crate::model::keep::{Keep, keep_fields, keep_words, read_variant, variant};
use crate::model::{EndReason, Purpose, Speech};
use crate::protocol::{Activity, PersonOffer, ProtocolError, Update};

/// How far the visitor knows of the session.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Story {
    /// The id of the last message that was read.
    pub(super) seen: Option<u64>,
    pub(super) status: Status,
    company: Company,
    /// Whether somebody was ever there to be rated.
    pub(super) was_met: bool,
    /// Why the session is about to end, as a line said.
    parting: Option<EndReason>,
    /// The visitor came back, and the session does not know before they say something.
    return_: Return,
    asked: Asked,
    is_person_offered: bool,
    is_typing: bool,
}

keep_fields!(Story { seen, status, company, was_met, parting, return_, asked, is_person_offered, is_typing });

/// Whether the visitor came back to a session that is over (§5.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Return {
    #[default]
    None,
    /// It still says that it is over.
    Unheard,
}

keep_words!(Return { None => "None", Unheard => "Unheard" });

/// What the visitor is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Asked {
    #[default]
    Nothing,
    /// The form before people answer.
    Details,
    /// The form while nobody answers.
    Offline,
}

keep_words!(Asked { Nothing => "Nothing", Details => "Details", Offline => "Offline" });

/// Who is with the visitor.
#[derive(Clone, Debug, Default, PartialEq)]
enum Company {
    #[default]
    Nobody,
    /// A bot, or the knowledge base.
    Bot,
    Agent(User),
}

impl Keep for Company {
    fn keep(&self) -> Value {
        match self {
            Self::Nobody => "Nobody".into(),
            Self::Bot => "Bot".into(),
            Self::Agent(user) => variant("Agent", user.keep()),
        }
    }

    fn kept(value: &Value) -> Option<Self> {
        match read_variant(value)? {
            ("Nobody", _) => Some(Self::Nobody),
            ("Bot", _) => Some(Self::Bot),
            ("Agent", user) => Keep::kept(user).map(Self::Agent),
            _ => None,
        }
    }
}

impl Story {
    /// The visitor goes back to a session. Whoever is there is told anew.
    pub(super) fn begin_again(&mut self, status: Status) {
        self.return_ = if status == Status::Finished { Return::Unheard } else { Return::None };
        self.parting = None;
        self.company = Company::Nobody;
    }

    /// Answers or a wish were taken, or not wanted. What is wanted now is asked for anew, and what is offered is offered.
    pub(super) const fn forget_asked(&mut self) {
        self.asked = Asked::Nothing;
        self.is_person_offered = false;
    }

    /// What the visitor is asked for.
    pub(super) const fn asked(&self) -> Asked {
        self.asked
    }
}

impl SuperOffice {
    /// Takes over messages, and how the session stood just before.
    pub(super) fn read_news(&mut self, standing: Option<&Standing>, body: &str) -> Result<Vec<Update>, ProtocolError> {
        let unreadable = ProtocolError::Unreadable { noun: "Messages", detail: "no list" };
        let body = Value::parse(body).ok_or(unreadable.clone())?;
        let listed = body.as_array().ok_or(unreadable)?;
        let mut messages: Vec<Message> = listed.iter().filter_map(Message::read).collect();
        messages.sort_by_key(|message| message.id);
        messages.dedup_by_key(|message| message.id);
        let mut reading = Reading {
            story: &mut self.story,
            topic: &self.topic,
            updates: Vec::new(),
            coming: None,
            is_overtaken: false,
        };
        if let Some(standing) = standing {
            reading.meet_whoever_is_there(standing);
        }
        let now = standing.and_then(|standing| standing.now);
        for message in messages {
            if reading.story.seen.is_none_or(|seen| message.id > seen) {
                reading.story.seen = Some(message.id);
                reading.read_message(message, now);
            }
        }
        if let Some(standing) = standing {
            reading.read_standing(standing);
        }
        Ok(reading.updates)
    }

    /// Takes over how the session stands, without its messages: what is said comes with the next poll, and so does an end
    /// that others made.
    pub(super) fn read_answer(&mut self, standing: &Standing) -> Vec<Update> {
        let mut reading = Reading {
            story: &mut self.story,
            topic: &self.topic,
            updates: Vec::new(),
            coming: None,
            is_overtaken: false,
        };
        match standing.status {
            Status::RequestPosted | Status::PreChatForm | Status::OfflineForm | Status::InQueue => {
                reading.read_standing(standing);
            }
            Status::Unknown
            | Status::Faq
            | Status::Active
            | Status::Finished
            | Status::Deleted
            | Status::Closed
            | Status::ClosedFromQueue => {}
        }
        reading.updates
    }
}

struct Reading<'a> {
    story: &'a mut Story,
    topic: &'a Topic,
    updates: Vec<Update>,
    /// An agent who takes over from a bot, and was not heard yet: what the bot said last comes first.
    coming: Option<User>,
    /// A greeting told of somebody whom the session did not know yet when it was read.
    is_overtaken: bool,
}

impl Reading<'_> {
    fn meet_whoever_is_there(&mut self, standing: &Standing) {
        match (standing.status, &standing.user) {
            (Status::Active, Some(user)) if self.story.company == Company::Bot => self.coming = Some(user.clone()),
            (Status::Active, Some(user)) => self.meet(user.clone()),
            (Status::Active, None) if standing.has_bot => self.meet_bot(self.topic.bot_name.clone()),
            (Status::Faq, _) => self.meet_bot(None),
            _ => {}
        }
    }

    fn read_message(&mut self, message: Message, now: Option<crate::model::Timestamp>) {
        let pause = message.pause(now);
        let is_from = |user: &User| user.name.is_some() && user.name == message.author;
        if matches!(message.kind, Kind::Welcome(_)) || self.coming.as_ref().is_some_and(is_from) {
            let told = User { id: None, name: message.author.clone() };
            self.is_overtaken |= self.coming.is_none() && !matches!(self.story.company, Company::Agent(_));
            let user = self.coming.take().unwrap_or(told);
            self.meet(user);
        }
        match message.kind {
            Kind::Own(text) => self.updates.push(Update::Echoed { text }),
            Kind::Words { text, prose, replies } => {
                self.say(Update::Said(Speech { prose, ..Speech::plain(message.author, text) }), pause);
                if !replies.is_empty() {
                    self.say(Update::Replies(replies), pause);
                }
            }
            Kind::Welcome(text) => self.say(Update::Said(Speech::plain(message.author, text)), pause),
            Kind::Notice(text) => self.updates.push(Update::Notice { text }),
            Kind::Parting(parting) => {
                self.story.parting = Some(match parting {
                    Parting::User => EndReason::Agent,
                    Parting::Customer => EndReason::Visitor,
                    Parting::Idle => EndReason::Idle,
                });
            }
            Kind::Reopened => {
                self.story.return_ = Return::None;
                self.story.parting = None;
            }
            Kind::Gone => self.updates.push(Update::Ended(EndReason::Expired)),
            Kind::Silent => {}
            Kind::Unknown(kind) => self.updates.push(Update::Ignored { kind }),
        }
    }

    /// How things stand, when everything was said that was said before.
    fn read_standing(&mut self, standing: &Standing) {
        if let Some(user) = self.coming.take() {
            self.meet(user);
        }
        if self.is_overtaken {
            return;
        }
        self.story.status = standing.status;
        match standing.status {
            Status::PreChatForm => {
                self.leave();
                let form = self.topic.form(Purpose::Within, &standing.customer);
                self.ask(Asked::Details, Some(Update::Asked(form)));
            }
            Status::OfflineForm => {
                self.leave();
                self.ask_offline(standing);
            }
            Status::InQueue => {
                self.leave();
                self.queue(standing);
            }
            Status::Faq => self.ask(Asked::Nothing, None),
            Status::Active => {
                self.story.return_ = Return::None;
                self.ask(Asked::Nothing, None);
            }
            Status::Finished if self.story.return_ == Return::Unheard => {}
            Status::Finished | Status::Closed => self.end(self.story.parting.unwrap_or(UNEXPLAINED)),
            Status::ClosedFromQueue => self.end(self.story.parting.unwrap_or(OUT_OF_QUEUE)),
            Status::RequestPosted => self.end(EndReason::MessageLeft),
            Status::Deleted => self.end(EndReason::Expired),
            Status::Unknown => self.updates.push(Update::Ignored { kind: "status".to_owned() }),
        }
        self.offer_person(standing.status == Status::Active && standing.has_bot && standing.user.is_none());
        self.tell_typing(standing.status == Status::Active && standing.is_typing);
    }

    fn queue(&mut self, standing: &Standing) {
        let position = standing.position.and_then(|position| u32::try_from(position - 1).ok());
        self.updates.push(Update::QueueText(self.topic.queue_text(standing.position, standing.wait)));
        self.updates.push(Update::Queued { position, wait: standing.wait.map(Duration::from_secs) });
        if standing.offers_form { self.ask_offline(standing) } else { self.ask(Asked::Nothing, None) }
    }

    fn ask_offline(&mut self, standing: &Standing) {
        let form = self.topic.offline_form(Purpose::Within, &standing.customer);
        self.ask(Asked::Offline, Some(Update::Asked(form)));
    }

    /// A form stands as long as the session asks for it. It is told once: what the visitor answered changes the session,
    /// and is not to be asked for again.
    fn ask(&mut self, asked: Asked, form: Option<Update>) {
        if self.story.asked == asked {
            return;
        }
        if self.story.asked != Asked::Nothing {
            self.updates.push(Update::Unasked);
        }
        self.story.asked = asked;
        self.updates.extend(form);
    }

    fn say(&mut self, update: Update, pause: Duration) {
        self.updates.push(match pause {
            Duration::ZERO => update,
            wait => Update::Later { wait, update: Box::new(update) },
        });
    }

    /// An agent is there: the first, or the one after somebody.
    fn meet(&mut self, user: User) {
        let name = user.name.clone();
        let update = match &mut self.story.company {
            Company::Nobody | Company::Bot => Update::Joined { name },
            Company::Agent(there) if there.is(&user) => {
                there.id = there.id.or(user.id);
                return;
            }
            Company::Agent(_) => Update::Transferred { name },
        };
        self.story.company = Company::Agent(user);
        self.story.was_met = true;
        self.updates.push(update);
    }

    fn meet_bot(&mut self, name: Option<Arc<str>>) {
        if self.story.company == Company::Nobody {
            self.story.company = Company::Bot;
            self.story.was_met = true;
            self.updates.push(Update::BotJoined { name });
        }
    }

    /// Nobody is there any more: people are to come.
    fn leave(&mut self) {
        if self.story.company != Company::Nobody {
            self.story.company = Company::Nobody;
            self.updates.push(Update::Requeued);
        }
    }

    fn end(&mut self, reason: EndReason) {
        self.story.return_ = Return::None;
        self.story.asked = Asked::Nothing;
        self.updates.push(Update::Ended(reason));
    }

    fn offer_person(&mut self, is_offered: bool) {
        if self.story.is_person_offered != is_offered {
            self.story.is_person_offered = is_offered;
            self.updates.push(Update::Person(match is_offered {
                true => PersonOffer::Offered,
                false => PersonOffer::Withdrawn,
            }));
        }
    }

    /// Every reading that says so is a further sign; that it stopped is told once.
    fn tell_typing(&mut self, is_typing: bool) {
        if is_typing {
            self.updates.push(Update::AgentTyping(Activity::Typing));
        } else if self.story.is_typing {
            self.updates.push(Update::AgentTyping(Activity::Silent));
        }
        self.story.is_typing = is_typing;
    }
}
