//! The token map: one JSON line for each record, in their order, so that its length says where to go on.

use std::io::{self, BufRead};

use serde::{Deserialize, Serialize};

use super::{Outcome, Refused};

/// How far a map goes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Progress {
    /// Records that have their line.
    pub lines: u64,
    /// Those that were refused.
    pub refused: u64,
    /// Bytes of these lines; what follows is half a line.
    pub bytes: u64,
}

#[derive(Deserialize, Serialize)]
struct Line<'l> {
    batch: &'l str,
    #[serde(rename = "line")]
    number: u64,
    #[serde(skip_serializing_if = "Option::is_none", borrow)]
    reference: Option<std::borrow::Cow<'l, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_id: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last4: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'l str>,
}

/// The line of a record, its end included.
///
/// # Errors
/// Never, for what a record can hold.
pub fn line(batch: &str, number: u64, outcome: &Outcome) -> io::Result<String> {
    let bare = Line {
        batch,
        number,
        reference: None,
        card_id: None,
        token: None,
        last4: None,
        error: None,
    };
    let line = match outcome {
        Outcome::Stored { reference, card } => Line {
            reference: Some(reference.as_str().into()),
            card_id: Some(&card.id),
            token: Some(&card.token),
            last4: Some(&card.last4),
            ..bare
        },
        Outcome::Refused(Refused { error, reference }) => Line {
            reference: reference.as_ref().map(|it| it.as_str().into()),
            error: Some(error.as_str()),
            ..bare
        },
    };
    Ok(serde_json::to_string(&line)? + "\n")
}

/// Reads how far a map of `batch` goes. Half a line at its end is what a crash left.
///
/// # Errors
/// The reader's, and [`io::ErrorKind::InvalidData`] for what is no map of that batch.
pub fn read(mut map: impl BufRead, batch: &str) -> io::Result<Progress> {
    let mut progress = Progress::default();
    let mut text = String::new();
    while map.read_line(&mut text)? > 0 && text.ends_with('\n') {
        let is_next = |line: &Line<'_>| line.batch == batch && line.number == progress.lines + 1;
        let line = serde_json::from_str(&text).ok().filter(is_next);
        let line = line.ok_or(io::ErrorKind::InvalidData)?;
        progress.lines += 1;
        progress.refused += u64::from(line.error.is_some());
        progress.bytes += text.len() as u64;
        text.clear();
    }
    Ok(progress)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::migration::{RecordError, Reference};

    fn refused(number: u64, reference: Option<&str>) -> String {
        let outcome = Outcome::Refused(Refused {
            error: RecordError::NotAuthentic,
            reference: reference.map(|text| Reference::parse(text).unwrap()),
        });
        line("b", number, &outcome).unwrap()
    }

    #[test]
    fn half_a_line_is_not_counted() {
        let whole = refused(1, Some("tok \"1\"")) + &refused(2, None);
        let progress = Progress {
            lines: 2,
            refused: 2,
            bytes: whole.len() as u64,
        };
        for half in ["", "{", "{\"batch\":\"b\",\"line\":3"] {
            assert_eq!(
                read(format!("{whole}{half}").as_bytes(), "b").unwrap(),
                progress
            );
        }
        assert_eq!(read(&b""[..], "b").unwrap(), Progress::default());
    }

    #[test]
    fn what_is_no_map_of_the_batch_is_not_gone_on_with() {
        for (text, batch) in [
            (refused(1, None), "c"),
            (refused(2, None), "b"),
            (refused(1, None) + &refused(1, None), "b"),
            ("a list of mine\n".to_owned(), "b"),
        ] {
            assert!(read(text.as_bytes(), batch).is_err(), "{text}");
        }
    }
}
