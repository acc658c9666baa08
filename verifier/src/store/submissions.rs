//! Table `submission`: what was sent with a card, and what was decided on it.

use super::{Connection, Row, RowId, StoreError, Tx, Value, crypter::Place};
use crate::{clock::Timestamp, mode::Mode, values};

/// The table's name.
pub const TABLE: &str = "submission";

/// Where an encrypted column of a submission lies. `look_ups` are [`leads_to`] for the decision, and
/// nothing for what is encrypted before session and card are known.
pub fn place<'p>(
    id: &'p str,
    merchant_id: &'p str,
    column: &'static str,
    look_ups: &'p [&'p str],
) -> Place<'p> {
    Place {
        table: TABLE,
        column,
        row: id,
        merchant: merchant_id,
        look_ups,
    }
}

/// Session and card of a decision: it can be moved to no other.
pub const fn leads_to<'p>(session_id: &'p str, card_id: &'p str) -> [&'p str; 2] {
    [session_id, card_id]
}

/// One accepted envelope and the decision on it.
pub struct Submission {
    /// `sub_test_…` or `sub_live_…`.
    pub id: String,
    /// The session it was made in.
    pub session_id: String,
    /// The session's merchant.
    pub merchant_id: String,
    /// The card it carried; empty once it was erased.
    pub card_id: String,
    /// The session's customer, if there was one.
    pub customer_id: Option<String>,
    /// The brand that the customer chose on a co-badged card.
    pub network: Option<String>,
    /// Expiry, name and postal code, encrypted.
    pub details_enc: Vec<u8>,
    /// Browser data and signals, encrypted.
    pub signals_enc: Vec<u8>,
    /// The client's address, encrypted.
    pub ip_enc: Vec<u8>,
    /// allow, review or reject.
    pub outcome: String,
    /// What the rules read and answered, encrypted.
    pub facts_enc: Vec<u8>,
    /// Version of the rules.
    pub rule_set: String,
    /// When it arrived and was decided.
    pub created_at: Timestamp,
    /// When all of it but outcome and rule set was erased.
    pub erased_at: Option<Timestamp>,
}

impl Submission {
    /// Every encrypted column with its look-ups: what reads or moves all of them goes by this one list.
    pub fn encrypted<'s>(
        &'s self,
        leads_to: &'s [&'s str],
    ) -> [(&'static str, &'s [&'s str], &'s Vec<u8>); 4] {
        [
            ("details", &[], &self.details_enc),
            ("signals", &[], &self.signals_enc),
            ("ip", &[], &self.ip_enc),
            ("facts", leads_to, &self.facts_enc),
        ]
    }
}

/// Adds a submission.
///
/// # Errors
/// When the store fails.
pub fn insert(tx: &Tx<'_>, submission: &Submission) -> Result<(), StoreError> {
    let customer_id = submission.customer_id.as_deref();
    let customer_id = customer_id.map(|id| RowId::of("cus", id)).transpose()?;
    tx.execute(
        "INSERT INTO submission (id, session_id, merchant_id, card_id, network, details_enc,
             signals_enc, ip_enc, outcome, facts_enc, rule_set, created_at, customer_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        values![
            RowId::of(KIND, &submission.id)?,
            RowId::of("cs", &submission.session_id)?,
            RowId::of("mch", &submission.merchant_id)?,
            RowId::of("card", &submission.card_id)?,
            submission.network,
            submission.details_enc,
            submission.signals_enc,
            submission.ip_enc,
            submission.outcome,
            submission.facts_enc,
            submission.rule_set,
            submission.created_at,
            customer_id,
        ],
    )?;
    Ok(())
}

/// The submission of that id.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, id: &str) -> Result<Option<Submission>, StoreError> {
    connection.row(
        &format!("SELECT {COLUMNS} FROM submission WHERE id = ?1"),
        values![RowId::sought(KIND, id)],
        read,
    )
}

/// The latest submission with a merchant's card.
///
/// # Errors
/// When the store fails.
pub fn latest_of_card(
    connection: &Connection,
    merchant_id: &str,
    card_id: &str,
) -> Result<Option<Submission>, StoreError> {
    connection.row(
        &format!(
            "SELECT {COLUMNS} FROM submission WHERE card_id = ?1 AND merchant_id = ?2
             ORDER BY id DESC LIMIT 1"
        ),
        values![
            RowId::sought("card", card_id),
            RowId::sought("mch", merchant_id)
        ],
        read,
    )
}

/// Submissions behind the one of that id, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn after(connection: &Connection, id: &str, limit: u32) -> Result<Vec<Submission>, StoreError> {
    connection.rows(
        &format!("SELECT {COLUMNS} FROM submission WHERE id > ?1 ORDER BY id LIMIT ?2"),
        values![RowId::behind(KIND, id), limit],
        read,
    )
}

/// A submission's decision and what it belongs to, without the rest of its row.
pub struct Decided {
    /// `sub_test_…` or `sub_live_…`.
    pub id: String,
    /// The session it was made in.
    pub session_id: String,
    /// The session's merchant.
    pub merchant_id: String,
    /// The card it carried.
    pub card_id: String,
    /// What the rules read and answered, encrypted.
    pub facts_enc: Vec<u8>,
    /// When it was decided.
    pub created_at: Timestamp,
}

