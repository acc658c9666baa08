//! A key-encryption key inside a hardware security module: SoftHSM, over the PKCS#11 interface that real
//! ones have.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use crate::scene::{ADD_SHOP, Scene, text};

/// Where distributions put the module.
const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];
const PIN: &str = "271828";

/// A verifier whose configuration names a key of a new token.
fn scene_with_token() -> Scene {
    let scene = Scene::new();
    let tokens = scene.path("tokens");
    fs::create_dir(&tokens).unwrap();
    let conf = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\n",
        tokens.display()
    );
    fs::write(scene.path("softhsm2.conf"), conf).unwrap();
    let made = Command::new("softhsm2-util")
        .args([
            "--init-token",
            "--free",
            "--label",
            "waxseal",
            "--so-pin",
            "314159",
            "--pin",
            PIN,
        ])
        .env("SOFTHSM2_CONF", scene.path("softhsm2.conf"))
        .output()
        .expect("scripts/setup test installs it");
    assert!(made.status.success(), "{}", text(&made.stderr));
    write_pin(&scene, PIN);
    scene
}

fn write_pin(scene: &Scene, pin: &str) {
    let path = scene.path("pin");
    fs::write(&path, format!("{pin}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The configuration with the module's key in place of the key file.
fn configure(scene: &Scene, name: &str) {
    let module = MODULES
        .into_iter()
        .find(|path| Path::new(path).exists())
        .unwrap();
    let config = fs::read_to_string(scene.path("waxseal.toml")).unwrap();
    let without_file = config.replace("file = \"waxseal.key\"\n", "");
    assert_ne!(without_file, config);
    let pkcs11 = format!(
        "\n[keys.pkcs11]\nmodule = \"{module}\"\ntoken = \"waxseal\"\nkey = \"kek-1\"\npin_file = \"pin\"\n"
    );
    fs::write(scene.path(name), without_file + &pkcs11).unwrap();
}

fn run(scene: &Scene, arguments: &[&str]) -> (bool, String) {
    let conf = scene.path("softhsm2.conf");
    let output = scene.run(arguments, &[("SOFTHSM2_CONF", conf.to_str().unwrap())]);
    (
        output.status.success(),
        text(&output.stdout) + &text(&output.stderr),
    )
}

#[test]
fn keys_are_wrapped_inside_the_module() {
    let scene = scene_with_token();
    for file in ["waxseal.key", "waxseal.sqlite"] {
        fs::remove_file(scene.path(file)).unwrap();
    }
    configure(&scene, "waxseal.toml");
    let (ok, said) = run(&scene, &["init"]);
    assert!(
        ok && said.contains("made the key kek-1 of token waxseal"),
        "{said}"
    );
    assert!(!scene.path("waxseal.key").exists());
    let (_, report) = run(&scene, &["doctor"]);
    assert!(report.contains("pass  store and keys"), "{report}");
    assert!(run(&scene, &ADD_SHOP).0);
    // The same key again, in another process.
    let (ok, said) = run(
        &scene,
        &["keys", "rotate", "--purpose", "dek", "--mode", "live"],
    );
    assert!(ok, "{said}");

    write_pin(&scene, "000000");
    let (ok, said) = run(&scene, &["keys", "list"]);
    assert!(
        !ok && said.trim_end().lines().count() == 1 && !said.contains("000000"),
        "{said}"
    );
    write_pin(&scene, PIN);
    fs::set_permissions(scene.path("pin"), fs::Permissions::from_mode(0o644)).unwrap();
    let (ok, said) = run(&scene, &["keys", "list"]);
    assert!(!ok && said.contains("chmod 600"), "{said}");
}

#[test]
fn keys_move_from_a_file_into_the_module() {
    let scene = scene_with_token();
    configure(&scene, "hsm.toml");
    let to = scene.path("hsm.toml");
    let (ok, said) = run(
        &scene,
        &["keys", "rewrap", "--to-keys-of", to.to_str().unwrap()],
    );
    assert!(
        ok && said.contains("17 keys are wrapped by key kek-1"),
        "{said}"
    );
    let (_, report) = run(&scene, &["doctor"]);
    assert!(report.contains("not wrapped by this key"), "{report}");
    fs::rename(to, scene.path("waxseal.toml")).unwrap();
    let (_, report) = run(&scene, &["doctor"]);
    assert!(report.contains("pass  store and keys"), "{report}");
}
