//! Random numbers that repeat.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicU64, Ordering},
};

use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest, Sha256};
use waxseal_verifier::rng::{Rng, RngError};

/// SHA-256 of a seed and a counter. Not for keys that anybody should trust.
pub struct SeededRng {
    seed: u64,
    counter: AtomicU64,
}

impl SeededRng {
    /// The same seed gives the same numbers.
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            counter: AtomicU64::new(0),
        }
    }

    fn bytes(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let counter = self.counter.fetch_add(1, Ordering::Relaxed);
            let block = Sha256::new()
                .chain_update(self.seed.to_be_bytes())
                .chain_update(counter.to_be_bytes())
                .finalize();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

impl Rng for SeededRng {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RngError> {
        self.bytes(bytes);
        Ok(())
    }
}

impl TryRng for SeededRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.bytes(&mut bytes);
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.bytes(&mut bytes);
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.bytes(out);
        Ok(())
    }
}

impl TryCryptoRng for SeededRng {}
