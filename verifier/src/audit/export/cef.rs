//! Common Event Format, version 0, as its implementation standard has it.

use serde_json::Value;

use super::fields::fields;
use crate::store::audit::listing::Logged;

/// Names of the dictionary for fields that it has; others get a name of our own, as it wants it.
const DICTIONARY: [(&str, &str); 4] = [
    ("count", "cnt"),
    ("operator_id", "suid"),
    ("reason", "reason"),
    ("request_id", "externalId"),
];

/// Of 0 to 10: what was refused is more than what was done.
const DONE: u8 = 3;
const REFUSED: u8 = 6;

/// An entry as one line without its end.
pub(super) fn line(entry: &Logged) -> String {
    let action = header(&entry.action);
    let severity = if entry.code.is_some() { REFUSED } else { DONE };
    let version = env!("CARGO_PKG_VERSION");
    let outcome = if entry.code.is_some() {
        "failure"
    } else {
        "success"
    };
    let mut line = format!(
        "CEF:0|Waxseal|verifier|{version}|{action}|{action}|{severity}|rt={} outcome={outcome}",
        entry.at.millis()
    );
    for (name, value) in fields(entry) {
        if matches!(name.as_str(), "at" | "action") {
            continue;
        }
        let value = match value {
            Value::String(text) => extension(&text),
            other => other.to_string(),
        };
        line = format!("{line} {}={value}", key(&name));
    }
    line
}

fn key(name: &str) -> String {
    if let Some((_, known)) = DICTIONARY.iter().find(|(own, _)| *own == name) {
        return (*known).to_owned();
    }
    let words = name.split('_').map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_ascii_uppercase() + rest
    });
    format!("WaxsealVerifier{}", words.collect::<String>())
}

/// In the header a pipe ends a field; no line may end there.
fn header(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('|', "\\|");
    one_line(&text)
}

/// What a terminal or a reader of lines could take for more than text is a space: control characters, and Unicode's own
/// ends of lines.
fn one_line(text: &str) -> String {
    text.replace(
        |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'),
        " ",
    )
}

/// In an extension an equals sign ends a name.
fn extension(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('=', "\\=");
    one_line(&text.replace('\n', "\\n").replace('\r', "\\r"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::entry;
    use super::*;

    #[test]
    fn a_line_has_its_header_and_names_of_the_dictionary() {
        let version = env!("CARGO_PKG_VERSION");
        let expected = format!(
            "CEF:0|Waxseal|verifier|{version}|key.made|key.made|3|rt=1764000000000 outcome=success \
             WaxsealVerifierChain=2 cnt=7 WaxsealVerifierHash={} \
             WaxsealVerifierKeyId=k1 reason=r WaxsealVerifierSeq=5",
            "A".repeat(43)
        );
        let mut entry = entry("r");
        entry.count = Some(7);
        let (mut got, mut wanted): (Vec<_>, Vec<_>) = (
            line(&entry).split(' ').map(str::to_owned).collect(),
            expected.split(' ').map(str::to_owned).collect(),
        );
        got.sort();
        wanted.sort();
        assert_eq!(got, wanted);
        assert!(line(&entry).starts_with(&format!(
            "CEF:0|Waxseal|verifier|{version}|key.made|key.made|3|rt="
        )));
    }

    #[test]
    fn what_a_text_holds_ends_no_field_and_no_line() {
        let mut entry = entry("a=b|c\\d\ne\rf suid=opr_1");
        entry.action = "x|y\\z\nw".to_owned();
        let line = line(&entry);
        assert!(line.contains("|x\\|y\\\\z w|x\\|y\\\\z w|"), "{line}");
        assert!(
            line.contains(" reason=a\\=b|c\\\\d\\ne\\rf suid\\=opr_1"),
            "{line}"
        );
        assert_eq!(line.lines().count(), 1);
        let mut entry = super::super::tests::entry("a\u{1b}[2Jb\u{9b}c\u{2028}d\u{85}e\0f");
        entry.action = "x\u{1b}y".to_owned();
        let line = super::line(&entry);
        assert!(line.contains(" reason=a [2Jb c d e f "), "{line:?}");
        assert!(line.contains("|x y|x y|"), "{line:?}");
    }
}
