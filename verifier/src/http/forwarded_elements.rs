//! The header `Forwarded` (RFC 7239 section 4).
//!
//! ```text
//! Forwarded         = 1#forwarded-element
//! forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )
//! forwarded-pair    = token "=" value
//! value             = token / quoted-string
//! ```

/// The value of `for` in each element of one header line, in order; the empty text for an element
/// without. `None` when the line has another form, or an element says `for` twice.
pub(super) fn nodes(line: &str) -> Option<Vec<String>> {
    let mut nodes = vec![];
    let mut node = None;
    let mut rest = line;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        if let Some((name, after)) = token(rest) {
            let (value, after) = value(after.strip_prefix('=')?)?;
            if name.eq_ignore_ascii_case("for") && node.replace(value).is_some() {
                return None;
            }
            rest = after.trim_start_matches([' ', '\t']);
        }
        let separator = rest.chars().next();
        if separator != Some(';') {
            nodes.push(node.take().unwrap_or_default());
        }
        match separator {
            None => return Some(nodes),
            Some(',' | ';') => rest = &rest[1..],
            Some(_) => return None,
        }
    }
}

fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        return token(text).map(|(token, rest)| (token.to_owned(), rest));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

/// RFC 9110 section 5.6.2. Colons and brackets, which a node has, want quotes.
fn token(text: &str) -> Option<(&str, &str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::nodes;

    #[test]
    fn pairs_are_read_as_the_standard_writes_them() {
        // The examples of RFC 7239 section 4, and what breaks them.
        for (line, wanted) in [
            ("for=\"_gazonk\"", Some(vec!["_gazonk"])),
            (
                "For=\"[2001:db8:cafe::17]:4711\"",
                Some(vec!["[2001:db8:cafe::17]:4711"]),
            ),
            (
                "for=192.0.2.60;proto=http;by=203.0.113.43",
                Some(vec!["192.0.2.60"]),
            ),
            (
                "for=192.0.2.43, for=198.51.100.17",
                Some(vec!["192.0.2.43", "198.51.100.17"]),
            ),
            (r#"for="a\"b""#, Some(vec!["a\"b"])),
            ("proto=http; ;for=a,", Some(vec!["a", ""])),
            ("for=a:1", None),
            ("for", None),
            ("for=", None),
            ("for =a", None),
            (r#"for="a"b"#, None),
            (r#"for="a\"#, None),
        ] {
            let found = nodes(line);
            let found = found
                .as_ref()
                .map(|all| all.iter().map(String::as_str).collect());
            assert_eq!(found, wanted, "{line}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_read_or_refused(line in "[for=,;\"\\\\ \t\\[\\]:.a0é]{0,40}") {
            let read = nodes(&line);
            prop_assert!(read.is_none_or(|nodes| nodes.len() <= 1 + line.matches(',').count()));
        }
    }
}
