//! What is done to a sealed envelope on its way.

use waxseal_protocol::{
    ErrorCode,
    seal::{CIPHERTEXT_LEN, Envelope, EnvelopeError, open, seal},
};

use crate::fixture::{
    PRIVATE_KEY, b64, card, content, header, header_json, key, parse_and_open, plaintext_json, rng,
    seal_header, seal_raw, sealed, unb64,
};

#[test]
fn what_was_sealed_comes_back() {
    let sealed = sealed();
    let envelope = Envelope::parse(&sealed).unwrap();
    assert_eq!(envelope.header(), &header());
    assert_eq!(envelope.aad(), sealed.split('.').next().unwrap().as_bytes());
    assert_eq!(envelope.ciphertext().len(), CIPHERTEXT_LEN);
    let opened = open(&PRIVATE_KEY, &envelope).unwrap();
    assert_eq!(content(&opened), content(&card()));
    assert_eq!(
        envelope.into_ciphertext(),
        unb64(sealed.split('.').nth(3).unwrap())
    );
}

#[test]
fn each_seal_encapsulates_afresh() {
    let seal_with = |bytes: &[u8]| seal(&key(), &header(), &card(), &mut rng(bytes)).unwrap();
    let (one, two) = (seal_with(b"one"), seal_with(b"two"));
    let parts = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
    assert_ne!(parts(&one)[1], parts(&two)[1]);
    assert_ne!(parts(&one)[3], parts(&two)[3]);
    assert_eq!(one.len(), two.len());
}

#[test]
fn each_byte_changed_is_refused() {
    let sealed = sealed();
    assert!(parse_and_open(&sealed).is_ok());
    for at in 0..sealed.len() {
        // Stays in the alphabet of base64url, so that it is the cipher that must refuse.
        refuse_change(&sealed, at, next_in_alphabet);
    }
}

#[test]
fn each_byte_of_header_and_key_with_a_flipped_bit_is_refused() {
    let sealed = sealed();
    let (header_and_key, _) = sealed.split_once("..").unwrap();
    for at in 0..header_and_key.len() + 2 {
        for bit in 0..7 {
            refuse_change(&sealed, at, |byte| byte ^ (1 << bit));
        }
    }
}

#[test]
fn each_byte_removed_or_doubled_is_refused() {
    let sealed = sealed();
    for at in 0..sealed.len() {
        let mut shorter = sealed.clone();
        let removed = shorter.remove(at);
        assert!(parse_and_open(&shorter).is_err(), "byte {at} removed");
        let mut longer = sealed.clone();
        longer.insert(at, removed);
        assert!(parse_and_open(&longer).is_err(), "byte {at} doubled");
    }
}

#[test]
fn truncation_at_every_length_is_refused() {
    let sealed = sealed();
    for len in 0..sealed.len() {
        assert!(Envelope::parse(&sealed[..len]).is_err(), "first {len}");
        assert!(
            Envelope::parse(&sealed[sealed.len() - len..]).is_err(),
            "last {len}"
        );
    }
}

#[test]
fn anything_around_it_is_refused() {
    let sealed = sealed();
    for changed in [
        format!("{sealed}."),
        format!("{sealed}A"),
        format!(".{sealed}"),
        format!(" {sealed}"),
        format!("{sealed}\n"),
        format!("{sealed}{sealed}"),
        format!("\u{feff}{sealed}"),
    ] {
        assert!(parse_and_open(&changed).is_err());
    }
}

#[test]
fn an_initialization_vector_or_a_tag_of_its_own_is_refused() {
    let sealed = sealed();
    let parts: Vec<&str> = sealed.split('.').collect();
    let (protected, enc, ciphertext) = (parts[0], parts[1], parts[3]);
    for changed in [
        format!("{protected}.{enc}.AAAA.{ciphertext}."),
        format!("{protected}.{enc}..{ciphertext}.AAAA"),
        format!("{protected}..{enc}.{ciphertext}."),
        format!("{protected}.{enc}..{ciphertext}"),
    ] {
        assert_eq!(parse_and_open(&changed).err(), Some(EnvelopeError::Form));
    }
}

#[test]
fn a_ciphertext_of_another_length_is_refused() {
    let protected = b64(header_json().to_string());
    for len in [0, 1, 4095, 4097, 4500] {
        let json = plaintext_json().to_string();
        let plaintext = format!("{json:<len$}");
        let sealed = seal_raw(&protected, &plaintext.as_bytes()[..len]);
        assert_eq!(
            parse_and_open(&sealed).err(),
            Some(EnvelopeError::Ciphertext),
            "{len}"
        );
    }
}

#[test]
fn an_encapsulated_key_of_another_form_is_refused() {
    let sealed = sealed();
    let parts: Vec<&str> = sealed.split('.').collect();
    let enc = unb64(parts[1]);
    let mut hybrid = enc.clone();
    hybrid[0] = 0x06;
    let compressed = [&[0x02 | (enc[64] & 1)], &enc[1..33]].concat();
    for (enc, error) in [
        (compressed, EnvelopeError::Enc),
        (Vec::new(), EnvelopeError::Enc),
        (vec![0], EnvelopeError::Enc),
        (enc[1..].to_vec(), EnvelopeError::Enc),
        ([&enc[..], &[0]].concat(), EnvelopeError::Enc),
        (vec![0; 65], EnvelopeError::Open),
        (hybrid, EnvelopeError::Open),
    ] {
        let changed = format!("{}.{}..{}.", parts[0], b64(&enc), parts[3]);
        assert_eq!(parse_and_open(&changed).err(), Some(error), "{enc:02x?}");
    }
}

