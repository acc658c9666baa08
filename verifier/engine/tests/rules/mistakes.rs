//! What is refused, with its place.

use waxseal_engine::rules::{RuleErrorCode as Code, RuleSet};

/// Line, column and code of every mistake.
fn mistakes(text: &str) -> Vec<(u32, u32, Code)> {
    let errors = RuleSet::parse(text)
        .err()
        .unwrap_or_else(|| panic!("it was taken: {text}"));
    errors
        .0
        .iter()
        .map(|error| (error.line, error.column, error.code))
        .collect()
}

/// The one mistake in a condition: its column in there, from 1.
fn mistake(condition: &str) -> (u32, Code) {
    let text = format!("rule \"r\" when\n{condition}\nthen flag reason x");
    let found = mistakes(&text);
    let [(line, column, code)] = found[..] else {
        panic!("{condition}: {found:?}")
    };
    assert!(line == 2 || line == 3, "{condition}: {found:?}");
    (column, code)
}

#[test]
fn each_mistake_in_a_condition_has_its_place_and_its_code() {
    for (condition, column, code) in [
        ("ip.contry == \"DE\"", 1, Code::AttributeUnknown),
        ("ip.country == \"DE\"", 1, Code::UnknownNotHandled),
        ("true and ip.country == \"DE\"", 10, Code::UnknownNotHandled),
        ("ip.country else \"XX\" == \"DE\"", 17, Code::CountryUnknown),
        ("ip.country else \"de\" == \"DE\"", 17, Code::CountryUnknown),
        ("ip.country else \"DE\" == 1", 25, Code::TypeMismatch),
        ("signals.unknown == \"2\"", 20, Code::TypeMismatch),
        ("signals.unknown", 1, Code::TypeMismatch),
        ("not signals.unknown", 5, Code::TypeMismatch),
        ("sdk.build_known > true", 1, Code::TypeMismatch),
        ("sdk.build_known + 1 > 0", 1, Code::TypeMismatch),
        ("sdk.build_known in [true]", 1, Code::TypeMismatch),
        ("signals.unknown > 5.00 USD", 19, Code::UnitMismatch),
        ("signals.unknown > 5s", 19, Code::UnitMismatch),
        (
            "session.amount_usd_micros else 0 > 1.00 USD",
            32,
            Code::UnitMismatch,
        ),
        (
            "session.amount_usd_micros else 0.00 USD > 5000",
            43,
            Code::UnitMismatch,
        ),
        (
            "session.amount_minor else 0 > 5.00 USD",
            31,
            Code::UnitMismatch,
        ),
        ("session.age_s else 0s > 60", 25, Code::UnitMismatch),
        ("1s * 1s > 1s", 6, Code::UnitMismatch),
        ("5.00 USD * 1.5 > 1.00 USD", 12, Code::TypeMismatch),
        ("ip.address == \"10.0.0.0/8\"", 15, Code::AddressInvalid),
        (
            "ip.address in [\"::1\", \"10.0.0.0/33\"]",
            23,
            Code::AddressInvalid,
        ),
        ("starts_with(ip.address, \"10.\")", 13, Code::TypeMismatch),
        ("model.score else 0.0 in @scores", 1, Code::TypeMismatch),
        ("entry(@a) == \"x\"", 1, Code::SyntaxUnexpected),
        ("signals.unknown in [1, x]", 24, Code::SyntaxUnexpected),
        ("signals.unknown in []", 21, Code::SyntaxUnexpected),
        ("known(1)", 7, Code::SyntaxUnexpected),
        ("known(and)", 7, Code::SyntaxUnexpected),
        ("upper(ip.country)", 1, Code::SyntaxUnexpected),
        ("(true", 1, Code::SyntaxUnexpected),
        ("true true", 6, Code::SyntaxUnexpected),
        ("1 < 2 < 3", 7, Code::SyntaxUnexpected),
        ("9223372036854775808 > 1", 1, Code::NumberInvalid),
        ("1.2.3 > 1", 1, Code::NumberInvalid),
        ("0.0000001 > 1", 1, Code::NumberInvalid),
        ("5x > 1", 1, Code::NumberInvalid),
        ("1.5h > 1s", 1, Code::NumberInvalid),
        ("signals.unknown == 2 &", 22, Code::CharacterRefused),
        ("signals.unknown = 2", 17, Code::SyntaxUnexpected),
        ("ip.address in @Blocked", 15, Code::NameInvalid),
        (
            "session.currency else \"\\n\" == \"\"",
            24,
            Code::TextInvalid,
        ),
    ] {
        assert_eq!(mistake(condition), (column, code), "{condition}");
    }
}

