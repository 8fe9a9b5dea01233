//! `tests/fuzz/targets/attributes.rs` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::attributes::run(bytes));
