//! A name in two letters, for want of a face.

/// The first letters of the first and the last word of a name; the style sheet makes them capitals.
pub fn initials(name: &str) -> String {
    let mut letters = name.split_whitespace().filter_map(|word| word.chars().find(|c| !c.is_ascii_punctuation()));
    let first = letters.next();
    first.into_iter().chain(letters.next_back()).collect()
}
