//! Table `alert`: what a person should look at, until somebody has.

use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

use super::{
    Connection, FromValue, Row, StoreError, Subject, SubjectKind, ToValue, Tx, Value,
    alert_deliveries,
};
use crate::{clock::Timestamp, values};

/// Where an alert stands. It goes from one to the next, or is closed at once; a closed one stays so.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Nobody has looked at it.
    Open,
    /// Somebody looks at it.
    Acknowledged,
    /// Nothing is to be done any more. What is the same again raises another one.
    Closed,
}

impl AlertState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Acknowledged, Self::Closed];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Closed => "closed",
        }
    }
}

impl ToValue for AlertState {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self.as_str())
    }
}

impl FromValue for AlertState {
    fn from_value(value: Value<'_>) -> Option<Self> {
        let Value::Text(text) = value else {
            return None;
        };
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What a kind of alert says beyond its subject: numbers, country codes and names from fixed lists.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(default)]
pub struct Detail {
    /// Country that the traffic comes from (ISO 3166-1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Country that it came from before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub former_country: Option<String>,
    /// Kilometres between the two places.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance_km: Option<u32>,
    /// Seconds between the two requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_s: Option<u32>,
    /// Requests in the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// Requests a minute before it, on average.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual_requests: Option<u64>,
    /// Refused or failed requests, of a thousand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors_permille: Option<u64>,
    /// The same before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual_errors_permille: Option<u64>,
    /// Feature of the model that has moved, or `score`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feature: Option<String>,
    /// Its population stability index against the training data, in thousandths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stability_permille: Option<u64>,
    /// Whole days until it ends; negative when it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_left: Option<i64>,
}

/// What there is to raise an alert for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sign {
    /// From a fixed list.
    pub kind: &'static str,
    /// Whom it is about.
    pub subject: Subject,
    /// What else tells it apart from others of its kind and subject, such as a country.
    pub aspect: String,
    /// What it says.
    pub detail: Detail,
    /// How many events raise an alert.
    pub count: u32,
    /// How many of them are new, where the alert is there already.
    pub more: u32,
    /// When it was seen.
    pub at: Timestamp,
}

/// Something that a person should look at.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Alert {
    /// `alr_…`
    pub id: String,
    /// From a fixed list.
    pub kind: String,
    /// Whom it is about.
    pub subject: Subject,
    /// What it says.
    pub detail: Detail,
    /// Where it stands.
    pub state: AlertState,
    /// How many events it was raised for, and how many came since.
    pub count: u32,
    /// When it was raised (RFC 3339).
    #[serde(serialize_with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub raised_at: Timestamp,
    /// When the same was seen last (RFC 3339).
    #[serde(serialize_with = "rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub last_seen_at: Timestamp,
    /// When somebody looked at it (RFC 3339).
    #[serde(serialize_with = "rfc3339_or_null")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acknowledged_at: Option<Timestamp>,
    /// Id of who did; null for who did at the command line.
    pub acknowledged_by: Option<String>,
    /// When it was closed (RFC 3339).
    #[serde(serialize_with = "rfc3339_or_null")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Timestamp>,
    /// Id of who closed it; null for who did at the command line.
    pub closed_by: Option<String>,
}

impl Alert {
    /// Tells log and metrics of it, once it is stored.
    pub fn announce(&self) {
        let Self {
            id, kind, subject, ..
        } = self;
        let (about, subject) = (subject.kind.as_str(), &subject.id);
        let count = self.count;
        tracing::warn!(event = "alert", kind, alert_id = id, about, subject, count);
        metrics::counter!("waxseal_alerts_total", "kind" => kind.clone()).increment(1);
    }
}

const COLUMNS: &str = "id, kind, subject_kind, subject, detail, state, count, raised_at, last_seen_at, \
     acknowledged_at, acknowledged_by, closed_at, closed_by";

/// Raises an alert, unless one of the same kind, subject and aspect is not closed: that one counts more
/// events then. Gives the alert if it is new. Runs in a job of its own only: see [`super::Store::write`].
///
/// # Errors
/// When the store fails.
pub fn raise(tx: &Tx<'_>, id: &str, sign: &Sign) -> Result<Option<Alert>, StoreError> {
    let (kind, subject) = (sign.kind, &sign.subject);
    let more = tx.execute(
        "UPDATE alert SET count = count + ?5, last_seen_at = CASE WHEN last_seen_at < ?6 THEN ?6 ELSE last_seen_at END
         WHERE kind = ?1 AND subject_kind = ?2 AND subject = ?3 AND aspect = ?4 AND state <> 'closed'",
        values![kind, subject.kind, subject.id, sign.aspect, sign.more, sign.at],
    )?;
    if more > 0 {
        return Ok(None);
    }
    let detail = serde_json::to_string(&sign.detail).unwrap_or_default();
    tx.execute(
        "INSERT INTO alert (id, kind, subject_kind, subject, aspect, detail, state, count, raised_at, last_seen_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'open', ?7, ?8, ?8)",
        values![id, kind, subject.kind, subject.id, sign.aspect, detail, sign.count, sign.at],
    )?;
    let alert = find(tx, id)?.ok_or(StoreError::Damaged("alert"))?;
    alert_deliveries::insert(tx, &alert, sign.at)?;
    Ok(Some(alert))
}

