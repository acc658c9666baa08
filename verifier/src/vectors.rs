//! The libraries under everything at rest, held to Wycheproof's vectors with our own sizes.

use aes::Aes256;
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hmac::{self, HMAC_SHA256},
};
use fpe::ff1::{FF1, FlexibleNumeralString};
use serde_json::Value;

use crate::hex::{hex, unhex};

/// The tests of a file.
fn tests(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).unwrap();
    let groups = file["testGroups"].as_array().unwrap();
    let tests = |group: &Value| group["tests"].as_array().unwrap().clone();
    groups.iter().flat_map(tests).collect()
}

fn bytes(value: &Value) -> Vec<u8> {
    unhex(value.as_str().unwrap())
}

fn is_valid(test: &Value) -> bool {
    test["result"] == "valid"
}

#[test]
fn ff1_gives_what_the_vectors_say_and_refuses_small_domains() {
    let (mut same, mut refused) = (0, 0);
    for test in tests(include_str!(
        "../../tests/vectors/wycheproof/aes_ff1_radix10_256_test.json"
    )) {
        // None for what is no digit of any radix, such as -1.
        let digits = |name: &str| -> Option<Vec<u16>> {
            let digit = |digit: &Value| u16::try_from(digit.as_u64()?).ok();
            test[name].as_array()?.iter().map(digit).collect()
        };
        let ff1 = FF1::<Aes256>::new(&bytes(&test["key"]), 10).unwrap();
        let made = digits("msg").and_then(|message| {
            let message = FlexibleNumeralString::from(message);
            ff1.encrypt(&bytes(&test["tweak"]), &message).ok()
        });
        // SP 800-38G wants a domain of a million at least: fewer digits can be tried one by one.
        let is_small = test["msg"].as_array().unwrap().len() < 6;
        if is_valid(&test) && !is_small {
            same += 1;
            let made = made.map(Vec::<u16>::from);
            assert_eq!(made, digits("ct"), "{}", test["tcId"]);
        } else {
            refused += 1;
            assert!(made.is_none(), "{}", test["tcId"]);
        }
    }
    assert_eq!((same, refused), (1102, 180));
}

#[test]
fn aes_256_gcm_opens_what_the_vectors_say_and_nothing_else() {
    let (mut opened, mut refused) = (0, 0);
    for test in tests(include_str!(
        "../../tests/vectors/wycheproof/aes_256_gcm_test.json"
    )) {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &bytes(&test["key"])).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&bytes(&test["iv"])).unwrap();
        let mut sealed = [bytes(&test["ct"]), bytes(&test["tag"])].concat();
        let plaintext = key.open_in_place(nonce, Aad::from(bytes(&test["aad"])), &mut sealed);
        if is_valid(&test) {
            opened += 1;
            assert_eq!(hex(plaintext.unwrap()), test["msg"].as_str().unwrap());
        } else {
            refused += 1;
            assert!(plaintext.is_err(), "{}", test["tcId"]);
        }
    }
    assert_eq!((opened, refused), (39, 27));
}

#[test]
fn hmac_sha256_gives_what_the_vectors_say() {
    let (mut same, mut refused) = (0, 0);
    for test in tests(include_str!(
        "../../tests/vectors/wycheproof/hmac_sha256_test.json"
    )) {
        let key = hmac::Key::new(HMAC_SHA256, &bytes(&test["key"]));
        let checked = hmac::verify(&key, &bytes(&test["msg"]), &bytes(&test["tag"]));
        assert_eq!(checked.is_ok(), is_valid(&test), "{}", test["tcId"]);
        *if is_valid(&test) {
            &mut same
        } else {
            &mut refused
        } += 1;
    }
    assert_eq!((same, refused), (33, 54));
}
