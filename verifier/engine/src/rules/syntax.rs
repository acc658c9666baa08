//! A rule set as a tree. Two trees are equal if they mean the same, wherever it stands.

use super::error::Position;
use crate::{Effect, attribute::Decimal};

/// Rules in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Set {
    pub(super) rules: Vec<Rule>,
    /// Comments behind the last rule.
    pub(super) comments: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) comments: Vec<String>,
    pub(super) name: Named,
    /// The first one whose condition holds answers.
    pub(super) cases: Vec<Case>,
    /// What it answers when none does; without it, nothing.
    pub(super) otherwise: Option<Otherwise>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Case {
    pub(super) comments: Vec<String>,
    pub(super) when: Expr,
    pub(super) effect: Effect,
    pub(super) points: u32,
    pub(super) reason: Named,
    /// `None`: the attributes that the condition reads.
    pub(super) shows: Option<Vec<Show>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Otherwise {
    pub(super) comments: Vec<String>,
    pub(super) reason: Named,
    pub(super) shows: Option<Vec<Show>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Show {
    /// `None`: the attribute's own.
    pub(super) name: Option<Named>,
    pub(super) value: Expr,
}

/// A name and its place.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) at: Position,
    pub(super) text: String,
}

impl PartialEq for Named {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// An expression and its place.
#[derive(Clone, Debug)]
pub(super) struct Expr {
    pub(super) at: Position,
    pub(super) node: Node,
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    All(Vec<Expr>),
    Any(Vec<Expr>),
    Arithmetic(Arithmetic, Box<[Expr; 2]>),
    Attribute(String),
    Compare(Comparison, Box<[Expr; 2]>),
    /// An attribute, and what stands for it where it is unknown.
    Else(Named, Box<Expr>),
    /// The entry by which a list holds what the condition looked up in it.
    Entry(Named),
    InList(Box<Expr>, Named),
    InSet(Box<Expr>, Vec<(Position, Literal)>),
    Known(Named),
    Literal(Literal),
    Not(Box<Expr>),
    /// Sum of the points of the rules before.
    Points,
    Text(TextTest, Box<[Expr; 2]>),
    Unknown(Named),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Boolean(bool),
    Decimal(Decimal),
    /// Milliseconds.
    Duration(i64),
    Integer(i64),
    /// Millionths of a US dollar.
    Money(i64),
    Text(String),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Arithmetic {
    Add,
    Multiply,
    Subtract,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Comparison {
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    NotEqual,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum TextTest {
    Contains,
    EndsWith,
    StartsWith,
}

impl Arithmetic {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Multiply => "*",
            Self::Subtract => "-",
        }
    }
}

impl Comparison {
    pub(super) const ALL: [Self; 6] = [
        Self::Equal,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Less,
        Self::LessOrEqual,
        Self::NotEqual,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::NotEqual => "!=",
        }
    }

    pub(super) const fn is_of_order(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }
}

impl TextTest {
    pub(super) const ALL: [Self; 3] = [Self::Contains, Self::EndsWith, Self::StartsWith];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::EndsWith => "ends_with",
            Self::StartsWith => "starts_with",
        }
    }
}
