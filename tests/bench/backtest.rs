//! A set of rules over 100,000 stored decisions, a tenth of them with an outcome.

use std::{sync::Arc, time::Instant};

use serde_json::json;
use waxseal_engine::rules::{RuleSet, SEED_TEXT};
use waxseal_tests::{Checkout, ORIGIN, TestVerifier, visa};
use waxseal_verifier::{
    clock::SystemClock,
    mode::Mode,
    records::{Bounds, Candidate, Range, run_backtest},
    store::{
        outcomes::{self, OutcomeKind, OutcomeOf, OutcomeRow},
        submissions::{self, Submission},
    },
};

use crate::figure::print;

/// Submissions that were really made; the others are copies of these, each encrypted under an id of its own.
const MADE: usize = 200;
const BATCH: usize = 2_000;
/// Beside the shipped ones.
const RULES: usize = 42;

pub(crate) fn measure(is_quick: bool) {
    let count = if is_quick { 10_000 } else { 100_000 };
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(run(count));
}

async fn run(count: usize) {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, ORIGIN).await;
    for number in 0..MADE {
        let mut request = shop.session_request();
        request["amount"] = json!(1000 + number * 37);
        let mut checkout = Checkout::open_with(&verifier, &shop, request).await;
        assert_eq!(checkout.pay(&verifier, &visa(number)).await.status, 200);
    }
    let app = &verifier.app;
    let made = app
        .store
        .read(|connection| submissions::after(connection, "", 1_000));
    let made = Arc::new(made.await.expect("submissions"));
    eprintln!("storing {count} decisions");
    for start in (made.len()..count).step_by(BATCH) {
        let (shared, made) = (Arc::clone(app), Arc::clone(&made));
        let stored = app.store.write("copy", move |tx| {
            for number in start..(start + BATCH).min(count) {
                let submission = copy(&shared, &made[number % made.len()])?;
                submissions::insert(tx, &submission)?;
                if number % 10 == 0 {
                    outcomes::insert(tx, &outcome(&shared, &submission, number)?)?;
                }
            }
            Ok(())
        });
        stored.await.expect("stored");
    }
    let candidate = Candidate {
        set: RuleSet::parse(&text()).expect("rules"),
        today: app.rules.current(),
        lists: app.lists.current(),
        keys: app.keys_of(Mode::Test),
    };
    let now = app.clock.now();
    let range = Range::of(None, Some(Mode::Test), (None, None), now).expect("a range");
    let began = Instant::now();
    let tested = run_backtest(&app.store, &SystemClock, candidate, range, Bounds::ALONE);
    let tested = tested.await.expect("a backtest");
    let took = began.elapsed().as_secs_f64();
    assert!(tested.complete && tested.damaged + tested.without_snapshot + tested.failed == 0);
    assert_eq!(tested.decisions, count as u64);
    assert!(tested.candidate.matched.frauds > 0 && tested.candidate.matched.good_customers > 0);
    let name = if count == 100_000 {
        "backtest_100k_s"
    } else {
        "backtest_10k_s"
    };
    print(name, took, "s", count);
}

type Stored<T> = Result<T, waxseal_verifier::store::StoreError>;

fn copy(app: &waxseal_verifier::app::App, of: &Submission) -> Stored<Submission> {
    let keys = app.keys_of(Mode::Test);
    let id = app.rng.id("sub_test_", of.created_at)?;
    let leads_to = submissions::leads_to(&of.session_id, &of.card_id);
    let place = |id| submissions::place(id, &of.merchant_id, "facts", &leads_to);
    let facts = keys.deks.decrypt(place(&of.id), &of.facts_enc)?;
    let facts_enc = keys.deks.encrypt(place(&id), &facts, &*app.rng)?;
    Ok(Submission {
        session_id: of.session_id.clone(),
        merchant_id: of.merchant_id.clone(),
        card_id: of.card_id.clone(),
        customer_id: None,
        network: None,
        details_enc: of.details_enc.clone(),
        signals_enc: of.signals_enc.clone(),
        ip_enc: of.ip_enc.clone(),
        outcome: of.outcome.clone(),
        facts_enc,
        rule_set: of.rule_set.clone(),
        created_at: of.created_at,
        erased_at: None,
        id,
    })
}

fn outcome(app: &waxseal_verifier::app::App, of: &Submission, number: usize) -> Stored<OutcomeRow> {
    let kind = match number % 50 {
        0 => OutcomeKind::Fraud,
        _ => OutcomeKind::Legitimate,
    };
    Ok(OutcomeRow {
        id: app.rng.id("out_test_", of.created_at)?,
        merchant_id: of.merchant_id.clone(),
        of: OutcomeOf::Card(of.card_id.clone()),
        kind,
        happened_at: of.created_at,
        reason: None,
        client_id: None,
        operator_id: None,
        created_at: of.created_at,
    })
}

/// The shipped rules, and more that read and add.
fn text() -> String {
    let rules = (0..RULES).map(|number| {
        format!(
            "rule \"r{number}\" when session.amount_minor else 0 > {} and model.score else 0.0 < 0.{number:02} \
             then review points {number} reason matched\n",
            1_000 + number * 150
        )
    });
    SEED_TEXT.to_owned() + &rules.collect::<String>()
}