/// An id of a mode before every submission that was made from `at` on.
pub fn before(mode: Mode, at: Timestamp) -> String {
    RowId::first(mode, at).text(KIND)
}

/// Decisions behind the submission of that id, a merchant's or every one, `limit` at most. Those that were erased are
/// nobody's.
///
/// # Errors
/// When the store fails.
pub fn decided_after(
    connection: &Connection,
    merchant_id: Option<&str>,
    id: &str,
    limit: u32,
) -> Result<Vec<Decided>, StoreError> {
    let rows = |whose: &str, values: &[Value<'_>]| {
        let sql = format!(
            "SELECT id, session_id, merchant_id, card_id, facts_enc, created_at FROM submission
             WHERE id > ?1 AND erased_at IS NULL {whose} ORDER BY id LIMIT ?2"
        );
        connection.rows(&sql, values, |row| {
            Ok(Decided {
                id: row.get::<RowId>(0)?.text(KIND),
                session_id: row.get::<RowId>(1)?.text("cs"),
                merchant_id: row.get::<RowId>(2)?.text("mch"),
                card_id: row
                    .get::<Option<RowId>>(3)?
                    .map_or_else(String::new, |id| id.text("card")),
                facts_enc: row.get(4)?,
                created_at: row.get(5)?,
            })
        })
    };
    let behind = RowId::behind(KIND, id);
    match merchant_id.map(|id| RowId::sought("mch", id)) {
        None => rows("", values![behind, limit]),
        Some(merchant_id) => rows("AND merchant_id = ?3", values![behind, limit, merchant_id]),
    }
}

/// Writes a submission's encrypted columns anew, in the order of [`Submission::encrypted`].
///
/// # Errors
/// When the store fails.
pub fn update_encrypted(tx: &Tx<'_>, id: &str, columns: &[Vec<u8>; 4]) -> Result<(), StoreError> {
    let [details, signals, ip, facts] = columns;
    tx.execute(
        "UPDATE submission SET details_enc = ?2, signals_enc = ?3, ip_enc = ?4, facts_enc = ?5
         WHERE id = ?1",
        values![RowId::sought(KIND, id), details, signals, ip, facts],
    )?;
    Ok(())
}

/// Whose submissions are looked for. Those that were erased are nobody's.
#[derive(Clone, Copy, Debug)]
pub enum Of<'o> {
    /// Those of a card.
    Card(&'o str),
    /// Those in a customer's sessions.
    Customer(&'o str),
}

/// Submissions of a card or customer behind the one of that id, `limit` at most.
///
/// # Errors
/// When the store fails.
pub fn of(
    connection: &Connection,
    of: Of<'_>,
    after: &str,
    limit: u32,
) -> Result<Vec<Submission>, StoreError> {
    let (column, id) = match of {
        Of::Card(id) => ("card_id", RowId::sought("card", id)),
        Of::Customer(id) => ("customer_id", RowId::sought("cus", id)),
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM submission WHERE {column} = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
    );
    connection.rows(&sql, values![id, RowId::behind(KIND, after), limit], read)
}

/// Whether a session that has not expired took that card.
///
/// # Errors
/// When the store fails.
pub fn is_in_open_session(
    connection: &Connection,
    card_id: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    connection.exists(
        "SELECT 1 FROM submission JOIN session ON session.id = session_id
         WHERE card_id = ?1 AND expires_at > ?2 AND status = 'accepted' LIMIT 1",
        values![RowId::sought("card", card_id), now],
    )
}

/// Erases everything of a submission but its decision's outcome and rule set.
///
/// # Errors
/// When the store fails.
pub fn erase(tx: &Tx<'_>, id: &str, at: Timestamp) -> Result<(), StoreError> {
    let nothing: &[u8] = &[];
    tx.execute(
        "UPDATE submission SET details_enc = ?2, signals_enc = ?2, ip_enc = ?2, facts_enc = ?2,
             card_id = NULL, customer_id = NULL, network = NULL, erased_at = ?3 WHERE id = ?1",
        values![RowId::sought(KIND, id), nothing, at],
    )?;
    Ok(())
}

const KIND: &str = "sub";

const COLUMNS: &str = "id, session_id, merchant_id, card_id, network, details_enc, signals_enc, ip_enc, \
     outcome, facts_enc, rule_set, created_at, customer_id, erased_at";

fn read(row: &Row<'_>) -> Result<Submission, StoreError> {
    Ok(Submission {
        id: row.get::<RowId>(0)?.text(KIND),
        session_id: row.get::<RowId>(1)?.text("cs"),
        merchant_id: row.get::<RowId>(2)?.text("mch"),
        card_id: row
            .get::<Option<RowId>>(3)?
            .map_or_else(String::new, |id| id.text("card")),
        network: row.get(4)?,
        details_enc: row.get(5)?,
        signals_enc: row.get(6)?,
        ip_enc: row.get(7)?,
        outcome: row.get(8)?,
        facts_enc: row.get(9)?,
        rule_set: row.get(10)?,
        created_at: row.get(11)?,
        customer_id: row.get::<Option<RowId>>(12)?.map(|id| id.text("cus")),
        erased_at: row.get(13)?,
    })
}
