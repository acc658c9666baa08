//! The `verifier` command as an operator meets it: one clear line and a non-zero exit for each thing
//! that is wrong.

use std::{
    net::TcpListener,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    path::Path,
    process::Command,
};

use crate::scene::{ADD_SHOP, Scene, binary, text};

pub(crate) const FREE: [(&str, &str); 2] = [
    ("WAXSEAL_VERIFIER__LISTEN__PUBLIC", "127.0.0.1:0"),
    ("WAXSEAL_VERIFIER__LISTEN__PRIVATE", "127.0.0.1:0"),
];

#[test]
fn init_keeps_what_is_there() {
    let scene = Scene::new();
    let before = std::fs::read(scene.path("waxseal.key")).unwrap();
    let again = scene.run(&["init", "--assets", "elsewhere"], &[]);
    assert!(again.status.success());
    assert_eq!(std::fs::read(scene.path("waxseal.key")).unwrap(), before);
    let config = std::fs::read_to_string(scene.path("waxseal.toml")).unwrap();
    assert!(!config.contains("elsewhere"));
}

#[test]
fn a_missing_build_output_is_one_line() {
    Scene::new().refuses_to_serve(&FREE, "build the SDK first");
}

#[test]
fn a_key_file_that_others_may_read_is_one_line() {
    let scene = Scene::new();
    let key = scene.path("waxseal.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    scene.refuses_to_serve(&FREE, "chmod 600");
}

#[test]
fn a_missing_a_truncated_and_a_foreign_key_file_are_one_line_each() {
    let scene = Scene::new();
    let key = scene.path("waxseal.key");
    let whole = std::fs::read(&key).unwrap();
    std::fs::write(&key, &whole[..whole.len() / 2]).unwrap();
    scene.refuses_to_serve(&FREE, "truncated");
    std::fs::copy(Scene::new().path("waxseal.key"), &key).unwrap();
    scene.refuses_to_serve(&FREE, "not wrapped by this key file");
    std::fs::remove_file(&key).unwrap();
    scene.refuses_to_serve(&FREE, "key file");
    let init = scene.run(&["init"], &[]);
    assert!(!init.status.success() && text(&init.stderr).contains("restore it"));
}

#[test]
fn a_missing_and_a_newer_database_are_one_line_each() {
    let scene = Scene::new();
    let database = scene.path("waxseal.sqlite");
    let connection = rusqlite::Connection::open(&database).unwrap();
    connection
        .execute("INSERT INTO refinery_schema_history VALUES (999, 'future', '2099-01-01T00:00:00Z', '1')", [])
        .unwrap();
    drop(connection);
    scene.refuses_to_serve(&FREE, "schema");
    std::fs::remove_file(&database).unwrap();
    scene.refuses_to_serve(&FREE, "verifier init");
}

#[test]
fn a_busy_port_is_one_line() {
    let scene = Scene::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let environment = [("WAXSEAL_VERIFIER__LISTEN__PUBLIC", address.as_str())];
    scene.refuses_to_serve(&environment, "listen.public");
}

#[test]
fn a_listener_that_is_not_local_is_refused() {
    let scene = Scene::new();
    let environment = [("WAXSEAL_VERIFIER__LISTEN__PRIVATE", "0.0.0.0:0")];
    scene.refuses_to_serve(&environment, "loopback");
}

#[test]
fn an_erase_ledger_that_cannot_be_written_is_one_line() {
    let scene = Scene::new();
    let environment = [(
        "WAXSEAL_VERIFIER__RETENTION__ERASE_LEDGER",
        "nowhere/waxseal.erased",
    )];
    scene.refuses_to_serve(&environment, "retention.erase_ledger: ");
}

#[test]
fn a_missing_configuration_is_one_line() {
    let output = Command::new(binary())
        .args(["serve", "--config"])
        .arg(Path::new("/nonexistent/waxseal.toml"))
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("verifier init"));
}

