//! Databases of each former version of the schema, with rows in them, on either engine.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr},
    path::Path,
};

use serde_json::json;
use sha2::{Digest, Sha256};
use waxseal_tests::{Database, MASTERCARD, VISA};
use waxseal_verifier::mode::Mode;

use crate::customers::{Scene, scene};

/// Where the harness's requests come from.
const CUSTOMER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Since which version, names, and what they held.
type Columns = (u32, &'static str, &'static str);

/// Tables and what each column of a former version held, by the version that brought it.
const FORMER: &[(&str, &[Columns])] = &[
    (
        "key",
        &[
            (
                1,
                "id, purpose, mode, version, state",
                "id, purpose, mode, version, state",
            ),
            (
                1,
                "created_at, activated_at, retired_at",
                "created_at, activated_at, retired_at",
            ),
            (1, "wrapped", "wrapped"),
            (2, "destroyed_at, encryptions", "destroyed_at, encryptions"),
        ],
    ),
    (
        "merchant",
        &[(
            1,
            "id, mode, name, created_at",
            "id, mode, name, created_at",
        )],
    ),
    (
        "merchant_origin",
        &[(1, "merchant_id, origin", "merchant_id, origin")],
    ),
    (
        "client",
        &[(
            1,
            "id, merchant_id, secret_digest, scopes, created_at",
            "id, merchant_id, secret_digest, scopes, created_at",
        )],
    ),
    (
        "session",
        &[
            (
                1,
                "id, merchant_id",
                "id_text('cs', id), id_text('mch', merchant_id)",
            ),
            (
                1,
                "purpose, amount, currency, order_id",
                "purpose, amount, currency, order_id",
            ),
            (1, "origin, shipping_country", "origin, shipping_country"),
            (
                1,
                "accepted_brands, locale, signals",
                "accepted_brands, locale, signals",
            ),
            (1, "status, rev, attempts", "status, rev, attempts"),
            (1, "submission_id", "id_text('sub', submission_id)"),
            (1, "created_at, expires_at", "created_at, expires_at"),
            (3, "customer_id", "id_text('cus', customer_id)"),
        ],
    ),
    (
        "audit",
        &[
            (
                1,
                "at, action, code, reason, client_id",
                "at, action, code, reason, client_id",
            ),
            (
                1,
                "ip_digest, request_id",
                "ip_digest, replace(id_text('req', request_id), 'live_', '')",
            ),
            (
                1,
                "merchant_id, session_id",
                "id_text('mch', merchant_id), id_text('cs', session_id)",
            ),
        ],
    ),
    (
        "session_jti",
        &[(1, "session_id, jti", "id_text('cs', session_id), jti")],
    ),
    (
        "card",
        &[
            (
                1,
                "merchant_id, id",
                "id_text('mch', merchant_id), id_text('card', id)",
            ),
            (1, "token, brand, last4", "token, brand, last4"),
            (
                1,
                "pan_enc, salt_enc, created_at",
                "pan_enc, salt_enc, created_at",
            ),
        ],
    ),
    (
        "card_fingerprint",
        &[
            (
                1,
                "merchant_id",
                "(SELECT id_text('mch', merchant_id) FROM card WHERE card.id = card_id)",
            ),
            (
                1,
                "version, value, card_id",
                "version, value, id_text('card', card_id)",
            ),
        ],
    ),
    (
        "submission",
        &[
            (
                1,
                "id, session_id",
                "id_text('sub', id), id_text('cs', session_id)",
            ),
            (
                1,
                "merchant_id, card_id",
                "id_text('mch', merchant_id), id_text('card', card_id)",
            ),
            (
                1,
                "network, details_enc, signals_enc",
                "network, details_enc, signals_enc",
            ),
            (
                1,
                "ip_enc, outcome, facts_enc",
                "ip_enc, outcome, facts_enc",
            ),
            (1, "rule_set, created_at", "rule_set, created_at"),
            (
                3,
                "customer_id, erased_at",
                "id_text('cus', customer_id), erased_at",
            ),
        ],
    ),
    (
        "velocity_event",
        &[
            (
                1,
                "session_id, merchant_id",
                "id_text('cs', session_id), (SELECT id_text('mch', merchant_id) FROM card WHERE card.id = card_id)",
            ),
            (1, "card_id, ip_digest", "id_text('card', card_id), DIGEST"),
            (1, "usd_micros, at", "usd_micros, at"),
        ],
    ),
    (
        "customer",
        &[
            (
                3,
                "id, merchant_id",
                "id_text('cus', id), id_text('mch', merchant_id)",
            ),
            (
                3,
                "reference_digest, reference_enc",
                "reference_digest, reference_enc",
            ),
            (3, "created_at", "created_at"),
        ],
    ),
    (
        "customer_card",
        &[
            (
                3,
                "customer_id, card_id",
                "id_text('cus', customer_id), id_text('card', card_id)",
            ),
            (3, "created_at", "created_at"),
        ],
    ),
];

