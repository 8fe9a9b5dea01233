//! An agent's markup read into words, for every backend that has some: links, emphasis, lists and breaks stay, everything
//! else is dropped.
//!
//! What comes out is data. Nothing that is read here ever becomes markup again, so that a mistake costs a word's looks
//! and no more. Each sign is looked at once: hostile markup costs no more time than harmless markup of its length.

mod entity;

use std::sync::Arc;

use crate::model::{Order, Piece, Prose, is_link};

/// The words of this markup.
pub(super) fn prose(markup: &str) -> Prose {
    let mut reader = Reader { rest: cut(markup) };
    let mut page = Page::default();
    while let Some(token) = reader.token() {
        match token {
            Token::Words(words) => page.say(&entity::decoded(words)),
            Token::Open { name, attributes } => {
                if SILENT.contains(&&*name) {
                    reader.skip_element(&name);
                } else {
                    page.open(&name, attributes);
                }
            }
            Token::Close { name } => page.close(&name),
            Token::Nothing => {}
        }
    }
    page.finish()
}

/// Whether there is more to words than their text.
pub(super) fn is_formatted(prose: &Prose) -> bool {
    prose.0.iter().any(|piece| match piece {
        Piece::Text(_) | Piece::Break => false,
        Piece::Strong(_) | Piece::Emphasis(_) | Piece::Link { .. } | Piece::List { .. } => true,
    })
}

fn cut(markup: &str) -> &str {
    let end = markup.char_indices().nth(MOST_SIGNS).map_or(markup.len(), |(at, _)| at);
    markup.get(..end).unwrap_or_default()
}

enum Token<'a> {
    Words(&'a str),
    Open { name: String, attributes: &'a str },
    Close { name: String },
    Nothing,
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn token(&mut self) -> Option<Token<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        if !self.rest.starts_with('<') {
            return Some(Token::Words(self.take_until_tag(0)));
        }
        let after = self.rest.get(1..).unwrap_or_default();
        if let Some(comment) = after.strip_prefix("!--") {
            self.rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            return Some(Token::Nothing);
        }
        if after.starts_with(['!', '?']) {
            self.rest = after.split_once('>').map_or("", |(_, rest)| rest);
            return Some(Token::Nothing);
        }
        let named = after.strip_prefix('/').unwrap_or(after);
        if !named.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
            // A sign of its own, as in 1 < 2.
            return Some(Token::Words(self.take_until_tag(1)));
        }
        let Some(end) = end_of_tag(named) else {
            // It never ends: no tag, and so words to the end.
            return Some(Token::Words(std::mem::take(&mut self.rest)));
        };
        let (tag, rest) = named.split_at_checked(end)?;
        self.rest = rest.get(1..).unwrap_or_default();
        let length = tag.find(|letter: char| letter.is_whitespace() || letter == '/').unwrap_or(tag.len());
        let (name, attributes) = tag.split_at_checked(length)?;
        let name = name.to_ascii_lowercase();
        Some(if after.starts_with('/') { Token::Close { name } } else { Token::Open { name, attributes } })
    }

    /// Words up to the next tag, which begins at the sign `from` at the earliest.
    fn take_until_tag(&mut self, from: usize) -> &'a str {
        let end = self.rest.get(from..).and_then(|rest| rest.find('<')).map_or(self.rest.len(), |at| at + from);
        let (words, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        words
    }

    /// Goes past what stands in an element that holds no words for a reader.
    fn skip_element(&mut self, name: &str) {
        while let Some((_, rest)) = self.rest.split_once("</") {
            self.rest = rest;
            let is_end = rest.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name));
            let after = rest.get(name.len()..).unwrap_or_default();
            if is_end && !after.starts_with(|letter: char| letter.is_ascii_alphanumeric()) {
                self.rest = after.split_once('>').map_or("", |(_, rest)| rest);
                return;
            }
        }
        self.rest = "";
    }
}

/// Where a tag ends; a quoted value may have that sign too.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, sign) in tag.char_indices() {
        match (quote, sign) {
            (None, '>') => return Some(at),
            // A quote opens a value only behind its sign.
            (None, '"' | '\'') if tag.get(..at).is_some_and(|before| before.trim_end().ends_with('=')) => {
                quote = Some(sign);
            }
            (Some(open), _) if open == sign => quote = None,
            _ => {}
        }
    }
    None
}

/// The value of an attribute.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes;
    loop {
        rest = rest.trim_start_matches(|sign: char| sign.is_whitespace() || sign == '/');
        if rest.is_empty() {
            return None;
        }
        let length = rest.find(|sign: char| sign.is_whitespace() || "=/".contains(sign)).unwrap_or(rest.len()).max(1);
        let (found, after) = rest.split_at_checked(length)?;
        let Some(value) = after.trim_start().strip_prefix('=') else {
            rest = after;
            continue;
        };
        let value = value.trim_start();
        let quoted = value.strip_prefix('"').map(|inner| (inner, '"'));
        let (value, after) = match quoted.or_else(|| value.strip_prefix('\'').map(|inner| (inner, '\''))) {
            Some((inner, quote)) => inner.split_once(quote).unwrap_or((inner, "")),
            None => value.split_at_checked(value.find(char::is_whitespace).unwrap_or(value.len()))?,
        };
        if found.eq_ignore_ascii_case(name) {
            return Some(entity::decoded(value));
        }
        rest = after;
    }
}

