//! Models of the learned score, for operators.

use std::sync::Arc;

use axum::{Json, extract::State};

use crate::{
    app::App,
    http::Problem,
    identity::Operator,
    interface::About,
    scoring::{self, ModelPage},
};

pub(crate) const LIST: About = About {
    id: "listModels",
    summary: "Read which models there are, and which of them score",
    codes: &[],
};

/// `GET /v1/models`
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _: Operator,
) -> Result<Json<ModelPage>, Problem> {
    Ok(Json(scoring::listed(&app).await?))
}
