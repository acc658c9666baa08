//! Secrets of merchants' servers: kept as argon2id, and remembered for a while once they were right.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_lc_rs::hmac;
use tokio::{sync::Semaphore, task::spawn_blocking};
use zeroize::Zeroizing;

use super::{
    argon2id::{Argon2idError, Cost},
    secret::{is_secret, make_secret},
};
use crate::{
    clock::Timestamp,
    lengths::LengthPrefixed,
    rng::{Rng, RngError},
    store::{
        Store, StoreError,
        clients::{self, Client, KeptSecret},
    },
};

/// OWASP's least: 19 MiB, two passes. A secret of 256 random bits needs no more.
const COST: Cost = Cost {
    memory_kib: 19 * 1024,
    passes: 2,
};
/// Secrets that are hashed at once: each takes 19 MiB and a processor.
const AT_ONCE: usize = 2;
/// Longest secret that is looked at, in bytes.
const MOST: usize = 256;
/// Seconds that a right secret is remembered.
const REMEMBERED_S: i64 = 5 * 60;
/// Secrets of one generation; two are remembered.
const GENERATION: usize = 4096;

/// No secret could be made: the generator failed, or there is no memory.
#[derive(Debug)]
pub struct SecretError;

/// A secret of 256 random bits and what is kept of it. Blocks for some 20 ms.
///
/// # Errors
/// [`SecretError`].
pub fn renew_secret(rng: &dyn Rng) -> Result<(Zeroizing<String>, KeptSecret), SecretError> {
    let secret = make_secret(rng).map_err(|_| SecretError)?;
    let hash = COST.hash(&secret, rng).map_err(|_| SecretError)?;
    Ok((secret, KeptSecret::Argon2id(hash)))
}

/// What all who come with a secret share.
pub struct ClientSecrets {
    rng: Arc<dyn Rng>,
    places: Arc<Semaphore>,
    /// Of this process alone.
    key: hmac::Key,
    right: Mutex<Generations>,
}

/// When a secret was right, by its keyed digest.
#[derive(Default)]
struct Generations {
    young: HashMap<[u8; 32], Timestamp>,
    old: HashMap<[u8; 32], Timestamp>,
}

/// What a secret is, held against what is kept.
enum Verdict {
    Right,
    /// Right, and to be kept in this form from now on.
    RightOf(KeptSecret),
    Wrong,
}

impl ClientSecrets {
    /// Nothing is remembered yet.
    ///
    /// # Errors
    /// When the generator fails.
    pub fn new(rng: Arc<dyn Rng>) -> Result<Self, RngError> {
        let key = Zeroizing::new(rng.array::<32>()?);
        Ok(Self {
            rng,
            places: Arc::new(Semaphore::new(AT_ONCE)),
            key: hmac::Key::new(hmac::HMAC_SHA256, &*key),
            right: Mutex::default(),
        })
    }

