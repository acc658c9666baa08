//! Scopes and roles: what a caller may do. The tables below are the one place that says so; which route takes
//! which scope stands in the router.

use serde::{Deserialize, Serialize, Serializer};

/// What a kind of caller may be granted: a closed list of names. A merchant's servers and operators have
/// lists of their own, so that no store and no document can give one a permission of the other's.
pub trait Permission: Copy + Eq + 'static {
    /// Every permission of the kind, by name.
    const NAMES: &'static [(Self, &'static str)];
    /// Every role of the kind.
    const ROLES: &'static [Role<Self>];

    /// The name in the store and in documents.
    fn name(self) -> &'static str {
        let named = Self::NAMES.iter().find(|(scope, _)| *scope == self);
        named.map_or("", |(_, name)| name)
    }

    /// The permission of that name.
    fn parse(name: &str) -> Option<Self> {
        let named = Self::NAMES.iter().find(|(_, known)| *known == name);
        named.map(|(scope, _)| *scope)
    }
}

/// Scopes under one name, for granting. What is kept of a caller are the scopes: a role that gains one
/// later gives nobody more.
pub struct Role<P: 'static> {
    /// Its name.
    pub name: &'static str,
    /// Who it is for.
    pub purpose: &'static str,
    /// What it grants.
    pub scopes: &'static [P],
}

impl<P: Permission> Role<P> {
    /// The role of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        P::ROLES.iter().find(|role| role.name == name)
    }
}

/// One permission of a merchant's server.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Scope {
    /// Erase cards and customers.
    CardsDelete,
    /// Read masked cards and customers.
    CardsRead,
    /// Have payments decided on that are made elsewhere.
    RiskAssess,
    /// Say what became of sessions and cards.
    RiskLabel,
    /// Read sessions and their decisions.
    SessionsRead,
    /// Create, revise and renew sessions.
    SessionsWrite,
}

/// One permission of an operator. No merchant's server can have it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OperatorScope {
    /// Read alerts.
    AlertsRead,
    /// Acknowledge and close alerts.
    AlertsWrite,
    /// Read the audit.
    AuditRead,
    /// See a card's number.
    CardsReveal,
    /// List merchants' clients.
    ClientsRead,
    /// Make clients, change what they may do, revoke them.
    ClientsWrite,
    /// List keys.
    KeysRead,
    /// Make keys and change their states.
    KeysWrite,
    /// Read lists that rules ask.
    ListsRead,
    /// Make lists, put entries on them and take them off.
    ListsWrite,
    /// List merchants.
    MerchantsRead,
    /// Make merchants, change their names and origins.
    MerchantsWrite,
    /// Read metrics, which count all merchants together.
    MetricsRead,
    /// Read decisions that ask for a person.
    ReviewsRead,
    /// Decide on them, and block what they are about.
    ReviewsWrite,
    /// Read versions of rules and models, and try rules on former decisions.
    RulesRead,
    /// Store versions of rules, let them decide, and go back.
    RulesWrite,
}

impl Permission for Scope {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::CardsDelete, "cards:delete"),
        (Self::CardsRead, "cards:read"),
        (Self::RiskAssess, "risk:assess"),
        (Self::RiskLabel, "risk:label"),
        (Self::SessionsRead, "sessions:read"),
        (Self::SessionsWrite, "sessions:write"),
    ];

    const ROLES: &'static [Role<Self>] = &[
        Role {
            name: "backend",
            purpose: "a shop's server that does everything",
            scopes: &[
                Self::CardsDelete,
                Self::CardsRead,
                Self::RiskAssess,
                Self::RiskLabel,
                Self::SessionsRead,
                Self::SessionsWrite,
            ],
        },
        Role {
            name: "checkout",
            purpose: "a server that takes payments",
            scopes: &[Self::SessionsRead, Self::SessionsWrite],
        },
        Role {
            name: "support",
            purpose: "a server that shows cards and decisions, masked",
            scopes: &[Self::CardsRead, Self::SessionsRead],
        },
    ];
}

