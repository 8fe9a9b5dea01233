//! `tests/fuzz/targets/genesys_answers.rs` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::genesys_answers::run(bytes));
