//! JSON as data: read, looked into, built and written.
//!
//! Written by hand, because a library that reads into any type, and reads fractions exactly, weighs as much as a whole
//! protocol. Numbers stay texts: nothing here counts with them.

use std::sync::Arc;

/// Any JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// A text.
    String(String),
    /// A list.
    Array(Vec<Self>),
    /// Named values, in order. Where a name comes twice, the last one counts.
    Object(Vec<(String, Self)>),
}

impl Value {
    /// Reads a text that is JSON and nothing else. Half of a surrogate pair becomes the sign for what cannot be shown.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(DEEPEST)?;
        reader.skip_blanks();
        (reader.at == text.len()).then_some(value)
    }

    /// The field of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        fields.iter().rfind(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The flag, if it is one.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(flag) = self { Some(*flag) } else { None }
    }

    /// The number, if it is one that is whole and not negative.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        if let Self::Number(text) = self { text.parse().ok() } else { None }
    }

    /// The list, if it is one.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, to: &mut String) {
        match self {
            Self::Null => to.push_str("null"),
            Self::Bool(true) => to.push_str("true"),
            Self::Bool(false) => to.push_str("false"),
            Self::Number(text) => to.push_str(text),
            Self::String(text) => write_string(to, text),
            Self::Array(items) => {
                let mut sign = '[';
                for item in items {
                    to.push(sign);
                    item.write(to);
                    sign = ',';
                }
                to.push_str(if items.is_empty() { "[]" } else { "]" });
            }
            Self::Object(fields) => {
                let mut sign = '{';
                for (name, value) in fields {
                    to.push(sign);
                    write_string(to, name);
                    to.push(':');
                    value.write(to);
                    sign = ',';
                }
                to.push_str(if fields.is_empty() { "{}" } else { "}" });
            }
        }
    }
}

fn write_string(to: &mut String, text: &str) {
    to.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => to.extend(['\\', letter]),
            '\n' => to.push_str("\\n"),
            '\0'..' ' => {
                to.push_str("\\u00");
                to.extend([4, 0].map(|shift| char::from_digit((u32::from(letter) >> shift) & 15, 16).unwrap_or('0')));
            }
            _ => to.push(letter),
        }
    }
    to.push('"');
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes past this byte if it stands here.
    fn take(&mut self, byte: u8) -> bool {
        let is_here = self.peek() == Some(byte);
        self.at += usize::from(is_here);
        is_here
    }

    /// Goes past all bytes like this, and returns them.
    fn take_while(&mut self, is_meant: fn(&u8) -> bool) -> &'a str {
        let start = self.at;
        while self.peek().as_ref().is_some_and(is_meant) {
            self.at += 1;
        }
        // Nothing is stopped at but bytes that are signs by themselves.
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        self.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }

    fn value(&mut self, deepest: usize) -> Option<Value> {
        let deeper = deepest.checked_sub(1)?;
        self.skip_blanks();
        match self.peek()? {
            b'{' => {
                let mut fields = Vec::new();
                self.list(b'}', |reader| {
                    reader.skip_blanks();
                    let name = reader.string()?;
                    reader.skip_blanks();
                    let value = if reader.take(b':') { reader.value(deeper)? } else { return None };
                    fields.push((name, value));
                    Some(())
                })?;
                Some(Value::Object(fields))
            }
            b'[' => {
                let mut items = Vec::new();
                self.list(b']', |reader| {
                    items.push(reader.value(deeper)?);
                    Some(())
                })?;
                Some(Value::Array(items))
            }
            b'"' => self.string().map(Value::String),
            _ => {
                let word = self.take_while(|byte| matches!(byte, b'+' | b'-' | b'.') || byte.is_ascii_alphanumeric());
                match word {
                    "null" => Some(Value::Null),
                    "true" => Some(Value::Bool(true)),
                    "false" => Some(Value::Bool(false)),
                    number => is_number(number).then(|| Value::Number(number.to_owned())),
                }
            }
        }
    }

    /// What stands between an opening bracket and its end, parted by commas.
    fn list(&mut self, end: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.at += 1;
        self.skip_blanks();
        if self.take(end) {
            return Some(());
        }
        loop {
            item(self)?;
            self.skip_blanks();
            if self.take(end) {
                return Some(());
            }
            if !self.take(b',') {
                return None;
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        if !self.take(b'"') {
            return None;
        }
        let mut text = String::new();
        loop {
            text.push_str(self.take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..b' ')));
            if self.take(b'"') {
                return Some(text);
            }
            // A sign that may not stand there, or the end.
            if !self.take(b'\\') {
                return None;
            }
            let sign = self.peek()?;
            self.at += 1;
            text.push(match sign {
                b'"' | b'\\' | b'/' => char::from(sign),
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => self.unicode()?,
                _ => return None,
            });
        }
    }

    fn unicode(&mut self) -> Option<char> {
        let first = self.hexadecimal()?;
        let mut code = first;
        if let 0xd800..0xdc00 = first
            && self.text.get(self.at..).is_some_and(|rest| rest.starts_with("\\u"))
        {
            let after_first = self.at;
            self.at += 2;
            let second = self.hexadecimal()?;
            if let 0xdc00..0xe000 = second {
                code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            } else {
                self.at = after_first;
            }
        }
        Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hexadecimal(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        let value = |sum: u32, digit: char| Some((sum << 4) | digit.to_digit(16)?);
        digits.chars().try_fold(0, value)
    }
}

