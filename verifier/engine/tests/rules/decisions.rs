//! What sets decide.

use serde_json::json;
use waxseal_engine::{
    Effect, Outcome,
    attribute::{Attribute, Attributes, Decimal, Value},
    country::CountryCode,
    rules::{Evaluation, Found, Lists, NoLists, RULE_FAILED, RecordedLists, RuleSet, Scalar},
};

fn set(text: &str) -> RuleSet {
    RuleSet::parse(text).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

fn attributes() -> Attributes {
    let mut attributes = Attributes::default();
    attributes.set(
        Attribute::IpAddress,
        Value::Address([203, 0, 113, 9].into()),
    );
    attributes.set(Attribute::CardBinCountry, CountryCode::parse("US").ok());
    attributes.set(Attribute::CardBinType, "credit");
    attributes.set(Attribute::SessionAmountMinor, 12_050_i64);
    attributes.set(Attribute::SessionAmountUsdMicros, 120_500_000_i64);
    attributes.set(Attribute::SessionAgeS, 90_i64);
    attributes.set(Attribute::SessionCurrency, "USD");
    attributes.set(Attribute::ModelScore, Decimal::parse("0.25"));
    attributes.set(Attribute::SdkBuildKnown, true);
    attributes.set(Attribute::SignalsUnknown, 2_u32);
    attributes
}

fn evaluate(text: &str) -> Evaluation {
    set(text).evaluate(&attributes(), &NoLists)
}

/// Whether a condition holds for [`attributes`].
fn holds(condition: &str) -> bool {
    let text = format!("rule \"r\" when {condition} then flag reason yes otherwise reason no");
    let decision = evaluate(&text).decision;
    decision.reasons[0].code == "yes"
}

#[test]
fn conditions_mean_what_they_say() {
    for (condition, expected) in [
        ("true", true),
        ("not true or true", true),
        ("not (true or true)", false),
        ("true or false and false", true),
        ("(true or false) and false", false),
        ("sdk.build_known", true),
        ("signals.unknown == 2", true),
        ("signals.unknown + 2 * 3 == 8", true),
        ("(signals.unknown + 2) * 3 == 12", true),
        ("signals.unknown - 1 - 1 == 0", true),
        ("signals.unknown - -1 == 3", true),
        ("2 < signals.unknown", false),
        ("signals.unknown in [1, 2, 3]", true),
        ("signals.unknown not in [1, 2, 3]", false),
        ("ip.address == \"203.0.113.9\"", true),
        (
            "ip.address in [\"198.51.100.0/24\", \"203.0.113.0/24\"]",
            true,
        ),
        ("ip.address in [\"203.0.113.8\"]", false),
        ("card.bin_country else \"DE\" == \"US\"", true),
        (
            "known(card.bin_country) and card.bin_country in [\"US\", \"CA\"]",
            true,
        ),
        (
            "known(card.bin_country) and \"US\" != card.bin_country",
            false,
        ),
        (
            "unknown(card.bin_country) or card.bin_country == \"US\"",
            true,
        ),
        ("unknown(ip.country)", true),
        ("ip.country else \"FR\" == \"FR\"", true),
        (
            "ip.country else card.bin_country else \"FR\" == \"US\"",
            true,
        ),
        ("session.amount_usd_micros else 0.00 USD > 120.49 USD", true),
        (
            "session.amount_usd_micros else 0.00 USD > 120.50 USD",
            false,
        ),
        (
            "session.amount_usd_micros else 0.00 USD * 2 == 241 USD",
            true,
        ),
        ("session.amount_minor else 0 >= 12050", true),
        ("session.age_s else 0s > 1m", true),
        ("session.age_s else 0s > 2m", false),
        ("model.score else 0.0 == 0.25", true),
        ("model.score else 1 < 1", true),
        ("model.score else 0.0 + 0.75 >= 1", true),
        ("(model.score else 0.0) * 0.5 == 0.125", true),
        ("starts_with(session.currency else \"\", \"US\")", true),
        ("ends_with(session.currency else \"\", \"US\")", false),
        ("contains(session.currency else \"\", \"S\")", true),
        ("session.currency else \"\" == \"usd\"", false),
        ("device.known_sessions else 0 > 0", false),
        ("ip.hosting else false", false),
        ("points == 0", true),
    ] {
        assert_eq!(holds(condition), expected, "{condition}");
    }
}

#[test]
fn numbers_stay_at_their_ends_instead_of_wrapping() {
    for condition in [
        "signals.unknown + 9223372036854775807 == 9223372036854775807",
        "-9223372036854775808 - signals.unknown == -9223372036854775808",
        "signals.unknown * 9223372036854775807 == 9223372036854775807",
        "(model.score else 0.0) + 9223372036854.775807 == 9223372036854.775807",
        "(model.score else 0.0) * 9223372036854775807 > 9223372036854.0",
        "9223372036854775807 > (model.score else 0.0)",
    ] {
        assert!(holds(condition), "{condition}");
    }
}

#[test]
fn the_first_case_that_holds_answers_for_its_rule() {
    let text = r#"
        rule "a"
          when signals.unknown > 5 then reject points 50 reason many
          when signals.unknown > 1 then review points 7 reason some show n = signals.unknown * 10, signals.unknown
          when true then reject reason never
        rule "silent" when false then reject reason never
        rule "b" when points >= 7 then flag points 3 reason counted show points_before = points"#;
    let decision = evaluate(text).decision;
    assert_eq!((decision.outcome, decision.points), (Outcome::Review, 10));
    let codes: Vec<_> = decision
        .reasons
        .iter()
        .map(|reason| (&*reason.rule, &*reason.code))
        .collect();
    assert_eq!(codes, [("a", "some"), ("b", "counted")]);
    assert_eq!(
        json!(decision.reasons[0].values),
        json!({"n": 20, "signals.unknown": 2})
    );
    assert_eq!(
        json!(decision.reasons[1].values),
        json!({"points_before": 7})
    );
}

/// Without `show` a decision has what the condition read, but for what identifies a person.
#[test]
fn what_a_condition_read_is_shown_unless_it_is_hidden() {
    let text = r#"rule "r" when ip.address != "::1" and card.bin_country else "DE" == "US" and unknown(ip.country)
        then flag reason read"#;
    let decision = evaluate(text).decision;
    assert_eq!(
        json!(decision.reasons[0].values),
        json!({"card.bin_country": "US", "ip.country": null})
    );
}

#[test]
fn a_reject_holds_against_all_and_an_allow_against_the_rest() {
    let rules = |effects: &[&str]| {
        let lines = effects.iter().enumerate();
        lines
            .map(|(index, effect)| format!("rule \"r{index}\" when true then {effect} reason x\n"))
            .collect::<String>()
    };
    for (effects, outcome) in [
        (&["flag"][..], Outcome::Allow),
        (&["none"], Outcome::Allow),
        (&["challenge", "flag"], Outcome::Challenge),
        (&["review", "challenge"], Outcome::Review),
        (&["challenge", "review"], Outcome::Review),
        (&["allow", "review", "challenge"], Outcome::Allow),
        (&["allow", "reject"], Outcome::Reject),
        (&["reject", "allow", "review"], Outcome::Reject),
    ] {
        assert_eq!(
            evaluate(&rules(effects)).decision.outcome,
            outcome,
            "{effects:?}"
        );
    }
}

/// What should be known and is not, or a list that is gone, is no reason to let anything through.
#[test]
fn a_rule_that_cannot_be_asked_goes_to_review_even_against_an_allow() {
    let text = r#"
        rule "lists" when ip.address in @gone then reject reason listed
        rule "allowed" when true then allow reason sure"#;
    let found = evaluate(text);
    assert_eq!(found.decision.outcome, Outcome::Review);
    assert_eq!(found.failed_rules, 1);
    let failed = &found.decision.reasons[0];
    assert_eq!(
        (&*failed.code, failed.effect),
        (RULE_FAILED, Effect::Review)
    );
    assert_eq!(json!(failed.values), json!({"missing": "@gone"}));

    let text = r#"rule "build" when not sdk.build_known then flag reason build
        rule "rejects" when true then reject reason sure"#;
    let found = set(text).evaluate(&Attributes::default(), &NoLists);
    assert_eq!(found.decision.outcome, Outcome::Reject);
    assert_eq!(
        json!(found.decision.reasons[0].values),
        json!({"missing": "sdk.build_known"})
    );
}

/// An answer holds, even where a value that it shows is missing.
#[test]
fn a_reject_stays_one_where_its_values_are_missing() {
    let text =
        r#"rule "r" when true then reject reason sure show a = signals.unknown + 1, b = points"#;
    let found = set(text).evaluate(&Attributes::default(), &NoLists);
    assert_eq!(
        (found.decision.outcome, found.failed_rules),
        (Outcome::Reject, 0)
    );
}

struct Blocked;

impl Lists for Blocked {
    fn find(&self, list: &str, value: Scalar<'_>) -> Found {
        match (list, value) {
            ("blocked", Scalar::Address(address)) if address.to_string() == "203.0.113.9" => {
                Found::Entry("203.0.113.0/28".into())
            }
            ("gone", _) => Found::NoList,
            _ => Found::Absent,
        }
    }
}

#[test]
fn what_lists_said_is_enough_to_decide_again() {
    let set = set(
        r#"rule "a" when ip.address in @blocked then review reason listed show by = entry(@blocked)
        rule "b" when session.currency else "" in @currencies then reject reason listed
        rule "c" when ip.address in @blocked and session.currency else "" in @gone then reject reason listed"#,
    );
    let lists: Vec<_> = set
        .lists()
        .map(|(name, kind)| (name, kind.as_str()))
        .collect();
    assert_eq!(
        lists,
        [
            ("blocked", "address"),
            ("currencies", "text"),
            ("gone", "text")
        ]
    );
    let found = set.evaluate(&attributes(), &Blocked);
    assert_eq!(
        json!(found.decision.reasons[0].values),
        json!({"by": "203.0.113.0/28"})
    );
    let stored = serde_json::to_string(&found.list_hits).unwrap();
    assert_eq!(
        stored,
        r#"[["blocked","203.0.113.9","203.0.113.0/28"],["gone","USD",null]]"#
    );
    let read: Vec<_> = serde_json::from_str(&stored).unwrap();
    assert_eq!(set.evaluate(&attributes(), &RecordedLists(&read)), found);
}

#[test]
fn the_same_rules_have_one_text_and_one_digest() {
    let untidy = "# head\nrule \"r\" when (sdk.build_known) and not(signals.unknown in[3,4]) or (points>1*2 and (true))\n\
        # why\nthen review points 5 reason x show a=24h, b = 0.5 # last\n# end";
    let tidy = "# head\nrule \"r\"\n  when sdk.build_known and signals.unknown not in [3, 4] or points > 1 * 2 and true\n    \
        then review points 5 reason x\n    show a = 1d, b = 0.5\n\n# why\n# last\n# end\n";
    let (first, second) = (set(untidy), set(tidy));
    assert_eq!(first.text(), tidy);
    assert_eq!(second.text(), tidy);
    assert_eq!(first, second);
    let silent = set(&tidy.replace("# why", ""));
    assert_eq!(first.digest(), silent.digest());
    assert_ne!(
        first.digest(),
        set(&tidy.replace("points 5", "points 6")).digest()
    );
}
