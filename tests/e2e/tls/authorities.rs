//! Authorities that a listener trusts together, and their revocation lists.

use std::sync::Arc;

use waxseal_tests::TestPki;
use waxseal_verifier::{
    clock::{Clock, MockClock, Timestamp},
    config::Tls,
    pki::Authority,
    tls::ListenerTls,
};

use crate::scene::{Scene, text};

const START: Timestamp = Timestamp::from_millis(1_795_000_000_000);

/// What a listener says to these authorities and lists.
fn opened(pki: &TestPki, authorities: &[&[u8]], lists: &[&[u8]]) -> Result<(), String> {
    let (client_ca, crl) = (pki.path("all.crt"), pki.path("all.crl"));
    std::fs::write(&client_ca, authorities.concat()).unwrap();
    std::fs::write(&crl, lists.concat()).unwrap();
    let _ = std::fs::remove_file(pki.path("listener.crt"));
    let _ = std::fs::remove_file(pki.path("listener.key"));
    let tls = Tls {
        client_ca: Some(client_ca),
        crl: Some(crl),
        ..pki.listener("listener")
    };
    let clock: Arc<dyn Clock> = Arc::new(MockClock::new(START));
    let opened = ListenerTls::open("private", tls, clock);
    opened.map(drop).map_err(|error| error.to_string())
}

fn files(pki: &TestPki) -> [Vec<u8>; 2] {
    ["ca.crt", "ca.crl"].map(|file| std::fs::read(pki.path(file)).unwrap())
}

#[test]
fn each_authority_has_a_name_and_a_list_of_its_own() {
    // The name comes of the seed, the key does not.
    let [one, namesake, other] = [31, 31, 32].map(|seed| TestPki::new(START, seed));
    let [crt, crl] = &files(&one);
    let [crt_of_namesake, list_of_namesake] = &files(&namesake);
    let [crt_of_other, list_of_other] = &files(&other);
    assert_eq!(opened(&one, &[crt], &[crl]), Ok(()));
    assert_eq!(
        opened(&one, &[crt, crt_of_other], &[list_of_other, crl]),
        Ok(())
    );
    assert_eq!(
        opened(&one, &[crt, crt], &[crl, crl]),
        Ok(()),
        "twice the same"
    );
    let refused = |authorities: &[&[u8]], lists: &[&[u8]], wanted: &str| {
        let said = opened(&one, authorities, lists).unwrap_err();
        assert!(said.contains(wanted), "{said}");
    };
    refused(
        &[crt, crt_of_namesake],
        &[crl, list_of_namesake],
        "two authorities of one name",
    );
    refused(&[crt], &[list_of_namesake], "another one has signed");
    refused(&[crt], &[crl, list_of_namesake], "another one has signed");
    refused(&[crt, crt_of_other], &[crl], "has no list of the authority");
}

#[test]
fn authorities_that_nobody_named_can_be_trusted_together() {
    let scene = Scene::new();
    let mut all = [vec![], vec![]];
    for folder in ["one", "next"] {
        let path = scene.path(folder);
        let made = std::process::Command::new(crate::scene::binary())
            .args(["pki", "init", "--dir", path.to_str().unwrap()])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", text(&made.stderr));
        for (at, file) in ["ca.crt", "ca.crl"].into_iter().enumerate() {
            all[at].push(std::fs::read(path.join(file)).unwrap());
        }
    }
    let [authorities, lists] = all
        .each_ref()
        .map(|all| all.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let pki = TestPki::new(START, 33);
    assert_eq!(opened(&pki, &authorities, &lists), Ok(()));
    drop(Authority::open(&scene.path("one")).unwrap());
}

#[test]
fn the_configuration_is_nobody_elses_to_read() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::new();
    let mode = std::fs::metadata(scene.path("waxseal.toml"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}
