//! The published description of the interface says what is true.

use waxseal_protocol::{Actor, ErrorCode};

const HTTP: &str = include_str!("../../verifier/HTTP.md");

#[test]
fn every_error_code_stands_in_the_description() {
    let (_, table) = HTTP.rsplit_once("|---|---|---|---|\n").unwrap();
    let rows: Vec<&str> = table.lines().collect();
    let expected: Vec<String> = ErrorCode::ALL.iter().map(row).collect();
    assert_eq!(rows, expected);
}

fn row(code: &ErrorCode) -> String {
    let status = match code.http_status() {
        0 => "SDK".to_owned(),
        status => status.to_string(),
    };
    let actor = match code.actor() {
        Actor::Customer => "customer",
        Actor::Internal => "internal",
        Actor::Merchant => "merchant",
        Actor::Network => "network",
    };
    format!(
        "| `{}` | {status} | {actor} | {} |",
        code.as_str(),
        code.title()
    )
}
