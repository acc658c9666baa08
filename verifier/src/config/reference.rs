//! The reference of every option, from the doc comments and defaults of the structs that they are read into.

use std::fmt::Write;

use schemars::schema_for;
use serde_json::{Map, Value};

use super::Config;

const HEAD: &str = "# Configuration

Written by `verifier config reference`; a test compares. One TOML file; each option may be given, or overridden, by an
environment variable as well, whose value is read as TOML where it is some. What is no option, in the file or in the
environment, refuses to start. Paths count from the file's folder. `verifier config check FILE` says whether a file can be
used, `verifier doctor` whether it should be.
";

/// Markdown: a table for each section.
pub fn reference() -> String {
    let root = schema_for!(Config).to_value();
    let mut text = HEAD.to_owned();
    for (section, schema) in members(&root) {
        let meaning = one_line(schema);
        let meaning = match is_required(&root, section) {
            true => format!("{meaning} Required."),
            false => meaning,
        };
        match schema.get("items") {
            // As a list of tables it is overridden as a whole.
            Some(item) => {
                let name = format!("[{section}]");
                write_section(&mut text, &root, &name, resolved(&root, item), &meaning);
            }
            None => write_section(&mut text, &root, section, resolved(&root, schema), &meaning),
        }
    }
    text
}

fn write_section(text: &mut String, root: &Value, section: &str, schema: &Value, meaning: &str) {
    // To a String nothing fails.
    let _ = write!(text, "\n## `[{section}]`\n\n{meaning}\n\n");
    text.push_str(
        "| option | environment | type | if left out | meaning |\n|---|---|---|---|---|\n",
    );
    let mut inner = Vec::new();
    for (name, option) in members(schema) {
        let target = resolved(root, option);
        if target.get("properties").is_some() {
            inner.push((format!("{section}.{name}"), option));
            continue;
        }
        // A table inside a section is overridden as a whole.
        let variable = match section.contains(['.', '[']) {
            true => String::new(),
            false => format!("`WAXSEAL_VERIFIER__{section}__{name}`").to_uppercase(),
        };
        let left_out = match option.get("default") {
            Some(Value::Null) | None if is_required(schema, name) => "refused".to_owned(),
            Some(Value::Null) | None => "none".to_owned(),
            Some(default) => format!("`{default}`"),
        };
        let meaning = match one_line(option) {
            meaning if meaning.is_empty() => one_line(target),
            meaning => meaning,
        };
        let kind = kind(root, option);
        let _ = writeln!(
            text,
            "| `{name}` | {variable} | {kind} | {left_out} | {meaning} |"
        );
    }
    for (name, schema) in inner {
        write_section(text, root, &name, resolved(root, schema), &one_line(schema));
    }
}

fn members(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flat_map(Map::iter)
}

/// What an option, or an optional one, refers to.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(Value::String(reference)) = schema.get("$ref") {
        let found = root.pointer(reference.trim_start_matches('#'));
        return found.unwrap_or(schema);
    }
    let any = schema.get("anyOf").and_then(Value::as_array);
    let some = any.into_iter().flatten().find(|one| one["type"] != "null");
    some.map_or(schema, |some| resolved(root, some))
}

fn is_required(schema: &Value, name: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    required.into_iter().flatten().any(|one| one == name)
}

fn kind(root: &Value, option: &Value) -> String {
    let target = resolved(root, option);
    let named = |value: &Value| match value.as_str() {
        Some("integer" | "number") => "number",
        Some("boolean") => "`true` or `false`",
        Some("array") => "list",
        Some("object") => "table",
        _ => "text",
    };
    if let Some(values) = target.get("oneOf").and_then(Value::as_array) {
        let values: Vec<_> = values
            .iter()
            .map(|one| format!("`{}`", one["const"]))
            .collect();
        return values.join(" or ");
    }
    match &target["type"] {
        Value::Array(all) => named(
            all.iter()
                .find(|one| *one != "null")
                .unwrap_or(&Value::Null),
        ),
        one => named(one),
    }
    .to_owned()
}

fn one_line(schema: &Value) -> String {
    let text = schema.get("description").and_then(Value::as_str);
    let lines = text.unwrap_or_default().lines().map(str::trim);
    lines.collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::initial_file;

    #[test]
    fn the_reference_is_the_code() {
        let kept = include_str!("../../../docs/configuration.md");
        assert_eq!(
            kept,
            reference(),
            "verifier config reference > docs/configuration.md"
        );
    }

    #[test]
    fn every_option_has_a_meaning() {
        let reference = reference();
        let rows = reference.lines().filter(|line| line.starts_with("| `"));
        for row in rows {
            let meaning = row.trim_matches('|').rsplit(" | ").next().unwrap();
            assert!(meaning.trim().len() > 5, "{row}");
        }
    }

    #[test]
    fn every_option_of_the_initial_file_is_in_it() {
        let file = initial_file(std::path::Path::new("dist"), None);
        let reference = reference();
        let mut section = String::new();
        for line in file.lines() {
            if let Some(name) = line.strip_prefix('[') {
                name.trim_end_matches(']').clone_into(&mut section);
            } else if let Some((option, _)) = line.split_once(" = ")
                && !line.starts_with('#')
                && !section.contains('.')
            {
                let (_, table) = reference.split_once(&format!("## `[{section}]`")).unwrap();
                let table = table.split("\n## ").next().unwrap();
                assert!(
                    table.contains(&format!("| `{option}` |")),
                    "{section}.{option}"
                );
            }
        }
    }
}
