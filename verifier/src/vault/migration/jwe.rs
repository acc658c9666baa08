//! The compact JWE around a record: integrated encryption with `alg: HPKE-7`, as for a checkout's
//! envelope (draft-ietf-jose-hpke-encrypt, RFC 9180), with another `typ`, header and length.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use waxseal_protocol::seal::suite::{ENC_LEN, TAG_LEN};
use zeroize::Zeroizing;

use super::{Header, RECORD_LEN, RecordError, header::MAX_JSON_LEN};
use crate::keys::SealingKeyPair;

/// A record taken apart but not opened: five parts, a well-formed [`Header`], an encapsulated key and a
/// ciphertext of the one length.
pub struct SealedRecord<'a> {
    protected: &'a str,
    header: Header,
    enc: [u8; ENC_LEN],
    ciphertext: Vec<u8>,
}

/// The longest record that is looked at, in bytes.
pub const MAX_SEALED_LEN: usize =
    (MAX_JSON_LEN + ENC_LEN + RECORD_LEN + TAG_LEN).div_ceil(3) * 4 + 12;

impl<'a> SealedRecord<'a> {
    /// Takes a compact JWE apart (RFC 7516, section 3.1).
    ///
    /// # Errors
    /// [`RecordError::Malformed`].
    pub fn parse(compact: &'a str) -> Result<Self, RecordError> {
        let malformed = RecordError::Malformed;
        if compact.len() > MAX_SEALED_LEN {
            return Err(malformed);
        }
        let parts: Vec<&str> = compact.splitn(6, '.').collect();
        let [protected, enc, "", ciphertext, ""] = parts[..] else {
            return Err(malformed);
        };
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed);
        let ciphertext = decode(ciphertext)?;
        if ciphertext.len() != RECORD_LEN + TAG_LEN {
            return Err(malformed);
        }
        Ok(Self {
            protected,
            header: Header::parse(&decode(protected)?)?,
            enc: decode(enc)?.try_into().map_err(|_| malformed)?,
            ciphertext,
        })
    }

    /// The protected header, which says nothing for sure before [`SealedRecord::open`].
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The padded plaintext.
    ///
    /// # Errors
    /// [`RecordError::NotAuthentic`], whatever was changed.
    pub fn open(self, key: &SealingKeyPair) -> Result<Zeroizing<Vec<u8>>, RecordError> {
        key.open_parts(&self.enc, self.protected.as_bytes(), self.ciphertext)
            .map_err(|_| RecordError::NotAuthentic)
    }
}

