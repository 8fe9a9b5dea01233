//! What of a chat survives a reload (§5).

use super::LivePerson;
use super::chat::Chat;
use super::closing::Closing;
use super::news::Story;
use super::opening::{Opening, Wish};
use super::posting::Posts;
use super::survey::Survey;
use super::transfer::Transfer;
use crate::model::keep::{from_text, keep_fields, to_text};
use crate::protocol::UnknownSave;

struct Saved {
    base: Option<String>,
    opening: Opening,
    wish: Wish,
    chat: Option<Chat>,
    story: Story,
    transfer: Transfer,
    posts: Posts,
    survey: Survey,
    closing: Closing,
}

keep_fields!(Saved { base, opening, wish, chat, story, transfer, posts, survey, closing });

impl LivePerson {
    pub(super) fn saved(&self) -> String {
        let saved = Saved {
            base: self.base.clone(),
            opening: self.opening,
            wish: self.wish.clone(),
            chat: self.chat.clone(),
            story: self.story.clone(),
            transfer: self.transfer.clone(),
            posts: self.posts.clone(),
            survey: self.survey.clone(),
            closing: self.closing,
        };
        to_text(&saved)
    }

    pub(super) fn take_saved(&mut self, saved: &str) -> Result<(), UnknownSave> {
        let saved: Saved = from_text(saved).filter(|saved| self.is_sound(saved)).ok_or(UnknownSave)?;
        self.base = saved.base;
        self.opening = saved.opening;
        self.wish = saved.wish;
        self.chat = saved.chat;
        self.story = saved.story;
        self.transfer = saved.transfer;
        self.posts = saved.posts;
        self.survey = saved.survey;
        self.closing = saved.closing;
        Ok(())
    }

    /// Whether what was saved can be asked with: storage may hold anything.
    fn is_sound(&self, saved: &Saved) -> bool {
        // A host that was looked up, or what the page names.
        let base_is_sound = saved.base == self.config.base
            || (self.config.base.is_none() && saved.base.as_deref().is_some_and(|base| self.config.is_as_safe(base)));
        base_is_sound
            && saved.wish.is_sound()
            && saved.chat.as_ref().is_none_or(|chat| chat.is_sound(&self.config))
            && saved.transfer.is_sound(&self.config)
    }
}
