//! The switches that only Genesys reads; `genesys` in the settings.
//! Every place where the protocol is uncertain has one, and the default is the likeliest reading.

use serde::{Deserialize, Serialize};

use crate::genesys::verdict::Verdict;
use crate::settings::Stance;

/// What this façade does where its protocol leaves room, or where a test wants it otherwise.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Switches {
    /// How long a visitor may go without any request.
    pub flex_disconnect_ms: u64,
    /// How long a poll with nothing to say is held; the real one answers at once.
    pub poll_hold_ms: u64,
    /// The shortest pause between polls, on average, that is no breach.
    pub poll_floor_ms: u64,
    /// Outcomes in place of the real ones, each for so many requests.
    pub verdicts: Vec<Verdict>,
    /// How many requests are answered 1 while the chat moves.
    pub handover_status1: u32,
    /// What a move does to the numbers of events.
    pub handover_indexes: Indexes,
    /// What a secret looks like.
    pub key_style: KeyStyle,
    /// What the answer to a chat request holds.
    pub start_reply: StartReply,
    /// What becomes of the text in a chat request.
    pub opening_text: OpeningText,
    /// Who joins right after the visitor and greets.
    pub system_party: Option<SystemParty>,
    /// How a chat request is refused when nobody is there.
    pub unavailable: Unavailable,
    /// The services that exist.
    pub services: Vec<String>,
    /// The answer to a request for any other.
    pub unknown_service: UnknownService,
    /// The answer to a request for a chat that nobody knows.
    pub unknown_chat: UnknownChat,
    /// The answer to requests after the client was told of the end.
    pub after_end: AfterEnd,
    /// A body that is not what its variant speaks.
    pub body_type: Stance,
    /// Which credentials an answer repeats.
    pub reply_identity: ReplyIdentity,
    /// What stands in the fields of an answer that are not to be trusted.
    pub untrusted: Untrusted,
    /// Whether answers tell of the end.
    pub chat_ended: Told,
    /// How an answer without events says so.
    pub empty_messages: EmptyMessages,
    /// What answers tell of the next position.
    pub next_position: NextPosition,
    /// The order of the events in an answer.
    pub event_order: EventOrder,
    /// Whether every event of an answer stands there twice.
    pub each_twice: bool,
    /// How many events before the position come again.
    pub repeat_events: usize,
    /// How many numbers are left out before every event.
    pub index_gap: u64,
    /// Types of events that get no number; they come once.
    pub unindexed: Vec<String>,
    /// How a participant's id is written.
    pub participant_id: ParticipantId,
    /// How the types of events and participants are written.
    pub type_names: TypeNames,
    /// How the attributes of an event are written.
    pub attributes: Attributes,
    /// Where a notice of the agent's page says what it is.
    pub notice_kind: NoticeKind,
    /// Whether events carry a time.
    pub utc_time: bool,
    /// What an agent's participant type is called, if not as documented.
    pub agent_type: Option<String>,
    /// What a bot's participant type is called.
    pub bot_type: String,
    /// Whether the visitor's own typing becomes an event.
    pub typing_echo: bool,
    /// Whether a poll's preview is said, as in the first version of the mobile interface.
    pub refresh_posts: bool,
    /// The longest message, in characters.
    pub message_limit: usize,
    /// Silence before the first warning; 0 is never.
    pub idle_alert_ms: u64,
    /// Silence between the first warning and a second; 0 is no second.
    pub idle_alert2_ms: u64,
    /// Silence between the last warning and the end.
    pub idle_close_ms: u64,
    /// How an answer tells what is left of that.
    pub idle_timer_expire: IdleTimerExpire,
    /// What may be done with files.
    pub files: FileLimits,
}

/// Who joins right after the visitor and greets.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SystemParty {
    /// Its name.
    pub nickname: String,
    /// Its words.
    pub greeting: String,
    /// Whether it says that it is a bot.
    #[serde(default)]
    pub bot: bool,
}

/// What may be done with files.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct FileLimits {
    /// How many a visitor may send.
    pub max_files: usize,
    /// The largest, in bytes.
    pub max_file_size: usize,
    /// All together, in bytes.
    pub max_total_size: usize,
    /// The endings that are taken, parted by colons.
    pub types: String,
    /// Whether an agent must be there.
    pub need_agent: bool,
    /// How often an agent's file may be fetched.
    pub download_attempts: u32,
    /// Whether a file that was deleted no longer counts.
    pub delete_frees: bool,
}

/// What a move does to the numbers of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Indexes {
    /// Nothing.
    Kept,
    /// Some are left out.
    Gap,
    /// Typing is forgotten, and the rest counted anew.
    Renumbered,
}

/// What a secret looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KeyStyle {
    /// Some hundred characters with `+`, `/` and `=` among them.
    Base64,
    /// Sixteen hexadecimal digits.
    Hex,
}

