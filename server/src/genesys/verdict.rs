//! Outcomes that a test orders in place of the real ones: the front end was reached, Chat Server was not, or said no.

use serde::{Deserialize, Serialize};

/// An outcome for the next requests that fit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Verdict {
    /// The operation, or `*` for every one.
    pub noun: String,
    /// The `statusCode`.
    pub status_code: u8,
    /// The `chatEnded` beside it.
    pub chat_ended: Claim,
    /// How many requests are answered so; counts down.
    pub times: u32,
    /// How many fitting requests pass before; counts down.
    pub skip: u32,
    /// Whether the request is carried out all the same.
    pub processed: bool,
    /// The code of an error to go with it.
    pub code: Option<u32>,
}

/// What an answer says about the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Claim {
    /// What the last good answer said.
    Stale,
    /// Nothing.
    Missing,
    /// This.
    #[serde(untagged)]
    Said(bool),
}

impl Default for Verdict {
    fn default() -> Self {
        let (noun, chat_ended) = ("*".to_owned(), Claim::Stale);
        Self { noun, status_code: 1, chat_ended, times: 1, skip: 0, processed: false, code: None }
    }
}

/// The verdict on a request, if one was ordered; it is used up by that.
pub fn take(verdicts: &mut [Verdict], noun: &str) -> Option<Verdict> {
    verdicts.iter_mut().find_map(|verdict| {
        let fits = verdict.noun == "*" || verdict.noun == noun;
        if !fits || verdict.times == 0 {
            return None;
        }
        if verdict.skip > 0 {
            verdict.skip -= 1;
            return None;
        }
        verdict.times -= 1;
        Some(verdict.clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_skips_then_holds_for_its_noun_as_often_as_ordered() {
        let mut verdicts = [Verdict { noun: "refresh".to_owned(), skip: 1, times: 2, ..Verdict::default() }];
        let nouns = ["refresh", "send", "refresh", "refresh", "refresh"];
        let struck = nouns.map(|noun| take(&mut verdicts, noun).is_some());
        assert_eq!(struck, [false, false, true, true, false]);
    }
}
