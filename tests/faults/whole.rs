//! What no state of a store may hold, however it came about.

use waxseal_tests::Installation;

const HALF_WRITTEN: [(&str, &str); 7] = [
    (
        "a card without a fingerprint",
        "SELECT count(*) FROM card WHERE id NOT IN (SELECT card_id FROM card_fingerprint)",
    ),
    (
        "a fingerprint without a card",
        "SELECT count(*) FROM card_fingerprint WHERE card_id NOT IN (SELECT id FROM card)",
    ),
    (
        "a submission without its card",
        "SELECT count(*) FROM submission AS s WHERE NOT EXISTS (SELECT 1 FROM card
             WHERE card.merchant_id = s.merchant_id AND card.id = s.card_id)",
    ),
    (
        "a submission that its session does not name",
        "SELECT count(*) FROM submission AS s WHERE NOT EXISTS (SELECT 1 FROM session
             WHERE session.id = s.session_id AND session.submission_id = s.id)",
    ),
    (
        "a session with two submissions",
        "SELECT count(*) FROM (SELECT session_id FROM submission
             GROUP BY session_id HAVING count(*) > 1) AS twice",
    ),
    (
        "a submission without a jti",
        "SELECT count(*) FROM submission AS s WHERE NOT EXISTS (SELECT 1 FROM session_jti
             WHERE session_jti.session_id = s.session_id)",
    ),
    (
        "a submission without a velocity event",
        "SELECT count(*) FROM submission AS s WHERE NOT EXISTS (SELECT 1 FROM velocity_event
             WHERE velocity_event.session_id = s.session_id)",
    ),
];
const NOT_COUNTED: (&str, &str) = (
    "a submission that is not counted",
    "SELECT count(*) FROM submission AS s WHERE NOT EXISTS (SELECT 1 FROM velocity_record
         WHERE velocity_record.session_id = s.session_id)",
);

/// Cards and submissions of a store whose every row is whole.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Whole {
    pub(crate) cards: u64,
    pub(crate) submissions: u64,
}

impl Whole {
    /// Asserts that every row is whole, by what belongs together, by the engine itself and by opening
    /// every encrypted value. The verifier may run or not.
    pub(crate) fn assert(installation: &Installation) -> Self {
        let (engine, folder) = (installation.engine, &installation.folder);
        let (what, sql) = NOT_COUNTED;
        assert_eq!(engine.count(folder, sql), 0, "{what}");
        Self::assert_of_former(installation)
    }

    /// The same where a release wrote too that did not count as today's does.
    pub(crate) fn assert_of_former(installation: &Installation) -> Self {
        let (engine, folder) = (installation.engine, &installation.folder);
        for (what, sql) in HALF_WRITTEN {
            assert_eq!(engine.count(folder, sql), 0, "{what}");
        }
        let count = |table: &str| engine.count(folder, &format!("SELECT count(*) FROM {table}"));
        let whole = Self {
            cards: count("card"),
            submissions: count("submission"),
        };
        assert_eq!(
            count("audit WHERE action = 'card.stored'"),
            whole.submissions,
            "each is in the audit once"
        );
        engine.assert_sound(folder);
        let report = installation.run(&["doctor", "--data"]);
        let report = String::from_utf8_lossy(&report.stdout).into_owned();
        let wanted = format!(
            "pass  data: {} cards, {} submissions, 0 customers, all whole",
            whole.cards, whole.submissions
        );
        assert!(report.contains(&wanted), "{report}");
        whole
    }
}
