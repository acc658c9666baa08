//! Our HPKE receiver against the RFC's vectors, the JOSE draft's example, Wycheproof's points, and
//! the implementation that the browser seals with.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use hpke::rand_core::{TryCryptoRng, TryRng};
use proptest::prelude::*;
use serde_json::Value;
use sha2::Sha256;
use waxseal_protocol::seal::{Envelope, INFO, open, suite};

use super::hpke::{HpkeError, Receiver};
use crate::hex::unhex;

fn vectors(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn hex(value: &Value) -> Vec<u8> {
    unhex(value.as_str().unwrap())
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().unwrap()
}

#[test]
fn rfc_9180_base_mode_vector_opens() {
    let all = vectors(include_str!(
        "../../../tests/vectors/rfc9180/dhkem_p256_hkdf_sha256.json"
    ));
    let group = all
        .as_array()
        .unwrap()
        .iter()
        .find(|group| group["mode"] == 0 && group["aead_id"] == 2)
        .unwrap();
    let info = hex(&group["info"]);
    let receiver = Receiver::with_info(&array(&hex(&group["skRm"])), &info).unwrap();
    assert_eq!(receiver.public().as_slice(), hex(&group["pkRm"]));
    let first = &group["encryptions"][0];
    let mut sealed = hex(&first["ct"]);
    let opened = receiver.open(
        &array(&hex(&group["enc"])),
        &hex(&first["aad"]),
        &mut sealed,
    );
    assert_eq!(opened.unwrap(), hex(&first["pt"]));
    // The second message of the same encapsulation has another nonce and is not ours to open.
    let second = &group["encryptions"][1];
    let mut sealed = hex(&second["ct"]);
    let opened = receiver.open(
        &array(&hex(&group["enc"])),
        &hex(&second["aad"]),
        &mut sealed,
    );
    assert_eq!(opened, Err(HpkeError));
}

#[test]
fn the_jose_drafts_hpke_7_example_opens() {
    let key = vectors(include_str!(
        "../../../tests/vectors/jose-hpke/examples_jwks_HPKE-7.json"
    ));
    let jwe = include_str!("../../../tests/vectors/jose-hpke/examples_jwe_HPKE-7-compact.txt");
    let parts: Vec<&str> = jwe.trim().split('.').collect();
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let receiver = Receiver::new(&array(&decode(key["d"].as_str().unwrap()))).unwrap();
    let mut sealed = decode(parts[3]);
    let aad = parts[0].as_bytes();
    let plaintext = receiver
        .open(&array(&decode(parts[1])), aad, &mut sealed)
        .unwrap();
    assert!(plaintext.starts_with(b"You can trust us to stick with you"));
}

#[test]
fn the_pinned_envelope_opens_for_ever() {
    let pinned = vectors(include_str!(
        "../../../tests/vectors/waxseal/sealed_card_v1.json"
    ));
    let private = pinned["private_key"].as_str().unwrap();
    let private: [u8; 32] = array(&URL_SAFE_NO_PAD.decode(private).unwrap());
    let envelope = Envelope::parse(pinned["envelope"].as_str().unwrap()).unwrap();
    let receiver = Receiver::new(&private).unwrap();
    let mut sealed = envelope.ciphertext().to_vec();
    let plaintext = receiver
        .open(envelope.enc(), envelope.aad(), &mut sealed)
        .unwrap();
    assert_eq!(plaintext.len(), 4096);
    assert!(open(&private, &envelope).is_ok());
}

#[test]
fn the_pinned_migration_record_opens_for_ever() {
    let pinned = vectors(include_str!(
        "../../../tests/vectors/waxseal/migration_record_v1.json"
    ));
    let text = |name: &str| pinned[name].as_str().unwrap();
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let receiver = Receiver::new(&array(&decode(text("private_key")))).unwrap();
    let parts: Vec<&str> = text("record").split('.').collect();
    let mut sealed = decode(parts[3]);
    let aad = parts[0].as_bytes();
    let plaintext = receiver
        .open(&array(&decode(parts[1])), aad, &mut sealed)
        .unwrap();
    assert_eq!(plaintext.len(), 1024);
    let opened: Value = serde_json::from_slice(plaintext).unwrap();
    assert_eq!(opened, pinned["plaintext"]);
}

#[test]
fn wycheproofs_points_are_taken_or_refused_as_it_says() {
    let all = vectors(include_str!(
        "../../../tests/vectors/wycheproof/ecdh_secp256r1_ecpoint_test.json"
    ));
    let (mut taken, mut refused) = (0, 0);
    for test in all["testGroups"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|g| g["tests"].as_array().unwrap())
    {
        let (public, private) = (hex(&test["public"]), hex(&test["private"]));
        let start = private.len().saturating_sub(32);
        let mut scalar = [0; 32];
        scalar[32 - (private.len() - start)..].copy_from_slice(&private[start..]);
        let receiver = Receiver::new(&scalar).unwrap();
        // Only an uncompressed point has the size of an encapsulated key.
        let enc = <[u8; 65]>::try_from(public.as_slice()).ok();
        let shared = enc.and_then(|enc| Some((enc, receiver.decap(&enc).ok()?)));
        if test["result"] == "valid" {
            taken += 1;
            let (enc, shared) = shared.unwrap();
            let expected = extract_and_expand(&hex(&test["shared"]), &enc, receiver.public());
            assert_eq!(*shared, expected, "{}", test["tcId"]);
        } else {
            refused += 1;
            assert!(shared.is_none(), "{}", test["tcId"]);
        }
    }
    assert_eq!((taken, refused), (330, 25));
}

/// RFC 9180 section 4.1, of a `dh` that was computed elsewhere, over another library's HKDF.
fn extract_and_expand(dh: &[u8], enc: &[u8; 65], public: &[u8; 65]) -> [u8; 32] {
    const SUITE_ID: &[u8] = b"KEM\x00\x10";
    let labeled_ikm = [b"HPKE-v1".as_slice(), SUITE_ID, b"eae_prk", dh].concat();
    let eae_prk = Hkdf::<Sha256>::new(Some(b""), &labeled_ikm);
    let info = [
        &32_u16.to_be_bytes(),
        b"HPKE-v1".as_slice(),
        SUITE_ID,
        b"shared_secret",
        enc,
        public,
    ];
    let mut shared_secret = [0; 32];
    eae_prk.expand(&info.concat(), &mut shared_secret).unwrap();
    shared_secret
}

#[test]
fn a_compressed_or_hybrid_point_is_no_encapsulated_key() {
    let receiver = Receiver::new(&[7; 32]).unwrap();
    for lead in [0x00, 0x02, 0x03, 0x05, 0x06, 0x07] {
        let mut enc = *receiver.public();
        enc[0] = lead;
        assert!(receiver.decap(&enc).is_err(), "{lead:#x}");
    }
}

/// Random bytes that proptest chose.
struct Fixed(u64);

impl TryRng for Fixed {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for byte in bytes {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            *byte = self.0.to_be_bytes()[0];
        }
        Ok(())
    }
}

