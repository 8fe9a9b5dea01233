//! Finds web addresses in plain text. Nothing but `http` and `https` is ever a link.

/// A stretch of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Plain words.
    Words(&'a str),
    /// An address that begins with `http://` or `https://`.
    Link(&'a str),
}

/// Cuts a text into words and addresses. Put together again, the pieces are the text.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, address, after)) = next_address(rest) {
        if !before.is_empty() {
            pieces.push(Piece::Words(before));
        }
        pieces.push(Piece::Link(address));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest));
    }
    pieces
}

fn next_address(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(found) = text.get(from..)?.find("://") {
        let colon = from + found;
        from = colon + 3;
        let (head, tail) = (text.get(..colon)?, text.get(from..)?);
        let Some(scheme) = ["https", "http"].into_iter().find(|scheme| ends_with_word(head, scheme)) else {
            continue;
        };
        let length = address_length(tail);
        if length > 0 {
            let start = colon - scheme.len();
            return Some((text.get(..start)?, text.get(start..from + length)?, text.get(from + length..)?));
        }
    }
    None
}

/// Whether `head` ends with `word`, in any case, and no letter stands right before it.
fn ends_with_word(head: &str, word: &str) -> bool {
    let Some(start) = head.len().checked_sub(word.len()) else { return false };
    let (Some(before), Some(end)) = (head.get(..start), head.get(start..)) else { return false };
    end.eq_ignore_ascii_case(word) && !before.ends_with(|c: char| c.is_ascii_alphanumeric() || !c.is_ascii())
}

/// How many bytes after `://` belong to the address: up to a blank, without the sentence's own punctuation.
fn address_length(tail: &str) -> usize {
    let end = tail.find(|c: char| c.is_whitespace() || c.is_control() || "<>\"`".contains(c)).unwrap_or(tail.len());
    let mut address = tail.get(..end).unwrap_or_default();
    while let Some(last) = address.chars().next_back() {
        let closes = |open: char| address.matches(last).count() > address.matches(open).count();
        let is_sentence = match last {
            ')' => closes('('),
            ']' => closes('['),
            _ => ".,;:!?'’”»…*_".contains(last),
        };
        if !is_sentence {
            break;
        }
        address = address.get(..address.len() - last.len_utf8()).unwrap_or_default();
    }
    address.len()
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

    use super::Piece::{Link, Words};
    use super::*;

    wasm_bindgen_test_configure!(run_in_browser);

    #[wasm_bindgen_test]
    fn address_in_a_sentence_leaves_its_punctuation_behind() {
        assert_eq!(
            pieces("See https://a.example/b_(c), or (http://d.example)."),
            [Words("See "), Link("https://a.example/b_(c)"), Words(", or ("), Link("http://d.example"), Words(")."),]
        );
    }

    #[wasm_bindgen_test]
    fn nothing_but_http_is_a_link() {
        for text in ["javascript://x", "data://x", "xhttp://a", "https://", "ftp://a.example", "http:/a", "://"] {
            assert_eq!(pieces(text), [Words(text)]);
        }
    }

    #[wasm_bindgen_test]
    fn pieces_make_up_the_text() {
        let text = "ü:// HTTPS://Ä.example/ü?x=<b>&y http://1\u{301}.example…";
        let whole: String = pieces(text).iter().map(|(Words(part) | Link(part))| *part).collect();
        assert_eq!(whole, text);
    }
}
