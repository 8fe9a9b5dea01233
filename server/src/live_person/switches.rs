//! The switches that only LivePerson reads; `liveperson` in the settings. Each stands for something that the protocol
//! leaves open, or that clients were seen to meet in both ways.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::live_person::surveys;
use crate::settings::Stance;

/// What this façade does where its protocol leaves room, or where a test wants it otherwise.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Switches {
    /// Whether attributes begin with `@`.
    pub attributes: Attributes,
    /// How a list of one and an empty list look.
    pub lists: Lists,
    /// How event ids are spelt.
    pub ids: Ids,
    /// Whether `systemMessageId` is a text.
    pub system_id_as_text: bool,
    /// Whether a line of digits arrives as a number.
    pub numeric_text: bool,
    /// Whether times have milliseconds.
    pub milliseconds: Milliseconds,
    /// How complete links are.
    pub hrefs: Hrefs,
    /// Whether lines say of which type their text is.
    pub text_type: bool,
    /// Whether other origins may read `Location`.
    pub expose_location: bool,
    /// How a PUT may come.
    pub put: Put,
    /// Whether a chat that goes back to a queue is `waiting` again.
    pub waiting_recurs: bool,
    /// What comes first when a state and a system line belong together.
    pub first: First,
    /// How the agent's plain words are spelt.
    pub agent_lines: AgentLines,
    /// The status of a chat that began.
    pub start_status: u16,
    /// The status of an event that was added.
    pub event_status: u16,
    /// The status of a PUT that was done.
    pub put_status: u16,
    /// The status of a chat that is unknown.
    pub unknown_status: u16,
    /// The status of an event for a chat that is over.
    pub ended_status: u16,
    /// Whether a refusal has the body that the login service's have.
    pub error_body: bool,
    /// The only key that is good; `null` takes any.
    pub app_key: Option<String>,
    /// A call with an `Authorization` header and without `NC=true`; recorded either way.
    pub missing_nc: Stance,
    /// How long nothing may be heard of a visitor.
    pub chat_timeout_ms: u64,
    /// The longest time that a visitor may ask for.
    pub longest_timeout_ms: u64,
    /// What `chatTimeout` tells.
    pub told_timeout: ToldTimeout,
    /// Whether a system line says that a visitor was lost.
    pub timeout_line: bool,
    /// How long a chat that is over can be read after the last call.
    pub ended_kept_ms: u64,
    /// How many polls may come within ten seconds; `null` is any number.
    pub polls_per_ten_seconds: Option<usize>,
    /// The longest line in characters; `null` is any length.
    pub longest_line: Option<usize>,
    /// A line before an agent accepted.
    pub early_line: Stance,
    /// Custom variables, which are no longer supported.
    pub custom_variables: Stance,
    /// Who says whether somebody is there.
    pub availability: Availability,
    /// The host that the directory names; `null` is this server.
    pub service_host: Option<String>,
    /// The account to which the next transfer to a queue goes.
    pub transfer_account: Option<String>,
    /// What agents know about.
    pub skills: Vec<Skill>,
    /// The survey before a chat; `null` is none.
    pub pre_survey: Value,
    /// The survey when nobody is there; `null` is none.
    pub offline_survey: Value,
    /// The survey after a chat; `null` is none.
    pub exit_survey: Value,
    /// The agent's survey; `null` is none.
    pub agent_survey: Value,
    /// Which event `fromEventIds` names.
    pub from_event_ids: FromEventIds,
    /// How long a chat rings before the agent is away; `null` is for ever.
    pub away_after_ms: Option<u64>,
    /// How long nothing may be heard of an agent.
    pub agent_lapse_ms: u64,
    /// Whether agents at the desk see unsent words, in a dialect that has them.
    pub desk_sees_unsent: bool,
    /// Agent's HTML with something in it that must not be.
    pub unsafe_html: Stance,
}

/// Whether attributes begin with `@`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Attributes {
    /// As recorded: not in a visitor's `info` and in the answer about many chats.
    Recorded,
    /// Always.
    At,
    /// Never.
    Plain,
}

/// How a list of one and an empty list look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Lists {
    /// One is no list, none is missing.
    Converted,
    /// As lists.
    Arrays,
}

/// How event ids are spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ids {
    /// Text with `@`, a number without.
    Recorded,
    /// Always text.
    Text,
    /// Always a number.
    Number,
}

/// Whether times have milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Milliseconds {
    /// Always.
    Present,
    /// Never.
    Absent,
    /// Only where they are odd.
    Mixed,
}

/// How complete links are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Hrefs {
    /// With scheme and host.
    Absolute,
    /// From the path on.
    Relative,
    /// From the host on.
    Schemeless,
}

/// How a PUT may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Put {
    /// Only as a POST that says so.
    Override,
    /// As a real one too.
    Both,
}

/// What comes first when a state and a system line belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum First {
    /// The state.
    State,
    /// The line, as in the oldest samples.
    Line,
}

/// How the agent's plain words are spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AgentLines {
    /// As they are.
    Plain,
    /// As HTML in a `div`, as the vendor's own desk did.
    Html,
}

/// What `chatTimeout` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ToldTimeout {
    /// What the visitor asked for.
    Effective,
    /// What is usual, whatever the visitor asked for.
    Usual,
}

/// Who says whether somebody is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Availability {
    /// The setting `available`.
    Setting,
    /// That, and somebody must be online at the desk.
    Desk,
}

/// Which event `fromEventIds` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FromEventIds {
    /// The last one that the agent holds.
    Exclusive,
    /// The first one that the agent wants.
    Inclusive,
}

/// What agents know about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skill {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
}

impl Switches {
    /// The skill of a name, or the first one.
    pub fn skill(&self, name: Option<&str>) -> Option<&Skill> {
        let named = self.skills.iter().find(|skill| Some(skill.name.as_str()) == name);
        named.or_else(|| self.skills.first())
    }
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            attributes: Attributes::Recorded,
            lists: Lists::Converted,
            ids: Ids::Recorded,
            system_id_as_text: false,
            numeric_text: false,
            milliseconds: Milliseconds::Present,
            hrefs: Hrefs::Absolute,
            text_type: true,
            expose_location: true,
            put: Put::Override,
            waiting_recurs: true,
            first: First::State,
            agent_lines: AgentLines::Plain,
            start_status: 201,
            event_status: 201,
            put_status: 200,
            unknown_status: 404,
            ended_status: 400,
            error_body: true,
            app_key: None,
            missing_nc: Stance::Accept,
            chat_timeout_ms: 40_000,
            longest_timeout_ms: 3_600_000,
            told_timeout: ToldTimeout::Effective,
            timeout_line: true,
            ended_kept_ms: 120_000,
            polls_per_ten_seconds: Some(10),
            longest_line: None,
            early_line: Stance::Accept,
            custom_variables: Stance::Refuse,
            availability: Availability::Setting,
            service_host: None,
            transfer_account: None,
            skills: vec![Skill { id: 31, name: "Billing".to_owned() }, Skill { id: 32, name: "Delivery".to_owned() }],
            pre_survey: surveys::before(),
            offline_survey: surveys::offline(),
            exit_survey: surveys::after(),
            agent_survey: surveys::agents(),
            from_event_ids: FromEventIds::Exclusive,
            away_after_ms: Some(20_000),
            agent_lapse_ms: 90_000,
            desk_sees_unsent: true,
            unsafe_html: Stance::Refuse,
        }
    }
}
