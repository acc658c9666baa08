use waxseal_protocol::signal::{Outcome, Reading, Screen, SignalName, SignalValue, Signals};

use super::*;
use crate::device::{Component, Form};

const AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36";

/// Not keyed: tests need no secret, only that equal is equal.
fn digest(text: &[u8]) -> [u8; 16] {
    use sha2::{Digest, Sha256};
    let mut digest = [0; 16];
    digest.copy_from_slice(&Sha256::digest(text)[..16]);
    digest
}

/// A device's signals; everything that is not said is the same for all devices of a model.
#[derive(Clone, Copy)]
struct Device {
    model: i32,
    time_zone: &'static str,
    window: i32,
    token: Option<&'static str>,
    version: &'static str,
    fonts: &'static str,
}

const DEVICE: Device = Device {
    model: 1,
    time_zone: "Europe/Berlin",
    window: 1_200,
    token: None,
    version: "131.0.1",
    fonts: "ff00",
};
const TOKEN_A: Option<&str> = Some("AAAAAAAAAAAAAAAAAAAAAA");

impl Device {
    fn signals(self) -> Signals {
        let model = self.model;
        let own = |name: &str| SignalValue::Text(format!("{name}{model}"));
        let texts = |texts: &[&str]| {
            SignalValue::Texts(texts.iter().map(|text| (*text).to_owned()).collect())
        };
        let size = u16::try_from(1_000 + model * 10).unwrap();
        let screen = Screen {
            width: size,
            height: 900,
            avail_width: size,
            avail_height: 860,
            color_depth: 24,
        };
        let mut values = vec![
            (SignalName::Audio, own("a")),
            (
                SignalName::Canvas,
                texts(&[&format!("s{model}"), &format!("t{model}")]),
            ),
            (SignalName::ColorGamut, SignalValue::Int(model % 3)),
            (SignalName::DeviceMemory, SignalValue::Int(1_024 * model)),
            (SignalName::Fonts, SignalValue::Text(self.fonts.to_owned())),
            (SignalName::HardwareConcurrency, SignalValue::Int(2 * model)),
            (SignalName::Languages, texts(&["de-DE", "en"])),
            (
                SignalName::Media,
                SignalValue::Text("1110111101313".to_owned()),
            ),
            (SignalName::PixelRatio, SignalValue::Int(1_000)),
            (SignalName::Platform, own("Linux x86_64 ")),
            (SignalName::Screen, SignalValue::Screen(screen)),
            (
                SignalName::TimeZone,
                SignalValue::Text(self.time_zone.to_owned()),
            ),
            (SignalName::TouchPoints, SignalValue::Int(0)),
            (
                SignalName::UaData,
                texts(&[
                    "Google Chrome",
                    self.version,
                    "Linux",
                    "6.1",
                    "x86",
                    "64",
                    "",
                    "",
                ]),
            ),
            (SignalName::Voices, SignalValue::Int(model)),
            (
                SignalName::Webgl,
                texts(&["vendor", &format!("renderer {model}")]),
            ),
            (SignalName::WebglLimits, own("l")),
            (
                SignalName::Window,
                SignalValue::Ints(vec![400, 300, self.window, 800, 10, 10]),
            ),
        ];
        if let Some(token) = self.token {
            values.push((SignalName::DeviceToken, texts(&[token, "", "3"])));
        }
        let mut signals = Signals::new();
        for (name, value) in values {
            assert!(
                signals.insert(name, Reading::new(Outcome::Value(value), 1)),
                "{name:?}"
            );
        }
        signals
    }

    fn presented(self) -> Presented {
        Presented::new(&self.signals(), AGENT, digest)
    }

    fn known(self, device: u8, days: f64) -> Known {
        let presented = self.presented();
        Known {
            visit: presented.visit,
            token: presented.tokens[0],
            device: [device; 16],
            days,
        }
    }
}

fn judge(device: Device, earlier: &[Known]) -> Recognition {
    recognise(&device.presented(), earlier, &Sample::default())
}

#[test]
fn every_component_is_told_and_none_is_told_by_nothing() {
    let presented = DEVICE.presented();
    assert_eq!(presented.visit.told(), Component::COUNT);
    assert_eq!(presented.visit.browser_version, 131);
    assert_eq!(presented.visit.form, Form::Computer);
    assert!(presented.keys.iter().all(Option::is_some));
    let nothing = Presented::new(&Signals::new(), "", digest);
    assert_eq!(nothing.visit.told(), 0);
    assert_eq!((nothing.tokens, nothing.keys), ([None; 2], [None; 2]));
    let found = recognise(&nothing, &[DEVICE.known(1, 1.0)], &Sample::default());
    assert_eq!(found.verdict, Verdict::None);
}

