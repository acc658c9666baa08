//! Sets made at random: whatever is taken is printed, read again as the same, and runs within its bound.

use proptest::prelude::*;
use waxseal_engine::{
    attribute::{Attribute, Attributes, Decimal, Type, Unit, Value},
    country::CountryCode,
    rules::{Found, Lists, RecordedLists, RuleSet, Scalar},
};

/// Every third value is in every list that is there.
struct SomeLists;

impl Lists for SomeLists {
    fn find(&self, list: &str, value: Scalar<'_>) -> Found {
        match (list, value.to_json().to_string().len() % 3) {
            ("gone", _) => Found::NoList,
            (_, 0) => Found::Entry(list.into()),
            _ => Found::Absent,
        }
    }
}

fn attribute(is_it: fn(&Attribute) -> bool) -> impl Strategy<Value = Attribute> {
    let found: Vec<_> = Attribute::ALL.iter().copied().filter(is_it).collect();
    prop::sample::select(found)
}

fn handled(attribute: Attribute, default: &str) -> String {
    match attribute.may_be_unknown() {
        true => format!("({} else {default})", attribute.name()),
        false => attribute.name().to_owned(),
    }
}

fn plain_number() -> impl Strategy<Value = String> {
    // What is hidden may be asked, but `show` refuses it, and these are shown too.
    let is_it = |it: &Attribute| {
        it.is_shown()
            && it.unit() == Unit::None
            && matches!(it.kind(), Type::Decimal | Type::Integer)
    };
    let leaf = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<i64>().prop_map(|number| Decimal::from_millionths(number).to_string()),
        attribute(is_it).prop_map(|it| handled(it, "0")),
        Just("points".to_owned()),
    ];
    leaf.prop_recursive(3, 16, 2, |inner| {
        (
            inner.clone(),
            prop::sample::select(vec!["+", "-", "*"]),
            inner,
        )
            .prop_map(|(left, operator, right)| format!("({left} {operator} {right})"))
    })
}

fn money() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(|number| format!("{} USD", Decimal::from_millionths(number))),
        attribute(|it| it.unit() == Unit::UsdMicros).prop_map(|it| handled(it, "0.00 USD")),
    ];
    leaf.prop_recursive(3, 16, 2, |inner| {
        (
            inner.clone(),
            prop::sample::select(vec!["+", "-"]),
            inner,
            any::<i8>(),
        )
            .prop_map(|(left, operator, right, factor)| {
                format!("({left} {operator} {right} * {factor})")
            })
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z \\\\\"é東]{0,12}".prop_map(|text| format!("{}", Quoted(&text))),
        attribute(|it| it.kind() == Type::Text).prop_map(|it| handled(it, "\"\"")),
    ]
}

struct Quoted<'a>(&'a str);

impl std::fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "\"{}\"",
            self.0.replace('\\', "\\\\").replace('"', "\\\"")
        )
    }
}

fn condition() -> impl Strategy<Value = String> {
    let compared = || prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
    let equal = || prop::sample::select(vec!["==", "!="]);
    let country =
        || attribute(|it| it.kind() == Type::Country).prop_map(|it| handled(it, "\"DE\""));
    let leaf = prop_oneof![
        Just("true".to_owned()),
        Just("false".to_owned()),
        attribute(|it| it.kind() == Type::Boolean).prop_map(|it| handled(it, "false")),
        attribute(|_| true).prop_map(|it| format!("known({})", it.name())),
        attribute(|_| true).prop_map(|it| format!("unknown({})", it.name())),
        (plain_number(), compared(), plain_number()).prop_map(|(l, c, r)| format!("{l} {c} {r}")),
        (money(), compared(), money()).prop_map(|(l, c, r)| format!("{l} {c} {r}")),
        (text(), equal(), text()).prop_map(|(l, c, r)| format!("{l} {c} {r}")),
        (country(), equal(), country()).prop_map(|(l, c, r)| format!("{l} {c} {r}")),
        (country(), any::<bool>()).prop_map(|(l, is_in)| {
            format!("{l} {}in [\"US\", \"DE\"]", if is_in { "" } else { "not " })
        }),
        (text(), prop::sample::select(vec!["texts", "gone"]))
            .prop_map(|(l, list)| format!("{l} in @{list}")),
        Just("ip.address in @addresses".to_owned()),
        (
            text(),
            prop::sample::select(vec!["contains", "starts_with", "ends_with"]),
            text()
        )
            .prop_map(|(l, test, r)| format!("{test}({l}, {r})")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let several = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            (several, prop::sample::select(vec![" and ", " or "]))
                .prop_map(|(operands, word)| format!("({})", operands.join(word))),
            inner.prop_map(|inner| format!("not ({inner})")),
        ]
    })
}

