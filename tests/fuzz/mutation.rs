//! Small seeded mutations of bytes. Knows words, lines and numbers; knows nothing of what is fuzzed.

use std::path::Path;

/// Draws mutations; the same seed draws the same.
pub struct Mutator(u64);

impl Mutator {
    /// A mutator of its own for every seed.
    pub const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// One of several; `None` where there are none.
    pub fn one_of<'a, T>(&mut self, several: &'a [T]) -> Option<&'a T> {
        several.get(self.below(several.len()))
    }

    /// `bytes` after a few mutations, some of which take over from `other` or from `words`.
    pub fn mutated(&mut self, bytes: &[u8], other: &[u8], words: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(4) {
            self.mutate(&mut bytes, other, words);
        }
        bytes.truncate(LONGEST);
        bytes
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>, other: &[u8], words: &[Vec<u8>]) {
        let (from, to) = self.range(bytes.len());
        let piece: Vec<u8> = match self.below(8) {
            0 => Vec::new(),
            1 => vec![self.byte()],
            2 => self.one_of(&NUMBERS).map_or_else(Vec::new, |number| number.as_bytes().to_vec()),
            3 | 4 => self.one_of(words).cloned().unwrap_or_default(),
            5 => {
                let (from, to) = self.range(bytes.len());
                bytes.get(from..to).unwrap_or_default().to_vec()
            }
            6 => {
                let (from, to) = self.line(other);
                let piece = other.get(from..to).unwrap_or_default().to_vec();
                let (at, _) = self.line(bytes);
                bytes.splice(at..at, piece);
                return;
            }
            _ => {
                let (from, to) = self.line(bytes);
                bytes.drain(from..to);
                return;
            }
        };
        bytes.splice(from..to, piece);
    }

    /// A short stretch, often an empty one.
    fn range(&mut self, length: usize) -> (usize, usize) {
        let from = self.below(length + 1);
        let span = self.below(17).saturating_sub(8) * self.below(4);
        (from, (from + span).min(length))
    }

    /// A whole line, with the break at its end.
    fn line(&mut self, bytes: &[u8]) -> (usize, usize) {
        let somewhere = self.below(bytes.len() + 1);
        let (before, after) = bytes.split_at_checked(somewhere).unwrap_or_default();
        let from = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let to = after.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| somewhere + at + 1);
        (from, to)
    }

    const fn byte(&mut self) -> u8 {
        let [highest, ..] = self.next().to_be_bytes();
        highest
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 16).unwrap_or(0).checked_rem(limit).unwrap_or(0)
    }

    /// splitmix64
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// The words of a libFuzzer dictionary: what stands between the outer quotes of each line, with its escapes undone.
pub fn words(path: &Path) -> Vec<Vec<u8>> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let quoted = |line: &str| line.trim().strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).map(str::to_owned);
    let word = |quoted: String| {
        let undone = ESCAPES.iter().fold(quoted, |word, (escape, letter)| word.replace(escape, letter));
        undone.into_bytes()
    };
    text.lines().filter_map(quoted).map(word).collect()
}

/// Those that dictionaries here use; the backslash comes last, so that nothing is undone twice.
const ESCAPES: [(&str, &str); 4] = [("\\x0A", "\n"), ("\\x09", "\t"), ("\\\"", "\""), ("\\\\", "\\")];
/// What breaks those who count.
const NUMBERS: [&str; 12] = [
    "0",
    "1",
    "-1",
    "33",
    "255",
    "65536",
    "2147483648",
    "4294967295",
    "9007199254740991",
    "9223372036854775807",
    "18446744073709551615",
    "1e308",
];
/// As long as what cargo-fuzz makes.
const LONGEST: usize = 8_192;
