//! Any bytes as the JSON of a plaintext: it is refused, or it is sealed and opened to the same again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waxseal_fuzz::{CountingRng, PRIVATE_KEY, header, sealing_key};
use waxseal_protocol::{
    seal::{Envelope, SealedCard, open, pad, seal},
    signal::{Reading, SignalName},
};

fuzz_target!(|json: &[u8]| {
    let Some(card) = parse(json) else {
        return;
    };
    if let Some(fields) = &card.card {
        let _ = fields.validate(2026, 11);
    }
    let envelope = seal(
        &sealing_key(),
        &header(),
        &card,
        &mut CountingRng::default(),
    )
    .unwrap();
    let opened = open(&PRIVATE_KEY, &Envelope::parse(&envelope).unwrap()).unwrap();
    assert_eq!(fields(&opened), fields(&card));
    assert!(opened.browser == card.browser, "the browser's data changed");
    assert_eq!(signals(&opened), signals(&card));

    let members = json.trim_ascii_start().strip_prefix(b"{").unwrap();
    for second in [&br#"{"card_number":"","#[..], br#"{"v":1,"#] {
        assert!(
            parse(&[second, members].concat()).is_none(),
            "one member too many is taken"
        );
    }
});

fn parse(json: &[u8]) -> Option<SealedCard> {
    SealedCard::parse(&pad(json).ok()?).ok()
}

fn fields(card: &SealedCard) -> (u8, Vec<u8>, Option<&str>, Option<&str>) {
    let fields = serde_json::to_vec(&card.card).unwrap();
    (
        card.v,
        fields,
        card.card_id.as_deref(),
        card.cvc.as_ref().map(|cvc| cvc.as_str()),
    )
}

fn signals(card: &SealedCard) -> Vec<(SignalName, Reading)> {
    card.signals
        .iter()
        .map(|(name, reading)| (name, reading.clone()))
        .collect()
}
