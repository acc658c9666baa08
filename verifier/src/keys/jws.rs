//! What a key of ours has signed to be kept: a JWS (RFC 7515, ES256) without an end.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::de::DeserializeOwned;

/// The claims, if `signed` is of that type and by the key that its header names. `key` finds that one by its id. When
/// it was signed, and for whom, is for the caller to see in the claims.
pub fn open_signed<'k, T: DeserializeOwned>(
    signed: &str,
    typ: &str,
    key: impl FnOnce(&str) -> Option<&'k DecodingKey>,
) -> Option<T> {
    let header = decode_header(signed).ok()?;
    let key = key(&header.kid?)?;
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_required_spec_claims::<&str>(&[]);
    validation.validate_exp = false;
    validation.validate_aud = false;
    let claims = decode::<T>(signed, key, &validation).ok()?.claims;
    (header.typ.as_deref() == Some(typ)).then_some(claims)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::Header;
    use serde_json::{Value, json};

    use super::*;
    use crate::keys::TokenKey;

    fn signed(key: &TokenKey, typ: &str) -> String {
        let header = Header {
            typ: Some(typ.to_owned()),
            kid: Some(key.kid().to_owned()),
            ..Header::new(Algorithm::ES256)
        };
        key.sign(&header, &json!({ "number": 1 })).unwrap()
    }

    #[test]
    fn another_type_another_key_and_other_claims_are_not_opened() {
        let (ours, others) = (
            TokenKey::new("a", &[1; 32]).unwrap(),
            TokenKey::new("a", &[2; 32]).unwrap(),
        );
        let open = |text: &str| -> Option<Value> {
            open_signed(text, "ours", |kid| {
                (kid == ours.kid()).then(|| ours.verifying())
            })
        };
        let good = signed(&ours, "ours");
        assert_eq!(open(&good), Some(json!({ "number": 1 })));
        assert_eq!(open(&signed(&ours, "other")), None);
        assert_eq!(open(&signed(&others, "ours")), None);
        let parts: Vec<_> = good.split('.').collect();
        let changed = format!("{}.eyJudW1iZXIiOjJ9.{}", parts[0], parts[2]);
        assert_eq!(open(&changed), None);
        assert_eq!(open("eyJhbGciOiJub25lIiwia2lkIjoiYSJ9.e30."), None);
        let nobody: Option<Value> = open_signed(&good, "ours", |_| None);
        assert_eq!(nobody, None);
    }
}
