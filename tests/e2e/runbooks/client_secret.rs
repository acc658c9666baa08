//! docs/runbooks/client-secret.md

use super::site::Site;

#[test]
fn the_lost_secret_is_refused_and_the_next_one_is_taken_from_its_networks_alone() {
    let mut site = Site::start();
    site.ask("GET", "/v1/cards", "").unwrap();
    let lost = format!("{}:{}", site.client, site.secret);
    let networks = "127.0.0.0/8".to_owned();
    let mut runbook = site.runbook("client-secret", &[("LOST", lost), ("NETWORKS", networks)]);
    runbook.step("1. Give it another secret");
    let refused = site.ask("GET", "/v1/cards", "").unwrap_err();
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
    let next = std::fs::read_to_string(site.path("next-secret")).unwrap();
    let mode = std::os::unix::fs::MetadataExt::mode(&site.path("next-secret").metadata().unwrap());
    assert_eq!(mode & 0o077, 0);
    next.trim()
        .split('"')
        .nth(3)
        .unwrap()
        .clone_into(&mut site.secret);
    site.ask("GET", "/v1/cards", "").unwrap();
    runbook.step("2. See that the former one is refused");
    runbook.step("3. Let it call from its own networks alone");
    runbook.end();
    site.ask("GET", "/v1/cards", "").unwrap();
    let elsewhere = ["clients", "allow", &site.client, "192.0.2.0/24"];
    assert!(site.run(&elsewhere).status.success());
    let refused = site.ask("GET", "/v1/cards", "").unwrap_err();
    assert!(refused.contains("address_not_allowed"), "{refused}");
}
