//! `[store]`

use std::{
    fmt,
    path::{Path, PathBuf},
};

use schemars::JsonSchema;
use serde::Deserialize;

use super::ConfigError;
use crate::store::{Location, PostgresUrl, Writing};

/// `[store]`: where the data lies.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
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
    /// Requests that share one commit in PostgreSQL at most, 1 to 1,024; 256 if left out. With 1 each request
    /// has a transaction of its own.
    #[serde(default)]
    pub group: Option<u16>,
    /// Connections that write to PostgreSQL, 1 to 64; 1 if left out. What two of them write at the same
    /// moment is not in each other's sums of the velocity rule, as with two verifiers.
    #[serde(default)]
    pub writers: Option<u8>,
    /// Certificates (PEM) that the PostgreSQL server's may be signed by; the system's if left out.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
}

/// A URL that may hold a password: never shown.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(with = "String")]
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
        let writing = Writing::default();
        let writing = Writing {
            group: self.group.unwrap_or(writing.group),
            writers: self.writers.unwrap_or(writing.writers),
        };
        if !(1..=1024).contains(&writing.group) || !(1..=64).contains(&writing.writers) {
            return Err(ConfigError::new(
                "store: give a store.group from 1 to 1024 and store.writers from 1 to 64",
            ));
        }
        match (&self.path, &self.url) {
            (Some(path), None) => Ok(Location::Sqlite(path.clone())),
            (_, Some(url)) => PostgresUrl::parse(&url.0, self.ca_file.clone())
                .map(|url| Location::Postgres(Box::new(url.with_writing(writing))))
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
