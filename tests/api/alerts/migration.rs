//! Alerts of before the schema's tenth version.

use waxseal_tests::TestVerifier;
use waxseal_verifier::store::alerts;

const SQLITE: [&str; 2] = [
    include_str!("../../../verifier/migrations/sqlite/V1__initial.sql"),
    include_str!("../../../verifier/migrations/sqlite/V10__alerts.sql"),
];
const POSTGRES: [&str; 2] = [
    include_str!("../../../verifier/migrations/postgres/V1__initial.sql"),
    include_str!("../../../verifier/migrations/postgres/V10__alerts.sql"),
];

/// Takes the schema back as far as alerts go, and gives what brings it up again.
fn go_back(verifier: &TestVerifier) -> &'static str {
    let [first, tenth] = match verifier.database.file() {
        Some(_) => SQLITE,
        None => POSTGRES,
    };
    for table in tenth.split("CREATE TABLE ").skip(1) {
        let name = table.split_whitespace().next().unwrap();
        verifier.database.run_all(&format!("DROP TABLE {name};"));
    }
    let (_, alert) = first.split_once("CREATE TABLE alert (").unwrap();
    let end = alert.find("CREATE INDEX alert_by_subject").unwrap();
    let end = end + alert[end..].find(';').unwrap();
    verifier
        .database
        .run_all(&format!("CREATE TABLE alert ({};", &alert[..end]));
    tenth
}

#[tokio::test]
async fn former_alerts_keep_what_they_are_about_and_one_of_each_stays_open() {
    let verifier = TestVerifier::start().await;
    let tenth = go_back(&verifier);
    let address = verifier.database.literal(&[0xab; 16]);
    let operator = verifier.database.literal(b"opr_1");
    let certificate = [&[0xcd; 32][..], &14_i64.to_be_bytes()].concat();
    let certificate = verifier.database.literal(&certificate);
    verifier.database.run_all(&format!(
        "INSERT INTO alert (id, kind, subject, count, raised_at) VALUES
             ('alr_1', 'auth_failures', {address}, 5, 1), ('alr_2', 'auth_failures', {address}, 6, 2),
             ('alr_3', 'certificate_ends', {certificate}, 1, 3),
             ('alr_4', 'reveals_of_operator', {operator}, 20, 4),
             ('alr_5', 'reveals_of_all', NULL, 100, 5), ('alr_6', 'reveals_of_all', NULL, 100, 6);"
    ));
    verifier.database.run_all(tenth);
    let rows = "SELECT id || ' ' || state || ' ' || subject_kind || ' ' || subject || ' ' || aspect
        FROM alert ORDER BY id";
    let expected = [
        format!("alr_1 closed address {} ", "ab".repeat(16)),
        format!("alr_2 open address {} ", "ab".repeat(16)),
        format!("alr_3 open certificate {} 14", "cd".repeat(32)),
        "alr_4 open operator opr_1 ".to_owned(),
        "alr_5 closed all  ".to_owned(),
        "alr_6 open all  ".to_owned(),
    ];
    assert_eq!(verifier.database.texts(rows), expected);
    let page = verifier
        .app
        .store
        .read(|connection| alerts::page(connection, None, "", 9));
    assert_eq!(page.await.unwrap().len(), 6);
}
