//! CVCs between a submission and its authorisation.

mod held;
mod keys;
mod outage;
mod refused;
mod valkey;

use waxseal_protocol::card::Cvc;
use waxseal_tests::{AMEX, Checkout, SeededRng, Shop, TestVerifier, ValkeyServer};
use waxseal_verifier::{
    clock::{Clock, Timestamp},
    config::ValkeyUrl,
    mode::Mode,
    store::sessions,
    vault::cvc::{CvcHolder, HoldOutcome, Surroundings, Taken},
};

const ORIGIN: &str = "https://shop.example";
/// What [`waxseal_tests::card`] gives an American Express card.
const AMEX_CVC: &str = "1234";

struct Scene {
    verifier: TestVerifier,
    shop: Shop,
}

impl Scene {
    async fn in_memory() -> Self {
        Self::of(TestVerifier::start().await).await
    }

    async fn in_valkey(server: &ValkeyServer) -> Self {
        let url = ValkeyUrl::parse(&server.url()).unwrap();
        let tweak = |config: &mut waxseal_verifier::config::Config| config.cvc.url = Some(url);
        Self::of(TestVerifier::start_with(tweak).await).await
    }

    async fn of(verifier: TestVerifier) -> Self {
        let shop = verifier.shop(Mode::Test, ORIGIN).await;
        Self { verifier, shop }
    }

    /// Submits the American Express card in a session of its own; the submission's id.
    async fn submit(&self) -> String {
        let mut checkout = Checkout::open(&self.verifier, &self.shop).await;
        assert_eq!(checkout.pay(&self.verifier, AMEX).await.status, 200);
        self.submission_of(&checkout).await
    }

    async fn submission_of(&self, checkout: &Checkout) -> String {
        let id = checkout.session_id.clone();
        let session = self
            .verifier
            .app
            .store
            .read(move |store| sessions::find(store, &id));
        session.await.unwrap().unwrap().submission_id.unwrap()
    }

    fn holder(&self) -> &CvcHolder {
        &self.verifier.app.cvc
    }

    async fn hold(&self, holder: &CvcHolder, submission: &str, digits: &str) -> HoldOutcome {
        let cvc = Cvc::parse_kept(digits).unwrap();
        self.with(async |at| holder.hold(at, submission, cvc).await)
            .await
    }

    async fn take(&self, holder: &CvcHolder, submission: &str, attempt: &str) -> Option<Taken> {
        self.with(async |at| holder.take(at, submission, attempt).await)
            .await
    }

    async fn put_back(&self, holder: &CvcHolder, taken: Taken) -> bool {
        self.with(async |at| holder.put_back(at, taken).await).await
    }

    async fn with<T>(&self, step: impl AsyncFnOnce(Surroundings<'_>) -> T) -> T {
        self.with_keys_of(Mode::Test, step).await
    }

    async fn with_keys_of<T>(
        &self,
        mode: Mode,
        step: impl AsyncFnOnce(Surroundings<'_>) -> T,
    ) -> T {
        let app = &self.verifier.app;
        let keys = app.keys_of(mode);
        let at = Surroundings {
            keys: &keys,
            rng: &*app.rng,
            now: self.now(),
        };
        step(at).await
    }

    fn now(&self) -> Timestamp {
        self.verifier.clock.now()
    }
}

fn digits(taken: Option<&Taken>) -> Option<&str> {
    taken.map(|taken| taken.cvc().digits())
}

/// A choice among `count`, the same in every run.
fn choose(rng: &SeededRng, count: u64) -> usize {
    let rng: &dyn waxseal_verifier::rng::Rng = rng;
    let number = u64::from_be_bytes(rng.array().unwrap());
    usize::try_from(number % count).unwrap()
}
