//! The connection to a Valkey: made again when it is lost.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redis::{AsyncConnectionConfig, Client, RedisResult, aio::MultiplexedConnection};
use tokio::time::{Instant, timeout};

use super::{Place, Purpose, ValkeyError, persistence};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Between two tries to connect.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Nothing was done, as far as is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Unavailable;

pub(crate) struct Link {
    client: Client,
    place: Place,
    purpose: Purpose,
    state: Mutex<State>,
    /// Held by the one that connects; the others go without.
    connecting: tokio::sync::Mutex<()>,
}

enum State {
    /// For the first reason since it was last up: the log has that.
    Down {
        since: Instant,
        reason: ValkeyError,
    },
    Up(MultiplexedConnection),
}

impl Link {
    /// Connects.
    ///
    /// # Errors
    /// When that fails, or what it holds may get to a disk and must not.
    pub(crate) async fn open(url: &str, purpose: Purpose) -> Result<Self, ValkeyError> {
        let link = Self::open_or_wait(url, purpose).await?;
        link.reason().map_or(Ok(link), Err)
    }

    /// Connects, if it can be reached; if not, that is tried again later.
    ///
    /// # Errors
    /// When it does not take the connection.
    pub(crate) async fn open_or_wait(url: &str, purpose: Purpose) -> Result<Self, ValkeyError> {
        let no_address = |_| ValkeyError::NoAddress(purpose.option);
        let client = Client::open(url).map_err(no_address)?;
        let place = Place {
            option: purpose.option,
            address: client.get_connection_info().addr().to_string(),
        };
        let state = match connect(&client, &place, &purpose).await {
            Ok(connection) => State::Up(connection),
            Err(reason @ ValkeyError::Unreachable(_)) => State::Down {
                since: Instant::now(),
                reason,
            },
            Err(error) => return Err(error),
        };
        Ok(Self {
            client,
            place,
            purpose,
            state: Mutex::new(state),
            connecting: tokio::sync::Mutex::default(),
        })
    }

    /// Why it is not used now.
    pub(crate) fn reason(&self) -> Option<ValkeyError> {
        match &*self.state() {
            State::Down { reason, .. } => Some(reason.clone()),
            State::Up(_) => None,
        }
    }

    /// Host and port, or path.
    pub(crate) fn address(&self) -> &str {
        &self.place.address
    }

    /// Carries out a step, on a new connection if the former was lost. A step that fails costs the
    /// connection: the next one after a pause makes another.
    pub(crate) async fn run<T>(
        &self,
        step: impl AsyncFnOnce(&mut MultiplexedConnection) -> RedisResult<T>,
    ) -> Result<T, Unavailable> {
        let connection = match self.up() {
            Some(connection) => connection,
            None => self.reconnect().await?,
        };
        self.carry_out(connection, step).await
    }

    /// Like [`run`](Self::run), but nobody waits for a connection: one that was lost is made again beside.
    pub(crate) async fn run_if_up<T>(
        self: &Arc<Self>,
        step: impl AsyncFnOnce(&mut MultiplexedConnection) -> RedisResult<T>,
    ) -> Result<T, Unavailable> {
        if let Some(connection) = self.up() {
            return self.carry_out(connection, step).await;
        }
        if self.is_due() {
            let link = Arc::clone(self);
            tokio::spawn(async move { link.reconnect().await.map(drop) });
        }
        Err(Unavailable)
    }

    async fn carry_out<T>(
        &self,
        mut connection: MultiplexedConnection,
        step: impl AsyncFnOnce(&mut MultiplexedConnection) -> RedisResult<T>,
    ) -> Result<T, Unavailable> {
        match timeout(self.purpose.patience * 2, step(&mut connection)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                self.lose(ValkeyError::read(&error, &self.place, &self.purpose));
                Err(Unavailable)
            }
            Err(_) => {
                self.lose(ValkeyError::Unreachable(self.place.clone()));
                Err(Unavailable)
            }
        }
    }

    fn up(&self) -> Option<MultiplexedConnection> {
        match &*self.state() {
            State::Up(connection) => Some(connection.clone()),
            State::Down { .. } => None,
        }
    }

    fn is_due(&self) -> bool {
        match &*self.state() {
            State::Down { since, .. } => since.elapsed() >= RETRY_AFTER,
            State::Up(_) => false,
        }
    }

    async fn reconnect(&self) -> Result<MultiplexedConnection, Unavailable> {
        let _only = self.connecting.try_lock().map_err(|_| Unavailable)?;
        if let Some(connection) = self.up() {
            return Ok(connection);
        }
        if !self.is_due() {
            return Err(Unavailable);
        }
        // It may have been restarted with other settings.
        match connect(&self.client, &self.place, &self.purpose).await {
            Ok(connection) => {
                tracing::info!(event = self.purpose.available);
                *self.state() = State::Up(connection.clone());
                Ok(connection)
            }
            Err(error) => {
                self.lose(error);
                Err(Unavailable)
            }
        }
    }

    /// Logged once, however many steps and tries fail for the same reason.
    fn lose(&self, error: ValkeyError) {
        let mut state = self.state();
        let is_known = matches!(&*state, State::Down { reason, .. } if *reason == error);
        if !is_known {
            tracing::error!(event = self.purpose.unavailable, %error);
        }
        *state = State::Down {
            since: Instant::now(),
            reason: error,
        };
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connect(
    client: &Client,
    place: &Place,
    purpose: &Purpose,
) -> Result<MultiplexedConnection, ValkeyError> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(purpose.patience));
    let connecting = async {
        let connection = client.get_multiplexed_async_connection_with_config(&config);
        let mut connection = connection
            .await
            .map_err(|error| ValkeyError::read(&error, place, purpose))?;
        if !purpose.may_persist {
            persistence::check(&mut connection, place, purpose).await?;
        }
        Ok(connection)
    };
    let unreachable = |_| ValkeyError::Unreachable(place.clone());
    timeout(CONNECT_TIMEOUT * 2, connecting)
        .await
        .map_err(unreachable)?
}
