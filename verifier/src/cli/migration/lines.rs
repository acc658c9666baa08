//! Lines of a file of any size, none longer than what a record can be.

use std::io::{self, BufRead, Read};

use zeroize::Zeroizing;

/// Reads lines. One that is too long is cut behind its limit, and one that is no UTF-8 comes out empty:
/// both are then refused for what they are.
pub(super) struct Lines<R> {
    reader: R,
    max_len: usize,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(reader: R, max_len: usize) -> Self {
        Self { reader, max_len }
    }

    /// The next line without its end.
    pub(super) fn next(&mut self) -> io::Result<Option<Zeroizing<String>>> {
        let limit = self.max_len as u64 + 2;
        let mut line = Zeroizing::new(Vec::with_capacity(self.max_len + 2));
        if (&mut self.reader)
            .take(limit)
            .read_until(b'\n', &mut line)?
            == 0
        {
            return Ok(None);
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if line.len() as u64 == limit {
            self.reader.skip_until(b'\n')?;
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        let text = String::from_utf8(std::mem::take(&mut *line)).unwrap_or_default();
        Ok(Some(Zeroizing::new(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<String> {
        let mut lines = Lines::new(bytes, 4);
        std::iter::from_fn(|| lines.next().unwrap())
            .map(|line| line.to_string())
            .collect()
    }

    #[test]
    fn a_long_line_is_cut_and_the_next_one_is_whole() {
        assert_eq!(
            read(b"1234\n123456789\nab\r\n\nlast"),
            ["1234", "123456", "ab", "", "last"]
        );
        assert_eq!(read(b""), [""; 0]);
        assert_eq!(read(b"\xff\nab\n"), ["", "ab"]);
        assert_eq!(read(b"12345\n123456\nab\n"), ["12345", "123456", "ab"]);
    }
}
