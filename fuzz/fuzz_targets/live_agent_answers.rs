//! `tests/fuzz/targets/live_agent_answers.rs` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::live_agent_answers::run(bytes));