impl TryCryptoRng for Fixed {}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn both_implementations_open_the_same_and_refuse_the_same(
        private in prop::array::uniform32(1_u8..=255),
        seed in any::<u64>(),
        aad in prop::collection::vec(any::<u8>(), 0..64),
        plaintext in prop::collection::vec(any::<u8>(), 0..256),
        flip in any::<prop::sample::Index>(),
    ) {
        let receiver = Receiver::new(&private).unwrap();
        let mut buffer = plaintext.clone();
        let (enc, tag) =
            suite::seal(receiver.public(), INFO, &aad, &mut buffer, &mut Fixed(seed)).unwrap();
        buffer.extend_from_slice(&tag);
        let ours = receiver.open(&enc, &aad, &mut buffer.clone()).unwrap().to_vec();
        let theirs = suite::open(&private, &enc, INFO, &aad, &buffer).unwrap();
        prop_assert_eq!(&ours, &plaintext);
        prop_assert_eq!(&*theirs, &plaintext);

        let mut whole = [enc.as_slice(), &aad, &buffer].concat();
        let at = flip.index(whole.len());
        whole[at] ^= 0x10;
        let (enc, rest) = whole.split_at(enc.len());
        let (aad, sealed) = rest.split_at(aad.len());
        let enc: [u8; 65] = array(enc);
        prop_assert!(receiver.open(&enc, aad, &mut sealed.to_vec()).is_err());
        prop_assert!(suite::open(&private, &enc, INFO, aad, sealed).is_err());
    }
}