/// An address that may be led to; a browser takes blanks and control characters out of it too.
fn address(href: &str) -> Option<Arc<str>> {
    let clean: String = href.chars().filter(|sign| !sign.is_whitespace() && !sign.is_control()).collect();
    let host = clean.split(['/', '?', '#', '\\']).nth(2).unwrap_or_default();
    // What stands before an @ looks like a host and is none.
    (is_link(&clean) && !host.is_empty() && !host.contains('@')).then(|| clean.into())
}

/// What is open.
enum Kind {
    Root,
    Strong,
    Emphasis,
    Link(Arc<str>),
    List(Order),
    Item,
}

struct Frame {
    kind: Kind,
    pieces: Vec<Piece>,
    words: String,
    items: Vec<Prose>,
}

impl Frame {
    const fn of(kind: Kind) -> Self {
        Self { kind, pieces: Vec::new(), words: String::new(), items: Vec::new() }
    }

    fn push(&mut self, piece: Piece) {
        self.settle();
        self.pieces.push(piece);
    }

    /// Words that were said so far become a piece.
    fn settle(&mut self) {
        if !self.words.is_empty() {
            self.pieces.push(Piece::Text(std::mem::take(&mut self.words).into()));
        }
    }

    fn into_prose(mut self) -> (Prose, Kind) {
        self.settle();
        // A line that was ended for something without words.
        while let (Kind::Root | Kind::Item, Some(Piece::Break)) = (&self.kind, self.pieces.last()) {
            self.pieces.pop();
        }
        (self.pieces.into_iter().collect(), self.kind)
    }
}

/// Words as they are laid out: where a line begins, and what stands open.
struct Page {
    frames: Vec<Frame>,
    /// Something stands on this page, or in this item.
    has_begun: bool,
    /// Nothing stands on this line yet.
    is_fresh: bool,
    /// A blank is to come before the next words.
    is_spaced: bool,
    /// So many lines end before the next words.
    lines: usize,
}

impl Default for Page {
    fn default() -> Self {
        let frames = vec![Frame::of(Kind::Root)];
        Self { frames, has_begun: false, is_fresh: true, is_spaced: false, lines: 0 }
    }
}

impl Page {
    fn say(&mut self, words: &str) {
        for sign in words.chars() {
            if sign.is_ascii_whitespace() {
                self.is_spaced |= !self.is_fresh;
            } else if !sign.is_control() {
                self.put(sign);
            }
        }
    }

    fn put(&mut self, sign: char) {
        self.enter_item();
        self.settle_gap();
        self.has_begun = true;
        self.is_fresh = false;
        if let Some(frame) = self.frames.last_mut() {
            frame.words.push(sign);
        }
    }

    /// What parts the next words from those before stands outside of what they stand in.
    fn settle_gap(&mut self) {
        let (lines, is_spaced) = (std::mem::take(&mut self.lines), std::mem::take(&mut self.is_spaced));
        let Some(frame) = self.frames.last_mut().filter(|_| self.has_begun) else { return };
        if lines > 0 {
            (0..lines.min(MOST_LINES)).for_each(|_| frame.push(Piece::Break));
        } else if is_spaced {
            frame.words.push(' ');
        }
    }

    /// Words of a list stand in one of its items.
    fn enter_item(&mut self) {
        if self.frames.last().is_some_and(|frame| matches!(frame.kind, Kind::List(_))) {
            self.frames.push(Frame::of(Kind::Item));
        }
    }

