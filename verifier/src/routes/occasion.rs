//! On whose word something is changed.

use serde::Serialize;

use crate::{
    app::App,
    http::{IdempotencyKey, Peer, Problem},
    identity::Operator,
    keys::Occasion,
    mode::Mode,
    store::operator_requests::OperatorRequest,
};

/// The operator's call.
pub(super) fn occasion(app: &App, operator: Operator, peer: Peer) -> Occasion {
    Occasion {
        at: app.clock.now(),
        operator_id: Some(operator.id),
        request_id: Some(peer.request_id),
        request: None,
    }
}

/// The operator's call to a route that makes something, once for each idempotency key.
pub(super) fn occasion_once(
    app: &App,
    operator: Operator,
    peer: Peer,
    key: &IdempotencyKey,
    (route, body): (&str, &impl Serialize),
) -> Result<Occasion, Problem> {
    // An operator has no mode; what is digested may.
    let digests = key.digests(&app.keys_of(Mode::Live).pseudonym, route, body)?;
    let request = digests.map(|digests| OperatorRequest {
        operator_id: operator.id.clone(),
        key_digest: digests.key,
        meaning_digest: digests.meaning,
    });
    Ok(Occasion {
        request,
        ..occasion(app, operator, peer)
    })
}