/// Whether an alert of that kind, subject and aspect was ever raised.
///
/// # Errors
/// When the store fails.
pub fn was_raised(connection: &Connection, sign: &Sign) -> Result<bool, StoreError> {
    connection.exists(
        "SELECT 1 FROM alert WHERE kind = ?1 AND subject_kind = ?2 AND subject = ?3 AND aspect = ?4",
        values![sign.kind, sign.subject.kind, sign.subject.id, sign.aspect],
    )
}

/// How many alerts of a kind about such subjects are not closed; `most` are counted.
///
/// # Errors
/// When the store fails.
pub fn not_closed(
    connection: &Connection,
    kind: &str,
    about: SubjectKind,
    most: u32,
) -> Result<u32, StoreError> {
    connection.the_row(
        "SELECT count(*) FROM (SELECT 1 FROM alert
             WHERE kind = ?1 AND subject_kind = ?2 AND state <> 'closed' LIMIT ?3) AS counted",
        values![kind, about, most],
        |row| row.get(0),
    )
}

/// Whether there is an alert of a kind about a subject that is not closed.
///
/// # Errors
/// When the store fails.
pub fn is_not_closed(
    connection: &Connection,
    kind: &str,
    subject: &Subject,
) -> Result<bool, StoreError> {
    connection.exists(
        "SELECT 1 FROM alert WHERE kind = ?1 AND subject_kind = ?2 AND subject = ?3 AND state <> 'closed'",
        values![kind, subject.kind, subject.id],
    )
}

/// When the last alert of that kind, subject and aspect was closed: what was before is dealt with.
///
/// # Errors
/// When the store fails.
pub fn last_closed_at(
    connection: &Connection,
    kind: &str,
    subject: &Subject,
    aspect: &str,
) -> Result<Option<Timestamp>, StoreError> {
    connection.the_row(
        "SELECT max(closed_at) FROM alert
         WHERE kind = ?1 AND subject_kind = ?2 AND subject = ?3 AND aspect = ?4",
        values![kind, subject.kind, subject.id, aspect],
        |row| row.get(0),
    )
}

/// The alert of that id.
///
/// # Errors
/// When the store fails.
pub fn find(connection: &Connection, id: &str) -> Result<Option<Alert>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM alert WHERE id = ?1");
    connection.row(&sql, values![id], read)
}

/// Alerts before the id `before`, or the latest if that is empty, latest first, `limit` at most; of one state
/// or of all.
///
/// # Errors
/// When the store fails.
pub fn page(
    connection: &Connection,
    state: Option<AlertState>,
    before: &str,
    limit: u32,
) -> Result<Vec<Alert>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM alert WHERE (?1 = '' OR state = ?1) AND (?2 = '' OR id < ?2)
         ORDER BY id DESC LIMIT ?3"
    );
    let state = state.map_or("", AlertState::as_str);
    connection.rows(&sql, values![state, before, limit], read)
}

/// How many alerts of each kind are in a state, other than closed.
///
/// # Errors
/// When the store fails.
pub fn count(connection: &Connection) -> Result<Vec<(String, AlertState, u64)>, StoreError> {
    connection.rows(
        "SELECT kind, state, count(*) FROM alert WHERE state IN ('open', 'acknowledged') GROUP BY kind, state",
        values![],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
}

/// Moves an alert on to `next`; gives it as it is then, or nothing when it is further already.
///
/// # Errors
/// When the store fails.
pub fn change_state(
    tx: &Tx<'_>,
    id: &str,
    next: AlertState,
    by: Option<&str>,
    at: Timestamp,
) -> Result<Option<Alert>, StoreError> {
    let sql = match next {
        AlertState::Open => return Ok(None),
        AlertState::Acknowledged => {
            "UPDATE alert SET state = 'acknowledged', acknowledged_at = ?2, acknowledged_by = ?3
             WHERE id = ?1 AND state = 'open'"
        }
        AlertState::Closed => {
            "UPDATE alert SET state = 'closed', closed_at = ?2, closed_by = ?3
             WHERE id = ?1 AND state <> 'closed'"
        }
    };
    if tx.execute(sql, values![id, at, by])? == 0 {
        return Ok(None);
    }
    let alert = find(tx, id)?.ok_or(StoreError::Damaged("alert"))?;
    alert_deliveries::insert(tx, &alert, at)?;
    Ok(Some(alert))
}

fn read(row: &Row<'_>) -> Result<Alert, StoreError> {
    let detail: String = row.get(4)?;
    Ok(Alert {
        id: row.get(0)?,
        kind: row.get(1)?,
        subject: Subject {
            kind: row.get(2)?,
            id: row.get(3)?,
        },
        detail: serde_json::from_str(&detail).map_err(|_| StoreError::Damaged("alert"))?,
        state: row.get(5)?,
        count: row.get(6)?,
        raised_at: row.get(7)?,
        last_seen_at: row.get(8)?,
        acknowledged_at: row.get(9)?,
        acknowledged_by: row.get(10)?,
        closed_at: row.get(11)?,
        closed_by: row.get(12)?,
    })
}

fn rfc3339<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.rfc3339())
}

#[allow(clippy::ref_option, reason = "serde's form")]
fn rfc3339_or_null<S: Serializer>(
    at: &Option<Timestamp>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    at.map(Timestamp::rfc3339).serialize(serializer)
}
