//! Models as operators read them.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Scorer, builtin, usable};
use crate::{
    app::App,
    store::{
        StoreError,
        models::{self, ModelRow, ModelState},
    },
};

/// A model, for operators.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ModelDetails {
    /// Its name and the beginning of its digest.
    pub version: String,
    /// `challenger`, `champion` or `kept`.
    pub state: &'static str,
    /// Whether it was trained on simulated payments: such a score says nothing of real customers.
    pub simulated: Option<bool>,
    /// `trained`, or the program that it was imported from.
    pub maker: Option<String>,
    /// Rows it was trained on; 0 where that is not known.
    pub rows: Option<u64>,
    /// Frauds among them.
    pub frauds: Option<u64>,
    /// When it was added, RFC 3339; null for the one that the verifier carries.
    #[schema(format = DateTime)]
    pub created_at: Option<String>,
    /// Why it cannot be used, if it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// All models.
#[derive(Serialize, ToSchema)]
pub struct ModelPage {
    /// The one that the verifier carries first, the others as they were added.
    pub data: Vec<ModelDetails>,
}

/// Every model.
///
/// # Errors
/// When the store fails.
pub async fn listed(app: &App) -> Result<ModelPage, StoreError> {
    let keyring = app.keyring();
    // Signatures and files are checked where waiting hurts nobody.
    let read = app.store.read(move |connection| {
        let rows = models::list(connection)?;
        let has_champion = rows.iter().any(|row| row.state == ModelState::Champion);
        let carried = match has_champion {
            true => ModelState::Kept,
            false => ModelState::Champion,
        };
        let mut data = vec![ModelDetails::of(builtin().version(), carried).with(builtin())];
        data.extend(rows.iter().map(|row| match usable(&keyring, row) {
            Ok(scorer) => ModelDetails::stored(row).with(&scorer),
            Err(error) => ModelDetails {
                fault: Some(error.to_string()),
                ..ModelDetails::stored(row)
            },
        }));
        Ok(data)
    });
    Ok(ModelPage { data: read.await? })
}

impl ModelDetails {
    fn of(version: &str, state: ModelState) -> Self {
        Self {
            version: version.to_owned(),
            state: state.as_str(),
            simulated: None,
            maker: None,
            rows: None,
            frauds: None,
            created_at: None,
            fault: None,
        }
    }

    fn stored(row: &ModelRow) -> Self {
        Self {
            created_at: Some(row.created_at.rfc3339()),
            ..Self::of(&row.version, row.state)
        }
    }

    fn with(self, scorer: &Scorer) -> Self {
        let origin = scorer.origin();
        Self {
            simulated: Some(origin.simulated),
            maker: Some(origin.maker.clone()),
            rows: Some(origin.rows),
            frauds: Some(origin.frauds),
            ..self
        }
    }
}
