//! The published description of the interface says what is true.

use waxseal_protocol::{Actor, ErrorCode};
use waxseal_verifier::{
    identity::{OperatorScope, Permission, Scope},
    interface::Listener,
    limits::{Counts, Limit},
    router,
};

const HTTP: &str = include_str!("../../verifier/HTTP.md");

#[test]
fn every_error_code_stands_in_the_description() {
    let (_, table) = HTTP.rsplit_once("|---|---|---|---|\n").unwrap();
    let rows: Vec<&str> = table.lines().collect();
    let expected: Vec<String> = ErrorCode::ALL.iter().map(row).collect();
    assert_eq!(rows, expected);
}

#[test]
fn every_limit_stands_in_the_description() {
    let (_, table) = HTTP
        .split_once("| limit | counts | requests | per second | burst |\n")
        .unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), Limit::ALL.len());
    for (row, limit) in rows.iter().zip(Limit::ALL) {
        let counts = match limit.counts() {
            Counts::Address => "address",
            Counts::Caller => "caller and endpoint",
            Counts::Shopper => "merchant and shopper",
        };
        let rate = limit.default_rate();
        let (per_s, burst) = (1_000_000 / rate.period_us(), rate.quota() - 1);
        let wanted = [format!("`{}`", limit.name()), counts.to_owned()];
        assert_eq!(row[1..3], wanted);
        assert_eq!(row[4..6], [per_s.to_string(), burst.to_string()]);
        for route in limit.routes() {
            assert!(row[3].contains(&format!("`{route}`")), "{route}");
        }
        let is_told =
            HTTP.contains("in every answer under `card`, `client`, `operator` or `session`:");
        let told = ["card", "client", "operator", "session"].contains(&limit.name());
        assert!(is_told && told == limit.is_told());
    }
}

#[test]
fn every_role_stands_in_the_description_with_its_scopes() {
    for row in roles::<Scope>().chain(roles::<OperatorScope>()) {
        assert!(HTTP.lines().any(|line| line == row), "{row}");
    }
}

#[test]
fn every_route_stands_in_the_description() {
    for listener in Listener::ALL {
        for route in router::routes(listener) {
            // Without what is told of the parts, and several of a kind in one line.
            let start = route.path.split('{').next().unwrap();
            assert!(HTTP.contains(start), "{} {}", route.method, route.path);
            let Some(scope) = route.access.scope().filter(|scope| *scope != "card:seal") else {
                continue;
            };
            let heading = |line: &&str| line.starts_with("###") && line.contains(start);
            let named = HTTP
                .lines()
                .filter(heading)
                .any(|line| line.contains(&format!("(`{scope}`)")));
            assert!(named, "{} {} ({scope})", route.method, route.path);
        }
    }
}

fn roles<P: Permission>() -> impl Iterator<Item = String> {
    P::ROLES.iter().map(|role| {
        let scopes: Vec<_> = role
            .scopes
            .iter()
            .map(|scope| format!("`{}`", scope.name()))
            .collect();
        format!(
            "| `{}` | {} | {} |",
            role.name,
            scopes.join(", "),
            role.purpose
        )
    })
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
