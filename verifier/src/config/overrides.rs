//! Environment variables laid over the configuration file.

use toml::{Table, Value};

use super::ConfigError;

const PREFIX: &str = "WAXSEAL_VERIFIER__";

/// The overrides among the process's environment. What else is in it is nobody's business here, and may
/// be no text at all.
pub(super) fn of_process() -> Result<Vec<(String, String)>, ConfigError> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .map(|(name, value)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(ConfigError::new(format!("{name} is not UTF-8"))),
        })
        .collect()
}

/// Lays `WAXSEAL_VERIFIER__SECTION__OPTION=value` over `table`. A value that reads as TOML (a number,
/// an array) is taken as such, anything else as a string.
pub(super) fn apply(
    table: &mut Table,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    for (name, value) in environment {
        let Some(path) = name.strip_prefix(PREFIX) else {
            continue;
        };
        let path = path.to_ascii_lowercase();
        let Some((section, option)) = path.split_once("__") else {
            return Err(ConfigError::new(format!(
                "{name} names no option: use {PREFIX}SECTION__OPTION"
            )));
        };
        let section = table
            .entry(section)
            .or_insert_with(|| Value::Table(Table::new()))
            .as_table_mut()
            .ok_or_else(|| ConfigError::new(format!("{name}: not a section")))?;
        section.insert(option.to_owned(), read(&value));
    }
    Ok(())
}

fn read(value: &str) -> Value {
    format!("value = {value}")
        .parse::<Table>()
        .ok()
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| Value::String(value.to_owned()))
}
