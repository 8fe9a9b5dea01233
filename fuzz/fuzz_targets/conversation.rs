//! `tests/fuzz/targets/conversation.rs` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::conversation::run(bytes));
