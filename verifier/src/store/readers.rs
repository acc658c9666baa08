//! A few connections that only read.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::{Connection, StoreError, postgres::Session};

/// Makes a connection in place of one that was lost.
type Connect = dyn Fn() -> Result<Connection, StoreError> + Send + Sync;

pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    places: Arc<Semaphore>,
    again: Arc<Connect>,
}

impl Readers {
    pub(super) fn new(
        connections: Vec<Connection>,
        again: impl Fn() -> Result<Connection, StoreError> + Send + Sync + 'static,
    ) -> Self {
        let places = Arc::new(Semaphore::new(connections.len()));
        Self {
            idle: Arc::new(Mutex::new(connections)),
            places,
            again: Arc::new(again),
        }
    }

    pub(super) async fn run<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| StoreError::Closed)?;
        let idle = Arc::clone(&self.idle);
        let again = Arc::clone(&self.again);
        let work = tokio::task::spawn_blocking(move || {
            let lease = Lease::take(&idle, &*again)?;
            let result = lease.connection().and_then(query);
            drop(lease);
            drop(place);
            result
        });
        work.await.map_err(|_| StoreError::Closed)?
    }
}

/// Gives the connection back even when the query panics.
struct Lease<'i> {
    connection: Option<Connection>,
    idle: &'i Mutex<Vec<Connection>>,
}

impl<'i> Lease<'i> {
    fn take(idle: &'i Mutex<Vec<Connection>>, again: &Connect) -> Result<Self, StoreError> {
        let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        // There are as many places as connections: one that is missing was lost.
        let alive = taken.filter(|connection| {
            let session = connection.postgres();
            !session.is_some_and(Session::is_closed)
        });
        let connection = match alive {
            Some(connection) => connection,
            None => again()?,
        };
        Ok(Self {
            connection: Some(connection),
            idle,
        })
    }

    fn connection(&self) -> Result<&Connection, StoreError> {
        self.connection.as_ref().ok_or(StoreError::Closed)
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let idle = &mut self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.extend(self.connection.take());
    }
}