/// Whether this is a number as JSON writes it.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && is_digits(fraction)
        && is_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::String(text.clone())
    }
}

impl From<&Arc<str>> for Value {
    fn from(text: &Arc<str>) -> Self {
        Self::from(&**text)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<Vec<Self>> for Value {
    fn from(items: Vec<Self>) -> Self {
        Self::Array(items)
    }
}

impl From<&Vec<String>> for Value {
    fn from(texts: &Vec<String>) -> Self {
        Self::Array(texts.iter().map(Self::from).collect())
    }
}

/// An object of these fields.
macro_rules! object {
    ($($name:literal: $value:expr),* $(,)?) => {
        $crate::model::json::Value::Object(vec![$(($name.to_owned(), $crate::model::json::Value::from($value))),*])
    };
}

pub(crate) use object;

/// Deeper than anything that makes sense, and far from the end of the stack.
const DEEPEST: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_as_it_was() {
        for text in [
            "null",
            "true",
            "false",
            "0",
            "-0",
            "7",
            "-7.50e+3",
            "0.5E-1",
            "18446744073709551616",
            "\"\"",
            "[]",
            "{}",
            "[[],{}]",
            "[1,[2,[3]]]",
            r#"{"b":1,"a":[true,null],"c":{"d":"e"}}"#,
            r#""\n\"\\\u0001 é 😀""#,
        ] {
            assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
            assert_eq!(Value::parse(text).map(|value| value.text()).as_deref(), Some(text));
        }
    }

    #[test]
    fn blanks_may_stand_between_and_around() {
        let value = Value::parse(" \t\n\r{ \"a\" : [ 1 , 2 ] , \"b\" : { } } ").expect("it is JSON");
        assert_eq!(value.text(), r#"{"a":[1,2],"b":{}}"#);
    }

    #[test]
    fn what_is_not_json_is_not_read() {
        for text in [
            "",
            " ",
            "nul",
            "nulls",
            "truee",
            "[",
            "]",
            "[1",
            "[1,",
            "[1,]",
            "[,]",
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\" 1}",
            "1 2",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "1e+",
            "+1",
            "--1",
            "0x1",
            "NaN",
            "\"",
            "\"\\",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\u12g4\"",
            "\"\\u+123\"",
            "\"a\nb\"",
            "\"a\u{1}\"",
            "'a'",
            "[1]]",
            "\u{feff}1",
        ] {
            assert_eq!(Value::parse(text), None, "{text}");
            assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn signs_are_escaped_and_come_back() {
        let all: String = (0..0x300).filter_map(char::from_u32).chain("😀\u{2028}\u{ffff}".chars()).collect();
        let text = Value::from(&all).text();

        assert_eq!(Value::parse(&text), Some(Value::from(&all)));
        assert_eq!(serde_json::from_str::<String>(&text).ok(), Some(all));
    }

    #[test]
    fn escapes_are_understood() {
        let value = Value::parse(r#""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00""#);
        assert_eq!(value, Some(Value::from("\"\\/\u{8}\u{c}\n\r\té😀")));
    }

    #[test]
    fn half_a_pair_of_surrogates_spoils_nothing_but_itself() {
        for (written, read) in [
            (r#""a\ud83d""#, "a\u{fffd}"),
            (r#""\ud83dz""#, "\u{fffd}z"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
            (r#""\ude00\ud83d\ude00""#, "\u{fffd}😀"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
        ] {
            assert_eq!(Value::parse(written), Some(Value::from(read)), "{written}");
        }
    }

    #[test]
    fn what_is_too_deep_is_not_read() {
        let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        assert!(Value::parse(&nested(DEEPEST)).is_some());
        assert_eq!(Value::parse(&nested(DEEPEST + 1)), None);
        assert_eq!(Value::parse(&"[{\"a\":".repeat(100_000)), None);
    }

    #[test]
    fn of_two_fields_with_one_name_the_last_one_counts() {
        let value = Value::parse(r#"{"a":1,"b":2,"a":3}"#).expect("it is JSON");
        assert_eq!(value.get("a").and_then(Value::as_u64), Some(3));
    }
}
