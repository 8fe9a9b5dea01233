//! Every sentence the visitor sees, by language.
//!
//! Sentences with a gap carry `{}`; [`fill`] fills it. The launcher's five words live in `pkg/holdfast.js`, because it is
//! there before this module is.

mod offers;

use std::time::Duration;

use crate::model::{EndReason, Happening, WedgeReason};

/// The words of one language.
#[derive(Debug)]
pub(super) struct Words {
    /// Language tag of these words.
    pub tag: &'static str,
    pub chat: &'static str,
    pub heading: &'static str,
    pub close_chat: &'static str,
    pub end_chat: &'static str,
    pub start_chat: &'static str,
    pub conversation: &'static str,
    pub message: &'static str,
    pub placeholder: &'static str,
    pub over: &'static str,
    pub send: &'static str,
    pub you: &'static str,
    pub agent: &'static str,
    pub says: &'static str,
    pub today: &'static str,
    pub yesterday: &'static str,
    pub edited: &'static str,
    pub edits: &'static str,
    pub withdrawn: &'static str,
    pub withdraws: &'static str,
    pub new_messages: &'static str,
    pub new_message_from: &'static str,
    pub typing: &'static str,

    pub connecting: &'static str,
    pub waiting: &'static str,
    pub next: &'static str,
    pub one_ahead: &'static str,
    pub many_ahead: &'static str,
    pub wait_short: &'static str,
    pub wait_minute: &'static str,
    pub wait_minutes: &'static str,
    pub wait_hint: &'static str,
    pub online: &'static str,
    pub between: &'static str,
    pub ending: &'static str,
    pub ended: &'static str,
    pub idle: &'static str,

    pub sending: &'static str,
    pub sent: &'static str,
    pub not_sent: &'static str,
    pub retry: &'static str,
    pub discard: &'static str,
    pub refused: &'static str,
    pub unconfirmed: &'static str,
    pub empty: &'static str,
    pub too_late: &'static str,

    pub joined: &'static str,
    pub bot_joined: &'static str,
    pub left: &'static str,
    pub transferring: &'static str,
    pub transferred: &'static str,

    pub ask_end: &'static str,
    pub end_now: &'static str,
    pub keep_chatting: &'static str,
    pub still_there: &'static str,
    pub stay: &'static str,
    pub resuming: &'static str,
    pub retrying: &'static str,
    pub offline: &'static str,
    pub back_online: &'static str,
    pub sneak_peek: &'static str,
    pub memory_only: &'static str,

    pub file_wanted: &'static str,
    pub file_choose: &'static str,
    pub file_sending: &'static str,
    pub file_arrived: &'static str,
    pub file_failed: &'static str,
    pub file_attach: &'static str,
    pub file_named: &'static str,
    pub file_fetch: &'static str,
    pub file_not_fetched: &'static str,
    pub file_remove: &'static str,
    pub file_removed: &'static str,
    pub file_too_large: &'static str,
    pub file_too_many: &'static str,
    pub file_kinds: &'static str,
    pub file_kind: &'static str,
    pub file_needs_agent: &'static str,
    pub decimal: &'static str,

    pub form_before: &'static str,
    pub form_instead: &'static str,
    pub form_within: &'static str,
    pub form_after: &'static str,
    pub question: &'static str,
    pub required: &'static str,
    pub choose: &'static str,
    pub skip: &'static str,
    pub missing: &'static str,
    pub not_a_number: &'static str,
    pub not_an_email: &'static str,
    pub form_problems: &'static str,
    pub form_refused: &'static str,
    pub form_undelivered: &'static str,

    pub by_visitor: &'static str,
    pub by_agent: &'static str,
    pub by_silence: &'static str,
    pub unavailable: &'static str,
    pub message_left: &'static str,
    pub blocked: &'static str,
    pub expired: &'static str,
    pub elsewhere: &'static str,
    pub connection_lost: &'static str,
    pub encrypted: &'static str,
    pub failed: &'static str,
    pub unknown: &'static str,

    pub offers: offers::Offers,
}

