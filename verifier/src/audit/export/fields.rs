//! An entry as it is told outside: as `GET /v1/audit` has it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::store::{RowId, audit::listing::Logged};

/// Its fields by their names; those that it has not are left out.
pub(super) fn fields(entry: &Logged) -> Map<String, Value> {
    let base64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let place = entry.place;
    let merchant = Some(place.merchant).filter(|id| *id != RowId::LEAST);
    // A request has no mode.
    let request = entry.request_id.map(|id| id.text("req"));
    let request = request.map(|id| id.replacen("req_live_", "req_", 1));
    let told: [(&str, Option<Value>); 16] = [
        ("at", Some(entry.at.rfc3339().into())),
        ("action", Some(entry.action.clone().into())),
        ("code", entry.code.clone().map(Value::from)),
        ("reason", entry.reason.clone().map(Value::from)),
        ("merchant_id", merchant.map(|id| id.text("mch").into())),
        ("client_id", entry.client_id.clone().map(Value::from)),
        (
            "session_id",
            entry.session_id.map(|id| id.text("cs").into()),
        ),
        (
            "address",
            entry.ip_digest.as_deref().map(base64).map(Value::from),
        ),
        ("request_id", request.map(Value::from)),
        ("key_id", entry.key_id.clone().map(Value::from)),
        ("operator_id", entry.operator_id.clone().map(Value::from)),
        ("card_id", entry.card_id.clone().map(Value::from)),
        (
            "subject",
            entry.subject.as_deref().map(base64).map(Value::from),
        ),
        ("count", entry.count.map(Value::from)),
        ("chain", Some(place.chain.into())),
        ("seq", Some(place.seq.into())),
    ];
    let told = told
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let hash = ("hash".to_owned(), base64(&entry.hash).into());
    told.chain([hash]).collect()
}
