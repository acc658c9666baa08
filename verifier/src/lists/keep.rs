//! Lists as operators read and change them.

use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use waxseal_protocol::ErrorCode;

use super::{
    BLOCKED_IPS, ListKind,
    held::{kind_of, value_of},
    kind::is_word,
};
use crate::{
    app::App,
    clock::Timestamp,
    http::{Misfit, MisfitReason, Problem, end_page},
    keys::{ModeKeys, Occasion},
    lengths::LengthPrefixed,
    mode::Mode,
    rng::Rng,
    store::{
        StoreError, Tx,
        audit::{self, AuditEntry},
        lists::{self, EntryRow, ListRow},
        may_be_id, merchants,
    },
};

/// Days that an entry says something at most: ten years.
const MAX_DAYS: i64 = 3653;

/// Body of `POST /v1/lists`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "known_resellers", "kind": "customer" }))]
pub struct ListRequest {
    /// What rules call it, behind the sign.
    #[schema(pattern = "^[a-z][a-z0-9_]{0,62}$")]
    pub name: String,
    /// What its entries are.
    pub kind: ListKind,
}

/// Body of `POST /v1/lists/{list}/entries`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "value": "192.0.2.0/24", "reason": "card_testing", "expires_at": "2027-01-01T00:00:00Z" }))]
pub struct EntryRequest {
    /// Of the list's kind.
    #[schema(max_length = 128)]
    pub value: String,
    /// Id of the merchant whose sessions it is for; everybody's if left out.
    #[serde(default)]
    pub merchant: Option<String>,
    /// Why, in one word.
    #[schema(pattern = "^[a-z][a-z0-9_]{0,62}$")]
    pub reason: String,
    /// From when on it says nothing any more, RFC 3339; within ten years.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

/// A list, for operators.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListDetails {
    /// What rules call it, behind the sign.
    pub name: String,
    /// What its entries are.
    pub kind: ListKind,
    /// How many it has, those that have expired lately too.
    pub entries: u64,
    /// Entries that the configuration has, which do not expire.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub configured: Vec<String>,
}

/// All lists.
#[derive(Serialize, ToSchema)]
pub struct ListPage {
    /// By name.
    pub data: Vec<ListDetails>,
}

/// An entry, for operators.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EntryDetails {
    /// `lse_…`
    pub id: String,
    /// The list that it is in.
    pub list: String,
    /// As it is compared.
    pub value: String,
    /// Id of the merchant whose sessions it is for; null for everybody's.
    pub merchant: Option<String>,
    /// Why.
    pub reason: String,
    /// From when on it says nothing any more, RFC 3339.
    #[schema(format = DateTime)]
    pub expires_at: String,
    /// RFC 3339.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// Id of the operator; null for who did at the command line.
    pub created_by: Option<String>,
}

/// One page of entries.
#[derive(Serialize, ToSchema)]
pub struct EntryPage {
    /// Oldest first.
    pub data: Vec<EntryDetails>,
    /// Give it as `after` to read on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// An entry that was checked but for its value, which has to be of the list's kind.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// The list.
    pub list: String,
    /// As it was given.
    pub value: String,
    /// Whose sessions; everybody's where there is none.
    pub merchant_id: Option<String>,
    /// Why.
    pub reason: String,
    /// From when on it says nothing any more.
    pub expires_at: Timestamp,
}

/// Why an entry or a list is not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ListError {
    /// Rules that are asked name it, or it is always there.
    InUse,
    /// It is there with entries of another kind.
    KindConflict,
    /// There is no such merchant.
    MerchantUnknown,
    /// There is no such list.
    NotFound,
    /// The value is none of the list's kind.
    ValueInvalid,
}

impl From<ListError> for Problem {
    fn from(error: ListError) -> Self {
        match error {
            ListError::InUse => ErrorCode::ListInUse.into(),
            ListError::KindConflict => ErrorCode::ListKindConflict.into(),
            ListError::MerchantUnknown => ErrorCode::MerchantUnknown.into(),
            ListError::NotFound => ErrorCode::NotFound.into(),
            ListError::ValueInvalid => Misfit::of("value", MisfitReason::Format).into(),
        }
    }
}

