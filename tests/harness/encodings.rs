//! The forms in which digits that must not be anywhere might be somewhere.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};

/// Bytes to search for, and what it would mean to find them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Needle {
    /// The encoding's name.
    pub form: &'static str,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A PAN in every common encoding.
pub fn pan_encodings(pan: &str) -> Vec<Needle> {
    let number: u64 = pan.parse().expect("digits that fit into 64 bits");
    let values = || pan.bytes().map(|digit| digit - b'0');
    let mut needles = vec![
        needle("ASCII digits", pan.as_bytes()),
        needle("ASCII digits, reversed", &reversed(pan.as_bytes())),
        needle("UTF-16, little-endian", &wide(pan, u16::to_le_bytes)),
        needle("UTF-16, big-endian", &wide(pan, u16::to_be_bytes)),
        needle("hexadecimal of ASCII", hex(pan.as_bytes()).as_bytes()),
        needle("one byte a digit", &values().collect::<Vec<_>>()),
        needle(
            "two bytes a digit, little-endian",
            &values().flat_map(|value| [value, 0]).collect::<Vec<_>>(),
        ),
        needle(
            "four bytes a digit, little-endian",
            &values()
                .flat_map(|value| [value, 0, 0, 0])
                .collect::<Vec<_>>(),
        ),
        needle("integer, big-endian", significant(&number.to_be_bytes())),
        needle(
            "integer, little-endian",
            &reversed(significant(&number.to_be_bytes())),
        ),
        needle("JSON escapes", escapes(pan).as_bytes()),
    ];
    for (form, separator) in [("groups and spaces", " "), ("groups and dashes", "-")] {
        for sizes in [&[4; 5][..], &[4, 6, 9]] {
            needles.push(needle(form, grouped(pan, sizes, separator).as_bytes()));
        }
    }
    if pan.len().is_multiple_of(2) {
        needles.push(needle("packed BCD", &packed(pan)));
    } else {
        needles.push(needle("packed BCD", &packed(&format!("0{pan}"))));
        // Of the last byte the half is anything.
        needles.push(needle("packed BCD", &packed(&pan[..pan.len() - 1])));
    }
    needles.extend(base64_forms(pan.as_bytes()));
    unique(needles)
}

/// A CVC as something that writes values would write it: four bare digits are everywhere by chance.
pub fn cvc_forms(cvc: &str) -> Vec<Needle> {
    let digits = cvc.as_bytes();
    let length = u8::try_from(digits.len()).expect("short");
    let mut needles = vec![
        needle("UTF-16, little-endian", &wide(cvc, u16::to_le_bytes)),
        needle("UTF-16, big-endian", &wide(cvc, u16::to_be_bytes)),
        needle("JSON escapes", escapes(cvc).as_bytes()),
        needle("length in one byte", &[&[length], digits].concat()),
        needle("length in two bytes", &[&[0, length], digits].concat()),
        needle("length in two bytes", &[&[length, 0], digits].concat()),
        needle(
            "length in four bytes",
            &[&[length, 0, 0, 0], digits].concat(),
        ),
        needle(
            "length in four bytes",
            &[&[0, 0, 0, length], digits].concat(),
        ),
        needle("MessagePack", &[&[0xa0 | length], digits].concat()),
        // Without the name the byte before the digits would be a letter, as in many an id.
        needle("CBOR", &[b"cvc", &[0x60 | length][..], digits].concat()),
        needle("Debug", format!("Cvc(\"{cvc}\")").as_bytes()),
    ];
    for name in [
        "cvc",
        "CVC",
        "cvv",
        "cvc2",
        "cvv2",
        "cid",
        "csc",
        "security_code",
    ] {
        for (form, text) in [
            ("JSON", format!("\"{name}\":\"{cvc}\"")),
            ("JSON", format!("\"{name}\": \"{cvc}\"")),
            ("JSON number", format!("\"{name}\":{cvc}")),
            ("JSON in JSON", format!("\\\"{name}\\\":\\\"{cvc}\\\"")),
            ("form", format!("{name}={cvc}")),
            ("log field", format!("{name}=\"{cvc}\"")),
            ("header or YAML", format!("{name}: {cvc}")),
            ("XML", format!("<{name}>{cvc}</{name}>")),
        ] {
            needles.push(needle(form, text.as_bytes()));
        }
        needles.extend(base64_forms(format!("\"{name}\":\"{cvc}\"").as_bytes()));
    }
    unique(needles)
}

/// What is the same wherever the value lies in a longer base64 text: at each of the three alignments, the
/// characters that its neighbours have no part in.
fn base64_forms(value: &[u8]) -> Vec<Needle> {
    let mut needles = Vec::new();
    for before in 0..3 {
        let padded = [&vec![0; before][..], value].concat();
        let first = (before * 8).div_ceil(6);
        let end = padded.len() * 8 / 6;
        for (form, text) in [
            ("base64", STANDARD_NO_PAD.encode(&padded)),
            ("base64url", URL_SAFE_NO_PAD.encode(&padded)),
        ] {
            needles.push(needle(form, &text.as_bytes()[first..end]));
        }
    }
    needles
}

fn needle(form: &'static str, bytes: &[u8]) -> Needle {
    Needle {
        form,
        bytes: bytes.to_vec(),
    }
}

fn unique(needles: Vec<Needle>) -> Vec<Needle> {
    let mut kept: Vec<Needle> = Vec::new();
    for needle in needles {
        if kept.iter().all(|other| other.bytes != needle.bytes) {
            kept.push(needle);
        }
    }
    kept
}

fn reversed(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().rev().copied().collect()
}

fn wide(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

fn hex(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.concat()
}

fn escapes(digits: &str) -> String {
    let escaped = digits.bytes().map(|digit| format!("\\u{digit:04x}"));
    escaped.collect::<Vec<_>>().concat()
}

fn significant(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

fn grouped(digits: &str, sizes: &[usize], separator: &str) -> String {
    let mut rest = digits;
    let mut groups = Vec::new();
    for size in sizes {
        let (group, after) = rest.split_at(rest.len().min(*size));
        groups.push(group);
        rest = after;
    }
    groups.retain(|group| !group.is_empty());
    groups.join(separator)
}

fn packed(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| (pair[0] - b'0') << 4 | (pair[1] - b'0'))
        .collect()
}
