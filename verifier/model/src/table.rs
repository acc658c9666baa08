//! Rows of features with their labels, column by column.

use std::collections::HashSet;

use crate::{
    error::{ModelError, refuse},
    forest::MAX_FEATURES,
};

/// Rows that a table may have.
pub const MAX_ROWS: usize = 10_000_000;

/// Features' values, and for each row whether it was fraud.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    features: Vec<String>,
    columns: Vec<Vec<f32>>,
    labels: Vec<bool>,
}

/// Which columns of a CSV file are what.
#[derive(Clone, Debug)]
pub struct Columns<'a> {
    /// The features, in the order in which the model will know them.
    pub features: &'a [String],
    /// 1 for fraud, 0 for none.
    pub label: &'a str,
    /// Further columns of whole numbers that are asked for beside: a customer, a day.
    pub beside: &'a [&'a str],
}

impl Table {
    /// Puts columns together; NaN is a missing value.
    ///
    /// # Errors
    /// When columns differ in length, names are double or not usable, or a value is infinite.
    pub fn new(
        features: Vec<String>,
        columns: Vec<Vec<f32>>,
        labels: Vec<bool>,
    ) -> Result<Self, ModelError> {
        check_names(&features)?;
        if features.len() != columns.len() {
            return refuse("there are not as many columns as features");
        }
        if labels.is_empty() || labels.len() > MAX_ROWS {
            return refuse(format!("{} rows; give 1 to {MAX_ROWS}", labels.len()));
        }
        for (name, column) in features.iter().zip(&columns) {
            if column.len() != labels.len() {
                return refuse(format!("the column {name} is not as long as the labels"));
            }
            if column.iter().any(|value| value.is_infinite()) {
                return refuse(format!("the column {name} has an infinite value"));
            }
        }
        Ok(Self {
            features,
            columns,
            labels,
        })
    }

    /// Reads CSV with a header (RFC 4180). An empty field is a missing value. Gives the table and the columns beside.
    ///
    /// # Errors
    /// With the line: a column is not there or there twice, a field is no finite number, a label neither 0 nor 1.
    pub fn read_csv(
        csv: impl std::io::Read,
        wanted: &Columns<'_>,
    ) -> Result<(Self, Vec<Vec<i64>>), ModelError> {
        let mut reader = csv::Reader::from_reader(csv);
        let header = reader.headers().map_err(|error| broken(&error))?.clone();
        let find = |name: &str| {
            let mut found = header
                .iter()
                .enumerate()
                .filter(|(_, other)| *other == name);
            match (found.next(), found.next()) {
                (Some((at, _)), None) => Ok(at),
                (None, _) => refuse(format!("there is no column {name}")),
                (Some(_), Some(_)) => refuse(format!("the column {name} is there twice")),
            }
        };
        check_names(wanted.features)?;
        let places: Vec<usize> = wanted
            .features
            .iter()
            .map(|name| find(name))
            .collect::<Result<_, _>>()?;
        if wanted.features.iter().any(|name| name == wanted.label) {
            return refuse(format!(
                "{} is the label and cannot be a feature",
                wanted.label
            ));
        }
        let label = find(wanted.label)?;
        let beside: Vec<usize> = wanted
            .beside
            .iter()
            .map(|name| find(name))
            .collect::<Result<_, _>>()?;
        let mut columns = vec![Vec::new(); places.len()];
        let mut besides = vec![Vec::new(); beside.len()];
        let mut labels = Vec::new();
        let mut record = csv::StringRecord::new();
        while reader
            .read_record(&mut record)
            .map_err(|error| broken(&error))?
        {
            let line = record.position().map_or(0, csv::Position::line);
            let field = |at: usize| record.get(at).unwrap_or_default().trim();
            if labels.len() == MAX_ROWS {
                return refuse(format!("more than {MAX_ROWS} rows"));
            }
            labels.push(match field(label) {
                "0" => false,
                "1" => true,
                _ => return refuse(format!("line {line}: {} is neither 0 nor 1", wanted.label)),
            });
            for ((column, at), name) in columns.iter_mut().zip(&places).zip(wanted.features) {
                column.push(number(field(*at)).ok_or_else(|| {
                    ModelError::new(format!("line {line}: {name} is no finite number"))
                })?);
            }
            for ((column, at), name) in besides.iter_mut().zip(&beside).zip(wanted.beside) {
                column.push(field(*at).parse().map_err(|_| {
                    ModelError::new(format!("line {line}: {name} is no whole number"))
                })?);
            }
        }
        let table = Self::new(wanted.features.to_vec(), columns, labels)?;
        Ok((table, besides))
    }

    /// Names of the features.
    pub fn features(&self) -> &[String] {
        &self.features
    }

    /// Values of each feature.
    pub fn columns(&self) -> &[Vec<f32>] {
        &self.columns
    }

    /// Whether each row was fraud.
    pub fn labels(&self) -> &[bool] {
        &self.labels
    }

