//! The verifier of a former schema and today's on one store: an upgrade, both at once where the engine lets them, and
//! the upgrade taken back. `WAXSEAL_FORMER_VERIFIER` is the former program: see tests/releases/run.

use std::path::PathBuf;

use waxseal_tests::{Engine, Installation, Running, verifier_binary, write_assets};

use crate::{
    purchase::{Purchase, Tally},
    till::Till,
    whole::Whole,
};

/// Purchases at each verifier in each part.
const PURCHASES: u64 = 40;

#[tokio::test]
#[ignore = "wants the program of a former schema: tests/releases/run"]
async fn what_one_release_took_the_other_goes_on_with_and_back_again() {
    let former = PathBuf::from(std::env::var_os("WAXSEAL_FORMER_VERIFIER").unwrap());
    let engine = Engine::under_test();
    let folder = tempfile::tempdir().unwrap();
    let assets = folder.path().join("dist");
    write_assets(&assets);
    let mut shop = Shop {
        installation: Installation::of_former(&former, &assets, folder.path(), engine),
        purchases: Vec::new(),
    };

    let mut old = shop.installation.serve();
    shop.buy(&old).await;
    // SQLite has one that serves.
    if engine == Engine::Sqlite {
        old.kill();
        let schema = shop.schema();
        shop.installation.use_binary(&verifier_binary());
        let new = shop.installation.serve();
        assert!(shop.schema() > schema, "nothing was migrated");
        shop.settle(&new).await;
        shop.buy(&new).await;
        new.kill();
        shop.installation.use_binary(&former);
        old = shop.installation.serve();
    } else {
        let schema = shop.schema();
        shop.installation.use_binary(&verifier_binary());
        let new = shop.installation.serve();
        assert!(shop.schema() > schema, "nothing was migrated");
        shop.settle(&new).await;
        for _ in 0..3 {
            shop.buy(&old).await;
            shop.settle(&new).await;
            shop.buy(&new).await;
            shop.settle(&old).await;
        }
        assert!(old.ended().is_none(), "the former one has ended");
        // The rollback: none of today's is left, and the former starts on the later schema.
        new.kill();
        old.kill();
        shop.installation.use_binary(&former);
        old = shop.installation.serve();
    }
    shop.buy(&old).await;
    shop.settle(&old).await;
    let all = shop.purchases.len() as u64;
    let of_former = Whole::assert_of_former(&shop.installation);
    assert_eq!(of_former.submissions, all);
    old.kill();
    shop.installation.use_binary(&verifier_binary());
    assert_eq!(Whole::assert_of_former(&shop.installation), of_former);
}

struct Shop {
    installation: Installation,
    /// Paid, each with another card.
    purchases: Vec<Purchase>,
}

impl Shop {
    fn schema(&self) -> u64 {
        let newest = "SELECT max(version) FROM refinery_schema_history";
        let (engine, folder) = (self.installation.engine, &self.installation.folder);
        engine.count(folder, newest)
    }

    /// New purchases at one.
    async fn buy(&mut self, at: &Running) {
        let mut till = Till::new(&self.installation, at);
        for _ in 0..PURCHASES {
            let seed = self.purchases.len() as u64 + 1;
            let mut purchase = Purchase::new(seed, usize::try_from(seed).unwrap());
            let refused = purchase.pay(&mut till).await.expect("an answer");
            assert!(refused.is_none(), "{:?}", refused.map(|answer| answer.body));
            self.purchases.push(purchase);
        }
    }

    /// All that was bought anywhere so far is there; what was not settled yet is, by this one: it is there once, and is
    /// refused when it is sent again.
    async fn settle(&mut self, at: &Running) {
        let mut till = Till::new(&self.installation, at);
        let mut tally = Tally::default();
        for purchase in &mut self.purchases {
            if purchase.is_settled {
                purchase.check_stored(&mut till).await;
            } else {
                purchase.settle(&mut till, true, &mut tally).await;
            }
        }
        assert!(tally.answered > 0, "nothing was bought since");
    }
}