/// What is asked before makes an attribute known, wherever it is true; nothing else does.
#[test]
fn only_what_was_asked_before_is_known() {
    let of = |condition: &str| {
        RuleSet::parse(&format!("rule \"r\" when {condition} then flag reason x"))
    };
    for condition in [
        "known(ip.country) and ip.country == \"DE\"",
        "unknown(ip.country) or ip.country == \"DE\"",
        "not (unknown(ip.country) or ip.country == \"DE\")",
        "not unknown(ip.country) and ip.country == \"DE\"",
        "(known(ip.country) and sdk.build_known) and ip.country == \"DE\"",
        "not (unknown(ip.country) or sdk.build_known) and ip.country == \"DE\"",
        "(known(ip.country) and true or known(ip.country) and false) and ip.country == \"DE\"",
        "ip.hosting else false and ip.hosting",
    ] {
        assert!(of(condition).is_ok(), "{condition}");
    }
    for condition in [
        "known(ip.country) or ip.country == \"DE\"",
        "unknown(ip.country) and ip.country == \"DE\"",
        "ip.country == \"DE\" and known(ip.country)",
        "(known(ip.country) or sdk.build_known) and ip.country == \"DE\"",
        "known(ip.country) and sdk.build_known or ip.country == \"DE\"",
        "not known(ip.country) and ip.country == \"DE\"",
        "known(card.bin_country) and ip.country == \"DE\"",
        "ip.hosting else true and ip.hosting",
        "ip.country else ip.country == \"DE\"",
    ] {
        let errors = of(condition).err().unwrap_or_else(|| panic!("{condition}"));
        assert!(
            errors.0.iter().any(|e| e.code == Code::UnknownNotHandled),
            "{condition}: {errors}"
        );
    }
}

#[test]
fn a_case_knows_what_the_cases_before_it_ruled_out() {
    let good = r#"rule "r" when unknown(ip.country) then flag reason unknown
        when ip.country == "DE" then review reason german
        otherwise reason other show upper = ip.country"#;
    assert!(RuleSet::parse(good).is_ok());
    let bad = good.replace("unknown(ip.country)", "known(ip.country) and false");
    assert_eq!(mistakes(&bad), [(2, 14, Code::UnknownNotHandled)]);
    let next_rule = format!("{good}\nrule \"s\" when ip.country == \"DE\" then flag reason x");
    assert_eq!(mistakes(&next_rule), [(4, 15, Code::UnknownNotHandled)]);
}

#[test]
fn all_mistakes_are_told_at_once_and_in_order() {
    let text = r#"rule "A b" when ip.contry == "DE" and 1 == "x" then flag reason x
rule "same" when true then explode reason x
  when true then flag reason x
rule "same" when true then flag points 2000 reason Bad show 1 + 1
nonsense
rule "same" when true then flag reason ok show ip.address, a = points, a = points, entry(@none)"#;
    assert_eq!(
        mistakes(text),
        [
            (1, 6, Code::NameInvalid),
            (1, 17, Code::AttributeUnknown),
            (1, 44, Code::TypeMismatch),
            (2, 28, Code::SyntaxUnexpected),
            (4, 40, Code::NumberInvalid),
            (4, 52, Code::NameInvalid),
            (5, 1, Code::SyntaxUnexpected),
            (6, 48, Code::HiddenValue),
            (6, 72, Code::NameTaken),
            (6, 84, Code::SyntaxUnexpected),
        ]
    );
}

#[test]
fn a_set_without_rules_and_names_given_twice_are_refused() {
    assert_eq!(mistakes("# nothing\n"), [(1, 1, Code::SetEmpty)]);
    let rule = "rule \"r\" when true then flag reason x\n";
    assert_eq!(mistakes(&rule.repeat(2)), [(2, 6, Code::NameTaken)]);
    let two_types = "rule \"r\" when ip.address in @l then flag reason x\n\
        rule \"s\" when signals.unknown in @l then flag reason x";
    assert_eq!(mistakes(two_types), [(2, 34, Code::TypeMismatch)]);
}

/// The message is for a person, and says what to write.
#[test]
fn messages_say_what_would_be_right() {
    for (condition, part) in [
        ("ip.country == \"DE\"", "write \"ip.country else …\""),
        (
            "session.amount_usd_micros else 0.00 USD > 5000",
            "an amount such as 5000.00 USD is needed, this is integer",
        ),
        (
            "session.age_s else 0s > 60",
            "a time such as 30s or 1h is needed",
        ),
        ("true and", "expected a value, found then"),
    ] {
        let text = format!("rule \"r\" when {condition} then flag reason x");
        let errors = RuleSet::parse(&text).unwrap_err().to_string();
        assert!(errors.contains(part), "{errors}");
    }
}
