//! Expressions, loosest first: `or`, `and`, `not`, comparisons and membership, `+ -`, `*`, `else`.

use super::{
    bounds::{MAX_CHAIN, MAX_DEPTH, MAX_OPERANDS, MAX_SET},
    error::{Position, RuleErrorCode},
    lexer::Token,
    parser::{Failed, Parser},
    print::DURATIONS,
    syntax::{Arithmetic, Comparison, Expr, Literal, Named, Node, TextTest},
};
use crate::attribute::Decimal;

/// Words that are no attribute's name.
const KEYWORDS: [&str; 14] = [
    "and",
    "else",
    "in",
    "not",
    "or",
    "otherwise",
    "points",
    "reason",
    "rule",
    "show",
    "then",
    "true",
    "false",
    "when",
];

type Parsed = Result<Expr, Failed>;

impl Parser<'_, '_> {
    pub(super) fn expression(&mut self) -> Parsed {
        self.deeper(|parser| {
            parser.joined("or", Node::Any, |parser| {
                parser.joined("and", Node::All, Self::negation)
            })
        })
    }

    fn joined(
        &mut self,
        word: &str,
        node: fn(Vec<Expr>) -> Node,
        operand: impl Fn(&mut Self) -> Parsed,
    ) -> Parsed {
        let at = self.at();
        let first = operand(self)?;
        if !self.is_word(word) {
            return Ok(first);
        }
        let mut operands = vec![first];
        while self.take_word(word) {
            if operands.len() == MAX_OPERANDS {
                let message = format!("{word} joins at most {MAX_OPERANDS} operands");
                self.error(RuleErrorCode::BoundExceeded, message);
                return Err(Failed);
            }
            operands.push(operand(self)?);
        }
        let node = node(operands);
        Ok(Expr { at, node })
    }

    fn negation(&mut self) -> Parsed {
        let at = self.at();
        if !self.take_word("not") {
            return self.comparison();
        }
        let inner = self.deeper(Self::negation)?;
        let node = Node::Not(Box::new(inner));
        Ok(Expr { at, node })
    }

    fn comparison(&mut self) -> Parsed {
        let left = self.sum()?;
        let at = left.at;
        let found = Comparison::ALL
            .into_iter()
            .find(|comparison| self.take_symbol(comparison.as_str()));
        if let Some(comparison) = found {
            let right = self.sum()?;
            let node = Node::Compare(comparison, Box::new([left, right]));
            return Ok(Expr { at, node });
        }
        let is_not = self.is_word("not") && matches!(self.after(), Token::Word("in"));
        if is_not {
            self.advance();
        }
        if !self.take_word("in") {
            return Ok(left);
        }
        let node = self.membership(left)?;
        Ok(match is_not {
            true => Expr {
                at,
                node: Node::Not(Box::new(Expr { at, node })),
            },
            false => Expr { at, node },
        })
    }

    fn membership(&mut self, value: Expr) -> Result<Node, Failed> {
        let at = self.at();
        if let Token::List(name) = *self.token() {
            self.advance();
            let text = name.to_owned();
            return Ok(Node::InList(Box::new(value), Named { at, text }));
        }
        if !self.take_symbol("[") {
            return self.unexpected("a list such as @name, or values between [ and ]");
        }
        let mut set = Vec::new();
        loop {
            if set.len() == MAX_SET {
                let message = format!("there are at most {MAX_SET} values between [ and ]");
                self.error_at(at, RuleErrorCode::BoundExceeded, message);
                return Err(Failed);
            }
            let at = self.at();
            match self.literal()? {
                Some(literal) => set.push((at, literal)),
                None => return self.unexpected("a value"),
            }
            if !self.take_symbol(",") {
                break;
            }
        }
        self.symbol("]")?;
        Ok(Node::InSet(Box::new(value), set))
    }

    fn sum(&mut self) -> Parsed {
        self.chain(&[Arithmetic::Add, Arithmetic::Subtract], |parser| {
            parser.chain(&[Arithmetic::Multiply], Self::primary)
        })
    }

    /// `a - b - c` is `(a - b) - c`: each operator makes the tree one deeper.
    fn chain(&mut self, operators: &[Arithmetic], operand: impl Fn(&mut Self) -> Parsed) -> Parsed {
        let mut left = operand(self)?;
        for _ in 0..=MAX_CHAIN {
            let found = operators
                .iter()
                .find(|operator| self.take_symbol(operator.as_str()));
            let Some(operator) = found else {
                return Ok(left);
            };
            let right = operand(self)?;
            left = Expr {
                at: left.at,
                node: Node::Arithmetic(*operator, Box::new([left, right])),
            };
        }
        let message = format!("at most {MAX_CHAIN} operators follow each other");
        self.error(RuleErrorCode::BoundExceeded, message);
        Err(Failed)
    }