    /// The client, if the secret is its own and it is not revoked. An unknown client takes as long as a wrong
    /// secret: one hash. So does a right secret that is not remembered, and its replacement where only its
    /// SHA-256 was kept.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn check(
        &self,
        store: &Store,
        client: Option<Client>,
        secret: Zeroizing<String>,
        now: Timestamp,
    ) -> Result<Option<Client>, StoreError> {
        let client = client.filter(|client| client.revoked_at.is_none());
        if self.was_right(client.as_ref(), &secret, now) {
            return Ok(client);
        }
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| StoreError::Closed)?;
        // Who waited behind another request of the same client finds it now.
        if self.was_right(client.as_ref(), &secret, now) {
            return Ok(client);
        }
        let kept = client.as_ref().map(|client| client.secret.clone());
        let (rng, given) = (Arc::clone(&self.rng), secret.clone());
        let verdict = spawn_blocking(move || {
            // Until the hash is done, whether anybody waits for it still or not.
            let _place = place;
            verdict(&given, kept.as_ref(), &*rng)
        });
        let failed = StoreError::Panicked("client_secret");
        let verdict = verdict.await.map_err(|_| failed)?;
        let verdict = verdict.map_err(|_| StoreError::Damaged("client"))?;
        match (client, verdict) {
            (Some(client), Verdict::Right) => {
                self.remember(&client, &secret, now);
                Ok(Some(client))
            }
            (Some(mut client), Verdict::RightOf(kept)) => {
                let former = std::mem::replace(&mut client.secret, kept);
                let replaced = client.clone();
                let stored = store.write("replace_client_secret", move |tx| {
                    clients::replace_secret(tx, &replaced.id, &former, &replaced.secret)
                });
                stored.await?;
                self.remember(&client, &secret, now);
                Ok(Some(client))
            }
            _ => Ok(None),
        }
    }

    fn was_right(&self, client: Option<&Client>, secret: &str, now: Timestamp) -> bool {
        let Some(digest) = client.and_then(|client| self.digest(client, secret)) else {
            return false;
        };
        let right = self.right.lock().unwrap_or_else(PoisonError::into_inner);
        let at = right.young.get(&digest).or_else(|| right.old.get(&digest));
        at.is_some_and(|at| *at <= now && now < at.plus_seconds(REMEMBERED_S))
    }

    fn remember(&self, client: &Client, secret: &str, now: Timestamp) {
        let Some(digest) = self.digest(client, secret) else {
            return;
        };
        let mut right = self.right.lock().unwrap_or_else(PoisonError::into_inner);
        if right.young.len() >= GENERATION {
            right.old = std::mem::take(&mut right.young);
        }
        right.young.insert(digest, now);
    }

    /// What is kept is part of it: another secret's hash is another digest, so that nothing has to be forgotten
    /// when a secret changes, by whichever verifier.
    fn digest(&self, client: &Client, secret: &str) -> Option<[u8; 32]> {
        let KeptSecret::Argon2id(hash) = &client.secret else {
            return None;
        };
        if secret.len() > MOST {
            return None;
        }
        let parts = [client.id.as_bytes(), hash.as_bytes(), secret.as_bytes()];
        let parts = parts
            .into_iter()
            .fold(LengthPrefixed::default(), LengthPrefixed::part);
        let tag = hmac::sign(&self.key, &Zeroizing::new(parts.into_bytes()));
        tag.as_ref().try_into().ok()
    }
}

