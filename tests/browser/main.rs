//! What the shell does in a real engine: does an abort abort, does a claim exclude, does storage throw, does a late alarm
//! wake once, does anything stay behind? Whole conversations are `tests/e2e`.
//!
//! The same tests run in Chromium, Firefox and WebKit, and none is left out anywhere.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::expect_used, reason = "a test that cannot go on should say where")]

mod alarms;
mod chat;
mod claims;
mod leaving;
mod mounting;
mod page;
mod requests;
mod storing;

use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);
