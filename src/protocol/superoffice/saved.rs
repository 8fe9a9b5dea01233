//! What of a session survives a reload (§8.2).

use super::closing::Closing;
use super::news::Story;
use super::opening::{Opening, Wish};
use super::posting::Posted;
use super::request::Place;
use super::topic::Topic;
use super::{Round, SuperOffice};
use crate::model::keep::{from_text, keep_fields, to_text};
use crate::protocol::UnknownSave;

struct Saved {
    opening: Opening,
    wish: Wish,
    topic: Topic,
    place: Option<Place>,
    story: Story,
    round: Round,
    posted: Posted,
    closing: Closing,
}

keep_fields!(Saved { opening, wish, topic, place, story, round, posted, closing });

impl SuperOffice {
    pub(super) fn saved(&self) -> String {
        to_text(&Saved {
            opening: self.opening,
            wish: self.wish.clone(),
            topic: self.topic.clone(),
            place: self.place.clone(),
            story: self.story.clone(),
            round: self.round.clone(),
            posted: self.posted,
            closing: self.closing,
        })
    }

    pub(super) fn take_saved(&mut self, saved: &str) -> Result<(), UnknownSave> {
        let is_sound = |saved: &Saved| saved.place.as_ref().is_none_or(Place::is_sound) && saved.wish.is_sound();
        let saved: Saved = from_text(saved).filter(is_sound).ok_or(UnknownSave)?;
        self.opening = saved.opening;
        self.wish = saved.wish;
        self.topic = saved.topic;
        self.place = saved.place;
        self.story = saved.story;
        self.round = saved.round;
        self.posted = saved.posted;
        self.closing = saved.closing;
        Ok(())
    }
}
