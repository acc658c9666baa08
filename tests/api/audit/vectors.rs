//! An entry's hash is what AUDIT.md says, computed there by another program.

use serde_json::Value as Json;
use waxseal_verifier::store::{
    RowId, Value,
    audit::chain::{FIELDS, Place, encode, entry_hash},
};

const VECTORS: &str = include_str!("../../vectors/audit/entries.json");
const DOCUMENT: &str = include_str!("../../../verifier/AUDIT.md");

#[test]
fn entries_are_encoded_and_hashed_as_the_document_says() {
    let vectors: Json = serde_json::from_str(VECTORS).unwrap();
    let entries = vectors["entries"].as_array().unwrap();
    for entry in entries {
        let merchant: [u8; 16] = unhex(&entry["merchant"]).try_into().unwrap();
        let place = Place {
            merchant: RowId::from(merchant),
            chain: u8::try_from(entry["chain"].as_u64().unwrap()).unwrap(),
            seq: entry["seq"].as_u64().unwrap(),
        };
        let previous = unhex(&entry["previous"]).try_into().unwrap();
        let bytes = FIELDS.map(|name| entry["fields"][name].get("hex").map(unhex));
        let fields = || {
            FIELDS.iter().zip(&bytes).map(|(name, bytes)| {
                let field = &entry["fields"][name];
                match (field.as_i64(), field.as_str(), bytes) {
                    (Some(number), ..) => Value::Integer(number),
                    (_, Some(text), _) => Value::Text(text),
                    (.., Some(bytes)) => Value::Bytes(bytes),
                    _ => Value::Null,
                }
            })
        };
        let mut encoded = Vec::new();
        encode(&mut encoded, &previous, place, fields());
        assert_eq!(encoded, unhex(&entry["encoded"]));
        let hash = entry_hash(&mut encoded, &previous, place, fields());
        assert_eq!(hash.to_vec(), unhex(&entry["hash"]));
    }
    let document: String = DOCUMENT.split('\n').collect();
    for part in ["encoded", "hash"] {
        assert!(
            document.contains(entries[0][part].as_str().unwrap()),
            "{part}"
        );
    }
}

fn unhex(text: &Json) -> Vec<u8> {
    let text = text.as_str().unwrap();
    let digits = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digits).collect()
}
