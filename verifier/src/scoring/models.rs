//! The models in use, as the store has them.

use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use waxseal_model::{error::ModelError, file::Model};

use super::{Scorer, drift::Counts, verify};
use crate::{
    keys::Keyring,
    store::{
        Store, StoreError,
        models::{self, ModelRow, ModelState},
    },
};

/// The models in use: a champion, and perhaps a challenger.
pub struct Models {
    current: RwLock<Arc<InUse>>,
}

/// Models that score.
pub struct InUse {
    /// Scores.
    pub champion: Arc<Scorer>,
    /// Scores beside it, without effect.
    pub challenger: Option<Arc<Scorer>>,
    /// What the store said that they were, to see whether it says something else.
    known: Vec<(String, ModelState)>,
    pub(super) counts: Counts,
}

/// The model that this build carries: trained on simulated payments, and in use where no other is.
///
/// # Panics
/// When the carried model is damaged; a test reads it.
pub fn builtin() -> &'static Arc<Scorer> {
    static BUILTIN: LazyLock<Arc<Scorer>> = LazyLock::new(|| {
        // Unwrap safety: the bytes are part of the build, and a test reads them.
        #[expect(clippy::expect_used, reason = "a build constant, see above")]
        let scorer =
            read(include_bytes!("../../data/builtin.model")).expect("the carried model is whole");
        Arc::new(scorer)
    });
    &BUILTIN
}

/// Reads a file, and checks that its features are computed here.
///
/// # Errors
/// Says what is wrong with it.
pub(super) fn read(file: &[u8]) -> Result<Scorer, ModelError> {
    let (model, digest) = Model::read(file)?;
    Scorer::new(model, digest)
}

impl Default for Models {
    /// The carried one.
    fn default() -> Self {
        Self {
            current: RwLock::new(Arc::new(InUse::new(
                Arc::clone(builtin()),
                None,
                Vec::new(),
            ))),
        }
    }
}

impl InUse {
    fn new(
        champion: Arc<Scorer>,
        challenger: Option<Arc<Scorer>>,
        known: Vec<(String, ModelState)>,
    ) -> Self {
        Self {
            counts: Counts::new(&champion),
            champion,
            challenger,
            known,
        }
    }
}

impl Models {
    /// The models as they were read last.
    pub fn current(&self) -> Arc<InUse> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the models again if others are in use by now; gives whether there are. One that cannot be used is logged
    /// and leaves the former one in its place.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn refresh(&self, store: &Store, keyring: &Keyring) -> Result<bool, StoreError> {
        let known = store.read(models::in_use).await?;
        let former = self.current();
        if known == former.known {
            return Ok(false);
        }
        let mut champion = Arc::clone(builtin());
        let mut challenger = None;
        for (version, state) in &known {
            let wanted = version.clone();
            let Some(row) = store
                .read(move |connection| models::find(connection, &wanted))
                .await?
            else {
                continue;
            };
            let used = match usable(keyring, &row) {
                Ok(scorer) => Some(Arc::new(scorer)),
                Err(error) => {
                    tracing::error!(event = "model_not_used", model = %version, %error);
                    metrics::counter!("waxseal_models_not_used_total").increment(1);
                    None
                }
            };
            match state {
                ModelState::Champion => {
                    champion = used.unwrap_or_else(|| Arc::clone(&former.champion));
                }
                ModelState::Challenger => challenger = used.or_else(|| former.challenger.clone()),
                ModelState::Kept => {}
            }
        }
        let (used, beside) = (
            champion.version(),
            challenger.as_ref().map_or("none", |one| one.version()),
        );
        tracing::info!(event = "models_read", champion = %used, challenger = %beside);
        let current = Arc::new(InUse::new(champion, challenger, known));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = current;
        Ok(true)
    }
}

/// Checks signature, file and features.
///
/// # Errors
/// Says which of them is wrong.
pub fn usable(keyring: &Keyring, row: &ModelRow) -> Result<Scorer, ModelError> {
    let scorer = read(&row.file)?;
    if scorer.version() != row.version {
        return Err(ModelError::new("the file is another model's"));
    }
    verify(keyring, &row.signed, &row.version, scorer.digest())
        .map_err(|error| ModelError::new(error.to_string()))?;
    Ok(scorer)
}
