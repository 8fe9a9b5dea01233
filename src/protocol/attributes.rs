//! What the page says about a backend, name by name, before an adapter makes a configuration of it.

/// The attributes of the element, read by their names.
#[derive(Clone, Copy)]
pub(super) struct Attributes<'a>(pub(super) &'a dyn Fn(&str) -> Option<String>);

/// What is wrong with the attributes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A required attribute is not there, or blank.
    #[error("the attribute {0} is missing")]
    Missing(&'static str),
    /// An attribute has a value that cannot be meant.
    #[error("the attribute {0} has a value that is not understood")]
    Invalid(&'static str),
}

impl Attributes<'_> {
    /// The value of this attribute, where there is one that is not blank.
    pub(super) fn given(self, name: &'static str) -> Option<String> {
        (self.0)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// Whether an attribute says `on`; without it, or with `off`, it is off.
    pub(super) fn is_on(self, name: &'static str) -> Result<bool, ConfigError> {
        match self.given(name).as_deref() {
            None | Some("off") => Ok(false),
            Some("on") => Ok(true),
            Some(_) => Err(ConfigError::Invalid(name)),
        }
    }

    /// The value of an attribute that has to be there.
    pub(super) fn required(self, name: &'static str) -> Result<String, ConfigError> {
        self.given(name).ok_or(ConfigError::Missing(name))
    }
}
