//! docs/runbooks/sealing-key.md, kek.md and database-stolen.md

use super::{
    site::{Site, visa},
    wait_for,
};
use crate::scene::text;

#[test]
fn what_is_sealed_to_a_compromised_key_is_refused_and_customers_go_on() {
    let site = Site::start();
    let mut runbook = site.runbook("sealing-key", &[]);
    let card = site.buy("before");
    let open = (0..40).map(|at| site.open(&format!("open-{at}")));
    let mut open: Vec<_> = open.collect();
    let listed = runbook.step("1. Find the key");
    assert!(
        listed.contains("sealing") && listed.contains("active"),
        "{listed}"
    );
    runbook.step("2. Refuse it");
    let refused = wait_for(|| {
        std::thread::sleep(std::time::Duration::from_secs(1));
        open.pop().expect("one is left").submit(visa()).err()
    });
    assert!(refused.contains("key_revoked"), "{refused}");
    runbook.step("3. See that it is refused");
    runbook.step("4. Wipe it");
    runbook.end();
    assert_eq!(site.buy("afterwards"), card);
}

#[test]
fn after_a_compromised_kek_every_key_is_another_and_every_card_is_there() {
    let site = Site::start();
    let card = site.buy("before");
    let open = site.open("open");
    let former = site.path("former.key");
    std::fs::copy(site.path("waxseal.key"), &former).unwrap();
    let mut runbook = site.runbook(
        "kek",
        &[
            ("NEXT_KEY", site.text("next.key")),
            ("FORMER_KEY", site.text("waxseal.key")),
            ("BACKUP", site.text("backup.sqlite")),
        ],
    );
    let before = active(&site);
    runbook.step("1. Wrap every key by another one");
    runbook.step("2. Have the verifiers use it");
    runbook.step("3. Replace every key that it wrapped");
    runbook.step("4. End what was signed with the former ones");
    runbook.step("5. Wait until the rows are moved");
    wait_for(|| runbook.again().is_empty().then_some(()));
    let refused = open.submit(visa()).unwrap_err();
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
    site.an_hour_later();
    let said = runbook.step("6. Wipe the former keys");
    assert!(said.contains("all whole"), "{said}");
    runbook.step("7. Begin with backups anew");
    runbook.end();
    let after = active(&site);
    let kept: Vec<_> = before.iter().filter(|key| after.contains(key)).collect();
    assert!(kept.iter().all(|key| key.contains("pseudonym")), "{kept:?}");
    assert!(!site.path("waxseal.key").exists());
    let with_former = [("WAXSEAL_VERIFIER__KEYS__FILE", former.to_str().unwrap())];
    let refused = site.scene.run(&["keys", "list"], &with_former);
    assert!(text(&refused.stderr).contains("not wrapped by this key"));
    assert_eq!(
        site.buy("afterwards"),
        card,
        "the same number is the same card"
    );
}

#[test]
fn a_stolen_database_is_worthless_and_the_one_that_serves_is_whole() {
    let site = Site::start();
    let card = site.buy("before");
    let stolen = site.text("stolen.sqlite");
    assert!(site.run(&["backup", &stolen]).status.success());
    let mut runbook = site.runbook(
        "database-stolen",
        &[
            ("NEXT_KEY", site.text("next.key")),
            ("FORMER_KEY", site.text("waxseal.key")),
            ("BACKUP", site.text("backup.sqlite")),
        ],
    );
    let said = runbook.step("1. Is the key gone too?");
    assert!(said.contains("lies beside the database"), "{said}");
    runbook.step("2. Make the stolen copy worthless");
    runbook.step("3. Encrypt under other keys from now on");
    let said = runbook.step("4. Is what is here whole?");
    assert!(
        said.contains("all whole") && said.contains(&site.client),
        "{said}"
    );
    runbook.end();
    assert_eq!(site.buy("afterwards"), card);
    let open = |database: &str| {
        let environment = [("WAXSEAL_VERIFIER__STORE__PATH", database)];
        site.scene.run(&["keys", "list"], &environment)
    };
    assert!(!site.path("waxseal.key").exists());
    let refused = text(&open(&stolen).stderr);
    assert!(refused.contains("not wrapped by this key"), "{refused}");
    let backup = open(&site.text("backup.sqlite"));
    assert!(backup.status.success(), "{}", text(&backup.stderr));
}

/// The lines of active keys: id, mode and purpose.
fn active(site: &Site) -> Vec<String> {
    let listed = text(&site.run(&["keys", "list"]).stdout);
    let lines = listed.lines().filter(|line| line.contains(" active "));
    lines
        .map(|line| line.split("  v").next().unwrap().to_owned())
        .collect()
}
