//! The Genesys façade over real HTTP: every operation of both variants, every switch, every rule.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly")]

#[path = "../common/mod.rs"]
mod common;

mod actions;
mod files;
mod mobile;
mod moves;
mod replies;
mod rules;
mod script;
mod time;
mod visitor;
mod web;
