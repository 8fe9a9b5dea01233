//! What is fuzzed, as plain functions of bytes that panic where something is wrong.
//!
//! cargo-fuzz calls them as a library of its own (`fuzz/Cargo.toml`), and the test beside this folder calls them with
//! what is kept under `fuzz/`. They know neither caller.

pub mod attributes;
pub mod conversation;
pub mod genesys_answers;
pub mod json;
pub mod live_agent_answers;
pub mod liveperson_answers;
pub mod matrix_answers;
pub mod snapshot;
pub mod superoffice_answers;

mod adapter;
mod page;
mod requests;
mod script;
mod twins;

/// Something that is fuzzed.
pub type Target = fn(&[u8]);

/// Every target by its name.
pub const ALL: [(&str, Target); 9] = [
    ("attributes", attributes::run),
    ("conversation", conversation::run),
    ("genesys_answers", genesys_answers::run),
    ("json", json::run),
    ("live_agent_answers", live_agent_answers::run),
    ("liveperson_answers", liveperson_answers::run),
    ("matrix_answers", matrix_answers::run),
    ("snapshot", snapshot::run),
    ("superoffice_answers", superoffice_answers::run),
];
