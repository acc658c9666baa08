//! Signals inside a plaintext.

use serde_json::{Value, json};
use waxseal_protocol::{
    seal::EnvelopeError,
    signal::{
        KeyTiming, Kind, Outcome, PasteCounts, Reading, Screen, SignalName, SignalValue, Signals,
    },
};

use crate::fixture::{parse_and_open, plaintext_json, seal_plaintext, signals};

#[test]
fn each_signal_is_written_as_documented() {
    assert_eq!(
        serde_json::to_value(signals()).unwrap(),
        json!({
            "canvas": {"u": 30},
            "device_token": [12, ["AAAAAAAAAAAAAAAAAAAAAA", "", "3"]],
            "fields": [12, [1, 2, 3]],
            "hardware_concurrency": {"value": 8, "us": 12},
            "headless": [12, 65],
            "key_timing": {
                "value": {"dwell_ms_median": 84, "flight_ms_median": 131, "keys": 27}, "us": 12,
            },
            "languages": {"value": ["pt-BR", "en"], "us": 12},
            "media": [12, "1010"],
            "paste_counts": {
                "value": {"number": 1, "expiry": 0, "cvc": 0, "name": 0, "postal_code": 0},
                "us": 12,
            },
            "pixel_ratio": {"value": 1250, "us": 12},
            "platform": {"value": "Linux x86_64", "us": 12},
            "screen": {
                "value": {
                    "width": 1920, "height": 1080, "avail_width": 1920, "avail_height": 1040,
                    "color_depth": 24,
                },
                "us": 12,
            },
            "time_zone": {"value": "America/Sao_Paulo", "us": 12},
            "touch_points": {"status": "skipped", "us": 1},
            "utc_offset_min": {"value": -180, "us": 12},
        })
    );
}

#[test]
fn each_signal_is_read_back() {
    let json = serde_json::to_string(&signals()).unwrap();
    let read: Signals = serde_json::from_str(&json).unwrap();
    assert_eq!(read, signals());
    for name in SignalName::ALL {
        assert_eq!(read.reading(name), signals().reading(name), "{name:?}");
    }
}

#[test]
fn each_outcome_is_read_back() {
    for (outcome, word, letter) in [
        (Outcome::Error, "error", "e"),
        (Outcome::Masked, "masked", "m"),
        (Outcome::Skipped, "skipped", "s"),
        (Outcome::Unstable, "unstable", "u"),
    ] {
        let mut signals = Signals::new();
        for name in [SignalName::Canvas, SignalName::Platform] {
            assert!(signals.insert(name, Reading::new(outcome.clone(), u32::MAX)));
        }
        let json = serde_json::to_value(&signals).unwrap();
        let written = json!({
            "canvas": {(letter): 9_999_999},
            "platform": {"status": word, "us": u32::MAX},
        });
        assert_eq!(json, written);
        let read: Signals = serde_json::from_value(json).unwrap();
        assert_eq!(read, signals);
        for (_, reading) in read.iter() {
            assert_eq!((reading.outcome(), reading.value()), (&outcome, None));
        }
    }
}

