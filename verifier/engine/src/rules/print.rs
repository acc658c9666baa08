//! A tree as its canonical text: what is equal is printed as the same, and read again as equal.

use std::fmt::{self, Display, Write};

use super::syntax::{Arithmetic, Case, Expr, Literal, Named, Node, Otherwise, Rule, Set, Show};
use crate::{Effect, attribute::Decimal};

/// How tightly an expression holds together, loosest first.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum Binding {
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Product,
    Else,
    Tightest,
}

/// Prints a set, with its comments or without.
pub(super) fn print(set: &Set, with_comments: bool) -> String {
    let mut printer = Printer {
        out: String::new(),
        with_comments,
    };
    for (index, rule) in set.rules.iter().enumerate() {
        if index > 0 {
            printer.out.push('\n');
        }
        printer.rule(rule);
    }
    if with_comments && !set.comments.is_empty() {
        if !set.rules.is_empty() {
            printer.out.push('\n');
        }
        printer.comments("", &set.comments);
    }
    printer.out
}

struct Printer {
    out: String,
    with_comments: bool,
}

impl Printer {
    fn rule(&mut self, rule: &Rule) {
        self.comments("", &rule.comments);
        self.line("", &format_args!("rule {}", Quoted(&rule.name.text)));
        for case in &rule.cases {
            self.case(case);
        }
        if let Some(Otherwise {
            comments,
            reason,
            shows,
        }) = &rule.otherwise
        {
            self.comments("  ", comments);
            self.line("  ", &format_args!("otherwise reason {}", reason.text));
            self.shows(shows.as_deref());
        }
    }

    fn case(&mut self, case: &Case) {
        self.comments("  ", &case.comments);
        self.line(
            "  ",
            &format_args!("when {}", Printed(&case.when, Binding::Or)),
        );
        let points = match (case.points, case.effect) {
            (0, _) | (_, Effect::None) => String::new(),
            (points, _) => format!(" points {points}"),
        };
        let (effect, reason) = (case.effect.as_str(), &case.reason.text);
        self.line(
            "    ",
            &format_args!("then {effect}{points} reason {reason}"),
        );
        self.shows(case.shows.as_deref());
    }

    fn shows(&mut self, shows: Option<&[Show]>) {
        let Some(shows) = shows else { return };
        let shows: Vec<_> = shows.iter().map(show).collect();
        self.line("    ", &format_args!("show {}", shows.join(", ")));
    }

    fn comments(&mut self, indent: &str, comments: &[String]) {
        if !self.with_comments {
            return;
        }
        for comment in comments {
            let space = if comment.is_empty() { "" } else { " " };
            self.line(indent, &format_args!("#{space}{comment}"));
        }
    }

    fn line(&mut self, indent: &str, line: &dyn Display) {
        // Unwrap safety: writing to a string cannot fail; there is nothing to unwrap.
        let _ = writeln!(self.out, "{indent}{line}");
    }
}

fn show(Show { name, value }: &Show) -> String {
    let value = Printed(value, Binding::Or);
    match name {
        Some(Named { text, .. }) => format!("{text} = {value}"),
        None => value.to_string(),
    }
}

/// An expression where at least that binding is needed.
struct Printed<'a>(&'a Expr, Binding);

impl Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(expr, needed) = self;
        match binding(&expr.node) < *needed {
            true => write!(f, "({})", Printed(expr, Binding::Or)),
            false => node(&expr.node, f),
        }
    }
}

fn binding(node: &Node) -> Binding {
    match node {
        Node::Any(_) => Binding::Or,
        Node::All(_) => Binding::And,
        Node::Not(inner) if is_membership(&inner.node) => Binding::Comparison,
        Node::Not(_) => Binding::Not,
        Node::Compare(..) | Node::InList(..) | Node::InSet(..) => Binding::Comparison,
        Node::Arithmetic(Arithmetic::Multiply, _) => Binding::Product,
        Node::Arithmetic(..) => Binding::Sum,
        Node::Else(..) => Binding::Else,
        _ => Binding::Tightest,
    }
}

