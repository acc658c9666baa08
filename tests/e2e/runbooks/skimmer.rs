//! docs/runbooks/skimmer.md

use std::process::Command;

use super::{
    site::{Site, visa},
    wait_for,
};

/// `SHA256SUMS` of the files below `dist`.
fn sums(site: &Site) {
    let script = "find . -type f -print0 | sort -z | xargs -0 sha256sum > ../SUMS";
    let made = Command::new("bash")
        .args(["-c", script])
        .current_dir(site.path("dist"))
        .status();
    assert!(made.unwrap().success());
}

fn carry_out(site: &Site, wanted: &str) {
    let release = site.path("release");
    let copied = Command::new("cp")
        .arg("-r")
        .args([site.path("dist"), release])
        .status();
    assert!(copied.unwrap().success());
    sums(site);
    if wanted.starts_with("on disk: changed") {
        std::fs::write(site.path("dist/waxseal.js"), "skim();").unwrap();
    }
    let open = site.open("open");
    let mut runbook = site.runbook(
        "skimmer",
        &[
            ("ASSETS", site.text("dist")),
            ("RELEASE", site.text("release")),
            ("SUMS", site.text("SUMS")),
        ],
    );
    runbook.step("1. Let no more cards be typed");
    let request = r#"{"amount": 1, "currency": "USD", "order_id": "o", "origin": "https://shop.example",
        "shipping_country": "DE"}"#;
    let refused = site.ask("POST", "/v1/sessions", request).unwrap_err();
    assert!(refused.contains("origin_not_registered"), "{refused}");
    runbook.step("2. End the checkouts that are open");
    let mut open = Some(open);
    let refused = wait_for(|| {
        // The form asks for its session until it is refused: a card is not given away.
        let checkout = open.take().unwrap();
        if checkout.is_open() {
            open = Some(checkout);
            return None;
        }
        Some(checkout.submit(visa()).unwrap_err())
    });
    assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
    let said = runbook.step("3. Is it in the frame?");
    assert!(said.contains(wanted), "{said}");
    runbook.step("4. Put the release's files back");
    let loader = std::fs::read_to_string(site.path("dist/waxseal.js")).unwrap();
    assert_eq!(loader, "export {};");
    runbook.step("6. Open again");
    runbook.end();
    site.buy("afterwards");
}

#[test]
fn a_skimmer_on_the_merchants_page_gets_no_more_cards() {
    carry_out(&Site::start(), "on disk: whole, as served: whole");
}

#[test]
fn a_skimmer_in_the_verifiers_files_is_found_and_put_out() {
    carry_out(&Site::start(), "on disk: changed, as served: whole");
}
