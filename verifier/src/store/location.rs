//! Where the data lies.

use std::{fmt, path::PathBuf};

use super::{
    Connection, StoreError, audit,
    postgres::{self, PostgresUrl, PostgresWriter, Session},
    readers::Readers,
    sqlite::{self, SqliteWriter},
    writer::Writer,
};

/// Readers that may work at once.
const READERS: usize = 4;

/// Where the data lies.
#[derive(Clone, Debug)]
pub enum Location {
    /// On a PostgreSQL server, for several verifiers.
    Postgres(Box<PostgresUrl>),
    /// In a file, for one verifier.
    Sqlite(PathBuf),
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(url) => url.fmt(f),
            Self::Sqlite(path) => path.display().fmt(f),
        }
    }
}

/// What to do about the schema.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Schema {
    /// It must be this version's.
    Expect,
    /// It is brought up to date.
    Migrate,
}

/// Opens the database, which must exist. Blocks.
pub(super) fn open(location: &Location, schema: Schema) -> Result<(Writer, Readers), StoreError> {
    match location {
        Location::Postgres(url) => {
            let mut session = Session::connect(url)?;
            match schema {
                Schema::Expect => postgres::check(&mut session)?,
                Schema::Migrate => postgres::migrate(&mut session)?,
            }
            let connect = || Session::connect(url).map(Connection::from);
            let readers = (0..READERS).map(|_| connect()).collect::<Result<_, _>>()?;
            let first = Connection::from(session);
            carried(&first, schema)?;
            let mut connections = vec![first];
            for _ in 1..url.writing().writers {
                connections.push(connect()?);
            }
            let writers = connections
                .into_iter()
                .map(|connection| PostgresWriter::new((**url).clone(), connection))
                .collect::<Result<Vec<_>, _>>()?;
            let writer = Writer::start(writers)?;
            let url = url.clone();
            let again = move || Session::connect(&url).map(Connection::from);
            Ok((writer, Readers::new(readers, again)))
        }
        Location::Sqlite(path) => {
            if !path.exists() {
                return Err(StoreError::Missing(path.clone()));
            }
            let unusable =
                |error: StoreError| StoreError::Unusable(path.clone(), error.to_string());
            let mut connection = sqlite::connect(path).map_err(unusable)?;
            match schema {
                Schema::Expect => sqlite::check(&mut connection),
                Schema::Migrate => sqlite::migrate(&mut connection),
            }
            .map_err(unusable)?;
            let connection = Connection::from(connection);
            carried(&connection, schema).map_err(unusable)?;
            let connect = || sqlite::connect(path).map(Connection::from);
            let readers = (0..READERS)
                .map(|_| connect())
                .collect::<Result<_, _>>()
                .map_err(unusable)?;
            let second = sqlite::connect(path).map_err(unusable)?;
            let writer = SqliteWriter::new(path, connection, second).map_err(unusable)?;
            let writer = Writer::start([writer])?;
            let path = path.clone();
            let again = move || sqlite::connect(&path).map(Connection::from);
            Ok((writer, Readers::new(readers, again)))
        }
    }
}

/// The last step of the ninth version: the audit of former ones is in its chains.
fn carried(connection: &Connection, schema: Schema) -> Result<(), StoreError> {
    match schema {
        Schema::Migrate => audit::carry(connection),
        Schema::Expect if audit::is_carried(connection)? => Ok(()),
        Schema::Expect => Err(StoreError::Migration(
            "of an older version: run `verifier migrate`".to_owned(),
        )),
    }
}
