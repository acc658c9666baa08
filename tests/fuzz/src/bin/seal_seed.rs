//! Writes the seed of target `envelope`: a card sealed to the fuzzers' key.
//!
//! `cargo run --bin seal_seed > seeds/envelope/sealed`, after a change of the format.

use waxseal_fuzz::{CountingRng, header, sealing_key};
use waxseal_protocol::seal::{SealedCard, pad, seal};

fn main() {
    let plaintext = pad(include_bytes!("../../seeds/sealed_card/full")).unwrap();
    let card = SealedCard::parse(&plaintext).unwrap();
    print!(
        "{}",
        seal(
            &sealing_key(),
            &header(),
            &card,
            &mut CountingRng::default()
        )
        .unwrap()
    );
}
