//! Any text as a rule set: it is refused, or printed and read again as the same; and it runs within its bound.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waxseal_engine::{
    attribute::{Attribute, Attributes, Type, Value},
    country::CountryCode,
    rules::{Found, Lists, RecordedLists, RuleSet, Scalar, bounds},
};

/// What is of even length as JSON is in every list but `@gone`.
struct SomeLists;

impl Lists for SomeLists {
    fn find(&self, list: &str, value: Scalar<'_>) -> Found {
        match (list, value.to_json().to_string().len() % 2) {
            ("gone", _) => Found::NoList,
            (_, 0) => Found::Entry(list.into()),
            _ => Found::Absent,
        }
    }
}

fuzz_target!(|text: &[u8]| {
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let set = match RuleSet::parse(text) {
        Ok(set) => set,
        Err(errors) => {
            assert!(!errors.0.is_empty() && errors.0.len() <= bounds::MAX_ERRORS);
            return;
        }
    };
    let again = RuleSet::parse(set.text()).expect("its own text");
    assert_eq!(set, again, "{}", set.text());
    assert_eq!(set.text(), again.text());
    assert_eq!(set.digest(), again.digest());
    for attributes in [Attributes::default(), filled(text)] {
        let found = set.evaluate(&attributes, &SomeLists);
        assert!(found.steps <= set.max_steps() && set.max_steps() <= bounds::MAX_STEPS);
        let replayed = set.evaluate(&attributes, &RecordedLists(&found.list_hits));
        assert_eq!(found, replayed);
    }
});

/// Every attribute known, with values of the text.
fn filled(text: &str) -> Attributes {
    let mut attributes = Attributes::default();
    let mut bytes = text.bytes().cycle();
    for attribute in Attribute::ALL {
        let byte = bytes.next().unwrap_or(0);
        let number = i64::MAX.wrapping_shl(u32::from(byte)) ^ i64::from(byte);
        let value = match attribute.kind() {
            Type::Address => std::net::IpAddr::from([byte; 4]).into(),
            Type::Boolean => byte.is_multiple_of(2).into(),
            Type::Country => CountryCode::parse(if byte.is_multiple_of(2) { "DE" } else { "US" })
                .ok()
                .into(),
            Type::Decimal => waxseal_engine::attribute::Decimal::from_millionths(number).into(),
            Type::Integer => Value::from(number),
            Type::Text => text
                .chars()
                .take(usize::from(byte % 32))
                .collect::<String>()
                .into(),
        };
        attributes.set(*attribute, value);
    }
    attributes
}
