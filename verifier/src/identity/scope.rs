//! Scopes: what a caller may do.

/// What a kind of caller may be granted: a closed list of names. A merchant's servers and operators have
/// lists of their own, so that no store and no document can give one a permission of the other's.
pub trait Permission: Copy + Eq + 'static {
    /// Every permission of the kind.
    fn all() -> &'static [Self];

    /// The name in the store and in documents.
    fn name(self) -> &'static str;

    /// The permission of that name.
    fn parse(name: &str) -> Option<Self> {
        Self::all()
            .iter()
            .copied()
            .find(|scope| scope.name() == name)
    }
}

/// One permission of a merchant's server.
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

impl Permission for Scope {
    fn all() -> &'static [Self] {
        &Self::ALL
    }

    fn name(self) -> &'static str {
        self.as_str()
    }
}

/// A set of permissions of one kind.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Scopes<P = Scope>(Vec<P>);

impl Scopes {
    /// All of them, for a merchant's first client.
    pub fn all() -> Self {
        Self(Scope::ALL.to_vec())
    }
}

impl<P: Permission> Scopes<P> {
    /// Of these permissions.
    pub const fn of(scopes: Vec<P>) -> Self {
        Self(scopes)
    }

    /// From names, space separated. A name that is no scope grants nothing.
    pub fn parse(names: &str) -> Self {
        Self(names.split(' ').filter_map(P::parse).collect())
    }

    /// Whether `scope` is granted.
    pub fn allow(&self, scope: P) -> bool {
        self.0.contains(&scope)
    }
}

impl<P: Permission> std::fmt::Display for Scopes<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.0.iter().map(|scope| scope.name()).collect();
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
}
