//! Looks for planted values in bytes, from wherever they come.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use aho_corasick::AhoCorasick;

use crate::Needle;

/// A planted value that was found.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Hit {
    /// Which of the planted values, counted from 0.
    pub value: usize,
    /// Its encoding.
    pub form: &'static str,
    /// The file or the part of memory.
    pub place: String,
}

/// Searches for many values in many encodings at once.
pub struct Search {
    automaton: AhoCorasick,
    meaning: Vec<(usize, &'static str)>,
}

impl Search {
    /// For values, each with its encodings.
    pub fn new(values: impl IntoIterator<Item = Vec<Needle>>) -> Self {
        let mut meaning = Vec::new();
        let mut patterns = Vec::new();
        for (value, needles) in values.into_iter().enumerate() {
            for needle in needles {
                meaning.push((value, needle.form));
                patterns.push(needle.bytes);
            }
        }
        Self {
            automaton: AhoCorasick::new(patterns).expect("patterns"),
            meaning,
        }
    }

    /// What of it is in `bytes`, each value and encoding once.
    pub fn hits(&self, place: &str, bytes: &[u8]) -> BTreeSet<Hit> {
        self.automaton
            .find_overlapping_iter(bytes)
            .map(|found| {
                let (value, form) = self.meaning[found.pattern().as_usize()];
                Hit {
                    value,
                    form,
                    place: place.to_owned(),
                }
            })
            .collect()
    }
}

impl Search {
    /// What stands around the first place of a hit in the bytes that it was found in, and where that is: never the value,
    /// nor what may belong to it.
    pub fn around(&self, hit: &Hit, bytes: &[u8]) -> String {
        let is_it = |found: &aho_corasick::Match| {
            self.meaning[found.pattern().as_usize()] == (hit.value, hit.form)
        };
        let Some(first) = self.automaton.find_overlapping_iter(bytes).find(is_it) else {
            return "not there any more".to_owned();
        };
        let [mut start, mut end] = [first.start(), first.end()];
        while start > 0 && may_belong(bytes[start - 1]) {
            start -= 1;
        }
        while bytes.get(end).copied().is_some_and(may_belong) {
            end += 1;
        }
        let shown = |part: &[u8]| {
            let part: Vec<u8> = part.iter().map(|byte| masked(*byte)).collect();
            part.escape_ascii().to_string()
        };
        let before = shown(&bytes[start.saturating_sub(AROUND)..start]);
        let after = shown(&bytes[end..bytes.len().min(end + AROUND)]);
        let (at, all, length) = (first.start(), bytes.len(), first.len());
        format!(
            "at {at} of {all}, {length} bytes, in: {before}«{} bytes»{after}",
            end - start
        )
    }
}

/// Bytes that are shown on each side.
const AROUND: usize = 60;

/// Whether a byte beside a value may be a part of it, or of what it is the end of.
const fn may_belong(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'%' | b'.')
}

/// Digits are not shown: they may be another form of the same.
const fn masked(byte: u8) -> u8 {
    if byte.is_ascii_digit() { b'#' } else { byte }
}

