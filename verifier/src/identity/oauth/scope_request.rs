//! Which scopes a request asks for (RFC 6749 section 3.3).

use super::OAuthError;

/// What is asked for, or everything that `allowed` has where nothing is.
///
/// # Errors
/// [`OAuthError::InvalidScope`] for a scope that is not among them.
pub(super) fn requested(asked: Option<&str>, allowed: &str) -> Result<String, OAuthError> {
    let Some(asked) = asked else {
        return Ok(allowed.to_owned());
    };
    let is_allowed = |scope: &str| allowed.split(' ').any(|other| other == scope);
    let mut named: Vec<&str> = Vec::new();
    for scope in asked.split(' ') {
        if scope.is_empty() || !is_allowed(scope) {
            return Err(OAuthError::InvalidScope);
        }
        if !named.contains(&scope) {
            named.push(scope);
        }
    }
    Ok(named.join(" "))
}

/// Those of `scopes` that `others` has too.
pub(super) fn in_both(scopes: &str, others: &str) -> String {
    let is_there = |scope: &&str| others.split(' ').any(|other| other == *scope);
    let both: Vec<&str> = scopes.split(' ').filter(is_there).collect();
    both.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_beyond_what_is_allowed_is_asked_for() {
        let allowed = "cards:read sessions:read";
        assert_eq!(requested(None, allowed).unwrap(), allowed);
        assert_eq!(
            requested(Some("sessions:read sessions:read"), allowed).unwrap(),
            "sessions:read"
        );
        for bad in [
            "cards:delete",
            "cards:read cards:delete",
            " ",
            "cards:read ",
            "cards",
        ] {
            assert_eq!(
                requested(Some(bad), allowed),
                Err(OAuthError::InvalidScope),
                "{bad}"
            );
        }
        assert_eq!(in_both("a b c", "c a"), "a c");
        assert_eq!(in_both("a", ""), "");
    }
}
