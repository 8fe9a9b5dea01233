//! Signs that markup writes as names or numbers.

/// `text` with its entities as the signs they mean. What is none stays as it is.
pub(super) fn decoded(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        match entity(after) {
            Some((sign, behind)) => {
                decoded.push(sign);
                rest = behind;
            }
            None => {
                decoded.push('&');
                rest = after;
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

/// The sign at the beginning, behind its `&`, and what follows.
fn entity(text: &str) -> Option<(char, &str)> {
    let end = text.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let name = text.get(..end)?;
    let sign = match name.strip_prefix('#') {
        Some(digits) => numbered(digits)?,
        None => NAMED.iter().find(|(known, _)| *known == name).map(|(_, sign)| *sign)?,
    };
    Some((sign, text.get(end + 1..)?))
}

fn numbered(digits: &str) -> Option<char> {
    let (digits, radix) = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (digits, 10),
    };
    let is_number = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    let code = u32::from_str_radix(digits, radix).ok().filter(|code| *code != 0);
    is_number.then(|| code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// Longer than any name or number below, with what ends it.
const LONGEST: usize = 12;

/// Those that editors write.
const NAMED: [(&str, char); 46] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("euro", '€'),
    ("pound", '£'),
    ("yen", '¥'),
    ("cent", '¢'),
    ("sect", '§'),
    ("para", '¶'),
    ("deg", '°'),
    ("hellip", '…'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("bull", '•'),
    ("middot", '·'),
    ("times", '×'),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("Auml", 'Ä'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("szlig", 'ß'),
    ("agrave", 'à'),
    ("aacute", 'á'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("ecirc", 'ê'),
    ("ccedil", 'ç'),
    ("ntilde", 'ñ'),
    ("oslash", 'ø'),
    ("aring", 'å'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_become_the_signs_they_mean() {
        for (written, read) in [
            ("a &amp; b", "a & b"),
            ("&lt;b&gt;", "<b>"),
            ("&quot;&apos;&#39;&#x27;&#X27;", "\"''''"),
            ("&nbsp;", "\u{a0}"),
            ("&#128512;&#x1F600;", "😀😀"),
            ("&auml;&Auml;", "äÄ"),
            ("&amp;amp;", "&amp;"),
        ] {
            assert_eq!(decoded(written), read, "{written}");
        }
    }

    #[test]
    fn what_means_nothing_stays_as_it_is() {
        for text in ["&", "&;", "&#;", "&#x;", "&#xg;", "&#+1;", "&amp", "&nothing;", "a&b=c;", "&éé;", "&&&", "& amp;"]
        {
            assert_eq!(decoded(text), text);
        }
    }

    #[test]
    fn a_number_that_is_no_sign_becomes_the_sign_for_that() {
        for text in ["&#0;", "&#xD800;", "&#x110000;", "&#999999999;"] {
            assert_eq!(decoded(text), "\u{fffd}", "{text}");
        }
    }
}
