//! `tests/fuzz/targets/matrix_answers.rs` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::matrix_answers::run(bytes));
