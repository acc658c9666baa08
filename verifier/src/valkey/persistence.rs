//! Whether a Valkey writes what it holds to a disk.

use std::collections::HashMap;

use redis::{RedisResult, aio::MultiplexedConnection};

use super::{Place, Purpose, ValkeyError};

/// Asks the server for its settings. `INFO` would not do: it does not tell of snapshots to come.
///
/// # Errors
/// When persistence is on, or the server does not say.
pub(super) async fn check(
    connection: &mut MultiplexedConnection,
    place: &Place,
    purpose: &Purpose,
) -> Result<(), ValkeyError> {
    for (setting, off) in [("save", ""), ("appendonly", "no")] {
        let asked: RedisResult<HashMap<String, String>> = redis::cmd("CONFIG")
            .arg("GET")
            .arg(setting)
            .query_async(connection)
            .await;
        match asked {
            Ok(settings) => match settings.get(setting) {
                Some(value) if value == off => {}
                Some(_) => return Err(ValkeyError::Persistent(place.clone())),
                None => return Err(ValkeyError::Unchecked(place.clone())),
            },
            Err(error) => {
                return Err(match ValkeyError::read(&error, place, purpose) {
                    ValkeyError::Refused(place, _) => ValkeyError::Unchecked(place),
                    other => other,
                });
            }
        }
    }
    Ok(())
}
