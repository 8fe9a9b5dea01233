//! Words that must not be seen: read from a file or the environment, never shown, compared in constant time.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use subtle::ConstantTimeEq;

/// A secret word.
#[derive(Clone)]
pub struct Secret(Arc<str>);

/// Where a secret word comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// The content of a file.
    File(PathBuf),
    /// A variable of the environment.
    Variable(String),
    /// It was given by whoever started this, within this program.
    Given(Secret),
}

/// A secret word that may be replaced where it comes from.
#[derive(Debug)]
pub struct Renewable {
    source: Source,
    current: Mutex<Secret>,
}

impl Secret {
    /// A word; blanks around it do not belong to it.
    pub fn new(word: &str) -> Self {
        Self(word.trim().into())
    }

    /// The word, for whoever has to say it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether another word is the same, in a time that tells nothing of where they differ. No word is like an empty one.
    pub fn is(&self, other: &[u8]) -> bool {
        !self.0.is_empty() && bool::from(self.0.as_bytes().ct_eq(other))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

impl Source {
    /// Either a file or a variable.
    pub fn of(file: Option<&PathBuf>, variable: Option<&String>) -> Option<Self> {
        file.map(|file| Self::File(file.clone())).or_else(|| variable.map(|name| Self::Variable(name.clone())))
    }

    /// Reads the word.
    ///
    /// # Errors
    /// Says what is missing, without the word.
    pub fn read(&self) -> Result<Secret, String> {
        let secret = match self {
            Self::File(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
                Secret::new(&text)
            }
            Self::Variable(name) => {
                Secret::new(&std::env::var(name).map_err(|_| format!("the variable {name} is not set"))?)
            }
            Self::Given(secret) => secret.clone(),
        };
        // What stands in a header has no breaks in it.
        let is_sayable = secret.reveal().bytes().all(|byte| (0x20..0x7f).contains(&byte));
        if secret.reveal().is_empty() || !is_sayable {
            return Err(format!("{self:?}: it is empty, or has letters that cannot be said"));
        }
        Ok(secret)
    }
}

impl Renewable {
    /// Reads a word for the first time.
    ///
    /// # Errors
    /// Says what is missing, without the word.
    pub fn read(source: Source) -> Result<Self, String> {
        let current = Mutex::new(source.read()?);
        Ok(Self { source, current })
    }

    /// The word as it is now.
    pub fn current(&self) -> Secret {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads it again, because this one is not good any more. Whether there is another one.
    pub fn renew(&self, worn: &Secret) -> bool {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.reveal() != worn.reveal() {
            return true;
        }
        match self.source.read() {
            Ok(fresh) if fresh.reveal() != worn.reveal() => {
                *current = fresh;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::new("8A:top\n");
        assert_eq!(format!("{secret:?} {:?}", Source::Given(secret.clone())), "Secret(…) Given(Secret(…))");
    }

    #[test]
    fn nothing_is_like_an_empty_word() {
        assert!(Secret::new("a").is(b"a"));
        assert!(!Secret::new("a").is(b"ab"));
        assert!(!Secret::new("").is(b""));
    }

    #[test]
    fn a_word_is_renewed_where_it_comes_from() {
        let path = std::env::temp_dir().join(format!("holdfast-secret-{}", std::process::id()));
        std::fs::write(&path, "one\n").expect("a file");
        let renewable = Renewable::read(Source::File(path.clone())).expect("a word");
        let worn = renewable.current();
        assert!(!renewable.renew(&worn));
        std::fs::write(&path, "two\n").expect("a file");
        assert!(renewable.renew(&worn));
        assert_eq!(renewable.current().reveal(), "two");
        std::fs::write(&path, "\n").expect("a file");
        assert!(!renewable.renew(&renewable.current()));
        let _gone = std::fs::remove_file(path);
    }
}
