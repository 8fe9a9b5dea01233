//! `tests/fuzz/targets/liveperson_answers.rs` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::liveperson_answers::run(bytes));
