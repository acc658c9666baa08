//! Whether a submission is by a device that was here before.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Value, json};
use waxseal_engine::{
    Effect, Reason,
    attribute::{Attribute, Attributes, Decimal},
    device::{Known, Presented, Recognition, Sample, Verdict, Visit, recognise},
};
use waxseal_protocol::seal::SealedCard;
use zeroize::Zeroizing;

use super::{pseudonym::pseudonym, submit::Attempt};
use crate::{
    clock::Timestamp,
    store::{
        RowId, Store, StoreError, Touches, Tx,
        device_visits::{self, Candidate, DeviceVisit},
        sessions::Session,
    },
};

/// Seconds for which what a merchant's visits have in common is taken to stay as it is.
const SAMPLE_LIFETIME_S: i64 = 600;
/// Merchants of whom that is held in memory.
const MAX_MERCHANTS: usize = 512;
const SECONDS_A_DAY: f64 = 86_400.0;

/// What latest visits have in common, for each merchant that had any lately: some 25 kB each.
#[derive(Debug, Default)]
pub struct DeviceSamples(Mutex<HashMap<String, (Timestamp, Arc<Sample>)>>);

impl DeviceSamples {
    /// The merchant's, read anew every ten minutes: what was erased is gone by then.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn of(
        &self,
        store: &Store,
        merchant_id: &str,
        now: Timestamp,
    ) -> Result<Arc<Sample>, StoreError> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((until, sample)) = lock().get(merchant_id)
            && *until > now
        {
            return Ok(Arc::clone(sample));
        }
        let limit = u32::try_from(Sample::MAX).unwrap_or(u32::MAX);
        let merchant = merchant_id.to_owned();
        let told = store
            .read(move |connection| device_visits::latest(connection, &merchant, limit))
            .await?;
        let visits = told.iter().filter_map(|told| Visit::from_bytes(told));
        let sample = Arc::new(Sample::new(visits));
        let mut held = lock();
        if held.len() >= MAX_MERCHANTS {
            held.retain(|_, (until, _)| *until > now);
        }
        if held.len() < MAX_MERCHANTS {
            let until = now.plus_seconds(SAMPLE_LIFETIME_S);
            held.insert(merchant_id.to_owned(), (until, Arc::clone(&sample)));
        }
        Ok(sample)
    }
}

/// What of a submission's device is known before its session is read.
pub(super) struct Before {
    presented: Presented,
    sample: Arc<Sample>,
}

impl Before {
    pub(super) fn new(
        attempt: &Attempt,
        sealed: &SealedCard,
        sample: Arc<Sample>,
    ) -> Result<Self, StoreError> {
        let merchant = RowId::of("mch", &attempt.token.merchant_id)?;
        let keyed = |told: &[u8]| pseudonym(attempt, merchant, "device_visit", told);
        let user_agent = &sealed.browser.user_agent;
        Ok(Self {
            presented: Presented::new(&sealed.signals, user_agent, keyed),
            sample,
        })
    }

    /// Adds what no two submissions are to be recognised by beside each other.
    pub(super) fn touch(&self, touches: Touches) -> Touches {
        let tokens = self.presented.tokens.iter().flatten();
        tokens.fold(touches, |touches, token| touches.and("device", token))
    }
}

/// What came of it.
pub(super) struct Recognised {
    /// What to keep of the visit; nothing where nothing was told.
    pub(super) visit: Option<DeviceVisit>,
    /// Why, for the decision.
    pub(super) reason: Option<Reason>,
}

