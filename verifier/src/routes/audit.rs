//! The audit, for operators.

use std::sync::Arc;

use axum::{Json, extract::State};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use waxseal_protocol::ErrorCode;

use super::page::PageLimit;
use crate::{
    app::App,
    clock::Timestamp,
    http::{Problem, StrictQuery, end_page},
    identity::Operator,
    interface::About,
    store::{
        RowId,
        audit::{
            chain::Place,
            listing::{Logged, Wanted, newest},
        },
    },
};

pub(crate) const LIST: About = About {
    id: "listAudit",
    summary: "Read the audit, newest entries first",
    codes: &[],
};

/// Query of [`list`].
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditQuery {
    /// Only entries of this merchant.
    #[serde(default)]
    merchant_id: Option<String>,
    /// Only entries of this action, such as `card.revealed`.
    #[serde(default)]
    action: Option<String>,
    /// The former page's `next_cursor`.
    #[serde(default)]
    after: String,
    /// Entries on a page, 20 if left out.
    #[serde(default)]
    #[param(value_type = u32, required = false, minimum = 1, maximum = 100)]
    limit: PageLimit,
}

/// One entry. Members that do not belong to its action are absent.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditDetails {
    /// RFC 3339.
    #[schema(format = DateTime)]
    at: String,
    /// What was done or tried.
    action: String,
    /// Stable error code of what was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Why, or what an operator stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The merchant; none: the installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_id: Option<String>,
    /// The server or program that called.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// The session.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    /// Keyed pseudonym of the address that called, base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// The request.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// The key.
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    /// The operator who called.
    #[serde(skip_serializing_if = "Option::is_none")]
    operator_id: Option<String>,
    /// The card.
    #[serde(skip_serializing_if = "Option::is_none")]
    card_id: Option<String>,
    /// Keyed pseudonym or digest of what else is concerned, base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// How many.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    /// Of the merchant's chains the one that it is in.
    chain: u8,
    /// Its number in there.
    seq: u64,
    /// SHA-256 over it and the entry before, base64url.
    hash: String,
}

/// One page of the audit.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditPage {
    /// Newest first.
    data: Vec<AuditDetails>,
    /// Give it as `after` to read on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// `GET /v1/audit`
///
/// # Errors
/// `request_invalid`, for a cursor that is none.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _: Operator,
    StrictQuery(query): StrictQuery<AuditQuery>,
) -> Result<Json<AuditPage>, Problem> {
    let before = match query.after.as_str() {
        "" => None,
        text => Some(parse_cursor(text).ok_or(ErrorCode::RequestInvalid)?),
    };
    // Of what is no merchant there is nothing.
    let merchant = query.merchant_id.as_deref();
    let merchant = merchant.map(|id| RowId::parse("mch", id).unwrap_or(RowId::GREATEST));
    let wanted = Wanted {
        merchant,
        action: query.action,
        before,
    };
    let rows = query.limit.rows();
    let read = app
        .store
        .read(move |connection| newest(connection, &wanted, rows + 1));
    let mut found = read.await?;
    let next_cursor = end_page(&mut found, rows, cursor);
    let data = found.into_iter().map(AuditDetails::from).collect();
    Ok(Json(AuditPage { data, next_cursor }))
}

impl From<Logged> for AuditDetails {
    fn from(entry: Logged) -> Self {
        let base64 = |bytes: Vec<u8>| URL_SAFE_NO_PAD.encode(bytes);
        let merchant = Some(entry.place.merchant).filter(|id| *id != RowId::LEAST);
        Self {
            at: entry.at.rfc3339(),
            action: entry.action,
            code: entry.code,
            reason: entry.reason,
            merchant_id: merchant.map(|id| id.text("mch")),
            client_id: entry.client_id,
            session_id: entry.session_id.map(|id| id.text("cs")),
            address: entry.ip_digest.map(base64),
            request_id: entry.request_id.map(request_text),
            key_id: entry.key_id,
            operator_id: entry.operator_id,
            card_id: entry.card_id,
            subject: entry.subject.map(base64),
            count: entry.count,
            chain: entry.place.chain,
            seq: entry.place.seq,
            hash: URL_SAFE_NO_PAD.encode(entry.hash),
        }
    }
}

/// A request has no mode.
fn request_text(id: RowId) -> String {
    id.text("req").replacen("req_live_", "req_", 1)
}

/// `at(8) || merchant(16) || chain(1) || sequence(8)`, base64url
fn cursor(entry: &Logged) -> String {
    let (at, place) = (entry.at.millis().to_be_bytes(), entry.place);
    let merchant = place.merchant.as_bytes();
    URL_SAFE_NO_PAD.encode([&at[..], merchant, &[place.chain], &place.seq.to_be_bytes()].concat())
}

fn parse_cursor(text: &str) -> Option<(Timestamp, Place)> {
    let bytes: [u8; 33] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    let (at, rest) = bytes.split_first_chunk::<8>()?;
    let (merchant, rest) = rest.split_first_chunk::<16>()?;
    let (chain, seq) = rest.split_first()?;
    let place = Place {
        merchant: RowId::from(*merchant),
        chain: *chain,
        seq: u64::from_be_bytes(seq.try_into().ok()?),
    };
    Some((Timestamp::from_millis(i64::from_be_bytes(*at)), place))
}
