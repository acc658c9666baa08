//! A stored envelope that must open for ever: whoever breaks this test breaks every envelope that is
//! under way while servers are upgraded.

use serde_json::{Value, json};
use waxseal_protocol::seal::{Envelope, open};

use crate::fixture::{
    PRIVATE_KEY, b64, card, content, header, header_json, jwk, sealed, unb64, vector,
};

#[test]
fn the_stored_envelope_opens() {
    let stored: Value = serde_json::from_str(&vector("waxseal/sealed_card_v1.json")).unwrap();
    let text = |name: &str| stored[name].as_str().unwrap();
    let private_key = unb64(text("private_key")).try_into().unwrap();
    let envelope = Envelope::parse(text("envelope")).unwrap();
    let members: Value =
        serde_json::from_slice(&unb64(text("envelope").split('.').next().unwrap())).unwrap();
    assert_eq!(members, stored["header"]);
    assert_eq!(envelope.header().kid, stored["jwk"]["kid"]);
    let opened = open(&private_key, &envelope).unwrap();
    assert_eq!(content(&opened), stored["plaintext"]);
}

/// Prints a new example; the stored one stays as it is, a new schema version gets a file of its own.
#[test]
#[ignore = "generator of tests/vectors/waxseal/sealed_card_v1.json"]
fn print_an_envelope_to_store() {
    assert_eq!(Envelope::parse(&sealed()).unwrap().header(), &header());
    let example = json!({
        "jwk": jwk(&PRIVATE_KEY),
        "private_key": b64(PRIVATE_KEY),
        "header": header_json(),
        "plaintext": content(&card()),
        "envelope": sealed(),
    });
    println!("{}", serde_json::to_string_pretty(&example).unwrap());
}