#[test]
fn base64url_that_is_not_canonical_is_refused() {
    let sealed = sealed();
    let parts: Vec<&str> = sealed.split('.').collect();
    let (protected, enc, ciphertext) = (parts[0], parts[1], parts[3]);
    for changed in [
        format!("{protected}.{enc}=..{ciphertext}."),
        format!("{protected}.{enc}..{ciphertext}=."),
        format!("{protected}=.{enc}..{ciphertext}."),
        format!("{protected}.{enc}..{}.", ciphertext.replace('-', "+")),
        format!("{protected}.{enc}..{}.", ciphertext.replace('_', "/")),
        format!("{protected}.{enc}..{ciphertext}\n."),
    ] {
        assert_ne!(changed, sealed);
        assert!(Envelope::parse(&changed).is_err());
    }
    // A header with spare bits set decodes to the same bytes; sealed so that only its form is wrong.
    let json = header_json().to_string();
    let json = (0..3)
        .map(|pad| format!("{json}{}", " ".repeat(pad)))
        .find(|j| j.len() % 3 == 1);
    let canonical = b64(json.unwrap());
    let last = canonical.chars().last().unwrap();
    let spare = char::from(next_in_alphabet(last as u8));
    let plaintext = waxseal_protocol::seal::pad(plaintext_json().to_string().as_bytes()).unwrap();
    assert!(parse_and_open(&seal_raw(&canonical, &plaintext)).is_ok());
    let spare = format!("{}{spare}", &canonical[..canonical.len() - 1]);
    let refused = parse_and_open(&seal_raw(&spare, &plaintext)).err();
    assert_eq!(refused, Some(EnvelopeError::Base64url));
}

#[test]
fn json_serializations_are_refused() {
    let sealed = sealed();
    let parts: Vec<&str> = sealed.split('.').collect();
    let (protected, enc, ciphertext) = (parts[0], parts[1], parts[3]);
    let flattened = serde_json::json!({
        "protected": protected, "encrypted_key": enc, "ciphertext": ciphertext,
    });
    let recipient = serde_json::json!({"header": {"kid": header().kid}, "encrypted_key": enc});
    let general = serde_json::json!({
        "protected": protected, "recipients": [recipient, recipient], "ciphertext": ciphertext,
    });
    for json in [flattened, general] {
        assert_eq!(
            Envelope::parse(&json.to_string()).err(),
            Some(EnvelopeError::Form)
        );
    }
    let two_keys = format!("{protected}.{enc}{enc}..{ciphertext}.");
    assert_eq!(Envelope::parse(&two_keys).err(), Some(EnvelopeError::Enc));
}

#[test]
fn parts_of_two_envelopes_do_not_mix() {
    let one = sealed();
    let mut header = header();
    header.rev += 1;
    let two = seal(&key(), &header, &card(), &mut rng(b"second")).unwrap();
    let (one, two): (Vec<&str>, Vec<&str>) = (one.split('.').collect(), two.split('.').collect());
    for part in [0, 1, 3] {
        let mut mixed = one.clone();
        mixed[part] = two[part];
        assert_eq!(
            parse_and_open(&mixed.join(".")).err(),
            Some(EnvelopeError::Open),
            "{part}"
        );
    }
}

#[test]
fn another_key_does_not_open() {
    let sealed = sealed();
    let envelope = Envelope::parse(&sealed).unwrap();
    for private_key in [[0x58; 32], [0; 32], [0xff; 32]] {
        assert_eq!(
            open(&private_key, &envelope).err(),
            Some(EnvelopeError::Open)
        );
    }
}

#[test]
fn a_text_of_a_megabyte_is_refused_at_once() {
    let huge = "A".repeat(1 << 20);
    assert_eq!(Envelope::parse(&huge).err(), Some(EnvelopeError::Form));
    let dots = ".".repeat(4096);
    assert_eq!(Envelope::parse(&dots).err(), Some(EnvelopeError::Form));
}

#[test]
fn a_foreign_clients_header_may_be_spaced_and_ordered_otherwise() {
    let spaced = serde_json::to_string_pretty(&header_json()).unwrap();
    let sealed = seal_header(&spaced);
    assert_eq!(Envelope::parse(&sealed).unwrap().header(), &header());
    assert!(parse_and_open(&sealed).is_ok());
}

#[test]
fn every_reason_has_the_one_public_code() {
    for error in [
        EnvelopeError::Alg,
        EnvelopeError::Base64url,
        EnvelopeError::Ciphertext,
        EnvelopeError::Enc,
        EnvelopeError::Form,
        EnvelopeError::Header,
        EnvelopeError::Open,
        EnvelopeError::Plaintext,
    ] {
        assert_eq!(error.code(), ErrorCode::EnvelopeInvalid);
        assert_eq!(error.as_str(), format!("{error:?}").to_lowercase());
    }
}

fn refuse_change(sealed: &str, at: usize, change: impl Fn(u8) -> u8) {
    let mut changed = sealed.as_bytes().to_vec();
    changed[at] = change(changed[at]);
    let changed = String::from_utf8(changed).unwrap();
    assert_ne!(changed, sealed);
    assert!(parse_and_open(&changed).is_err(), "byte {at}");
}

/// Another character of base64url.
fn next_in_alphabet(byte: u8) -> u8 {
    match byte {
        b'Z' => b'a',
        b'z' => b'0',
        b'9' => b'-',
        b'-' => b'_',
        b'_' | b'.' => b'A',
        other => other + 1,
    }
}
