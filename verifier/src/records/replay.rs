//! A stored decision, made again from its snapshot.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;
use serde_json::Value;
use waxseal_engine::{
    attribute::{Attribute, Value as Known},
    rules::{RecordedLists, RuleSet, seed},
};

use crate::{
    checkout::{self, DecisionRecord, ShadowVerdict, Snapshot},
    keys::Keyring,
    mode::Mode,
    risk::Decision,
    rules::hexadecimal,
    scoring::{Scorer, builtin, usable},
    store::{Connection, Store, StoreError, assessments, models, rule_sets, submissions},
};

/// Name of the reason that tells the model's score.
const MODEL: &str = "model";

/// A decision, as it is stored and as it is made again.
#[derive(Clone, Debug, Serialize)]
pub struct Replay {
    /// `sub_…`, or `asm_…` of an assessment.
    pub id: String,
    /// Id of the session; an assessment has none.
    pub session: Option<String>,
    /// RFC 3339.
    pub decided_at: String,
    /// Version of the rules.
    pub rule_set: String,
    /// SHA-256 of the rules' canonical text, hexadecimal.
    pub rules_digest: String,
    /// Whether both decisions are the same, byte for byte as JSON.
    pub identical: bool,
    /// The decision, made again.
    pub decision: Decision,
    /// The stored one, where it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored: Option<Decision>,
    /// Where the reason of the model's score comes from.
    pub model: ModelReplay,
    /// What rules said that were tried beside.
    pub shadow: Option<Shadow>,
    /// What the rules read, but for what identifies a person.
    pub attributes: BTreeMap<&'static str, Value>,
}

/// What rules said that were tried beside.
#[derive(Clone, Debug, Serialize)]
pub struct Shadow {
    rule_set: String,
    outcome: &'static str,
    points: u32,
    matched: Vec<String>,
}

/// Where the reason of the model's score comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelReplay {
    /// The model is no longer there: the stored reason is taken.
    AsStored,
    /// The model has scored again.
    ScoredAgain,
}

/// Why a decision cannot be replayed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReplayError {
    /// It was erased.
    Erased,
    /// A release made it that kept no snapshot.
    NoSnapshot,
    /// There is no such submission or assessment.
    NotFound,
    /// The rules that it was made by are not stored.
    RulesGone,
}

impl std::fmt::Display for ReplayError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Erased => "the decision was erased",
            Self::NoSnapshot => "a former release made the decision, and kept no snapshot",
            Self::NotFound => "there is no such submission or assessment",
            Self::RulesGone => "the rules that made the decision are not in this database",
        })
    }
}

/// Makes the decision on a submission or an assessment again, by the rules and the model that made it.
///
/// # Errors
/// When the store fails, or the row is not as it was written; the inner error says why there is nothing to replay.
pub async fn replay(
    store: &Store,
    keyring: Arc<Keyring>,
    id: String,
) -> Result<Result<Replay, ReplayError>, StoreError> {
    store
        .read(move |connection| replay_with(connection, &keyring, &id))
        .await
}

