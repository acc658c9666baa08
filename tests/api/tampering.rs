//! One row that is not as it was written: an error for itself, told to whoever watches, and nothing to
//! any other row.

use waxseal_tests::{AMEX, Checkout, MASTERCARD, Shop, Staff, TestVerifier, VISA};
use waxseal_verifier::{
    keys::{Purpose, rotate},
    mode::Mode,
    vault::inspect,
};

const ORIGIN: &str = "https://shop.example";

/// What is done to the bytes of an encrypted value: version, key id, nonce, ciphertext, tag.
type Damage = fn(&mut Vec<u8>, &Keys);

/// Ids of data encryption keys.
struct Keys {
    retired: [u8; 8],
    live: [u8; 8],
}

const DAMAGE: [(&str, Damage); 7] = [
    ("a flipped bit", |value, _| value[25] ^= 1),
    ("a flipped bit of the tag", |value, _| {
        *value.last_mut().unwrap() ^= 0x80;
    }),
    ("one byte cut off", |value, _| {
        value.pop();
    }),
    ("the id of a key that there never was", |value, _| {
        value[1..9].fill(7);
    }),
    ("the id of the key before", |value, keys| {
        value[1..9].copy_from_slice(&keys.retired);
    }),
    ("the id of the other mode's key", |value, keys| {
        value[1..9].copy_from_slice(&keys.live);
    }),
    ("nothing left", |value, _| value.clear()),
];

#[tokio::test]
async fn a_damaged_card_is_an_error_for_itself_alone_and_is_counted() {
    let scene = Scene::new().await;
    let good = scene.value("card", "pan_enc", &scene.damaged.card);
    for (at, (name, damage)) in DAMAGE.into_iter().enumerate() {
        scene.damage("card", "pan_enc", &scene.damaged.card, &good, damage);
        scene
            .is_refused(&format!("/v1/cards/{}", scene.damaged.card), name)
            .await;
        scene.is_refused(&scene.damaged.session, name).await;
        let mut again = Checkout::open(&scene.verifier, &scene.shop).await;
        let answer = again.pay(&scene.verifier, VISA).await;
        assert_eq!(answer.problem(), "internal", "{name}");
        scene.others_are_well(&scene.damaged.card, name).await;
        assert!(
            scene.damaged_rows("card").await >= 3 * (at as u64 + 1),
            "{name}"
        );
        scene.put("card", "pan_enc", &scene.damaged.card, &good);
        scene.all_is_well().await;
    }
}

#[tokio::test]
async fn a_damaged_submission_is_an_error_for_itself_alone_and_is_counted() {
    let scene = Scene::new().await;
    for column in ["facts_enc", "details_enc"] {
        let good = scene.value("submission", column, &scene.damaged.submission);
        for (name, damage) in DAMAGE {
            scene.damage(
                "submission",
                column,
                &scene.damaged.submission,
                &good,
                damage,
            );
            scene.is_refused(&scene.damaged.session, name).await;
            scene.others_are_well(&scene.damaged.submission, name).await;
            assert!(scene.damaged_rows("submission").await > 0, "{name}");
            scene.put("submission", column, &scene.damaged.submission, &good);
            scene.all_is_well().await;
        }
    }
}

/// What nothing shows yet, a look at all rows finds.
#[tokio::test]
async fn values_that_changed_places_or_bytes_are_found_where_nothing_reads_them() {
    let scene = Scene::new().await;
    for (table, column, row, other) in [
        ("card", "salt_enc", &scene.damaged.card, &scene.whole.card),
        (
            "submission",
            "signals_enc",
            &scene.damaged.submission,
            &scene.whole.submission,
        ),
        (
            "submission",
            "ip_enc",
            &scene.damaged.submission,
            &scene.whole.submission,
        ),
    ] {
        let good = scene.value(table, column, row);
        for (name, damage) in DAMAGE {
            scene.damage(table, column, row, &good, damage);
            assert_eq!(
                scene.inspect().await,
                (1, Some(row.clone())),
                "{column}: {name}"
            );
        }
        scene.put(table, column, row, &scene.value(table, column, other));
        assert_eq!(
            scene.inspect().await,
            (1, Some(row.clone())),
            "{column}: another's"
        );
        scene.put(table, column, row, &good);
    }
    scene.all_is_well().await;
}

/// A fingerprint leads to another card, and that one's to this.
#[tokio::test]
async fn fingerprints_that_changed_places_give_no_card_and_leave_a_third_alone() {
    let scene = Scene::new().await;
    let (one, other) = (&scene.damaged.card, &scene.whole.card);
    let swap = format!(
        "UPDATE card_fingerprint SET card_id = CASE card_id WHEN id_bytes('{one}') THEN id_bytes('{other}')
             ELSE id_bytes('{one}') END WHERE card_id IN (id_bytes('{one}'), id_bytes('{other}'))"
    );
    assert_eq!(scene.verifier.database.run(&[&swap]), 2);
    for number in [VISA, MASTERCARD] {
        let mut checkout = Checkout::open(&scene.verifier, &scene.shop).await;
        let answer = checkout.pay(&scene.verifier, number).await;
        assert_eq!(answer.problem(), "internal");
    }
    assert_eq!(scene.inspect().await.0, 2);
    let mut third = Checkout::open(&scene.verifier, &scene.shop).await;
    let answer = third.pay(&scene.verifier, AMEX).await;
    assert_eq!(answer.json()["last4"], "0005");
}

