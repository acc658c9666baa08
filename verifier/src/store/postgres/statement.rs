//! One text for a statement, made into what PostgreSQL takes: for one call, and for many at once.

use std::fmt::Write;

use tokio_postgres::types::Type;

/// `?1` as PostgreSQL writes it.
pub(super) fn for_one(sql: &str) -> String {
    sql.replace('?', "$")
}

/// The same statement for many calls: each parameter becomes an array with one element a call. `None` for a
/// text that cannot be put so.
///
/// A query gives the number of its call, from 1, before its own columns.
pub(super) fn for_many(sql: &str, types: &[Type]) -> Option<String> {
    let calls = calls(types)?;
    let text = sql.trim_start();
    match text.split_ascii_whitespace().next()? {
        "SELECT" => Some(format!(
            "SELECT call.n, found.* FROM {calls} CROSS JOIN LATERAL ({}) AS found",
            of_call(sql)
        )),
        "INSERT" => insert(sql, &calls),
        "UPDATE" => {
            let (before, condition) = sql.rsplit_once("WHERE")?;
            let (before, condition) = (of_call(before), of_call(condition));
            Some(format!("{before} FROM {calls} WHERE {condition}"))
        }
        _ => None,
    }
}

/// `VALUES (?1, …)` reads from the calls instead; what follows it may name no parameter.
fn insert(sql: &str, calls: &str) -> Option<String> {
    let (before, rest) = sql.split_once("VALUES (")?;
    let (values, after) = rest.split_once(')')?;
    if before.contains('?') || after.contains('?') {
        return None;
    }
    Some(format!(
        "{before}SELECT {} FROM {calls}{after}",
        of_call(values)
    ))
}

fn of_call(sql: &str) -> String {
    sql.replace('?', "call.p")
}

/// The arrays as rows: `unnest($1::text[], …) WITH ORDINALITY AS call (p1, …, n)`.
fn calls(types: &[Type]) -> Option<String> {
    let mut arrays = String::new();
    let mut names = String::new();
    for (at, ty) in types.iter().enumerate() {
        let name = match *ty {
            Type::BYTEA => "bytea",
            Type::INT4 | Type::INT8 => "bigint",
            Type::TEXT => "text",
            _ => return None,
        };
        let number = at + 1;
        let separator = if at == 0 { "" } else { ", " };
        write!(arrays, "{separator}${number}::{name}[]").ok()?;
        write!(names, "p{number}, ").ok()?;
    }
    (!types.is_empty()).then(|| format!("unnest({arrays}) WITH ORDINALITY AS call ({names}n)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_runs_for_each_call() {
        let many = for_many(
            "SELECT a FROM t WHERE b = ?1 AND c > ?2",
            &[Type::TEXT, Type::INT8],
        );
        assert_eq!(
            many.unwrap(),
            "SELECT call.n, found.* FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY \
             AS call (p1, p2, n) CROSS JOIN LATERAL (SELECT a FROM t WHERE b = call.p1 AND \
             c > call.p2) AS found"
        );
    }

    #[test]
    fn rows_of_all_calls_are_inserted_at_once() {
        let sql = "INSERT INTO t (a, b) VALUES (?1, ?2) ON CONFLICT (a) DO NOTHING";
        assert_eq!(
            for_many(sql, &[Type::TEXT, Type::BYTEA]).unwrap(),
            "INSERT INTO t (a, b) SELECT call.p1, call.p2 FROM unnest($1::text[], $2::bytea[]) \
             WITH ORDINALITY AS call (p1, p2, n) ON CONFLICT (a) DO NOTHING"
        );
    }

    #[test]
    fn rows_of_all_calls_are_updated_at_once() {
        assert_eq!(
            for_many(
                "UPDATE t SET a = ?2 WHERE b = ?1",
                &[Type::TEXT, Type::INT8]
            )
            .unwrap(),
            "UPDATE t SET a = call.p2  FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY \
             AS call (p1, p2, n) WHERE  b = call.p1"
        );
    }

    #[test]
    fn what_cannot_be_put_so_is_not() {
        let upsert = "INSERT INTO t (a) VALUES (?1) ON CONFLICT (a) DO UPDATE SET a = ?1";
        assert!(for_many(upsert, &[Type::INT8]).is_none());
        assert!(for_many("DELETE FROM t WHERE a = ?1", &[Type::INT8]).is_none());
        assert!(for_many("SELECT a FROM t", &[]).is_none());
        assert!(for_many("SELECT a FROM t WHERE b = ?1", &[Type::FLOAT8]).is_none());
    }
}
