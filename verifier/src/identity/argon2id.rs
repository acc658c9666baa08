//! Secrets as argon2id (RFC 9106), in PHC strings.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use crate::rng::Rng;

/// What a hash costs, in one lane.
pub(super) struct Cost {
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
}

/// The generator failed, there is no memory, or what is kept is no hash.
#[derive(Debug)]
pub(super) struct Argon2idError;

impl Cost {
    /// The PHC string of a secret, with a salt of its own. Blocks for some 20 ms.
    pub(super) fn hash(&self, secret: &str, rng: &dyn Rng) -> Result<String, Argon2idError> {
        let salt: [u8; 16] = rng.array().map_err(|_| Argon2idError)?;
        let hashed = self
            .argon2()?
            .hash_password_with_salt(secret.as_bytes(), &salt);
        Ok(hashed.map_err(|_| Argon2idError)?.to_string())
    }

    /// Whether it is the secret whose hash is kept. Without a hash it takes as long, and is none. Blocks for
    /// some 20 ms.
    pub(super) fn is(&self, secret: &str, kept: Option<&str>) -> Result<bool, Argon2idError> {
        let nobody = self.of_nobody();
        let parsed = PasswordHash::new(kept.unwrap_or(&nobody)).map_err(|_| Argon2idError)?;
        let verified = self.argon2()?.verify_password(secret.as_bytes(), &parsed);
        Ok(verified.is_ok() && kept.is_some())
    }

    /// Of a secret that nobody has.
    fn of_nobody(&self) -> String {
        format!(
            "$argon2id$v=19$m={},t={},p=1${}${}",
            self.memory_kib,
            self.passes,
            "A".repeat(22),
            "A".repeat(43)
        )
    }

    fn argon2(&self) -> Result<Argon2<'static>, Argon2idError> {
        let params = Params::new(self.memory_kib, self.passes, 1, None);
        let params = params.map_err(|_| Argon2idError)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SystemRng;

    #[test]
    fn nobody_s_hash_costs_what_everybody_s_does() {
        let cost = Cost {
            memory_kib: 64,
            passes: 1,
        };
        let own = cost.hash("a secret", &SystemRng::default()).unwrap();
        let nobody = cost.of_nobody();
        assert_eq!(own.len(), nobody.len());
        let head = |hash: &str| hash.rsplitn(3, '$').last().map(str::to_owned);
        assert_eq!(head(&own), head(&nobody));
        assert!(cost.is("a secret", Some(&own)).unwrap());
        assert!(!cost.is("another", Some(&own)).unwrap());
        assert!(!cost.is("a secret", None).unwrap());
        assert!(cost.is("a secret", Some("x")).is_err());
    }
}