/// One hash, whatever the verdict.
fn verdict(
    secret: &str,
    kept: Option<&KeptSecret>,
    rng: &dyn Rng,
) -> Result<Verdict, Argon2idError> {
    let kept = kept.filter(|_| secret.len() <= MOST);
    match kept {
        Some(KeptSecret::Sha256(digest)) if is_secret(secret, Some(digest)) => {
            let hash = COST.hash(secret, rng)?;
            Ok(Verdict::RightOf(KeptSecret::Argon2id(hash)))
        }
        Some(KeptSecret::Argon2id(hash)) => Ok(match COST.is(secret, Some(hash))? {
            true => Verdict::Right,
            false => Verdict::Wrong,
        }),
        Some(KeptSecret::Sha256(_)) | None => {
            let start = secret.floor_char_boundary(MOST);
            COST.is(&secret[..start], None).map(|_| Verdict::Wrong)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use tempfile::TempDir;
    use tokio::time::timeout;

    use super::*;
    use crate::{
        identity::{NewClient, Scopes, make_client, secret::secret_digest},
        mode::Mode,
        rng::SystemRng,
        store::Location,
    };

    const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

    struct Desk {
        secrets: ClientSecrets,
        store: Store,
        _folder: TempDir,
    }

    impl Desk {
        async fn open() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let location = Location::Sqlite(folder.path().join("db.sqlite"));
            Self {
                secrets: ClientSecrets::new(Arc::new(SystemRng::default())).unwrap(),
                store: Store::create(&location).await.unwrap(),
                _folder: folder,
            }
        }

        async fn is_right(&self, client: Option<&Client>, secret: &str, now: Timestamp) -> bool {
            let given = secret.to_owned().into();
            let checked = self.secrets.check(&self.store, client.cloned(), given, now);
            checked.await.unwrap().is_some()
        }

        /// Whether that takes no hash.
        async fn is_remembered(&self, client: &Client, secret: &str, now: Timestamp) -> bool {
            let all = u32::try_from(AT_ONCE).unwrap();
            let _all = self.secrets.places.acquire_many(all).await.unwrap();
            let checked = self.is_right(Some(client), secret, now);
            timeout(Duration::from_millis(50), checked)
                .await
                .unwrap_or(false)
        }
    }

    fn client() -> NewClient {
        let rng = SystemRng::default();
        make_client("m1", Mode::Test, &Scopes::all(), NOW, &rng).unwrap()
    }

    #[tokio::test]
    async fn only_its_own_secret_opens_a_client() {
        let desk = Desk::open().await;
        let NewClient { client, secret } = client();
        assert!(desk.is_right(Some(&client), &secret, NOW).await);
        for wrong in ["", &secret[1..], "wxs_", &"é".repeat(MOST)] {
            assert!(!desk.is_right(Some(&client), wrong, NOW).await, "{wrong}");
        }
        assert!(!desk.is_right(None, &secret, NOW).await);
        let revoked = Client {
            revoked_at: Some(NOW),
            ..client
        };
        assert!(!desk.is_right(Some(&revoked), &secret, NOW).await);
    }

    #[tokio::test]
    async fn a_right_secret_costs_a_hash_once_in_five_minutes_and_a_wrong_one_each_time() {
        let desk = Desk::open().await;
        let NewClient { client, secret } = client();
        assert!(!desk.is_remembered(&client, &secret, NOW).await);
        assert!(desk.is_right(Some(&client), &secret, NOW).await);
        assert!(desk.is_remembered(&client, &secret, NOW).await);
        let last = NOW.plus_seconds(REMEMBERED_S - 1);
        assert!(desk.is_remembered(&client, &secret, last).await);
        let over = NOW.plus_seconds(REMEMBERED_S);
        assert!(!desk.is_remembered(&client, &secret, over).await);
        assert!(!desk.is_right(Some(&client), "wrong", NOW).await);
        assert!(!desk.is_remembered(&client, "wrong", NOW).await);
        let revoked = Client {
            revoked_at: Some(NOW),
            ..client.clone()
        };
        assert!(!desk.is_remembered(&revoked, &secret, NOW).await);
        let changed = Client {
            secret: renew_secret(&SystemRng::default()).unwrap().1,
            ..client
        };
        assert!(!desk.is_remembered(&changed, &secret, NOW).await);
    }

    #[test]
    fn every_verdict_costs_a_hash() {
        let rng = SystemRng::default();
        let NewClient { client, secret } = client();
        let before = KeptSecret::Sha256(secret_digest(&secret));
        let fastest = |secret: &str, kept: Option<&KeptSecret>| {
            let runs = (0..5).map(|_| {
                let begun = Instant::now();
                verdict(secret, kept, &rng).unwrap();
                begun.elapsed()
            });
            runs.min().unwrap()
        };
        let long = "a".repeat(MOST + 1);
        for (given, kept) in [
            (secret.as_str(), Some(&client.secret)),
            ("wrong", Some(&client.secret)),
            (&long, Some(&client.secret)),
            (&secret, Some(&before)),
            ("wrong", Some(&before)),
            (&secret, None),
            ("", None),
        ] {
            // No machine hashes faster, and without a hash it takes microseconds.
            let took = fastest(given, kept);
            assert!(took > Duration::from_millis(2), "{took:?} {}", given.len());
        }
    }

    #[tokio::test]
    async fn whoever_is_unknown_or_wrong_waits_for_a_place_to_hash_in() {
        let desk = Desk::open().await;
        let all = u32::try_from(AT_ONCE).unwrap();
        let _all = desk.secrets.places.acquire_many(all).await.unwrap();
        let new = client();
        for client in [None, Some(&new.client)] {
            let checked = desk.is_right(client, "wrong", NOW);
            let waited = timeout(Duration::from_millis(50), checked).await;
            assert!(waited.is_err(), "{}", client.is_some());
        }
    }
}
