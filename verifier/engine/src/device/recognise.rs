//! The verdict.

use super::{
    Presented, Sample, Visit,
    weight::{Rarity, Weighed, weigh},
};

/// What a visit was recognised as.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It brought the token of a device that was here before, and is like it.
    Same,
    /// It is like one device that was here before, and like no other.
    Likely,
    /// It is like none that was here before.
    New,
    /// Too little is known, or it is like several.
    None,
}

impl Verdict {
    /// The name that rules and decisions have for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Likely => "likely",
            Self::New => "new",
            Self::None => "none",
        }
    }
}

/// An earlier visit that a new one is compared with.
#[derive(Clone, Debug)]
pub struct Known {
    /// What it told.
    pub visit: Visit,
    /// Digest of the token that it brought.
    pub token: Option<[u8; 8]>,
    /// The device that it was counted with.
    pub device: [u8; 16],
    /// Days since.
    pub days: f64,
}

/// One thing that spoke for or against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sign {
    /// The component, or what else it is.
    pub name: &'static str,
    /// Whether it is as before.
    pub agrees: bool,
    /// Logarithm of the likelihood ratio: above 0 it speaks for the same device.
    pub weight: f64,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Recognition {
    /// The verdict.
    pub verdict: Verdict,
    /// Probability that it is the device below; of [`Verdict::New`] and [`Verdict::None`], of the one that it is most like.
    pub probability: f64,
    /// Place among the earlier visits of the one that it is most like.
    pub nearest: Option<usize>,
    /// Whether the verdict says that it is that one's device.
    pub is_known: bool,
    /// What weighed most, heaviest first.
    pub signs: Vec<Sign>,
}

/// Components below which nothing is told apart.
const LEAST_TOLD: usize = 6;
/// A verdict of [`Verdict::Likely`] is at least so probable, without a token.
const LIKELY: f64 = 0.9;
/// Below this it is probably none of them.
const NEW: f64 = 0.5;
/// Devices of a merchant of whom little is known.
const FEWEST_DEVICES: f64 = 200.0;
/// Share of visits that are by a device that was here before.
const RETURNING: f64 = 0.5;
/// What the token weighs: 64 bits of a digest do not agree by chance, but tokens are copied.
const TOKEN: f64 = 14.0;
/// Another token: the storage was cleared, or it is another device.
const OTHER_TOKEN: f64 = -1.5;
/// With a token that was copied to another device, differences alone weigh less than this.
const CONTRADICTED: f64 = -12.0;
/// Signs that are told.
const SIGNS: usize = 5;

/// Judges a visit by earlier ones of the same merchant; several may be of one device.
pub fn recognise(presented: &Presented, earlier: &[Known], sample: &Sample) -> Recognition {
    let visit = &presented.visit;
    let has_token = presented.tokens.iter().any(Option::is_some);
    if visit.told() < LEAST_TOLD && !has_token {
        return nothing(Verdict::None, 0.0);
    }
    let rarity = Rarity::of(visit, sample);
    let devices = f64::from(sample.len()).max(FEWEST_DEVICES);
    let prior = (RETURNING / devices).ln();
    let mut best: Vec<Likeness> = Vec::new();
    for (place, known) in earlier.iter().enumerate() {
        let weighed = weigh(visit, &rarity, &known.visit, known.days);
        let likeness = Likeness::of(place, presented, known, weighed, prior);
        match best.iter_mut().find(|other| other.device == known.device) {
            Some(other) if other.log_odds < likeness.log_odds => *other = likeness,
            Some(_) => {}
            None => best.push(likeness),
        }
    }
    best.sort_by(|a, b| b.log_odds.total_cmp(&a.log_odds));
    let Some(nearest) = best.first() else {
        return nothing(Verdict::New, 0.0);
    };
    // One of them, or none: the odds of all stand against each other.
    let greatest = nearest.log_odds.max(0.0);
    let all: f64 = best.iter().map(|one| (one.log_odds - greatest).exp()).sum();
    let all_odds = all + (-greatest).exp();
    let probability = (nearest.log_odds - greatest).exp() / all_odds;
    let any = all / all_odds;
    let verdict = match () {
        () if nearest.has_token && !nearest.is_contradicted && probability >= LIKELY => {
            Verdict::Same
        }
        () if visit.told() < LEAST_TOLD => Verdict::None,
        () if probability >= LIKELY && !nearest.is_contradicted => Verdict::Likely,
        () if any < NEW || nearest.is_contradicted => Verdict::New,
        () => Verdict::None,
    };
    let mut signs = nearest.signs.clone();
    signs.truncate(SIGNS);
    Recognition {
        verdict,
        probability,
        nearest: Some(nearest.place),
        is_known: matches!(verdict, Verdict::Likely | Verdict::Same),
        signs,
    }
}

const fn nothing(verdict: Verdict, probability: f64) -> Recognition {
    Recognition {
        verdict,
        probability,
        nearest: None,
        is_known: false,
        signs: Vec::new(),
    }
}

/// How like one device is.
struct Likeness {
    place: usize,
    device: [u8; 16],
    log_odds: f64,
    has_token: bool,
    is_contradicted: bool,
    signs: Vec<Sign>,
}

impl Likeness {
    fn of(
        place: usize,
        presented: &Presented,
        known: &Known,
        weighed: Weighed,
        prior: f64,
    ) -> Self {
        let Weighed {
            sum,
            against,
            mut signs,
        } = weighed;
        let has_token = known.token.is_some() && presented.tokens.contains(&known.token);
        let is_contradicted = against < CONTRADICTED;
        let token = match (has_token, known.token.zip(presented.tokens[0])) {
            // A copied token says nothing.
            (true, _) if is_contradicted => 0.0,
            (true, _) => TOKEN,
            (false, Some(_)) => OTHER_TOKEN,
            (false, None) => 0.0,
        };
        if has_token || token != 0.0 {
            let name = match has_token && is_contradicted {
                true => "copied_token",
                false => "token",
            };
            let sign = Sign {
                name,
                agrees: has_token,
                weight: token,
            };
            signs.insert(0, sign);
        }
        Self {
            place,
            device: known.device,
            log_odds: prior + sum + token,
            has_token,
            is_contradicted,
            signs,
        }
    }
}

#[cfg(test)]
mod tests;