#[test]
fn merchants_are_added_with_a_secret_that_is_shown_once() {
    let scene = Scene::new();
    let added = scene.run(&ADD_SHOP, &[]);
    let added: serde_json::Value = serde_json::from_slice(&added.stdout).unwrap();
    let secret = added["client_secret"].as_str().unwrap();
    assert!(secret.len() > 40);
    let listed = text(&scene.run(&["merchants", "list"], &[]).stdout);
    assert!(listed.contains(added["merchant_id"].as_str().unwrap()));
    assert!(listed.contains("https://shop.example") && !listed.contains(secret));
    for origin in ["http://shop.example", "https://shop.example/", "*"] {
        let refused = scene.run(
            &["merchants", "add", "--name", "Shop", "--origin", origin],
            &[],
        );
        assert!(!refused.status.success(), "{origin}");
    }
}

#[test]
fn doctor_tells_what_is_wrong() {
    let scene = Scene::new();
    let output = scene.run(&["doctor"], &[]);
    let report = text(&output.stdout);
    assert!(!output.status.success(), "the build output is missing");
    assert!(report.contains("pass  store and keys"), "{report}");
    assert!(report.contains("fail  assets"), "{report}");
    assert!(report.contains("warn  key file"), "{report}");
}

#[test]
fn no_command_may_dump_its_memory() {
    let scene = Scene::new();
    let output = Command::new("sh")
        .args([
            "-c",
            "ulimit -c unlimited; exec \"$0\" doctor --config \"$1\"",
        ])
        .arg(binary())
        .arg(scene.path("waxseal.toml"))
        .output()
        .unwrap();
    let report = text(&output.stdout);
    assert!(report.contains("pass  core dumps: forbidden"), "{report}");
}

