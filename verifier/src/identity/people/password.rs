//! Passwords, kept as argon2id (RFC 9106).

use crate::{identity::argon2id::Cost, rng::Rng, store::StoreError};

/// Fewest characters.
const LEAST: usize = 12;
/// Most bytes: longer ones would only cost time.
const MOST: usize = 1024;
/// Fewest characters of a name that must not be in a password: a letter or two are in most.
const LEAST_NAME: usize = 4;
/// OWASP's recommendation: 19 MiB, two passes, one lane.
const COST: Cost = Cost {
    memory_kib: 19 * 1024,
    passes: 2,
};

/// A password that is not taken, in one line that says what to do.
#[derive(Debug)]
pub enum PasswordError {
    /// The generator failed, or there is no memory.
    Failed,
    /// Fewer than twelve characters, more than 1,024 bytes, or with the person's name in it.
    Unfit,
}

impl std::fmt::Display for PasswordError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Failed => f.write_str("the password could not be hashed"),
            Self::Unfit => write!(
                f,
                "a password has {LEAST} characters at least, {MOST} bytes at most, and not the person's name in it"
            ),
        }
    }
}

impl std::error::Error for PasswordError {}

/// The PHC string of a password that is fit for the person of that name.
///
/// # Errors
/// [`PasswordError`].
pub fn hash_password(password: &str, name: &str, rng: &dyn Rng) -> Result<String, PasswordError> {
    let is_looked_for = name.chars().count() >= LEAST_NAME;
    let has_name = is_looked_for && password.to_lowercase().contains(&name.to_lowercase());
    if password.chars().count() < LEAST || password.len() > MOST || has_name {
        return Err(PasswordError::Unfit);
    }
    COST.hash(password, rng).map_err(|_| PasswordError::Failed)
}

/// Whether it is the password. Without a hash it takes as long, and is none. Blocks for some 30 ms.
pub(super) fn is_password(password: &str, hash: Option<&str>) -> Result<bool, StoreError> {
    let kept = hash.filter(|_| password.len() <= MOST);
    let given = if kept.is_some() { password } else { "" };
    let checked = COST.is(given, kept);
    checked.map_err(|_| StoreError::Damaged("user_account"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SystemRng;

    #[test]
    fn only_the_password_opens_its_hash_and_each_hash_has_a_salt_of_its_own() {
        let rng = SystemRng::default();
        let hash = hash_password("correct horse battery", "ann", &rng).unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert_ne!(
            hash,
            hash_password("correct horse battery", "ann", &rng).unwrap()
        );
        assert!(is_password("correct horse battery", Some(&hash)).unwrap());
        for wrong in ["", "correct horse batter", "Correct horse battery"] {
            assert!(!is_password(wrong, Some(&hash)).unwrap(), "{wrong}");
        }
        assert!(!is_password("correct horse battery", None).unwrap());
        assert!(is_password("correct horse battery", Some("x")).is_err());
    }

    #[test]
    fn short_passwords_and_those_with_the_name_are_not_taken() {
        let rng = SystemRng::default();
        let long = "x".repeat(MOST + 1);
        for unfit in ["", "elevenchars", "éééééé", "Margaret-1234", &long] {
            assert!(hash_password(unfit, "margaret", &rng).is_err(), "{unfit}");
        }
        assert!(hash_password("twelve chars", "margaret", &rng).is_ok());
        assert!(hash_password("With-ann-in-it", "ann", &rng).is_ok());
        assert!(hash_password("With-anna-in-it", "anna", &rng).is_err());
    }
}
