//! Texts that are meant to hurt: each is refused or taken soon, with a bounded number of mistakes.

use std::fmt::Write;

use waxseal_engine::{
    attribute::Attributes,
    rules::{NoLists, RuleErrorCode as Code, RuleSet, bounds},
};

fn rule(condition: &str) -> String {
    format!("rule \"r\" when {condition} then flag reason x\n")
}

/// Whether the text is refused for its size; it never is for much else.
fn exceeds(text: &str) -> bool {
    match RuleSet::parse(text) {
        Ok(set) => {
            let found = set.evaluate(&Attributes::default(), &NoLists);
            assert!(found.steps <= set.max_steps() && set.max_steps() <= bounds::MAX_STEPS);
            false
        }
        Err(errors) => {
            assert!(errors.0.len() <= bounds::MAX_ERRORS);
            let codes = [Code::BoundExceeded, Code::NumberInvalid];
            assert!(errors.0.iter().any(|e| codes.contains(&e.code)), "{errors}");
            true
        }
    }
}

#[test]
fn each_bound_holds_at_its_value_and_not_beyond() {
    let nested = |depth: usize| rule(&format!("{}true{}", "(".repeat(depth), ")".repeat(depth)));
    let negated = |depth: usize| rule(&format!("{}true", "not ".repeat(depth)));
    let defaults = |depth: usize| rule(&format!("{}true", "ip.hosting else ".repeat(depth)));
    let chain = |operators: usize| rule(&format!("1{} > 0", " + 1".repeat(operators)));
    let operands = |count: usize| rule(&vec!["true"; count].join(" and "));
    let set = |count: usize| rule(&format!("1 in [{}]", vec!["1"; count].join(",")));
    let text = |len: usize| rule(&format!("contains(\"{}\", \"a\")", "a".repeat(len)));
    let cases = |count: usize| {
        format!(
            "rule \"r\" {}",
            "when true then flag reason x\n".repeat(count)
        )
    };
    let points = |points: usize| format!("rule \"r\" when true then flag points {points} reason x");
    let shows = |count: usize| {
        let shows: Vec<_> = (0..count).map(|index| format!("a{index} = 1")).collect();
        format!("{} show {}", rule("true"), shows.join(","))
    };
    let rules = |count: usize| {
        (0..count).fold(String::new(), |mut text, index| {
            writeln!(text, "rule \"r{index}\" when true then flag reason x").unwrap();
            text
        })
    };
    let (depth, chained) = (bounds::MAX_DEPTH, bounds::MAX_CHAIN);
    for (name, most, make) in [
        ("nested", depth - 1, &nested as &dyn Fn(usize) -> String),
        ("negated", depth - 1, &negated),
        ("defaults", depth - 1, &defaults),
        ("chain", chained, &chain),
        ("operands", bounds::MAX_OPERANDS, &operands),
        ("set", bounds::MAX_SET, &set),
        ("text", bounds::MAX_TEXT, &text),
        ("cases", bounds::MAX_CASES, &cases),
        ("points", bounds::MAX_POINTS as usize, &points),
        ("shows", bounds::MAX_SHOWS, &shows),
        ("rules", bounds::MAX_RULES, &rules),
    ] {
        assert!(!exceeds(&make(most)), "{name} of {most}");
        for more in [most + 1, most * 10] {
            assert!(exceeds(&make(more)), "{name} of {more}");
        }
    }
}

#[test]
fn names_have_a_length() {
    let longest = "n".repeat(bounds::MAX_NAME);
    for name in [longest.clone(), format!("{longest}n")] {
        for text in [
            format!("rule \"{name}\" when true then flag reason x"),
            format!("rule \"r\" when true then flag reason {name}"),
            format!("rule \"r\" when true then flag reason x show {name} = 1"),
            format!("rule \"r\" when ip.address in @{name} then flag reason x"),
        ] {
            let found = RuleSet::parse(&text).err().map(|errors| errors.0[0].code);
            let expected = (name != longest).then_some(Code::NameInvalid);
            assert_eq!(found, expected, "{text}");
        }
    }
}

