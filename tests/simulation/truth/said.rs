//! What an agent said, as it may be shown: `a7` at first, `a7.1` once it was changed, `a7.x` once it was taken back.

/// A line that says that something was taken back, whatever it was.
pub const WITHDRAWN: &str = "taken back";

/// Whether a line shows what was said, or what it said before it was changed.
pub fn shows(shown: &str, said: &str) -> bool {
    let ((shown, edition), (said, latest)) = (parts(shown), parts(said));
    shown == said && edition <= latest
}

/// Whether lines show the beginning of what was said, as it stands or stood. What was taken back need not be shown.
pub fn is_beginning(shown: &[&str], said: &[String]) -> bool {
    let mut lines = shown.iter().filter(|line| **line != WITHDRAWN).peekable();
    for said in said {
        if lines.next_if(|line| shows(line, said)).is_none() && !is_withdrawn(said) {
            break;
        }
    }
    lines.next().is_none()
}

/// Whether lines show all of it, as it stands.
pub fn is_whole(shown: &[&str], said: &[String]) -> bool {
    let shown = shown.iter().filter(|line| **line != WITHDRAWN);
    shown.eq(said.iter().filter(|said| !is_withdrawn(said)))
}

/// What is said instead by whoever changes this; nothing where it was taken back.
pub fn changed(said: &str) -> Option<String> {
    let (text, edition) = parts(said);
    (edition < TAKEN_BACK).then(|| format!("{text}.{}", edition + 1))
}

/// What becomes of this when it is taken back.
pub fn withdrawn(said: &str) -> String {
    format!("{}.x", parts(said).0)
}

pub fn is_withdrawn(said: &str) -> bool {
    parts(said).1 == TAKEN_BACK
}

fn parts(said: &str) -> (&str, u64) {
    let (text, edition) = said.split_once('.').unwrap_or((said, "0"));
    (text, edition.parse().unwrap_or(TAKEN_BACK))
}

const TAKEN_BACK: u64 = u64::MAX;