#[test]
fn members_of_a_reading_may_come_in_any_order() {
    let opened = open_with("platform", r#"{"us":3,"value":"Linux"}"#).unwrap();
    let reading = opened.reading(SignalName::Platform).unwrap();
    assert_eq!(reading.value(), Some(&SignalValue::Text("Linux".into())));
}

#[test]
fn a_reading_of_another_form_is_refused() {
    for reading in [
        "1",
        "null",
        "[]",
        "{}",
        r#"["x",1]"#,
        r#"{"value":"x"}"#,
        r#"{"us":1}"#,
        r#"{"value":"x","us":1,"us":1}"#,
        r#"{"value":"x","value":"x","us":1}"#,
        r#"{"value":"x","status":"skipped","us":1}"#,
        r#"{"status":"value","us":1}"#,
        r#"{"status":"other","us":1}"#,
        r#"{"value":"x","us":1,"extra":1}"#,
        r#"{"value":"x","us":-1}"#,
        r#"{"value":"x","us":1.5}"#,
        r#"{"value":"x","us":4294967296}"#,
    ] {
        let error = open_with("platform", reading).err();
        assert_eq!(error, Some(EnvelopeError::Plaintext), "{reading}");
    }
    assert!(open_with("platform", r#"{"value":"x","us":4294967295}"#).is_ok());
}

#[test]
fn a_short_reading_of_another_form_is_refused() {
    for reading in [
        "1",
        "null",
        "[]",
        "{}",
        "[1]",
        r#"["x",1]"#,
        r#"[1,"x",1]"#,
        r#"[-1,"x"]"#,
        r#"[1.5,"x"]"#,
        r#"[10000000,"x"]"#,
        r#"{"s":10000000}"#,
        r#"{"s":-1}"#,
        r#"{"s":"x"}"#,
        r#"{"s":1,"s":1}"#,
        r#"{"s":1,"e":1}"#,
        r#"{"skipped":1}"#,
        r#"{"value":"x","us":1}"#,
    ] {
        let error = open_with("audio", reading).err();
        assert_eq!(error, Some(EnvelopeError::Plaintext), "{reading}");
    }
    let opened = open_with("audio", r#"[9999999,"x"]"#).unwrap();
    assert_eq!(opened.text(SignalName::Audio), Some("x"));
    assert!(open_with("audio", r#"{"s":0}"#).is_ok());
    assert!(open_with("platform", r#"[1,"x"]"#).is_err());
}

#[test]
fn a_short_value_of_another_type_or_out_of_bounds_is_refused() {
    for (name, value, is_taken) in [
        ("audio", json!("0123456789a"), true),
        ("audio", json!("0123456789ab"), false),
        ("audio", json!("\""), false),
        ("audio", json!("\\"), false),
        ("audio", json!(1), false),
        ("canvas", json!(["a", "b"]), true),
        ("canvas", json!(["a", "b", "c"]), false),
        ("canvas", json!(["a", 1]), false),
        ("canvas", json!("a"), false),
        ("canvas", json!(["\""]), false),
        ("media", json!("0123456789012345"), true),
        ("media", json!("01234567890123456"), false),
        ("media", json!("1x"), false),
        ("media", json!(""), true),
        ("headless", json!(255), true),
        ("headless", json!(256), false),
        ("headless", json!(-1), false),
        ("headless", json!("1"), false),
        ("headless", json!(1.5), false),
        ("headless", json!(true), false),
        ("fields", json!(vec![9_999; 60]), true),
        ("fields", json!(vec![0; 61]), false),
        ("fields", json!([10_000]), false),
        ("fields", json!([-1]), false),
        ("fields", json!([[1]]), false),
        ("fields", json!(["1"]), false),
        ("fields", json!({"keys": 1}), false),
        ("window", json!([-99_999, 99_999]), true),
        ("window", json!([-100_000]), false),
        ("window", json!([4_294_967_296_i64]), false),
        ("device_token", json!(["A".repeat(22), "", "12"]), true),
        ("device_token", json!(["A".repeat(23)]), false),
        ("webdriver", json!(2), false),
        ("privacy", json!("of_a_later_build"), true),
    ] {
        let reading = json!([1, value]).to_string();
        let opened = open_with(name, &reading);
        assert_eq!(opened.is_ok(), is_taken, "{name} {reading}");
        if let Err(error) = opened {
            assert_eq!(error, EnvelopeError::Plaintext);
        }
    }
}

#[test]
fn a_value_of_another_type_or_out_of_bounds_is_refused() {
    let long = json!("x".repeat(65));
    for (name, value) in [
        ("platform", json!(1)),
        ("platform", json!(null)),
        ("platform", json!(["x"])),
        ("platform", long.clone()),
        ("platform", json!("é")),
        ("time_zone", long),
        ("languages", json!("en")),
        ("languages", json!(vec!["en"; 9])),
        ("languages", json!(["x".repeat(36)])),
        ("languages", json!([1])),
        ("hardware_concurrency", json!(-1)),
        ("hardware_concurrency", json!(1025)),
        ("hardware_concurrency", json!(8.0)),
        ("hardware_concurrency", json!("8")),
        ("pixel_ratio", json!(1.25)),
        ("pixel_ratio", json!(100_001)),
        ("touch_points", json!(257)),
        ("utc_offset_min", json!(1441)),
        ("utc_offset_min", json!(-1441)),
        ("screen", json!([1, 1, 1, 1, 24])),
        ("screen", json!({"width": 1})),
        (
            "screen",
            json!({
                "width": 65536, "height": 1, "avail_width": 1, "avail_height": 1, "color_depth": 1,
            }),
        ),
        (
            "key_timing",
            json!({"dwell_ms_median": 1, "flight_ms_median": 1, "keys": -1}),
        ),
        (
            "key_timing",
            json!({"dwell_ms_median": 1, "flight_ms_median": 1, "keys": 1, "text": "4242"}),
        ),
        ("paste_counts", json!({"number": 1})),
    ] {
        let reading = json!({"value": value, "us": 1}).to_string();
        let error = open_with(name, &reading).err();
        assert_eq!(error, Some(EnvelopeError::Plaintext), "{name} {reading}");
    }
}

#[test]
fn unknown_names_are_dropped_and_counted() {
    let json =
        r#"{"of_tomorrow":{"value":1},"platform":{"value":"x","us":1},"Platform":[],"":null}"#;
    let read: Signals = serde_json::from_str(json).unwrap();
    assert_eq!((read.len(), read.unknown()), (1, 3));
}

#[test]
fn a_repeated_name_is_refused() {
    let json = r#"{"platform":{"value":"x","us":1},"platform":{"value":"x","us":1}}"#;
    assert!(serde_json::from_str::<Signals>(json).is_err());
}

#[test]
fn what_is_inserted_is_cut_to_what_is_accepted() {
    let mut signals = Signals::new();
    for name in SignalName::ALL {
        let wild = match name.kind() {
            Kind::Bits(_) | Kind::Int { .. } => SignalValue::Int(i32::MAX),
            Kind::Ints { .. } => SignalValue::Ints(vec![i32::MIN; 100]),
            Kind::KeyTiming => SignalValue::KeyTiming(KeyTiming::default()),
            Kind::PasteCounts => SignalValue::PasteCounts(PasteCounts::default()),
            Kind::Screen => SignalValue::Screen(Screen::default()),
            Kind::Digits(_) | Kind::Plain(_) | Kind::Text(_) => {
                SignalValue::Text("é\n\"".repeat(200))
            }
            Kind::Plains { .. } | Kind::Texts { .. } => {
                SignalValue::Texts(vec!["é\n".repeat(200); 50])
            }
        };
        assert!(
            signals.insert(name, Reading::new(Outcome::Value(wild), 1)),
            "{name:?}"
        );
    }
    let read: Signals = serde_json::from_value(serde_json::to_value(&signals).unwrap()).unwrap();
    assert_eq!(read, signals);
    assert_eq!(read.len(), SignalName::ALL.len());
}

#[test]
fn a_value_of_another_type_is_not_inserted() {
    for name in SignalName::ALL {
        let mut signals = Signals::new();
        let wrong = match name.kind() {
            Kind::Bits(_) | Kind::Int { .. } => SignalValue::Text("8".into()),
            _ => SignalValue::Int(8),
        };
        assert!(
            !signals.insert(name, Reading::new(Outcome::Value(wrong), 1)),
            "{name:?}"
        );
        assert!(signals.is_empty());
    }
}

fn open_with(name: &str, reading: &str) -> Result<Signals, EnvelopeError> {
    let mut json = plaintext_json();
    json["signals"] = Value::Null;
    let signals = format!(r#""signals":{{"{name}":{reading}}}"#);
    let json = json.to_string().replace(r#""signals":null"#, &signals);
    parse_and_open(&seal_plaintext(&json)).map(|card| card.signals)
}
