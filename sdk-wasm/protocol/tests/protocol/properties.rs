//! Properties over random input.

use proptest::{prelude::*, sample::select};
use waxseal_protocol::{
    card::{
        CardholderName, Cvc, Expiry, Pan, PostalCode, TEST_CARDS, best_brand, detect, fold_digits,
        is_luhn_valid, max_length,
    },
    seal::{BrowserData, CardFields, Envelope, Header, SealedCard, ValidCard, open, pad, seal},
    signal::{Outcome, Reading, SignalName, SignalValue, Signals},
};

use crate::fixture::{
    PRIVATE_KEY, b64, browser, content, header, key, parse_and_open, rng, seal_header,
    seal_plaintext, sealed,
};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_sealed_comes_back_in_the_same_length(
        header in any_header(),
        card in any_card(),
        ephemeral in any::<[u8; 32]>(),
    ) {
        let envelope = seal(&key(), &header, &card, &mut rng(&ephemeral)).unwrap();
        let parsed = Envelope::parse(&envelope).unwrap();
        prop_assert_eq!(parsed.header(), &header);
        prop_assert_eq!(parsed.ciphertext().len(), 4096 + 16);
        let opened = open(&PRIVATE_KEY, &parsed).unwrap();
        prop_assert_eq!(content(&opened), content(&card));
    }

    #[test]
    fn a_header_does_not_open_what_was_sealed_under_another(one in any_header(), two in any_header()) {
        prop_assume!(one != two);
        let card = crate::fixture::card();
        let sealed_one = seal(&key(), &one, &card, &mut rng(b"ephemeral")).unwrap();
        let sealed_two = seal(&key(), &two, &card, &mut rng(b"ephemeral")).unwrap();
        let (header_two, _) = sealed_two.split_once('.').unwrap();
        let (_, rest_one) = sealed_one.split_once('.').unwrap();
        let mixed = [header_two, rest_one].join(".");
        prop_assert!(parse_and_open(&mixed).is_err());
    }

    #[test]
    fn no_text_is_an_envelope_by_accident(text in ".*", at in any::<prop::sample::Index>()) {
        prop_assert!(Envelope::parse(&text).is_err());
        let mut spliced = sealed();
        spliced.insert_str(at.index(spliced.len()), &text);
        prop_assert_eq!(parse_and_open(&spliced).is_ok(), text.is_empty());
    }

    #[test]
    fn no_header_panics(json in any_json()) {
        let _ = parse_and_open(&seal_header(&json));
    }

    #[test]
    fn no_plaintext_panics(json in any_json()) {
        let sealed = seal_plaintext(&json.chars().take(1000).collect::<String>());
        prop_assert!(parse_and_open(&sealed).is_err());
    }

    #[test]
    fn no_bytes_panic_as_a_plaintext(bytes in prop::collection::vec(any::<u8>(), 0..4200)) {
        prop_assert!(SealedCard::parse(&bytes).is_err());
        if let Ok(padded) = pad(&bytes) {
            prop_assert!(SealedCard::parse(&padded).is_err());
        }
    }

    #[test]
    fn no_text_panics_in_the_card_types(text in ".*", digits in "[0-9 ]{0,24}") {
        for text in [&text, &digits] {
            let _ = (Expiry::parse(text), CardholderName::parse(text), PostalCode::parse(text));
            let folded = fold_digits(text);
            prop_assert!(folded.len() <= text.len(), "the buffer moved");
            let _ = (detect(&folded), best_brand(&folded), max_length(&folded));
            if let Ok(pan) = Pan::parse(text) {
                prop_assert!((12..=19).contains(&pan.digits().len()));
                prop_assert!(pan.belongs_to(pan.brand()));
                prop_assert!(pan.is_luhn_valid() || !pan.brand().spec().luhn_required);
                let _ = Cvc::parse(text, pan.brand());
            }
        }
    }

    #[test]
    fn a_brand_stays_a_candidate_while_its_number_is_typed(pan in any_pan()) {
        for len in 0..=pan.digits().len() {
            let typed = &pan.digits()[..len];
            prop_assert!(detect(typed).iter().any(|candidate| candidate.brand == pan.brand()));
            prop_assert!(max_length(typed) >= pan.digits().len());
        }
    }

    #[test]
    fn every_two_neighbours_swapped_but_09_are_found(pan in any_pan(), at in any::<prop::sample::Index>()) {
        let mut digits = pan.digits().as_bytes().to_vec();
        let at = at.index(digits.len() - 1);
        let pair = [digits[at], digits[at + 1]];
        prop_assume!(pan.is_luhn_valid() && pair[0] != pair[1] && !matches!(&pair, b"09" | b"90"));
        digits.swap(at, at + 1);
        prop_assert!(!is_luhn_valid(core::str::from_utf8(&digits).unwrap()));
    }
}