    fn open(&mut self, name: &str, attributes: &str) {
        match name {
            "br" => self.end_line(),
            "img" => {
                let alternative = attribute(attributes, "alt").unwrap_or_default();
                self.say(&alternative);
            }
            "td" | "th" => self.is_spaced |= !self.is_fresh,
            "b" | "strong" => self.push(Kind::Strong),
            "i" | "em" => self.push(Kind::Emphasis),
            "a" => {
                // A link ends where the next begins.
                self.pop_to(|kind| matches!(kind, Kind::Link(_)), |kind| matches!(kind, Kind::Item | Kind::List(_)));
                if let Some(address) = attribute(attributes, "href").as_deref().and_then(address) {
                    self.push(Kind::Link(address));
                }
            }
            "ul" => self.open_list(Order::Loose),
            "ol" => self.open_list(Order::Counted),
            "li" => {
                self.pop_to(|kind| matches!(kind, Kind::Item), |kind| matches!(kind, Kind::List(_)));
                if self.frames.last().is_some_and(|frame| matches!(frame.kind, Kind::List(_))) {
                    self.frames.push(Frame::of(Kind::Item));
                    self.begin_page();
                } else {
                    self.end_block();
                }
            }
            block if BLOCKS.contains(&block) => self.end_block(),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        let is_wall = |kind: &Kind| matches!(kind, Kind::Item | Kind::List(_));
        match name {
            "b" | "strong" => self.pop_to(|kind| matches!(kind, Kind::Strong), is_wall),
            "i" | "em" => self.pop_to(|kind| matches!(kind, Kind::Emphasis), is_wall),
            "a" => self.pop_to(|kind| matches!(kind, Kind::Link(_)), is_wall),
            "ul" | "ol" => self.pop_to(|kind| matches!(kind, Kind::List(_)), |_| false),
            "li" => self.pop_to(|kind| matches!(kind, Kind::Item), |kind| matches!(kind, Kind::List(_))),
            block if BLOCKS.contains(&block) => self.end_block(),
            _ => {}
        }
    }

    fn open_list(&mut self, order: Order) {
        // What is too deep becomes lines. A list stands in an item, and has items.
        if self.frames.len() + 3 > DEEPEST {
            return self.end_block();
        }
        self.enter_item();
        self.frames.push(Frame::of(Kind::List(order)));
        self.begin_page();
    }

    fn push(&mut self, kind: Kind) {
        if self.frames.len() + 2 <= DEEPEST {
            self.enter_item();
            self.settle_gap();
            self.frames.push(Frame::of(kind));
        }
    }

    /// Closes everything down to the innermost that is meant, unless a wall stands before it.
    fn pop_to(&mut self, is_meant: impl Fn(&Kind) -> bool, is_wall: impl Fn(&Kind) -> bool) {
        let stop = self.frames.iter().rposition(|frame| is_meant(&frame.kind) || is_wall(&frame.kind));
        let Some(stop) = stop.filter(|stop| self.frames.get(*stop).is_some_and(|frame| is_meant(&frame.kind))) else {
            return;
        };
        while self.frames.len() > stop.max(1) {
            self.pop();
        }
    }

    /// Closes the innermost that is open. What has no words leaves no trace.
    fn pop(&mut self) {
        let Some(mut frame) = self.frames.pop() else { return };
        let items = std::mem::take(&mut frame.items);
        let (words, kind) = frame.into_prose();
        let Some(outer) = self.frames.last_mut() else { return };
        match kind {
            Kind::Item => {
                if !words.0.is_empty() {
                    outer.items.push(words);
                }
                self.begin_page();
            }
            Kind::List(order) => {
                self.is_spaced = false;
                self.is_fresh = true;
                if items.is_empty() {
                    self.has_begun = self.is_written();
                    self.lines = 1;
                } else {
                    outer.push(Piece::List { order, items });
                    self.has_begun = true;
                    self.lines = 0;
                }
            }
            Kind::Strong if !words.0.is_empty() => outer.push(Piece::Strong(words)),
            Kind::Emphasis if !words.0.is_empty() => outer.push(Piece::Emphasis(words)),
            Kind::Link(href) if !words.0.is_empty() => outer.push(Piece::Link { href, words }),
            Kind::Strong | Kind::Emphasis | Kind::Link(_) | Kind::Root => {}
        }
    }

    /// The next words stand on a line of their own.
    const fn end_block(&mut self) {
        if !self.is_fresh {
            self.end_line();
        }
    }

    const fn end_line(&mut self) {
        self.lines += 1;
        self.is_fresh = true;
        self.is_spaced = false;
    }

    /// Nothing stands where the next words will.
    const fn begin_page(&mut self) {
        self.has_begun = false;
        self.is_fresh = true;
        self.is_spaced = false;
        self.lines = 0;
    }

    /// Whether something stands on this page, or in this item.
    fn is_written(&self) -> bool {
        let inside = self.frames.iter().rev();
        let own = inside.scan(false, |is_past, frame| {
            let is_own = !*is_past;
            *is_past |= matches!(frame.kind, Kind::Item);
            is_own.then_some(frame)
        });
        own.into_iter().any(|frame| !frame.pieces.is_empty() || !frame.words.is_empty())
    }

    fn finish(mut self) -> Prose {
        while self.frames.len() > 1 {
            self.pop();
        }
        self.frames.pop().map(|root| root.into_prose().0).unwrap_or_default()
    }
}

/// Elements that hold no words for a reader.
const SILENT: [&str; 12] = [
    "script",
    "style",
    "iframe",
    "noscript",
    "template",
    "textarea",
    "title",
    "noembed",
    "noframes",
    "xmp",
    "plaintext",
    "select",
];
/// Elements whose words stand on lines of their own.
const BLOCKS: [&str; 25] = [
    "p",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "blockquote",
    "pre",
    "table",
    "tr",
    "section",
    "article",
    "header",
    "footer",
    "address",
    "dl",
    "dt",
    "dd",
    "form",
    "fieldset",
    "figure",
    "center",
];
/// Deeper than anybody writes, and far from where stored words would not be read again.
const DEEPEST: usize = 16;
/// More than anybody reads.
const MOST_SIGNS: usize = 100_000;
/// An empty line parts; more of them only push away.
const MOST_LINES: usize = 2;

#[cfg(test)]
mod tests;
