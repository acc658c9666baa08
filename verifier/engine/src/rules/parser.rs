//! Tokens to a tree: recursive descent, which goes on behind a mistake so that all of them are told.

use super::{
    bounds::{MAX_CASES, MAX_NAME, MAX_POINTS, MAX_RULES, MAX_SHOWS},
    error::{Errors, Position, RuleErrorCode},
    lexer::{Lexed, Token, is_name, lex},
    syntax::{Case, Named, Otherwise, Rule, Set, Show},
};
use crate::Effect;

/// Bytes of a name that a message repeats, at most.
const MAX_REPEATED: usize = 40;

/// Reads a whole text. Where there were errors, the tree has what could be read.
pub(super) fn parse(text: &str, errors: &mut Errors) -> Set {
    let Lexed { tokens, comments } = lex(text, errors);
    let mut parser = Parser {
        tokens: &tokens,
        next: 0,
        comments: &comments,
        depth: 0,
        errors,
    };
    parser.set()
}

/// A mistake was told; what was begun cannot be read to its end.
pub(super) struct Failed;

pub(super) struct Parser<'a, 'e> {
    tokens: &'a [(Position, Token<'a>)],
    next: usize,
    comments: &'a [(usize, String)],
    pub(super) depth: usize,
    errors: &'e mut Errors,
}