fn rules() -> impl Strategy<Value = String> {
    let effects = vec![
        "reject",
        "review",
        "challenge",
        "allow",
        "flag points 7",
        "none",
    ];
    let case = (
        condition(),
        prop::sample::select(effects),
        prop::option::of((money(), plain_number())),
    )
        .prop_map(|(condition, effect, shown)| {
            let shown = shown.map_or(String::new(), |(a, b)| format!("show a = {a}, b = {b}"));
            format!("when {condition} then {effect} reason x {shown}")
        });
    let rule = (prop::collection::vec(case, 1..4), any::<bool>());
    prop::collection::vec(rule, 1..5).prop_map(|rules| {
        let rules = rules.into_iter().enumerate();
        rules
            .map(|(index, (cases, is_closed))| {
                let otherwise = if is_closed { "otherwise reason y" } else { "" };
                format!(
                    "# {index}\nrule \"r{index}\" {} {otherwise}\n",
                    cases.join("\n")
                )
            })
            .collect()
    })
}

fn value(kind: Type) -> BoxedStrategy<Value> {
    match kind {
        Type::Address => any::<std::net::IpAddr>().prop_map(Value::from).boxed(),
        Type::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Type::Country => prop::sample::select(vec!["DE", "US", "FR"])
            .prop_map(|code| CountryCode::parse(code).ok().into())
            .boxed(),
        Type::Decimal => any::<i64>()
            .prop_map(|n| Decimal::from_millionths(n).into())
            .boxed(),
        Type::Integer => any::<i64>().prop_map(Value::from).boxed(),
        Type::Text => ".{0,20}".prop_map(Value::from).boxed(),
    }
}

/// Each known or not, those too that always should be.
fn attributes() -> impl Strategy<Value = Attributes> {
    let values: Vec<_> = Attribute::ALL
        .iter()
        .map(|attribute| prop::option::weighted(0.7, value(attribute.kind())))
        .collect();
    values.prop_map(|values| {
        let mut attributes = Attributes::default();
        for (attribute, value) in Attribute::ALL.iter().zip(values) {
            attributes.set(*attribute, value);
        }
        attributes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn what_is_printed_is_read_as_the_same_and_runs_within_its_bound(text in rules(), attributes in attributes()) {
        let set = RuleSet::parse(&text).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
        let again = RuleSet::parse(set.text()).unwrap_or_else(|errors| panic!("{errors}\n{}", set.text()));
        prop_assert_eq!(&set, &again, "{}", set.text());
        prop_assert_eq!(set.text(), again.text());
        prop_assert_eq!(set.digest(), again.digest());

        let found = set.evaluate(&attributes, &SomeLists);
        prop_assert!(found.steps <= set.max_steps());
        let replayed = set.evaluate(&attributes, &RecordedLists(&found.list_hits));
        prop_assert_eq!(&found, &replayed);
        let stored = serde_json::to_string(&attributes).unwrap();
        let read: Attributes = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(set.evaluate(&read, &SomeLists), found);
    }

    #[test]
    fn no_text_makes_it_panic(text in "(rule|when|then|flag|reason|show|and|or|not|in|else|known|[(]|[)]|\"|ip.country|@a|1|1h|USD|[=<>+*,#\n -]|é| )*") {
        let _ = RuleSet::parse(&text);
    }
}
