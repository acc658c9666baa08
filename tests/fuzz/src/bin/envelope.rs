//! Any text as an envelope: it is refused, or it says what it said; and it opens only if it is the
//! envelope that was sealed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waxseal_fuzz::PRIVATE_KEY;
use waxseal_protocol::seal::{CIPHERTEXT_LEN, Envelope, open};

const SEALED: &str = include_str!("../../seeds/envelope/sealed");

fuzz_target!(|text: &str| {
    let Ok(envelope) = Envelope::parse(text) else {
        assert_ne!(text, SEALED, "the envelope that was sealed is refused");
        return;
    };
    assert_eq!(envelope.ciphertext().len(), CIPHERTEXT_LEN);
    assert!(text.as_bytes().starts_with(envelope.aad()));
    assert_eq!(
        open(&PRIVATE_KEY, &envelope).is_ok(),
        text == SEALED,
        "nobody but the sealer makes an envelope that opens"
    );
});
