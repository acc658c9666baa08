//! The database under a test: a SQLite file, or a schema of its own on the PostgreSQL server that
//! `WAXSEAL_TEST_POSTGRES` names.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

use tokio_postgres::{NoTls, SimpleQueryMessage};
use waxseal_verifier::config::StoreConfig;

use crate::dialect;

/// Names the PostgreSQL server to test on; without it tests run on SQLite.
const SERVER: &str = "WAXSEAL_TEST_POSTGRES";

/// Where a test's verifier keeps its data, and a way past it.
#[derive(Clone, Debug)]
pub enum Database {
    /// A URL that leads to a schema of the test's own.
    Postgres(String),
    /// A file in the test's folder.
    Sqlite(PathBuf),
}

impl Database {
    /// A new one, without tables.
    pub fn make(folder: &Path) -> Self {
        let Some(server) = server() else {
            return Self::Sqlite(folder.join("waxseal.sqlite"));
        };
        let database = Self::on_server(&server, folder);
        database.create_schema();
        database
    }

    /// The schema on a PostgreSQL server that is named as `folder` is.
    pub fn on_server(server: &str, folder: &Path) -> Self {
        let schema = schema_name(folder);
        let separator = if server.contains('?') { '&' } else { '?' };
        Self::Postgres(format!(
            "{server}{separator}options=-csearch_path%3D{schema}"
        ))
    }

    /// Makes the schema, without tables.
    pub fn create_schema(&self) {
        if let Self::Postgres(url) = self {
            let (_, schema) = url.rsplit_once("%3D").expect("a schema");
            self.run(&[&format!("CREATE SCHEMA {schema}"), dialect::POSTGRES]);
        }
    }

    /// The section `[store]` that leads to it.
    pub fn config(&self) -> StoreConfig {
        let (path, url) = match self {
            Self::Postgres(url) => (None, Some(url.clone().into())),
            Self::Sqlite(path) => (Some(path.clone()), None),
        };
        StoreConfig {
            path,
            url,
            group: None,
            writers: None,
            ca_file: None,
        }
    }

    /// The SQLite file, if that is what it is.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Postgres(_) => None,
            Self::Sqlite(path) => Some(path),
        }
    }

    /// Runs statements on one connection; gives how many rows the last one changed.
    pub fn run(&self, statements: &[&str]) -> u64 {
        self.try_run(statements).expect("the statements run")
    }

    /// Like [`Database::run`].
    ///
    /// # Errors
    /// The database's own.
    pub fn try_run(&self, statements: &[&str]) -> Result<u64, String> {
        match self {
            Self::Postgres(url) => {
                let mut changed = 0;
                for message in simple(url, statements)? {
                    if let SimpleQueryMessage::CommandComplete(count) = message {
                        changed = count;
                    }
                }
                Ok(changed)
            }
            Self::Sqlite(path) => {
                let connection = dialect::sqlite(path);
                let mut changed = 0;
                for statement in statements {
                    let text = connection.execute(statement, []);
                    changed = text.map_err(|error| error.to_string())? as u64;
                }
                Ok(changed)
            }
        }
    }

    /// Runs a script of statements on one connection.
    pub fn run_all(&self, script: &str) {
        match self {
            Self::Postgres(url) => drop(simple(url, &[script]).expect("the script runs")),
            Self::Sqlite(path) => {
                let script = dialect::sqlite(path).execute_batch(script);
                script.expect("the script runs");
            }
        }
    }

    /// The first column of each row that a query gives, as text.
    pub fn texts(&self, query: &str) -> Vec<String> {
        match self {
            Self::Postgres(url) => simple(url, &[query])
                .expect("the query runs")
                .into_iter()
                .filter_map(|message| match message {
                    SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or("").to_owned()),
                    _ => None,
                })
                .collect(),
            Self::Sqlite(path) => {
                let connection = dialect::sqlite(path);
                let mut statement = connection.prepare(query).expect("a query");
                let text = |row: &rusqlite::Row<'_>| {
                    Ok(match row.get_ref(0)? {
                        rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                        rusqlite::types::ValueRef::Text(text) => {
                            String::from_utf8_lossy(text).into_owned()
                        }
                        _ => String::new(),
                    })
                };
                let rows = statement.query_map([], text).expect("rows");
                rows.map(|row| row.expect("a row")).collect()
            }
        }
    }

    /// The one value of bytes that a query gives.
    pub fn bytes(&self, query: &str) -> Vec<u8> {
        match self {
            Self::Postgres(_) => {
                let text = &self.texts(query)[0];
                let digits = text.strip_prefix("\\x").expect("bytes");
                let pairs = (0..digits.len()).step_by(2);
                pairs
                    .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("a byte"))
                    .collect()
            }
            Self::Sqlite(path) => {
                let connection = dialect::sqlite(path);
                let bytes = connection.query_row(query, [], |row| row.get(0));
                bytes.expect("bytes")
            }
        }
    }

    /// Bytes as a statement writes them.
    pub fn literal(&self, bytes: &[u8]) -> String {
        let digits = bytes.iter().fold(String::new(), |mut digits, byte| {
            write!(digits, "{byte:02x}").expect("text");
            digits
        });
        match self {
            Self::Postgres(_) => format!("'\\x{digits}'::bytea"),
            Self::Sqlite(_) => format!("x'{digits}'"),
        }
    }

    /// The one number that a query gives.
    pub fn number(&self, query: &str) -> u64 {
        let texts = self.texts(query);
        texts[0].parse().expect("a number")
    }

    /// Every table of ours, in order.
    pub fn tables(&self) -> Vec<String> {
        self.texts(match self {
            Self::Postgres(_) => {
                "SELECT table_name::text FROM information_schema.tables
                 WHERE table_schema = current_schema() ORDER BY table_name"
            }
            Self::Sqlite(_) => "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
        })
    }
}

/// The server to test on, if one is named.
pub(crate) fn server() -> Option<String> {
    std::env::var(SERVER).ok()
}

fn schema_name(folder: &Path) -> String {
    let name = folder.file_name().expect("a name").to_string_lossy();
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("t_{}", name.to_lowercase())
}

/// Runs statements on a connection of their own, on a thread of its own: the test's may be async.
fn simple(url: &str, statements: &[&str]) -> Result<Vec<SimpleQueryMessage>, String> {
    let (url, statements) = (url.to_owned(), statements.join("; "));
    let work = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(async {
            let (client, connection) = tokio_postgres::connect(&url, NoTls)
                .await
                .map_err(|error| format!("{SERVER}: {error}"))?;
            tokio::spawn(connection);
            let answer = client.simple_query(&statements).await;
            answer.map_err(|error| error.to_string())
        })
    });
    work.join().expect("the thread ends")
}
