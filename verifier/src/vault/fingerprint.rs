//! Keyed fingerprints: how a merchant's card is found by its PAN.

use aws_lc_rs::hmac::{self, HMAC_SHA256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::lengths::LengthPrefixed;

/// A PAN's fingerprint for one merchant. The expiry is no part of it: a renewed card is the same card.
#[derive(Clone)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The value to store.
    pub(super) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Compares in constant time.
    pub(super) fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// `HMAC-SHA256(HMAC-SHA256(root, lengths("waxseal-fingerprint", merchant id)), PAN)`: a key of its
/// own for each merchant, so that two merchants' fingerprints of one PAN have nothing in common.
pub(super) fn fingerprint(root: &hmac::Key, merchant_id: &str, pan_digits: &str) -> Fingerprint {
    let purpose = LengthPrefixed::default()
        .part(b"waxseal-fingerprint")
        .part(merchant_id.as_bytes());
    let merchant_key = hmac::sign(root, &purpose.into_bytes());
    let mut bytes = Zeroizing::new([0; 32]);
    bytes.copy_from_slice(merchant_key.as_ref());
    let tag = hmac::sign(&hmac::Key::new(HMAC_SHA256, &*bytes), pan_digits.as_bytes());
    let mut value = [0; 32];
    value.copy_from_slice(tag.as_ref());
    Fingerprint(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::hex;

    #[test]
    fn the_pinned_fingerprint_stays() {
        let root = hmac::Key::new(HMAC_SHA256, &[1; 32]);
        let value = fingerprint(&root, "mch_test_1", "4242424242424242");
        assert_eq!(
            hex(value.as_bytes()),
            "c080b5053c51881391c9ad823e1314e469cd75cedf7cdbcf6ddfcd5f594195fa"
        );
    }

    #[test]
    fn differs_by_key_merchant_and_pan_only() {
        let root = hmac::Key::new(HMAC_SHA256, &[1; 32]);
        let other_root = hmac::Key::new(HMAC_SHA256, &[2; 32]);
        let base = fingerprint(&root, "m1", "4242424242424242");
        assert!(base.matches(&fingerprint(&root, "m1", "4242424242424242")));
        assert!(!base.matches(&fingerprint(&other_root, "m1", "4242424242424242")));
        assert!(!base.matches(&fingerprint(&root, "m2", "4242424242424242")));
        assert!(!base.matches(&fingerprint(&root, "m1", "4242424242424241")));
    }
}
