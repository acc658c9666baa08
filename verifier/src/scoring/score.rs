//! One model, ready to score.

use waxseal_engine::attribute::Decimal;
use waxseal_model::{
    drift::Distribution,
    error::ModelError,
    explain::{Explainer, Scratch, largest},
    feature::{ONLINE, Values, places},
    file::{Model, Origin},
    walk::{Row, Walker},
};

/// Contributions that are told.
const TOLD: usize = 5;
/// Characters of the digest in a version.
const DIGEST_LEN: usize = 12;

/// A model laid out for scoring.
pub struct Scorer {
    model: Model,
    digest: String,
    version: String,
    walker: Walker,
    explainer: Explainer,
    /// Place among all features of each of the model's.
    places: Vec<usize>,
}

/// What a model says of a submission.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// Log-odds of fraud, not calibrated.
    pub margin: f64,
    /// Probability of fraud.
    pub score: f64,
    /// The five features that moved it most, most first.
    pub contributions: Vec<Contribution>,
}

/// How much a feature moved a score.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// The feature.
    pub name: &'static str,
    /// What it is, in words.
    pub words: &'static str,
    /// Its value, if it has one.
    pub value: Option<f32>,
    /// In log-odds: above 0 towards fraud.
    pub by: f32,
}

impl std::fmt::Display for Contribution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            words, value, by, ..
        } = self;
        match value {
            Some(value) => write!(f, "{by:+.2} {words}: {}", (value * 100.0).round() / 100.0),
            None => write!(f, "{by:+.2} {words}: unknown"),
        }
    }
}

impl Scorer {
    /// Lays a model out.
    ///
    /// # Errors
    /// When it asks for a feature that is not computed here.
    pub fn new(model: Model, digest: String) -> Result<Self, ModelError> {
        let short: String = digest.chars().take(DIGEST_LEN).collect();
        Ok(Self {
            version: format!("{}@{short}", model.name),
            walker: Walker::new(&model.forest),
            explainer: Explainer::new(&model.forest),
            places: places(&model.features)?,
            model,
            digest,
        })
    }

    /// The model's name and the beginning of its digest.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// SHA-256 of the model in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Where the model comes from.
    pub const fn origin(&self) -> &Origin {
        &self.model.origin
    }

    /// The model's features with their distributions in training, if these are known.
    pub fn distributions(&self) -> impl Iterator<Item = (&str, &Distribution)> {
        let names = self.model.features.iter().map(String::as_str);
        names.zip(&self.model.distributions)
    }

    /// How the model's scores were distributed.
    pub const fn scores(&self) -> Option<&Distribution> {
        self.model.scores.as_ref()
    }

    /// The model's own row of all features.
    pub fn row(&self, values: &Values) -> Vec<f32> {
        let all = values.all();
        self.places.iter().map(|place| all[*place]).collect()
    }

    /// Log-odds of a row.
    pub fn margin(&self, row: &[f32]) -> f64 {
        self.walker.margin(&Row::new(row))
    }

    /// The probability of log-odds.
    pub fn probability(&self, margin: f64) -> f64 {
        self.model.calibration.probability(margin)
    }

    /// What the model says of its row.
    pub fn score(&self, row: &[f32]) -> Scored {
        let contributions = self.explainer.contributions(row, &mut Scratch::default());
        let told = largest(&contributions, TOLD).into_iter().map(|(at, by)| {
            let feature = &ONLINE[self.places[at]];
            Contribution {
                name: feature.name,
                words: feature.words,
                value: Some(row[at]).filter(|value| value.is_finite()),
                by,
            }
        });
        let margin = self.margin(row);
        Scored {
            margin,
            score: self.probability(margin),
            contributions: told.collect(),
        }
    }
}

/// As attributes have it.
pub(crate) fn decimal(score: f64) -> Decimal {
    Decimal::from_f64(score).unwrap_or(Decimal::from_millionths(0))
}
