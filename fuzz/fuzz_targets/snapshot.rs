//! `tests/fuzz/targets/snapshot.rs` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::snapshot::run(bytes));
