//! Where a page of rows ends.

/// Cuts rows of which one more than `limit` was asked for; that one tells that there is a next page. Gives what to ask
/// that page with: the last row's cursor.
pub fn end_page<T>(
    rows: &mut Vec<T>,
    limit: u32,
    cursor: impl FnOnce(&T) -> String,
) -> Option<String> {
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    rows.last().filter(|_| has_more).map(cursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_too_many_goes_and_the_one_before_it_is_the_cursor() {
        for (rows, left, cursor) in [
            (vec![], vec![], None),
            (vec![1, 2], vec![1, 2], None),
            (vec![1, 2, 3], vec![1, 2], Some("2")),
        ] {
            let mut page = rows;
            let next = end_page(&mut page, 2, ToString::to_string);
            assert_eq!((page, next.as_deref()), (left, cursor));
        }
    }
}
