//! The plaintext's schema. All envelopes here open; what they hold is right or wrong.

use serde_json::{Value, json};
use waxseal_protocol::{
    ErrorCode,
    card::Brand,
    seal::{CardFields, EnvelopeError, SealError, SealedCard, seal},
    signal::Signals,
};
use zeroize::Zeroizing;

use crate::fixture::{
    browser, card, content, header, key, parse_and_open, plaintext_json, rng, seal_plaintext,
    valid_card,
};

#[test]
fn a_foreign_clients_plaintext_is_read() {
    let opened = parse_and_open(&seal_plaintext(&plaintext_json().to_string())).unwrap();
    let fields = opened.card.as_ref().unwrap();
    assert_eq!(fields.number.as_str(), "4242424242424242");
    assert_eq!(fields.cvc.as_ref().unwrap().as_str(), "737");
    assert_eq!(
        (fields.exp_month, fields.exp_year, fields.network),
        (3, 2030, None)
    );
    assert_eq!(opened.browser, browser());
    assert!(opened.signals.is_empty());
}

#[test]
fn a_saved_card_comes_with_its_cvc() {
    let cvc = Zeroizing::new("737".to_owned());
    let saved = SealedCard::saved("card_01HX".to_owned(), cvc, browser(), Signals::new());
    let sealed = seal(&key(), &header(), &saved, &mut rng(b"ephemeral")).unwrap();
    let opened = parse_and_open(&sealed).unwrap();
    assert_eq!(content(&opened), content(&saved));
    for (card_id, cvc) in [
        (json!("card_01HX"), Value::Null),
        (Value::Null, json!("737")),
        (json!("card_01HX"), json!("73")),
        (json!("card_01HX"), json!("73737")),
        (json!("cs_01HX"), json!("737")),
        (json!("card_01/X"), json!("737")),
        (json!(format!("card_{}", "A".repeat(60))), json!("737")),
    ] {
        let mut json = plaintext_json();
        json.as_object_mut().unwrap().remove("card");
        json["card_id"] = card_id;
        json["cvc"] = cvc;
        assert_eq!(refused(&json), Some(EnvelopeError::Plaintext), "{json}");
    }
}

#[test]
fn exactly_one_kind_of_card_is_required() {
    let mut none = plaintext_json();
    none.as_object_mut().unwrap().remove("card");
    assert_eq!(refused(&none), Some(EnvelopeError::Plaintext));
    for (member, value) in [("card_id", "card_01HX"), ("cvc", "737")] {
        let mut both = plaintext_json();
        both[member] = json!(value);
        assert_eq!(refused(&both), Some(EnvelopeError::Plaintext), "{member}");
    }
}

#[test]
fn a_missing_member_is_refused() {
    for pointer in [
        "/v",
        "/browser",
        "/signals",
        "/card/number",
        "/card/exp_month",
        "/card/exp_year",
    ] {
        assert_eq!(
            refused(&without(pointer)),
            Some(EnvelopeError::Plaintext),
            "{pointer}"
        );
    }
    for member in browser_members() {
        let pointer = format!("/browser/{member}");
        assert_eq!(
            refused(&without(&pointer)),
            Some(EnvelopeError::Plaintext),
            "{pointer}"
        );
    }
    assert_eq!(refused(&without("/card/cvc")), None);
}

#[test]
fn an_unknown_member_is_refused_everywhere_but_among_the_signals() {
    for parent in ["", "/card", "/browser"] {
        let mut json = plaintext_json();
        json.pointer_mut(parent).unwrap()["extra"] = json!(1);
        assert_eq!(refused(&json), Some(EnvelopeError::Plaintext), "{parent}");
    }
    let mut json = plaintext_json();
    json["signals"]["extra"] = json!({"any": [1, {"thing": null}]});
    let opened = parse_and_open(&seal_plaintext(&json.to_string())).unwrap();
    assert_eq!((opened.signals.len(), opened.signals.unknown()), (0, 1));
}

