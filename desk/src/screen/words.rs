//! Every sentence that an agent sees, by language. Sentences with a gap carry `{}`; [`fill`] fills it.

mod german;

use std::time::Duration;

use crate::api::Presence;
use crate::core::{Ending, Trouble};

/// The words of one language.
pub(super) struct Words {
    pub tag: &'static str,
    pub title: &'static str,
    pub desk: &'static str,
    pub intro: &'static str,
    pub your_name: &'static str,
    pub enter: &'static str,
    pub entering: &'static str,
    pub leave: &'static str,
    pub presence: &'static str,
    pub online: &'static str,
    pub occupied: &'static str,
    pub away: &'static str,
    pub away_hint: &'static str,
    pub visitor: &'static str,
    pub agent: &'static str,
    pub you: &'static str,
    pub says: &'static str,
    pub with: &'static str,

    pub visitors: &'static str,
    pub waiting: &'static str,
    pub nobody_waits: &'static str,
    pub accept: &'static str,
    pub accept_visitor: &'static str,
    pub accept_next: &'static str,
    pub waits_for: &'static str,
    pub answered: &'static str,
    pub answered_by: &'static str,
    pub take_over: &'static str,
    pub take_over_visitor: &'static str,
    pub yours: &'static str,
    pub none_yours: &'static str,
    pub unread_one: &'static str,
    pub unread_many: &'static str,
    pub over: &'static str,
    pub shown: &'static str,
    pub open_beside: &'static str,
    pub set_aside: &'static str,
    pub none_chosen: &'static str,
    pub back: &'static str,

    pub conversation: &'static str,
    pub today: &'static str,
    pub yesterday: &'static str,
    pub new_messages: &'static str,
    pub typing: &'static str,
    pub writing: &'static str,
    pub note: &'static str,
    pub details: &'static str,
    pub message: &'static str,
    pub placeholder: &'static str,
    pub send: &'static str,
    pub canned: &'static str,
    pub sending: &'static str,
    pub doubtful: &'static str,
    pub sent: &'static str,
    pub not_sent: &'static str,
    pub retry: &'static str,
    pub discard: &'static str,
    pub drop_all: &'static str,

    pub transfer: &'static str,
    pub transfer_to: &'static str,
    pub to_queue: &'static str,
    pub hand_on: &'static str,
    pub for_colleague: &'static str,
    pub cancel: &'static str,
    pub request_file: &'static str,
    pub cancel_file: &'static str,
    pub file_wanted: &'static str,
    pub end: &'static str,
    pub ask_end: &'static str,
    pub end_now: &'static str,
    pub keep: &'static str,
    pub close: &'static str,

    pub ended: &'static str,
    pub handed_to: &'static str,
    pub handed_to_queue: &'static str,
    pub taken_away: &'static str,
    pub gone: &'static str,

    pub refused: &'static str,
    pub unanswered: &'static str,
    pub taken: &'static str,
    pub seat_lost: &'static str,
    pub no_door: &'static str,
    pub door_shut: &'static str,
    pub lost: &'static str,
    pub back_again: &'static str,
    pub new_caller: &'static str,
    pub new_message_from: &'static str,

    pub shortcuts: &'static str,
    /// Keys, and what they do.
    pub keys: &'static [(&'static str, &'static str)],
    /// Names, and the words for which they stand; a gap is filled with the visitor's name.
    pub canned_answers: &'static [(&'static str, &'static str)],
}

impl Words {
    /// The words for a language tag such as `de-AT`; English where that language is not spoken here.
    pub fn of(tag: &str) -> &'static Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        [&ENGLISH, &german::GERMAN]
            .into_iter()
            .find(|words| words.tag.eq_ignore_ascii_case(primary))
            .unwrap_or(&ENGLISH)
    }

    /// Whether somebody takes chats.
    pub const fn presence(&self, presence: Presence) -> &'static str {
        match presence {
            Presence::Online => self.online,
            Presence::Occupied => self.occupied,
            Presence::Away => self.away,
        }
    }

    /// Why a conversation is over for the agent.
    pub fn ending(&self, ending: &Ending) -> String {
        match ending {
            Ending::Ended => self.ended.to_owned(),
            Ending::HandedOn { to: Some(name) } => fill(self.handed_to, name),
            Ending::HandedOn { to: None } => self.handed_to_queue.to_owned(),
            Ending::TakenAway => self.taken_away.to_owned(),
            Ending::Gone => self.gone.to_owned(),
        }
    }

    /// Why something was not done.
    pub const fn trouble(&self, trouble: Trouble) -> &'static str {
        match trouble {
            Trouble::Refused => self.refused,
            Trouble::Unanswered => self.unanswered,
            Trouble::Taken => self.taken,
            Trouble::SeatLost => self.seat_lost,
            Trouble::NoDoor => self.no_door,
            Trouble::DoorShut => self.door_shut,
        }
    }

    /// How many messages were not looked at.
    pub fn unread(&self, count: usize) -> String {
        if count == 1 { self.unread_one.to_owned() } else { fill(self.unread_many, &count.to_string()) }
    }
}

