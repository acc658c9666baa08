//! What is wrong with a model or with its data.

/// One sentence that says what cannot be used, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ModelError(String);

impl ModelError {
    /// Of a sentence without its full stop.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// The same, in something.
    #[must_use]
    pub fn within(self, place: &str) -> Self {
        Self(format!("{place}: {}", self.0))
    }
}

impl std::fmt::Display for ModelError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ModelError {}

pub(crate) fn refuse<T>(message: impl Into<String>) -> Result<T, ModelError> {
    Err(ModelError::new(message))
}
