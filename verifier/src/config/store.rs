//! `[store]`

use std::{
    fmt,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::ConfigError;
use crate::store::{Location, PostgresUrl};

/// `[store]`: where the data lies.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// A SQLite file, for one verifier. Relative paths count from the configuration file's folder.
    #[serde(default)]
    pub path: Option<PathBuf>,
    /// In place of a file, also where one is named: a PostgreSQL database, for several verifiers:
    /// `postgres://USER@HOST/DATABASE?sslmode=require`. A password belongs into the environment,
    /// `WAXSEAL_VERIFIER__STORE__URL`.
    #[serde(default)]
    pub url: Option<DatabaseUrl>,
    /// Certificates (PEM) that the PostgreSQL server's may be signed by; the system's if left out.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
}

/// A URL that may hold a password: never shown.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(String);

impl From<String> for DatabaseUrl {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(a URL)")
    }
}

impl StoreConfig {
    /// Where the data lies.
    ///
    /// # Errors
    /// When neither `path` nor `url` is given, or the URL is none that may be used.
    pub fn location(&self) -> Result<Location, ConfigError> {
        match (&self.path, &self.url) {
            (Some(path), None) => Ok(Location::Sqlite(path.clone())),
            (_, Some(url)) => PostgresUrl::parse(&url.0, self.ca_file.clone())
                .map(|url| Location::Postgres(Box::new(url)))
                .map_err(|error| ConfigError::new(error.to_string())),
            (None, None) => Err(ConfigError::new(
                "store: give one of store.path and store.url",
            )),
        }
    }

    /// The SQLite file, if that is where the data lies.
    pub fn file(&self) -> Option<&Path> {
        match self.url {
            Some(_) => None,
            None => self.path.as_deref(),
        }
    }
}