fn replay_with(
    connection: &Connection,
    keyring: &Keyring,
    id: &str,
) -> Result<Result<Replay, ReplayError>, StoreError> {
    let (session, stored) = match stored(connection, keyring, id)? {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    let Some(snapshot) = stored.snapshot else {
        return Ok(Err(ReplayError::NoSnapshot));
    };
    let Some(set) = rules_of(connection, &snapshot.rules_digest)? else {
        return Ok(Err(ReplayError::RulesGone));
    };
    let scorer = scorer_of(connection, keyring, &snapshot)?;
    let lists = RecordedLists(&snapshot.list_hits);
    let mut decision = set.get().evaluate(&snapshot.attributes, &lists).decision;
    let model = match &scorer {
        Some(_) => ModelReplay::ScoredAgain,
        None => ModelReplay::AsStored,
    };
    // What stands behind the rules' answers: the model's, and what the device was recognised by, which is not asked again.
    let reasons = &stored.decision.reasons;
    let at = reasons.iter().rposition(|reason| reason.rule == MODEL);
    let (own, behind) = at.map_or((None, &[][..]), |at| (reasons.get(at), &reasons[at + 1..]));
    let reason = match scorer {
        Some(scorer) => Some(scorer.explain(&snapshot.attributes)),
        None => own.cloned(),
    };
    decision.reasons.extend(reason);
    decision.reasons.extend_from_slice(behind);
    let identical = as_json(&decision)? == as_json(&stored.decision)?;
    Ok(Ok(Replay {
        id: id.to_owned(),
        session,
        decided_at: stored.decided_at.rfc3339(),
        rule_set: stored.rule_set,
        rules_digest: hexadecimal(&snapshot.rules_digest),
        identical,
        stored: (!identical).then_some(stored.decision),
        decision,
        model,
        attributes: shown(&snapshot),
        shadow: snapshot.shadow.map(Shadow::from),
    }))
}

/// The stored decision, of a submission or an assessment, and its session.
fn stored(
    connection: &Connection,
    keyring: &Keyring,
    id: &str,
) -> Result<Result<(Option<String>, DecisionRecord), ReplayError>, StoreError> {
    let keys = keyring.of(Mode::of_id(id));
    if id.starts_with("asm_") {
        let row = assessments::find(connection, id)?;
        let record = row.map(|row| checkout::assessment_record(keys, &row));
        let record = record.transpose()?;
        return Ok(record
            .map(|record| (None, record))
            .ok_or(ReplayError::NotFound));
    }
    let Some(submission) = submissions::find(connection, id)? else {
        return Ok(Err(ReplayError::NotFound));
    };
    if submission.erased_at.is_some() {
        return Ok(Err(ReplayError::Erased));
    }
    let record = checkout::record(keys, &submission)?;
    Ok(Ok((Some(submission.session_id), record)))
}

impl From<ShadowVerdict> for Shadow {
    fn from(verdict: ShadowVerdict) -> Self {
        Self {
            rule_set: verdict.rule_set,
            outcome: verdict.outcome.as_str(),
            points: verdict.points,
            matched: verdict.matched,
        }
    }
}

/// The rules of the build, or stored ones.
enum Rules {
    Builtin(&'static RuleSet),
    Stored(Box<RuleSet>),
}

impl Rules {
    fn get(&self) -> &RuleSet {
        match self {
            Self::Builtin(set) => set,
            Self::Stored(set) => set,
        }
    }
}

/// Rules that do what the digest says. One that a build carried is stored since it was first used.
fn rules_of(connection: &Connection, digest: &[u8; 32]) -> Result<Option<Rules>, StoreError> {
    if seed().digest() == *digest {
        return Ok(Some(Rules::Builtin(seed())));
    }
    let row = rule_sets::of_digest(connection, digest)?;
    let set = row.and_then(|row| RuleSet::parse(&row.text).ok());
    let set = set.filter(|set| set.digest() == *digest);
    Ok(set.map(|set| Rules::Stored(Box::new(set))))
}

/// The model that scored.
fn scorer_of(
    connection: &Connection,
    keyring: &Keyring,
    snapshot: &Snapshot,
) -> Result<Option<Arc<Scorer>>, StoreError> {
    let Known::Text(version) = snapshot.attributes.get(Attribute::ModelVersion) else {
        return Ok(None);
    };
    if builtin().version() == &**version {
        return Ok(Some(Arc::clone(builtin())));
    }
    let row = models::find(connection, version)?;
    Ok(row.and_then(|row| usable(keyring, &row).ok()).map(Arc::new))
}

fn as_json(decision: &Decision) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(decision).map_err(|_| StoreError::Damaged(submissions::TABLE))
}

fn shown(snapshot: &Snapshot) -> BTreeMap<&'static str, Value> {
    let known = snapshot.attributes.known();
    let shown = known.filter(|(attribute, _)| attribute.is_shown());
    shown
        .map(|(attribute, value)| (attribute.name(), value.to_json()))
        .collect()
}