fn is_membership(node: &Node) -> bool {
    matches!(node, Node::InList(..) | Node::InSet(..))
}

fn node(node: &Node, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match node {
        Node::All(operands) => joined(operands, " and ", Binding::Not, f),
        Node::Any(operands) => joined(operands, " or ", Binding::And, f),
        Node::Arithmetic(operator, operands) => {
            let [left, right] = &**operands;
            let (first, second) = match operator {
                Arithmetic::Multiply => (Binding::Product, Binding::Else),
                Arithmetic::Add | Arithmetic::Subtract => (Binding::Sum, Binding::Product),
            };
            let (left, right) = (Printed(left, first), Printed(right, second));
            write!(f, "{left} {} {right}", operator.as_str())
        }
        Node::Attribute(name) => f.write_str(name),
        Node::Compare(comparison, operands) => {
            let [left, right] = &**operands;
            let [left, right] = [left, right].map(|operand| Printed(operand, Binding::Sum));
            write!(f, "{left} {} {right}", comparison.as_str())
        }
        Node::Else(name, otherwise) => {
            write!(
                f,
                "{} else {}",
                name.text,
                Printed(otherwise, Binding::Else)
            )
        }
        Node::Entry(list) => write!(f, "entry(@{})", list.text),
        Node::InList(..) | Node::InSet(..) => membership(node, "", f),
        Node::Known(name) => write!(f, "known({})", name.text),
        Node::Literal(value) => literal(value, f),
        Node::Not(inner) if is_membership(&inner.node) => membership(&inner.node, "not ", f),
        Node::Not(inner) => write!(f, "not {}", Printed(inner, Binding::Not)),
        Node::Points => f.write_str("points"),
        Node::Text(test, operands) => {
            let [whole, part] = operands
                .each_ref()
                .map(|operand| Printed(operand, Binding::Or));
            write!(f, "{}({whole}, {part})", test.as_str())
        }
        Node::Unknown(name) => write!(f, "unknown({})", name.text),
    }
}

fn joined(
    operands: &[Expr],
    word: &str,
    needed: Binding,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (index, operand) in operands.iter().enumerate() {
        let word = if index == 0 { "" } else { word };
        write!(f, "{word}{}", Printed(operand, needed))?;
    }
    Ok(())
}

fn membership(node: &Node, not: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match node {
        Node::InList(value, list) => {
            write!(f, "{} {not}in @{}", Printed(value, Binding::Sum), list.text)
        }
        Node::InSet(value, set) => {
            write!(f, "{} {not}in [", Printed(value, Binding::Sum))?;
            for (index, (_, item)) in set.iter().enumerate() {
                f.write_str(if index == 0 { "" } else { ", " })?;
                literal(item, f)?;
            }
            f.write_char(']')
        }
        _ => Ok(()),
    }
}

fn literal(literal: &Literal, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match literal {
        Literal::Boolean(value) => write!(f, "{value}"),
        Literal::Decimal(value) => write!(f, "{value}"),
        Literal::Duration(ms) => {
            let (count, unit) = DURATIONS
                .iter()
                .find(|(_, length)| ms % length == 0)
                .map_or((*ms, "ms"), |(unit, length)| (ms / length, *unit));
            write!(f, "{count}{unit}")
        }
        Literal::Integer(value) => write!(f, "{value}"),
        Literal::Money(micros) => {
            let amount = Decimal::from_millionths(*micros).to_string();
            let places = amount.split_once('.').map_or(0, |(_, places)| places.len());
            let zero = if places < 2 { "0" } else { "" };
            write!(f, "{amount}{zero} USD")
        }
        Literal::Text(text) => Quoted(text).fmt(f),
    }
}

/// Units of time with their milliseconds, longest first.
pub(super) const DURATIONS: [(&str, i64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for character in self.0.chars() {
            if matches!(character, '"' | '\\') {
                f.write_char('\\')?;
            }
            f.write_char(character)?;
        }
        f.write_char('"')
    }
}
