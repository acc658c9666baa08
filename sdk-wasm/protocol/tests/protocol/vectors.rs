//! Published vectors, see `tests/vectors/README.md`.

use aes_gcm::{Aes256Gcm, KeyInit, aead::AeadInOut};
use hkdf::Hkdf;
use hpke::inout::InOutBuf;
use serde_json::Value;
use sha2::Sha256;
use waxseal_protocol::seal::{Envelope, EnvelopeError, INFO, PLAINTEXT_LEN, suite, thumbprint};

use crate::fixture::{b64, header_json, rng, unb64, unhex, vector};

#[test]
fn rfc_9180_base_mode_seals_and_opens() {
    let groups: Vec<Value> =
        serde_json::from_str(&vector("rfc9180/dhkem_p256_hkdf_sha256.json")).unwrap();
    let mut used = groups
        .iter()
        .filter(|group| group["mode"] == 0 && group["aead_id"] == 2);
    let group = used.next().unwrap();
    assert!(used.next().is_none());
    let bytes = |name: &str| unhex(group[name].as_str().unwrap());
    let private_key = bytes("skRm").try_into().unwrap();
    let public_key = bytes("pkRm").try_into().unwrap();
    let first = &group["encryptions"][0];
    let part = |name: &str| unhex(first[name].as_str().unwrap());

    assert_eq!(suite::public_key(&private_key), Some(public_key));
    let mut buffer = part("pt");
    let (enc, tag) = suite::seal(
        &public_key,
        &bytes("info"),
        &part("aad"),
        &mut buffer,
        &mut rng(&bytes("ikmE")),
    )
    .unwrap();
    assert_eq!(enc.as_slice(), bytes("enc"));
    assert_eq!([buffer.as_slice(), &tag].concat(), part("ct"));

    let plaintext = suite::open(
        &private_key,
        &enc,
        &bytes("info"),
        &part("aad"),
        &part("ct"),
    )
    .unwrap();
    assert_eq!(*plaintext, part("pt"));
    // A plaintext of RFC 9180 under another sequence number, info or aad does not open.
    let second = unhex(group["encryptions"][1]["ct"].as_str().unwrap());
    assert!(suite::open(&private_key, &enc, &bytes("info"), &part("aad"), &second).is_err());
    assert!(suite::open(&private_key, &enc, b"", &part("aad"), &part("ct")).is_err());
    assert!(suite::open(&private_key, &enc, &bytes("info"), b"", &part("ct")).is_err());
}

#[test]
fn the_drafts_hpke_7_examples_open() {
    let jwk: Value = serde_json::from_str(&vector("jose-hpke/examples_jwks_HPKE-7.json")).unwrap();
    let private_key = unb64(jwk["d"].as_str().unwrap()).try_into().unwrap();
    let coordinate = |name: &str| jwk[name].as_str().unwrap();
    assert_eq!(thumbprint(coordinate("x"), coordinate("y")), jwk["kid"]);

    let compact = vector("jose-hpke/examples_jwe_HPKE-7-compact.txt");
    let parts: Vec<&str> = compact.trim().split('.').collect();
    let [protected, enc, "", ciphertext, ""] = parts[..] else {
        panic!("not a compact JWE")
    };
    let enc = unb64(enc).try_into().unwrap();
    let opened = suite::open(
        &private_key,
        &enc,
        INFO,
        protected.as_bytes(),
        &unb64(ciphertext),
    )
    .unwrap();
    assert!(
        core::str::from_utf8(&opened).unwrap().starts_with(QUOTE),
        "{opened:?}"
    );
    // The header has other members than ours.
    assert_eq!(
        Envelope::parse(compact.trim()).err(),
        Some(EnvelopeError::Header)
    );

    let flattened = vector("jose-hpke/examples_jwe_HPKE-7-flattened.json");
    let members: Value = serde_json::from_str(&flattened).unwrap();
    let member = |name: &str| members[name].as_str().unwrap();
    let enc = unb64(member("encrypted_key")).try_into().unwrap();
    // RFC 7516, section 5.1, step 14: with a JWE AAD, protected || '.' || BASE64URL(JWE AAD).
    let aad = [member("protected"), member("aad")].join(".");
    let opened = suite::open(
        &private_key,
        &enc,
        INFO,
        aad.as_bytes(),
        &unb64(member("ciphertext")),
    );
    assert!(
        core::str::from_utf8(&opened.unwrap())
            .unwrap()
            .starts_with(QUOTE)
    );
    assert_eq!(Envelope::parse(&flattened).err(), Some(EnvelopeError::Form));
}

/// The plaintext of the draft's examples begins so.
const QUOTE: &str = "You can trust us to stick with you through thick and thin";

