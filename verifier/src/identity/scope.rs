//! Scopes: what a server may do.

/// One permission.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scope {
    /// Erase cards and customers.
    CardsDelete,
    /// Read masked cards and customers.
    CardsRead,
    /// Read metrics.
    MetricsRead,
    /// Read sessions and their decisions.
    SessionsRead,
    /// Create, revise and renew sessions.
    SessionsWrite,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] = [
        Self::CardsDelete,
        Self::CardsRead,
        Self::MetricsRead,
        Self::SessionsRead,
        Self::SessionsWrite,
    ];

    /// The name in the store and in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CardsDelete => "cards:delete",
            Self::CardsRead => "cards:read",
            Self::MetricsRead => "metrics:read",
            Self::SessionsRead => "sessions:read",
            Self::SessionsWrite => "sessions:write",
        }
    }
}

/// A set of scopes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// All of them, for a merchant's first client.
    pub fn all() -> Self {
        Self(Scope::ALL.to_vec())
    }

    /// From names, space separated. A name that is no scope grants nothing.
    pub fn parse(names: &str) -> Self {
        let scope = |name| Scope::ALL.into_iter().find(|scope| scope.as_str() == name);
        Self(names.split(' ').filter_map(scope).collect())
    }

    /// Whether `scope` is granted.
    pub fn allow(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.0.iter().map(|scope| scope.as_str()).collect();
        f.write_str(&names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_strangers_grant_nothing() {
        assert_eq!(Scopes::parse(&Scopes::all().to_string()), Scopes::all());
        let scopes = Scopes::parse("sessions:read everything");
        assert!(scopes.allow(Scope::SessionsRead));
        assert!(!scopes.allow(Scope::SessionsWrite));
    }
}
