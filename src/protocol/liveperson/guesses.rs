//! Every place where `liveperson.md` is silent, and what is assumed there. A recording of a real account decides.

use crate::model::EndReason;

/// What a system line is better told by (§3.6). The ids are documented; what becomes of each is a choice.
pub(super) enum SystemLine {
    /// Whoever accepted is told by name.
    Accepted,
    /// The next agent is told by name.
    Transferred,
    /// It goes to another queue.
    Requeued,
    /// Why the chat is about to end.
    Parting(EndReason),
    /// The screen says it already.
    Known,
    /// By its own words.
    Itself,
}

impl SystemLine {
    /// 6 stands where the visitor was lost for longer than the backend waits (§5, the trace is inferred). A line with the
    /// id 0 is hidden by one client; that nobody misses it is assumed.
    pub(super) const fn of(message: Option<i64>) -> Self {
        match message {
            Some(3) => Self::Accepted,
            Some(13) => Self::Transferred,
            Some(15 | 23) => Self::Requeued,
            Some(5) => Self::Parting(EndReason::Agent),
            Some(6) => Self::Parting(EndReason::Expired),
            Some(0 | 2 | 4) => Self::Known,
            Some(_) | None => Self::Itself,
        }
    }
}

/// An end that no system line explained: nobody says what is written when the server itself ends a chat (§11, 4).
pub(super) const UNEXPLAINED: EndReason = EndReason::Unknown;

/// Answers to a poll that mean that the chat is gone (§5, §8). Which of them a dead chat gives is open (§11, 3).
pub(super) const fn is_gone(status: u16) -> bool {
    matches!(status, 400 | 401 | 403 | 404 | 410)
}

/// A chat may live on another server for a moment, and is then not found (§5: `moveToPrimaryRetry`, whose numbers are not
/// told). So many times in a row it is asked for again.
pub(super) const MOST_STRAYS: u32 = 2;

/// A post that the server failed at so often is not tried again by itself (§4: three retries). That this also holds for a
/// post is assumed.
pub(super) const MOST_FAILURES: u32 = 4;

/// A survey that the server failed at so often counts as none (§3.9: nothing is said about failures, and none of the
/// vendor's pages makes a chat wait for a survey).
pub(super) const MOST_SURVEY_TRIES: u32 = 2;

/// What a refused start or survey means while answers go along: that these are what is not liked (§8: a bad body), and
/// that others may be.
pub(super) const fn is_about_answers(status: u16) -> bool {
    matches!(status, 400 | 422)
}

/// Names in `by` that are roles (§3.6): the list says so, the examples show display names.
pub(super) fn is_role(name: &str) -> bool {
    ["info", "agent", "visitor", "system"].iter().any(|role| name.eq_ignore_ascii_case(role))
}

/// Who speaks where `source` is missing, by `by` and by whether there is a `systemMessageId`.
pub(super) fn source(by: Option<&str>, has_message_id: bool) -> &'static str {
    match by {
        _ if has_message_id => "system",
        Some("info" | "system") => "system",
        Some("visitor" | "you") => "visitor",
        Some(_) | None => "agent",
    }
}

/// Fields in which an event of the type `url` may have its address (§3.6: none is documented).
pub(super) const ADDRESSES: [&str; 3] = ["url", "href", "text"];

/// The field of `preChatLines` (§3.3: two spellings are in use).
pub(super) const LINE: &str = "line";

/// Where the body of a start's answer may name the chat (§3.3: it may be empty), by the likeness of what an agent's
/// answer has (§6, 5). Read only where the page may not read `Location` (§11, 5).
pub(super) const CHAT_LOCATION: &str = "chatLocation";

/// Where things are below a chat that did not link to them (§3, 8 to 14).
pub(super) const EVENTS: &str = "events";
/// See [`EVENTS`].
pub(super) const TRANSCRIPT: &str = "transcriptRequest";
pub(super) const VISITOR_NAME: &str = "info/visitorName";
/// See [`EVENTS`].
pub(super) const EXIT_SURVEY: &str = "exitSurvey";
/// See [`EVENTS`].
pub(super) const VISITOR_TYPING: &str = "info/visitorTyping";

/// What the visitor reads where a chat goes to another account that the page did not name (§3.8: nothing is said about
/// refusing).
pub(super) const CANNOT_FOLLOW: &str = "This chat is handed over to an address that cannot be reached from here.";
