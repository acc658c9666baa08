//! Every limit: what it counts, on which routes, and how much it lets through unless the configuration says
//! otherwise (`limits.NAME_per_s`, `limits.NAME_burst`).

use super::Rate;

/// Whose requests a limit counts together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Counts {
    /// All of an IPv4 address or an IPv6 network of 64 bits, before anything else is looked at.
    Address,
    /// Those of one authenticated caller to one endpoint.
    Caller,
    /// Sessions that one merchant makes for one address, as its server tells it.
    Shopper,
}

/// A limit.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Limit {
    /// A card that is submitted.
    Card,
    /// A merchant's server.
    Client,
    /// Whether the verifier lives and can work.
    Health,
    /// An operator.
    Operator,
    /// Whatever else browsers ask for: frame, files, keys.
    Page,
    /// Whoever calls the private listener, before it is known who that is.
    Private,
    /// A frame that reads its session.
    Session,
    /// Whoever shops, at one merchant.
    Shopper,
    /// Somebody who signs in and consents.
    SignIn,
    /// Whoever asks for tokens or takes them back, before it is known who that is.
    Token,
}

struct Row {
    limit: Limit,
    name: &'static str,
    counts: Counts,
    /// Routes that it alone counts by address.
    routes: &'static [&'static str],
    /// Whether every answer says how much is left; if not, only a refusal does.
    is_told: bool,
    rate: Rate,
}

#[rustfmt::skip]
const TABLE: [Row; Limit::ALL.len()] = [
    Row { limit: Limit::Card, name: "card", counts: Counts::Address, routes: &["/v1/session/card"], is_told: true, rate: Rate::per_second(10, 20) },
    Row { limit: Limit::Client, name: "client", counts: Counts::Caller, routes: &[], is_told: true, rate: Rate::per_second(10, 20) },
    // `/readyz` writes to the store, `/healthz` does not.
    Row { limit: Limit::Health, name: "health", counts: Counts::Address, routes: &["/healthz", "/readyz"], is_told: false, rate: Rate::per_second(10, 20) },
    Row { limit: Limit::Operator, name: "operator", counts: Counts::Caller, routes: &[], is_told: true, rate: Rate::per_second(10, 20) },
    // A page asks for six files at first, and many customers may have one address.
    Row { limit: Limit::Page, name: "page", counts: Counts::Address, routes: &[], is_told: false, rate: Rate::per_second(100, 200) },
    // Several clients of one merchant may have one address.
    Row { limit: Limit::Private, name: "private", counts: Counts::Address, routes: &[], is_told: false, rate: Rate::per_second(100, 200) },
    Row { limit: Limit::Session, name: "session", counts: Counts::Address, routes: &["/v1/session"], is_told: true, rate: Rate::per_second(20, 40) },
    // Who tries out stolen numbers needs a session for each.
    Row { limit: Limit::Shopper, name: "shopper", counts: Counts::Shopper, routes: &[], is_told: false, rate: Rate::per_second(1, 20) },
    // Each try hashes a password.
    Row { limit: Limit::SignIn, name: "sign_in", counts: Counts::Address, routes: &["/oauth/authorize", "/oauth/callback/{provider}"], is_told: false, rate: Rate::per_second(2, 20) },
    // Each answer is an entry of the audit, and so is each refusal; a token lasts for minutes.
    Row { limit: Limit::Token, name: "token", counts: Counts::Address, routes: &["/oauth/revoke", "/oauth/token"], is_told: false, rate: Rate::per_second(10, 20) },
];

impl Limit {
    /// Every limit, by name.
    pub const ALL: [Self; 10] = [
        Self::Card,
        Self::Client,
        Self::Health,
        Self::Operator,
        Self::Page,
        Self::Private,
        Self::Session,
        Self::Shopper,
        Self::SignIn,
        Self::Token,
    ];

    /// The limit that counts requests for this route by address; `otherwise` for one that has none of its own.
    pub fn of_route(template: Option<&str>, otherwise: Self) -> Self {
        let template = template.unwrap_or_default();
        let row = TABLE.iter().find(|row| row.routes.contains(&template));
        row.map_or(otherwise, |row| row.limit)
    }

    /// Its name in the configuration, in headers and in metrics.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// What it counts, for who configures it.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Card => "cards that one address submits",
            Self::Client => "one merchant's server at one endpoint",
            Self::Health => "health checks of one address",
            Self::Operator => "one operator at one endpoint",
            Self::Page => "files and whatever else browsers ask for, by address",
            Self::Private => "whoever calls the private listener, by address",
            Self::Session => "sessions that the frames of one address read",
            Self::Shopper => "sessions that one merchant makes for one shopper's address",
            Self::SignIn => "tries of one address to sign in",
            Self::Token => "requests of one address for tokens",
        }
    }

    /// Whose requests it counts together.
    pub const fn counts(self) -> Counts {
        self.row().counts
    }

    /// Routes that it alone counts by address.
    pub const fn routes(self) -> &'static [&'static str] {
        self.row().routes
    }

    /// Whether every answer says how much is left; if not, only a refusal does.
    pub const fn is_told(self) -> bool {
        self.row().is_told
    }

    /// What it lets through unless the configuration says otherwise.
    pub const fn default_rate(self) -> Rate {
        self.row().rate
    }

    pub(super) const fn place(self) -> usize {
        self as usize
    }

    const fn row(self) -> &'static Row {
        &TABLE[self.place()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_its_row() {
        for (place, limit) in Limit::ALL.into_iter().enumerate() {
            assert_eq!((limit.place(), limit.row().limit), (place, limit));
        }
        assert!(Limit::ALL.is_sorted_by_key(|limit| limit.name()));
    }

    #[test]
    fn a_route_is_counted_by_its_own_limit_and_any_other_by_the_listeners() {
        for (template, wanted) in [
            (Some("/v1/session/card"), Limit::Card),
            (Some("/v1/session"), Limit::Session),
            (Some("/readyz"), Limit::Health),
            (Some("/v1/sessions"), Limit::Page),
            (Some(""), Limit::Page),
            (None, Limit::Page),
        ] {
            assert_eq!(
                Limit::of_route(template, Limit::Page),
                wanted,
                "{template:?}"
            );
        }
    }
}