#[test]
fn keys_are_listed_replaced_and_destroyed() {
    let scene = Scene::new();
    let list = || -> Vec<serde_json::Value> {
        let printed = text(&scene.run(&["keys", "list", "--json"], &[]).stdout);
        printed
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let deks = |state: &str| -> Vec<String> {
        let of_kind = |key: &&serde_json::Value| {
            key["purpose"] == "dek" && key["mode"] == "test" && key["state"] == state
        };
        let all = list();
        all.iter()
            .filter(of_kind)
            .map(|key| key["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(list().len(), 17);
    let [first] = deks("active").try_into().unwrap();
    let rotate = ["keys", "rotate", "--purpose", "dek", "--mode", "test"];
    assert!(scene.run(&rotate, &[]).status.success());
    assert_eq!(deks("retired"), std::slice::from_ref(&first));
    let [next] = deks("active").try_into().unwrap();

    for (command, wanted) in [
        (["keys", "destroy", &next], "does not become destroyed"),
        (["keys", "retire", &next], "rotate first"),
        (["keys", "destroy", "0000000000000000"], "no key of that id"),
        (["keys", "destroy", &first], "less than an hour ago"),
    ] {
        let refused = scene.run(&command, &[]);
        let said = text(&refused.stderr);
        assert!(!refused.status.success() && said.contains(wanted), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    }
    // An hour later.
    rusqlite::Connection::open(scene.path("waxseal.sqlite"))
        .unwrap()
        .execute(
            "UPDATE key SET retired_at = retired_at - 3600000 WHERE id = ?1",
            [&first],
        )
        .unwrap();
    assert!(
        scene
            .run(&["keys", "destroy", &first], &[])
            .status
            .success()
    );
    assert_eq!(deks("destroyed"), [first]);
    let kept = ["keys", "rotate", "--purpose", "pseudonym", "--mode", "test"];
    assert!(!scene.run(&kept, &[]).status.success());
}

#[test]
fn keys_are_wrapped_by_another_key_file() {
    let scene = Scene::new();
    let next = scene.path("next.key");
    let wrapped = scene.run(&["keys", "rewrap", "--to", next.to_str().unwrap()], &[]);
    assert!(
        text(&wrapped.stdout).contains("17 keys"),
        "{}",
        text(&wrapped.stderr)
    );
    scene.refuses_to_serve(&FREE, "not wrapped by this key file");
    let environment = [("WAXSEAL_VERIFIER__KEYS__FILE", next.to_str().unwrap())];
    let report = text(&scene.run(&["doctor"], &environment).stdout);
    assert!(report.contains("pass  store and keys"), "{report}");
}

#[test]
fn the_key_may_come_from_the_environment() {
    let scene = Scene::new();
    let key = std::fs::read_to_string(scene.path("waxseal.key")).unwrap();
    std::fs::remove_file(scene.path("waxseal.key")).unwrap();
    let config = std::fs::read_to_string(scene.path("waxseal.toml")).unwrap();
    let by_name = config.replace("file = \"waxseal.key\"", "env = \"SHOP_KEK\"");
    std::fs::write(scene.path("waxseal.toml"), by_name).unwrap();
    let report = text(&scene.run(&["doctor"], &[("SHOP_KEK", &key)]).stdout);
    assert!(report.contains("pass  store and keys"), "{report}");

    scene.refuses_to_serve(&FREE, "key in $SHOP_KEK");
    for wrong in ["", "x", &key[..key.len() / 2]] {
        let refused = scene.run(&["keys", "list"], &[("SHOP_KEK", wrong)]);
        let said = text(&refused.stderr);
        assert!(
            !refused.status.success() && said.contains("not a Waxseal key file"),
            "{said}"
        );
    }
    // What is no text is not quoted.
    let not_text = Command::new(binary())
        .args(["keys", "list", "--config"])
        .arg(scene.path("waxseal.toml"))
        .env(
            "SHOP_KEK",
            std::ffi::OsStr::from_bytes(&[key.as_bytes(), b"\xff"].concat()),
        )
        .output()
        .unwrap();
    assert!(!not_text.status.success());
    assert!(!text(&not_text.stderr).contains("waxseal-kek-1"));
    // Two sources are none.
    scene.refuses_to_serve(
        &[("WAXSEAL_VERIFIER__KEYS__FILE", "waxseal.key")],
        "keys: give one",
    );
}

#[test]
fn a_backup_brings_everything_back() {
    let scene = Scene::new();
    let added: serde_json::Value =
        serde_json::from_slice(&scene.run(&ADD_SHOP, &[]).stdout).unwrap();
    let backup = scene.path("backup.sqlite");
    let file = backup.to_str().unwrap();
    assert!(scene.run(&["backup", file], &[]).status.success());
    assert_eq!(
        std::fs::metadata(&backup).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let again = scene.run(&["backup", file], &[]);
    assert!(!again.status.success(), "a backup is not written over");
    let early = scene.run(&["restore", file], &[]);
    assert!(text(&early.stderr).contains("move it away first"));

    scene.remove_database();
    let restored = scene.run(&["restore", file], &[]);
    assert!(
        text(&restored.stdout).contains("0 damaged rows"),
        "{}",
        text(&restored.stderr)
    );
    let listed = text(&scene.run(&["merchants", "list"], &[]).stdout);
    assert!(listed.contains(added["merchant_id"].as_str().unwrap()));
    let report = text(&scene.run(&["doctor", "--data"], &[]).stdout);
    assert!(
        report.contains("pass  data: 0 cards, 0 submissions, 0 customers, all whole"),
        "{report}"
    );

    // The log of a database that is gone would be played into the restored one.
    scene.remove_database();
    std::fs::write(scene.path("waxseal.sqlite-wal"), b"left behind").unwrap();
    let beside = scene.run(&["restore", file], &[]);
    assert!(text(&beside.stderr).contains("waxseal.sqlite-wal is there"));
    std::fs::remove_file(scene.path("waxseal.sqlite-wal")).unwrap();
    assert!(scene.run(&["restore", file], &[]).status.success());

    // With another key it is of no use, and leaves nothing behind.
    scene.remove_database();
    std::fs::copy(Scene::new().path("waxseal.key"), scene.path("waxseal.key")).unwrap();
    let foreign = scene.run(&["restore", file], &[]);
    assert!(text(&foreign.stderr).contains("not wrapped by this key"));
    assert!(!scene.path("waxseal.sqlite").exists());
}

#[test]
fn one_verifier_serves_a_database() {
    let scene = Scene::new();
    let lock = std::fs::File::create(scene.path("waxseal.sqlite.lock")).unwrap();
    lock.lock().unwrap();
    scene.refuses_to_serve(&FREE, "another verifier serves this database");
    drop(lock);
    scene.refuses_to_serve(&FREE, "build the SDK first");
}
