//! Randomness, as an argument: the only caller of the operating system's generator.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use ulid::Ulid;

use crate::clock::Timestamp;

/// The generator failed: nothing secret can be made.
#[derive(Debug)]
pub struct RngError;

/// A cryptographically secure random number generator.
pub trait Rng: Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// When the generator fails.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RngError>;
}

impl dyn Rng + '_ {
    /// An array of `N` random bytes.
    ///
    /// # Errors
    /// When the generator fails.
    pub fn array<const N: usize>(&self) -> Result<[u8; N], RngError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// The smallest id of `prefix` that could be made at `at`.
    pub fn first_id(prefix: &str, at: Timestamp) -> String {
        let millis = u64::try_from(at.millis()).unwrap_or(0);
        format!(
            "{prefix}{}",
            Ulid::from_parts(millis, 0).to_string().to_ascii_lowercase()
        )
    }

    /// A new id: `prefix`, then a ULID in lower case (48 bits of time, 80 random bits), so that rows
    /// made together lie together.
    ///
    /// # Errors
    /// When the generator fails.
    pub fn id(&self, prefix: &str, now: Timestamp) -> Result<String, RngError> {
        let mut random = [0; 16];
        self.fill(&mut random[6..])?;
        let millis = u64::try_from(now.millis()).unwrap_or(0);
        let ulid = Ulid::from_parts(millis, u128::from_be_bytes(random));
        Ok(format!("{prefix}{}", ulid.to_string().to_ascii_lowercase()))
    }
}

/// The operating system's generator through aws-lc-rs.
#[derive(Debug)]
pub struct SystemRng(SystemRandom);

impl Default for SystemRng {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that opens the OS generator"
    )]
    fn default() -> Self {
        Self(SystemRandom::new())
    }
}

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RngError> {
        self.0.fill(bytes).map_err(|_| RngError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ordered_by_time_and_distinct() {
        let rng: &dyn Rng = &SystemRng::default();
        let early = rng.id("cs_test_", Timestamp::from_millis(1_000)).unwrap();
        let late = rng.id("cs_test_", Timestamp::from_millis(2_000)).unwrap();
        assert!(early < late);
        let between = <dyn Rng>::first_id("cs_test_", Timestamp::from_millis(2_000));
        assert!(early < between && between <= late);
        assert_eq!(early.len(), "cs_test_".len() + 26);
        assert_ne!(
            late,
            rng.id("cs_test_", Timestamp::from_millis(2_000)).unwrap()
        );
    }
}
