//! The engines that a verifier may keep its data in. The one place where a test that runs on each of
//! them learns of a further one.

use std::path::Path;

/// A storage engine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Engine {
    /// One file beside the configuration.
    Sqlite,
}

impl Engine {
    /// Every engine.
    pub const ALL: [Self; 1] = [Self::Sqlite];

    /// As figures and output name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
        }
    }

    /// What tells a verifier in `folder` to use a store of this engine, over what `init` writes.
    pub fn environment(self, _folder: &Path) -> Vec<(String, String)> {
        match self {
            Self::Sqlite => Vec::new(),
        }
    }

    /// What `sql`, which counts something, gives on the store of the verifier in `folder`.
    pub fn count(self, folder: &Path, sql: &str) -> u64 {
        match self {
            Self::Sqlite => open_sqlite(folder)
                .query_row(sql, [], |row| row.get(0))
                .expect("a count"),
        }
    }

    /// Changes rows, as nobody should.
    pub fn tamper(self, folder: &Path, sql: &str) {
        match self {
            Self::Sqlite => open_sqlite(folder).execute_batch(sql).expect("a change"),
        }
    }

    /// Asserts that the engine finds nothing wrong with its own files.
    pub fn assert_sound(self, folder: &Path) {
        match self {
            Self::Sqlite => {
                let found: String = open_sqlite(folder)
                    .query_row("PRAGMA integrity_check", [], |row| row.get(0))
                    .expect("a check");
                assert_eq!(found, "ok");
            }
        }
    }
}

fn open_sqlite(folder: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(folder.join("waxseal.sqlite")).expect("the database")
}
