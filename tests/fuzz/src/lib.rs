//! The key that fuzz targets seal to, and a generator that repeats itself.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use waxseal_protocol::{
    message::SealingJwk,
    seal::{Header, SealingKey, thumbprint},
};

/// Private half of [`sealing_key`].
pub const PRIVATE_KEY: [u8; 32] = [0x42; 32];

const X: &str = "OtOGGpViE5JRa7WT7wVYPtLlhm9ctiYKMBcjf9ibkK8";
const Y: &str = "0JYcfjcHWmeRo5xh9WKVsCttJlZ7YV5gqkHuHI6DOI0";

/// A key that everybody knows.
pub fn sealing_key() -> SealingKey {
    let kid = thumbprint(X, Y);
    let jwk = SealingJwk {
        kty: "EC".into(),
        crv: "P-256".into(),
        x: X.into(),
        y: Y.into(),
        usage: "enc".into(),
        alg: "HPKE-7".into(),
        kid: kid.clone(),
        state: "active".into(),
        created_at: "2026-01-01T00:00:00Z".into(),
        activated_at: None,
        retired_at: None,
    };
    SealingKey::from_jwk(&jwk, &kid).unwrap()
}

/// A header for [`sealing_key`].
pub fn header() -> Header {
    Header {
        kid: thumbprint(X, Y),
        sid: "cs_test_01".into(),
        rev: 1,
        org: "https://shop.example".into(),
        iat: 1_790_000_000,
        jti: "AAAAAAAAAAAAAAAAAAAAAA".into(),
        bld: "AAAAAAAAAAAAAAAAAAAAAA".into(),
    }
}

/// 0, 1, 2, …: a run must not depend on anything but its input.
#[derive(Default)]
pub struct CountingRng(u8);

impl TryRng for CountingRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
        Ok(())
    }
}

impl TryCryptoRng for CountingRng {}
