//! Everything that is held on a customer, for who asks for it. Never a PAN, and no CVC is stored.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use waxseal_protocol::ErrorCode;

use super::{
    customer::{CustomerRef, find_customer, open},
    details::Details,
    view::{DecisionView, SessionDetails, assessed, decrypt},
};
use crate::{
    app::App,
    http::Problem,
    identity::Caller,
    keys::ModeKeys,
    store::{
        Connection, StoreError, Touches,
        audit::{self, AuditEntry},
        cards::CardRow,
        customers::{self, CustomerRow},
        sessions,
        submissions::{self, Of, Submission},
    },
    vault,
};

/// Rows that are read at once.
const PAGE: u32 = 500;

/// Everything that is held on a customer.
#[derive(Serialize, ToSchema)]
pub struct CustomerExport {
    customer: CustomerRef,
    created_at: String,
    cards: Vec<ExportedCard>,
    sessions: Vec<SessionDetails>,
    submissions: Vec<ExportedSubmission>,
    /// Ids of cards and submissions whose rows are not as they were written: nothing of them is shown.
    damaged: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct ExportedCard {
    id: String,
    token: String,
    brand: String,
    last4: String,
    created_at: String,
    /// Of this customer's last submission with it.
    exp_month: Option<u8>,
    exp_year: Option<u16>,
}

#[derive(Serialize, ToSchema)]
struct ExportedSubmission {
    id: String,
    session_id: String,
    card_id: String,
    network: Option<String>,
    created_at: String,
    exp_month: u8,
    exp_year: u16,
    name: Option<String>,
    postal_code: Option<String>,
    ip: Value,
    browser: Value,
    signals: Value,
    decision: DecisionView,
}

/// Everything that is held on a customer of `caller`'s merchant. That it was asked for is in the audit.
///
/// # Errors
/// `not_found`, for another merchant's customer too.
pub async fn export(
    app: &Arc<App>,
    caller: Caller,
    reference: CustomerRef,
    request_id: String,
) -> Result<CustomerExport, Problem> {
    let entry = AuditEntry {
        action: "customer.exported",
        merchant_id: Some(caller.merchant_id.clone()),
        client_id: Some(caller.client_id.clone()),
        request_id: Some(request_id),
        ..AuditEntry::default()
    };
    let keys = app.keys_of(caller.mode);
    let found = app.store.read(move |connection| {
        let customer = find_customer(connection, &keys, &caller.merchant_id, &reference)?;
        let gather = |customer: CustomerRow| gather(connection, &keys, &caller, &customer);
        customer.map(gather).transpose()
    });
    let exported = found.await?.ok_or(ErrorCode::NotFound)?;
    let now = app.clock.now();
    app.store
        .write_grouped("audit_export", Touches::default(), move |tx| {
            audit::append(tx, &entry, now)
        })
        .await?;
    Ok(exported)
}

fn gather(
    connection: &Connection,
    keys: &ModeKeys,
    caller: &Caller,
    customer: &CustomerRow,
) -> Result<CustomerExport, StoreError> {
    let reference = open(keys, customer)?;
    let mut export = CustomerExport {
        created_at: customer.created_at.rfc3339(),
        cards: Vec::new(),
        sessions: Vec::new(),
        submissions: Vec::new(),
        damaged: Vec::new(),
        customer: reference.clone(),
    };
    let of = |after: &str| submissions::of(connection, Of::Customer(&customer.id), after, PAGE);
    for row in all(of, |row| &row.id)? {
        match submission(keys, &row) {
            Ok(submission) => export.submissions.push(submission),
            Err(StoreError::Damaged(_)) => export.damaged.push(row.id),
            Err(error) => return Err(error),
        }
    }
    let of = |after: &str| customers::cards(connection, customer, after, PAGE);
    for row in all(of, |row| &row.id)? {
        match vault::check(keys, &row) {
            Ok(()) => export.cards.push(card(row, &export.submissions)),
            Err(_) => export.damaged.push(row.id),
        }
    }
    let of = |after: &str| sessions::of_customer(connection, &customer.id, after, PAGE);
    for session in all(of, |row| &row.id)? {
        let named = Some(reference.clone());
        let details = SessionDetails::new(&session, caller.mode, named, None);
        export.sessions.push(details);
    }
    Ok(export)
}

/// Every row, page after page.
fn all<T>(
    page: impl Fn(&str) -> Result<Vec<T>, StoreError>,
    id: impl Fn(&T) -> &str,
) -> Result<Vec<T>, StoreError> {
    let mut rows: Vec<T> = Vec::new();
    loop {
        let next = page(rows.last().map_or("", &id))?;
        if next.is_empty() {
            return Ok(rows);
        }
        rows.extend(next);
    }
}

fn card(row: CardRow, submissions: &[ExportedSubmission]) -> ExportedCard {
    let with_it = |submission: &&ExportedSubmission| submission.card_id == row.id;
    let last = submissions.iter().rev().find(with_it);
    ExportedCard {
        exp_month: last.map(|submission| submission.exp_month),
        exp_year: last.map(|submission| submission.exp_year),
        created_at: row.created_at.rfc3339(),
        id: row.id,
        token: row.token,
        brand: row.brand,
        last4: row.last4,
    }
}

/// Column `signals_enc`: what the browser told of itself. The first version wrote the names too.
#[derive(Deserialize)]
#[serde(untagged)]
enum Collected {
    Array(Value, Value),
    Object { browser: Value, signals: Value },
}

fn submission(keys: &ModeKeys, row: &Submission) -> Result<ExportedSubmission, StoreError> {
    let place = |column| submissions::place(&row.id, &row.merchant_id, column, &[]);
    let details: Details = decrypt(keys, place("details"), &row.details_enc)?;
    let collected = decrypt(keys, place("signals"), &row.signals_enc)?;
    let (Collected::Array(browser, signals) | Collected::Object { browser, signals }) = collected;
    let decision = assessed(keys, row)?;
    // EXPOSE: to the merchant whose customer asks what is held of them.
    let text = |text: zeroize::Zeroizing<String>| text.as_str().to_owned();
    Ok(ExportedSubmission {
        id: row.id.clone(),
        session_id: row.session_id.clone(),
        card_id: row.card_id.clone(),
        network: row.network.clone(),
        created_at: row.created_at.rfc3339(),
        exp_month: details.exp_month,
        exp_year: details.exp_year,
        name: details.name.map(text),
        postal_code: details.postal_code.map(text),
        ip: decrypt(keys, place("ip"), &row.ip_enc)?,
        browser,
        signals,
        decision: decision.into(),
    })
}