#[test]
fn a_text_that_is_too_long_is_not_even_read() {
    let long = format!("{}{}", rule("true"), "#".repeat(bounds::MAX_BYTES));
    let errors = RuleSet::parse(&long).unwrap_err();
    assert_eq!((errors.0.len(), errors.0[0].code), (1, Code::BoundExceeded));
    let comment = format!("{}#{}", rule("true"), "x".repeat(bounds::MAX_BYTES - 100));
    assert!(RuleSet::parse(&comment).is_ok());
}

/// As deep as a text of that length can be: it must not end the process.
#[test]
fn the_deepest_nesting_does_not_overflow_the_stack() {
    for opening in [
        "(",
        "not ",
        "ip.hosting else ",
        "known(",
        "-",
        "[",
        "rule ",
        "when ",
        "1 + (",
        "contains(",
    ] {
        let text = rule(&opening.repeat(bounds::MAX_BYTES / opening.len() - 20));
        assert!(RuleSet::parse(&text).is_err());
    }
    let widest = (0..bounds::MAX_CHAIN).fold("1".to_owned(), |sum, _| format!("{sum} + 1 * 1"));
    let deepest = (1..bounds::MAX_DEPTH - 1).fold(widest, |inner, _| {
        let chain = " * 1".repeat(bounds::MAX_CHAIN);
        format!("({inner}){chain}{}", " + 1".repeat(bounds::MAX_CHAIN))
    });
    let text = rule(&format!("{deepest} > 0"));
    // A verifier's threads have stacks of this size.
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    let parsed = thread.spawn(move || RuleSet::parse(&text).map(|set| set.text().len()));
    assert!(parsed.unwrap().join().unwrap().is_ok());
}

#[test]
fn steps_of_a_set_are_bounded_whatever_its_rules_are() {
    let condition = vec!["signals.unknown + 1 > 0"; bounds::MAX_OPERANDS].join(" and ");
    let rules: String = (0..40)
        .map(|n| rule(&condition).replace("\"r\"", &format!("\"r{n}\"")))
        .collect();
    assert!(exceeds(&rules));
}

#[test]
fn characters_that_cannot_be_seen_are_refused_wherever_they_stand() {
    for character in [
        '\u{202e}',
        '\u{2066}',
        '\u{200b}',
        '\u{feff}',
        '\u{0}',
        '\u{7f}',
        '\u{ad}',
        '\u{e0041}',
    ] {
        for text in [
            format!("# a{character}\n{}", rule("true")),
            rule(&format!("contains(\"a{character}\", \"a\")")),
            rule(&format!("true{character}")),
            rule("true").replace("\"r\"", &format!("\"r{character}\"")),
        ] {
            let errors = RuleSet::parse(&text).unwrap_err();
            assert!(
                errors.0.iter().any(|e| e.code == Code::CharacterRefused),
                "{text:?}: {errors}"
            );
        }
    }
    for (text, code) in [
        (rule("ｔｒｕｅ"), Code::CharacterRefused),
        (rule("true").replace("\"r\"", "\"ρ\""), Code::NameInvalid),
        (rule("1 > ٣"), Code::CharacterRefused),
    ] {
        assert!(
            RuleSet::parse(&text)
                .unwrap_err()
                .0
                .iter()
                .any(|e| e.code == code),
            "{text}"
        );
    }
    assert!(RuleSet::parse(&rule("contains(\"Zürich 東京 🦀\", \"ü\")")).is_ok());
}

/// Columns count characters, not bytes.
#[test]
fn places_are_right_behind_other_scripts() {
    let text =
        "# Größe 東京\nrule \"r\" when contains(\"東京\", \"京\") and x.y then flag reason x";
    let errors = RuleSet::parse(text).unwrap_err();
    assert_eq!((errors.0[0].line, errors.0[0].column), (2, 39));
}
