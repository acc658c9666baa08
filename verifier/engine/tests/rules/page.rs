//! `docs/rules.md` says what the code does: its tables are made of the code, its examples are read by it.

use std::fmt::Write;

use waxseal_engine::{
    attribute::Attribute,
    rules::{RuleErrorCode, RuleSet, bounds},
};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules.md");

fn page() -> String {
    std::fs::read_to_string(PATH).unwrap()
}

/// The page with its tables as they have to be.
fn expected(page: &str) -> String {
    let tables = [
        ("codes", codes()),
        ("bounds", limits()),
        ("attributes", attributes()),
    ];
    tables
        .into_iter()
        .fold(page.to_owned(), |page, (name, table)| {
            let begin = format!("<!-- {name}: written by the test of this page -->\n");
            let (before, rest) = page.split_once(&begin).unwrap();
            let (_, after) = rest.split_once("<!-- end -->").unwrap();
            format!("{before}{begin}{table}<!-- end -->{after}")
        })
}

fn codes() -> String {
    let codes = RuleErrorCode::ALL
        .iter()
        .map(|code| format!("| `{}` | {} |\n", code.as_str(), code.meaning()));
    format!(
        "| code | what is wrong |\n|---|---|\n{}",
        codes.collect::<String>()
    )
}

fn limits() -> String {
    let mut table = "| of a set | at most |\n|---|---|\n".to_owned();
    for (what, most) in [
        ("bytes", bounds::MAX_BYTES),
        ("rules", bounds::MAX_RULES),
        ("cases of a rule", bounds::MAX_CASES),
        ("values that a case shows", bounds::MAX_SHOWS),
        ("expressions inside each other", bounds::MAX_DEPTH),
        ("`+ -` or `*` after each other", bounds::MAX_CHAIN),
        ("operands of one `and` or `or`", bounds::MAX_OPERANDS),
        ("values between `[` and `]`", bounds::MAX_SET),
        ("bytes of a text", bounds::MAX_TEXT),
        ("bytes of a name", bounds::MAX_NAME),
        ("points of an answer", bounds::MAX_POINTS as usize),
        ("steps of an evaluation", bounds::MAX_STEPS),
        ("mistakes that are told", bounds::MAX_ERRORS),
    ] {
        writeln!(table, "| {what} | {most} |").unwrap();
    }
    table
}

fn attributes() -> String {
    let mut table = "| attribute | type | unknown | meaning |\n|---|---|---|---|\n".to_owned();
    for attribute in Attribute::ALL {
        let unit = match attribute.unit().as_str() {
            "" => String::new(),
            unit => format!(", {unit}"),
        };
        let kind = attribute.kind().as_str();
        let unknown = if attribute.may_be_unknown() {
            "may be"
        } else {
            "never"
        };
        let hidden = if attribute.is_shown() { "" } else { " Hidden." };
        let (name, meaning) = (attribute.name(), attribute.meaning());
        writeln!(
            table,
            "| `{name}` | {kind}{unit} | {unknown} | {meaning}{hidden} |"
        )
        .unwrap();
    }
    table
}

fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    let blocks: Vec<_> = page
        .split(&fence)
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(!blocks.is_empty(), "no block of {language}");
    blocks
}

/// Writes the tables: `cargo test -p waxseal-engine --test rules page -- --ignored`.
#[test]
#[ignore = "writes what the test below compares"]
fn write_page() {
    std::fs::write(PATH, expected(&page())).unwrap();
}

#[test]
fn the_page_s_tables_are_the_code_s() {
    let page = page();
    assert!(
        page == expected(&page),
        "cargo test -p waxseal-engine --test rules page -- --ignored"
    );
}

#[test]
fn the_page_s_examples_are_taken_or_refused_as_it_says() {
    let page = page();
    for example in blocks(&page, "rules") {
        RuleSet::parse(example).unwrap_or_else(|errors| panic!("{errors}\n{example}"));
    }
    for example in blocks(&page, "refused") {
        assert!(RuleSet::parse(example).is_err(), "{example}");
    }
}
