//! The engines that a verifier may keep its data in. The one place where a test that runs the program on
//! each of them learns of a further one.

use std::path::Path;

use crate::{Database, database::server};

/// A storage engine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Engine {
    /// A schema of the folder's own on the server that `WAXSEAL_TEST_POSTGRES` names.
    Postgres,
    /// One file beside the configuration.
    Sqlite,
}

impl Engine {
    /// The one that tests run on: PostgreSQL where a server is named.
    pub fn under_test() -> Self {
        match server() {
            Some(_) => Self::Postgres,
            None => Self::Sqlite,
        }
    }

    /// As figures and output name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
        }
    }

    /// Where the verifier in `folder` keeps its data.
    pub fn database(self, folder: &Path) -> Database {
        match self {
            Self::Postgres => Database::on_server(&server().expect("a server"), folder),
            Self::Sqlite => Database::Sqlite(folder.join("waxseal.sqlite")),
        }
    }

    /// What tells a verifier in `folder` to use a store of this engine, over what `init` writes.
    pub fn environment(self, folder: &Path) -> Vec<(String, String)> {
        let database = self.database(folder);
        match &database {
            Database::Postgres(url) => {
                database.create_schema();
                vec![("WAXSEAL_VERIFIER__STORE__URL".to_owned(), url.clone())]
            }
            Database::Sqlite(_) => Vec::new(),
        }
    }

    /// What `sql`, which counts something, gives on the store of the verifier in `folder`.
    pub fn count(self, folder: &Path, sql: &str) -> u64 {
        self.database(folder).number(sql)
    }

    /// Changes rows, as nobody should.
    pub fn tamper(self, folder: &Path, sql: &str) {
        let statements: Vec<_> = sql
            .split(';')
            .filter(|text| !text.trim().is_empty())
            .collect();
        self.database(folder).run(&statements);
    }

    /// Asserts that the engine finds nothing wrong with its own files.
    pub fn assert_sound(self, folder: &Path) {
        match self {
            // Its server was never killed.
            Self::Postgres => {}
            Self::Sqlite => {
                let found = self.database(folder).texts("PRAGMA integrity_check");
                assert_eq!(found, ["ok"]);
            }
        }
    }
}