impl NewEntry {
    /// Checks what can be told without the list.
    ///
    /// # Errors
    /// Which member is not as it has to be.
    pub fn check(list: &str, request: EntryRequest, now: Timestamp) -> Result<Self, Misfit> {
        let EntryRequest {
            value,
            merchant,
            reason,
            expires_at,
        } = request;
        if !is_word(&reason) {
            return Err(Misfit::of("reason", MisfitReason::Format));
        }
        let at = Timestamp::parse_rfc3339(&expires_at);
        let at = at.ok_or(Misfit::of("expires_at", MisfitReason::Format))?;
        if at <= now || at > now.plus_seconds(MAX_DAYS * 24 * 60 * 60) {
            return Err(Misfit::of("expires_at", MisfitReason::Range));
        }
        Ok(Self {
            list: list.to_owned(),
            value,
            merchant_id: merchant,
            reason,
            expires_at: at,
        })
    }
}

/// Every list.
///
/// # Errors
/// When the store fails.
pub async fn lists(app: &App) -> Result<ListPage, Problem> {
    let all = app.store.read(lists::all).await?;
    let data = all.into_iter().map(|row| ListDetails::of(app, row));
    Ok(ListPage {
        data: data.collect::<Result<_, _>>()?,
    })
}

/// The list of that name.
///
/// # Errors
/// `not_found`.
pub async fn list(app: &App, name: String) -> Result<ListDetails, Problem> {
    let found = app
        .store
        .read(move |connection| lists::find(connection, &name));
    let row = found.await?.ok_or(ErrorCode::NotFound)?;
    Ok(ListDetails::of(app, row)?)
}

impl ListDetails {
    fn of(app: &App, row: ListRow) -> Result<Self, StoreError> {
        let configured = match row.name == BLOCKED_IPS {
            true => app.lists.configured(),
            false => &[],
        };
        Ok(Self {
            kind: kind_of(&row.kind)?,
            configured: configured.iter().map(ToString::to_string).collect(),
            name: row.name,
            entries: row.entries,
        })
    }
}

/// Makes a list. One that is there with entries of that kind is answered as it is.
///
/// # Errors
/// `request_invalid`, `list_kind_conflict`.
pub async fn create_list(
    app: &App,
    request: ListRequest,
    occasion: Occasion,
) -> Result<ListDetails, Problem> {
    if !is_word(&request.name) {
        return Err(Misfit::of("name", MisfitReason::Format).into());
    }
    let name = request.name.clone();
    let made = app.store.write("create_list", move |tx| {
        let ListRequest { name, kind } = request;
        if let Some(found) = lists::find(tx, &name)? {
            let is_same = kind_of(&found.kind)? == kind;
            return Ok(is_same.then_some(()).ok_or(ListError::KindConflict));
        }
        lists::insert(tx, &name, kind.as_str(), occasion.at)?;
        log(tx, "list.created", &name, None, &occasion)?;
        Ok(Ok(()))
    });
    made.await??;
    app.lists.refresh(&app.store, app.keyring()).await?;
    list(app, name).await
}

/// Entries of a list behind the one of that id, `limit` at most.
///
/// # Errors
/// `not_found`.
pub async fn entries(
    app: &App,
    name: String,
    after: String,
    limit: u32,
) -> Result<EntryPage, Problem> {
    let rows = app.store.read(move |connection| {
        if lists::find(connection, &name)?.is_none() {
            return Ok(None);
        }
        lists::after(connection, Some(&name), &after, limit + 1).map(Some)
    });
    let mut rows = rows.await?.ok_or(ErrorCode::NotFound)?;
    let next_cursor = end_page(&mut rows, limit, |row| row.id.clone());
    let keys = app.keys_of(Mode::Live);
    let data = rows.into_iter().map(|row| EntryDetails::of(&keys, row));
    Ok(EntryPage {
        data: data.collect::<Result<_, _>>()?,
        next_cursor,
    })
}

