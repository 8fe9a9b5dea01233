//! The gateway as browsers, upstreams and attackers meet it: over sockets, in front of the imitated SuperOffice.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly")]

#[path = "../common/mod.rs"]
mod common;
mod contract;
mod forms;
mod hostile;
mod kit;
mod proxying;
mod service;
mod trouble;