#[test]
fn the_token_of_a_like_device_is_the_same_and_never_without_it() {
    let with = Device {
        token: TOKEN_A,
        ..DEVICE
    };
    let found = judge(with, &[with.known(1, 3.0)]);
    assert_eq!((found.verdict, found.nearest), (Verdict::Same, Some(0)));
    assert!(found.probability > 0.99 && found.signs[0].name == "token");
    for earlier in [with, DEVICE] {
        let found = judge(DEVICE, &[earlier.known(1, 3.0)]);
        assert_eq!(found.verdict, Verdict::Likely);
        assert!((LIKELY..1.0).contains(&found.probability));
    }
}

#[test]
fn drift_leaves_a_device_likely() {
    let drifted = Device {
        window: 900,
        version: "132.0.1",
        fonts: "ff01",
        ..DEVICE
    };
    let found = judge(drifted, &[DEVICE.known(1, 30.0)]);
    assert_eq!(found.verdict, Verdict::Likely, "{found:?}");
    let travelled = Device {
        time_zone: "Asia/Tokyo",
        ..DEVICE
    };
    let found = judge(travelled, &[DEVICE.known(1, 30.0)]);
    assert!(found.probability > 0.5, "{found:?}");
}

#[test]
fn a_browser_that_is_older_than_before_is_less_probable() {
    let older = Device {
        version: "130.0.1",
        ..DEVICE
    };
    let earlier = [DEVICE.known(1, 30.0)];
    assert!(judge(older, &earlier).probability < judge(DEVICE, &earlier).probability);
}

#[test]
fn another_device_is_new() {
    let found = judge(Device { model: 2, ..DEVICE }, &[DEVICE.known(1, 1.0)]);
    assert_eq!((found.verdict, found.is_known), (Verdict::New, false));
    assert!(found.probability < 0.01);
    assert_eq!(judge(DEVICE, &[]).verdict, Verdict::New);
}

#[test]
fn twins_are_neither_the_same_nor_likely_once_both_are_known() {
    let a = Device {
        token: TOKEN_A,
        ..DEVICE
    };
    let b = Device {
        token: Some("BBBBBBBBBBBBBBBBBBBBBB"),
        ..DEVICE
    };
    // The first visit of a twin may be taken for the other's, and never surely.
    let first = judge(b, &[a.known(1, 1.0)]);
    assert_ne!(first.verdict, Verdict::Same);
    let earlier = [a.known(1, 1.0), b.known(2, 1.0)];
    let without = judge(DEVICE, &earlier);
    assert_eq!(without.verdict, Verdict::None);
    assert!(without.probability <= 0.5);
    for (twin, place) in [(a, 0), (b, 1)] {
        let found = judge(twin, &earlier);
        assert_eq!((found.verdict, found.nearest), (Verdict::Same, Some(place)));
    }
}

#[test]
fn a_token_with_everything_else_different_is_not_the_same() {
    let owner = Device {
        token: TOKEN_A,
        ..DEVICE
    };
    let thief = Device {
        model: 7,
        time_zone: "America/Lima",
        window: 700,
        fonts: "0",
        ..owner
    };
    let found = judge(thief, &[owner.known(1, 1.0)]);
    assert_eq!((found.verdict, found.is_known), (Verdict::New, false));
    assert_eq!(found.signs[0].name, "copied_token");
}

#[test]
fn what_many_visits_have_in_common_says_less() {
    let earlier = [DEVICE.known(1, 1.0)];
    let others = (0..256).map(|_| DEVICE.presented().visit);
    let common = recognise(&DEVICE.presented(), &earlier, &Sample::new(others));
    assert_eq!(common.verdict, Verdict::New, "{common:?}");
    assert!(common.probability < judge(DEVICE, &earlier).probability);
}

#[test]
fn several_visits_of_one_device_do_not_stand_against_each_other() {
    let earlier: Vec<_> = (1..=9_u8)
        .map(|day| DEVICE.known(1, f64::from(day)))
        .collect();
    let found = judge(DEVICE, &earlier);
    assert_eq!((found.verdict, found.nearest), (Verdict::Likely, Some(0)));
}

#[test]
fn the_former_token_is_recognised_after_it_was_replaced() {
    let with = Device {
        token: TOKEN_A,
        ..DEVICE
    };
    let mut presented = with.presented();
    presented.tokens = [Some([9; 8]), presented.tokens[0]];
    let found = recognise(&presented, &[with.known(1, 31.0)], &Sample::default());
    assert_eq!(found.verdict, Verdict::Same);
}