impl Words {
    /// The words for a language tag such as `de-AT`; English where that language is not spoken here.
    pub fn of(tag: &str) -> &'static Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        [&ENGLISH, &GERMAN].into_iter().find(|words| words.tag.eq_ignore_ascii_case(primary)).unwrap_or(&ENGLISH)
    }

    /// How many people stand ahead; 0 means that the visitor is next.
    pub fn ahead(&self, position: u32) -> String {
        match position {
            0 => self.next.to_owned(),
            1 => self.one_ahead.to_owned(),
            many => fill(self.many_ahead, &many.to_string()),
        }
    }

    /// An estimated wait, as people say it.
    pub fn wait(&self, wait: Duration) -> String {
        match wait.as_secs().div_ceil(60) {
            0 => self.wait_short.to_owned(),
            1 if wait.as_secs() < 60 => self.wait_short.to_owned(),
            1 => self.wait_minute.to_owned(),
            minutes => fill(self.wait_minutes, &minutes.to_string()),
        }
    }

    /// Why a conversation is over.
    pub const fn end(&self, reason: EndReason) -> &'static str {
        match reason {
            EndReason::Visitor => self.by_visitor,
            EndReason::Agent => self.by_agent,
            EndReason::Idle => self.by_silence,
            EndReason::Unavailable => self.unavailable,
            EndReason::MessageLeft => self.message_left,
            EndReason::Blocked => self.blocked,
            EndReason::Expired => self.expired,
            EndReason::Elsewhere => self.elsewhere,
            EndReason::ConnectionLost => self.connection_lost,
            EndReason::Encrypted => self.encrypted,
            EndReason::Failed => self.failed,
            EndReason::Unknown => self.unknown,
        }
    }

    /// Why a message needs the visitor.
    pub const fn wedge(&self, reason: WedgeReason) -> &'static str {
        match reason {
            WedgeReason::Refused => self.refused,
            WedgeReason::Unconfirmed => self.unconfirmed,
            WedgeReason::Empty => self.empty,
            WedgeReason::Ended => self.too_late,
        }
    }

    /// A size in bytes, as people say it.
    pub fn size(&self, bytes: u64) -> String {
        let (unit, name) = match bytes {
            0..1_000 => return format!("{bytes} B"),
            1_000..1_000_000 => (1_000, "kB"),
            _ => (1_000_000, "MB"),
        };
        let (whole, tenth) = (bytes / unit, bytes % unit * 10 / unit);
        if whole >= 10 || tenth == 0 {
            format!("{whole} {name}")
        } else {
            format!("{whole}{}{tenth} {name}", self.decimal)
        }
    }

    /// What happened between two messages.
    pub fn happening(&self, happening: &Happening) -> String {
        let (sentence, name) = match happening {
            Happening::Joined { name } => (self.joined, name),
            Happening::BotJoined { name: None } => return self.offers.assistant.to_owned(),
            Happening::BotJoined { name } => (self.bot_joined, name),
            Happening::Notice { text } => return text.to_string(),
            Happening::FileRemoved { file } => return fill(self.file_removed, &file.name),
            Happening::Left { name } => (self.left, name),
            Happening::Transferring => return self.transferring.to_owned(),
            Happening::Transferred { name } => (self.transferred, name),
        };
        fill(sentence, name.as_deref().unwrap_or(self.agent))
    }
}

/// Puts `value` into the gap of `sentence`.
pub(super) fn fill(sentence: &str, value: &str) -> String {
    let (before, after) = sentence.split_once("{}").unwrap_or((sentence, ""));
    [before, value, after].concat()
}

