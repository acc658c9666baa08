//! What the schemas of both engines have in common: their versions are applied in order, and with which others
//! a verifier works.
//!
//! While several verifiers are replaced one after the other, and when a release is taken back, a verifier meets a
//! schema that is later than its own. A migration says in its name down to which version the verifiers are that work
//! with the schema it makes: `V13__payments_since_12`. It may say so when it only adds: tables, indexes, columns that
//! have a default and that former verifiers need not write; and when nothing that is written by it, or by the
//! verifiers it comes with, is read wrongly by former ones. One that says nothing works with no former verifier.

use std::cmp::Ordering;

use refinery::{Migration, Runner};

use super::StoreError;

/// Between a migration's name and the oldest version that works with the schema it makes.
const SINCE: &str = "_since_";

/// What a verifier does about a schema.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Standing {
    /// Versions are missing.
    Behind,
    /// It is a later one that this version works with.
    Later,
    /// It is this version's.
    Own,
}

/// A runner that refuses a database whose applied versions differ from ours.
pub(super) fn strict(runner: Runner) -> Runner {
    runner
        .set_abort_divergent(true)
        .set_abort_missing(true)
        .set_grouped(true)
}

/// How `applied` stands to `ours`.
///
/// # Errors
/// When a later version was applied that verifiers of this one do not work with.
pub(super) fn compare(ours: &[Migration], applied: &[Migration]) -> Result<Standing, StoreError> {
    let newest = |versions: &[Migration]| versions.iter().map(Migration::version).max();
    let own = newest(ours).unwrap_or(0);
    let later = applied.iter().filter(|one| one.version() > own);
    for migration in later {
        let since = migration.name().rsplit_once(SINCE);
        let since = since.and_then(|(_, since)| since.parse().ok());
        if since.is_none_or(|since: i32| since > own) {
            return Err(StoreError::Migration(format!(
                "of a newer version ({}) than this verifier ({own}) works with: use that version",
                migration.version()
            )));
        }
    }
    let newest = newest(applied).unwrap_or(0);
    Ok(match newest.cmp(&own) {
        Ordering::Less => Standing::Behind,
        Ordering::Equal => Standing::Own,
        Ordering::Greater => Standing::Later,
    })
}

/// The same, for who does not migrate.
///
/// # Errors
/// As [`compare`], and for an older schema.
pub(super) fn expect(ours: &[Migration], applied: &[Migration]) -> Result<(), StoreError> {
    match compare(ours, applied)? {
        Standing::Later | Standing::Own => Ok(()),
        Standing::Behind => Err(StoreError::Migration(
            "of an older version: run `verifier migrate`".to_owned(),
        )),
    }
}

pub(super) fn describe(error: &refinery::Error) -> StoreError {
    StoreError::Migration(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up_to(names: &[(u32, &str)]) -> Vec<Migration> {
        let names = names.iter();
        names
            .map(|(version, name)| {
                Migration::unapplied(&format!("V{version}__{name}"), "SELECT 1").unwrap()
            })
            .collect()
    }

    #[test]
    fn a_later_schema_is_worked_with_when_each_of_its_versions_says_so() {
        let ours = up_to(&[(1, "initial"), (2, "more")]);
        for (later, wanted) in [
            (&[][..], Some(Standing::Own)),
            (&[(3, "payments_since_2")], Some(Standing::Later)),
            (
                &[(3, "payments_since_1"), (4, "b_since_2")],
                Some(Standing::Later),
            ),
            (&[(3, "payments")], None),
            (&[(3, "payments_since_3")], None),
            (&[(3, "payments_since_")], None),
            (&[(3, "a_since_2"), (4, "b")], None),
            (&[(3, "a"), (4, "b_since_2")], None),
        ] {
            let applied = [ours.clone(), up_to(later)].concat();
            assert_eq!(compare(&ours, &applied).ok(), wanted, "{later:?}");
        }
        assert_eq!(compare(&ours, &ours[..1]).unwrap(), Standing::Behind);
        assert_eq!(compare(&ours, &[]).unwrap(), Standing::Behind);
        assert!(expect(&ours, &ours[..1]).is_err());
    }
}
