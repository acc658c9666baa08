//! What the shipped rules do against card testing, each at its limit and one below.

use waxseal_engine::{
    Outcome,
    attribute::{Attribute, Attributes, Value},
    rules::{Found, Lists, Scalar, seed},
};

struct NoneListed;

impl Lists for NoneListed {
    fn find(&self, _: &str, _: Scalar<'_>) -> Found {
        Found::Absent
    }
}

/// The decision with these counts, and the codes of what asks for something.
fn decide(counts: &[(Attribute, i64)]) -> (Outcome, Vec<String>) {
    let mut attributes = Attributes::default();
    attributes.set(Attribute::IpAddress, Value::Address([192, 0, 2, 1].into()));
    attributes.set(Attribute::SessionAmountUsdMicros, 1_000_000_i64);
    attributes.set(Attribute::VelocityCardOrIpSumUsdMicros1h, 0_i64);
    attributes.set(Attribute::SdkBuildKnown, true);
    attributes.set(Attribute::SignalsUnknown, 0_u32);
    for (attribute, count) in counts {
        attributes.set(*attribute, *count);
    }
    let found = seed().evaluate(&attributes, &NoneListed);
    assert_eq!(found.failed_rules, 0);
    let reasons = found.decision.reasons.into_iter();
    let of_testing = reasons.filter(|reason| reason.rule.starts_with("card_testing"));
    let codes = of_testing.map(|reason| reason.code).collect();
    (found.decision.outcome, codes)
}

#[test]
fn each_kind_of_card_testing_is_answered_from_its_limit_on() {
    for (attribute, limit, outcome, code) in [
        (
            Attribute::VelocityIpCards1h,
            10,
            Outcome::Challenge,
            "many_cards_of_address",
        ),
        (
            Attribute::VelocityDeviceCards1h,
            6,
            Outcome::Challenge,
            "many_cards_of_device",
        ),
        (
            Attribute::VelocityBinRunCards1h,
            5,
            Outcome::Challenge,
            "bin_run",
        ),
        (
            Attribute::VelocityBinRunCards1h,
            20,
            Outcome::Reject,
            "long_bin_run",
        ),
        (
            Attribute::VelocityIpSmallCount10m,
            10,
            Outcome::Challenge,
            "small_amount_burst",
        ),
        (
            Attribute::VelocityDeviceSmallCount10m,
            6,
            Outcome::Challenge,
            "small_amount_burst",
        ),
    ] {
        let codes = vec![code.to_owned()];
        assert_eq!(
            decide(&[(attribute, limit)]),
            (outcome, codes.clone()),
            "{attribute:?}"
        );
        assert_ne!(
            decide(&[(attribute, limit - 1)]),
            (outcome, codes),
            "{attribute:?}"
        );
    }
}

/// What nobody counts says nothing.
#[test]
fn unknown_counts_are_silent() {
    assert_eq!(decide(&[]), (Outcome::Allow, Vec::new()));
}