/// The compact serialisation of the parts.
pub(super) fn compact(protected: &str, enc: &[u8], ciphertext: &[u8]) -> String {
    let (enc, ciphertext) = (
        URL_SAFE_NO_PAD.encode(enc),
        URL_SAFE_NO_PAD.encode(ciphertext),
    );
    [protected, &enc, "", &ciphertext, ""].join(".")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use waxseal_protocol::seal::{INFO, suite, thumbprint};

    use super::*;
    use crate::{
        rng::{Rng, RngError, SystemRng},
        vault::migration::{MigratedCard, SealError, Sealer, parse_vault_key},
    };

    const STORED: &str = include_str!("../../../../tests/vectors/waxseal/migration_record_v1.json");

    /// Protects nothing.
    const PRIVATE_KEY: [u8; 32] = [7; 32];

    fn jwk() -> Value {
        let point = suite::public_key(&PRIVATE_KEY).unwrap();
        let [x, y] = [&point[1..33], &point[33..]].map(|part| URL_SAFE_NO_PAD.encode(part));
        json!({"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": thumbprint(&x, &y)})
    }

    fn plaintext() -> Value {
        json!({
            "number": "4242424242424242", "exp_month": 3, "exp_year": 2030, "name": "Ana Example",
            "postal_code": "90210", "reference": "tok_1", "customer": "cus_1",
        })
    }

    fn sealer(rng: &dyn Rng) -> Sealer {
        let key = parse_vault_key(&jwk().to_string()).unwrap();
        let mut sealer = Sealer::new(key, "mch_test_1", rng).unwrap();
        let card = MigratedCard::parse(plaintext().to_string().as_bytes()).unwrap();
        assert!(sealer.push(card, rng).unwrap().is_none());
        sealer
    }

    #[test]
    fn the_stored_record_opens_for_ever() {
        let stored: Value = serde_json::from_str(STORED).unwrap();
        let text = stored["record"].as_str().unwrap();
        let record = SealedRecord::parse(text).unwrap();
        let header = record.header();
        let wanted = &stored["header"];
        assert_eq!(
            (&*header.kid, &*header.mid),
            (text_of(wanted, "kid"), text_of(wanted, "mid"))
        );
        assert_eq!((&*header.bid, header.num), (text_of(wanted, "bid"), 1));
        assert!(header.last);
        let private = URL_SAFE_NO_PAD
            .decode(text_of(&stored, "private_key"))
            .unwrap();
        let private = private.try_into().unwrap();
        let (enc, aad) = (&record.enc, record.protected.as_bytes());
        let opened = suite::open(&private, enc, INFO, aad, &record.ciphertext).unwrap();
        let card = MigratedCard::parse(&opened).unwrap().to_padded().unwrap();
        assert_eq!(
            serde_json::from_slice::<Value>(&card).unwrap(),
            stored["plaintext"]
        );
    }

    fn text_of<'v>(value: &'v Value, name: &str) -> &'v str {
        value[name].as_str().unwrap()
    }

    /// Prints a new example; the stored one stays as it is, a new version gets a file of its own.
    #[test]
    #[ignore = "generator of tests/vectors/waxseal/migration_record_v1.json"]
    fn print_a_record_to_store() {
        let rng = SystemRng::default();
        let record = sealer(&rng).finish(&rng).unwrap().unwrap();
        let header = URL_SAFE_NO_PAD
            .decode(record.split('.').next().unwrap())
            .unwrap();
        let example = json!({
            "jwk": jwk(),
            "private_key": URL_SAFE_NO_PAD.encode(PRIVATE_KEY),
            "header": serde_json::from_slice::<Value>(&header).unwrap(),
            "plaintext": plaintext(),
            "record": record,
        });
        println!("{}", serde_json::to_string_pretty(&example).unwrap());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_record_with_any_other_character_is_another_record(at: usize, other in "[A-Za-z0-9_.=-]") {
            let stored: Value = serde_json::from_str(STORED).unwrap();
            let record = text_of(&stored, "record");
            let at = at % record.len();
            let mut changed = record.to_owned();
            changed.replace_range(at..=at, &other);
            if let Ok(parsed) = SealedRecord::parse(&changed) {
                let key = &PRIVATE_KEY;
                let (enc, aad) = (&parsed.enc, parsed.protected.as_bytes());
                let opened = suite::open(key, enc, INFO, aad, &parsed.ciphertext);
                prop_assert_eq!(opened.is_ok(), changed == record);
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,60}", bytes: Vec<u8>) {
            prop_assert!(SealedRecord::parse(&text).is_err());
            prop_assert!(Header::parse(&bytes).is_err());
            prop_assert!(MigratedCard::parse(&bytes).is_err());
        }
    }

    #[test]
    fn every_record_has_one_length_whatever_the_card() {
        let rng = SystemRng::default();
        let mut sealer = sealer(&rng);
        let short = br#"{"number":"378282246310005","reference":"r"}"#;
        let long = sealer
            .push(MigratedCard::parse(short).unwrap(), &rng)
            .unwrap();
        let short = sealer.finish(&rng).unwrap();
        let ciphertext = |record: Option<String>| {
            let record = record.unwrap();
            assert!(record.len() <= MAX_SEALED_LEN);
            record.split('.').nth(3).unwrap().len()
        };
        assert_eq!(ciphertext(long), ciphertext(short));
    }

    #[test]
    fn nothing_is_sealed_with_a_generator_that_fails() {
        struct Failing;
        impl Rng for Failing {
            fn fill(&self, _: &mut [u8]) -> Result<(), RngError> {
                Err(RngError)
            }
        }
        let mut sealer = sealer(&SystemRng::default());
        assert_eq!(sealer.finish(&Failing), Err(SealError::Rng));
        assert_eq!(sealer.sealed(), 0);
    }
}
