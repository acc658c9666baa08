//! Operators: who runs the verifier, and belongs to no merchant.

use zeroize::Zeroizing;

use super::{
    OperatorScope, Scopes,
    secret::{is_secret, make_secret, secret_digest},
};
use crate::{
    clock::Timestamp,
    rng::{Rng, RngError},
    store::operators::OperatorRow,
};

/// An authenticated operator.
#[derive(Clone, Debug)]
pub struct Operator {
    /// `opr_…`, or `usr_…` of somebody who has signed in.
    pub id: String,
    scopes: Scopes<OperatorScope>,
}

/// An operator and its secret, which is shown once and never again.
pub struct NewOperator {
    /// The row to store.
    pub operator: OperatorRow,
    /// The secret: `wxs_` and 43 characters (256 random bits).
    pub secret: Zeroizing<String>,
}

impl Operator {
    /// An operator with what was granted.
    pub(super) const fn new(id: String, scopes: Scopes<OperatorScope>) -> Self {
        Self { id, scopes }
    }

    /// Whether `scope` was granted.
    pub fn may(&self, scope: OperatorScope) -> bool {
        self.scopes.allow(scope)
    }
}

/// Makes an operator with a secret of its own.
///
/// # Errors
/// When the generator fails.
pub fn make_operator(
    name: String,
    scopes: &Scopes<OperatorScope>,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<NewOperator, RngError> {
    let secret = make_secret(rng)?;
    let operator = OperatorRow {
        id: rng.id("opr_", now)?,
        name,
        secret_digest: secret_digest(&secret),
        scopes: scopes.to_string(),
        created_at: now,
        revoked_at: None,
    };
    Ok(NewOperator { operator, secret })
}

/// The operator, if the secret is its own and it is not revoked.
pub fn check_operator(operator: Option<OperatorRow>, secret: &str) -> Option<Operator> {
    let kept = operator.as_ref().map(|operator| &operator.secret_digest);
    let matches = is_secret(secret, kept);
    let operator = operator.filter(|operator| matches && operator.revoked_at.is_none())?;
    Some(Operator {
        id: operator.id,
        scopes: Scopes::parse(&operator.scopes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SystemRng;

    const NOW: Timestamp = Timestamp::from_millis(0);

    #[test]
    fn only_its_own_secret_opens_an_operator_and_none_a_revoked_one() {
        let make = || {
            let scopes = Scopes::parse("keys:read");
            make_operator("a".to_owned(), &scopes, NOW, &SystemRng::default()).unwrap()
        };
        let NewOperator { operator, secret } = make();
        let known = check_operator(Some(operator.clone()), &secret).unwrap();
        assert!(known.may(OperatorScope::KeysRead) && !known.may(OperatorScope::KeysWrite));
        assert!(check_operator(Some(operator.clone()), &make().secret).is_none());
        assert!(check_operator(None, &secret).is_none());
        let revoked = OperatorRow {
            revoked_at: Some(NOW),
            ..operator
        };
        assert!(check_operator(Some(revoked), &secret).is_none());
    }
}