struct Bought {
    session: String,
    card: String,
    submission: String,
}

struct Scene {
    verifier: TestVerifier,
    shop: Shop,
    damaged: Bought,
    whole: Bought,
    keys: Keys,
}

impl Scene {
    /// Two purchases, under a key that was not the first.
    async fn new() -> Self {
        let verifier = TestVerifier::start().await;
        let shop = verifier.shop(Mode::Test, ORIGIN).await;
        let key = |state: &str, mode: &str| -> [u8; 8] {
            let ids = verifier.database.texts(&format!(
                "SELECT id FROM key
                 WHERE purpose = 'dek' AND state = '{state}' AND mode = '{mode}'"
            ));
            u64::from_str_radix(&ids[0], 16).unwrap().to_be_bytes()
        };
        let app = &verifier.app;
        let now = app.clock.now();
        rotate(
            &app.store,
            app.keys.kek(),
            (Purpose::Dek, Mode::Test),
            true,
            &*app.rng,
            now,
        )
        .await
        .unwrap();
        app.keys.refresh(&app.store).await.unwrap();
        let keys = Keys {
            retired: key("retired", "test"),
            live: key("active", "live"),
        };
        let damaged = buy(&verifier, &shop, VISA).await;
        let whole = buy(&verifier, &shop, MASTERCARD).await;
        Self {
            verifier,
            shop,
            damaged,
            whole,
            keys,
        }
    }

    fn value(&self, table: &str, column: &str, id: &str) -> Vec<u8> {
        let sql = format!("SELECT {column} FROM {table} WHERE id = id_bytes('{id}')");
        self.verifier.database.bytes(&sql)
    }

    fn put(&self, table: &str, column: &str, id: &str, value: &[u8]) {
        let value = self.verifier.database.literal(value);
        let sql = format!("UPDATE {table} SET {column} = {value} WHERE id = id_bytes('{id}')");
        assert_eq!(self.verifier.database.run(&[&sql]), 1);
    }

    fn damage(&self, table: &str, column: &str, id: &str, good: &[u8], damage: Damage) {
        let mut value = good.to_vec();
        damage(&mut value, &self.keys);
        assert_ne!(value, good);
        self.put(table, column, id, &value);
    }

    async fn is_refused(&self, path: &str, name: &str) {
        let answer = self.verifier.call(&self.shop, "GET", path, None).await;
        assert_eq!(answer.problem(), "internal", "{name}: {path}");
    }

    /// The row `damaged` is the one that is; the other purchase is shown, and further ones are made.
    async fn others_are_well(&self, damaged: &str, name: &str) {
        assert_eq!(
            self.inspect().await,
            (1, Some(damaged.to_owned())),
            "{name}"
        );
        self.is_shown(&self.whole, "4444").await;
        let mut third = Checkout::open(&self.verifier, &self.shop).await;
        assert_eq!(third.pay(&self.verifier, AMEX).await.status, 200, "{name}");
    }

    async fn all_is_well(&self) {
        assert_eq!(self.inspect().await, (0, None));
        self.is_shown(&self.damaged, "4242").await;
        self.is_shown(&self.whole, "4444").await;
    }

    async fn is_shown(&self, bought: &Bought, last4: &str) {
        let call = async |path: &str| {
            self.verifier
                .call(&self.shop, "GET", path, None)
                .await
                .json()
        };
        assert_eq!(call(&bought.session).await["card"]["last4"], last4);
        assert_eq!(
            call(&format!("/v1/cards/{}", bought.card)).await["last4"],
            last4
        );
    }

    /// How many rows are damaged, and the first.
    async fn inspect(&self) -> (u64, Option<String>) {
        let keyring = self.verifier.app.keyring();
        let store = &self.verifier.app.store;
        let found = store.read(move |connection| inspect(connection, &keyring));
        let found = found.await.unwrap();
        (found.damaged, found.first_damaged)
    }

    /// What the metrics count of a table.
    async fn damaged_rows(&self, table: &str) -> u64 {
        let monitor = Staff::hire(&self.verifier, "metrics:read").await;
        let metrics = monitor.call(&self.verifier, "GET", "/metrics", None).await;
        let name = format!("waxseal_rows_damaged_total{{table=\"{table}\"}} ");
        let line = metrics
            .text
            .lines()
            .find_map(|line| line.strip_prefix(&name));
        line.map_or(0, |count| count.parse().unwrap())
    }
}

async fn buy(verifier: &TestVerifier, shop: &Shop, number: &str) -> Bought {
    let mut checkout = Checkout::open(verifier, shop).await;
    assert_eq!(checkout.pay(verifier, number).await.status, 200);
    let of_submission = |column: &str| {
        let session = &checkout.session_id;
        let sql =
            format!("SELECT {column} FROM submission WHERE session_id = id_bytes('{session}')");
        verifier.database.texts(&sql).remove(0)
    };
    Bought {
        session: format!("/v1/sessions/{}", checkout.session_id),
        card: of_submission("id_text('card', card_id)"),
        submission: of_submission("id_text('sub', id)"),
    }
}
