//! Cards that are there already, made by the vault's own code in large batches.

use std::{sync::Arc, time::Instant};

use waxseal_protocol::card::Pan;
use waxseal_tests::{Installation, visa};
use waxseal_verifier::{
    cli::kek_source,
    clock::{Clock, SystemClock},
    config::Config,
    keys::{Kek, Keyring},
    mode::Mode,
    rng::{Rng, SystemRng},
    store::{Schema, Store, merchants},
    vault::{Candidate, find_or_create},
};

/// Cards in one transaction.
const BATCH: usize = 2_000;

/// Adds the cards of PANs `0..count` to the merchant's.
pub(crate) async fn add_cards(installation: &Installation, count: usize) {
    eprintln!("adding {count} cards");
    let started = Instant::now();
    let (store, keyring) = open(installation).await;
    let found = store.read(merchants::list).await.expect("merchants");
    let merchant_id = Arc::new(found[0].id.clone());
    let keyring = Arc::new(keyring);
    let mut next = make(&keyring, &merchant_id, 0, count);
    for start in (0..count).step_by(BATCH) {
        let batch = next.await.expect("candidates");
        next = make(&keyring, &merchant_id, start + BATCH, count);
        let keyring = Arc::clone(&keyring);
        let job = store.write("add_cards", move |tx| {
            let keys = keyring.of(Mode::Test);
            let rng: &dyn Rng = &SystemRng::default();
            for (candidate, pan) in &batch {
                find_or_create(tx, keys, candidate, pan, rng)?;
            }
            Ok(())
        });
        job.await.expect("stored");
    }
    store.close().await;
    eprintln!("added in {:.0} s", started.elapsed().as_secs_f64());
}

/// The store of an installation that nothing serves, and its keys.
pub(crate) async fn open(installation: &Installation) -> (Store, Keyring) {
    let config = installation.folder.join("waxseal.toml");
    let config = Config::load(&config).expect("a configuration");
    let kek = Kek::open(&kek_source(&config).expect("a source")).expect("a key file");
    let location = installation.database().config().location();
    let location = location.expect("a place");
    let store = Store::open(&location, Schema::Expect).await;
    let store = store.expect("a store");
    let keyring = Keyring::load(&store, &kek).await.expect("keys");
    (store, keyring)
}

type Batch = Vec<(Candidate, Pan)>;

fn make(
    keyring: &Arc<Keyring>,
    merchant_id: &Arc<String>,
    start: usize,
    count: usize,
) -> tokio::task::JoinHandle<Batch> {
    let (keyring, merchant_id) = (Arc::clone(keyring), Arc::clone(merchant_id));
    tokio::task::spawn_blocking(move || {
        let rng: &dyn Rng = &SystemRng::default();
        let owner = (Mode::Test, merchant_id.as_str());
        (start..count.min(start + BATCH))
            .map(|number| {
                let pan = Pan::parse(&visa(number)).expect("a PAN");
                let keys = keyring.of(Mode::Test);
                let made = Candidate::new(keys, owner, &pan, SystemClock.now(), rng);
                (made.expect("a candidate"), pan)
            })
            .collect()
    })
}
