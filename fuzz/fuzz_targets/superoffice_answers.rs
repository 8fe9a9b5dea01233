//! `tests/fuzz/targets/superoffice_answers.rs` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::superoffice_answers::run(bytes));