#[test]
fn a_repeated_member_is_refused() {
    let json = plaintext_json().to_string();
    for (from, to) in [
        (r#""v":1"#, r#""v":1,"v":1"#),
        (r#""exp_month":3"#, r#""exp_month":3,"exp_month":3"#),
        (
            r#""color_depth":24"#,
            r#""color_depth":24,"color_depth":24"#,
        ),
        (r#""signals":{}"#, r#""signals":{},"signals":{}"#),
    ] {
        let twice = json.replacen(from, to, 1);
        assert_ne!(twice, json);
        let error = parse_and_open(&seal_plaintext(&twice)).err();
        assert_eq!(error, Some(EnvelopeError::Plaintext), "{from}");
    }
}

#[test]
fn a_member_of_another_type_or_out_of_bounds_is_refused() {
    for (pointer, value) in [
        ("/v", json!(2)),
        ("/v", json!("1")),
        ("/v", json!(1.0)),
        ("/card", json!(["4242424242424242", 3, 2030])),
        ("/card", json!(null)),
        ("/card/number", json!(4_242_424_242_424_242_u64)),
        ("/card/number", json!("4".repeat(257))),
        ("/card/exp_month", json!("3")),
        ("/card/exp_month", json!(256)),
        ("/card/exp_year", json!(-1)),
        ("/card/cvc", json!(737)),
        ("/browser", json!([])),
        ("/browser/user_agent", json!("a".repeat(513))),
        ("/browser/user_agent", json!("é")),
        ("/browser/user_agent", json!("a\n")),
        ("/browser/accept_language", json!("a".repeat(129))),
        ("/browser/language", json!("a".repeat(36))),
        ("/browser/screen_width", json!(1_000_000)),
        ("/browser/tz_offset_min", json!(1441)),
        ("/browser/tz_offset_min", json!(-1441)),
        ("/browser/java_enabled", json!(0)),
        ("/signals", json!([])),
        ("/signals", json!(null)),
    ] {
        let mut json = plaintext_json();
        *json.pointer_mut(pointer).unwrap() = value;
        assert_eq!(refused(&json), Some(EnvelopeError::Plaintext), "{pointer}");
    }
    let mut json = plaintext_json();
    json["card"]["network"] = json!("switch");
    assert_eq!(refused(&json), Some(EnvelopeError::Plaintext));
}

#[test]
fn json_that_is_not_one_object_is_refused() {
    let json = plaintext_json().to_string();
    for text in [
        format!("{json}x"),
        format!("{json}{json}"),
        format!("[{json}]"),
        String::new(),
        "null".to_owned(),
        "[".repeat(4096),
        r#"{"signals":"#.repeat(300),
    ] {
        let error = parse_and_open(&seal_plaintext(&text)).err();
        assert_eq!(error, Some(EnvelopeError::Plaintext), "{text}");
    }
}

#[test]
fn what_would_be_refused_is_not_sealed() {
    let refused = |change: fn(&mut SealedCard)| {
        let mut card = card();
        change(&mut card);
        seal(&key(), &header(), &card, &mut rng(b"ephemeral")).err()
    };
    assert_eq!(refused(|_| {}), None);
    assert_eq!(refused(|card| card.v = 2), Some(SealError::Plaintext));
    assert_eq!(refused(|card| card.card = None), Some(SealError::Plaintext));
    assert_eq!(
        refused(|card| card.card_id = Some("card_1".into())),
        Some(SealError::Plaintext)
    );
    assert_eq!(
        refused(|card| card.browser.user_agent.push('\n')),
        Some(SealError::Plaintext)
    );
}

#[test]
fn browser_data_is_cut_to_what_is_accepted() {
    let mut wild = browser();
    wild.user_agent = "Браузер\n".repeat(200);
    wild.accept_language = "x".repeat(500);
    wild.language = "é".repeat(50);
    wild.screen_width = u32::MAX;
    wild.screen_height = u32::MAX;
    wild.tz_offset_min = i16::MIN;
    let mut card = card();
    card.browser = wild.clone();
    let sealed = seal(&key(), &header(), &card, &mut rng(b"ephemeral"));
    assert_eq!(sealed.err(), Some(SealError::Plaintext));
    card.browser = wild.bounded();
    assert!(seal(&key(), &header(), &card, &mut rng(b"ephemeral")).is_ok());
    assert_eq!(browser().bounded(), browser());
}

#[test]
fn a_card_is_validated_part_by_part() {
    let fields = || CardFields::from(&valid_card());
    let code = |change: fn(&mut CardFields)| {
        let mut fields = fields();
        change(&mut fields);
        fields.validate(2026, 11).err()
    };
    let secret = |text: &str| Zeroizing::new(text.to_owned());
    let valid = fields().validate(2026, 11).unwrap();
    assert_eq!(valid.pan.digits(), "4242424242424242");
    assert_eq!((valid.expiry.month(), valid.expiry.year()), (3, 2030));
    assert_eq!(valid.cvc.as_ref().unwrap().digits(), "737");
    assert_eq!(valid.name.as_ref().unwrap().as_str(), "Ana Example");
    assert_eq!(valid.postal_code.as_ref().unwrap().as_str(), "90210");
    assert_eq!(valid.network, Some(Brand::Visa));

    assert_eq!(
        code(|card| card.number.truncate(12)),
        Some(ErrorCode::CardNumberIncomplete)
    );
    assert_eq!(
        code(|card| card.number.replace_range(15.., "3")),
        Some(ErrorCode::CardNumberInvalid)
    );
    assert_eq!(
        code(|card| card.number.replace_range(..1, "9")),
        Some(ErrorCode::CardBrandUnknown)
    );
    assert_eq!(
        code(|card| card.exp_month = 13),
        Some(ErrorCode::ExpiryInvalid)
    );
    assert_eq!(
        code(|card| card.exp_year = 2060),
        Some(ErrorCode::ExpiryInvalid)
    );
    assert_eq!(
        code(|card| card.exp_year = 2026),
        Some(ErrorCode::CardExpired)
    );
    assert_eq!(
        code(|card| card.cvc.as_mut().unwrap().push('7')),
        Some(ErrorCode::CvcInvalid)
    );
    assert_eq!(
        code(|card| card.name.as_mut().unwrap().push('\0')),
        Some(ErrorCode::NameInvalid)
    );
    assert_eq!(
        code(|card| card.postal_code.as_mut().unwrap().push('!')),
        Some(ErrorCode::PostalCodeInvalid)
    );
    assert_eq!(
        code(|card| card.network = Some(Brand::Amex)),
        Some(ErrorCode::CardBrandUnknown)
    );

    let bare = CardFields {
        number: secret("4242424242424242"),
        exp_month: 11,
        exp_year: 2026,
        cvc: None,
        name: None,
        postal_code: None,
        network: None,
    };
    assert!(bare.validate(2026, 11).is_ok());
    assert_eq!(bare.validate(2026, 12).err(), Some(ErrorCode::CardExpired));
}

#[test]
fn debug_tells_nothing() {
    let card = card();
    let valid = valid_card();
    let shown = format!(
        "{card:?} {:?} {:?} {:?} {valid:?}",
        card.card, card.browser, card.signals
    );
    for secret in [
        "4242", "737", "2030", "Ana", "90210", "Mozilla", "Linux", "Paulo",
    ] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

fn refused(json: &Value) -> Option<EnvelopeError> {
    parse_and_open(&seal_plaintext(&json.to_string())).err()
}

fn without(pointer: &str) -> Value {
    let mut json = plaintext_json();
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    let parent = json.pointer_mut(parent).unwrap();
    parent.as_object_mut().unwrap().remove(member).unwrap();
    json
}

fn browser_members() -> Vec<String> {
    plaintext_json()["browser"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}