#[tokio::test]
async fn cards_and_sessions_of_every_former_schema_are_used_and_erased() {
    for version in 1..=4 {
        let scene = scene().await;
        let customer = (version >= 3).then_some("c-1");
        let before = scene.buy(customer, VISA).await;
        let Scene { verifier, shop } = scene;
        let digest = verifier.app.ip_digest(Mode::Test, CUSTOMER);
        let secret = Sha256::digest(shop.client_secret());
        let verifier = verifier.restart(|database| {
            take_back(database, version, &digest);
            // Former versions kept no more of it.
            let kept = database.literal(&secret);
            database.run(&[&format!("UPDATE client SET secret_digest = {kept}")]);
        });
        let verifier = verifier.await;
        let scene = Scene { verifier, shop };
        let session = format!("/v1/sessions/{}", before["id"].as_str().unwrap());
        assert_eq!(scene.read(&session).await.json(), before, "{version}");
        let other = scene.buy(None, MASTERCARD).await;
        assert_eq!(
            other["decision"]["facts"]["other_usd_micros"],
            before["decision"]["facts"]["usd_micros"],
            "of the same address, before the migration: {other}"
        );
        let after = scene.buy(Some("c-1"), VISA).await;
        assert_eq!(after["card"], before["card"]);
        assert_eq!(scene.read("/v1/customers/c-1").await.json()["cards"], 1);
        scene.is_whole().await;
        assert_eq!(scene.delete("/v1/customers/c-1").await.status, 204);
        let card = format!("/v1/cards/{}", before["card"]["id"].as_str().unwrap());
        // A session of nobody's took it too, and has not expired.
        let is_kept = customer.is_none();
        assert_eq!(scene.read(&card).await.status == 200, is_kept);
        let status = if is_kept { 204 } else { 404 };
        assert_eq!(scene.delete(&card).await.status, status);
        let erased = scene.read(&session).await.json();
        assert_eq!(
            (&erased["card"], &erased["outcome"]),
            (&json!(null), &json!("allow"))
        );
        scene.is_whole().await;
    }
}

/// Puts a database of a former version in the place of `database`, with the rows of that one.
/// Events get the customer's `digest` again, of which only a merchant's own is kept now.
fn take_back(database: &Database, version: u32, digest: &[u8; 16]) {
    let (engine, now) = match database {
        Database::Postgres(_) => ("postgres", set_apart_on_postgres(database)),
        Database::Sqlite(path) => ("sqlite", set_apart_file(database, path)),
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../verifier/migrations");
    let mut statements = vec![now];
    for number in 1..=version {
        let files = fs::read_dir(folder.join(engine)).unwrap();
        let prefix = format!("V{number}__");
        let is_it = |name: &str| name.starts_with(&prefix);
        let file = files
            .map(|file| file.unwrap().path())
            .find(|path| path.file_name().unwrap().to_str().is_some_and(is_it));
        statements.push(fs::read_to_string(file.unwrap()).unwrap());
    }
    let history = "refinery_schema_history";
    statements.push(format!(
        "CREATE TABLE {history} AS SELECT * FROM later.{history} WHERE version <= {version}"
    ));
    for (table, columns) in FORMER {
        let columns = columns.iter().filter(|(since, ..)| *since <= version);
        let (names, values): (Vec<_>, Vec<_>) =
            columns.map(|(_, names, values)| (*names, *values)).unzip();
        let (names, values) = (names.join(", "), values.join(", "));
        let values = values
            .replace("FROM card ", "FROM later.card ")
            .replace("DIGEST", &database.literal(digest));
        if !names.is_empty() {
            statements.push(format!(
                "INSERT INTO {table} ({names}) SELECT {values} FROM later.{table}"
            ));
        }
    }
    if let Database::Postgres(_) = database {
        statements.push("DROP SCHEMA later CASCADE".to_owned());
    }
    database.run_all(&statements.join(";\n"));
}

/// Copies the file; gives what empties it and attaches the copy.
fn set_apart_file(database: &Database, path: &Path) -> String {
    let later = path.with_extension("later").display().to_string();
    database.run(&[&format!("VACUUM INTO '{later}'")]);
    let tables = database.tables();
    let ours = tables.iter().filter(|name| !name.starts_with("sqlite_"));
    let drops: Vec<_> = ours.map(|name| format!("DROP TABLE {name};")).collect();
    format!(
        "PRAGMA foreign_keys = OFF; {} ATTACH '{later}' AS later",
        drops.concat()
    )
}

/// Gives what moves the schema away and makes one in its place.
fn set_apart_on_postgres(database: &Database) -> String {
    let schema = database.texts("SELECT current_schema()::text").remove(0);
    format!(
        "ALTER SCHEMA {schema} RENAME TO later; CREATE SCHEMA {schema};
         ALTER FUNCTION later.zeroblob SET SCHEMA {schema};
         ALTER FUNCTION later.id_text SET SCHEMA {schema};
         ALTER FUNCTION later.id_bytes SET SCHEMA {schema}"
    )
}