/// Sets the device's attributes.
pub(super) fn recognise_device(
    attempt: &Attempt,
    tx: &Tx<'_>,
    attributes: &mut Attributes,
    before: &Before,
    session: &Session,
) -> Result<Recognised, StoreError> {
    let Before { presented, sample } = before;
    let (tokens, keys) = (presented.tokens, presented.keys);
    if presented.visit.told() == 0 && tokens == [None; 2] {
        attributes.set(Attribute::DeviceVerdict, Verdict::None.as_str());
        return Ok(Recognised {
            visit: None,
            reason: None,
        });
    }
    let candidates = device_visits::candidates(tx, &session.id, tokens, keys)?;
    let earlier: Vec<(Known, &Candidate)> = candidates
        .iter()
        .filter_map(|candidate| Some((known(candidate, attempt.now)?, candidate)))
        .collect();
    let (known, candidates): (Vec<Known>, Vec<&Candidate>) = earlier.into_iter().unzip();
    let found = recognise(presented, &known, sample);
    let nearest = found.nearest.filter(|_| found.is_known);
    let device = nearest.and_then(|place| Some(candidates.get(place)?.device));
    // A token belongs to one device: one that came with another may be a twin's, whom it would make the same from there on.
    let is_other = found.verdict != Verdict::Same && tokens.iter().any(Option::is_some);
    let joined = device.filter(|_| !is_other);
    // The nearest of its visits need not be its latest.
    let sessions = device.map_or(0, |device| {
        let of_it = candidates.iter().filter(|one| one.device == device);
        of_it.map(|one| one.sessions).max().unwrap_or(0)
    });
    let probability = Decimal::from_f64(found.probability);
    attributes.set(Attribute::DeviceVerdict, found.verdict.as_str());
    attributes.set(Attribute::DeviceProbability, probability);
    attributes.set(Attribute::DeviceKnownSessions, sessions);
    let told = presented.visit.to_bytes();
    let visit = DeviceVisit {
        session_id: session.id.clone(),
        merchant_id: session.merchant_id.clone(),
        device: match joined {
            Some(device) => device,
            None => new_device(attempt, session, &told, tokens[0])?,
        },
        sessions: joined.map_or(1, |_| sessions.saturating_add(1)),
        told,
        token: tokens[0],
        keys,
        at: attempt.now,
    };
    Ok(Recognised {
        visit: Some(visit),
        reason: Some(reason(&found, sessions)),
    })
}

/// The id of a device that was not here before. Not the session's alone: another device may try again in the same one, when
/// later sessions have the first one's id.
fn new_device(
    attempt: &Attempt,
    session: &Session,
    told: &[u8],
    token: Option<[u8; 8]>,
) -> Result<[u8; 16], StoreError> {
    let session = RowId::of("cs", &session.id)?;
    let token = token.unwrap_or_default();
    let parts = [&b"device\0"[..], session.as_bytes(), &token, told];
    let text = Zeroizing::new(parts.concat());
    Ok(attempt.app.pseudonym(attempt.token.mode, &text))
}

fn known(candidate: &Candidate, now: Timestamp) -> Option<Known> {
    let age_s = (now.millis() - candidate.at.millis()) / 1_000;
    let age_s = i32::try_from(age_s).unwrap_or(i32::MAX);
    Some(Known {
        visit: Visit::from_bytes(&candidate.told)?,
        token: candidate.token,
        device: candidate.device,
        days: f64::from(age_s.max(0)) / SECONDS_A_DAY,
    })
}

/// Asks for nothing: rules do.
fn reason(found: &Recognition, sessions: u32) -> Reason {
    let signs: Vec<String> = found
        .signs
        .iter()
        .map(|sign| {
            let word = if sign.agrees { "agrees" } else { "differs" };
            format!("{} {word} ({:+.1})", sign.name, sign.weight)
        })
        .collect();
    let probability = Decimal::from_f64(found.probability).map(Decimal::to_f64);
    let values: BTreeMap<String, Value> = [
        ("device.known_sessions", json!(sessions)),
        ("device.probability", json!(probability)),
        ("signs", json!(signs)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    Reason {
        rule: "device".to_owned(),
        code: format!("device_{}", found.verdict.as_str()),
        effect: Effect::None,
        points: 0,
        values,
    }
}
