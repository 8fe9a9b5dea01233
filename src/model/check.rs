//! What a line of text in a form must look like, as far as that can be said without asking a server.

use super::form::Problem;
use super::keep::keep_words;

/// What a line of text must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Anything.
    Any,
    /// A number.
    Number,
    /// An e-mail address.
    Email,
}

impl Check {
    /// What is wrong with a text that is not empty.
    pub(super) fn problem(self, text: &str) -> Option<Problem> {
        match self {
            Self::Any => None,
            Self::Number => (!is_number(text)).then_some(Problem::NotANumber),
            Self::Email => (!is_email(text)).then_some(Problem::NotAnEmail),
        }
    }
}

/// Digits, with a sign and a fraction at the most.
fn is_number(text: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    unsigned
        .split_once(['.', ','])
        .map_or_else(|| is_digits(unsigned), |(whole, fraction)| is_digits(whole) && is_digits(fraction))
}

/// As much as can be said without asking a server: somebody, somewhere on the net.
fn is_email(text: &str) -> bool {
    let Some((who, host)) = text.rsplit_once('@') else { return false };
    let has_dot = host.split_once('.').is_some_and(|(name, rest)| !name.is_empty() && !rest.is_empty());
    !who.is_empty() && has_dot && !host.ends_with('.') && !host.contains("..") && !text.contains(char::is_whitespace)
}

keep_words!(Check { Any => "any", Number => "number", Email => "email" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_a_number_or_an_address_passes_as_one() {
        for text in ["0", "42", "-1", "+49", "3.5", "3,5"] {
            assert_eq!(Check::Number.problem(text), None, "{text}");
        }
        for text in ["x", "4x", "1.2.3", "+", "-", ".5", "5.", "1e3", "٣"] {
            assert_eq!(Check::Number.problem(text), Some(Problem::NotANumber), "{text}");
        }
        for text in ["a@b.example", "a.b+c@d.e.example", "ü@ä.example", "\"a@b\"@c.example"] {
            assert_eq!(Check::Email.problem(text), None, "{text}");
        }
        for text in ["a", "a@", "@b.example", "a@b", "a b@c.example", "a@.example", "a@b.", "a@b..c"] {
            assert_eq!(Check::Email.problem(text), Some(Problem::NotAnEmail), "{text}");
        }
        assert_eq!(Check::Any.problem("x"), None);
    }
}
