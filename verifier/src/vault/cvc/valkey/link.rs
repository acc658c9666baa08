//! The connection to a Valkey: never waited for, made again when it is lost.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redis::{AsyncConnectionConfig, Client, RedisResult, aio::MultiplexedConnection};
use tokio::time::{Instant, timeout};

use super::{ValkeyError, persistence};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// A customer waits for it.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(500);
/// For a step as a whole, which may have to send its script first.
const STEP_TIMEOUT: Duration = Duration::from_secs(1);
/// Between two tries to connect.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Nothing was done, as far as is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Unavailable;

pub(super) struct Link {
    client: Client,
    place: String,
    state: Mutex<State>,
    /// Held by the one that connects; the others go without.
    connecting: tokio::sync::Mutex<()>,
}

enum State {
    Down { since: Instant },
    Up(MultiplexedConnection),
}

impl Link {
    pub(super) async fn open(url: &str) -> Result<Self, ValkeyError> {
        let client = Client::open(url).map_err(|_| ValkeyError::NoAddress)?;
        let place = client.get_connection_info().addr().to_string();
        let connection = connect(&client, &place).await?;
        Ok(Self {
            client,
            place,
            state: Mutex::new(State::Up(connection)),
            connecting: tokio::sync::Mutex::default(),
        })
    }

    /// Host and port, or path.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Carries out a step. One that fails costs the connection: the next step after a pause makes another.
    pub(super) async fn run<T>(
        &self,
        step: impl AsyncFnOnce(&mut MultiplexedConnection) -> RedisResult<T>,
    ) -> Result<T, Unavailable> {
        let mut connection = self.connection().await?;
        match timeout(STEP_TIMEOUT, step(&mut connection)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                let error = ValkeyError::read(&error, &self.place);
                self.lose(&error);
                Err(Unavailable)
            }
            Err(_) => {
                self.lose(&ValkeyError::Unreachable(self.place.clone()));
                Err(Unavailable)
            }
        }
    }

    async fn connection(&self) -> Result<MultiplexedConnection, Unavailable> {
        match &*self.state() {
            State::Up(connection) => return Ok(connection.clone()),
            State::Down { since } if since.elapsed() < RETRY_AFTER => return Err(Unavailable),
            State::Down { .. } => {}
        }
        let _only = self.connecting.try_lock().map_err(|_| Unavailable)?;
        // It may have been restarted with other settings.
        match connect(&self.client, &self.place).await {
            Ok(connection) => {
                tracing::info!(event = "cvc_holder_available");
                *self.state() = State::Up(connection.clone());
                Ok(connection)
            }
            Err(error) => {
                self.lose(&error);
                Err(Unavailable)
            }
        }
    }

    fn lose(&self, error: &ValkeyError) {
        tracing::error!(event = "cvc_holder_unavailable", %error);
        let since = Instant::now();
        *self.state() = State::Down { since };
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connect(client: &Client, place: &str) -> Result<MultiplexedConnection, ValkeyError> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(ANSWER_TIMEOUT));
    let connecting = async {
        let connection = client.get_multiplexed_async_connection_with_config(&config);
        let mut connection = connection
            .await
            .map_err(|error| ValkeyError::read(&error, place))?;
        persistence::check(&mut connection, place).await?;
        Ok(connection)
    };
    let unreachable = |_| ValkeyError::Unreachable(place.to_owned());
    timeout(CONNECT_TIMEOUT * 2, connecting)
        .await
        .map_err(unreachable)?
}
