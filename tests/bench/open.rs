//! `open_over_ecdh_ratio`: parsing, checking and opening a whole envelope on one thread, over a bare
//! aws-lc-rs P-256 agreement, in turns within one run.

use std::{hint::black_box, time::Instant};

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use waxseal_protocol::{
    message::SealingJwk,
    seal::{Envelope, Header, SealedCard, SealingKey, make_jti, seal},
};
use waxseal_tests::{SeededRng, VISA, card, sealed};
use waxseal_verifier::{
    clock::{Clock, SystemClock},
    keys::{Kek, KekSource, Keyring, SealingKeyPair},
    mode::Mode,
    rng::SystemRng,
    store::{Location, Store},
};

use crate::figure::{print, quantile};

const ROUNDS: usize = 40;
const PER_ROUND: usize = 250;

pub(crate) fn measure(quick: bool) {
    let rounds = if quick { 8 } else { ROUNDS };
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let keyring = runtime.block_on(keyring(folder.path()));
    let pair = keyring.of(Mode::Test).active_sealing().expect("a key");
    let envelopes = envelopes(pair.jwk());
    let own = PrivateKey::generate(&ECDH_P256).expect("a key");
    let peer = PrivateKey::generate(&ECDH_P256).expect("a key");
    let peer = peer.compute_public_key().expect("a key");

    let (mut opens, mut agreements) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let started = Instant::now();
        for at in 0..PER_ROUND {
            open(pair, &envelopes[at % envelopes.len()]);
        }
        let opened = started.elapsed().as_secs_f64();
        let started = Instant::now();
        for _ in 0..PER_ROUND {
            let peer = UnparsedPublicKey::new(&ECDH_P256, peer.as_ref());
            let shared = agree(&own, peer, (), |shared| Ok::<_, ()>(shared[0]));
            black_box(shared.expect("they agree"));
        }
        let agreed = started.elapsed().as_secs_f64();
        // The first round warms up.
        if round > 0 {
            opens.push(opened / as_f64(PER_ROUND) * 1e6);
            agreements.push(agreed / as_f64(PER_ROUND) * 1e6);
        }
    }
    opens.sort_by(f64::total_cmp);
    agreements.sort_by(f64::total_cmp);
    let (open, agreement) = (quantile(&opens, 0.5), quantile(&agreements, 0.5));
    print("open_us_p50", open, "us", rounds * PER_ROUND);
    print("ecdh_us_p50", agreement, "us", rounds * PER_ROUND);
    print(
        "open_over_ecdh_ratio",
        open / agreement,
        "ratio",
        rounds * PER_ROUND,
    );
}

/// From the bytes of a request to the sealed card.
pub(crate) fn open(pair: &SealingKeyPair, compact: &str) {
    let envelope = Envelope::parse(compact).expect("an envelope");
    let plaintext = pair.open(envelope).expect("it opens");
    black_box(SealedCard::parse(&plaintext).expect("a card"));
}

async fn keyring(folder: &std::path::Path) -> Keyring {
    let rng = SystemRng::default();
    let kek = Kek::create(&KekSource::File(folder.join("kek")), &rng).expect("a key file");
    let location = Location::Sqlite(folder.join("db"));
    let store = Store::create(&location).await.expect("a database");
    Keyring::create(&store, &kek, &rng, SystemClock.now())
        .await
        .expect("keys");
    Keyring::load(&store, &kek).await.expect("keys")
}

pub(crate) fn envelopes(jwk: &SealingJwk) -> Vec<String> {
    let key = SealingKey::from_jwk(jwk, &jwk.kid).expect("a key");
    let mut rng = SeededRng::new(5);
    (0..50)
        .map(|_| {
            let header = Header {
                kid: jwk.kid.clone(),
                sid: "cs_test_01m85av61mqvpnkpn2emfqv5pp".to_owned(),
                rev: 1,
                org: "https://shop.example".to_owned(),
                iat: 1_795_000_000,
                jti: make_jti(&mut rng),
                bld: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            };
            seal(&key, &header, &sealed(card(VISA)), &mut rng).expect("it seals")
        })
        .collect()
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
fn as_f64(count: usize) -> f64 {
    count as f64
}
