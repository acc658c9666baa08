//! Everywhere that what was planted could have gone. A further sink is a further call of
//! [`Sinks::add`] in a function here.

use std::collections::BTreeSet;

use waxseal_tests::{Collector, Search, folder_files};

use super::planted::Planted;
use crate::{
    target::Target,
    wire::{Reply, ask, request},
};

/// What was written, by where.
#[derive(Default)]
pub(super) struct Sinks(Vec<(String, Vec<u8>)>);

impl Sinks {
    pub(super) fn add(&mut self, place: &str, bytes: Vec<u8>) {
        self.0.push((place.to_owned(), bytes));
    }

    /// An answer, whatever it says.
    pub(super) fn answer(&mut self, to: &str, reply: &Reply) {
        self.add(
            &format!("the answer to {to}"),
            format!("{}\n{}", reply.head, reply.body).into_bytes(),
        );
    }

    /// What a running verifier tells: metrics, exports, the commands of its operator, every row.
    pub(super) fn read_running(&mut self, target: &Target) {
        let metrics = target.call("private", &target.operator, "GET", "/metrics", None);
        assert!(metrics.body.contains("waxseal_http_requests_total"));
        self.answer("/metrics", &metrics);
        let headers = [("authorization", &*target.owner.authorization())];
        for path in ["/v1/cards", "/v1/customers/c-1/export"] {
            self.answer(
                path,
                &ask(target.private, &request("GET", path, &headers, "")),
            );
        }
        for command in [
            &["merchants", "list", "--json"][..],
            &["operators", "list", "--json"],
            &["users", "list", "--json"],
            &["keys", "list", "--json"],
            &["doctor", "--data"],
        ] {
            let output = target.installation.run(command);
            self.add(
                &format!("verifier {}", command.join(" ")),
                [output.stdout, output.stderr].concat(),
            );
        }
        self.read_exports(target);
        let database = target.installation.database();
        for table in database.tables() {
            for row in database.texts(&row_texts(&table, database.file().is_some(), &database)) {
                self.add(&format!("a row of {table}"), row.into_bytes());
            }
        }
    }

    /// What leaves the house: the merchant's cards sealed for another vault, and a backup.
    fn read_exports(&mut self, target: &Target) {
        let path = |name: &str| target.folder().join(name).to_str().unwrap().to_owned();
        let made = target
            .installation
            .run(&["vault-key", "create", "--mode", "test"]);
        std::fs::write(path("vault-key.json"), &made.stdout).unwrap();
        let (key, cards, backup) = (path("vault-key.json"), path("cards.out"), path("backup"));
        let export = [
            "export",
            "--merchant",
            &target.owner.id,
            "--to",
            &key,
            "--to-merchant",
            "mch_test_1",
            "--out",
            &cards,
            "--reason",
            "Moved elsewhere",
        ];
        let is_file = target.installation.database().file().is_some();
        // Another engine's backups are its own tools'.
        let backup = [&["backup", &backup][..]];
        let commands = [&export[..]]
            .into_iter()
            .chain(if is_file { &backup[..] } else { &[] }.iter().copied());
        for command in commands {
            let output = target.installation.run(command);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{command:?}: {said}");
            self.add(
                &format!("verifier {}", command[0]),
                [output.stdout, output.stderr].concat(),
            );
        }
        // Both files lie in the folder, and are read with the others.
        assert!(std::fs::metadata(cards).unwrap().len() > 1000);
    }

    /// What it has sent to its collector; it has stopped, so that is all.
    pub(super) fn read_traces(&mut self, collector: &Collector) {
        let spans = collector.spans().len();
        assert!(spans > 1000, "{spans} spans");
        self.add("a trace", collector.bytes());
    }

    /// What it leaves: log, database, log of the database.
    pub(super) fn read_files(&mut self, target: &Target) {
        let log = target.log();
        assert!(
            log.lines().count() > 1000,
            "the log has a line for each request"
        );
        for (path, bytes) in folder_files(&[target.folder()]) {
            // The key itself lies there, and nowhere else.
            if path.file_name().is_some_and(|name| name != "waxseal.key") {
                self.add(&path.display().to_string(), bytes);
            }
        }
    }
}

/// A query for every row of a table as one text.
fn row_texts(table: &str, is_sqlite: bool, database: &waxseal_tests::Database) -> String {
    if !is_sqlite {
        return format!("SELECT t::text FROM {table} AS t");
    }
    let columns = database.texts(&format!("SELECT name FROM pragma_table_info('{table}')"));
    let columns: Vec<_> = columns
        .iter()
        .map(|name| format!("quote(\"{name}\")"))
        .collect();
    format!("SELECT {} FROM \"{table}\"", columns.join(" || ',' || "))
}

/// What was found: which value, in which form, where, and what stands around it; never the value itself.
pub(super) fn search(planted: &Planted, sinks: &Sinks) -> BTreeSet<String> {
    let (names, needles): (Vec<_>, Vec<_>) = planted.needles().into_iter().unzip();
    let search = Search::new(needles);
    let sees = search.hits("", planted.texts()[0].given.as_bytes());
    assert!(!sees.is_empty(), "the search sees nothing");
    let hits = sinks.0.iter().flat_map(|(place, bytes)| {
        let hits = search.hits(place, bytes);
        let told = hits.into_iter().map(|hit| {
            let around = search.around(&hit, bytes);
            let (value, form) = (hit.value, hit.form);
            format!("{} ({value}) {form} in {place}: {around}", names[value])
        });
        told.collect::<Vec<_>>()
    });
    hits.collect()
}