    fn primary(&mut self) -> Parsed {
        let at = self.at();
        if let Some(literal) = self.literal()? {
            let node = Node::Literal(literal);
            return Ok(Expr { at, node });
        }
        if self.take_symbol("(") {
            let inner = self.expression()?;
            self.symbol(")")?;
            return Ok(inner);
        }
        let Token::Word(word) = *self.token() else {
            return self.unexpected("a value");
        };
        if KEYWORDS.contains(&word) && word != "points" {
            return self.unexpected("a value");
        }
        if word == "points" {
            self.advance();
            return Ok(Expr {
                at,
                node: Node::Points,
            });
        }
        if matches!(self.after(), Token::Symbol("(")) {
            let node = self.call(word)?;
            return Ok(Expr { at, node });
        }
        let name = self.attribute_name()?;
        let node = match self.take_word("else") {
            true => Node::Else(name, Box::new(self.deeper(Self::primary)?)),
            false => Node::Attribute(name.text),
        };
        Ok(Expr { at, node })
    }

    fn call(&mut self, function: &str) -> Result<Node, Failed> {
        let test = TextTest::ALL
            .into_iter()
            .find(|test| test.as_str() == function);
        let is_known = matches!(function, "known" | "unknown" | "entry");
        if test.is_none() && !is_known {
            return self.unexpected("known, unknown, starts_with, ends_with, contains or entry");
        }
        self.advance();
        self.symbol("(")?;
        let node = match (test, function) {
            (Some(test), _) => {
                let whole = self.expression()?;
                self.symbol(",")?;
                Node::Text(test, Box::new([whole, self.expression()?]))
            }
            (None, "known") => Node::Known(self.attribute_name()?),
            (None, "unknown") => Node::Unknown(self.attribute_name()?),
            (None, _) => Node::Entry(self.list_name()?),
        };
        self.symbol(")")?;
        Ok(node)
    }

    fn list_name(&mut self) -> Result<Named, Failed> {
        let at = self.at();
        let Token::List(name) = *self.token() else {
            return self.unexpected("a list such as @name");
        };
        self.advance();
        let text = name.to_owned();
        Ok(Named { at, text })
    }

    fn attribute_name(&mut self) -> Result<Named, Failed> {
        let at = self.at();
        match *self.token() {
            Token::Word(word) if !KEYWORDS.contains(&word) => {
                self.advance();
                let text = word.to_owned();
                Ok(Named { at, text })
            }
            _ => self.unexpected("an attribute"),
        }
    }

    /// A literal, with its sign and unit; `None` where none stands.
    fn literal(&mut self) -> Result<Option<Literal>, Failed> {
        let literal = match self.token() {
            Token::Text(text) => Literal::Text(text.clone()),
            Token::Word("true") => Literal::Boolean(true),
            Token::Word("false") => Literal::Boolean(false),
            Token::Number { digits, suffix } => return self.number("", digits, suffix).map(Some),
            Token::Symbol("-") => {
                self.advance();
                let Token::Number { digits, suffix } = self.token() else {
                    return self.unexpected("a number");
                };
                return self.number("-", digits, suffix).map(Some);
            }
            _ => return Ok(None),
        };
        self.advance();
        Ok(Some(literal))
    }

    fn number(&mut self, sign: &str, digits: &str, suffix: &str) -> Result<Literal, Failed> {
        let at = self.at();
        self.advance();
        let text = format!("{sign}{digits}");
        let is_money = suffix.is_empty() && self.take_word("USD");
        let literal = match (suffix, is_money) {
            (_, true) => Decimal::parse(&text).map(|amount| Literal::Money(amount.millionths())),
            ("", false) if digits.contains('.') => Decimal::parse(&text).map(Literal::Decimal),
            ("", false) => text.parse().ok().map(Literal::Integer),
            (unit, false) => duration(&text, unit),
        };
        literal.ok_or_else(|| self.number_invalid(at))
    }

    fn number_invalid(&mut self, at: Position) -> Failed {
        let message = "no number of 64 bits with at most 6 places after the point, or of the units \
            USD, ms, s, m, h, d";
        self.error_at(at, RuleErrorCode::NumberInvalid, message);
        Failed
    }

    /// What is inside what: the stack has to hold it when it is read, checked and printed.
    fn deeper(&mut self, parse: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        if self.depth == MAX_DEPTH {
            return self.too_deep();
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn too_deep(&mut self) -> Parsed {
        let message = format!("expressions are at most {MAX_DEPTH} deep");
        self.error(RuleErrorCode::BoundExceeded, message);
        Err(Failed)
    }
}

fn duration(count: &str, unit: &str) -> Option<Literal> {
    let count: i64 = count.parse().ok()?;
    let (_, length) = DURATIONS.iter().find(|(name, _)| *name == unit)?;
    count.checked_mul(*length).map(Literal::Duration)
}
