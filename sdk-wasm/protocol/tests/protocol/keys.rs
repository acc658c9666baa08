//! Published keys.

use aes_gcm::Aes256Gcm;
use waxseal_protocol::{
    ErrorCode,
    message::SealingJwk,
    seal::{SealError, SealingKey, thumbprint},
};
use zeroize::ZeroizeOnDrop;

use crate::fixture::{PRIVATE_KEY, b64, jwk};

#[test]
fn a_published_key_is_taken_when_it_is_the_one_that_the_token_names() {
    let published = jwk(&PRIVATE_KEY);
    let key = SealingKey::from_jwk(&published, &published.kid).unwrap();
    assert_eq!(key.kid(), published.kid);
    let other = jwk(&[0x58; 32]);
    assert_eq!(
        SealingKey::from_jwk(&published, &other.kid).err(),
        Some(SealError::Key)
    );
    assert_eq!(SealError::Key.code(), ErrorCode::KeyMismatch);
}

#[test]
fn a_key_under_anothers_kid_is_refused() {
    let named = jwk(&PRIVATE_KEY);
    let mut swapped = jwk(&[0x58; 32]);
    swapped.kid.clone_from(&named.kid);
    assert_eq!(
        SealingKey::from_jwk(&swapped, &named.kid).err(),
        Some(SealError::Key)
    );
}

#[test]
fn each_fixed_member_is_checked() {
    for change in [
        |jwk: &mut SealingJwk| jwk.kty = "OKP".into(),
        |jwk: &mut SealingJwk| jwk.crv = "P-384".into(),
        |jwk: &mut SealingJwk| jwk.usage = "sig".into(),
        |jwk: &mut SealingJwk| jwk.alg = "HPKE-0".into(),
    ] {
        let mut changed = jwk(&PRIVATE_KEY);
        change(&mut changed);
        assert_eq!(
            SealingKey::from_jwk(&changed, &changed.kid).err(),
            Some(SealError::Key)
        );
    }
}

#[test]
fn a_point_that_is_none_is_refused_under_its_own_thumbprint() {
    let good = jwk(&PRIVATE_KEY);
    for (x, y) in [
        (good.y.clone(), good.x.clone()),
        (b64([0; 32]), b64([0; 32])),
        (b64([0xff; 32]), good.y.clone()),
        (good.x.clone(), b64([0; 31])),
        (good.x.clone(), format!("{}=", good.y)),
        (String::new(), String::new()),
    ] {
        let kid = thumbprint(&x, &y);
        let changed = SealingJwk {
            x,
            y,
            kid: kid.clone(),
            ..good.clone()
        };
        assert_eq!(
            SealingKey::from_jwk(&changed, &kid).err(),
            Some(SealError::Key)
        );
    }
}

/// `hpke` builds its cipher from the same crate; without the feature this does not compile.
#[test]
fn the_cipher_wipes_its_key() {
    fn assert_wiped<T: ZeroizeOnDrop>() {}
    assert_wiped::<Aes256Gcm>();
}