    /// How many rows.
    pub const fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no rows.
    pub const fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// How many of them are fraud.
    pub fn positives(&self) -> usize {
        self.labels.iter().filter(|label| **label).count()
    }

    /// One row's values.
    pub fn row(&self, at: usize) -> Vec<f32> {
        self.columns.iter().map(|column| column[at]).collect()
    }

    /// The rows that are chosen.
    ///
    /// # Errors
    /// When there are none.
    pub fn select(&self, rows: &[usize]) -> Result<Self, ModelError> {
        let of = |column: &Vec<f32>| rows.iter().map(|row| column[*row]).collect();
        Self::new(
            self.features.clone(),
            self.columns.iter().map(of).collect(),
            rows.iter().map(|row| self.labels[*row]).collect(),
        )
    }
}

/// Names of a CSV file's columns.
///
/// # Errors
/// When it cannot be read, or has no header.
pub fn header(csv: impl std::io::Read) -> Result<Vec<String>, ModelError> {
    let mut reader = csv::Reader::from_reader(csv);
    let header = reader.headers().map_err(|error| broken(&error))?;
    Ok(header.iter().map(str::to_owned).collect())
}

/// Checks that names are there, short, printable and single.
///
/// # Errors
/// Names the first that is not.
pub(crate) fn check_names(names: &[String]) -> Result<(), ModelError> {
    if names.is_empty() || names.len() > MAX_FEATURES {
        return refuse(format!(
            "{} features; there may be 1 to {MAX_FEATURES}",
            names.len()
        ));
    }
    let mut seen = HashSet::new();
    for name in names {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        if name.is_empty() || name.len() > 64 || !name.bytes().all(is_word) {
            return refuse(
                "a feature's name is 1 to 64 letters, digits, dots, hyphens and underscores",
            );
        }
        if !seen.insert(name) {
            return refuse(format!("the feature {name} is there twice"));
        }
    }
    Ok(())
}

fn number(field: &str) -> Option<f32> {
    if field.is_empty() {
        return Some(f32::NAN);
    }
    field.parse().ok().filter(|value: &f32| value.is_finite())
}

fn broken(error: &csv::Error) -> ModelError {
    let line = error.position().map_or(0, csv::Position::line);
    ModelError::new(match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("line {line}: {len} fields where the header has {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => format!("line {line}: not UTF-8"),
        csv::ErrorKind::Io(error) => format!("cannot be read: {error}"),
        _ => format!("line {line}: no CSV"),
    })
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "as they were written")]
mod tests {
    use super::*;

    fn read(csv: &str) -> Result<(Table, Vec<Vec<i64>>), ModelError> {
        let features = ["a".to_owned(), "b".to_owned()];
        let wanted = Columns {
            features: &features,
            label: "y",
            beside: &["day"],
        };
        Table::read_csv(csv.as_bytes(), &wanted)
    }

    #[test]
    fn columns_are_found_by_name_and_empty_is_missing() {
        let (table, beside) = read("day,b,y,x,a\n3,1.5,1,t,-2\n4,,0,t,1e3\n").unwrap();
        assert_eq!(table.labels(), [true, false]);
        assert_eq!(table.columns()[0], [-2.0, 1000.0]);
        assert_eq!(table.columns()[1][0], 1.5);
        assert!(table.columns()[1][1].is_nan());
        assert_eq!(beside, [vec![3, 4]]);
    }

    #[test]
    fn what_cannot_be_used_is_named_with_its_line() {
        for (csv, message) in [
            ("a,y,day\n1,0,1\n", "there is no column b"),
            ("a,b,a,y,day\n1,1,1,0,1\n", "the column a is there twice"),
            ("a,b,day\n1,1,1\n", "there is no column y"),
            (
                "a,b,y,day\n1,1,0,1\n1,NaN,0,1\n",
                "line 3: b is no finite number",
            ),
            ("a,b,y,day\n1,inf,0,1\n", "line 2: b is no finite number"),
            ("a,b,y,day\n1,1e39,0,1\n", "line 2: b is no finite number"),
            ("a,b,y,day\n1,x,0,1\n", "line 2: b is no finite number"),
            ("a,b,y,day\n1,1,2,1\n", "line 2: y is neither 0 nor 1"),
            ("a,b,y,day\n1,1,,1\n", "line 2: y is neither 0 nor 1"),
            ("a,b,y,day\n1,1,0,x\n", "line 2: day is no whole number"),
            (
                "a,b,y,day\n1,1,0\n",
                "line 2: 3 fields where the header has 4",
            ),
            ("a,b,y,day\n", "0 rows; give 1 to 10000000"),
            ("", "there is no column a"),
        ] {
            assert_eq!(read(csv).unwrap_err().to_string(), message, "{csv}");
        }
        assert!(
            Table::read_csv(
                &b"a\n\xff\n"[..],
                &Columns {
                    features: &["a".to_owned()],
                    label: "a",
                    beside: &[]
                }
            )
            .is_err()
        );
    }
}
