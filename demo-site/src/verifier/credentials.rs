//! The client id that the verifier's operator gave this merchant, and its secret where it has one.

use std::{fmt, os::unix::fs::PermissionsExt, path::Path};

use serde::Deserialize;
use zeroize::Zeroizing;

/// Who this backend is to the verifier. Never sent to a browser, never logged.
#[derive(Debug, Deserialize)]
pub struct Credentials {
    /// Public half.
    pub client_id: String,
    /// Secret half; none where a certificate stands in its place.
    pub client_secret: Option<ClientSecret>,
}

/// A secret without `Display` or `Clone`, wiped when dropped.
#[derive(Deserialize)]
#[serde(from = "String")]
pub struct ClientSecret(Zeroizing<String>);

/// Credentials that cannot be used, in one line that says what to do.
#[derive(Debug)]
pub struct CredentialsError(String);

impl Credentials {
    /// Reads what `verifier merchants add --json` printed.
    ///
    /// # Errors
    /// When the file cannot be read, lacks a member, or others than its owner may read it.
    pub fn from_file(path: &Path) -> Result<Self, CredentialsError> {
        let refused = |reason: &dyn fmt::Display| {
            CredentialsError(format!("credentials {}: {reason}", path.display()))
        };
        let text = std::fs::read_to_string(path).map_err(|error| refused(&error))?;
        let text = Zeroizing::new(text);
        if is_open_to_others(path).map_err(|error| refused(&error))? {
            return Err(refused(&"others may read this file; run chmod 600 on it"));
        }
        // The parser's message may quote the text, and the text holds the secret.
        serde_json::from_str(&text)
            .map_err(|_| refused(&"not the output of `verifier merchants add --json`"))
    }

    /// Both halves, as the environment or a test has them.
    pub fn new(client_id: String, client_secret: String) -> Self {
        Self {
            client_id,
            client_secret: Some(client_secret.into()),
        }
    }
}

impl From<String> for ClientSecret {
    fn from(secret: String) -> Self {
        Self(Zeroizing::new(secret))
    }
}

impl ClientSecret {
    // EXPOSE: to the Authorization header of requests to the verifier, and nowhere else.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

fn is_open_to_others(path: &Path) -> std::io::Result<bool> {
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(redacted)")
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CredentialsError {}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn file_with(text: &str, mode: u32) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    const GOOD: &str = r#"{"merchant_id":"m_1","client_id":"c_1","client_secret":"hush-hush"}"#;

    #[test]
    fn a_private_file_is_read_and_the_secret_never_shown() {
        let credentials = Credentials::from_file(file_with(GOOD, 0o600).path()).unwrap();
        assert_eq!(credentials.client_id, "c_1");
        assert_eq!(
            credentials.client_secret.as_ref().unwrap().expose(),
            "hush-hush"
        );
        assert!(!format!("{credentials:?}").contains("hush"));
    }

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        for mode in [0o644, 0o640, 0o604] {
            let error = Credentials::from_file(file_with(GOOD, mode).path()).unwrap_err();
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
    }

    #[test]
    fn a_broken_file_is_refused_without_quoting_it() {
        let broken = GOOD.replace("client_id", "client").replace('}', ",");
        let error = Credentials::from_file(file_with(&broken, 0o600).path()).unwrap_err();
        assert!(!error.to_string().contains("hush"), "{error}");
        assert!(Credentials::from_file(Path::new("/nonexistent")).is_err());
    }
}