fn any_header() -> impl Strategy<Value = Header> {
    let ids = (
        "[A-Za-z0-9_]{1,64}",
        "https?://[a-z0-9.-]{1,200}(:[0-9]{1,5})?",
    );
    let bits = (any::<[u8; 16]>(), any::<[u8; 16]>());
    (ids, any::<u32>(), 0..1_u64 << 53, bits).prop_map(|((sid, org), rev, iat, (jti, bld))| {
        Header {
            sid,
            org,
            rev,
            iat,
            jti: b64(jti),
            bld: b64(bld),
            kid: header().kid,
        }
    })
}

fn any_pan() -> impl Strategy<Value = Pan> {
    let test_card = (0..TEST_CARDS.len()).prop_map(|at| TEST_CARDS[at].number.to_owned());
    let numbers = prop_oneof![test_card, "[2-6][0-9]{11,18}".prop_map(with_check_digit)];
    numbers.prop_filter_map("no brand", |digits| Pan::parse(&digits).ok())
}

fn with_check_digit(mut digits: String) -> String {
    digits.pop();
    let check = (0..10).find(|check| is_luhn_valid(&format!("{digits}{check}")));
    format!("{digits}{}", check.unwrap())
}

prop_compose! {
    fn any_card()(
        pan in any_pan(),
        month in 1..=12_u8,
        year in 2000..=2199_u16,
        cvc in "[0-9]{4}",
        has_cvc in any::<bool>(),
        name in prop::option::of(any::<String>()),
        postal_code in prop::option::of("[A-Z0-9 -]{1,16}"),
        user_agent in ".{0,600}",
        screen_width in any::<u32>(),
        signals in any_signals(),
    ) -> SealedCard {
        let cvc = &cvc[..usize::from(pan.brand().spec().cvc_length)];
        let valid = ValidCard {
            expiry: Expiry::new(month, year).unwrap(),
            cvc: has_cvc.then(|| Cvc::parse(cvc, pan.brand()).unwrap()),
            name: name.and_then(|name| CardholderName::parse(&name).ok()),
            postal_code: postal_code.and_then(|code| PostalCode::parse(&code).ok()),
            network: None,
            pan,
        };
        let browser = BrowserData { user_agent, screen_width, ..browser() }.bounded();
        SealedCard::new(CardFields::from(&valid), browser, signals)
    }
}

fn any_signals() -> impl Strategy<Value = Signals> {
    let value = prop_oneof![
        any::<i32>().prop_map(SignalValue::Int),
        prop::collection::vec(any::<i32>(), 0..80).prop_map(SignalValue::Ints),
        any::<String>().prop_map(SignalValue::Text),
        prop::collection::vec(any::<String>(), 0..12).prop_map(SignalValue::Texts),
    ];
    let outcome = prop_oneof![
        Just(Outcome::Error),
        Just(Outcome::Masked),
        Just(Outcome::Skipped),
        Just(Outcome::Unstable),
        value.prop_map(Outcome::Value),
    ];
    let entry = (select(SignalName::ALL.to_vec()), outcome, any::<u32>());
    prop::collection::vec(entry, 0..30).prop_map(|entries| {
        let mut signals = Signals::new();
        for (name, outcome, duration_us) in entries {
            signals.insert(name, Reading::new(outcome, duration_us));
        }
        signals
    })
}

/// JSON-like text: members that exist, with values that may not fit, and plain noise.
fn any_json() -> impl Strategy<Value = String> {
    let name = select(vec![
        "alg", "typ", "kid", "rev", "iat", "v", "card", "signals", "x",
    ]);
    let value = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| number.to_string()),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just("{}".to_owned()),
        Just("[]".to_owned()),
        Just("null".to_owned()),
    ];
    let object = prop::collection::vec((name, value), 0..12).prop_map(|members| {
        let members: Vec<_> = members
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", members.join(","))
    });
    prop_oneof![object, any::<String>()]
}