impl<'a> Parser<'a, '_> {
    fn set(&mut self) -> Set {
        let mut set = Set::default();
        while !self.is_at_end() && !self.errors.is_full() {
            if !self.is_word("rule") {
                self.tell_unexpected("a rule");
                self.skip_to(&["rule"]);
                continue;
            }
            if set.rules.len() == MAX_RULES {
                let message = format!("a set has at most {MAX_RULES} rules");
                self.error(RuleErrorCode::BoundExceeded, message);
                break;
            }
            match self.rule() {
                Ok(rule) => set.rules.push(rule),
                Err(Failed) => self.skip_to(&["rule"]),
            }
        }
        self.next = self.tokens.len();
        set.comments = self.comments();
        set
    }

    fn rule(&mut self) -> Result<Rule, Failed> {
        let comments = self.comments();
        self.next += 1;
        let name = self.rule_name()?;
        let mut rule = Rule {
            comments,
            name,
            cases: Vec::new(),
            otherwise: None,
        };
        let mut has_failed = false;
        while self.is_word("when") {
            if rule.cases.len() == MAX_CASES {
                let message = format!("a rule has at most {MAX_CASES} cases");
                self.error(RuleErrorCode::BoundExceeded, message);
                return Err(Failed);
            }
            match self.case() {
                Ok(case) => rule.cases.push(case),
                Err(Failed) => {
                    has_failed = true;
                    self.skip_to(&["rule", "when", "otherwise"]);
                }
            }
        }
        if self.is_word("otherwise") && !rule.cases.is_empty() {
            rule.otherwise = Some(self.otherwise()?);
        }
        match (
            has_failed,
            rule.cases.is_empty(),
            self.is_word("rule") || self.is_at_end(),
        ) {
            (true, ..) => Err(Failed),
            (false, true, _) => self.unexpected("when and a condition"),
            (false, false, false) => self.unexpected("when, otherwise or another rule"),
            (false, false, true) => Ok(rule),
        }
    }

    fn rule_name(&mut self) -> Result<Named, Failed> {
        let at = self.at();
        let Token::Text(text) = self.token() else {
            return self.unexpected("the rule's name in quotes");
        };
        let text = text.clone();
        let is_part = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.')
        };
        if text.is_empty() || text.len() > MAX_NAME || !text.bytes().all(is_part) {
            let message =
                format!("a rule's name has 1 to {MAX_NAME} small letters, digits, _, - and .");
            self.error(RuleErrorCode::NameInvalid, message);
        }
        self.next += 1;
        Ok(Named { at, text })
    }

    fn case(&mut self) -> Result<Case, Failed> {
        let comments = self.comments();
        self.next += 1;
        let when = self.expression()?;
        self.keyword("then")?;
        let effect = self.effect()?;
        let points = match self.take_word("points") {
            true => self.points()?,
            false => 0,
        };
        if effect == Effect::None && points > 0 {
            self.error(RuleErrorCode::SyntaxUnexpected, "none adds no points");
        }
        Ok(Case {
            comments,
            when,
            effect,
            points,
            reason: self.reason()?,
            shows: self.shows()?,
        })
    }

    fn otherwise(&mut self) -> Result<Otherwise, Failed> {
        let comments = self.comments();
        self.next += 1;
        Ok(Otherwise {
            comments,
            reason: self.reason()?,
            shows: self.shows()?,
        })
    }

    fn effect(&mut self) -> Result<Effect, Failed> {
        const EFFECTS: [Effect; 6] = [
            Effect::Allow,
            Effect::Challenge,
            Effect::Flag,
            Effect::None,
            Effect::Reject,
            Effect::Review,
        ];
        let found = EFFECTS
            .into_iter()
            .find(|effect| self.take_word(effect.as_str()));
        match found {
            Some(effect) => Ok(effect),
            None => self.unexpected("reject, review, challenge, allow, flag or none"),
        }
    }

    fn points(&mut self) -> Result<u32, Failed> {
        let Token::Number { digits, suffix: "" } = self.token() else {
            return self.unexpected("a number of points");
        };
        let points = digits.parse().ok().filter(|points| *points <= MAX_POINTS);
        if points.is_none() {
            let message = format!("points are a whole number up to {MAX_POINTS}");
            self.error(RuleErrorCode::NumberInvalid, message);
        }
        self.next += 1;
        Ok(points.unwrap_or(0))
    }

    fn reason(&mut self) -> Result<Named, Failed> {
        self.keyword("reason")?;
        self.name("the reason's code")
    }

    fn shows(&mut self) -> Result<Option<Vec<Show>>, Failed> {
        if !self.take_word("show") {
            return Ok(None);
        }
        let mut shows = Vec::new();
        loop {
            if shows.len() == MAX_SHOWS {
                let message = format!("a case shows at most {MAX_SHOWS} values");
                self.error(RuleErrorCode::BoundExceeded, message);
                return Err(Failed);
            }
            let is_named = matches!(self.after(), Token::Symbol("="));
            let name = match is_named {
                true => {
                    let name = self.name("a name for the value")?;
                    self.next += 1;
                    Some(name)
                }
                false => None,
            };
            let value = self.expression()?;
            shows.push(Show { name, value });
            if !self.take_symbol(",") {
                return Ok(Some(shows));
            }
        }
    }

    /// A name of our own kind: small letters, digits and `_`.
    pub(super) fn name(&mut self, what: &str) -> Result<Named, Failed> {
        let at = self.at();
        let Token::Word(text) = *self.token() else {
            return self.unexpected(what);
        };
        if !is_name(text) {
            let message = format!(
                "{what} begins with a small letter and has up to {MAX_NAME} small letters, digits and _"
            );
            self.error(RuleErrorCode::NameInvalid, message);
        }
        self.next += 1;
        let text = text.to_owned();
        Ok(Named { at, text })
    }

    pub(super) fn token(&self) -> &'a Token<'a> {
        self.tokens
            .get(self.next)
            .map_or(&Token::End, |(_, token)| token)
    }

    pub(super) fn after(&self) -> &'a Token<'a> {
        self.tokens
            .get(self.next + 1)
            .map_or(&Token::End, |(_, token)| token)
    }

    pub(super) fn at(&self) -> Position {
        let last = || {
            self.tokens
                .last()
                .map_or_else(Position::default, |(at, _)| *at)
        };
        self.tokens.get(self.next).map_or_else(last, |(at, _)| *at)
    }

    pub(super) fn advance(&mut self) {
        self.next += 1;
    }

    pub(super) fn take_symbol(&mut self, symbol: &str) -> bool {
        let is_it = matches!(self.token(), Token::Symbol(found) if *found == symbol);
        self.next += usize::from(is_it);
        is_it
    }

    pub(super) fn symbol(&mut self, symbol: &'static str) -> Result<(), Failed> {
        match self.take_symbol(symbol) {
            true => Ok(()),
            false => self.unexpected(symbol),
        }
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.token(), Token::Word(found) if *found == word)
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let is_it = self.is_word(word);
        self.next += usize::from(is_it);
        is_it
    }

    fn keyword(&mut self, word: &str) -> Result<(), Failed> {
        match self.take_word(word) {
            true => Ok(()),
            false => self.unexpected(word),
        }
    }

    pub(super) fn error(&mut self, code: RuleErrorCode, message: impl Into<String>) {
        self.error_at(self.at(), code, message);
    }

    pub(super) fn error_at(
        &mut self,
        at: Position,
        code: RuleErrorCode,
        message: impl Into<String>,
    ) {
        self.errors.add(at, code, message);
    }

    pub(super) fn unexpected<T>(&mut self, expected: &str) -> Result<T, Failed> {
        self.tell_unexpected(expected);
        Err(Failed)
    }

    fn tell_unexpected(&mut self, expected: &str) {
        let found = match self.token() {
            Token::End => "the end".to_owned(),
            Token::List(name) => format!("@{}", repeated(name)),
            Token::Number { .. } => "a number".to_owned(),
            Token::Symbol(symbol) => (*symbol).to_owned(),
            Token::Text(_) => "a text".to_owned(),
            Token::Word(word) => repeated(word).to_owned(),
        };
        let message = format!("expected {expected}, found {found}");
        self.error(RuleErrorCode::SyntaxUnexpected, message);
    }

    fn is_at_end(&self) -> bool {
        matches!(self.token(), Token::End)
    }

    fn skip_to(&mut self, words: &[&str]) {
        while !self.is_at_end() && !words.iter().any(|word| self.is_word(word)) {
            self.next += 1;
        }
    }

    /// The comments up to here that nothing took yet.
    fn comments(&mut self) -> Vec<String> {
        let until = self
            .comments
            .partition_point(|(before, _)| *before <= self.next);
        let (taken, rest) = self.comments.split_at(until);
        self.comments = rest;
        taken.iter().map(|(_, comment)| comment.clone()).collect()
    }
}

/// What a message repeats of a text: short names in small letters, and codes of countries. Anything else may be a
/// secret or a card's number that was put there by mistake, and its place is told anyway.
pub(super) fn repeated(text: &str) -> &str {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_name =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.-".contains(&byte);
    let is_shown = text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
        || text.len() <= MAX_REPEATED && digits <= 2 && text.bytes().all(is_name);
    if is_shown {
        text
    } else {
        "what is written there"
    }
}
