//! Ids of questions that every backend asks. Where one has no label, the screen has words for it.

/// Who the visitor is.
pub const NAME: &str = "name";
/// Their address.
pub const EMAIL: &str = "email";
/// Where they work.
pub const COMPANY: &str = "company";
/// Their number.
pub const PHONE: &str = "phone";
/// Whether they agree that what they say is kept; the words for the one choice are the screen's too.
pub const CONSENT: &str = "consent";
/// What they want to say.
pub const MESSAGE: &str = "message";
/// Where a copy of the conversation is to be sent.
pub const COPY: &str = "copy";
/// How it was, from 1 to 5.
pub const RATING: &str = "rating";