impl EntryDetails {
    /// An entry as its row has it.
    ///
    /// # Errors
    /// When the row is not as it was written.
    pub fn of(keys: &ModeKeys, row: EntryRow) -> Result<Self, StoreError> {
        Ok(Self {
            value: value_of(keys, &row)?,
            id: row.id,
            list: row.list,
            merchant: row.merchant_id,
            reason: row.reason,
            expires_at: row.expires_at.rfc3339(),
            created_at: row.created_at.rfc3339(),
            created_by: row.created_by,
        })
    }
}

/// Puts an entry on its list. A value that is there already for the same merchant gets the new reason and end.
///
/// # Errors
/// When the generator or the store fails; the inner error is the caller's.
pub fn put_entry(
    tx: &Tx<'_>,
    keys: &ModeKeys,
    rng: &dyn Rng,
    new: &NewEntry,
    occasion: &Occasion,
) -> Result<Result<EntryDetails, ListError>, StoreError> {
    let Some(list) = lists::find(tx, &new.list)? else {
        return Ok(Err(ListError::NotFound));
    };
    let Some(value) = kind_of(&list.kind)?.canonical(&new.value) else {
        return Ok(Err(ListError::ValueInvalid));
    };
    if let Some(merchant_id) = &new.merchant_id
        && (!may_be_id(merchant_id) || merchants::find(tx, merchant_id)?.is_none())
    {
        return Ok(Err(ListError::MerchantUnknown));
    }
    let id = rng.id("lse_", occasion.at)?;
    let look_ups = [new.list.as_str()];
    let place = lists::place(&id, new.merchant_id.as_deref(), &look_ups);
    let row = EntryRow {
        value_digest: digest(keys, &value),
        value_enc: keys.deks.encrypt(place, value.as_bytes(), rng)?,
        id,
        list: new.list.clone(),
        merchant_id: new.merchant_id.clone(),
        reason: new.reason.clone(),
        expires_at: new.expires_at,
        created_at: occasion.at,
        created_by: occasion.operator_id.clone(),
    };
    let id = lists::put(tx, &row)?;
    log(tx, "list.entry_put", &new.list, Some(&id), occasion)?;
    let row = lists::find_entry(tx, &id)?.ok_or(StoreError::Damaged("risk_list_entry"))?;
    EntryDetails::of(keys, row).map(Ok)
}

/// Takes an entry off its list; gives whether it was there.
///
/// # Errors
/// When the store fails.
pub fn remove_entry(
    tx: &Tx<'_>,
    list: &str,
    id: &str,
    occasion: &Occasion,
) -> Result<bool, StoreError> {
    let was_there = lists::delete(tx, list, id)?;
    if was_there {
        log(tx, "list.entry_removed", list, Some(id), occasion)?;
    }
    Ok(was_there)
}

fn digest(keys: &ModeKeys, value: &str) -> [u8; 32] {
    let parts = LengthPrefixed::default()
        .part(b"list entry")
        .part(value.as_bytes());
    let tag = hmac::sign(&keys.pseudonym, &parts.into_bytes());
    let mut digest = [0; 32];
    digest.copy_from_slice(tag.as_ref());
    digest
}

/// Names the list and the entry, never the value.
fn log(
    tx: &Tx<'_>,
    action: &'static str,
    list: &str,
    entry: Option<&str>,
    occasion: &Occasion,
) -> Result<(), StoreError> {
    let stated = entry.map_or_else(|| list.to_owned(), |entry| format!("{list} {entry}"));
    let entry = AuditEntry {
        action,
        stated: Some(stated),
        operator_id: occasion.operator_id.clone(),
        request_id: occasion.request_id.clone(),
        ..AuditEntry::default()
    };
    audit::append(tx, &entry, occasion.at)
}