static ENGLISH: Words = Words {
    tag: "en",
    chat: "Chat",
    heading: "Chat with us",
    close_chat: "Close chat",
    end_chat: "End chat",
    start_chat: "Start chat",
    conversation: "Conversation",
    message: "Message",
    placeholder: "Write a message",
    over: "This chat has ended",
    send: "Send",
    you: "You",
    agent: "Agent",
    says: "{}: ",
    edited: "edited",
    edits: "{} edited a message: ",
    withdrawn: "This message was withdrawn.",
    withdraws: "{} withdrew a message",
    today: "Today",
    yesterday: "Yesterday",
    new_messages: "New messages",
    new_message_from: "New message from {}",
    typing: "{} is typing",
    connecting: "Connecting you",
    waiting: "You are in the queue",
    next: "You are next in line",
    one_ahead: "1 person ahead of you",
    many_ahead: "{} people ahead of you",
    wait_short: "Wait: under a minute",
    wait_minute: "Wait: about 1 minute",
    wait_minutes: "Wait: about {} minutes",
    wait_hint: "You can start writing. Your message is delivered as soon as someone is here.",
    online: "In conversation",
    between: "Someone will be with you shortly",
    ending: "Ending the chat",
    ended: "Chat ended",
    idle: "Ask us anything. A person answers.",
    sending: "Sending",
    sent: "Sent",
    not_sent: "Not sent",
    retry: "Retry",
    discard: "Discard",
    refused: "The message was refused.",
    unconfirmed: "It may have arrived. Sending it again could say it twice.",
    empty: "Nothing was left of it once sensitive details were removed.",
    too_late: "The chat ended before it was delivered. You can send it in a new one.",
    joined: "{} joined the chat",
    bot_joined: "{}, an automated assistant, joined the chat",
    left: "{} left the chat",
    transferring: "You are being transferred",
    transferred: "{} took over the chat",
    ask_end: "End this chat?",
    end_now: "End now",
    keep_chatting: "Keep chatting",
    still_there: "Are you still there? Otherwise this chat ends at {}.",
    stay: "Stay in chat",
    resuming: "Reconnecting…",
    retrying: "The connection is lost. Trying again…",
    offline: "You are offline. Your messages will be sent when you are back.",
    back_online: "Connected again",
    sneak_peek: "The agent can see what you type before you send it.",
    memory_only: "This browser cannot keep the chat. It is lost if you reload or leave the page.",
    file_wanted: "You are asked to send a file.",
    file_choose: "Choose a file",
    file_sending: "Sending the file…",
    file_arrived: "The file was sent.",
    file_failed: "The file could not be sent.",
    file_attach: "Attach a file",
    file_named: "File {}",
    file_fetch: "Download {}",
    file_not_fetched: "The file could not be downloaded.",
    file_remove: "Remove {}",
    file_removed: "{} was removed",
    file_too_large: "This file is too large. At most {} can be sent.",
    file_too_many: "This is more than can be sent in one chat.",
    file_kinds: "Only these kinds of files can be sent: {}",
    file_kind: "Files of this kind cannot be sent.",
    file_needs_agent: "Files can be sent as soon as somebody has joined.",
    decimal: ".",
    form_before: "Before we start",
    form_instead: "Leave us a message",
    form_within: "A few details, please",
    form_after: "How was this chat?",
    question: "Question {}",
    required: "(required)",
    choose: "Choose…",
    skip: "Skip",
    missing: "Please answer this question.",
    not_a_number: "Please enter a number.",
    not_an_email: "Please enter an e-mail address, such as name@example.com.",
    form_problems: "Please check your answers.",
    form_refused: "Your answers were not accepted. Please check them and try again.",
    form_undelivered: "Your answers could not be sent. Please try again.",
    by_visitor: "You ended the chat.",
    by_agent: "The agent ended the chat.",
    by_silence: "The chat ended because it was quiet for a while.",
    message_left: "Your message is with us. We will come back to you.",
    unavailable: "Nobody is available right now. Please try again later.",
    blocked: "Chat is not available to you.",
    expired: "The chat has expired. You can start a new one.",
    elsewhere: "This chat went on elsewhere and cannot continue in this tab. You can start a new one.",
    connection_lost: "The connection was lost for too long, so the chat ended. You can start a new one.",
    encrypted: "The other side encrypted this chat. It cannot be read here, and nothing more is sent into it. You can start a new one.",
    failed: "Something went wrong, and the chat could not go on. You can start a new one.",
    unknown: "The chat has ended.",
    offers: offers::ENGLISH,
};

