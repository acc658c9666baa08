//! The published table of metrics says what is served, and nothing else.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use waxseal_tests::{Checkout, Staff, TestVerifier, VISA, get};
use waxseal_verifier::{alerts::look_at_keys, mode::Mode};

const TABLE: &str = include_str!("../../verifier/OBSERVABILITY.md");
const HEAD: &str = "| metric | kind | labels | meaning |\n|---|---|---|---|\n";

/// Kind and labels by name.
type Metrics = BTreeMap<String, (String, BTreeSet<String>)>;

fn documented() -> Metrics {
    let (_, rows) = TABLE.split_once(HEAD).unwrap();
    let rows = rows.lines().take_while(|line| line.starts_with('|'));
    let metrics = rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let bare = |text: &str| text.trim().trim_matches('`').to_owned();
        let labels = cells[3]
            .split(',')
            .map(bare)
            .filter(|label| !label.is_empty());
        assert!(!cells[4].is_empty(), "{row}");
        (bare(cells[1]), (cells[2].to_owned(), labels.collect()))
    });
    metrics.collect()
}

fn served(text: &str) -> Metrics {
    let mut kinds: BTreeMap<String, String> = BTreeMap::new();
    let mut served = Metrics::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            kinds.insert(name.to_owned(), kind.to_owned());
            continue;
        }
        let end = line.find(['{', ' ']).unwrap();
        let (full, rest) = line.split_at(end);
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| {
            full.strip_suffix(suffix)
                .filter(|name| kinds.contains_key(*name))
        });
        let name = base.unwrap_or(full);
        let labels = rest.rsplit_once('}').map_or("", |(labels, _)| &labels[1..]);
        let names = labels
            .split("\",")
            .filter_map(|label| label.split_once("=\""));
        let names = names
            .map(|(name, _)| name.to_owned())
            .filter(|name| name != "le");
        let entry = served.entry(name.to_owned()).or_default();
        entry.0.clone_from(&kinds[name]);
        entry.1.extend(names);
    }
    served
}

/// Every name that the verifier's source has.
fn in_source(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            in_source(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let quoted = text.split('"').filter(|part| part.starts_with("waxseal_"));
            let is_name = |part: &&str| part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            let is_metric = |part: &&str| is_name(part) && *part != "waxseal_verifier";
            names.extend(quoted.filter(is_metric).map(str::to_owned));
        }
    }
}

#[test]
fn every_metric_of_the_source_stands_in_the_table_and_no_other() {
    let mut names = BTreeSet::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../verifier/src");
    in_source(&source, &mut names);
    let documented: BTreeSet<String> = documented().into_keys().collect();
    assert_eq!(names, documented);
}

#[tokio::test]
async fn what_is_served_has_the_kinds_and_labels_of_the_table_and_no_id() {
    let verifier = TestVerifier::start().await;
    let shop = verifier.shop(Mode::Test, "https://shop.example").await;
    let mut checkout = Checkout::open(&verifier, &shop).await;
    assert_eq!(checkout.pay(&verifier, VISA).await.status, 200);
    for _ in 0..5 {
        verifier.public(get("/v1/session", Some("x"))).await;
    }
    verifier.look().await;
    look_at_keys(&verifier.app).await.unwrap();
    let monitor = Staff::hire(&verifier, "metrics:read").await;
    let answer = monitor.call(&verifier, "GET", "/metrics", None).await;
    let (served, documented) = (served(&answer.text), documented());
    for name in [
        "waxseal_alerts_open",
        "waxseal_alerts_total",
        "waxseal_authentications_total",
        "waxseal_decisions_total",
        "waxseal_http_request_seconds",
        "waxseal_http_requests_in_flight",
        "waxseal_key_age_days",
        "waxseal_key_days_left",
        "waxseal_store_commit_seconds",
        "waxseal_store_jobs_waiting",
    ] {
        assert!(served.contains_key(name), "{name}");
    }
    for (name, found) in &served {
        assert_eq!(Some(found), documented.get(name), "{name}");
    }
    for secret in [checkout.session_id.as_str(), &monitor.id, "127.0.0.1"] {
        assert!(!answer.text.contains(secret), "{secret}");
    }
    for line in [
        "waxseal_alerts_open{kind=\"auth_failures\",state=\"open\"} 1",
        "waxseal_authentications_total{caller=\"frame\",outcome=\"refused\"} 5",
        "waxseal_http_requests_in_flight{listener=\"public\"} 0",
    ] {
        assert!(
            answer.text.lines().any(|served| served == line),
            "{line} in {}",
            answer.text
        );
    }
    // Open ones are counted as soon as there is another one.
    for _ in 0..5 {
        let from = [192, 0, 2, 7].into();
        verifier
            .public_from(from, get("/v1/session", Some("x")))
            .await;
    }
    verifier.look().await;
    let answer = monitor.call(&verifier, "GET", "/metrics", None).await;
    let two = "waxseal_alerts_open{kind=\"auth_failures\",state=\"open\"} 2";
    assert!(answer.text.lines().any(|served| served == two));
}
