//! `verifier model add|challenger|evaluate|import|list|simulate|train|use`

mod evaluate;
mod import;
mod simulate;
mod store;
mod train;

use std::path::Path;

use clap::Subcommand;
use waxseal_model::file::{MAX_BYTES, Model};

use super::{CliError, ConfigFile};

#[derive(Debug, Subcommand)]
pub(super) enum ModelCommand {
    /// Sign a model's file and add it, without using it yet.
    Add(store::Add),
    /// Let a model score beside the champion, without effect; `none` for no model.
    Challenger(store::Appoint),
    /// Say how good a model is on payments whose outcome is known.
    Evaluate(evaluate::Evaluate),
    /// Make a model's file of an `XGBoost` model in JSON.
    Import(import::Import),
    /// List models, and which of them score.
    List(store::List),
    /// Make up payments, with frauds among them, to try models on.
    Simulate(simulate::Simulate),
    /// Train a model on payments whose outcome is known.
    Train(train::Train),
    /// Let a model score; `builtin` for the one that the verifier carries.
    Use(store::Appoint),
}

impl ModelCommand {
    pub(super) async fn run(self) -> Result<(), CliError> {
        match self {
            Self::Add(command) => command.run().await,
            Self::Challenger(command) => command.challenge().await,
            Self::Evaluate(command) => command.run(),
            Self::Import(command) => command.run(),
            Self::List(command) => command.run().await,
            Self::Simulate(command) => command.run(),
            Self::Train(command) => command.run(),
            Self::Use(command) => command.crown().await,
        }
    }
}

/// Reads a model's file, which is bounded before it is read.
fn read_model(path: &Path) -> Result<(Vec<u8>, Model, String), CliError> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let length = std::fs::metadata(path)
        .map_err(|error| named(&error))?
        .len();
    if length > MAX_BYTES as u64 {
        return Err(named(&"longer than a model's file is").into());
    }
    let file = std::fs::read(path).map_err(|error| named(&error))?;
    let (model, digest) = Model::read(&file).map_err(|error| named(&error))?;
    Ok((file, model, digest))
}

/// Writes a file whole or not at all; one that is there is not touched before the new one is.
fn write_whole(path: &Path, content: &[u8]) -> Result<(), CliError> {
    let mut name = path.file_name().ok_or("give a file to write")?.to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    let written = std::fs::write(&beside, content).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| {
        // What is left over helps nobody.
        drop(std::fs::remove_file(&beside));
        format!("{}: {error}", path.display()).into()
    })
}