/// Puts `value` into the gap of `sentence`.
pub(super) fn fill(sentence: &str, value: &str) -> String {
    let (before, after) = sentence.split_once("{}").unwrap_or((sentence, ""));
    [before, value, after].concat()
}

/// A span as a clock shows it.
pub(super) fn clock(span: Duration) -> String {
    let (minutes, seconds) = (span.as_secs() / 60, span.as_secs() % 60);
    let zero = if seconds < 10 { "0" } else { "" };
    [&minutes.to_string(), ":", zero, &seconds.to_string()].concat()
}

/// A backend by the name under which people know it.
pub(super) fn backend(name: &str) -> &str {
    match name {
        "live-agent" => "Live Agent",
        "genesys" => "Genesys",
        "liveperson" => "LivePerson",
        "superoffice" => "SuperOffice",
        "matrix" => "Matrix",
        "bosh" => "XMPP",
        other => other,
    }
}

static ENGLISH: Words = Words {
    tag: "en",
    title: "Desk",
    desk: "Holdfast desk",
    intro: "Answer every visitor of this server, whatever backend they believe to speak to.",
    your_name: "Your name, as visitors see it",
    enter: "Sit down",
    entering: "Sitting down…",
    leave: "Leave",
    presence: "Availability",
    online: "Online",
    occupied: "Occupied",
    away: "Away",
    away_hint: "You are not offered to visitors while you are not online.",
    visitor: "Visitor",
    agent: "Agent",
    you: "You",
    says: "{}: ",
    with: "With {}: ",
    visitors: "Visitors",
    waiting: "Waiting",
    nobody_waits: "Nobody is waiting.",
    accept: "Accept",
    accept_visitor: "Accept {}",
    accept_next: "Accept next",
    waits_for: "waiting {}",
    answered: "Answered by the script",
    answered_by: "with {}",
    take_over: "Take over",
    take_over_visitor: "Take over: {}",
    yours: "Your conversations",
    none_yours: "None yet. Accept somebody who is waiting.",
    unread_one: "1 unread message",
    unread_many: "{} unread messages",
    over: "over",
    shown: "open",
    open_beside: "Open beside: {}",
    set_aside: "Close pane: {}",
    none_chosen: "Choose a conversation.",
    back: "All visitors",
    conversation: "Conversation",
    today: "Today",
    yesterday: "Yesterday",
    new_messages: "New messages",
    typing: "{} is typing",
    writing: "{} is writing: ",
    note: "From your colleague: ",
    details: "Told before the chat",
    message: "Message",
    placeholder: "Write a message",
    send: "Send",
    canned: "Canned answers",
    sending: "Sending",
    doubtful: "Not confirmed yet",
    sent: "Sent",
    not_sent: "Not sent",
    retry: "Retry",
    discard: "Discard",
    drop_all: "What was not sent is lost with it.",
    transfer: "Transfer",
    transfer_to: "Transfer to",
    to_queue: "Back to the queue",
    hand_on: "Transfer now",
    for_colleague: "A word for your colleague",
    cancel: "Cancel",
    request_file: "Ask for a file",
    cancel_file: "Take back",
    file_wanted: "You asked for a file.",
    end: "End chat",
    ask_end: "End this chat for the visitor?",
    end_now: "End now",
    keep: "Keep chatting",
    close: "Close",
    ended: "This chat has ended.",
    handed_to: "You handed this chat to {}.",
    handed_to_queue: "You put this chat back into the queue.",
    taken_away: "This chat is no longer yours.",
    gone: "The server no longer has this chat.",
    refused: "The server refused that.",
    unanswered: "No answer came. Look whether it was done before you try again.",
    taken: "Somebody else was quicker.",
    seat_lost: "The server no longer knows your seat. Sit down again; what you did not send is kept.",
    no_door: "The server does not answer. Try again in a moment.",
    door_shut: "The server did not let you in.",
    lost: "The connection is lost. Trying again…",
    back_again: "Connected again",
    new_caller: "{} waiting",
    new_message_from: "New message from {}",
    shortcuts: "Keyboard shortcuts",
    keys: &[
        ("Alt + ↓ / ↑", "next, previous conversation"),
        ("Alt + Shift + ↓", "next one with unread messages"),
        ("Alt + Enter", "accept whoever waits longest"),
        ("↓ / ↑", "move in the list of conversations"),
        ("Ctrl + Enter", "in that list: open beside the others"),
        ("F6", "next pane, with Shift the one before"),
        ("Enter", "send"),
        ("Shift + Enter", "new line"),
        ("/", "canned answers, in a message"),
        ("Escape", "close what is unfolded"),
    ],
    canned_answers: &[
        ("hello", "Hello {}, thank you for getting in touch. How can I help?"),
        ("moment", "One moment, please. I am looking into it."),
        ("order", "Could you tell me your order number?"),
        ("colleague", "A colleague knows more about this. I am handing you over."),
        ("hours", "Our workshop is open from Tuesday to Saturday, 10:00 to 18:00."),
        ("else", "Is there anything else I can do for you?"),
        ("bye", "Thank you for chatting with us, {}. Have a good day!"),
    ],
};
