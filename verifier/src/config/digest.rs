//! What the configuration is known by in the audit: a digest of what its file and the environment say, without
//! passwords. Two that are alike have the same one.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use toml::{Table, Value};

/// Options that may hold a password: not even a digest of one is kept, since short ones could be guessed from it.
const SECRET: [(&str, &str); 3] = [("cvc", "url"), ("limits", "url"), ("store", "url")];

/// SHA-256 of the options in the order of their names, as TOML.
pub(super) fn of(table: &Table) -> [u8; 32] {
    sha256(&without_passwords(table).to_string())
}

/// The same of each section by itself.
pub(super) fn of_sections(table: &Table) -> BTreeMap<String, [u8; 32]> {
    let sections = without_passwords(table).into_iter();
    let digests = sections.map(|(name, section)| {
        let digest = sha256(&Table::from_iter([(name.clone(), section)]).to_string());
        (name, digest)
    });
    digests.collect()
}

fn without_passwords(table: &Table) -> Table {
    let mut told = table.clone();
    for (section, option) in SECRET {
        let section = told.get_mut(section).and_then(Value::as_table_mut);
        if let Some(Value::String(url)) = section.and_then(|section| section.get_mut(option)) {
            *url = without_secrets(url);
        }
    }
    told
}

fn sha256(text: &str) -> [u8; 32] {
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    sha256
}

/// Scheme, host, port and path: neither who it is for nor a query, where passwords may stand too.
fn without_secrets(url: &str) -> String {
    url::Url::parse(url).map_or_else(
        |_| String::new(),
        |url| {
            let port = url
                .port()
                .map_or_else(String::new, |port| format!(":{port}"));
            let host = url.host_str().unwrap_or_default();
            format!("{}://{host}{port}{}", url.scheme(), url.path())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest_of(text: &str) -> [u8; 32] {
        of(&text.parse().unwrap())
    }

    #[test]
    fn of_the_sections_those_change_that_have_changed() {
        let of = |text: &str| of_sections(&text.parse().unwrap());
        let former = of("[geo]\n[cvc]\nurl = 'rediss://a:secret@b.example/0'\nhold_s = 900\n");
        let next = of("[geo]\n[cvc]\nurl = 'rediss://a:other@b.example/0'\nhold_s = 901\n[risk]\n");
        assert_eq!(former["geo"], next["geo"]);
        assert_ne!(former["cvc"], next["cvc"]);
        assert_ne!(next["geo"], next["risk"]);
        let same = of("[cvc]\nhold_s = 900\nurl = 'rediss://a:other@b.example/0'\n");
        assert_eq!(former["cvc"], same["cvc"]);
    }

    #[test]
    fn it_changes_with_an_option_and_not_with_order_or_password() {
        let former =
            digest_of("[cvc]\nurl = 'rediss://a:secret@b.example/0'\nhold_s = 900\n[geo]\n");
        let same = digest_of("[geo]\n[cvc]\nhold_s = 900\nurl = 'rediss://c:other@b.example/0'\n");
        assert_eq!(former, same);
        for changed in [
            "[cvc]\nurl = 'rediss://a:secret@b.example/0'\nhold_s = 901\n[geo]\n",
            "[cvc]\nurl = 'rediss://a:secret@c.example/0'\nhold_s = 900\n[geo]\n",
            "[cvc]\nhold_s = 900\n[geo]\n",
        ] {
            assert_ne!(former, digest_of(changed), "{changed}");
        }
    }
}
