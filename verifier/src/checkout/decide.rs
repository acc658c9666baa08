//! A decision on attributes, by the rules, the lists and the models that are in use.

use waxseal_engine::{attribute::Attributes, rules::Evaluation};

use super::{
    assessed::Assessed,
    snapshot::{ShadowVerdict, Snapshot},
};
use crate::{
    app::App,
    clock::Timestamp,
    risk::{Facts, Reason},
};

/// Decides for a merchant, and keeps what that was made from; `recognised` says what is known of the device.
pub(super) fn decide(
    app: &App,
    merchant_id: &str,
    mut attributes: Attributes,
    recognised: Option<Reason>,
    now: Timestamp,
) -> Assessed {
    let scored = app.models.apply(&mut attributes);
    let (lists, rules) = (app.lists.current(), app.rules.current());
    let lists = lists.of(merchant_id, now);
    let active = rules.active(merchant_id);
    let Evaluation {
        mut decision,
        list_hits,
        ..
    } = active.set().evaluate(&attributes, &lists);
    decision.reasons.push(scored);
    decision.reasons.extend(recognised);
    let shadow = rules.shadow(merchant_id).map(|shadow| {
        let found = shadow.set().evaluate(&attributes, &lists);
        ShadowVerdict::of(shadow.version(), found)
    });
    Assessed {
        facts: Facts::of(&attributes, &list_hits),
        decision,
        rule_set: active.version().to_owned(),
        decided_at: now,
        snapshot: Some(Snapshot {
            attributes,
            list_hits,
            rules_digest: active.set().digest(),
            shadow,
        }),
    }
}