/// What the answer to a chat request holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StartReply {
    /// Everything.
    Full,
    /// Neither the end nor the next position, as in the documentation's sample.
    Documented,
    /// No events.
    NoMessages,
}

/// What becomes of the text in a chat request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OpeningText {
    /// It is noted only.
    Ignored,
    /// It is the visitor's first message.
    Said,
}

/// How a chat request is refused when nobody is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Unavailable {
    /// 2, with error 240.
    Code240,
    /// 1, so that it may be tried again.
    Status1,
}

/// The answer to a request for a service that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UnknownService {
    /// 404.
    NotFound,
    /// 2, with error 306.
    Code306,
}

/// The answer to a request for a chat that nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UnknownChat {
    /// 404.
    NotFound,
    /// 2, ended, with error 249.
    Ended,
}

/// The answer to requests after the client was told of the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AfterEnd {
    /// 2, ended, with error 249.
    Refused,
    /// 0, ended.
    Repeated,
    /// 404.
    NotFound,
}

/// Which credentials an answer repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReplyIdentity {
    /// All that its variant has.
    Full,
    /// None after the first answer, unless the alias is a new one.
    Bare,
}

/// What stands in the fields of an answer that are not to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Untrusted {
    /// Something wrong.
    Rubbish,
    /// Nothing: they are left out.
    Absent,
}

/// Whether answers tell of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Told {
    /// They do.
    Told,
    /// They leave it out.
    Missing,
}

/// How an answer without events says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EmptyMessages {
    /// With an empty list.
    List,
    /// With nothing.
    Missing,
    /// With `null`.
    Null,
}

/// What answers tell of the next position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NextPosition {
    /// The number behind the last event.
    Told,
    /// Nothing.
    Missing,
    /// Always 0.
    Zero,
}

/// The order of the events in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EventOrder {
    /// By number.
    Ascending,
    /// The latest first.
    Descending,
}

/// How a participant's id is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ParticipantId {
    /// As a number.
    Number,
    /// As text.
    Text,
}

/// How the types of events and participants are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TypeNames {
    /// As documented.
    Exact,
    /// In small letters.
    Lower,
}

/// How the attributes of an event are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Attributes {
    /// As objects.
    Object,
    /// As an object of JSON texts.
    InnerText,
    /// As one JSON text.
    Text,
}

/// Where a notice of the agent's page says what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NoticeKind {
    /// In `purpose` of its attributes.
    Purpose,
    /// In `event` of its data.
    UserData,
}

/// How an answer tells what is left until the end of a silent chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum IdleTimerExpire {
    /// Not at all.
    Missing,
    /// As a number of seconds.
    Number,
    /// As text.
    Text,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            flex_disconnect_ms: 45_000,
            poll_hold_ms: 0,
            poll_floor_ms: 400,
            verdicts: Vec::new(),
            handover_status1: 2,
            handover_indexes: Indexes::Kept,
            key_style: KeyStyle::Base64,
            start_reply: StartReply::Full,
            opening_text: OpeningText::Ignored,
            system_party: None,
            unavailable: Unavailable::Code240,
            services: vec!["customer-support".to_owned(), "request-chat".to_owned()],
            unknown_service: UnknownService::NotFound,
            unknown_chat: UnknownChat::NotFound,
            after_end: AfterEnd::Refused,
            body_type: Stance::Refuse,
            reply_identity: ReplyIdentity::Full,
            untrusted: Untrusted::Rubbish,
            chat_ended: Told::Told,
            empty_messages: EmptyMessages::List,
            next_position: NextPosition::Told,
            event_order: EventOrder::Ascending,
            each_twice: false,
            repeat_events: 0,
            index_gap: 0,
            unindexed: Vec::new(),
            participant_id: ParticipantId::Number,
            type_names: TypeNames::Exact,
            attributes: Attributes::Object,
            notice_kind: NoticeKind::Purpose,
            utc_time: true,
            agent_type: None,
            bot_type: "External".to_owned(),
            typing_echo: true,
            refresh_posts: false,
            message_limit: MESSAGE_LIMIT,
            idle_alert_ms: 255_000,
            idle_alert2_ms: 0,
            idle_close_ms: 45_000,
            idle_timer_expire: IdleTimerExpire::Missing,
            files: FileLimits::default(),
        }
    }
}

impl Default for FileLimits {
    fn default() -> Self {
        Self {
            max_files: 3,
            max_file_size: 2_097_152,
            max_total_size: 5_242_880,
            types: "jpg:jpeg:png:gif:pdf:txt".to_owned(),
            need_agent: true,
            download_attempts: 2,
            delete_frees: true,
        }
    }
}

/// A packet of 32 768 bytes holds about 0.45 characters a byte.
const MESSAGE_LIMIT: usize = 14_745;
