//! One length for everything, and room for the longest of everything.

use waxseal_protocol::{
    card::{Brand, CardholderName, Cvc, Expiry, Pan, PostalCode},
    seal::{BrowserData, CardFields, SealedCard, ValidCard, seal},
    signal::{
        KeyTiming, Kind, Outcome, PasteCounts, Reading, Screen, SignalName, SignalValue, Signals,
    },
};

use crate::fixture::{card, content, header, key, parse_and_open, rng, sealed};

/// Of a character beyond U+FFFF JSON needs four bytes; texts of the browser's are cut to what needs one a
/// character. Nothing that a frame seals needs more.
#[test]
fn the_longest_of_everything_fits_and_nothing_is_dropped() {
    let longest = longest();
    let envelope = seal(&key(), &header(), &longest, &mut rng(b"ephemeral")).unwrap();
    let opened = parse_and_open(&envelope).unwrap();
    assert_eq!(content(&opened), content(&longest));
    assert_eq!(opened.signals.len(), SignalName::ALL.len());
    assert!(opened.card.unwrap().validate(2026, 11).is_ok());
    assert_eq!(envelope.len(), sealed().len());
}

#[test]
fn the_shortest_card_has_the_same_length() {
    let pan = Pan::parse("676770000005").unwrap();
    assert_eq!((pan.digits().len(), pan.brand()), (12, Brand::Maestro));
    let valid = ValidCard {
        pan,
        expiry: Expiry::new(1, 2030).unwrap(),
        cvc: None,
        name: None,
        postal_code: None,
        network: None,
    };
    let fields = CardFields::from(&valid);
    let shortest = SealedCard::new(fields, BrowserData::default(), Signals::new());
    let envelope = seal(&key(), &header(), &shortest, &mut rng(b"ephemeral")).unwrap();
    assert_eq!(envelope.len(), sealed().len());
    assert_ne!(content(&shortest), content(&card()));
}

fn longest() -> SealedCard {
    let pan = Pan::parse("6205500000000000004").unwrap();
    let valid = ValidCard {
        expiry: Expiry::new(11, 2046).unwrap(),
        cvc: Some(Cvc::parse("999", pan.brand()).unwrap()),
        name: Some(CardholderName::parse(&"\u{20000}".repeat(CardholderName::MAX_CHARS)).unwrap()),
        postal_code: Some(PostalCode::parse(&"W".repeat(PostalCode::MAX_CHARS)).unwrap()),
        network: Some(pan.brand()),
        pan,
    };
    let quotes = || "\"".repeat(1000);
    let browser = BrowserData {
        accept_language: quotes(),
        color_depth: u8::MAX,
        java_enabled: false,
        javascript_enabled: false,
        language: quotes(),
        screen_height: u32::MAX,
        screen_width: u32::MAX,
        tz_offset_min: i16::MIN,
        user_agent: quotes(),
    };
    SealedCard::new(
        CardFields::from(&valid),
        browser.bounded(),
        longest_signals(),
    )
}

fn longest_signals() -> Signals {
    let mut signals = Signals::new();
    for name in SignalName::ALL {
        let longest = match name.kind() {
            Kind::Bits(_) | Kind::Int { .. } => SignalValue::Int(i32::MAX),
            Kind::Ints {
                entries, min: 0, ..
            } => SignalValue::Ints(vec![i32::MAX; entries]),
            Kind::Ints { entries, .. } => SignalValue::Ints(vec![i32::MIN; entries]),
            Kind::KeyTiming => SignalValue::KeyTiming(KeyTiming {
                dwell_ms_median: u16::MAX,
                flight_ms_median: u16::MAX,
                keys: u16::MAX,
            }),
            Kind::PasteCounts => SignalValue::PasteCounts(PasteCounts {
                number: u16::MAX,
                expiry: u16::MAX,
                cvc: u16::MAX,
                name: u16::MAX,
                postal_code: u16::MAX,
            }),
            Kind::Screen => SignalValue::Screen(Screen {
                width: u16::MAX,
                height: u16::MAX,
                avail_width: u16::MAX,
                avail_height: u16::MAX,
                color_depth: u8::MAX,
            }),
            Kind::Digits(_) | Kind::Plain(_) | Kind::Text(_) => {
                SignalValue::Text("\"".repeat(1000))
            }
            Kind::Plains { .. } | Kind::Texts { .. } => {
                SignalValue::Texts(vec!["\"".repeat(1000); 100])
            }
        };
        assert!(signals.insert(name, Reading::new(Outcome::Value(longest), u32::MAX)));
    }
    signals
}
