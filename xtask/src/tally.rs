//! Counting tests by the summaries that test runners print.
//!
//! Knows the summaries of Cargo, wasm-bindgen and Node; runs nothing.

use std::fmt;
use std::ops::AddAssign;

use crate::house::text_between;

/// How many tests passed and failed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed, and steps that failed before they could count their tests.
    pub failed: u64,
}

impl Tally {
    /// Takes a line of a runner's output into account.
    pub fn observe(&mut self, line: &str) {
        let line = strip_colours(line);
        if let Some(summary) = line.trim_start().strip_prefix("test result: ") {
            self.passed += number(text_between(summary, ". ", " passed"));
            self.failed += number(text_between(summary, "passed; ", " failed"));
        } else if let Some(summary) = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# ")) {
            match summary.split_once(' ') {
                Some(("pass", count)) => self.passed += number(Some(count)),
                Some(("fail" | "cancelled", count)) => self.failed += number(Some(count)),
                _ => {}
            }
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// What is not a number counts as nothing: the exit status still tells of a failure.
fn number(text: Option<&str>) -> u64 {
    text.and_then(|text| text.trim().parse().ok()).unwrap_or_default()
}

fn strip_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            // An escape sequence ends with its first letter.
            characters.find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_cargo_and_wasm_bindgen_are_counted() {
        let tally = observe(&[
            "running 3 tests",
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 filtered out; finished in 0.30s",
            "test result: \u{1b}[32mok\u{1b}[0m. 1 passed; 0 failed; 0 ignored",
        ]);
        assert_eq!(tally, Tally { passed: 15, failed: 1 });
    }

    #[test]
    fn summaries_of_node_are_counted_in_both_spellings() {
        let tally =
            observe(&["ℹ tests 4", "ℹ pass 3", "ℹ fail 1", "# pass 2", "# fail 0", "# cancelled 1", "# skipped 7"]);
        assert_eq!(tally, Tally { passed: 5, failed: 2 });
    }

    #[test]
    fn a_sentence_about_passing_is_not_counted() {
        assert_eq!(observe(&["# passing notes", "5 passed; 1 failed", "ℹ pass many"]), Tally::default());
    }

    #[test]
    fn a_tally_reads_as_the_closing_line() {
        assert_eq!(Tally { passed: 7, failed: 0 }.to_string(), "7 passed, 0 failed");
    }

    fn observe(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.observe(line));
        tally
    }
}