static GERMAN: Words = Words {
    tag: "de",
    chat: "Chat",
    heading: "Chat mit uns",
    close_chat: "Chat schließen",
    end_chat: "Chat beenden",
    start_chat: "Chat starten",
    conversation: "Unterhaltung",
    message: "Nachricht",
    placeholder: "Nachricht schreiben",
    over: "Dieser Chat ist beendet",
    send: "Senden",
    you: "Sie",
    agent: "Unser Team",
    says: "{}: ",
    edited: "bearbeitet",
    edits: "{} hat eine Nachricht bearbeitet: ",
    withdrawn: "Diese Nachricht wurde zurückgezogen.",
    withdraws: "{} hat eine Nachricht zurückgezogen",
    today: "Heute",
    yesterday: "Gestern",
    new_messages: "Neue Nachrichten",
    new_message_from: "Neue Nachricht von {}",
    typing: "{} schreibt",
    connecting: "Wir verbinden Sie",
    waiting: "Sie sind in der Warteschlange",
    next: "Sie sind als Nächstes dran",
    one_ahead: "1 Person vor Ihnen",
    many_ahead: "{} Personen vor Ihnen",
    wait_short: "Wartezeit: unter einer Minute",
    wait_minute: "Wartezeit: etwa 1 Minute",
    wait_minutes: "Wartezeit: etwa {} Minuten",
    wait_hint: "Schreiben Sie ruhig schon. Ihre Nachricht wird zugestellt, sobald jemand da ist.",
    online: "Im Gespräch",
    between: "Gleich ist jemand für Sie da",
    ending: "Der Chat wird beendet",
    ended: "Chat beendet",
    idle: "Fragen Sie uns. Ein Mensch antwortet.",
    sending: "Wird gesendet",
    sent: "Gesendet",
    not_sent: "Nicht gesendet",
    retry: "Erneut senden",
    discard: "Verwerfen",
    refused: "Die Nachricht wurde abgelehnt.",
    unconfirmed: "Vielleicht ist sie angekommen. Erneut gesendet, könnte sie doppelt erscheinen.",
    empty: "Ohne die vertraulichen Angaben blieb nichts davon übrig.",
    too_late: "Der Chat endete, bevor sie zugestellt wurde. Sie können sie in einem neuen senden.",
    joined: "{} ist dem Chat beigetreten",
    bot_joined: "{}, ein automatischer Assistent, ist dem Chat beigetreten",
    left: "{} hat den Chat verlassen",
    transferring: "Sie werden weitergeleitet",
    transferred: "{} hat den Chat übernommen",
    ask_end: "Diesen Chat beenden?",
    end_now: "Jetzt beenden",
    keep_chatting: "Weiter chatten",
    still_there: "Sind Sie noch da? Sonst endet der Chat um {}.",
    stay: "Im Chat bleiben",
    resuming: "Verbindung wird wiederhergestellt …",
    retrying: "Die Verbindung ist unterbrochen. Neuer Versuch …",
    offline: "Sie sind offline. Ihre Nachrichten werden gesendet, sobald Sie wieder online sind.",
    back_online: "Wieder verbunden",
    sneak_peek: "Ihr Text ist schon beim Schreiben für uns sichtbar.",
    memory_only: "Dieser Browser kann den Chat nicht behalten. Beim Neuladen oder Verlassen der Seite geht er verloren.",
    file_wanted: "Sie werden um eine Datei gebeten.",
    file_choose: "Datei wählen",
    file_sending: "Datei wird gesendet …",
    file_arrived: "Die Datei wurde gesendet.",
    file_failed: "Die Datei konnte nicht gesendet werden.",
    file_attach: "Datei anhängen",
    file_named: "Datei {}",
    file_fetch: "{} herunterladen",
    file_not_fetched: "Die Datei konnte nicht heruntergeladen werden.",
    file_remove: "{} entfernen",
    file_removed: "{} wurde entfernt",
    file_too_large: "Diese Datei ist zu groß. Höchstens {} können gesendet werden.",
    file_too_many: "Das ist mehr, als in einem Chat gesendet werden kann.",
    file_kinds: "Nur diese Arten von Dateien können gesendet werden: {}",
    file_kind: "Dateien dieser Art können nicht gesendet werden.",
    file_needs_agent: "Dateien können gesendet werden, sobald jemand da ist.",
    decimal: ",",
    form_before: "Bevor es losgeht",
    form_instead: "Hinterlassen Sie uns eine Nachricht",
    form_within: "Ein paar Angaben, bitte",
    form_after: "Wie war dieser Chat?",
    question: "Frage {}",
    required: "(erforderlich)",
    choose: "Bitte wählen …",
    skip: "Überspringen",
    missing: "Bitte beantworten Sie diese Frage.",
    not_a_number: "Bitte geben Sie eine Zahl ein.",
    not_an_email: "Bitte geben Sie eine E-Mail-Adresse ein, zum Beispiel name@example.com.",
    form_problems: "Bitte prüfen Sie Ihre Angaben.",
    form_refused: "Ihre Angaben wurden nicht angenommen. Bitte prüfen Sie sie und versuchen Sie es noch einmal.",
    form_undelivered: "Ihre Angaben konnten nicht gesendet werden. Bitte versuchen Sie es noch einmal.",
    by_visitor: "Sie haben den Chat beendet.",
    by_agent: "Der Chat wurde von unserem Team beendet.",
    by_silence: "Der Chat endete, weil es länger still war.",
    message_left: "Ihre Nachricht ist bei uns. Wir melden uns bei Ihnen.",
    unavailable: "Zurzeit ist niemand verfügbar. Bitte versuchen Sie es später noch einmal.",
    blocked: "Der Chat steht Ihnen nicht zur Verfügung.",
    expired: "Der Chat ist abgelaufen. Sie können einen neuen beginnen.",
    elsewhere: "Dieser Chat ging an anderer Stelle weiter und endet in diesem Tab. Sie können einen neuen beginnen.",
    connection_lost: "Die Verbindung war zu lange unterbrochen, deshalb endete der Chat. Sie können einen neuen beginnen.",
    encrypted: "Die andere Seite hat diesen Chat verschlüsselt. Er kann hier nicht gelesen werden, und es wird nichts mehr hineingeschrieben. Sie können einen neuen beginnen.",
    failed: "Etwas ist schiefgegangen, und der Chat konnte nicht weitergehen. Sie können einen neuen beginnen.",
    unknown: "Der Chat ist beendet.",
    offers: offers::GERMAN,
};