#[test]
fn wycheproof_points_agree_or_are_refused() {
    let file = vector("wycheproof/ecdh_secp256r1_ecpoint_test.json");
    let file: Value = serde_json::from_str(&file).unwrap();
    let groups = file["testGroups"].as_array().unwrap();
    let (mut agreed, mut refused) = (0, 0);
    for case in groups
        .iter()
        .flat_map(|group| group["tests"].as_array().unwrap())
    {
        let bytes = |name: &str| unhex(case[name].as_str().unwrap());
        let private_key = to_scalar(&bytes("private"));
        let protected = b64(header_json().to_string());
        let sealed = seal_with(&bytes("shared"), &bytes("public"), &private_key, &protected);
        let enc = b64(bytes("public"));
        let compact = format!("{protected}.{enc}..{}.", b64(sealed));
        match case["result"].as_str().unwrap() {
            "valid" => {
                let envelope = Envelope::parse(&compact).unwrap();
                let opened = suite::open(
                    &private_key,
                    envelope.enc(),
                    INFO,
                    envelope.aad(),
                    envelope.ciphertext(),
                );
                assert_eq!(*opened.unwrap(), vec![b' '; PLAINTEXT_LEN], "{case}");
                agreed += 1;
            }
            // Compressed points are "acceptable" to ECDH; RFC 9180 has uncompressed ones only.
            "invalid" | "acceptable" => {
                match Envelope::parse(&compact) {
                    Err(error) => assert_eq!(error, EnvelopeError::Enc, "{case}"),
                    Ok(envelope) => {
                        assert!(!suite::is_public_key(envelope.enc()), "{case}");
                        assert!(crate::fixture::parse_and_open(&compact).is_err());
                        let (aad, ciphertext) = (envelope.aad(), envelope.ciphertext());
                        let opened =
                            suite::open(&private_key, envelope.enc(), INFO, aad, ciphertext);
                        assert_eq!(opened.err(), Some(suite::OpenError), "{case}");
                    }
                }
                refused += 1;
            }
            other => panic!("unknown result {other}"),
        }
    }
    assert_eq!((agreed, refused), (330, 25));
}

/// Wycheproof writes a scalar as a signed big-endian number of any length.
fn to_scalar(bytes: &[u8]) -> [u8; 32] {
    let digits = &bytes[bytes.len().saturating_sub(32)..];
    let mut scalar = [0; 32];
    scalar[32 - digits.len()..].copy_from_slice(digits);
    scalar
}

/// HPKE's sender written out from RFC 9180, with the shared point's x coordinate given instead of
/// computed: what it seals opens only if the receiver computes the same.
fn seal_with(dh: &[u8], enc: &[u8], private_key: &[u8; 32], protected: &str) -> Vec<u8> {
    const KEM: &[u8] = b"KEM\x00\x10";
    const HPKE: &[u8] = b"HPKE\x00\x10\x00\x01\x00\x02";
    let pk_r = suite::public_key(private_key).unwrap();
    // Section 4.1, ExtractAndExpand
    let prk = labeled_extract(KEM, b"", "eae_prk", dh);
    let kem_context = [enc, &pk_r].concat();
    let shared_secret: [u8; 32] = labeled_expand(KEM, &prk, "shared_secret", &kem_context);
    // Section 5.1, KeySchedule, base mode
    let psk_id_hash = labeled_extract(HPKE, b"", "psk_id_hash", b"");
    let info_hash = labeled_extract(HPKE, b"", "info_hash", INFO);
    let context = [&[0], psk_id_hash.as_slice(), &info_hash].concat();
    let secret = labeled_extract(HPKE, &shared_secret, "secret", b"");
    let key: [u8; 32] = labeled_expand(HPKE, &secret, "key", &context);
    let nonce: [u8; 12] = labeled_expand(HPKE, &secret, "base_nonce", &context);
    // Section 5.2, ContextS.Seal with sequence number 0
    let mut buffer = vec![b' '; PLAINTEXT_LEN];
    let cipher = Aes256Gcm::new(&key.into());
    let plaintext = InOutBuf::from(buffer.as_mut_slice());
    let tag = cipher.encrypt_inout_detached(&nonce.into(), protected.as_bytes(), plaintext);
    buffer.extend_from_slice(&tag.unwrap());
    buffer
}

fn labeled_extract(suite_id: &[u8], salt: &[u8], label: &str, ikm: &[u8]) -> [u8; 32] {
    let labeled_ikm = [b"HPKE-v1", suite_id, label.as_bytes(), ikm].concat();
    Hkdf::<Sha256>::extract(Some(salt), &labeled_ikm).0.into()
}

fn labeled_expand<const L: usize>(
    suite_id: &[u8],
    prk: &[u8],
    label: &str,
    info: &[u8],
) -> [u8; L] {
    let len = u16::try_from(L).unwrap().to_be_bytes();
    let labeled_info = [
        &len,
        b"HPKE-v1".as_slice(),
        suite_id,
        label.as_bytes(),
        info,
    ]
    .concat();
    let mut out = [0; L];
    Hkdf::<Sha256>::from_prk(prk)
        .unwrap()
        .expand(&labeled_info, &mut out)
        .unwrap();
    out
}