impl Permission for OperatorScope {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::AlertsRead, "alerts:read"),
        (Self::AlertsWrite, "alerts:write"),
        (Self::AuditRead, "audit:read"),
        (Self::CardsReveal, "cards:reveal"),
        (Self::ClientsRead, "clients:read"),
        (Self::ClientsWrite, "clients:write"),
        (Self::KeysRead, "keys:read"),
        (Self::KeysWrite, "keys:write"),
        (Self::ListsRead, "lists:read"),
        (Self::ListsWrite, "lists:write"),
        (Self::MerchantsRead, "merchants:read"),
        (Self::MerchantsWrite, "merchants:write"),
        (Self::MetricsRead, "metrics:read"),
        (Self::ReviewsRead, "reviews:read"),
        (Self::ReviewsWrite, "reviews:write"),
        (Self::RulesRead, "rules:read"),
        (Self::RulesWrite, "rules:write"),
    ];

    const ROLES: &'static [Role<Self>] = &[
        Role {
            name: "administrator",
            purpose: "who sets merchants and their clients up",
            scopes: &[
                Self::ClientsRead,
                Self::ClientsWrite,
                Self::MerchantsRead,
                Self::MerchantsWrite,
            ],
        },
        Role {
            name: "auditor",
            purpose: "who looks at everything and changes nothing",
            scopes: &[
                Self::AlertsRead,
                Self::AuditRead,
                Self::ClientsRead,
                Self::KeysRead,
                Self::ListsRead,
                Self::MerchantsRead,
                Self::MetricsRead,
                Self::ReviewsRead,
                Self::RulesRead,
            ],
        },
        Role {
            name: "card_viewer",
            purpose: "who may see card numbers",
            scopes: &[Self::CardsReveal],
        },
        Role {
            name: "key_custodian",
            purpose: "who rotates keys",
            scopes: &[Self::KeysRead, Self::KeysWrite],
        },
        Role {
            name: "monitoring",
            purpose: "a program that collects metrics",
            scopes: &[Self::MetricsRead],
        },
        Role {
            name: "on_call",
            purpose: "who looks at alerts and closes them",
            scopes: &[Self::AlertsRead, Self::AlertsWrite],
        },
        Role {
            name: "reviewer",
            purpose: "who decides what the rules leave to a person, and blocks what is to be blocked",
            scopes: &[
                Self::ListsRead,
                Self::ListsWrite,
                Self::ReviewsRead,
                Self::ReviewsWrite,
            ],
        },
        Role {
            name: "risk_manager",
            purpose: "who writes rules, tries them and lets them decide",
            scopes: &[
                Self::ListsRead,
                Self::ListsWrite,
                Self::ReviewsRead,
                Self::RulesRead,
                Self::RulesWrite,
            ],
        },
    ];
}

/// A set of permissions of one kind.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Scopes<P = Scope>(Vec<P>);

impl Scopes {
    /// All of them, for a merchant's first client.
    pub fn all() -> Self {
        Self(Scope::NAMES.iter().map(|(scope, _)| *scope).collect())
    }
}

impl<P: Permission> Scopes<P> {
    /// Of these permissions, each once, in the order of their table.
    pub fn of(scopes: &[P]) -> Self {
        let granted = P::NAMES.iter().map(|(scope, _)| *scope);
        Self(granted.filter(|scope| scopes.contains(scope)).collect())
    }

    /// From names, space separated. A name that is no scope grants nothing.
    pub fn parse(names: &str) -> Self {
        Self(names.split(' ').filter_map(P::parse).collect())
    }

    /// Whether `scope` is granted.
    pub fn allow(&self, scope: P) -> bool {
        self.0.contains(&scope)
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|scope| scope.name())
    }
}

/// A list of names.
impl<P: Permission> Serialize for Scopes<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

impl<P: Permission> std::fmt::Display for Scopes<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.names().collect();
        f.write_str(&names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_strangers_grant_nothing() {
        assert_eq!(Scopes::parse(&Scopes::all().to_string()), Scopes::all());
        let scopes: Scopes = Scopes::parse("sessions:read everything");
        assert!(scopes.allow(Scope::SessionsRead));
        assert!(!scopes.allow(Scope::SessionsWrite));
    }

    #[test]
    fn operators_and_merchants_have_no_scope_and_no_role_in_common() {
        for (_, name) in OperatorScope::NAMES {
            assert!(Scope::parse(name).is_none());
        }
        for (_, name) in Scope::NAMES {
            assert!(OperatorScope::parse(name).is_none());
        }
        for role in OperatorScope::ROLES {
            assert!(Role::<Scope>::named(role.name).is_none());
            assert!(Role::<OperatorScope>::named(role.name).is_some());
        }
    }

    #[test]
    fn seeing_numbers_comes_with_no_other_permission() {
        for role in OperatorScope::ROLES {
            let reveals = role.scopes.contains(&OperatorScope::CardsReveal);
            assert!(!reveals || role.scopes.len() == 1, "{}", role.name);
        }
    }

    #[test]
    fn a_set_has_each_scope_once() {
        let twice = [Scope::SessionsWrite, Scope::CardsRead, Scope::SessionsWrite];
        assert_eq!(Scopes::of(&twice).to_string(), "cards:read sessions:write");
    }
}
