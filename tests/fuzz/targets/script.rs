//! How bytes are read: as lines, each a word and what follows it.
//!
//! Everything is tolerated, so that nearly every mutation still says something: a line that is not understood is skipped
//! by whoever reads it. An answer is a line of its own kind, which begins with the request that it belongs to: `<` for
//! news, `>` for a post, `^` for a file. Then come the status, after a `+` the seconds to wait, after an `@` the address
//! that is new, and the body.
//!
//! ```text
//! @endpoint https://chat.example.com
//! open
//! < 200 {"messages":[]}
//! < 503+5
//! < lost
//! ```

use std::collections::BTreeMap;
use std::time::Duration;

use holdfast_chat::protocol::Response;

/// What is said in bytes.
pub struct Script {
    text: String,
    attributes: BTreeMap<String, String>,
    sends_elsewhere: bool,
}

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Up to the first blank.
    pub word: &'a str,
    /// What follows it.
    pub rest: &'a str,
}

/// Which request an answer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// The one that brings news, opens or closes.
    News,
    /// The one that takes words out.
    Post,
    /// The one that takes a file out.
    File,
}

impl Script {
    /// Reads bytes; what is no UTF-8 is replaced.
    pub fn new(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let given = text.lines().filter_map(|line| line.strip_prefix('@')).map(Line::new);
        let attributes = given.map(|line| (line.word.to_owned(), line.rest.to_owned())).collect();
        // Where a word is written with escapes, nobody looks for it.
        let words = ["newUrl", "uploadServletUrl", "\\", "\"base\"", "href", "@http"];
        let sends_elsewhere = words.iter().any(|word| text.contains(word));
        Self { text, attributes, sends_elsewhere }
    }

    /// The whole of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its lines, but for attributes.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.text.lines().filter(|line| !line.starts_with('@')).take(MOST_LINES).map(Line::new)
    }

    /// The attribute that a line beginning with `@` gives; the last one counts.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// The value of an attribute, or the one that it has in these examples.
    pub fn attribute_or(&self, name: &str, examples: &[(&str, &str)]) -> Option<String> {
        let usual = || examples.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        self.attribute(name).or_else(usual).map(str::to_owned)
    }

    /// Whether a server, or storage, names another place to ask.
    pub const fn sends_elsewhere(&self) -> bool {
        self.sends_elsewhere
    }
}

impl<'a> Line<'a> {
    /// Reads one line.
    pub fn new(line: &'a str) -> Self {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        Self { word, rest }
    }

    /// What follows, again as a word and the rest.
    pub fn next(self) -> Self {
        Self::new(self.rest)
    }

    /// What follows as a number; 0 where it is none.
    pub fn number(self) -> u64 {
        self.rest.trim().parse().unwrap_or(0)
    }

    /// The request that this line answers.
    pub fn lane(self) -> Option<Lane> {
        match self.word {
            "<" => Some(Lane::News),
            ">" => Some(Lane::Post),
            "^" => Some(Lane::File),
            _ => None,
        }
    }

    /// The answer of such a line, or `None` where the request is lost.
    pub fn response(self) -> Option<Response> {
        let Line { word, rest } = self.next();
        let (word, location) = word.split_once('@').map_or((word, None), |(word, location)| (word, Some(location)));
        let (status, wait) = word.split_once('+').map_or((word, None), |(status, wait)| (status, Some(wait)));
        let retry_after = wait.and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
        let status = status.parse().ok()?;
        Some(Response { status, body: rest.to_owned(), retry_after, location: location.map(str::to_owned) })
    }
}

/// Enough for a long conversation, and not for a slow one.
const MOST_LINES: usize = 200;
