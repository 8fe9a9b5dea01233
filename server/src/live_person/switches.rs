//! The switches that only LivePerson reads; `liveperson` in the settings.

use serde::{Deserialize, Serialize};

/// What this façade does where its protocol leaves room, or where a test wants it otherwise.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Switches {}
