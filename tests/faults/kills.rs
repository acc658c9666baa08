//! SIGKILL at random moments of a load over several connections.
//!
//! `WAXSEAL_TEST_KILLS` is how often; `WAXSEAL_TEST_SEED` repeats the moments of an earlier run, though
//! not what the machine's scheduler made of them.

use std::{collections::HashSet, time::Duration};

use rand_core::TryRng;
use waxseal_tests::{Engine, Installation, SeededRng, verifier_binary};
use waxseal_verifier::rng::{Rng, SystemRng};

use crate::{
    install,
    purchase::{Purchase, Tally},
    till::Till,
    whole::Whole,
};

const KILLS: u32 = 6;
const CONNECTIONS: u64 = 8;
/// A kill comes within this time of the first request.
const WITHIN_MS: u64 = 500;
/// Cards that customers share: one in four purchases is made with one of these.
const SHARED_CARDS: u64 = 30;
/// Kills between two readings of every row.
const KILLS_PER_INSPECTION: u32 = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_outlives_every_kill_and_is_there_once() {
    let engine = Engine::under_test();
    let mut campaign = Campaign::new(engine);
    let kills = from_environment("WAXSEAL_TEST_KILLS").unwrap_or(KILLS);
    for kill in 1..=kills {
        campaign.round().await;
        if kill.is_multiple_of(KILLS_PER_INSPECTION) || kill == kills {
            campaign.inspect();
        }
    }
    println!(
        "{kills} kills on {}: {} purchases, {:?}",
        engine.as_str(),
        campaign.purchases,
        campaign.tally
    );
}

struct Campaign {
    installation: Installation,
    rng: SeededRng,
    /// All of them brought to their end.
    purchases: u64,
    cards: HashSet<usize>,
    tally: Tally,
    _folder: tempfile::TempDir,
}

impl Campaign {
    fn new(engine: Engine) -> Self {
        let seed = from_environment("WAXSEAL_TEST_SEED")
            .unwrap_or_else(|| u64::from_be_bytes(random_bytes()));
        println!("WAXSEAL_TEST_SEED={seed}");
        let folder = tempfile::tempdir().unwrap();
        Self {
            installation: install(&verifier_binary(), folder.path(), engine),
            rng: SeededRng::new(seed),
            purchases: 0,
            cards: HashSet::new(),
            tally: Tally::default(),
            _folder: folder,
        }
    }

    /// A load, a kill in its midst, and a look at all that the load had got to.
    async fn round(&mut self) {
        // Some rounds re-encrypt every row while they last.
        if self.below(3) == 0 {
            let rotate = ["keys", "rotate", "--purpose", "dek", "--mode", "test"];
            assert!(self.installation.run(&rotate).status.success());
        }
        let running = self.installation.serve();
        let workers: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                let till = Till::new(&self.installation, &running);
                tokio::spawn(shop_until_cut(till, SeededRng::new(self.below(u64::MAX))))
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(1 + self.below(WITHIN_MS))).await;
        running.kill();
        let mut purchases = Vec::new();
        for worker in workers {
            purchases.extend(worker.await.unwrap());
        }
        // One that is killed while it starts, when it reads the log that the last one left.
        if self.below(3) == 0 {
            let starting = self.installation.spawn();
            tokio::time::sleep(Duration::from_millis(self.below(60))).await;
            starting.kill();
        }
        let running = self.installation.serve();
        let mut till = Till::new(&self.installation, &running);
        for purchase in &mut purchases {
            let again = self.below(2) == 0;
            purchase.settle(&mut till, again, &mut self.tally).await;
            self.cards.insert(purchase.card);
        }
        self.purchases += purchases.len() as u64;
        // As hard as the first: what it was told must be there without a last word from it.
        running.kill();
    }

    fn inspect(&self) {
        let wanted = Whole {
            // Each PAN has one card, and each purchase is there once.
            cards: self.cards.len() as u64,
            submissions: self.purchases,
        };
        assert_eq!(Whole::assert(&self.installation), wanted);
        let (engine, folder) = (self.installation.engine, &self.installation.folder);
        let sessions = engine.count(folder, "SELECT count(*) FROM session");
        assert_eq!(sessions, self.purchases);
    }

    fn below(&mut self, bound: u64) -> u64 {
        below(&mut self.rng, bound)
    }
}

async fn shop_until_cut(mut till: Till, mut rng: SeededRng) -> Vec<Purchase> {
    let mut purchases = Vec::new();
    loop {
        let seed = below(&mut rng, u64::MAX);
        let card = match below(&mut rng, 4) {
            0 => below(&mut rng, SHARED_CARDS),
            _ => SHARED_CARDS + below(&mut rng, 900_000_000),
        };
        let mut purchase = Purchase::new(seed, usize::try_from(card).unwrap());
        let paid = purchase.pay(&mut till).await;
        purchases.push(purchase);
        match paid {
            Ok(None) => {}
            Ok(Some(answer)) => panic!("refused before the kill: {}", answer.body),
            Err(_) => return purchases,
        }
    }
}

fn below(rng: &mut SeededRng, bound: u64) -> u64 {
    let Ok(number) = rng.try_next_u64();
    number % bound
}

fn random_bytes() -> [u8; 8] {
    let rng: &dyn Rng = &SystemRng::default();
    rng.array().unwrap()
}

fn from_environment<T: std::str::FromStr>(name: &str) -> Option<T> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name}={value}")))
}
