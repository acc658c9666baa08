//! `docs/signals.md` against the registry.

use std::{fs, path::Path};

use waxseal_protocol::signal::reference;

const PAGE: &str = "../../docs/signals.md";
const HEAD: &str = "| signal | value |";

#[test]
fn the_record_of_processing_is_the_codes() {
    let page = fs::read_to_string(page()).unwrap();
    let at = page.find(HEAD).unwrap();
    let table: String = page[at..]
        .split_inclusive('\n')
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!(table, reference());
}

#[test]
#[ignore = "writes the table of docs/signals.md"]
fn write_the_record_of_processing() {
    let text = fs::read_to_string(page()).unwrap();
    let (before, table) = text.split_at(text.find(HEAD).unwrap());
    let after = table
        .split_inclusive('\n')
        .skip_while(|line| line.starts_with('|'))
        .collect::<String>();
    fs::write(page(), [before, &reference(), &after].concat()).unwrap();
}

fn page() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE)
}
