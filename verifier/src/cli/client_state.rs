//! `verifier clients revoke|rotate`

use std::{path::Path, sync::Arc};

use super::{CliError, say, start::open_store};
use crate::{
    accounts,
    clock::{Clock, SystemClock},
    config::Config,
    http::Problem,
    rng::SystemRng,
    store::Schema,
};

pub(super) async fn revoke(path: &Path, id: String) -> Result<(), CliError> {
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let revoked = accounts::revoke_client(&store, id, SystemClock.now().into()).await;
    let client = revoked.map_err(|problem| refused(&problem))?;
    say(&format!("{} is revoked", client.id));
    Ok(())
}

pub(super) async fn rotate(path: &Path, id: String) -> Result<(), CliError> {
    let (store, _) = open_store(&Config::load(path)?, Schema::Expect).await?;
    let rng = Arc::new(SystemRng::default());
    let rotated = accounts::rotate_secret(&store, rng, id, SystemClock.now().into()).await;
    let rotated = rotated.map_err(|problem| refused(&problem))?;
    if let Some(secret) = rotated.client_secret {
        // EXPOSE: the secret is shown here, once.
        say(&format!(
            "client_id      {}\nclient_secret  {}\nThe former secret is refused. Keep this one: it is not shown again.",
            rotated.client.id, *secret
        ));
    }
    Ok(())
}

fn refused(problem: &Problem) -> CliError {
    use waxseal_protocol::ErrorCode::NotFound;
    match (problem.code(), problem.cause()) {
        (NotFound, _) => "there is no such client: see `verifier clients list`".into(),
        (_, Some(cause)) => cause.to_owned().into(),
        (code, None) => code.title().into(),
    }
}