/// Every file in these folders and the folders in them, with what is in it. SQLite's index of its log (`-shm`) is left out:
/// it has nothing of what is stored, and numbers of frames that follow each other, which in UTF-16 are digits (48, 51, 54,
/// 57 are `0369`).
pub fn folder_files(folders: &[&Path]) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = folders.iter().map(|path| path.to_path_buf()).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let kind = entry.file_type().expect("a kind");
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() && !entry.file_name().as_encoded_bytes().ends_with(b"-shm") {
                let bytes = std::fs::read(entry.path()).expect("a file");
                files.push((entry.path(), bytes));
            }
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use base64::{
        Engine,
        engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
    };

    use super::*;
    use crate::{cvc_forms, pan_encodings};

    const AMEX: &str = "378282246310005";
    const VISA: &str = "4242424242424242";

    fn planted(value: &[u8]) -> Vec<u8> {
        [&[0x5a; 1000], value, &[0xa5; 1000]].concat()
    }

    fn forms(search: &Search, bytes: &[u8]) -> Vec<(usize, &'static str)> {
        let hits = search.hits("", bytes);
        hits.into_iter().map(|hit| (hit.value, hit.form)).collect()
    }

    #[test]
    fn every_encoding_of_a_pan_is_found_and_told() {
        let search = Search::new([AMEX, VISA].map(pan_encodings));
        assert_eq!(forms(&search, &planted(b"")), []);
        let wide = |pan: &str| pan.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let wide_big = |pan: &str| pan.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (form, amex, visa) in [
            ("ASCII digits", AMEX.into(), VISA.into()),
            (
                "ASCII digits, reversed",
                b"500013642282873".to_vec(),
                vec![],
            ),
            ("UTF-16, little-endian", wide(AMEX), wide(VISA)),
            ("UTF-16, big-endian", wide_big(AMEX), wide_big(VISA)),
            (
                "hexadecimal of ASCII",
                b"333738323832323436333130303035".to_vec(),
                b"34323432343234323432343234323432".to_vec(),
            ),
            (
                "groups and spaces",
                b"3782 822463 10005".to_vec(),
                b"4242 4242 4242 4242".to_vec(),
            ),
            (
                "groups and dashes",
                b"3782-8224-6310-005".to_vec(),
                b"4242-4242-4242-4242".to_vec(),
            ),
            (
                "packed BCD",
                vec![0x03, 0x78, 0x28, 0x22, 0x46, 0x31, 0x00, 0x05],
                vec![0x42; 8],
            ),
            (
                "packed BCD",
                vec![0x37, 0x82, 0x82, 0x24, 0x63, 0x10, 0x00, 0x5f],
                vec![0x42; 8],
            ),
            (
                "integer, big-endian",
                378_282_246_310_005_u64.to_be_bytes().to_vec(),
                4_242_424_242_424_242_u64.to_be_bytes().to_vec(),
            ),
            (
                "integer, little-endian",
                378_282_246_310_005_u64.to_le_bytes().to_vec(),
                4_242_424_242_424_242_u64.to_le_bytes().to_vec(),
            ),
            (
                "one byte a digit",
                vec![3, 7, 8, 2, 8, 2, 2, 4, 6, 3, 1, 0, 0, 0, 5],
                [4, 2].repeat(8),
            ),
        ] {
            for (value, bytes) in [(0, amex), (1, visa)] {
                if !bytes.is_empty() {
                    let found = forms(&search, &planted(&bytes));
                    assert!(found.contains(&(value, form)), "{form} {value}: {found:?}");
                    assert!(found.iter().all(|(other, _)| *other == value));
                }
            }
        }
    }

    #[test]
    fn base64_is_found_wherever_the_value_begins_and_ends() {
        let pans = Search::new([pan_encodings(AMEX)]);
        let cvcs = Search::new([cvc_forms("0737")]);
        for before in 0..6 {
            for after in 0..4 {
                for (search, value) in [(&pans, AMEX), (&cvcs, r#""cvc":"0737""#)] {
                    let text = [&vec![0xfb; before], value.as_bytes(), &vec![0xff; after]].concat();
                    for encoded in [STANDARD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                        let found = forms(search, &planted(encoded.as_bytes()));
                        assert!(!found.is_empty(), "{value} {before} {after}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_cvc_is_found_as_something_that_was_written_and_not_as_bare_digits() {
        let search = Search::new(["0737", "123"].map(cvc_forms));
        for text in [
            r#"{"cvc":"0737"}"#,
            r#"{\"cvc\":\"0737\"}"#,
            "cvc=0737&",
            "cvv: 0737",
            r#"Cvc("0737")"#,
            "<cvc>0737</cvc>",
            "\u{4}0737",
            "\0\0\0\u{4}0737",
            r"\u0030\u0037\u0033\u0037",
        ] {
            let found = forms(&search, &planted(text.as_bytes()));
            assert!(!found.is_empty(), "{text}");
            assert!(found.iter().all(|(value, _)| *value == 0));
        }
        assert_eq!(forms(&search, &planted(b"2026-07-07T20:20:0737Z")), []);
    }

    #[test]
    fn what_stands_around_a_hit_is_told_and_the_value_is_not() {
        let search = Search::new([AMEX, VISA].map(pan_encodings));
        let bytes = format!("{{\"id\":7,\"note\":\"a{VISA}b-c\",\"x\":\"\u{1}\"}}");
        let hits = search.hits("", bytes.as_bytes());
        let told = search.around(hits.first().expect("a hit"), bytes.as_bytes());
        assert_eq!(
            told,
            r#"at 17 of 46, 16 bytes, in: {\"id\":#,\"note\":\"«20 bytes»\",\"x\":\"\x01\"}"#
        );
    }

    #[test]
    fn files_in_folders_in_folders_are_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let deep = folder.path().join("base/1");
        std::fs::create_dir_all(&deep).expect("a folder");
        std::fs::write(deep.join("table"), VISA).expect("a file");
        std::fs::write(deep.join("waxseal.sqlite-shm"), VISA).expect("a file");
        let files = folder_files(&[folder.path()]);
        assert_eq!(files, [(deep.join("table"), VISA.as_bytes().to_vec())]);
    }
}
